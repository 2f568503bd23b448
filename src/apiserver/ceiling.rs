//! The host's own limit on Pods: Kubernetes would take more, whoever runs this cluster could not bear them. What asks for
//! more is refused like anything that is forbidden, whichever way it came.

use super::server::ApiServer;
use super::{Status, Store};
use crate::api::{Kind, Object};

/// Replicas that an object asks for by itself: what a controller made counts at its owner.
fn asked(object: &Object) -> u64 {
    let replicas = match object {
        Object::Deployment(deployment) => deployment.spec.replicas,
        Object::ReplicaSet(set) if set.meta.controller().is_none() => set.spec.replicas,
        Object::StatefulSet(set) => set.spec.replicas,
        Object::Job(job) if !job.is_finished() => job.spec.parallelism,
        _ => return 0,
    };
    replicas.unwrap_or(1).max(0) as u64
}

/// What all others ask for.
fn others(store: &Store, object: &Object) -> u64 {
    let key = object.key();
    let all =
        [Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet, Kind::Job].into_iter().flat_map(|kind| store.list(kind, None));
    all.filter(|other| other.kind() != object.kind() || other.key() != key).map(asked).fold(0, u64::saturating_add)
}

impl ApiServer {
    /// At most so many replicas may be asked for, all objects together.
    pub fn set_most_pods(&mut self, most: u64) {
        self.most_pods = most;
    }

    /// Whether the host bears what a new or changed object asks for. Fewer than before are always fine.
    pub(super) fn check_ceiling(&self, object: &Object, old: Option<&Object>) -> Result<(), Status> {
        let wanted = asked(object);
        if wanted <= old.map_or(0, asked) {
            return Ok(());
        }
        let left = self.most_pods.saturating_sub(others(self.store(), object));
        if wanted <= left {
            return Ok(());
        }
        let most = self.most_pods;
        let why = format!(
            "lab limit: {wanted} replicas are more than one page can hold. Kubernetes would take the number; this lab runs at most {most} Pods, so ask for {left} or fewer"
        );
        Err(Status::forbidden(object.kind(), &object.key().name, &why))
    }
}
