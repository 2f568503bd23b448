//! Pod (core/v1): the mortal thing, and the template it is made from. Fields that the lab does not act on are kept opaque.

mod container;
mod probe;
mod status;

pub use container::{Container, ContainerPort, EnvVar, ResourceRequirements, VolumeMount};
pub use probe::{
    ExecAction, GRPCAction, HTTPGetAction, HTTPHeader, Lifecycle, LifecycleHandler, Probe, SleepAction, TCPSocketAction,
};
pub use status::{
    ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting, ContainerStatus, PodCondition, PodIP,
    PodStatus,
};

use super::meta::{LabelSelector, ObjectMeta, StringMap};
use super::scalar::Quantity;
use super::shapes::affinity::AFFINITY;
use super::shapes::security::POD as POD_SECURITY;
use super::shapes::spec::{DNS_CONFIG, GATES, HOST_ALIASES, OS, POD_CLAIMS, PULL_SECRETS};
use super::shapes::text::{
    CONDITION, DNS_POLICY, NODE_INCLUSION, PREEMPTION_POLICY, RESTART_POLICY, TAINT_EFFECT, TOLERATION_OPERATOR, UNSATISFIABLE,
};
use super::shapes::volume::VOLUMES;
use crate::record;
use serde_json::Value;
use std::collections::BTreeMap;

record! {
    /// A taint that a Pod accepts.
    pub struct Toleration {
        "key" key: String,
        "operator" operator: String as TOLERATION_OPERATOR,
        "value" value: String,
        "effect" effect: String as TAINT_EFFECT,
        "tolerationSeconds" toleration_seconds: Option<i64>,
    }
}

record! {
    /// How evenly Pods should be spread over a topology.
    pub struct TopologySpreadConstraint {
        "maxSkew" max_skew: i32 = always,
        "topologyKey" topology_key: String = always,
        "whenUnsatisfiable" when_unsatisfiable: String as UNSATISFIABLE = always,
        "labelSelector" label_selector: Option<LabelSelector>,
        "minDomains" min_domains: Option<i32>,
        "nodeAffinityPolicy" node_affinity_policy: Option<String> as NODE_INCLUSION,
        "nodeTaintsPolicy" node_taints_policy: Option<String> as NODE_INCLUSION,
        "matchLabelKeys" match_label_keys: Vec<String>,
    }
}

record! {
    /// A condition that someone else sets and that readiness waits for.
    pub struct PodReadinessGate {
        "conditionType" condition_type: String as CONDITION = always,
    }
}

record! {
    /// What a Pod should be.
    pub struct PodSpec {
        "volumes" volumes: Vec<Value> as VOLUMES,
        "initContainers" init_containers: Vec<Container>,
        "containers" containers: Vec<Container> = always,
        "ephemeralContainers" ephemeral_containers: Vec<Value>,
        "restartPolicy" restart_policy: String as RESTART_POLICY,
        "terminationGracePeriodSeconds" termination_grace_period_seconds: Option<i64>,
        "activeDeadlineSeconds" active_deadline_seconds: Option<i64>,
        "dnsPolicy" dns_policy: String as DNS_POLICY,
        "nodeSelector" node_selector: StringMap,
        "serviceAccountName" service_account_name: String,
        "serviceAccount" service_account: String,
        "automountServiceAccountToken" automount_service_account_token: Option<bool>,
        "nodeName" node_name: String,
        "hostNetwork" host_network: bool,
        "hostPID" host_pid: bool,
        "hostIPC" host_ipc: bool,
        "shareProcessNamespace" share_process_namespace: Option<bool>,
        "securityContext" security_context: Option<Value> as POD_SECURITY,
        "imagePullSecrets" image_pull_secrets: Vec<Value> as PULL_SECRETS,
        "hostname" hostname: String,
        "subdomain" subdomain: String,
        "affinity" affinity: Option<Value> as AFFINITY,
        "schedulerName" scheduler_name: String,
        "tolerations" tolerations: Vec<Toleration>,
        "hostAliases" host_aliases: Vec<Value> as HOST_ALIASES,
        "priorityClassName" priority_class_name: String,
        "priority" priority: Option<i32>,
        "dnsConfig" dns_config: Option<Value> as DNS_CONFIG,
        "readinessGates" readiness_gates: Vec<PodReadinessGate>,
        "runtimeClassName" runtime_class_name: Option<String>,
        "enableServiceLinks" enable_service_links: Option<bool>,
        "preemptionPolicy" preemption_policy: Option<String> as PREEMPTION_POLICY,
        "overhead" overhead: BTreeMap<String, Quantity>,
        "topologySpreadConstraints" topology_spread_constraints: Vec<TopologySpreadConstraint>,
        "setHostnameAsFQDN" set_hostname_as_fqdn: Option<bool>,
        "os" os: Option<Value> as OS,
        "hostUsers" host_users: Option<bool>,
        "schedulingGates" scheduling_gates: Vec<Value> as GATES,
        "resourceClaims" resource_claims: Vec<Value> as POD_CLAIMS,
        "resources" resources: Option<ResourceRequirements>,
        "hostnameOverride" hostname_override: Option<String>,
    }
}

record! {
    /// What new Pods are made from.
    pub struct PodTemplateSpec {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: PodSpec = always,
    }
}

record! {
    /// One or more containers with one address, on one node, for one life.
    pub struct Pod {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: PodSpec = always,
        "status" status: PodStatus = always,
    }
}

impl PodSpec {
    /// Its init containers and then the others, in the order in which they start.
    pub fn all_containers(&self) -> impl Iterator<Item = &Container> + Clone {
        self.init_containers.iter().chain(&self.containers)
    }
}

impl Pod {
    /// Whether condition Ready is True.
    pub fn is_ready(&self) -> bool {
        self.status.condition("Ready").is_some_and(|c| c.status == "True")
    }

    /// Whether the phase is Succeeded or Failed.
    pub fn is_terminal(&self) -> bool {
        matches!(self.status.phase.as_str(), "Succeeded" | "Failed")
    }

    /// Whether a controller counts it: not ended and not being deleted.
    pub fn is_active(&self) -> bool {
        !self.is_terminal() && !self.meta.is_deleting()
    }
}
