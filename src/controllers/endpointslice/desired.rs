//! What the slices of a Service should say: the endpoint and the ports of a Pod, and the labels of a slice.
//!
//! Source: `staging/endpointslice/utils.go`, `…/reconciler.go`.

use super::pods::{addresses, find_port, is_ipv6, should_set_hostname, target_ref};
use crate::api::discovery::{Endpoint, EndpointConditions, EndpointSlicePort};
use crate::api::meta::{ObjectMeta, OwnerReference, StringMap};
use crate::api::service::ServicePort;
use crate::api::{EndpointSlice, Node, Pod, Service};
use crate::controllers::port_order::sort_slice_ports;
use crate::sorting::Arrange;
use std::cmp::Ordering;

/// Label: the Service that a slice is of.
pub const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// Label: who writes a slice.
pub const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
/// Label: the Service has no address of its own.
pub const HEADLESS: &str = "service.kubernetes.io/headless";

/// The order of endpoints by what tells them apart: target, hostname and addresses. All else may change in place.
pub fn compare_identity(a: &Endpoint, b: &Endpoint) -> Ordering {
    target(a).cmp(&target(b)).then_with(|| a.hostname.cmp(&b.hostname)).then_with(|| {
        match (a.addresses.as_slice(), b.addresses.as_slice()) {
            ([a], [b]) => a.cmp(b),
            (a, b) => sorted(a).cmp(&sorted(b)),
        }
    })
}

fn target(endpoint: &Endpoint) -> (&str, &str) {
    endpoint.target_ref.as_ref().map_or(("", ""), |t| (&t.name, &t.namespace))
}

fn sorted(addresses: &[String]) -> Vec<&String> {
    let mut addresses: Vec<&String> = addresses.iter().collect();
    addresses.arrange();
    addresses
}

/// Whether two endpoints of one identity say the same (hints aside).
pub fn says_the_same(a: &Endpoint, b: &Endpoint) -> bool {
    a.node_name == b.node_name && a.zone == b.zone && a.conditions == b.conditions && a.target_ref == b.target_ref
}

/// The endpoint of a Pod in one address family; without addresses when it has none of that family.
pub fn endpoint(pod: &Pod, node: Option<&Node>, service: &Service, address_type: &str) -> Endpoint {
    let serving = pod.is_ready();
    let terminating = pod.meta.is_deleting();
    let ready = service.spec.publish_not_ready_addresses || (serving && !terminating);
    let of_family = |ip: &&str| is_ipv6(ip) == (address_type == "IPv6");
    Endpoint {
        addresses: addresses(pod).into_iter().filter(of_family).map(str::to_string).collect(),
        conditions: EndpointConditions { ready: Some(ready), serving: Some(serving), terminating: Some(terminating) },
        hostname: should_set_hostname(pod, service).then(|| pod.spec.hostname.clone()),
        target_ref: Some(target_ref(pod)),
        node_name: Some(pod.spec.node_name.clone()).filter(|name| !name.is_empty()),
        zone: node.map(|n| n.zone().to_string()).filter(|zone| !zone.is_empty()),
        ..Endpoint::default()
    }
}

/// What each port of the Service means on a Pod; `None` for a name that the Pod does not know.
pub fn port_numbers(service: &Service, pod: &Pod) -> Vec<Option<i32>> {
    service.spec.ports.iter().map(|port| find_port(pod, port)).collect()
}

/// The ports of Pods on which the Service's ports mean these numbers, in the order of slices.
pub fn ports(service: &Service, numbers: &[Option<i32>]) -> Vec<EndpointSlicePort> {
    let known = service.spec.ports.iter().zip(numbers).filter(|(_, number)| number.is_some());
    let convert = |(port, number): (&ServicePort, &Option<i32>)| EndpointSlicePort {
        name: Some(port.name.clone()),
        protocol: Some(port.protocol.clone()),
        port: *number,
        app_protocol: port.app_protocol.clone(),
    };
    let mut ports: Vec<EndpointSlicePort> = known.map(convert).collect();
    sort_slice_ports(&mut ports);
    ports
}

/// What groups slices: their ports in any order.
pub type PortKey = Vec<(String, String, Option<i32>, String)>;

/// The group of a list of ports.
pub fn port_key(ports: &[EndpointSlicePort]) -> PortKey {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let mut key: PortKey = ports.iter().map(|p| (text(&p.name), text(&p.protocol), p.port, text(&p.app_protocol))).collect();
    key.arrange();
    key
}

/// The address families of a Service's slices.
pub fn address_types(service: &Service) -> Vec<&'static str> {
    let spec = &service.spec;
    let known = |family: &String| match family.as_str() {
        "IPv4" => Some("IPv4"),
        "IPv6" => Some("IPv6"),
        _ => None,
    };
    let types: Vec<&str> = spec.ip_families.iter().filter_map(known).collect();
    match types {
        types if !types.is_empty() => types,
        _ if spec.cluster_ip.is_empty() || spec.is_headless() => vec!["IPv4", "IPv6"],
        _ if is_ipv6(&spec.cluster_ip) => vec!["IPv6"],
        _ => vec!["IPv4"],
    }
}

/// Whether the Service has an address of its own.
pub fn has_cluster_ip(service: &Service) -> bool {
    !service.spec.cluster_ip.is_empty() && !service.spec.is_headless()
}

fn is_reserved(label: &str) -> bool {
    matches!(label, SERVICE_NAME | MANAGED_BY | HEADLESS)
}

/// The labels that a slice should have.
pub fn labels(service: &Service, controller: &str) -> StringMap {
    let own = service.meta.labels.iter().filter(|(key, _)| !is_reserved(key));
    let mut labels: StringMap = own.map(|(k, v)| (k.clone(), v.clone())).collect();
    if !has_cluster_ip(service) {
        labels.insert(HEADLESS.into(), String::new());
    }
    labels.insert(SERVICE_NAME.into(), service.meta.name.clone());
    labels.insert(MANAGED_BY.into(), controller.into());
    labels
}

/// Whether a slice's labels, the reserved ones aside, are other than the Service's.
pub fn labels_changed(slice: &EndpointSlice, service: &Service) -> bool {
    let free = |labels: &StringMap| -> StringMap {
        labels.iter().filter(|(key, _)| !is_reserved(key)).map(|(k, v)| (k.clone(), v.clone())).collect()
    };
    free(&slice.meta.labels) != free(&service.meta.labels)
}

/// Whether the Service (this very one) controls the slice.
pub fn owned_by(slice: &EndpointSlice, service: &Service) -> bool {
    let owner = |o: &OwnerReference| o.uid == service.meta.uid && o.kind == "Service" && o.api_version == "v1";
    slice.meta.owner_references.iter().any(owner)
}

/// A new slice without endpoints. The API server will name it.
pub fn new_slice(service: &Service, controller: &str, address_type: &str, ports: Vec<EndpointSlicePort>) -> EndpointSlice {
    let owner = OwnerReference {
        api_version: "v1".into(),
        kind: "Service".into(),
        name: service.meta.name.clone(),
        uid: service.meta.uid.clone(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    };
    EndpointSlice {
        meta: ObjectMeta {
            generate_name: format!("{}-", service.meta.name),
            namespace: service.meta.namespace.clone(),
            labels: labels(service, controller),
            owner_references: vec![owner],
            ..ObjectMeta::default()
        },
        address_type: address_type.into(),
        endpoints: vec![],
        ports,
    }
}
