//! RollingUpdate: one step up or one step down a sync.
//!
//! Source: `pkg/controller/deployment/rolling.go`.

use super::conditions;
use super::plan;
use super::sync::{Done, Sync};
use crate::apiserver::Status;

impl Sync<'_, '_> {
    /// Takes the next step of a rolling update.
    pub fn roll(mut self) -> Done {
        let refused = |why: String| Status::internal(&why);
        let family = self.family(true)?;
        if let Some(step) = plan::resize_new(&self.deployment, &family).map_err(refused)? {
            self.resize(&step)?;
            return self.sync_rollout_status(&family);
        }
        let steps = plan::shrink_old(&self.deployment, &family).map_err(refused)?;
        for step in &steps {
            self.resize(step)?;
        }
        if steps.is_empty() && conditions::complete(&self.deployment, &self.deployment.status) {
            self.clean_up(&family.old)?;
        }
        self.sync_rollout_status(&family)
    }
}
