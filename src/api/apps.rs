//! Deployment, ReplicaSet, DaemonSet and StatefulSet (apps/v1).

use super::meta::{LabelSelector, ObjectMeta};
use super::pod::PodTemplateSpec;
use super::scalar::{IntOrString, Time};
use super::shapes::text::STRATEGY_TYPE;
use crate::record;
use serde_json::Value;

record! {
    /// How far a rolling update may go above and below the wanted number.
    pub struct RollingUpdateDeployment {
        "maxUnavailable" max_unavailable: Option<IntOrString>,
        "maxSurge" max_surge: Option<IntOrString>,
    }
}

record! {
    /// RollingUpdate or Recreate.
    pub struct DeploymentStrategy {
        "type" type_: String as STRATEGY_TYPE,
        "rollingUpdate" rolling_update: Option<RollingUpdateDeployment>,
    }
}

record! {
    /// What a Deployment should look like.
    pub struct DeploymentSpec {
        "replicas" replicas: Option<i32>,
        "selector" selector: Option<LabelSelector> = always,
        "template" template: PodTemplateSpec = always,
        "strategy" strategy: DeploymentStrategy = always,
        "minReadySeconds" min_ready_seconds: i32,
        "revisionHistoryLimit" revision_history_limit: Option<i32>,
        "paused" paused: bool,
        "progressDeadlineSeconds" progress_deadline_seconds: Option<i32>,
    }
}

record! {
    /// One condition of a Deployment.
    pub struct DeploymentCondition {
        "type" type_: String = always,
        "status" status: String = always,
        "lastUpdateTime" last_update_time: Time = always,
        "lastTransitionTime" last_transition_time: Time = always,
        "reason" reason: String,
        "message" message: String,
    }
}

record! {
    /// What the Deployment controller last saw.
    pub struct DeploymentStatus {
        "observedGeneration" observed_generation: i64,
        "replicas" replicas: i32,
        "updatedReplicas" updated_replicas: i32,
        "readyReplicas" ready_replicas: i32,
        "availableReplicas" available_replicas: i32,
        "unavailableReplicas" unavailable_replicas: i32,
        "terminatingReplicas" terminating_replicas: Option<i32>,
        "conditions" conditions: Vec<DeploymentCondition>,
        "collisionCount" collision_count: Option<i32>,
    }
}

record! {
    /// Keeps a number of Pods of one template running and replaces them step by step.
    pub struct Deployment {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: DeploymentSpec = always,
        "status" status: DeploymentStatus = always,
    }
}

record! {
    /// What a ReplicaSet should look like.
    pub struct ReplicaSetSpec {
        "replicas" replicas: Option<i32>,
        "minReadySeconds" min_ready_seconds: i32,
        "selector" selector: Option<LabelSelector> = always,
        "template" template: PodTemplateSpec = always,
    }
}

record! {
    /// One condition of a ReplicaSet.
    pub struct ReplicaSetCondition {
        "type" type_: String = always,
        "status" status: String = always,
        "lastTransitionTime" last_transition_time: Time = always,
        "reason" reason: String,
        "message" message: String,
    }
}

record! {
    /// What the ReplicaSet controller last saw.
    pub struct ReplicaSetStatus {
        "replicas" replicas: i32 = always,
        "fullyLabeledReplicas" fully_labeled_replicas: i32,
        "readyReplicas" ready_replicas: i32,
        "availableReplicas" available_replicas: i32,
        "terminatingReplicas" terminating_replicas: Option<i32>,
        "observedGeneration" observed_generation: i64,
        "conditions" conditions: Vec<ReplicaSetCondition>,
    }
}

record! {
    /// Keeps a number of equal Pods.
    pub struct ReplicaSet {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: ReplicaSetSpec = always,
        "status" status: ReplicaSetStatus = always,
    }
}

record! {
    /// RollingUpdate or OnDelete.
    pub struct DaemonSetUpdateStrategy {
        "type" type_: String,
        "rollingUpdate" rolling_update: Option<RollingUpdateDeployment>,
    }
}

record! {
    /// What a DaemonSet should look like.
    pub struct DaemonSetSpec {
        "selector" selector: Option<LabelSelector> = always,
        "template" template: PodTemplateSpec = always,
        "updateStrategy" update_strategy: DaemonSetUpdateStrategy = always,
        "minReadySeconds" min_ready_seconds: i32,
        "revisionHistoryLimit" revision_history_limit: Option<i32>,
    }
}

record! {
    /// What the DaemonSet controller last saw.
    pub struct DaemonSetStatus {
        "currentNumberScheduled" current_number_scheduled: i32 = always,
        "numberMisscheduled" number_misscheduled: i32 = always,
        "desiredNumberScheduled" desired_number_scheduled: i32 = always,
        "numberReady" number_ready: i32 = always,
        "observedGeneration" observed_generation: i64,
        "updatedNumberScheduled" updated_number_scheduled: i32,
        "numberAvailable" number_available: i32,
        "numberUnavailable" number_unavailable: i32,
        "collisionCount" collision_count: Option<i32>,
    }
}

record! {
    /// Keeps one Pod on every node.
    pub struct DaemonSet {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: DaemonSetSpec = always,
        "status" status: DaemonSetStatus = always,
    }
}

record! {
    /// Which Pods an update leaves alone.
    pub struct RollingUpdateStatefulSet {
        "partition" partition: Option<i32>,
        "maxUnavailable" max_unavailable: Option<IntOrString>,
    }
}

record! {
    /// RollingUpdate or OnDelete.
    pub struct StatefulSetUpdateStrategy {
        "type" type_: String,
        "rollingUpdate" rolling_update: Option<RollingUpdateStatefulSet>,
    }
}

record! {
    /// What a StatefulSet should look like.
    pub struct StatefulSetSpec {
        "replicas" replicas: Option<i32>,
        "selector" selector: Option<LabelSelector> = always,
        "template" template: PodTemplateSpec = always,
        "volumeClaimTemplates" volume_claim_templates: Vec<Value>,
        "serviceName" service_name: String = always,
        "podManagementPolicy" pod_management_policy: String,
        "updateStrategy" update_strategy: StatefulSetUpdateStrategy = always,
        "revisionHistoryLimit" revision_history_limit: Option<i32>,
        "minReadySeconds" min_ready_seconds: i32,
        "persistentVolumeClaimRetentionPolicy" claim_retention_policy: Option<Value>,
        "ordinals" ordinals: Option<Value>,
    }
}

record! {
    /// What the StatefulSet controller last saw.
    pub struct StatefulSetStatus {
        "observedGeneration" observed_generation: i64,
        "replicas" replicas: i32 = always,
        "readyReplicas" ready_replicas: i32,
        "currentReplicas" current_replicas: i32,
        "updatedReplicas" updated_replicas: i32,
        "currentRevision" current_revision: String,
        "updateRevision" update_revision: String,
        "collisionCount" collision_count: Option<i32>,
        "availableReplicas" available_replicas: i32 = always,
    }
}

record! {
    /// Keeps Pods with names that stay.
    pub struct StatefulSet {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: StatefulSetSpec = always,
        "status" status: StatefulSetStatus = always,
    }
}
