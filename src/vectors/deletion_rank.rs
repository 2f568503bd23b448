//! The order in which a ReplicaSet deletes surplus Pods.

use super::Comparison;
use super::input::{list, number, text_or_empty, typed};
use crate::api::{Pod, Time};
use crate::controllers::clock::start_of;
use crate::controllers::replicaset::rank::{self, Ranked};
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::rc::Rc;

/// The clock of the cases, seconds since 1970.
const NOW: i64 = 1_800_000_000;

/// pod-deletion-rank: the whole order, or the pairs that are decided.
pub fn run(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let pods: Vec<Ranked> = list(&case["in"], "pods").iter().map(ranked).collect::<Result<_, _>>()?;
    let now = start_of(Time(NOW));
    if case["out"]["nondeterministic"] == true {
        let name = |r: &Ranked| r.pod.meta.name.clone();
        let less = |(a, b): (&Ranked, &Ranked)| {
            let decided = rank::compare(a, b, now) == Ordering::Less;
            decided.then(|| json!([name(a), name(b)]))
        };
        let pairs = pods.iter().flat_map(|a| pods.iter().map(move |b| (a, b)));
        found.same("less", &sorted(list(&case["out"], "less").to_vec()), &sorted(pairs.filter_map(less).collect()));
        return Ok(());
    }
    let order: Value = rank::sort(pods, now).iter().map(|r| r.pod.meta.name.clone()).collect();
    found.same("order", &case["out"]["order"], &order);
    Ok(())
}

fn sorted(mut pairs: Vec<Value>) -> Value {
    pairs.sort_by_key(Value::to_string);
    Value::Array(pairs)
}

fn ranked(input: &Value) -> Result<Ranked, String> {
    let ago = |field: &str| input[field].as_i64().map_or(Time(0), |ago| Time(NOW - ago)).rfc3339();
    let restarts = input["restartCount"].as_i64().unwrap_or(0);
    let pod: Rc<Pod> = typed(&json!({
        "metadata": {
            "name": text_or_empty(input, "name"), "uid": text_or_empty(input, "uid"),
            "creationTimestamp": ago("createdSecondsAgo"),
            "annotations": {"controller.kubernetes.io/pod-deletion-cost": input["podDeletionCost"]},
        },
        "spec": {
            "nodeName": text_or_empty(input, "nodeName"), "containers": [{"name": "c"}],
            "initContainers": [{"name": "s", "restartPolicy": "Always"}],
        },
        "status": {
            "phase": text_or_empty(input, "phase"),
            "conditions": [{
                "type": "Ready",
                "status": if input["ready"] == true { "True" } else { "False" },
                "lastTransitionTime": ago("readySecondsAgo"),
            }],
            "containerStatuses": [{"name": "c", "restartCount": restarts}],
            "initContainerStatuses": [{"name": "s", "restartCount": input["sidecarRestartCount"].as_i64().unwrap_or(0)}],
        },
    }))?;
    let mut pod = Pod::clone(&pod);
    if input["podDeletionCost"].is_null() {
        pod.meta.annotations.clear();
    }
    if input["sidecarRestartCount"].is_null() {
        pod.spec.init_containers.clear();
        pod.status.init_container_statuses.clear();
    }
    let rank = if input["rank"].is_null() { 0 } else { number(input, "rank")? };
    Ok(Ranked::new(Rc::new(pod), usize::try_from(rank).map_err(|e| e.to_string())?))
}
