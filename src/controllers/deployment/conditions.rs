//! Conditions of a Deployment: how they are set, and when a rollout is complete, moves, or is late.
//!
//! Source: `pkg/controller/deployment/util/deployment_util.go`.

use super::fenceposts::replicas;
use crate::api::apps::{DeploymentCondition, DeploymentSpec, DeploymentStatus};
use crate::api::{Deployment, Time};
use crate::controllers::clock::{Wall, seconds, start_of};

/// Condition type: enough Pods are available.
pub const AVAILABLE: &str = "Available";
/// Condition type: the rollout moves, or is done.
pub const PROGRESSING: &str = "Progressing";
/// Condition type: Pods could not be created or deleted.
pub const REPLICA_FAILURE: &str = "ReplicaFailure";
/// Reason: the rollout is done.
pub const NEW_AVAILABLE: &str = "NewReplicaSetAvailable";
/// Reason: the rollout did not move for too long.
pub const TIMED_OUT: &str = "ProgressDeadlineExceeded";

/// The condition of that type.
pub fn get<'a>(status: &'a DeploymentStatus, type_: &str) -> Option<&'a DeploymentCondition> {
    status.conditions.iter().find(|c| c.type_ == type_)
}

/// A condition that begins now.
pub fn condition(type_: &str, status: &str, reason: &str, message: String, now: Time) -> DeploymentCondition {
    DeploymentCondition {
        type_: type_.into(),
        status: status.into(),
        last_update_time: now,
        last_transition_time: now,
        reason: reason.into(),
        message,
    }
}

/// Sets a condition: one with the same status and reason stays as it is; otherwise it goes to the end of the list, and its
/// transition time changes only with the status.
pub fn set(status: &mut DeploymentStatus, mut condition: DeploymentCondition) {
    if let Some(current) = get(status, &condition.type_) {
        if current.status == condition.status && current.reason == condition.reason {
            return;
        }
        if current.status == condition.status {
            condition.last_transition_time = current.last_transition_time;
        }
    }
    remove(status, &condition.type_);
    status.conditions.push(condition);
}

/// Removes the condition of that type.
pub fn remove(status: &mut DeploymentStatus, type_: &str) {
    status.conditions.retain(|c| c.type_ != type_);
}

/// Whether a rollout that does not move is reported after some time.
pub fn has_deadline(spec: &DeploymentSpec) -> bool {
    spec.progress_deadline_seconds.is_some_and(|n| n != i32::MAX)
}

/// Whether all Pods are new, none is old, and all are available, for the newest spec.
pub fn complete(deployment: &Deployment, status: &DeploymentStatus) -> bool {
    let wanted = replicas(deployment);
    status.updated_replicas == wanted
        && status.replicas == wanted
        && status.available_replicas == wanted
        && status.observed_generation >= deployment.meta.generation
}

/// Whether the rollout came nearer to its end between the Deployment's status and a newer one.
pub fn progressing(deployment: &Deployment, new: &DeploymentStatus) -> bool {
    let old = &deployment.status;
    new.updated_replicas > old.updated_replicas
        || new.replicas - new.updated_replicas < old.replicas - old.updated_replicas
        || new.ready_replicas > old.ready_replicas
        || new.available_replicas > old.available_replicas
}

/// Whether the rollout has not moved for longer than its deadline.
pub fn timed_out(deployment: &Deployment, status: &DeploymentStatus, now: Wall) -> bool {
    let Some(condition) = get(status, PROGRESSING).filter(|_| has_deadline(&deployment.spec)) else { return false };
    match condition.reason.as_str() {
        NEW_AVAILABLE => false,
        TIMED_OUT => true,
        _ => deadline(deployment, condition) < now,
    }
}

/// The moment from which a rollout is late that last moved when the condition says.
pub fn deadline(deployment: &Deployment, condition: &DeploymentCondition) -> Wall {
    start_of(condition.last_update_time) + seconds(deployment.spec.progress_deadline_seconds.unwrap_or(i32::MAX))
}
