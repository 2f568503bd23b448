//! Pod (core/v1): the mortal thing, and the template it is made from. Fields that the lab does not act on are kept opaque.

use super::meta::{LabelSelector, ObjectMeta, StringMap};
use super::scalar::{IntOrString, Quantity, Time};
use super::shapes::affinity::AFFINITY;
use super::shapes::env::{ENV_FROM, VALUE_FROM};
use super::shapes::security::{CONTAINER as CONTAINER_SECURITY, POD as POD_SECURITY};
use super::shapes::spec::{
    CLAIMS, DEVICES, DNS_CONFIG, GATES, HOST_ALIASES, OS, POD_CLAIMS, PULL_SECRETS, RESIZE_POLICY, RESTART_RULES,
};
use super::shapes::text::*;
use super::shapes::volume::VOLUMES;
use crate::record;
use serde_json::Value;
use std::collections::BTreeMap;

record! {
    /// A port that a container says it listens on.
    pub struct ContainerPort {
        "name" name: String,
        "hostPort" host_port: i32,
        "containerPort" container_port: i32 = always,
        "protocol" protocol: String as PROTOCOL,
        "hostIP" host_ip: String,
    }
}

record! {
    /// One environment variable.
    pub struct EnvVar {
        "name" name: String = always,
        "value" value: String,
        "valueFrom" value_from: Option<Value> as VALUE_FROM,
    }
}

record! {
    /// A command run in the container.
    pub struct ExecAction {
        "command" command: Vec<String>,
    }
}

record! {
    /// One header of an HTTP probe.
    pub struct HTTPHeader {
        "name" name: String = always,
        "value" value: String = always,
    }
}

record! {
    /// An HTTP request to the container.
    pub struct HTTPGetAction {
        "path" path: String,
        "port" port: IntOrString = always,
        "host" host: String,
        "scheme" scheme: String as URI_SCHEME,
        "httpHeaders" http_headers: Vec<HTTPHeader>,
    }
}

record! {
    /// A TCP connection to the container.
    pub struct TCPSocketAction {
        "port" port: IntOrString = always,
        "host" host: String,
    }
}

record! {
    /// A gRPC health check.
    pub struct GRPCAction {
        "port" port: i32 = always,
        "service" service: Option<String>,
    }
}

record! {
    /// A pause before the container is stopped.
    pub struct SleepAction {
        "seconds" seconds: i64 = always,
    }
}

record! {
    /// A probe: one handler, and how often and how strictly it is asked. All times in seconds.
    pub struct Probe {
        "exec" exec: Option<ExecAction>,
        "httpGet" http_get: Option<HTTPGetAction>,
        "tcpSocket" tcp_socket: Option<TCPSocketAction>,
        "grpc" grpc: Option<GRPCAction>,
        "initialDelaySeconds" initial_delay_seconds: i32,
        "timeoutSeconds" timeout_seconds: i32,
        "periodSeconds" period_seconds: i32,
        "successThreshold" success_threshold: i32,
        "failureThreshold" failure_threshold: i32,
        "terminationGracePeriodSeconds" termination_grace_period_seconds: Option<i64>,
    }
}

record! {
    /// What runs after start or before stop.
    pub struct LifecycleHandler {
        "exec" exec: Option<ExecAction>,
        "httpGet" http_get: Option<HTTPGetAction>,
        "tcpSocket" tcp_socket: Option<TCPSocketAction>,
        "sleep" sleep: Option<SleepAction>,
    }
}

record! {
    /// Hooks of a container.
    pub struct Lifecycle {
        "postStart" post_start: Option<LifecycleHandler>,
        "preStop" pre_stop: Option<LifecycleHandler>,
        "stopSignal" stop_signal: Option<String> as SIGNAL,
    }
}

record! {
    /// CPU and memory that a container asks for and may use.
    pub struct ResourceRequirements {
        "limits" limits: BTreeMap<String, Quantity>,
        "requests" requests: BTreeMap<String, Quantity>,
        "claims" claims: Vec<Value> as CLAIMS,
    }
}

record! {
    /// Where a volume appears in a container.
    pub struct VolumeMount {
        "name" name: String = always,
        "readOnly" read_only: bool,
        "recursiveReadOnly" recursive_read_only: Option<String> as RECURSIVE_READ_ONLY,
        "mountPath" mount_path: String = always,
        "subPath" sub_path: String,
        "mountPropagation" mount_propagation: Option<String> as MOUNT_PROPAGATION,
        "subPathExpr" sub_path_expr: String,
    }
}

record! {
    /// One container of a Pod.
    pub struct Container {
        "name" name: String = always,
        "image" image: String,
        "command" command: Vec<String>,
        "args" args: Vec<String>,
        "workingDir" working_dir: String,
        "ports" ports: Vec<ContainerPort>,
        "envFrom" env_from: Vec<Value> as ENV_FROM,
        "env" env: Vec<EnvVar>,
        "resources" resources: ResourceRequirements = always,
        "resizePolicy" resize_policy: Vec<Value> as RESIZE_POLICY,
        "restartPolicy" restart_policy: Option<String> as CONTAINER_RESTART_POLICY,
        "restartPolicyRules" restart_policy_rules: Vec<Value> as RESTART_RULES,
        "volumeMounts" volume_mounts: Vec<VolumeMount>,
        "volumeDevices" volume_devices: Vec<Value> as DEVICES,
        "livenessProbe" liveness_probe: Option<Probe>,
        "readinessProbe" readiness_probe: Option<Probe>,
        "startupProbe" startup_probe: Option<Probe>,
        "lifecycle" lifecycle: Option<Lifecycle>,
        "terminationMessagePath" termination_message_path: String,
        "terminationMessagePolicy" termination_message_policy: String as TERMINATION_MESSAGE_POLICY,
        "imagePullPolicy" image_pull_policy: String as PULL_POLICY,
        "securityContext" security_context: Option<Value> as CONTAINER_SECURITY,
        "stdin" stdin: bool,
        "stdinOnce" stdin_once: bool,
        "tty" tty: bool,
    }
}

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

record! {
    /// One or more containers with one address, on one node, for one life.
    pub struct Pod {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: PodSpec = always,
        "status" status: PodStatus = always,
    }
}

impl Container {
    /// Whether it has a restart policy of its own that says `Always`: an init container of that kind is a sidecar.
    pub fn restarts_always(&self) -> bool {
        self.restart_policy.as_deref() == Some("Always")
    }
}

impl PodSpec {
    /// Its init containers and then the others, in the order in which they start.
    pub fn all_containers(&self) -> impl Iterator<Item = &Container> + Clone {
        self.init_containers.iter().chain(&self.containers)
    }
}

impl PodStatus {
    /// The condition of that type, if it is there.
    pub fn condition(&self, type_: &str) -> Option<&PodCondition> {
        self.conditions.iter().find(|c| c.type_ == type_)
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
