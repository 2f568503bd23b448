//! The ReplicaSet controller: keeps as many active Pods as wanted.
//!
//! Promises: it never acts on a cache that does not show its own last step; it adopts what its selector matches and
//! releases what it no longer does. Source: `pkg/controller/replicaset/replica_set.go`.

mod expectations;
mod manage;
pub mod rank;
pub mod status;

pub use expectations::Expectations;
pub use manage::BURST;

use super::clock::wall;
use super::owners::{self, controller_key, version};
use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::selector::Selector;
use crate::api::{Key, Kind, Object, Pod, ReplicaSet};
use crate::apiserver::{Change, Status};
use crate::time::Nanos;
use status::Pods;
use std::rc::Rc;

/// The ReplicaSet controller.
#[derive(Clone, Debug, Default)]
pub struct ReplicaSetController {
    pub(super) expectations: Expectations,
}

impl Controller for ReplicaSetController {
    fn component(&self) -> &'static str {
        "replicaset-controller"
    }

    fn observe(&mut self, change: &Change, cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        match change.kind() {
            Kind::ReplicaSet => {
                let key = change.object().key();
                let (before, after) = (change.before::<ReplicaSet>(), change.after::<ReplicaSet>());
                if before.is_some_and(|b| after.is_none_or(|a| a.meta.uid != b.meta.uid)) {
                    self.expectations.forget(&key);
                }
                queue.add(key, now);
            }
            Kind::Pod => {
                for key in self.pod_changed(change, cache) {
                    queue.add(key, now);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let Some(rs) = context.cache.get::<ReplicaSet>(key).cloned() else {
            self.expectations.forget(key);
            return Outcome::Done;
        };
        if !self.expectations.caught_up(key, context.cache) {
            return Outcome::Retry("the cache does not show the last step yet".into());
        }
        match self.sync_replica_set(key, rs, context) {
            Ok(None) => Outcome::Done,
            Ok(Some(wait)) => Outcome::After(wait),
            Err(status) => Outcome::Retry(status.message),
        }
    }

    fn max_retries(&self) -> Option<u32> {
        None
    }
}

impl ReplicaSetController {
    fn sync_replica_set(&mut self, key: &Key, rs: Rc<ReplicaSet>, context: &mut Context) -> Result<Option<Nanos>, Status> {
        let satisfied = self.expectations.satisfied(key, context.now);
        let selector = Selector::from_optional(rs.spec.selector.as_ref()).map_err(|why| Status::internal(&why))?;
        let pods = self.claim_pods(key, &rs, &selector, context)?;
        let managed = if satisfied && !rs.meta.is_deleting() { self.manage(context, key, &rs, &pods.active) } else { Ok(()) };
        let failure = managed.as_ref().err().map(|status| status.message.as_str());
        let now = wall(context);
        let status = status::calculate(&rs, &pods, failure, context.clock, now);
        self.write_status(key, &rs, status, context)?;
        managed?;
        let min_ready = rs.spec.min_ready_seconds;
        let waits = pods.active.iter().filter_map(|pod| status::until_available(pod, min_ready, now)).filter(|wait| *wait > 0);
        Ok(waits.min().and_then(|wait| Nanos::try_from(wait).ok()))
    }

    /// Adopts and releases, and divides what belongs to the ReplicaSet.
    fn claim_pods(&mut self, key: &Key, rs: &ReplicaSet, selector: &Selector, context: &mut Context) -> Result<Pods, Status> {
        let mut candidates = context.cache.owned_by::<Pod>(&rs.meta.namespace, &rs.meta.uid);
        let going = |pod: &&Rc<Pod>| pod.meta.is_deleting() && !pod.is_terminal() && selector.matches(&pod.meta.labels);
        let terminating = candidates.iter().filter(going).cloned().collect();
        candidates.extend(context.cache.orphans::<Pod>(&rs.meta.namespace));
        candidates.retain(|pod| pod.is_active());
        let claimed = owners::claim(context, rs, selector, candidates)?;
        self.expectations.wrote(key, Kind::Pod, claimed.written);
        Ok(Pods { active: claimed.objects, terminating })
    }

    /// Writes the status if it changed; a conflict is tried once more on the live object.
    fn write_status(
        &mut self,
        key: &Key,
        rs: &ReplicaSet,
        mut status: crate::api::apps::ReplicaSetStatus,
        context: &mut Context,
    ) -> Result<(), Status> {
        if status == rs.status && rs.meta.generation == rs.status.observed_generation {
            return Ok(());
        }
        status.observed_generation = rs.meta.generation;
        let mut write = |rs: &ReplicaSet, context: &mut Context| {
            let changed = ReplicaSet { status: status.clone(), ..rs.clone() };
            let stored = context.api.update_status(Object::ReplicaSet(Rc::new(changed)), false)?;
            self.expectations.wrote(key, Kind::ReplicaSet, version(stored.meta()));
            Ok(())
        };
        let first = write(rs, context);
        if !first.as_ref().is_err_and(|status: &Status| status.reason == "Conflict") {
            return first;
        }
        match context.api.get::<ReplicaSet>(key).cloned() {
            Some(live) => write(&live, context),
            None => Err(Status::not_found(Kind::ReplicaSet, &key.name)),
        }
    }

    /// Takes note of a Pod's change. Returns the ReplicaSets that it is about.
    fn pod_changed(&mut self, change: &Change, cache: &Cache) -> Vec<Key> {
        let before = change.before::<Pod>();
        let owner_before = before.and_then(|pod| owner(pod, cache));
        let Some(pod) = change.after::<Pod>() else {
            return self.pod_gone(before.map(Rc::as_ref), owner_before);
        };
        let owner_now = owner(pod, cache);
        if pod.meta.is_deleting() {
            let mut keys = self.pod_gone(Some(pod), owner_now);
            if before.is_some_and(|b| b.meta.labels != pod.meta.labels) {
                keys.extend(self.pod_gone(before.map(Rc::as_ref), owner_before));
            }
            return keys;
        }
        if let (None, Some(key)) = (before, &owner_now) {
            self.expectations.creation_observed(key);
        }
        let mut keys: Vec<Key> = owner_before.filter(|key| Some(key) != owner_now.as_ref()).into_iter().collect();
        if pod.meta.controller().is_some() {
            keys.extend(owner_now);
        } else if before.is_none_or(|b| b.meta.labels != pod.meta.labels || b.meta.controller().is_some()) {
            keys.extend(selecting(pod, cache));
        }
        keys
    }

    fn pod_gone(&mut self, pod: Option<&Pod>, owner: Option<Key>) -> Vec<Key> {
        if let (Some(pod), Some(owner)) = (pod, &owner) {
            self.expectations.deletion_observed(owner, &Key::new(&pod.meta.namespace, &pod.meta.name));
        }
        owner.into_iter().collect()
    }
}

/// The ReplicaSet that controls a Pod, if the cache has it.
fn owner(pod: &Rc<Pod>, cache: &Cache) -> Option<Key> {
    let (key, uid) = controller_key(&pod.meta, Kind::ReplicaSet)?;
    cache.get::<ReplicaSet>(&key).is_some_and(|rs| rs.meta.uid == uid).then_some(key)
}

/// The ReplicaSets that would adopt a Pod.
fn selecting(pod: &Pod, cache: &Cache) -> Vec<Key> {
    let matches = |rs: &&Rc<ReplicaSet>| {
        Selector::from_optional(rs.spec.selector.as_ref()).is_ok_and(|s| !s.is_empty() && s.matches(&pod.meta.labels))
    };
    let keys = cache.list::<ReplicaSet>(Some(&pod.meta.namespace)).filter(matches);
    keys.map(|rs| Key::new(&rs.meta.namespace, &rs.meta.name)).collect()
}
