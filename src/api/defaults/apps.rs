//! Defaults of Deployment, ReplicaSet, DaemonSet, StatefulSet and Job (`pkg/apis/{apps,batch}/v1/defaults.go`).

use super::{pod, set};
use crate::api::apps::{RollingUpdateDeployment, RollingUpdateStatefulSet};
use crate::api::{DaemonSet, Deployment, IntOrString, Job, ReplicaSet, StatefulSet};
use serde_json::json;

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

pub(super) fn daemon_set(set: &mut DaemonSet) {
    let spec = &mut set.spec;
    pod::template(&mut spec.template);
    let strategy = &mut spec.update_strategy;
    self::set(&mut strategy.type_, "RollingUpdate");
    if strategy.type_ == "RollingUpdate" {
        let rolling = strategy.rolling_update.get_or_insert_with(RollingUpdateDeployment::default);
        rolling.max_unavailable.get_or_insert(IntOrString::Int(1));
        rolling.max_surge.get_or_insert(IntOrString::Int(0));
    }
    spec.revision_history_limit.get_or_insert(10);
}

pub(super) fn stateful_set(set: &mut StatefulSet) {
    let spec = &mut set.spec;
    pod::template(&mut spec.template);
    self::set(&mut spec.pod_management_policy, "OrderedReady");
    let strategy = &mut spec.update_strategy;
    // Who names the type gets no partition that was not asked for.
    if strategy.type_.is_empty() {
        strategy.type_ = "RollingUpdate".into();
        strategy.rolling_update.get_or_insert_with(RollingUpdateStatefulSet::default);
    }
    if let Some(rolling) = strategy.rolling_update.as_mut().filter(|_| strategy.type_ == "RollingUpdate") {
        rolling.partition.get_or_insert(0);
        rolling.max_unavailable.get_or_insert(IntOrString::Int(1));
    }
    spec.claim_retention_policy.get_or_insert_with(|| json!({"whenDeleted": "Retain", "whenScaled": "Retain"}));
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
}

pub(super) fn job(job: &mut Job) {
    let spec = &mut job.spec;
    pod::template(&mut spec.template);
    if spec.completions.is_none() && spec.parallelism.is_none() {
        spec.completions = Some(1);
    }
    spec.parallelism.get_or_insert(1);
    spec.backoff_limit.get_or_insert(6);
    spec.completion_mode.get_or_insert_with(|| "NonIndexed".into());
    spec.suspend.get_or_insert(false);
    spec.pod_replacement_policy.get_or_insert_with(|| "TerminatingOrFailed".into());
    spec.manual_selector.get_or_insert(false);
    if job.meta.labels.is_empty() {
        job.meta.labels = job.spec.template.meta.labels.clone();
    }
}
