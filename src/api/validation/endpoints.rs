//! Endpoints and EndpointSlices (`pkg/apis/{core,discovery}/validation/validation.go`).

use super::field::{FieldError, push_invalid};
use super::service::PROTOCOLS;
use super::{ip, meta, names, service_ips};
use crate::api::discovery::{Endpoint, EndpointHints, EndpointSlicePort};
use crate::api::service::{EndpointAddress, EndpointPort};
use crate::api::{EndpointSlice, Endpoints};
use std::collections::BTreeSet;

const MAX_ENDPOINTS: usize = 1000;
const MAX_ADDRESSES: usize = 100;
const MAX_PORTS: usize = 20_000;
const MAX_HINTS: usize = 8;
const ADDRESS_TYPES: [&str; 3] = ["FQDN", "IPv4", "IPv6"];

pub(super) fn create_endpoints(endpoints: &Endpoints) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(&endpoints.meta, true, names::dns1123_subdomain, &mut errors);
    subsets(endpoints, None, &mut errors);
    errors
}

pub(super) fn update_endpoints(new: &Endpoints, old: &Endpoints) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    subsets(new, Some(old), &mut errors);
    errors
}

fn subsets(endpoints: &Endpoints, old: Option<&Endpoints>, errors: &mut Vec<FieldError>) {
    let known = |ip: &str| {
        old.is_some_and(|e| e.subsets.iter().flat_map(|s| s.addresses.iter().chain(&s.not_ready_addresses)).any(|a| a.ip == ip))
    };
    for (i, subset) in endpoints.subsets.iter().enumerate() {
        let path = format!("subsets[{i}]");
        if subset.addresses.is_empty() && subset.not_ready_addresses.is_empty() {
            errors.push(FieldError::required(path.clone(), "must specify `addresses` or `notReadyAddresses`"));
        }
        for (field, list) in [("addresses", &subset.addresses), ("notReadyAddresses", &subset.not_ready_addresses)] {
            for (j, one) in list.iter().enumerate() {
                if !is_plain(one) {
                    address(&format!("{path}.{field}[{j}]"), one, &known, errors);
                }
            }
        }
        for (j, one) in subset.ports.iter().enumerate() {
            port(&format!("{path}.ports[{j}]"), one, subset.ports.len() > 1, errors);
        }
    }
}

/// Nothing to find wrong: decided without building paths, as there may be a thousand addresses.
fn is_plain(address: &EndpointAddress) -> bool {
    let node = address.node_name.as_deref().is_none_or(|node| names::dns1123_subdomain(node).is_empty());
    node && address.hostname.is_empty() && ip::is_plain_v4(&address.ip)
}

fn address(path: &str, address: &EndpointAddress, known: &dyn Fn(&str) -> bool, errors: &mut Vec<FieldError>) {
    let at = format!("{path}.ip");
    errors.extend(ip::legacy_ip(&at, &address.ip, !known(&address.ip)));
    if !address.hostname.is_empty() {
        push_invalid(errors, &format!("{path}.hostname"), &address.hostname, names::dns1123_label(&address.hostname));
    }
    if let Some(node) = &address.node_name {
        push_invalid(errors, &format!("{path}.nodeName"), node, names::dns1123_subdomain(node));
    }
    errors.extend(ip::non_special_ip(&at, &address.ip));
}

fn port(path: &str, port: &EndpointPort, named: bool, errors: &mut Vec<FieldError>) {
    if named && port.name.is_empty() {
        errors.push(FieldError::required(format!("{path}.name"), ""));
    } else if !port.name.is_empty() {
        push_invalid(errors, &format!("{path}.name"), &port.name, names::dns1123_label(&port.name));
    }
    for message in names::port_number(port.port) {
        errors.push(FieldError::invalid(format!("{path}.port"), &port.port, message));
    }
    protocol(path, Some(&port.protocol), port.app_protocol.as_deref(), errors);
}

fn protocol(path: &str, protocol: Option<&str>, app: Option<&str>, errors: &mut Vec<FieldError>) {
    match protocol {
        None | Some("") => errors.push(FieldError::required(format!("{path}.protocol"), "")),
        Some(name) if !PROTOCOLS.contains(&name) => {
            errors.push(FieldError::not_supported(format!("{path}.protocol"), name, &PROTOCOLS));
        }
        Some(_) => {}
    }
    if let Some(app) = app {
        push_invalid(errors, &format!("{path}.appProtocol"), app, names::qualified_name(app));
    }
}

pub(super) fn create_slice(slice: &EndpointSlice) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(&slice.meta, true, names::dns1123_subdomain, &mut errors);
    slice_body(slice, None, &mut errors);
    errors
}

pub(super) fn update_slice(new: &EndpointSlice, old: &EndpointSlice) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    slice_body(new, Some(old), &mut errors);
    errors
}

/// Hand-written rules first; those that are generated from markers come last.
fn slice_body(slice: &EndpointSlice, old: Option<&EndpointSlice>, errors: &mut Vec<FieldError>) {
    let mut declared = vec![];
    if slice.address_type.is_empty() {
        declared.push(FieldError::required("addressType", ""));
    } else if !ADDRESS_TYPES.contains(&slice.address_type.as_str()) {
        declared.push(FieldError::not_supported("addressType", &slice.address_type, &ADDRESS_TYPES));
    }
    if old.is_some_and(|old| old.address_type != slice.address_type) {
        declared.push(FieldError::invalid("addressType", &None::<String>, "field is immutable"));
    }
    slice_ports(&slice.ports, errors);
    if slice.endpoints.len() > MAX_ENDPOINTS {
        declared.push(FieldError::too_many("endpoints", slice.endpoints.len(), MAX_ENDPOINTS));
    } else if old.is_none_or(|old| old.endpoints != slice.endpoints) {
        // What was accepted once and has not changed is not looked at again.
        for (i, one) in slice.endpoints.iter().enumerate().filter(|(_, one)| !is_plain_endpoint(one, &slice.address_type)) {
            endpoint(&format!("endpoints[{i}]"), one, &slice.address_type, errors, &mut declared);
        }
    }
    errors.append(&mut declared);
}

