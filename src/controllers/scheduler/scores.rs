//! Which of the possible nodes is best: the default plugins with their default weights.
//!
//! Source: `pkg/scheduler/apis/config/v1/default_plugins.go`, `pkg/scheduler/framework/plugins/{noderesources,tainttoleration,nodeaffinity}`,
//! `…/helper/normalize_score.go`. ImageLocality counts the same everywhere here: every node has every image.

use super::nodes::{Amounts, NodeInfo, Nodes, pod_counted, pod_requests};
use super::tolerations::any_tolerates;
use super::{node_affinity, pod_affinity, spread};
use crate::api::{Node, Pod};
use crate::controllers::Cache;

const RESOURCES: [&str; 2] = ["cpu", "memory"];

/// The sum of the weighted scores, in the order of the candidates.
pub fn totals(pod: &Pod, candidates: &[(&Node, &NodeInfo)], nodes: &Nodes, cache: &Cache) -> Vec<i64> {
    let only_nodes: Vec<&Node> = candidates.iter().map(|(node, _)| *node).collect();
    let mut totals = vec![0; candidates.len()];
    let mut count = |weight: i64, scores: Vec<i64>| {
        for (total, score) in totals.iter_mut().zip(scores) {
            *total += weight * score;
        }
    };
    count(3, normalize(only_nodes.iter().map(|node| untolerated_preferences(pod, node)).collect(), true));
    count(2, normalize(only_nodes.iter().map(|node| node_affinity::preferred(pod, node)).collect(), false));
    if let Some(scores) = spread::scores(pod, candidates, nodes, cache) {
        count(2, scores);
    }
    if let Some(scores) = pod_affinity::scores(pod, &only_nodes, nodes, cache) {
        count(2, scores);
    }
    let wanted = pod_counted(pod);
    count(1, candidates.iter().map(|(_, info)| least_allocated(&wanted, info)).collect());
    let wanted = pod_requests(pod);
    if RESOURCES.iter().any(|r| wanted.get(*r).is_some_and(|n| *n > 0)) {
        count(1, candidates.iter().map(|(_, info)| balanced(&wanted, info)).collect());
    }
    totals
}

/// Taints of effect PreferNoSchedule that the Pod does not accept.
fn untolerated_preferences(pod: &Pod, node: &Node) -> i64 {
    let soft = node.spec.taints.iter().filter(|t| t.effect == "PreferNoSchedule");
    soft.filter(|taint| !any_tolerates(&pod.spec.tolerations, taint)).count() as i64
}

/// Scales to 0..=100 of the most; `reverse`: the most is worst.
fn normalize(raws: Vec<i64>, reverse: bool) -> Vec<i64> {
    let most = raws.iter().max().copied().unwrap_or(0);
    let scale = |raw: i64| match (most, reverse) {
        (0, false) => 0,
        (0, true) => 100,
        (_, false) => 100 * raw / most,
        (_, true) => 100 - 100 * raw / most,
    };
    raws.into_iter().map(scale).collect()
}

fn with_pod(resource: &str, wanted: &Amounts, used: &Amounts) -> i64 {
    wanted.get(resource).copied().unwrap_or(0) + used.get(resource).copied().unwrap_or(0)
}

/// LeastAllocated: the freer, the better.
fn least_allocated(wanted: &Amounts, info: &NodeInfo) -> i64 {
    let (mut sum, mut weights) = (0, 0);
    for resource in RESOURCES {
        let offered = info.allocatable(resource);
        if offered == 0 {
            continue;
        }
        let used = with_pod(resource, wanted, &info.counted);
        sum += if used > offered { 0 } else { (offered - used) * 100 / offered };
        weights += 1;
    }
    if weights == 0 { 0 } else { sum / weights }
}

/// BalancedAllocation: the closer the used fractions of CPU and memory, the better.
fn balanced(wanted: &Amounts, info: &NodeInfo) -> i64 {
    let fraction = |resource: &&str| {
        let offered = info.allocatable(resource);
        let used = with_pod(resource, wanted, &info.requested);
        (offered > 0).then(|| (used as f64 / offered as f64).min(1.0))
    };
    match RESOURCES.iter().filter_map(fraction).collect::<Vec<f64>>().as_slice() {
        [a, b] => ((1.0 - ((a - b) / 2.0).abs()) * 100.0) as i64,
        _ => 100,
    }
}
