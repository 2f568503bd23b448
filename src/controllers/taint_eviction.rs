//! The taint eviction controller: Pods that do not tolerate a NoExecute taint of their node are deleted, when their time there
//! is over.
//!
//! Source: `pkg/controller/tainteviction/taint_eviction.go`.

use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::node::Taint;
use crate::api::pod::Toleration;
use crate::api::{Key, Kind, Node, Object, Pod};
use crate::apiserver::strategy::set_pod_condition;
use crate::apiserver::{Change, DeleteOptions, Status};
use crate::time::{Nanos, SECOND};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The taint eviction controller.
#[derive(Clone, Debug, Default)]
pub struct TaintEvictionController {
    /// Pods that will be deleted, if nothing changes.
    planned: BTreeMap<Key, Plan>,
}

#[derive(Clone, Debug, PartialEq)]
struct Plan {
    uid: String,
    since: Nanos,
    due: Nanos,
}

impl Controller for TaintEvictionController {
    fn component(&self) -> &'static str {
        "taint-eviction-controller"
    }

    fn observe(&mut self, change: &Change, cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        match change.kind() {
            Kind::Node => {
                let taints = |node: Option<&Rc<Node>>| node.map(|n| no_execute(n)).unwrap_or_default();
                if taints(change.before::<Node>()) != taints(change.after::<Node>()) {
                    for pod in cache.pods_on_node(&change.object().meta().name) {
                        queue.add(Key::new(&pod.meta.namespace, &pod.meta.name), now);
                    }
                }
            }
            Kind::Pod => {
                let place = |pod: &Rc<Pod>| (pod.spec.node_name.clone(), pod.spec.tolerations.clone());
                let (before, after) = (change.before::<Pod>().map(place), change.after::<Pod>().map(place));
                if before != after {
                    queue.add(change.object().key(), now);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let pod = context.cache.get::<Pod>(key).filter(|pod| !pod.spec.node_name.is_empty()).cloned();
        let Some(pod) = pod else {
            self.cancel(key, None, context);
            return Outcome::Done;
        };
        if self.planned.get(key).is_some_and(|plan| plan.uid != pod.meta.uid) {
            self.planned.remove(key);
        }
        let node = context.cache.get::<Node>(&Key::new("", &pod.spec.node_name));
        let taints = node.map(|node| no_execute(node)).unwrap_or_default();
        let due = match time_left(&taints, &pod.spec.tolerations) {
            None => {
                self.cancel(key, Some(&pod), context);
                return Outcome::Done;
            }
            Some(span) => self.plan(key, &pod, span, context.now),
        };
        if due > context.now {
            return Outcome::After(due - context.now);
        }
        match evict(&pod, context) {
            Ok(()) => {
                self.planned.remove(key);
                Outcome::Done
            }
            Err(status) => Outcome::Retry(status.message),
        }
    }
}

impl TaintEvictionController {
    /// Plans the end of a Pod after a span from when it was first planned. Returns when.
    fn plan(&mut self, key: &Key, pod: &Pod, span: Nanos, now: Nanos) -> Nanos {
        let new = Plan { uid: pod.meta.uid.clone(), since: now, due: now.saturating_add(span) };
        let plan = self.planned.entry(key.clone()).or_insert(new);
        plan.due = if span == 0 { now } else { plan.since.saturating_add(span) };
        plan.due
    }

    /// Nothing is planned for a Pod any more, and if something was, that is said.
    fn cancel(&mut self, key: &Key, pod: Option<&Rc<Pod>>, context: &mut Context) {
        if let (Some(_), Some(pod)) = (self.planned.remove(key), pod) {
            let message = format!("Cancelling deletion of Pod {key}");
            context.recorder.note(context.api, pod.as_ref(), "Normal", "TaintManagerEviction", message);
        }
    }
}

/// The NoExecute taints of a node.
fn no_execute(node: &Node) -> Vec<Taint> {
    node.spec.taints.iter().filter(|t| t.effect == "NoExecute").cloned().collect()
}

/// Whether a toleration accepts a taint.
fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let effect = toleration.effect.is_empty() || toleration.effect == taint.effect;
    let key = toleration.key.is_empty() || toleration.key == taint.key;
    let value = match toleration.operator.as_str() {
        "Exists" => true,
        "" | "Equal" => toleration.value == taint.value,
        _ => false,
    };
    effect && key && value
}

/// How long a Pod may stay under these taints; `None`: for ever.
fn time_left(taints: &[Taint], tolerations: &[Toleration]) -> Option<Nanos> {
    let mut shortest: Option<i64> = None;
    for taint in taints {
        let Some(toleration) = tolerations.iter().find(|t| tolerates(t, taint)) else { return Some(0) };
        if let Some(seconds) = toleration.toleration_seconds {
            shortest = Some(shortest.map_or(seconds, |s| s.min(seconds)));
        }
    }
    shortest.map(|seconds| u64::try_from(seconds).unwrap_or(0).saturating_mul(SECOND))
}

/// Notes on a Pod why it goes, and deletes it.
fn evict(pod: &Pod, context: &mut Context) -> Result<(), Status> {
    let key = Key::new(&pod.meta.namespace, &pod.meta.name);
    context.recorder.note(context.api, pod, "Normal", "TaintManagerEviction", format!("Marking for deletion Pod {key}"));
    let live = context.api.get::<Pod>(&key).filter(|live| live.meta.uid == pod.meta.uid);
    let Some(mut live) = live.map(|live| Pod::clone(live)) else { return Ok(()) };
    let message = "Taint manager: deleting due to NoExecute taint";
    set_pod_condition(&mut live, "DisruptionTarget", "True", "DeletionByTaintManager", message, context.clock);
    context.api.update_status(Object::Pod(Rc::new(live)), false)?;
    let options = DeleteOptions { uid: Some(pod.meta.uid.clone()), ..DeleteOptions::default() };
    match context.api.delete(Kind::Pod, &key, &options) {
        Err(status) if status.code != 404 => Err(status),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taint(key: &str) -> Taint {
        Taint { key: key.into(), effect: "NoExecute".into(), ..Taint::default() }
    }

    fn toleration(key: &str, seconds: Option<i64>) -> Toleration {
        Toleration { key: key.into(), operator: "Exists".into(), toleration_seconds: seconds, ..Toleration::default() }
    }

    #[test]
    fn the_shortest_toleration_counts() {
        let (a, b) = (taint("a"), taint("b"));
        assert_eq!(time_left(&[], &[]), None);
        assert_eq!(time_left(std::slice::from_ref(&a), &[]), Some(0));
        assert_eq!(time_left(std::slice::from_ref(&a), &[toleration("a", None)]), None);
        let both = [toleration("a", Some(60)), toleration("b", Some(5))];
        assert_eq!(time_left(&[a.clone(), b.clone()], &both), Some(5 * SECOND));
        assert_eq!(time_left(&[a, b], &both[..1]), Some(0));
        assert_eq!(time_left(&[taint("c")], &[toleration("", Some(-1))]), Some(0));
    }
}
