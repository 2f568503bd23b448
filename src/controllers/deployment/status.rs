//! A Deployment's status as its ReplicaSets' statuses add up.
//!
//! Source: `pkg/controller/deployment/sync.go` (calculateStatus, syncDeploymentStatus).

use super::conditions::{self, AVAILABLE};
use super::family::{self, Family};
use super::fenceposts::{max_unavailable, replicas};
use super::sync::{Done, Sync};
use crate::api::apps::DeploymentStatus;
use crate::api::{Deployment, Time};

/// Counts and the Available condition; all other conditions stay.
pub fn calculate(deployment: &Deployment, family: &Family, now: Time) -> DeploymentStatus {
    let all = family.all();
    let available = family::available(&all);
    let mut status = DeploymentStatus {
        observed_generation: deployment.meta.generation,
        replicas: family::actual(&all),
        updated_replicas: family.new.as_ref().map_or(0, |rs| rs.status.replicas),
        ready_replicas: family::ready(&all),
        available_replicas: available,
        unavailable_replicas: (family::wanted(&all) - available).max(0),
        terminating_replicas: family::terminating(&all),
        conditions: deployment.status.conditions.clone(),
        collision_count: deployment.status.collision_count,
    };
    let (value, reason, message) = if available >= replicas(deployment) - max_unavailable(deployment) {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    conditions::set(&mut status, conditions::condition(AVAILABLE, value, reason, message.into(), now));
    status
}

impl Sync<'_, '_> {
    /// Writes the status if it changed, without judging progress.
    pub fn sync_status(mut self, family: &Family) -> Done {
        let status = calculate(&self.deployment, family, self.context.clock);
        if status != self.deployment.status {
            self.write_status(status)?;
        }
        Ok(None)
    }
}
