//! What the cluster says of a Pod, and its kubelet of each container.

use super::container::{ResourceRequirements, VolumeMount};
use crate::api::scalar::{Quantity, Time};
use crate::record;
use std::collections::BTreeMap;

record! {
    /// One condition of a Pod.
    pub struct PodCondition {
        "type" type_: String = always,
        "observedGeneration" observed_generation: i64,
        "status" status: String = always,
        "lastProbeTime" last_probe_time: Time = always,
        "lastTransitionTime" last_transition_time: Time = always,
        "reason" reason: String,
        "message" message: String,
    }
}

record! {
    /// The container waits: why.
    pub struct ContainerStateWaiting {
        "reason" reason: String,
        "message" message: String,
    }
}

record! {
    /// The container runs: since when.
    pub struct ContainerStateRunning {
        "startedAt" started_at: Time = always,
    }
}

record! {
    /// The container ended: how.
    pub struct ContainerStateTerminated {
        "exitCode" exit_code: i32 = always,
        "signal" signal: i32,
        "reason" reason: String,
        "message" message: String,
        "startedAt" started_at: Time = always,
        "finishedAt" finished_at: Time = always,
        "containerID" container_id: String,
    }
}

record! {
    /// Exactly one of the three, or none.
    pub struct ContainerState {
        "waiting" waiting: Option<ContainerStateWaiting>,
        "running" running: Option<ContainerStateRunning>,
        "terminated" terminated: Option<ContainerStateTerminated>,
    }
}

record! {
    /// What the kubelet says of one container.
    pub struct ContainerStatus {
        "name" name: String = always,
        "state" state: ContainerState = always,
        "lastState" last_state: ContainerState = always,
        "ready" ready: bool = always,
        "restartCount" restart_count: i32 = always,
        "image" image: String = always,
        "imageID" image_id: String = always,
        "containerID" container_id: String,
        "started" started: Option<bool>,
        "allocatedResources" allocated_resources: BTreeMap<String, Quantity>,
        "resources" resources: Option<ResourceRequirements>,
        "volumeMounts" volume_mounts: Vec<VolumeMount>,
    }
}

record! {
    /// One address of a Pod.
    pub struct PodIP {
        "ip" ip: String = always,
    }
}

record! {
    /// What the cluster says of a Pod.
    pub struct PodStatus {
        "observedGeneration" observed_generation: i64,
        "phase" phase: String,
        "conditions" conditions: Vec<PodCondition>,
        "message" message: String,
        "reason" reason: String,
        "nominatedNodeName" nominated_node_name: String,
        "hostIP" host_ip: String,
        "hostIPs" host_ips: Vec<PodIP>,
        "podIP" pod_ip: String,
        "podIPs" pod_ips: Vec<PodIP>,
        "startTime" start_time: Option<Time>,
        "initContainerStatuses" init_container_statuses: Vec<ContainerStatus>,
        "containerStatuses" container_statuses: Vec<ContainerStatus>,
        "qosClass" qos_class: String,
        "allocatedResources" allocated_resources: BTreeMap<String, Quantity>,
        "resources" resources: Option<ResourceRequirements>,
    }
}

impl PodStatus {
    /// The condition of that type, if it is there.
    pub fn condition(&self, type_: &str) -> Option<&PodCondition> {
        self.conditions.iter().find(|c| c.type_ == type_)
    }
}
