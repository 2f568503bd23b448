//! The taints that the controller puts on nodes, and how they are written.
//!
//! Sources: `pkg/controller/nodelifecycle/node_lifecycle_controller.go` (doNoScheduleTaintingPass),
//! `pkg/controller/util/node/controller_utils.go` (SwapNodeControllerTaint).

use crate::api::node::Taint;
use crate::api::{Key, Node, Object};
use crate::apiserver::Status;
use crate::controllers::Context;
use std::rc::Rc;

/// The node says that it is not ready.
pub const NOT_READY: &str = "node.kubernetes.io/not-ready";
/// The node says nothing.
pub const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// Condition, its status, and the taint that follows.
const BY_CONDITION: [(&str, &str, &str); 6] = [
    ("Ready", "False", NOT_READY),
    ("Ready", "Unknown", UNREACHABLE),
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
];

/// The NoSchedule taints that a node is to have and not to have any more.
pub fn no_schedule(node: &Node) -> (Vec<&'static str>, Vec<&'static str>) {
    let has = |key: &str| has(node, key, "NoSchedule");
    let says =
        |(type_, status, _): &(&str, &str, &str)| node.status.conditions.iter().any(|c| c.type_ == *type_ && c.status == *status);
    let conditions = BY_CONDITION.iter().map(|row| (row.2, says(row)));
    let all: Vec<(&'static str, bool)> = conditions.chain([(UNSCHEDULABLE, node.spec.unschedulable)]).collect();
    let missing = all.iter().filter(|(key, wanted)| *wanted && !has(key)).map(|(key, _)| *key).collect();
    let surplus = all.iter().filter(|(key, wanted)| !*wanted && has(key)).map(|(key, _)| *key).collect();
    (missing, surplus)
}

/// Whether a node has a taint.
pub fn has(node: &Node, key: &str, effect: &str) -> bool {
    node.spec.taints.iter().any(|t| t.key == key && t.effect == effect)
}

/// Adds taints to the live node (with the time) and removes others. Nothing is written when nothing changes.
pub fn swap(context: &mut Context, node: &str, effect: &str, add: &[&str], remove: &[&str]) -> Result<(), Status> {
    let Some(live) = context.api.get::<Node>(&Key::new("", node)) else { return Ok(()) };
    let missing: Vec<&str> = add.iter().copied().filter(|key| !has(live, key, effect)).collect();
    let surplus = |taint: &Taint| taint.effect == effect && remove.contains(&taint.key.as_str());
    if missing.is_empty() && !live.spec.taints.iter().any(surplus) {
        return Ok(());
    }
    let mut changed = Node::clone(live);
    changed.spec.taints.retain(|taint| !surplus(taint));
    let clock = context.clock;
    let taint = |key: &str| Taint { key: key.into(), value: String::new(), effect: effect.into(), time_added: Some(clock) };
    changed.spec.taints.extend(missing.into_iter().map(taint));
    context.api.update(Object::Node(Rc::new(changed)), false).map(|_| ())
}
