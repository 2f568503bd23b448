//! PodTopologySpread: how unevenly Pods may stand over zones or nodes (filter), and how evenly they should (score).
//!
//! Source: `pkg/scheduler/framework/plugins/podtopologyspread/{common,filtering,scoring,plugin}.go`.

use super::labels::{self, says_nothing};
use super::node_affinity;
use super::nodes::{NodeInfo, Nodes};
use super::tolerations::has_untolerated;
use crate::api::meta::StringMap;
use crate::api::pod::TopologySpreadConstraint;
use crate::api::selector::Selector;
use crate::api::{Key, Node, Pod, ReplicaSet};
use crate::controllers::Cache;
use std::collections::BTreeMap;

const HOSTNAME: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";
/// The constraints of Pods that bring none: topology key and maxSkew.
const SYSTEM_DEFAULTS: [(&str, i32); 2] = [(HOSTNAME, 3), (ZONE, 5)];

/// Why a node is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum No {
    /// The node has not the label that the constraint counts by.
    MissingLabel,
    /// The Pods would stand too unevenly.
    Skew,
}

/// A constraint with its selector read.
#[derive(Clone, Debug)]
struct Constraint {
    max_skew: i32,
    key: String,
    selector: Selector,
    min_domains: usize,
    honor_affinity: bool,
    honor_taints: bool,
}

impl Constraint {
    fn read(constraint: &TopologySpreadConstraint, pod: &Pod) -> Constraint {
        let keys = constraint.match_label_keys.iter();
        let own: StringMap = keys.filter_map(|k| Some((k.clone(), pod.meta.labels.get(k)?.clone()))).collect();
        let selector = labels::and_labels(labels::selector(constraint.label_selector.as_ref()), &own);
        Constraint {
            max_skew: constraint.max_skew,
            key: constraint.topology_key.clone(),
            selector,
            min_domains: constraint.min_domains.and_then(|n| usize::try_from(n).ok()).unwrap_or(1),
            honor_affinity: constraint.node_affinity_policy.as_deref() != Some("Ignore"),
            honor_taints: constraint.node_taints_policy.as_deref() == Some("Honor"),
        }
    }

    /// Whether the Pods on a node count.
    fn counts(&self, pod: &Pod, node: &Node) -> bool {
        (!self.honor_affinity || node_affinity::required(pod, node))
            && (!self.honor_taints || !has_untolerated(&node.spec.taints, &pod.spec.tolerations))
    }

    /// The Pods on a node that are meant; those being deleted are not.
    fn matching(&self, pod: &Pod, info: &NodeInfo) -> i64 {
        if says_nothing(&self.selector) {
            return 0;
        }
        let alike = info.alike.iter();
        let meant = alike.filter(|((namespace, labels), _)| *namespace == pod.meta.namespace && self.selector.matches(labels));
        meant.map(|(_, count)| count).sum()
    }
}

/// The constraints that must hold, with the Pods counted by domain.
#[derive(Debug)]
pub struct Spread {
    constraints: Vec<(Constraint, BTreeMap<String, i64>)>,
}

fn read(pod: &Pod, action: &str) -> Vec<Constraint> {
    let own = pod.spec.topology_spread_constraints.iter().filter(|c| c.when_unsatisfiable == action);
    own.map(|c| Constraint::read(c, pod)).collect()
}

fn has_all_keys(node: &Node, constraints: &[Constraint]) -> bool {
    constraints.iter().all(|c| node.meta.labels.contains_key(&c.key))
}

impl Spread {
    /// The Pod's DoNotSchedule constraints.
    pub fn required(pod: &Pod, nodes: &Nodes) -> Spread {
        let constraints = read(pod, "DoNotSchedule");
        let mut counts = vec![BTreeMap::new(); constraints.len()];
        for (node, info) in nodes.iter().filter(|_| !constraints.is_empty()) {
            if !has_all_keys(node, &constraints) {
                continue;
            }
            for (constraint, counts) in constraints.iter().zip(&mut counts).filter(|(c, _)| c.counts(pod, node)) {
                if let Some(value) = node.meta.labels.get(&constraint.key) {
                    *counts.entry(value.clone()).or_insert(0) += constraint.matching(pod, info);
                }
            }
        }
        Spread { constraints: constraints.into_iter().zip(counts).collect() }
    }

    /// Whether the Pod on this node would keep within the skew.
    pub fn allows(&self, pod: &Pod, node: &Node) -> Result<(), No> {
        for (constraint, counts) in &self.constraints {
            let value = node.meta.labels.get(&constraint.key).ok_or(No::MissingLabel)?;
            let least = match counts.values().min() {
                Some(least) if counts.len() >= constraint.min_domains => *least,
                _ => 0,
            };
            let own = i64::from(constraint.selector.matches(&pod.meta.labels));
            let there = counts.get(value).copied().unwrap_or(0);
            if there + own - least > i64::from(constraint.max_skew) {
                return Err(No::Skew);
            }
        }
        Ok(())
    }
}

