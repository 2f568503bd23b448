//! Recreate: all old Pods go, terminating ones included, before the first new one comes.
//!
//! Source: `pkg/controller/deployment/recreate.go`.

use super::conditions;
use super::family::{self, Family};
use super::fenceposts::replicas;
use super::plan::Resize;
use super::sync::{Done, Sync};
use crate::api::Pod;

impl Sync<'_, '_> {
    /// Takes the next step of a Recreate rollout.
    pub fn recreate(mut self) -> Done {
        let family = self.family(false)?;
        let active = family::active(&family.old);
        for rs in &active {
            self.resize(&Resize::new(rs, 0))?;
        }
        if !active.is_empty() || self.old_pods_run(&family) {
            return self.sync_rollout_status(&family);
        }
        let family = self.family(true)?;
        if let Some(new) = &family.new {
            let step = Resize::new(new, replicas(&self.deployment));
            if step.from != step.to {
                self.resize(&step)?;
            }
        }
        if conditions::complete(&self.deployment, &self.deployment.status) {
            self.clean_up(&family.old)?;
        }
        self.sync_rollout_status(&family)
    }

    /// Whether a Pod of an old ReplicaSet has not ended yet.
    fn old_pods_run(&self, family: &Family) -> bool {
        if family::actual(&family.old) > 0 {
            return true;
        }
        let pods = |uid: &str| self.context.cache.owned_by::<Pod>(&self.deployment.meta.namespace, uid);
        family.old.iter().any(|rs| pods(&rs.meta.uid).iter().any(|pod| !pod.is_terminal()))
    }
}