/// As [`is_plain`], for the endpoint that controllers write.
fn is_plain_endpoint(one: &Endpoint, kind: &str) -> bool {
    let node = one.node_name.as_deref().is_none_or(|node| names::dns1123_subdomain(node).is_empty());
    let bare = one.hostname.is_none() && one.deprecated_topology.is_empty() && one.hints.is_none();
    kind == "IPv4" && bare && node && one.addresses.len() == 1 && ip::is_plain_v4(&one.addresses[0])
}

fn endpoint(path: &str, one: &Endpoint, kind: &str, errors: &mut Vec<FieldError>, declared: &mut Vec<FieldError>) {
    let at = format!("{path}.addresses");
    if one.addresses.is_empty() {
        declared.push(FieldError::required(at.clone(), ""));
    } else if one.addresses.len() > MAX_ADDRESSES {
        declared.push(FieldError::too_many(at.clone(), one.addresses.len(), MAX_ADDRESSES));
    }
    for (i, address) in one.addresses.iter().enumerate() {
        slice_address(&at, i, address, kind, errors);
    }
    if let Some(node) = &one.node_name {
        push_invalid(errors, &format!("{path}.nodeName"), node, names::dns1123_subdomain(node));
    }
    meta::labels(&format!("{path}.deprecatedTopology"), &one.deprecated_topology, errors);
    if let Some(hostname) = &one.hostname {
        push_invalid(errors, &format!("{path}.hostname"), hostname, names::dns1123_label(hostname));
    }
    if let Some(given) = &one.hints {
        hints(&format!("{path}.hints"), given, errors);
    }
}

fn slice_address(path: &str, index: usize, address: &str, kind: &str, errors: &mut Vec<FieldError>) {
    let at = format!("{path}[{index}]");
    match kind {
        "IPv4" | "IPv6" => {
            let wrong = ip::valid_ip(&at, address);
            if !wrong.is_empty() {
                errors.extend(wrong);
                return;
            }
            if service_ips::is_v6(address) != (kind == "IPv6") {
                // The server leaves the index out here.
                errors.push(FieldError::invalid(path, address, format!("must be an {kind} address")));
            }
            errors.extend(ip::non_special_ip(&at, address));
        }
        "FQDN" => {
            errors.extend(domain_name(&at, address));
        }
        _ => {}
    }
}

/// A name with a domain.
fn domain_name(path: &str, address: &str) -> Option<FieldError> {
    if address.is_empty() {
        return Some(FieldError::required(path, ""));
    }
    let name = address.strip_suffix('.').unwrap_or(address);
    let invalid = |value: &str, why: Vec<String>| Some(FieldError::invalid(path, value, why.join(",")));
    let whole = names::dns1123_subdomain(name);
    if !whole.is_empty() {
        return invalid(name, whole);
    }
    if !name.contains('.') {
        return invalid(name, vec!["should be a domain with at least two segments separated by dots".into()]);
    }
    let label = name.split('.').find(|label| !names::dns1123_label(label).is_empty())?;
    invalid(label, names::dns1123_label(label))
}

fn hints(path: &str, hints: &EndpointHints, errors: &mut Vec<FieldError>) {
    let zones = hints.for_zones.iter().map(|z| z.name.as_str()).collect();
    hint_list(&format!("{path}.forZones"), zones, names::label_value, errors);
    let nodes = hints.for_nodes.iter().map(|n| n.name.as_str()).collect();
    hint_list(&format!("{path}.forNodes"), nodes, names::dns1123_subdomain, errors);
}

fn hint_list(path: &str, values: Vec<&str>, rule: fn(&str) -> Vec<String>, errors: &mut Vec<FieldError>) {
    if values.len() > MAX_HINTS {
        errors.push(FieldError::too_many(path, values.len(), MAX_HINTS));
        return;
    }
    for (i, value) in values.iter().enumerate() {
        let at = format!("{path}[{i}].name");
        if values[..i].contains(value) {
            errors.push(FieldError::duplicate(at.clone(), *value));
        }
        push_invalid(errors, &at, value, rule(value));
    }
}

fn slice_ports(ports: &[EndpointSlicePort], errors: &mut Vec<FieldError>) {
    if ports.len() > MAX_PORTS {
        errors.push(FieldError::too_many("ports", ports.len(), MAX_PORTS));
        return;
    }
    let mut seen = BTreeSet::new();
    for (i, port) in ports.iter().enumerate() {
        let path = format!("ports[{i}]");
        let name = port.name.as_deref().unwrap_or("");
        if !name.is_empty() {
            push_invalid(errors, &format!("{path}.name"), name, names::dns1123_label(name));
        }
        if !seen.insert(name) {
            errors.push(FieldError::duplicate(format!("{path}.name"), name));
        }
        if port.protocol.as_deref() == Some("") {
            errors.push(FieldError::not_supported(format!("{path}.protocol"), "", &PROTOCOLS));
        }
        let rest = port.protocol.as_deref().map(|p| if p.is_empty() { "TCP" } else { p });
        protocol(&path, rest, port.app_protocol.as_deref(), errors);
    }
}
