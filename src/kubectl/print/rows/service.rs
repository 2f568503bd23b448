//! The rows of what makes a Service: Service, Endpoints, EndpointSlice.

use super::{first_three, or, since};
use crate::api::{EndpointSlice, Endpoints, Service, Time};
use crate::kubectl::print::table::labels_text;
use crate::sorting::Arrange;

pub(super) fn cells(service: &Service, now: Time) -> Vec<String> {
    let spec = &service.spec;
    let port = |p: &crate::api::service::ServicePort| match p.node_port {
        n if n > 0 => format!("{}:{n}/{}", p.port, p.protocol),
        _ => format!("{}/{}", p.port, p.protocol),
    };
    let ports = spec.ports.iter().map(port).collect::<Vec<_>>().join(",");
    vec![
        service.meta.name.clone(),
        spec.type_.clone(),
        spec.cluster_ips.first().map_or("<none>", String::as_str).to_owned(),
        external_ip(service),
        or(&ports, "<none>").to_owned(),
        since(service.meta.creation_timestamp, now),
        labels_text(&spec.selector),
    ]
}

fn external_ip(service: &Service) -> String {
    let spec = &service.spec;
    match spec.type_.as_str() {
        "ClusterIP" | "NodePort" => or(&spec.external_ips.join(","), "<none>").to_owned(),
        "LoadBalancer" => {
            let all: Vec<String> = ingress(service).into_iter().chain(spec.external_ips.iter().cloned()).collect();
            or(&all.join(","), "<pending>").to_owned()
        }
        "ExternalName" => spec.external_name.clone(),
        _ => "<unknown>".to_owned(),
    }
}

/// The load balancer's addresses (names where there is no address), sorted, each once.
fn ingress(service: &Service) -> Vec<String> {
    let entries = service.status.load_balancer.ingress.iter();
    let mut all: Vec<String> = entries.map(|i| or(&i.ip, &i.hostname).to_owned()).filter(|a| !a.is_empty()).collect();
    all.arrange();
    all.dedup();
    all
}

/// The ENDPOINTS cell: ready addresses by subset, port and address.
pub(super) fn endpoints(endpoints: &Endpoints) -> String {
    if endpoints.subsets.is_empty() {
        return "<none>".to_owned();
    }
    let mut all = Vec::new();
    for subset in &endpoints.subsets {
        if subset.ports.is_empty() {
            all.extend(subset.addresses.iter().map(|a| a.ip.clone()));
        }
        for port in &subset.ports {
            all.extend(subset.addresses.iter().map(|a| host_port(&a.ip, port.port)));
        }
    }
    first_three(&all)
}

/// An address with its port; addresses of IPv6 in brackets.
pub(crate) fn host_port(host: &str, port: i32) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

pub(super) fn slice_cells(slice: &EndpointSlice, now: Time) -> Vec<String> {
    let port = |p: &crate::api::discovery::EndpointSlicePort| match (p.port, &p.name) {
        (Some(number), _) => number.to_string(),
        (None, Some(name)) => name.clone(),
        (None, None) => "*".to_owned(),
    };
    let ports: Vec<String> = slice.ports.iter().map(port).collect();
    let addresses: Vec<String> = slice.endpoints.iter().flat_map(|e| e.addresses.iter().cloned()).collect();
    let unset = |list: &[String]| if list.is_empty() { "<unset>".to_owned() } else { first_three(list) };
    vec![
        slice.meta.name.clone(),
        slice.address_type.clone(),
        unset(&ports),
        unset(&addresses),
        since(slice.meta.creation_timestamp, now),
    ]
}
