//! A ReplicaSet's status: how many Pods it has, and how far they are.
//!
//! Source: `pkg/controller/replicaset/replica_set_utils.go`.

use crate::api::apps::{ReplicaSetCondition, ReplicaSetStatus};
use crate::api::{Pod, ReplicaSet, Time};
use crate::controllers::clock::{Wall, seconds, start_of};
use std::rc::Rc;

/// The Pods of a ReplicaSet.
pub struct Pods {
    /// Those that count.
    pub active: Vec<Rc<Pod>>,
    /// Those that are being deleted and have not ended.
    pub terminating: Vec<Rc<Pod>>,
}

/// How long until a ready Pod has been ready for `min_ready` seconds: 0 when it has, `None` when it is not ready.
pub fn until_available(pod: &Pod, min_ready: i32, now: Wall) -> Option<i64> {
    let ready = pod.status.condition("Ready").filter(|c| c.status == "True")?;
    let at = start_of(ready.last_transition_time) + seconds(min_ready);
    Some(if min_ready == 0 { 0 } else { (at - now).max(0) })
}

/// The status that the Pods make. `failure`: why the last step could not be taken.
pub fn calculate(rs: &ReplicaSet, pods: &Pods, failure: Option<&str>, clock: Time, now: Wall) -> ReplicaSetStatus {
    let template = &rs.spec.template.meta.labels;
    let labelled = |pod: &&Rc<Pod>| template.iter().all(|(k, v)| pod.meta.labels.get(k) == Some(v));
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let active = &pods.active;
    let mut status = ReplicaSetStatus {
        replicas: count(active.len()),
        fully_labeled_replicas: count(active.iter().filter(labelled).count()),
        ready_replicas: count(active.iter().filter(|pod| pod.is_ready()).count()),
        available_replicas: count(
            active.iter().filter(|pod| until_available(pod, rs.spec.min_ready_seconds, now) == Some(0)).count(),
        ),
        terminating_replicas: Some(count(pods.terminating.len())),
        observed_generation: rs.status.observed_generation,
        conditions: rs.status.conditions.clone(),
    };
    let failed = status.conditions.iter().any(|c| c.type_ == "ReplicaFailure");
    match failure {
        Some(message) if !failed => {
            let few = status.replicas < rs.spec.replicas.unwrap_or(1);
            status.conditions.push(ReplicaSetCondition {
                type_: "ReplicaFailure".into(),
                status: "True".into(),
                last_transition_time: clock,
                reason: if few { "FailedCreate" } else { "FailedDelete" }.into(),
                message: message.into(),
            });
        }
        None => status.conditions.retain(|c| c.type_ != "ReplicaFailure"),
        Some(_) => {}
    }
    status
}
