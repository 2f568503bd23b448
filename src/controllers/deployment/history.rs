//! Old ReplicaSets that no longer have Pods are kept for going back, up to a limit.
//!
//! Source: `pkg/controller/deployment/sync.go` (cleanupDeployment).

use super::annotations::revision;
use super::family::{by_creation, size};
use super::sync::Sync;
use crate::api::{Key, Kind, ReplicaSet};
use crate::apiserver::{DeleteOptions, Status};
use crate::sorting::Arrange;
use std::rc::Rc;

impl Sync<'_, '_> {
    /// Deletes the oldest revisions above the limit, but none that has or is to have Pods.
    pub fn clean_up(&mut self, old: &[Rc<ReplicaSet>]) -> Result<(), Status> {
        let Some(limit) = self.deployment.spec.revision_history_limit.filter(|n| *n != i32::MAX) else { return Ok(()) };
        let mut old: Vec<&Rc<ReplicaSet>> = old.iter().filter(|rs| !rs.meta.is_deleting()).collect();
        let surplus = old.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
        old.arrange_by(|a, b| revision(a).cmp(&revision(b)).then_with(|| by_creation(a, b)));
        for rs in old.into_iter().take(surplus) {
            if rs.status.replicas != 0 || size(rs) != 0 || rs.meta.generation > rs.status.observed_generation {
                continue;
            }
            let key = Key::new(&rs.meta.namespace, &rs.meta.name);
            match self.context.api.delete(Kind::ReplicaSet, &key, &DeleteOptions::default()) {
                Err(status) if status.code != 404 => return Err(status),
                _ => {}
            }
        }
        Ok(())
    }
}
