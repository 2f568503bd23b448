//! One sync of a Deployment: in which order things are looked at, and how ReplicaSets and status are written.
//!
//! Source: `pkg/controller/deployment/{deployment_controller,sync}.go`.

use super::annotations;
use super::conditions::{self, PROGRESSING};
use super::family::{self, Family};
use super::fenceposts::replicas;
use super::plan::{self, Resize};
use crate::api::apps::DeploymentStatus;
use crate::api::selector::Selector;
use crate::api::well_known::DESIRED_REPLICAS;
use crate::api::{Deployment, Object, ReplicaSet};
use crate::apiserver::Status;
use crate::controllers::{Context, owners};
use crate::time::Nanos;
use std::rc::Rc;

/// What a sync ends with: how long until the next one, if one is needed though nothing changes.
pub(super) type Done = Result<Option<Nanos>, Status>;

/// The work on one Deployment.
pub(super) struct Sync<'a, 'c> {
    pub context: &'a mut Context<'c>,
    /// As this sync last read or wrote it.
    pub deployment: Deployment,
    /// All that it owns, as this sync last read or wrote them.
    pub replica_sets: Vec<Rc<ReplicaSet>>,
}

impl<'a, 'c> Sync<'a, 'c> {
    pub fn new(context: &'a mut Context<'c>, deployment: Deployment) -> Sync<'a, 'c> {
        Sync { context, deployment, replica_sets: vec![] }
    }

    /// `syncDeployment`.
    pub fn run(mut self) -> Done {
        let selector = Selector::from_optional(self.deployment.spec.selector.as_ref()).map_err(|why| Status::internal(&why))?;
        if selector.is_empty() && self.deployment.spec.selector.is_some() {
            return self.selects_everything();
        }
        let meta = &self.deployment.meta;
        let mut candidates = self.context.cache.owned_by::<ReplicaSet>(&meta.namespace, &meta.uid);
        candidates.extend(self.context.cache.orphans::<ReplicaSet>(&meta.namespace));
        self.replica_sets = owners::claim(self.context, &self.deployment, &selector, candidates)?.objects;
        if self.deployment.meta.is_deleting() {
            let family = self.family(false)?;
            return self.sync_status(&family);
        }
        self.note_pause()?;
        if self.deployment.spec.paused || self.is_scaling_event()? {
            return self.scale_only();
        }
        match self.deployment.spec.strategy.type_.as_str() {
            "Recreate" => self.recreate(),
            "RollingUpdate" => self.roll(),
            other => Err(Status::internal(&format!("unexpected deployment strategy type: {other}"))),
        }
    }

    fn selects_everything(mut self) -> Done {
        let message = "This deployment is selecting all pods. A non-empty selector is required.".to_string();
        self.event("Warning", "SelectingAll", message);
        let mut status = self.deployment.status.clone();
        if status.observed_generation < self.deployment.meta.generation {
            status.observed_generation = self.deployment.meta.generation;
            self.write_status(status)?;
        }
        Ok(None)
    }

    /// `checkPausedConditions`: the Progressing condition tells when a rollout was halted and taken up again.
    fn note_pause(&mut self) -> Result<(), Status> {
        let condition = conditions::get(&self.deployment.status, PROGRESSING);
        let reason = condition.map_or("", |c| &c.reason);
        if !conditions::has_deadline(&self.deployment.spec) || reason == conditions::TIMED_OUT {
            return Ok(());
        }
        let (reason, message) = match (self.deployment.spec.paused, reason == "DeploymentPaused") {
            (true, false) => ("DeploymentPaused", "Deployment is paused"),
            (false, true) => ("DeploymentResumed", "Deployment is resumed"),
            _ => return Ok(()),
        };
        let mut status = self.deployment.status.clone();
        let now = self.context.clock;
        conditions::set(&mut status, conditions::condition(PROGRESSING, "Unknown", reason, message.into(), now));
        self.write_status(status)
    }

    /// Whether an active ReplicaSet was sized for another number of replicas.
    fn is_scaling_event(&mut self) -> Result<bool, Status> {
        let family = self.family(false)?;
        let wanted = replicas(&self.deployment);
        let differs = |rs: &Rc<ReplicaSet>| annotations::number(rs, DESIRED_REPLICAS).is_some_and(|n| n != wanted);
        Ok(family::active(&family.all()).iter().any(differs))
    }

    /// Applies a new size without rolling (`sync` in Kubernetes).
    fn scale_only(mut self) -> Done {
        let family = self.family(false)?;
        for step in plan::scale(&self.deployment, &family) {
            self.resize(&step)?;
        }
        if self.deployment.spec.paused {
            self.clean_up(&family.old)?;
        }
        self.sync_status(&family)
    }

    /// The ReplicaSets, divided; the new one's revision and annotations are brought up to date on the way, and it is created
    /// if that is asked for.
    pub fn family(&mut self, create: bool) -> Result<Family, Status> {
        let Family { old, .. } = Family::of(&self.deployment, &self.replica_sets);
        let new = self.new_replica_set(&old, create)?;
        Ok(Family { new, old })
    }

    /// Gives a ReplicaSet another size, notes what it was sized for, and tells of it.
    pub fn resize(&mut self, step: &Resize) -> Result<(), Status> {
        let latest = self.replica_sets.iter().find(|rs| rs.meta.uid == step.replica_set.meta.uid).unwrap_or(&step.replica_set);
        let mut rs = ReplicaSet::clone(latest);
        let noted = annotations::set_sizes(&self.deployment, &mut rs);
        if !noted && step.from == step.to {
            return Ok(());
        }
        rs.spec.replicas = Some(step.to);
        self.write_replica_set(rs)?;
        if let Some(message) = step.message() {
            self.event("Normal", "ScalingReplicaSet", message);
        }
        Ok(())
    }

    /// Updates a ReplicaSet; later steps of this sync go on from what the server stored.
    pub fn write_replica_set(&mut self, rs: ReplicaSet) -> Result<Rc<ReplicaSet>, Status> {
        let stored = self.context.api.update(Object::ReplicaSet(Rc::new(rs)), false)?;
        let Object::ReplicaSet(stored) = stored else { return Err(Status::internal("not a ReplicaSet")) };
        if let Some(place) = self.replica_sets.iter_mut().find(|rs| rs.meta.uid == stored.meta.uid) {
            *place = stored.clone();
        }
        Ok(stored)
    }

    /// Writes the status (and the revision annotation, which travels with it).
    pub fn write_status(&mut self, status: DeploymentStatus) -> Result<(), Status> {
        self.deployment.status = status;
        let stored = self.context.api.update_status(Object::Deployment(Rc::new(self.deployment.clone())), false)?;
        self.deployment.meta.resource_version = stored.meta().resource_version.clone();
        Ok(())
    }

    /// Records an event about the Deployment.
    pub fn event(&mut self, type_: &str, reason: &str, message: String) {
        self.context.recorder.note(self.context.api, &self.deployment, type_, reason, message);
    }
}
