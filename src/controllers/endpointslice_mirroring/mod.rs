//! The mirroring controller: EndpointSlices for hand-made Endpoints of Services that have no selector.
//!
//! Promises: one slice for each list of ports and address family; what is not mirrored (any more) leaves no slices.
//! Must not know: Pods.
//! Source: `pkg/controller/endpointslicemirroring`.

mod plan;

use super::endpointslice::desired::{MANAGED_BY, SERVICE_NAME};
use super::endpointslice::is_terminating_namespace;
use super::endpointslice::pack::Plan;
use super::endpointslice::tracker::{SliceTracker, service_key};
use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::service::Endpoints;
use crate::api::{EndpointSlice, Key, Kind, Object, Service};
use crate::apiserver::{Change, DeleteOptions};
use crate::time::{Nanos, SECOND};
use std::rc::Rc;

/// The value of the label managed-by.
pub const CONTROLLER: &str = "endpointslicemirroring-controller.k8s.io";
/// Most addresses of a subset that are mirrored (`--mirroring-max-endpoints-per-subset`).
pub const MAX_ENDPOINTS_PER_SUBSET: usize = 1000;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct EndpointSliceMirroringController {
    tracker: SliceTracker,
}

impl Controller for EndpointSliceMirroringController {
    fn component(&self) -> &'static str {
        "endpoint-slice-mirroring-controller"
    }

    fn queue(&self) -> WorkQueue {
        WorkQueue::with_backoff(SECOND, 100 * SECOND)
    }

    fn observe(&mut self, change: &Change, _cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        let keys = match change.kind() {
            Kind::Service if selector_matters(change) => vec![change.object().key()],
            Kind::Endpoints => {
                let states = [change.before::<Endpoints>(), change.after::<Endpoints>()];
                let any = states.into_iter().flatten().any(|e| should_mirror(e));
                if any { vec![change.object().key()] } else { vec![] }
            }
            Kind::EndpointSlice => self.foreign_change(change),
            _ => vec![],
        };
        for key in keys {
            queue.add(key, now);
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let mut slices = context.cache.slices_of(&key.namespace, &key.name);
        slices.retain(|slice| is_managed(slice));
        let endpoints = context.cache.get::<Endpoints>(key).filter(|e| should_mirror(e)).cloned();
        let without_selector = context.cache.get::<Service>(key).is_some_and(|s| s.spec.selector.is_empty());
        let Some(endpoints) = endpoints.filter(|_| without_selector) else {
            return self.delete_all(key, &slices, context);
        };
        if self.tracker.stale(key, &slices) {
            return Outcome::Retry("EndpointSlice informer cache is out of date".into());
        }
        let wanted = plan::wanted(&endpoints);
        self.report(&endpoints, &wanted, context);
        match self.write(&endpoints, plan::plan(&endpoints, &slices, wanted), context) {
            Ok(()) => Outcome::Done,
            Err(why) => Outcome::Retry(why),
        }
    }
}

fn is_managed(slice: &EndpointSlice) -> bool {
    slice.meta.labels.get(MANAGED_BY).is_some_and(|by| by == CONTROLLER)
}

/// Whether a Service without selector came or went, or a Service won or lost its selector.
fn selector_matters(change: &Change) -> bool {
    let without = |service: &Rc<Service>| service.spec.selector.is_empty();
    match (change.before::<Service>(), change.after::<Service>()) {
        (Some(old), Some(new)) => without(old) != without(new),
        (Some(only), None) | (None, Some(only)) => without(only),
        (None, None) => false,
    }
}

/// Endpoints that say not to be mirrored, or that stand for a leader's lock, are not.
fn should_mirror(endpoints: &Endpoints) -> bool {
    let skip = endpoints.meta.labels.get("endpointslice.kubernetes.io/skip-mirror").is_some_and(|v| v == "true");
    !skip && !endpoints.meta.annotations.contains_key("control-plane.alpha.kubernetes.io/leader")
}

