//! Service, Endpoints and EndpointSlice.

use super::Writer;
use crate::api::service::LoadBalancerIngress;
use crate::api::{EndpointSlice, Endpoints, Service};
use crate::kubectl::print::table::labels_text;

/// Label of the slices that belong to a Service.
pub(super) const SERVICE_NAME: &str = "kubernetes.io/service-name";

fn or<'a>(text: &'a str, fallback: &'a str) -> &'a str {
    if text.is_empty() { fallback } else { text }
}

pub(super) fn service(service: &Service, slices: &[&EndpointSlice], out: &mut Writer) {
    let spec = &service.spec;
    super::head(&service.meta, out);
    out.field(0, "Selector", labels_text(&spec.selector));
    out.field(0, "Type", &spec.type_);
    if let Some(policy) = &spec.ip_family_policy {
        out.field(0, "IP Family Policy", policy);
    }
    out.field(0, "IP Families", or(&spec.ip_families.join(","), "<none>"));
    out.field(0, "IP", &spec.cluster_ip);
    out.field(0, "IPs", or(&spec.cluster_ips.join(","), "<none>"));
    let mut unless_empty = |title: &str, value: &str| {
        if !value.is_empty() {
            out.field(0, title, value);
        }
    };
    unless_empty("External IPs", &spec.external_ips.join(","));
    unless_empty("Desired LoadBalancer IP", &spec.load_balancer_ip);
    unless_empty("External Name", &spec.external_name);
    let ingress: Vec<String> = service.status.load_balancer.ingress.iter().map(ingress).collect();
    unless_empty("LoadBalancer Ingress", &ingress.join(", "));
    ports(service, slices, out);
    out.field(0, "Session Affinity", &spec.session_affinity);
    if !spec.external_traffic_policy.is_empty() {
        out.field(0, "External Traffic Policy", &spec.external_traffic_policy);
    }
    if let Some(policy) = &spec.internal_traffic_policy {
        out.field(0, "Internal Traffic Policy", policy);
    }
    if spec.health_check_node_port != 0 {
        out.field(0, "HealthCheck NodePort", spec.health_check_node_port);
    }
    if !spec.load_balancer_source_ranges.is_empty() {
        out.field(0, "LoadBalancer Source Ranges", spec.load_balancer_source_ranges.join(","));
    }
    if let Some(distribution) = &spec.traffic_distribution {
        out.field(0, "Traffic Distribution", distribution);
    }
}

fn ingress(entry: &LoadBalancerIngress) -> String {
    match (entry.ip.as_str(), &entry.ip_mode) {
        ("", _) => entry.hostname.clone(),
        (ip, Some(mode)) => format!("{ip} ({mode})"),
        (ip, None) => ip.to_owned(),
    }
}

fn ports(service: &Service, slices: &[&EndpointSlice], out: &mut Writer) {
    for port in &service.spec.ports {
        let name = or(&port.name, "<unset>");
        out.line(0, &format!("Port:\t{name}\t{}/{}", port.port, port.protocol));
        out.field(0, "TargetPort", format!("{}/{}", port.target_port, port.protocol));
        if let Some(protocol) = &port.app_protocol {
            out.field(0, "AppProtocol", protocol);
        }
        if port.node_port != 0 {
            out.line(0, &format!("NodePort:\t{name}\t{}/{}", port.node_port, port.protocol));
        }
        out.field(0, "Endpoints", ready_endpoints(slices, &port.name));
    }
}

/// Ready endpoints of a port: at most three and how many more. One that is not ready but comes when three are
/// listed already makes kubectl count the rest too, even when there is none.
pub(super) fn ready_endpoints(slices: &[&EndpointSlice], port_name: &str) -> String {
    const SHOWN: usize = 3;
    if slices.is_empty() {
        return "<none>".to_owned();
    }
    let mut list = Vec::new();
    let (mut more, mut count) = (false, 0);
    for slice in slices {
        let served = slice.ports.iter().filter(|p| p.name.as_deref().unwrap_or_default() == port_name);
        let ports: Vec<Option<i32>> = if slice.ports.is_empty() { vec![None] } else { served.map(|p| p.port).collect() };
        for port in ports {
            for endpoint in &slice.endpoints {
                more |= list.len() == SHOWN;
                let Some(address) = endpoint.addresses.first().filter(|_| endpoint.conditions.is_ready()) else { continue };
                if !more {
                    list.push(port.map_or_else(|| address.clone(), |p| crate::kubectl::print::rows::host_port(address, p)));
                }
                count += 1;
            }
        }
    }
    let shown = list.join(",");
    if more { format!("{shown} + {} more...", count - SHOWN) } else { shown }
}

pub(super) fn endpoints(endpoints: &Endpoints, out: &mut Writer) {
    super::head(&endpoints.meta, out);
    out.line(0, "Subsets:");
    for subset in &endpoints.subsets {
        let join = |list: &[crate::api::service::EndpointAddress]| {
            let all: Vec<&str> = list.iter().map(|a| a.ip.as_str()).collect();
            or(&all.join(","), "<none>").to_owned()
        };
        out.field(1, "Addresses", join(&subset.addresses));
        out.field(1, "NotReadyAddresses", join(&subset.not_ready_addresses));
        if !subset.ports.is_empty() {
            out.line(1, "Ports:");
            out.line(2, "Name\tPort\tProtocol");
            out.line(2, "----\t----\t--------");
        }
        for port in &subset.ports {
            out.line(2, &format!("{}\t{}\t{}", or(&port.name, "<unset>"), port.port, port.protocol));
        }
        out.line(0, "");
    }
}

pub(super) fn slice(slice: &EndpointSlice, out: &mut Writer) {
    let unset = |text: &Option<String>| text.clone().unwrap_or_else(|| "<unset>".to_owned());
    super::head(&slice.meta, out);
    out.field(0, "AddressType", &slice.address_type);
    if slice.ports.is_empty() {
        out.line(0, "Ports: <unset>");
    } else {
        out.line(0, "Ports:");
        out.line(1, "Name\tPort\tProtocol");
        out.line(1, "----\t----\t--------");
    }
    for port in &slice.ports {
        let name = port.name.as_deref().unwrap_or_default();
        let number = port.port.map_or_else(|| "<unset>".to_owned(), |p| p.to_string());
        let protocol = port.protocol.as_deref().unwrap_or_default();
        out.line(1, &format!("{}\t{number}\t{protocol}", or(name, "<unset>")));
    }
    out.line(0, if slice.endpoints.is_empty() { "Endpoints: <none>" } else { "Endpoints:" });
    for endpoint in &slice.endpoints {
        out.field(1, "- Addresses", or(&endpoint.addresses.join(", "), "<none>"));
        out.line(2, "Conditions:");
        out.field(3, "Ready", endpoint.conditions.ready.map_or_else(|| "<unset>".to_owned(), |r| r.to_string()));
        out.field(2, "Hostname", unset(&endpoint.hostname));
        if let Some(target) = &endpoint.target_ref {
            out.field(2, "TargetRef", format!("{}/{}", target.kind, target.name));
        }
        out.field(2, "NodeName", unset(&endpoint.node_name));
        out.field(2, "Zone", unset(&endpoint.zone));
    }
}