/// The selector of Pods that bring no constraints: what its Services and its ReplicaSet select by.
fn default_selector(pod: &Pod, cache: &Cache) -> Selector {
    let mut wanted = StringMap::new();
    for service in cache.services_selecting(&pod.meta.namespace, &pod.meta.labels) {
        wanted.extend(service.spec.selector.clone());
    }
    let owner = pod.meta.controller().filter(|o| o.kind == "ReplicaSet");
    let set = owner.and_then(|o| cache.get::<ReplicaSet>(&Key::new(&pod.meta.namespace, &o.name)));
    let of_set = set.and_then(|rs| rs.spec.selector.as_ref());
    labels::and_labels(of_set.map_or(Selector::everything(), |s| labels::selector(Some(s))), &wanted)
}

fn defaults(pod: &Pod, cache: &Cache) -> Vec<Constraint> {
    let selector = default_selector(pod, cache);
    if says_nothing(&selector) {
        return vec![];
    }
    let one = |(key, max_skew): (&str, i32)| Constraint {
        max_skew,
        key: key.into(),
        selector: selector.clone(),
        min_domains: 1,
        honor_affinity: true,
        honor_taints: false,
    };
    SYSTEM_DEFAULTS.into_iter().map(one).collect()
}

/// Scores 0..=100 of the nodes that passed the filters, the same order; `None` when the Pod has nothing to spread by.
pub fn scores(pod: &Pod, candidates: &[(&Node, &NodeInfo)], nodes: &Nodes, cache: &Cache) -> Option<Vec<i64>> {
    let by_system = pod.spec.topology_spread_constraints.is_empty();
    let constraints = if by_system { defaults(pod, cache) } else { read(pod, "ScheduleAnyway") };
    if constraints.is_empty() {
        return None;
    }
    let ignored = |node: &Node| !by_system && !has_all_keys(node, &constraints);
    let counted: Vec<&Node> = candidates.iter().map(|(node, _)| *node).filter(|node| !ignored(node)).collect();
    let domains: Vec<BTreeMap<&str, i64>> =
        constraints.iter().map(|c| domain_counts(c, pod, &counted, nodes, &ignored)).collect();
    let raw = |node: &Node, info: &NodeInfo| -> i64 {
        let mut score = 0.0;
        for (constraint, domains) in constraints.iter().zip(&domains) {
            let Some(value) = node.meta.labels.get(&constraint.key) else { continue };
            let hostname = constraint.key == HOSTNAME;
            let there = if hostname { constraint.matching(pod, info) } else { domains.get(value.as_str()).copied().unwrap_or(0) };
            let size = if hostname { counted.len() } else { domains.len() };
            score += there as f64 * ln(size as u32 + 2) + f64::from(constraint.max_skew - 1);
        }
        score.round() as i64
    };
    let raws: Vec<Option<i64>> = candidates.iter().map(|(n, info)| (!ignored(n)).then(|| raw(n, info))).collect();
    let most = raws.iter().flatten().max().copied().unwrap_or(0);
    let least = raws.iter().flatten().min().copied().unwrap_or(0);
    let normal = |raw: Option<i64>| match raw {
        None => 0,
        Some(_) if most == 0 => 100,
        Some(raw) => 100 * (most + least - raw) / most,
    };
    Some(raws.into_iter().map(normal).collect())
}

/// Matching Pods in each domain that a candidate stands in.
fn domain_counts<'n>(
    constraint: &Constraint,
    pod: &Pod,
    candidates: &[&'n Node],
    nodes: &Nodes,
    ignored: &impl Fn(&Node) -> bool,
) -> BTreeMap<&'n str, i64> {
    if constraint.key == HOSTNAME {
        return BTreeMap::new(); // counted node by node
    }
    let value = |node: &'n Node| node.meta.labels.get(&constraint.key).map_or("", String::as_str);
    let mut counts: BTreeMap<&str, i64> = candidates.iter().map(|node| (value(node), 0)).collect();
    for (node, info) in nodes.iter().filter(|(node, _)| !ignored(node) && constraint.counts(pod, node)) {
        let value = node.meta.labels.get(&constraint.key).map_or("", String::as_str);
        if let Some(count) = counts.get_mut(value) {
            *count += constraint.matching(pod, info);
        }
    }
    counts
}

/// The natural logarithm of a whole number ≥ 1, by halving and a short series: equal on every machine, unlike the platform's.
fn ln(n: u32) -> f64 {
    let halvings = n.max(1).ilog2();
    let rest = f64::from(n.max(1)) / f64::from(1u32 << halvings);
    let y = (rest - 1.0) / (rest + 1.0);
    let (mut power, mut sum) = (y, 0.0);
    for odd in 0..20 {
        sum += power / f64::from(2 * odd + 1);
        power *= y * y;
    }
    f64::from(halvings) * std::f64::consts::LN_2 + 2.0 * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_right() {
        for (n, expected) in [(1, 0.0), (3, 1.0986122886681098), (5, 1.6094379124341003), (102, 4.624972813284271)] {
            assert!((ln(n) - expected).abs() < 1e-12, "{n}");
        }
    }
}
