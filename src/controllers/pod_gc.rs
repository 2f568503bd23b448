//! The Pod garbage collector: Pods whose node is gone for good, and Pods that were deleted before they had one.
//!
//! Source: `pkg/controller/podgc/gc_controller.go`.

use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::{Key, Kind, Node, Object, Pod};
use crate::apiserver::strategy::set_pod_condition;
use crate::apiserver::{Change, DeleteOptions, Status};
use crate::time::{Nanos, SECOND};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Pods are looked at this often.
const PERIOD: Nanos = 20 * SECOND;
/// A node must be missing for this long.
const QUARANTINE: Nanos = 40 * SECOND;

/// The Pod garbage collector.
#[derive(Clone, Debug, Default)]
pub struct PodGcController {
    /// Nodes that are missing, and until when they are waited for.
    missing: BTreeMap<String, Nanos>,
}

impl Controller for PodGcController {
    fn component(&self) -> &'static str {
        "pod-garbage-collector-controller"
    }

    fn observe(&mut self, _change: &Change, _cache: &Cache, _queue: &mut WorkQueue, _now: Nanos) {}

    fn sync(&mut self, _key: &Key, context: &mut Context) -> Outcome {
        let pods: Vec<Rc<Pod>> = context.cache.list::<Pod>(None).cloned().collect();
        let gone = self.missing_nodes(&pods, context);
        for pod in &pods {
            let node = &pod.spec.node_name;
            // A refusal is made good at the next look.
            if node.is_empty() && pod.meta.is_deleting() {
                let _ = finish(pod, None, context);
            } else if gone.contains(node.as_str()) {
                let _ = finish(pod, Some("PodGC: node no longer exists"), context);
            }
        }
        Outcome::After(PERIOD)
    }

    fn queue(&self) -> WorkQueue {
        let mut queue = WorkQueue::default();
        queue.add(Key::new("", "gc"), PERIOD);
        queue
    }
}

impl PodGcController {
    /// The nodes that Pods name and that have been missing for long enough; the API server is asked once more.
    fn missing_nodes(&mut self, pods: &[Rc<Pod>], context: &Context) -> BTreeSet<String> {
        let named: BTreeSet<&str> = pods.iter().map(|pod| pod.spec.node_name.as_str()).filter(|n| !n.is_empty()).collect();
        let unknown = |name: &str| context.cache.get::<Node>(&Key::new("", name)).is_none();
        self.missing.retain(|name, _| named.contains(name.as_str()) && unknown(name));
        let due: Vec<String> = self.missing.iter().filter(|(_, due)| **due <= context.now).map(|(n, _)| n.clone()).collect();
        for name in named.into_iter().filter(|name| unknown(name)) {
            self.missing.entry(name.into()).or_insert(context.now + QUARANTINE);
        }
        due.into_iter().filter(|name| context.api.get::<Node>(&Key::new("", name)).is_none()).collect()
    }
}

/// Ends a Pod that nobody will end any more: marks it failed (and says why), and removes it.
fn finish(pod: &Pod, why: Option<&str>, context: &mut Context) -> Result<(), Status> {
    let key = Key::new(&pod.meta.namespace, &pod.meta.name);
    let Some(live) = context.api.get::<Pod>(&key).filter(|live| live.meta.uid == pod.meta.uid) else { return Ok(()) };
    if !live.is_terminal() {
        let mut live = Pod::clone(live);
        live.status.phase = "Failed".into();
        if let Some(message) = why {
            set_pod_condition(&mut live, "DisruptionTarget", "True", "DeletionByPodGC", message, context.clock);
        }
        context.api.update_status(Object::Pod(Rc::new(live)), false)?;
    }
    let options = DeleteOptions { grace_period_seconds: Some(0), uid: Some(pod.meta.uid.clone()), ..DeleteOptions::default() };
    context.api.delete(Kind::Pod, &key, &options).map(|_| ())
}
