//! One container of a Pod: what it runs, what it asks for, where it listens.

use super::probe::{Lifecycle, Probe};
use crate::api::scalar::Quantity;
use crate::api::shapes::env::{ENV_FROM, VALUE_FROM};
use crate::api::shapes::security::CONTAINER as CONTAINER_SECURITY;
use crate::api::shapes::spec::{CLAIMS, DEVICES, RESIZE_POLICY, RESTART_RULES};
use crate::api::shapes::text::{
    CONTAINER_RESTART_POLICY, MOUNT_PROPAGATION, PROTOCOL, PULL_POLICY, RECURSIVE_READ_ONLY, TERMINATION_MESSAGE_POLICY,
};
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

impl Container {
    /// Whether it has a restart policy of its own that says `Always`: an init container of that kind is a sidecar.
    pub fn restarts_always(&self) -> bool {
        self.restart_policy.as_deref() == Some("Always")
    }
}
