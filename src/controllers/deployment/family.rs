//! The ReplicaSets of a Deployment: which is the new one, which are old, how many Pods they have, in which order they come.
//!
//! Source: `pkg/controller/deployment/util/deployment_util.go`, `pkg/controller/controller_utils.go`.

use super::template_hash::equal_ignoring_hash;
use crate::api::{Deployment, ReplicaSet};
use std::cmp::{Ordering, Reverse};
use std::rc::Rc;

/// A Deployment's ReplicaSets, divided.
#[derive(Clone, Debug, Default)]
pub struct Family {
    /// The one with the Deployment's template.
    pub new: Option<Rc<ReplicaSet>>,
    /// All others.
    pub old: Vec<Rc<ReplicaSet>>,
}

impl Family {
    /// Divides ReplicaSets: new is the oldest one that has the Deployment's template.
    pub fn of(deployment: &Deployment, replica_sets: &[Rc<ReplicaSet>]) -> Family {
        let new = find_new(deployment, replica_sets);
        let is_new = |rs: &ReplicaSet| new.as_ref().is_some_and(|n| n.meta.uid == rs.meta.uid);
        let old = replica_sets.iter().filter(|rs| !is_new(rs)).cloned().collect();
        Family { new, old }
    }

    /// The old ones, then the new one.
    pub fn all(&self) -> Vec<Rc<ReplicaSet>> {
        self.old.iter().chain(&self.new).cloned().collect()
    }
}

/// The oldest ReplicaSet whose template is the Deployment's.
pub fn find_new(deployment: &Deployment, replica_sets: &[Rc<ReplicaSet>]) -> Option<Rc<ReplicaSet>> {
    let equal = replica_sets.iter().filter(|rs| equal_ignoring_hash(&rs.spec.template, &deployment.spec.template));
    equal.min_by(|a, b| by_creation(a, b)).cloned()
}

/// The wanted size of a ReplicaSet.
pub fn size(rs: &ReplicaSet) -> i32 {
    rs.spec.replicas.unwrap_or(1)
}

/// Those that want at least one Pod.
pub fn active(replica_sets: &[Rc<ReplicaSet>]) -> Vec<Rc<ReplicaSet>> {
    replica_sets.iter().filter(|rs| size(rs) > 0).cloned().collect()
}

/// Pods wanted by all together.
pub fn wanted(replica_sets: &[Rc<ReplicaSet>]) -> i32 {
    replica_sets.iter().map(|rs| size(rs)).sum()
}

/// Pods that all together have, as their status says.
pub fn actual(replica_sets: &[Rc<ReplicaSet>]) -> i32 {
    replica_sets.iter().map(|rs| rs.status.replicas).sum()
}

/// Ready Pods of all together.
pub fn ready(replica_sets: &[Rc<ReplicaSet>]) -> i32 {
    replica_sets.iter().map(|rs| rs.status.ready_replicas).sum()
}

/// Available Pods of all together.
pub fn available(replica_sets: &[Rc<ReplicaSet>]) -> i32 {
    replica_sets.iter().map(|rs| rs.status.available_replicas).sum()
}

/// Terminating Pods of all together; unknown while one has not reported its own.
pub fn terminating(replica_sets: &[Rc<ReplicaSet>]) -> Option<i32> {
    replica_sets.iter().map(|rs| rs.status.terminating_replicas).sum()
}

/// Older first; of the same second, by name.
pub fn by_creation(a: &ReplicaSet, b: &ReplicaSet) -> Ordering {
    (a.meta.creation_timestamp, &a.meta.name).cmp(&(b.meta.creation_timestamp, &b.meta.name))
}

/// Larger first; of the same size, older first.
pub fn larger_older(a: &ReplicaSet, b: &ReplicaSet) -> Ordering {
    Reverse(size(a)).cmp(&Reverse(size(b))).then_with(|| by_creation(a, b))
}

/// Larger first; of the same size, newer first.
pub fn larger_newer(a: &ReplicaSet, b: &ReplicaSet) -> Ordering {
    Reverse(size(a)).cmp(&Reverse(size(b))).then_with(|| by_creation(b, a))
}
