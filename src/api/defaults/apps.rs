//! Defaults of Deployment and ReplicaSet (`pkg/apis/apps/v1/defaults.go`).

use super::{pod, set};
use crate::api::apps::RollingUpdateDeployment;
use crate::api::{Deployment, IntOrString, ReplicaSet};

pub(super) fn deployment(deployment: &mut Deployment) {
    let spec = &mut deployment.spec;
    pod::template(&mut spec.template);
    spec.replicas.get_or_insert(1);
    let strategy = &mut spec.strategy;
    set(&mut strategy.type_, "RollingUpdate");
    if strategy.type_ == "RollingUpdate" {
        let rolling = strategy.rolling_update.get_or_insert_with(RollingUpdateDeployment::default);
        rolling.max_unavailable.get_or_insert_with(|| IntOrString::Text("25%".into()));
        rolling.max_surge.get_or_insert_with(|| IntOrString::Text("25%".into()));
    }
    spec.revision_history_limit.get_or_insert(10);
    spec.progress_deadline_seconds.get_or_insert(600);
}

pub(super) fn replica_set(replica_set: &mut ReplicaSet) {
    pod::template(&mut replica_set.spec.template);
    replica_set.spec.replicas.get_or_insert(1);
}
