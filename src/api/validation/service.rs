//! Services, in the API server's order (`pkg/apis/core/validation/validation.go`, ValidateService).

use super::field::{FieldError, Printed, push_invalid};
use super::service_traffic::{affinity, load_balancer, traffic};
use super::{ip, meta, names, service_ips};
use crate::api::service::{ServicePort, ServiceSpec};
use crate::api::{IntOrString, Service};
use std::collections::BTreeSet;

const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
/// The protocols of ports, in the order in which errors list them.
pub const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];
const EXTERNAL_NAME: &str = "may not be set for ExternalName services";

/// A new Service, after defaults and allocation.
pub fn create(service: &Service) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(&service.meta, true, names::dns1123_label, &mut errors);
    spec(service, None, &mut errors);
    errors
}

/// A changed Service.
pub fn update(new: &Service, old: &Service) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    super::service_update::unchanged(&new.spec, &old.spec, &mut errors);
    spec(new, Some(old), &mut errors);
    errors
}

/// Everything but metadata.
fn spec(service: &Service, old: Option<&Service>, errors: &mut Vec<FieldError>) {
    let spec = &service.spec;
    topology_annotations(service, errors);
    if spec.ports.is_empty() && !spec.is_headless_list() && spec.type_ != "ExternalName" {
        errors.push(FieldError::required("spec.ports", ""));
    }
    type_fields(spec, errors);
    ports(spec, errors);
    meta::labels("spec.selector", &spec.selector, errors);
    affinity(spec, errors);
    errors.extend(service_ips::cluster_ips(spec, old.map(|o| &o.spec)));
    for (i, value) in spec.external_ips.iter().enumerate() {
        let path = format!("spec.externalIPs[{i}]");
        let known = old.is_some_and(|o| o.spec.external_ips.contains(value));
        let wrong = ip::legacy_ip(&path, value, !known);
        errors.extend(if wrong.is_empty() { ip::non_special_ip(&path, value) } else { wrong });
    }
    if spec.type_.is_empty() {
        errors.push(FieldError::required("spec.type", ""));
    } else if !TYPES.contains(&spec.type_.as_str()) {
        errors.push(FieldError::not_supported("spec.type", &spec.type_, &TYPES));
    }
    node_ports(spec, errors);
    repeated_ports(spec, errors);
    load_balancer(service, old, errors);
    traffic(spec, errors);
}

fn topology_annotations(service: &Service, errors: &mut Vec<FieldError>) {
    const HINTS: &str = "service.kubernetes.io/topology-aware-hints";
    const MODE: &str = "service.kubernetes.io/topology-mode";
    let annotations = &service.meta.annotations;
    if let (Some(hints), Some(mode)) = (annotations.get(HINTS), annotations.get(MODE))
        && hints != mode
    {
        let detail = format!("must match annotations[{HINTS}] when both are specified");
        errors.push(FieldError::invalid(format!("metadata.annotations[{MODE}]"), mode, detail));
    }
}

/// What a type forbids or demands of other fields.
fn type_fields(spec: &ServiceSpec, errors: &mut Vec<FieldError>) {
    match spec.type_.as_str() {
        "LoadBalancer" | "NodePort" if spec.is_headless_list() => {
            let detail = format!("may not be set to 'None' for {} services", spec.type_);
            errors.push(FieldError::invalid("spec.clusterIPs[0]", "None", detail));
        }
        "ExternalName" => {
            for (field, set) in [
                ("clusterIPs", !spec.cluster_ips.is_empty()),
                ("ipFamilies", !spec.ip_families.is_empty()),
                ("ipFamilyPolicy", spec.ip_family_policy.is_some()),
            ] {
                if set {
                    errors.push(FieldError::forbidden(format!("spec.{field}"), EXTERNAL_NAME));
                }
            }
            let name = spec.external_name.strip_suffix('.').unwrap_or(&spec.external_name);
            if name.is_empty() {
                errors.push(FieldError::required("spec.externalName", ""));
            } else {
                push_invalid(errors, "spec.externalName", name, names::dns1123_subdomain(name));
            }
        }
        _ => {}
    }
}

fn ports(spec: &ServiceSpec, errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    for (i, port) in spec.ports.iter().enumerate() {
        one_port(port, &format!("spec.ports[{i}]"), spec.ports.len() > 1, &mut seen, errors);
    }
}

fn one_port<'a>(port: &'a ServicePort, path: &str, named: bool, seen: &mut BTreeSet<&'a str>, errors: &mut Vec<FieldError>) {
    if named && port.name.is_empty() {
        errors.push(FieldError::required(format!("{path}.name"), ""));
    } else if !port.name.is_empty() {
        push_invalid(errors, &format!("{path}.name"), &port.name, names::dns1123_label(&port.name));
        if !seen.insert(&port.name) {
            errors.push(FieldError::duplicate(format!("{path}.name"), &port.name));
        }
    }
    for message in names::port_number(port.port) {
        errors.push(FieldError::invalid(format!("{path}.port"), &port.port, message));
    }
    if port.protocol.is_empty() {
        errors.push(FieldError::required(format!("{path}.protocol"), ""));
    } else if !PROTOCOLS.contains(&port.protocol.as_str()) {
        errors.push(FieldError::not_supported(format!("{path}.protocol"), &port.protocol, &PROTOCOLS));
    }
    port_number_or_name(&format!("{path}.targetPort"), &port.target_port, errors);
    if let Some(protocol) = &port.app_protocol {
        push_invalid(errors, &format!("{path}.appProtocol"), protocol, names::qualified_name(protocol));
    }
}

/// A port of a container, by number or by name.
pub fn port_number_or_name(path: &str, port: &IntOrString, errors: &mut Vec<FieldError>) {
    match port {
        IntOrString::Int(n) => {
            errors.extend(names::port_number(*n).into_iter().map(|m| FieldError::invalid(path, n, m)));
        }
        IntOrString::Text(name) => push_invalid(errors, path, name, names::port_name(name)),
    }
}

fn node_ports(spec: &ServiceSpec, errors: &mut Vec<FieldError>) {
    if spec.type_ == "ClusterIP" {
        for (i, _) in spec.ports.iter().enumerate().filter(|(_, p)| p.node_port != 0) {
            let detail = "may not be used when `type` is 'ClusterIP'";
            errors.push(FieldError::forbidden(format!("spec.ports[{i}].nodePort"), detail));
        }
    }
    let mut seen = BTreeSet::new();
    for (i, port) in spec.ports.iter().enumerate().filter(|(_, p)| p.node_port != 0) {
        if !seen.insert((&port.protocol, port.node_port)) {
            errors.push(FieldError::duplicate(format!("spec.ports[{i}].nodePort"), &port.node_port));
        }
    }
}

/// The same port and protocol twice. The value is the server's internal struct, of which only these two are filled.
fn repeated_ports(spec: &ServiceSpec, errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    for (i, port) in spec.ports.iter().enumerate() {
        if !seen.insert((&port.protocol, port.port)) {
            let value = format!(
                "{{\"Name\":\"\",\"Protocol\":{},\"AppProtocol\":null,\"Port\":{},\"TargetPort\":0,\"NodePort\":0}}",
                serde_json::Value::from(port.protocol.as_str()),
                port.port
            );
            errors.push(FieldError::duplicate(format!("spec.ports[{i}]"), &Printed(value)));
        }
    }
}
