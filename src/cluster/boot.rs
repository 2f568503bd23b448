//! The first objects of a cluster: namespaces, nodes, the Service `kubernetes`, cluster DNS.

use super::settings::{NodeSetting, Settings};
use crate::api::apps::{Deployment, DeploymentSpec};
use crate::api::meta::{LabelSelector, ObjectMeta, StringMap};
use crate::api::node::{
    Lease, LeaseSpec, Namespace, NamespaceSpec, NamespaceStatus, Node, NodeAddress, NodeCondition, NodeSystemInfo,
};
use crate::api::pod::{Container, ContainerPort, PodTemplateSpec};
use crate::api::service::{Service, ServicePort, ServiceSpec};
use crate::api::{Kind, Object, Plain, Quantity, Time};
use crate::apiserver::ApiServer;
use crate::controllers::kubernetes_service;
use crate::controllers::service_accounts::{default_account, root_ca};
use serde_json::json;
use std::rc::Rc;

/// The cluster's DNS address.
pub const DNS_ADDRESS: &str = "10.96.0.10";

/// What the recorded nodes have, largest first.
const IMAGES: [(&str, i64); 6] = [
    ("registry.k8s.io/coredns/coredns:v1.15.0", 70_810_263),
    ("docker.io/library/busybox:1.37", 6_349_472),
    ("registry.k8s.io/pause:3.10", 6_349_471),
    ("docker.io/library/nginx:1.27", 6_349_462),
    ("docker.io/library/nginx:1.28", 6_349_462),
    ("docker.io/library/nginx:1.29", 6_349_462),
];
/// Features of the kubelet that the scheduler asks for.
const DECLARED_FEATURES: [&str; 4] = [
    "ExtendWebSocketsToKubelet",
    "InPlacePodLevelResourcesVerticalScaling",
    "InPlacePodVerticalScalingInitContainers",
    "RestartAllContainersOnContainerExits",
];

/// Puts the first objects in place.
pub fn seed(api: &mut ApiServer, settings: &Settings) {
    let since = Time(settings.epoch - 3600);
    for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
        api.seed(Object::Namespace(Rc::new(namespace(name, since))));
        let (mut account, mut ca) = (default_account(name), root_ca(name));
        (account.meta.creation_timestamp, ca.meta.creation_timestamp) = (since, since);
        api.seed(Object::ServiceAccount(Rc::new(account)));
        api.seed(Object::ConfigMap(Rc::new(ca)));
    }
    for node in &settings.nodes {
        api.seed(Object::Node(Rc::new(node_object(node, since))));
        api.seed(Object::Lease(Rc::new(lease(&node.name, since))));
    }
    for object in kubernetes_service::objects(since) {
        api.seed(object);
    }
    for (name, value, what) in PRIORITIES {
        let mut meta = meta("", name, &[], since);
        meta.uid = format!("6d0c2a{:02x}-59a3-4b57-9a7e-1f3c52d8b0e4", value % 251);
        meta.generation = 1;
        let body = json!({"value": value, "preemptionPolicy": "PreemptLowerPriority", "description":
            format!("Used for system critical pods that must {what}.")});
        let body = body.as_object().cloned().unwrap_or_default();
        api.seed_unwatched(Object::Plain(Rc::new(Plain { kind: Kind::PriorityClass, meta, body })));
    }
    let mut cidr = meta("", "kubernetes", &[], since);
    cidr.uid = "3c9d1f60-8b1e-4d5a-b1f7-25a6e0c4d713".into();
    (cidr.generation, cidr.finalizers) = (1, vec!["networking.k8s.io/service-cidr-finalizer".into()]);
    let ready = json!({
        "type": "Ready", "status": "True", "reason": "", "message": "Kubernetes Service CIDR is ready",
        "lastTransitionTime": since.rfc3339(),
    });
    let body = json!({"spec": {"cidrs": ["10.96.0.0/12"]}, "status": {"conditions": [ready]}});
    let body = body.as_object().cloned().unwrap_or_default();
    api.seed_unwatched(Object::Plain(Rc::new(Plain { kind: Kind::ServiceCIDR, meta: cidr, body })));
    dns(api, since);
}

/// The priority classes that every cluster has.
const PRIORITIES: [(&str, i32, &str); 2] = [
    ("system-cluster-critical", 2_000_000_000, "run in the cluster, but can be moved to another node if necessary"),
    ("system-node-critical", 2_000_001_000, "not be moved from their current node"),
];

fn meta(namespace: &str, name: &str, labels: &[(&str, &str)], since: Time) -> ObjectMeta {
    ObjectMeta {
        name: name.into(),
        namespace: namespace.into(),
        labels: map(labels),
        creation_timestamp: since,
        ..ObjectMeta::default()
    }
}

fn map(pairs: &[(&str, &str)]) -> StringMap {
    pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
}

fn namespace(name: &str, since: Time) -> Namespace {
    Namespace {
        meta: meta("", name, &[("kubernetes.io/metadata.name", name)], since),
        spec: NamespaceSpec { finalizers: vec!["kubernetes".into()] },
        status: NamespaceStatus { phase: "Active".into(), ..NamespaceStatus::default() },
    }
}

