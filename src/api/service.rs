//! Service (core/v1) and Endpoints (core/v1, deprecated since 1.33).

use super::meta::{ObjectMeta, ObjectReference, StringMap};
use super::scalar::IntOrString;
use super::shapes::text::*;
use crate::record;
use serde_json::Value;

record! {
    /// One port of a Service.
    pub struct ServicePort {
        "name" name: String,
        "protocol" protocol: String as PROTOCOL,
        "appProtocol" app_protocol: Option<String>,
        "port" port: i32 = always,
        "targetPort" target_port: IntOrString = always,
        "nodePort" node_port: i32,
    }
}

record! {
    /// How long a client stays with its endpoint, seconds 1..=86400.
    pub struct ClientIPConfig {
        "timeoutSeconds" timeout_seconds: Option<i32>,
    }
}

record! {
    /// Settings of session affinity.
    pub struct SessionAffinityConfig {
        "clientIP" client_ip: Option<ClientIPConfig>,
    }
}

record! {
    /// What the author of a Service asked for, with defaults filled in by the API server.
    pub struct ServiceSpec {
        "ports" ports: Vec<ServicePort>,
        "selector" selector: StringMap,
        "clusterIP" cluster_ip: String,
        "clusterIPs" cluster_ips: Vec<String>,
        "type" type_: String as SERVICE_TYPE,
        "externalIPs" external_ips: Vec<String>,
        "sessionAffinity" session_affinity: String as SERVICE_AFFINITY,
        "loadBalancerIP" load_balancer_ip: String,
        "loadBalancerSourceRanges" load_balancer_source_ranges: Vec<String>,
        "externalName" external_name: String,
        "externalTrafficPolicy" external_traffic_policy: String as EXTERNAL_TRAFFIC,
        "healthCheckNodePort" health_check_node_port: i32,
        "publishNotReadyAddresses" publish_not_ready_addresses: bool,
        "sessionAffinityConfig" session_affinity_config: Option<SessionAffinityConfig>,
        "ipFamilies" ip_families: Vec<String> as IP_FAMILIES,
        "ipFamilyPolicy" ip_family_policy: Option<String> as IP_FAMILY_POLICY,
        "allocateLoadBalancerNodePorts" allocate_load_balancer_node_ports: Option<bool>,
        "loadBalancerClass" load_balancer_class: Option<String>,
        "internalTrafficPolicy" internal_traffic_policy: Option<String> as INTERNAL_TRAFFIC,
        "trafficDistribution" traffic_distribution: Option<String>,
    }
}

record! {
    /// An address that a load balancer answers on.
    pub struct LoadBalancerIngress {
        "ip" ip: String,
        "hostname" hostname: String,
        "ipMode" ip_mode: Option<String> as IP_MODE,
        "ports" ports: Vec<Value>,
    }
}

record! {
    /// The load balancer's addresses.
    pub struct LoadBalancerStatus {
        "ingress" ingress: Vec<LoadBalancerIngress>,
    }
}

record! {
    /// What the cluster says of a Service.
    pub struct ServiceStatus {
        "loadBalancer" load_balancer: LoadBalancerStatus = always,
        "conditions" conditions: Vec<Value>,
    }
}

record! {
    /// A stable address in front of Pods.
    pub struct Service {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: ServiceSpec = always,
        "status" status: ServiceStatus = always,
    }
}

record! {
    /// One address of an Endpoints subset.
    pub struct EndpointAddress {
        "ip" ip: String = always,
        "hostname" hostname: String,
        "nodeName" node_name: Option<String>,
        "targetRef" target_ref: Option<ObjectReference>,
    }
}

record! {
    /// One port of an Endpoints subset.
    pub struct EndpointPort {
        "name" name: String,
        "port" port: i32 = always,
        "protocol" protocol: String as PROTOCOL,
        "appProtocol" app_protocol: Option<String>,
    }
}

record! {
    /// Addresses that share a set of ports.
    pub struct EndpointSubset {
        "addresses" addresses: Vec<EndpointAddress>,
        "notReadyAddresses" not_ready_addresses: Vec<EndpointAddress>,
        "ports" ports: Vec<EndpointPort>,
    }
}

record! {
    /// The old list of a Service's endpoints.
    pub struct Endpoints {
        "metadata" meta: ObjectMeta = always,
        "subsets" subsets: Vec<EndpointSubset>,
    }
}

impl ServicePort {
    /// A port that leads to a port by its number.
    pub fn new(name: &str, protocol: &str, port: i32, target: i32) -> ServicePort {
        ServicePort {
            name: name.into(),
            protocol: protocol.into(),
            port,
            target_port: IntOrString::Int(target),
            ..ServicePort::default()
        }
    }
}

impl ServiceSpec {
    /// What the API server stores of a plain Service with an IPv4 address: its defaults filled in.
    pub fn cluster_ip(ip: &str, ports: Vec<ServicePort>) -> ServiceSpec {
        ServiceSpec {
            ports,
            cluster_ip: ip.into(),
            cluster_ips: vec![ip.into()],
            type_: "ClusterIP".into(),
            session_affinity: "None".into(),
            internal_traffic_policy: Some("Cluster".into()),
            ip_families: vec!["IPv4".into()],
            ip_family_policy: Some("SingleStack".into()),
            ..ServiceSpec::default()
        }
    }

    /// Whether the Service is headless (`clusterIP: None`).
    pub fn is_headless(&self) -> bool {
        self.cluster_ip == "None"
    }
}
