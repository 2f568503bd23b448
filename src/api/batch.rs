//! Job (batch/v1): Pods that run to their end.

use super::meta::{LabelSelector, ObjectMeta};
use super::pod::PodTemplateSpec;
use super::scalar::Time;
use crate::record;
use serde_json::Value;

record! {
    /// What a Job should do.
    pub struct JobSpec {
        "parallelism" parallelism: Option<i32>,
        "completions" completions: Option<i32>,
        "activeDeadlineSeconds" active_deadline_seconds: Option<i64>,
        "podFailurePolicy" pod_failure_policy: Option<Value>,
        "successPolicy" success_policy: Option<Value>,
        "backoffLimit" backoff_limit: Option<i32>,
        "backoffLimitPerIndex" backoff_limit_per_index: Option<i32>,
        "maxFailedIndexes" max_failed_indexes: Option<i32>,
        "selector" selector: Option<LabelSelector>,
        "manualSelector" manual_selector: Option<bool>,
        "template" template: PodTemplateSpec = always,
        "ttlSecondsAfterFinished" ttl_seconds_after_finished: Option<i32>,
        "completionMode" completion_mode: Option<String>,
        "suspend" suspend: Option<bool>,
        "podReplacementPolicy" pod_replacement_policy: Option<String>,
        "managedBy" managed_by: Option<String>,
    }
}

record! {
    /// One condition of a Job.
    pub struct JobCondition {
        "type" type_: String = always,
        "status" status: String = always,
        "lastProbeTime" last_probe_time: Time = always,
        "lastTransitionTime" last_transition_time: Time = always,
        "reason" reason: String,
        "message" message: String,
    }
}

record! {
    /// What the Job controller last saw.
    pub struct JobStatus {
        "conditions" conditions: Vec<JobCondition>,
        "startTime" start_time: Option<Time>,
        "completionTime" completion_time: Option<Time>,
        "active" active: i32,
        "succeeded" succeeded: i32,
        "failed" failed: i32,
        "terminating" terminating: Option<i32>,
        "completedIndexes" completed_indexes: String,
        "uncountedTerminatedPods" uncounted_terminated_pods: Option<Value>,
        "ready" ready: Option<i32>,
    }
}

record! {
    /// Runs Pods until enough of them have ended well.
    pub struct Job {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: JobSpec = always,
        "status" status: JobStatus = always,
    }
}

impl Job {
    /// Whether a condition says that the Job is over.
    pub fn ends(condition: &JobCondition) -> bool {
        matches!(condition.type_.as_str(), "Complete" | "Failed") && condition.status == "True"
    }

    /// Whether it is over.
    pub fn is_finished(&self) -> bool {
        self.status.conditions.iter().any(Job::ends)
    }
}
