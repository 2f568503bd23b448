//! Node, Namespace, Event, Lease (core/v1 and coordination.k8s.io/v1), and objects that the lab only keeps.

use super::meta::{ObjectMeta, ObjectReference};
use super::scalar::{MicroTime, Quantity, Time};
use super::shapes::text::{BYTES, SECRET_TYPE, TAINT_EFFECT};
use crate::record;
use serde_json::Value;
use std::collections::BTreeMap;

record! {
    /// What keeps Pods off a node.
    pub struct Taint {
        "key" key: String = always,
        "value" value: String,
        "effect" effect: String as TAINT_EFFECT = always,
        "timeAdded" time_added: Option<Time>,
    }
}

record! {
    /// Settings of a node.
    pub struct NodeSpec {
        "podCIDR" pod_cidr: String,
        "podCIDRs" pod_cidrs: Vec<String>,
        "providerID" provider_id: String,
        "unschedulable" unschedulable: bool,
        "taints" taints: Vec<Taint>,
    }
}

record! {
    /// One condition of a node.
    pub struct NodeCondition {
        "type" type_: String = always,
        "status" status: String = always,
        "lastHeartbeatTime" last_heartbeat_time: Time = always,
        "lastTransitionTime" last_transition_time: Time = always,
        "reason" reason: String,
        "message" message: String,
    }
}

record! {
    /// One address of a node.
    pub struct NodeAddress {
        "type" type_: String = always,
        "address" address: String = always,
    }
}

record! {
    /// Software and identity of a node.
    pub struct NodeSystemInfo {
        "machineID" machine_id: String = always,
        "systemUUID" system_uuid: String = always,
        "bootID" boot_id: String = always,
        "kernelVersion" kernel_version: String = always,
        "osImage" os_image: String = always,
        "containerRuntimeVersion" container_runtime_version: String = always,
        "kubeletVersion" kubelet_version: String = always,
        "kubeProxyVersion" kube_proxy_version: String = always,
        "operatingSystem" operating_system: String = always,
        "architecture" architecture: String = always,
        "runningInUserNamespace" running_in_user_namespace: Option<bool>,
        "swap" swap: Option<Value>,
    }
}

record! {
    /// What the kubelet says of its node.
    pub struct NodeStatus {
        "capacity" capacity: BTreeMap<String, Quantity>,
        "allocatable" allocatable: BTreeMap<String, Quantity>,
        "phase" phase: String,
        "conditions" conditions: Vec<NodeCondition>,
        "addresses" addresses: Vec<NodeAddress>,
        "daemonEndpoints" daemon_endpoints: Value,
        "nodeInfo" node_info: NodeSystemInfo = always,
        "images" images: Vec<Value>,
        "volumesInUse" volumes_in_use: Vec<Value>,
        "volumesAttached" volumes_attached: Vec<Value>,
        "config" config: Option<Value>,
        "runtimeHandlers" runtime_handlers: Vec<Value>,
        "features" features: Option<Value>,
        "declaredFeatures" declared_features: Vec<String>,
    }
}

record! {
    /// A machine that runs Pods.
    pub struct Node {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: NodeSpec = always,
        "status" status: NodeStatus = always,
    }
}

record! {
    /// What holds a namespace back from being removed.
    pub struct NamespaceSpec {
        "finalizers" finalizers: Vec<String>,
    }
}

record! {
    /// Active or Terminating.
    pub struct NamespaceStatus {
        "phase" phase: String,
        "conditions" conditions: Vec<Value>,
    }
}

record! {
    /// A scope for names.
    pub struct Namespace {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: NamespaceSpec = always,
        "status" status: NamespaceStatus = always,
    }
}

record! {
    /// Who reported an event.
    pub struct EventSource {
        "component" component: String,
        "host" host: String,
    }
}

record! {
    /// Something that happened to an object, counted when it repeats.
    pub struct Event {
        "metadata" meta: ObjectMeta = always,
        "involvedObject" involved_object: ObjectReference = always,
        "reason" reason: String,
        "message" message: String,
        "source" source: EventSource = always,
        "firstTimestamp" first_timestamp: Time = always,
        "lastTimestamp" last_timestamp: Time = always,
        "count" count: i32,
        "type" type_: String,
        "eventTime" event_time: MicroTime = always,
        "series" series: Option<Value>,
        "action" action: String,
        "related" related: Option<ObjectReference>,
        "reportingComponent" reporting_component: String = always,
        "reportingInstance" reporting_instance: String = always,
    }
}

record! {
    /// Who holds a lease and when it was renewed.
    pub struct LeaseSpec {
        "holderIdentity" holder_identity: Option<String>,
        "leaseDurationSeconds" lease_duration_seconds: Option<i32>,
        "acquireTime" acquire_time: Option<MicroTime>,
        "renewTime" renew_time: Option<MicroTime>,
        "leaseTransitions" lease_transitions: Option<i32>,
    }
}

record! {
    /// A kubelet's heartbeat.
    pub struct Lease {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: LeaseSpec = always,
    }
}

record! {
    /// Plain data; the lab keeps it and does not act on it.
    pub struct ConfigMap {
        "metadata" meta: ObjectMeta = always,
        "data" data: BTreeMap<String, String>,
        "binaryData" binary_data: BTreeMap<String, String> as BYTES,
        "immutable" immutable: Option<bool>,
    }
}

record! {
    /// Secret data (base64); the lab keeps it and does not act on it.
    pub struct Secret {
        "metadata" meta: ObjectMeta = always,
        "data" data: BTreeMap<String, String> as BYTES,
        "stringData" string_data: BTreeMap<String, String>,
        "type" type_: String as SECRET_TYPE,
        "immutable" immutable: Option<bool>,
    }
}

record! {
    /// Who the processes of a Pod are to the API server.
    pub struct ServiceAccount {
        "metadata" meta: ObjectMeta = always,
        "secrets" secrets: Vec<ObjectReference>,
        "imagePullSecrets" image_pull_secrets: Vec<Value>,
        "automountServiceAccountToken" automount_service_account_token: Option<bool>,
    }
}

impl Event {
    /// How often a series was seen, and when last; only components that speak events.k8s.io write one.
    pub fn series(&self) -> Option<(i64, MicroTime)> {
        let series = self.series.as_ref()?;
        let last = series["lastObservedTime"].as_str().and_then(MicroTime::parse).unwrap_or_default();
        Some((series["count"].as_i64().unwrap_or(0), last))
    }

    /// When it was last seen, in microseconds.
    pub fn last_seen(&self) -> i64 {
        match self.series() {
            Some((_, last)) => last.0,
            None if !self.last_timestamp.is_zero() => self.last_timestamp.0.saturating_mul(1_000_000),
            None => self.event_time.0,
        }
    }
}

impl Node {
    /// The condition Ready is True.
    pub fn is_ready(&self) -> bool {
        self.status.conditions.iter().any(|c| c.type_ == "Ready" && c.status == "True")
    }

    /// The first address of that type, or "".
    pub fn address(&self, type_: &str) -> &str {
        self.status.addresses.iter().find(|a| a.type_ == type_).map_or("", |a| &a.address)
    }

    /// The zone label, or "".
    pub fn zone(&self) -> &str {
        self.meta.labels.get("topology.kubernetes.io/zone").map_or("", String::as_str)
    }
}
