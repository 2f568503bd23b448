//! How a rollout gets on: the Progressing and ReplicaFailure conditions, and when to look again.
//!
//! Source: `pkg/controller/deployment/progress.go`.

use super::conditions::{self, PROGRESSING, REPLICA_FAILURE};
use super::family::Family;
use super::status::calculate;
use super::sync::{Done, Sync};
use crate::api::apps::{DeploymentCondition, DeploymentStatus, ReplicaSetCondition};
use crate::controllers::clock::wall;
use crate::time::{MILLISECOND, Nanos, SECOND};

impl Sync<'_, '_> {
    /// Writes the status with what there is to say about the rollout; if nothing changed, says when it would be late.
    pub fn sync_rollout_status(mut self, family: &Family) -> Done {
        let mut status = calculate(&self.deployment, family, self.context.clock);
        self.judge_progress(family, &mut status);
        match failure(family) {
            Some(condition) => conditions::set(&mut status, condition),
            None => conditions::remove(&mut status, REPLICA_FAILURE),
        }
        if status == self.deployment.status {
            return Ok(self.late_in(&status));
        }
        self.write_status(status)?;
        Ok(None)
    }

    fn judge_progress(&self, family: &Family, status: &mut DeploymentStatus) {
        let deployment = &self.deployment;
        if !conditions::has_deadline(&deployment.spec) {
            return conditions::remove(status, PROGRESSING);
        }
        let current = conditions::get(&deployment.status, PROGRESSING);
        let was_complete = current.is_some_and(|c| c.reason == conditions::NEW_AVAILABLE);
        if was_complete && status.replicas == status.updated_replicas {
            return;
        }
        let subject = match &family.new {
            Some(new) => format!("ReplicaSet {:?}", new.meta.name),
            None => format!("Deployment {:?}", deployment.meta.name),
        };
        let now = self.context.clock;
        let condition = |value, reason, what| conditions::condition(PROGRESSING, value, reason, format!("{subject} {what}"), now);
        if conditions::complete(deployment, status) {
            conditions::set(status, condition("True", conditions::NEW_AVAILABLE, "has successfully progressed."));
        } else if conditions::progressing(deployment, status) {
            let mut condition = condition("True", "ReplicaSetUpdated", "is progressing.");
            if let Some(current) = current.filter(|c| c.status == "True") {
                condition.last_transition_time = current.last_transition_time;
            }
            conditions::remove(status, PROGRESSING);
            conditions::set(status, condition);
        } else if conditions::timed_out(deployment, status, wall(self.context)) {
            conditions::set(status, condition("False", conditions::TIMED_OUT, "has timed out progressing."));
        }
    }

    /// How long until an unfinished rollout that does not move is late.
    fn late_in(&self, status: &DeploymentStatus) -> Option<Nanos> {
        let deployment = &self.deployment;
        let current = conditions::get(&deployment.status, PROGRESSING).filter(|_| conditions::has_deadline(&deployment.spec))?;
        if conditions::complete(deployment, status) || current.reason == conditions::TIMED_OUT {
            return None;
        }
        let left = conditions::deadline(deployment, current).saturating_sub(wall(self.context));
        match Nanos::try_from(left) {
            Ok(left) if left >= SECOND => Some(left + SECOND),
            Ok(left) => Some(left + MILLISECOND),
            // Long past, and yet not late: the rollout is complete but for its status. Nothing to wait for.
            Err(_) => None,
        }
    }
}

/// What the new ReplicaSet (or else an old one) says of Pods that could not be created or deleted.
fn failure(family: &Family) -> Option<DeploymentCondition> {
    let conditions = |rs: &std::rc::Rc<crate::api::ReplicaSet>| -> Option<DeploymentCondition> {
        rs.status.conditions.iter().find(|c| c.type_ == REPLICA_FAILURE).map(from_replica_set)
    };
    family.new.as_ref().and_then(conditions).or_else(|| family.old.iter().find_map(conditions))
}

fn from_replica_set(condition: &ReplicaSetCondition) -> DeploymentCondition {
    DeploymentCondition {
        type_: condition.type_.clone(),
        status: condition.status.clone(),
        last_update_time: condition.last_transition_time,
        last_transition_time: condition.last_transition_time,
        reason: condition.reason.clone(),
        message: condition.message.clone(),
    }
}
