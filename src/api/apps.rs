//! Deployment and ReplicaSet (apps/v1).

use super::meta::{LabelSelector, ObjectMeta};
use super::pod::PodTemplateSpec;
use super::scalar::{IntOrString, Time};
use super::shapes::text::STRATEGY_TYPE;
use crate::record;

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
