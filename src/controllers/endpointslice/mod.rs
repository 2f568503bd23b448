//! The EndpointSlice controller: keeps the slices of every Service that has a selector.
//!
//! Promises: one Pod's change queues only the Services that select it; a sync that finds its cache behind its own writes waits.
//! Must not know: who reads the slices.
//! Source: `pkg/controller/endpointslice/endpointslice_controller.go`.

pub mod desired;
pub mod pack;
pub mod pods;
pub mod reconcile;
pub mod topology;
pub mod tracker;
pub mod traffic_distribution;
pub mod trigger_time;

use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::{EndpointSlice, Key, Kind, Node, Object, Pod, Service, Time};
use crate::apiserver::{Change, DeleteOptions, Status};
use crate::sorting::Arrange;
use crate::time::{Nanos, SECOND};
use desired::{MANAGED_BY, SERVICE_NAME};
use pack::Plan;
use reconcile::Reconciler;
use std::rc::Rc;
use topology::TopologyCache;
use tracker::{SliceTracker, service_key};
use trigger_time::{LAST_CHANGE_TRIGGER_TIME, TriggerTimes};

/// The value of the label managed-by.
pub const CONTROLLER: &str = "endpointslice-controller.k8s.io";
/// Most endpoints in a slice (`--max-endpoints-per-slice`).
pub const MAX_ENDPOINTS_PER_SLICE: usize = 100;
/// A slice that somebody else changed is looked at after this time.
const SLICE_CHANGE_DELAY: Nanos = SECOND;

/// The controller.
#[derive(Clone, Debug)]
pub struct EndpointSliceController {
    reconciler: Reconciler,
    tracker: SliceTracker,
    times: TriggerTimes,
    batch: Nanos,
}

impl EndpointSliceController {
    /// Changes of Pods wait so long for others to join them (`--endpointslice-updates-batch-period`; default 0).
    pub fn batched(batch: Nanos) -> EndpointSliceController {
        EndpointSliceController { batch, ..EndpointSliceController::default() }
    }
}

impl Default for EndpointSliceController {
    fn default() -> Self {
        EndpointSliceController {
            reconciler: Reconciler {
                controller: CONTROLLER,
                max_endpoints_per_slice: MAX_ENDPOINTS_PER_SLICE,
                topology: TopologyCache::default(),
            },
            tracker: SliceTracker::default(),
            times: TriggerTimes::default(),
            batch: 0,
        }
    }
}