impl EndpointSliceMirroringController {
    /// The Endpoints whose mirrored slices somebody else changed.
    fn foreign_change(&mut self, change: &Change) -> Vec<Key> {
        match (change.before::<EndpointSlice>(), change.after::<EndpointSlice>()) {
            (Some(old), Some(new)) if old.meta.labels.get(SERVICE_NAME) != new.meta.labels.get(SERVICE_NAME) => {
                vec![service_key(new), service_key(old)]
            }
            (Some(old), Some(new)) if is_managed(old) != is_managed(new) => vec![service_key(new)],
            (_, Some(new)) if is_managed(new) && self.tracker.should_sync(new) => vec![service_key(new)],
            (Some(old), None) if is_managed(old) && self.tracker.gone(old) => vec![service_key(old)],
            _ => vec![],
        }
    }

    /// Says what could not be mirrored.
    fn report(&self, endpoints: &Endpoints, wanted: &plan::Wanted, context: &mut Context) {
        if wanted.invalid > 0 {
            let message = format!("Skipped {} invalid IP addresses when mirroring to EndpointSlices", wanted.invalid);
            context.recorder.note(context.api, endpoints, "Warning", "InvalidIPAddress", message);
        }
        if wanted.skipped > wanted.invalid {
            let message = format!(
                "A max of {MAX_ENDPOINTS_PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints subset. {} addresses were skipped",
                wanted.skipped
            );
            context.recorder.note(context.api, endpoints, "Warning", "TooManyAddressesToMirror", message);
        }
    }

    fn write(&mut self, endpoints: &Endpoints, plan: Plan, context: &mut Context) -> Result<(), String> {
        let of = format!("EndpointSlice for Endpoints {}/{}", endpoints.meta.namespace, endpoints.meta.name);
        let creating = plan.create.into_iter().filter(|_| !endpoints.meta.is_deleting());
        for slice in creating {
            match context.api.create(Object::EndpointSlice(Rc::new(slice)), false) {
                Ok(stored) => self.note_written(&stored),
                Err(status) if is_terminating_namespace(&status) => return Ok(()),
                Err(status) => return Err(format!("failed to create {of}: {}", status.message)),
            }
        }
        for slice in plan.update {
            let name = slice.meta.name.clone();
            let stored = context.api.update(Object::EndpointSlice(Rc::new(slice)), false);
            self.note_written(&stored.map_err(|status| format!("failed to update {name} {of}: {}", status.message))?);
        }
        for slice in plan.delete {
            let key = Key::new(&slice.meta.namespace, &slice.meta.name);
            let deleted = context.api.delete(Kind::EndpointSlice, &key, &DeleteOptions::default());
            deleted.map_err(|status| format!("failed to delete {} {of}: {}", slice.meta.name, status.message))?;
            self.tracker.deleted(&slice);
        }
        Ok(())
    }

    fn note_written(&mut self, stored: &Object) {
        if let Some(slice) = stored.as_::<EndpointSlice>() {
            self.tracker.written(slice);
        }
    }

    /// Nothing is mirrored (any more).
    fn delete_all(&mut self, key: &Key, slices: &[Rc<EndpointSlice>], context: &mut Context) -> Outcome {
        self.tracker.forget(key);
        let mut failed = vec![];
        for slice in slices {
            let key = Key::new(&slice.meta.namespace, &slice.meta.name);
            if let Err(status) = context.api.delete(Kind::EndpointSlice, &key, &DeleteOptions::default()) {
                failed.push(status.message);
            }
        }
        match failed.first() {
            None => Outcome::Done,
            Some(first) => {
                let count = format!("{}/{}", failed.len(), slices.len());
                Outcome::Retry(format!("Error(s) deleting {count} EndpointSlices for {key} Endpoints, including: {first}"))
            }
        }
    }
}
