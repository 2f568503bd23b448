//! The Deployment controller: keeps one new ReplicaSet and lets the old ones go, step by step, as the strategy says.
//!
//! Promises: a sync takes at most one step up or down; revisions only grow; what it does follows from its cache alone.
//! Source: `pkg/controller/deployment/deployment_controller.go`.

pub mod annotations;
pub mod conditions;
pub mod family;
pub mod fenceposts;
mod history;
mod new_replicaset;
pub mod plan;
mod progress;
mod recreate;
mod rolling;
mod status;
mod sync;
pub mod template_hash;

use super::owners::controller_key;
use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::meta::ObjectMeta;
use crate::api::selector::Selector;
use crate::api::{Deployment, Key, Kind, Pod, ReplicaSet};
use crate::apiserver::Change;
use crate::time::Nanos;
use sync::Sync;

/// The Deployment controller.
#[derive(Clone, Debug, Default)]
pub struct DeploymentController;

impl Controller for DeploymentController {
    fn component(&self) -> &'static str {
        "deployment-controller"
    }

    fn observe(&mut self, change: &Change, cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        match change.kind() {
            Kind::Deployment => queue.add(change.object().key(), now),
            Kind::ReplicaSet => {
                for key in interested(change, cache) {
                    queue.add(key, now);
                }
            }
            Kind::Pod if change.new.is_none() => {
                if let Some(key) = change.before::<Pod>().and_then(|pod| recreate_deployment(pod, cache)) {
                    queue.add(key, now);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let Some(deployment) = context.cache.get::<Deployment>(key) else { return Outcome::Done };
        let deployment = Deployment::clone(deployment);
        match Sync::new(context, deployment).run() {
            Ok(None) => Outcome::Done,
            Ok(Some(wait)) => Outcome::After(wait),
            Err(status) => Outcome::Retry(status.message),
        }
    }
}

/// The Deployments that a change of a ReplicaSet is about: its owner, its owner until now, or all that could adopt it.
fn interested(change: &Change, cache: &Cache) -> Vec<Key> {
    let owner = |rs: &ReplicaSet| controller_key(&rs.meta, Kind::Deployment).map(|(key, uid)| (key, uid.to_string()));
    let lives = |owner: &(Key, String)| cache.get::<Deployment>(&owner.0).is_some_and(|d| d.meta.uid == owner.1);
    let before = change.before::<ReplicaSet>();
    let Some(rs) = change.after::<ReplicaSet>() else {
        return before.and_then(|rs| owner(rs)).filter(lives).map(|o| o.0).into_iter().collect();
    };
    let (old, new) = (before.and_then(|rs| owner(rs)), owner(rs));
    let mut keys: Vec<Key> = old.clone().filter(|o| Some(o) != new.as_ref() && lives(o)).map(|o| o.0).into_iter().collect();
    if rs.meta.controller().is_some() {
        keys.extend(new.filter(lives).map(|o| o.0));
    } else if before.is_none_or(|b| b.meta.labels != rs.meta.labels || b.meta.controller().is_some()) {
        keys.extend(selecting(&rs.meta, cache));
    }
    keys
}

/// The Deployments of a namespace whose selector matches an object's labels.
fn selecting(meta: &ObjectMeta, cache: &Cache) -> Vec<Key> {
    let matches = |d: &&std::rc::Rc<Deployment>| {
        Selector::from_optional(d.spec.selector.as_ref()).is_ok_and(|s| !s.is_empty() && s.matches(&meta.labels))
    };
    let keys = cache.list::<Deployment>(Some(&meta.namespace)).filter(matches);
    keys.map(|d| Key::new(&d.meta.namespace, &d.meta.name)).collect()
}

/// The Recreate Deployment that a deleted Pod belonged to through its ReplicaSet.
fn recreate_deployment(pod: &Pod, cache: &Cache) -> Option<Key> {
    let (key, uid) = controller_key(&pod.meta, Kind::ReplicaSet)?;
    let rs = cache.get::<ReplicaSet>(&key).filter(|rs| rs.meta.uid == uid)?;
    let (key, uid) = controller_key(&rs.meta, Kind::Deployment)?;
    let deployment = cache.get::<Deployment>(&key).filter(|d| d.meta.uid == uid)?;
    (deployment.spec.strategy.type_ == "Recreate").then_some(key)
}