impl Controller for EndpointSliceController {
    fn component(&self) -> &'static str {
        "endpoint-slice-controller"
    }

    fn queue(&self) -> WorkQueue {
        WorkQueue::with_backoff(SECOND, 1000 * SECOND)
    }

    fn observe(&mut self, change: &Change, cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        match change.kind() {
            Kind::Service => queue.add(change.object().key(), now),
            Kind::Pod => {
                for key in pods::services_touched(change, cache) {
                    queue.add(key, now + self.batch);
                }
            }
            Kind::EndpointSlice => {
                for key in self.foreign_change(change) {
                    queue.add(key, now + SLICE_CHANGE_DELAY);
                }
            }
            Kind::Node if zone_or_readiness_changed(change) => {
                self.reconciler.topology.set_node(&change.object().meta().name, change.after::<Node>().map(|n| &**n));
                for key in self.reconciler.topology.overloaded() {
                    queue.add(key, now);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let Some(service) = context.cache.get::<Service>(key).cloned() else {
            self.times.forget(key);
            self.reconciler.topology.forget(key);
            self.tracker.forget(key);
            return Outcome::Done;
        };
        if service.spec.type_ == "ExternalName" || service.spec.selector.is_empty() {
            return Outcome::Done;
        }
        let pods = selected_pods(context.cache, &service);
        let mut slices = context.cache.slices_of(&key.namespace, &key.name);
        slices.retain(|s| s.meta.labels.get(MANAGED_BY).is_some_and(|by| by == CONTROLLER) && !s.meta.is_deleting());
        if self.tracker.stale(key, &slices) {
            return Outcome::Retry("EndpointSlice informer cache is out of date".into());
        }
        let trigger = self.times.compute(key, &service, &pods);
        let errors = self.reconcile(&service, &pods, &slices, trigger, context);
        if errors.is_empty() {
            return Outcome::Done;
        }
        let why = aggregate(&errors);
        let message = format!("Error updating Endpoint Slices for Service {key}: {why}");
        context.recorder.note(context.api, &*service, "Warning", "FailedToUpdateEndpointSlices", message);
        Outcome::Retry(why)
    }
}

impl EndpointSliceController {
    /// The Services whose slices somebody else changed.
    fn foreign_change(&mut self, change: &Change) -> Vec<Key> {
        let managed = |s: &EndpointSlice| s.meta.labels.get(MANAGED_BY).is_some_and(|by| by == CONTROLLER);
        match (change.before::<EndpointSlice>(), change.after::<EndpointSlice>()) {
            (Some(old), Some(new)) if old.meta.labels.get(SERVICE_NAME) != new.meta.labels.get(SERVICE_NAME) => {
                vec![service_key(new), service_key(old)]
            }
            (Some(old), Some(new)) if managed(old) != managed(new) => vec![service_key(new)],
            (_, Some(new)) if managed(new) && self.tracker.should_sync(new) => vec![service_key(new)],
            (Some(old), None) if managed(old) && self.tracker.gone(old) => vec![service_key(old)],
            _ => vec![],
        }
    }

    fn reconcile(
        &mut self,
        service: &Service,
        pods: &[Rc<Pod>],
        slices: &[Rc<EndpointSlice>],
        trigger: Option<Time>,
        context: &mut Context,
    ) -> Vec<String> {
        let cache = context.cache;
        let node = |name: &str| cache.get::<Node>(&Key::new("", name)).map(|n| &**n);
        let mut errors = vec![];
        for step in self.reconciler.reconcile(service, pods, slices, node) {
            errors.extend(step.errors);
            if let Err(why) = self.write(service, step.plan, trigger, context) {
                errors.push(why);
            }
            for saying in step.sayings {
                context.recorder.note(context.api, service, saying.type_, saying.reason, saying.message);
            }
        }
        errors
    }

    /// Creates, then updates, then deletes; the first failure ends it.
    fn write(&mut self, service: &Service, plan: Plan, trigger: Option<Time>, context: &mut Context) -> Result<(), String> {
        let name = format!("{}/{}", service.meta.namespace, service.meta.name);
        let creating = plan.create.into_iter().filter(|_| !service.meta.is_deleting());
        for mut slice in creating {
            stamp(&mut slice, trigger);
            match context.api.create(Object::EndpointSlice(Rc::new(slice)), false) {
                Ok(stored) => self.note_written(&stored),
                Err(status) if is_terminating_namespace(&status) => return Ok(()),
                Err(status) => {
                    return Err(format!("failed to create EndpointSlice for Service {name}: {}", status.message));
                }
            }
        }
        for mut slice in plan.update {
            stamp(&mut slice, trigger);
            let of = format!("failed to update {} EndpointSlice for Service {name}", slice.meta.name);
            match context.api.update(Object::EndpointSlice(Rc::new(slice)), false) {
                Ok(stored) => self.note_written(&stored),
                Err(status) => return Err(format!("{of}: {}", status.message)),
            }
        }
        for slice in plan.delete {
            let key = Key::new(&slice.meta.namespace, &slice.meta.name);
            match context.api.delete(Kind::EndpointSlice, &key, &DeleteOptions::default()) {
                Ok(_) => self.tracker.deleted(&slice),
                Err(status) => {
                    let of = format!("failed to delete {} EndpointSlice for Service {name}", slice.meta.name);
                    return Err(format!("{of}: {}", status.message));
                }
            }
        }
        Ok(())
    }

    fn note_written(&mut self, stored: &Object) {
        if let Some(slice) = stored.as_::<EndpointSlice>() {
            self.tracker.written(slice);
        }
    }
}

/// The Pods that a Service selects, the oldest first: new endpoints are placed in this order.
pub fn selected_pods(cache: &Cache, service: &Service) -> Vec<Rc<Pod>> {
    let mut pods = cache.pods_selected(&service.meta.namespace, &service.spec.selector);
    pods.arrange_by(|a, b| {
        let key = |p: &Rc<Pod>| p.meta.creation_timestamp;
        key(a).cmp(&key(b)).then_with(|| a.meta.name.cmp(&b.meta.name))
    });
    pods
}

/// Whether objects cannot be made because their namespace is going away: no reason to try again.
pub fn is_terminating_namespace(status: &Status) -> bool {
    status.reason == "Forbidden" && status.message.ends_with("because it is being terminated")
}

/// Errors as Kubernetes joins them: one as it is, several in brackets, repeats once.
pub fn aggregate(errors: &[String]) -> String {
    let mut unique: Vec<&str> = vec![];
    for error in errors {
        if !unique.contains(&error.as_str()) {
            unique.push(error);
        }
    }
    if unique.len() == 1 { unique[0].to_string() } else { format!("[{}]", unique.join(", ")) }
}

fn stamp(slice: &mut EndpointSlice, trigger: Option<Time>) {
    match trigger {
        Some(time) => {
            slice.meta.annotations.insert(LAST_CHANGE_TRIGGER_TIME.into(), time.rfc3339());
        }
        None => {
            slice.meta.annotations.remove(LAST_CHANGE_TRIGGER_TIME);
        }
    }
}

fn zone_or_readiness_changed(change: &Change) -> bool {
    match (change.before::<Node>(), change.after::<Node>()) {
        (Some(old), Some(new)) => old.is_ready() != new.is_ready() || old.zone() != new.zone(),
        _ => true,
    }
}