fn lease(node: &str, since: Time) -> Lease {
    let spec = LeaseSpec { holder_identity: Some(node.into()), lease_duration_seconds: Some(40), ..LeaseSpec::default() };
    Lease { meta: meta("kube-node-lease", node, &[], since), spec }
}

/// A node as the recorded ones look.
pub fn node_object(node: &NodeSetting, since: Time) -> Node {
    let labels = [
        ("beta.kubernetes.io/arch", "amd64"),
        ("beta.kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/hostname", node.name.as_str()),
        ("kubernetes.io/os", "linux"),
        ("topology.kubernetes.io/zone", node.zone.as_str()),
    ];
    let mut object = Node { meta: meta("", &node.name, &labels, since), ..Node::default() };
    object.meta.annotations =
        map(&[("node.alpha.kubernetes.io/ttl", "0"), ("volumes.kubernetes.io/controller-managed-attach-detach", "true")]);
    let amounts = |memory: &str| {
        let pairs = [("cpu", "2"), ("hugepages-1Gi", "0"), ("hugepages-2Mi", "0"), ("memory", memory), ("pods", "110")];
        pairs.iter().map(|(k, v)| (k.to_string(), Quantity(v.to_string()))).collect()
    };
    let status = &mut object.status;
    status.capacity = amounts("24684084Ki");
    status.allocatable = amounts("24683060Ki");
    status.addresses = vec![
        NodeAddress { type_: "InternalIP".into(), address: node.address.to_string() },
        NodeAddress { type_: "Hostname".into(), address: node.name.clone() },
    ];
    status.daemon_endpoints = json!({"kubeletEndpoint": {"Port": 10250}});
    status.node_info = NodeSystemInfo {
        machine_id: "3d1219c7c4c5404aaa1f6d2a48adfda4".into(),
        system_uuid: "3d1219c7c4c5404aaa1f6d2a48adfda4".into(),
        boot_id: "fc102a48-0269-47de-90e7-6c101ed324d6".into(),
        kernel_version: "6.18.44-fc-v669".into(),
        os_image: "Debian GNU/Linux 12 (bookworm)".into(),
        container_runtime_version: "containerd://1.6.20".into(),
        kubelet_version: "v1.37.2".into(),
        operating_system: "linux".into(),
        architecture: "amd64".into(),
        running_in_user_namespace: Some(false),
        ..NodeSystemInfo::default()
    };
    status.images = IMAGES.iter().map(|(name, size)| json!({"names": [name], "sizeBytes": size})).collect();
    status.declared_features = DECLARED_FEATURES.iter().map(|f| f.to_string()).collect();
    status.conditions = conditions(since);
    object
}

fn conditions(since: Time) -> Vec<NodeCondition> {
    let one = |type_: &str, status: &str, reason: &str, message: &str| NodeCondition {
        type_: type_.into(),
        status: status.into(),
        last_heartbeat_time: since,
        last_transition_time: since,
        reason: reason.into(),
        message: message.into(),
    };
    vec![
        one("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        one("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        one("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        one("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ]
}

/// CoreDNS: a Deployment of one Pod on the first node, and its Service.
fn dns(api: &mut ApiServer, since: Time) {
    let labels = [("k8s-app", "kube-dns"), ("kubernetes.io/name", "CoreDNS")];
    let ports = vec![
        ServicePort::new("dns", "UDP", 53, 53),
        ServicePort::new("dns-tcp", "TCP", 53, 53),
        ServicePort::new("metrics", "TCP", 9153, 9153),
    ];
    let spec = ServiceSpec { selector: map(&[("k8s-app", "kube-dns")]), ..ServiceSpec::cluster_ip(DNS_ADDRESS, ports) };
    api.seed(Object::Service(Rc::new(Service {
        meta: meta("kube-system", "kube-dns", &labels, since),
        spec,
        ..Service::default()
    })));
    let port = |name: &str, number: i32, protocol: &str| ContainerPort {
        name: name.into(),
        container_port: number,
        protocol: protocol.into(),
        ..ContainerPort::default()
    };
    let container = Container {
        name: "coredns".into(),
        image: "registry.k8s.io/coredns/coredns:v1.15.0".into(),
        ports: vec![port("dns", 53, "UDP"), port("dns-tcp", 53, "TCP"), port("metrics", 9153, "TCP")],
        ..Container::default()
    };
    let mut template = PodTemplateSpec::default();
    template.meta.labels = map(&[("k8s-app", "kube-dns")]);
    template.spec.containers = vec![container];
    template.spec.node_selector = map(&[("kubernetes.io/hostname", "node-1")]);
    let deployment = Deployment {
        meta: meta("kube-system", "coredns", &[("k8s-app", "kube-dns")], since),
        spec: DeploymentSpec {
            replicas: Some(1),
            selector: Some(LabelSelector { match_labels: map(&[("k8s-app", "kube-dns")]), ..LabelSelector::default() }),
            template,
            ..DeploymentSpec::default()
        },
        ..Deployment::default()
    };
    api.create(Object::Deployment(Rc::new(deployment)), false).expect("the cluster's own DNS is valid");
}
