//! Ingresses and NetworkPolicies (`pkg/apis/networking/validation/validation.go`).

use super::field::{ErrorKind, FieldError, push_invalid};
use super::ip::Cidr;
use super::label_selector::label_selector;
use super::{ip, names};
use crate::api::meta::LabelSelector;
use crate::api::plain::{Plain, typed};
use serde_json::Value;

const PATH_TYPES: [&str; 3] = ["Exact", "ImplementationSpecific", "Prefix"];
const BAD_SEQUENCES: [&str; 5] = ["//", "/./", "/../", "%2f", "%2F"];
const BAD_SUFFIXES: [&str; 2] = ["/..", "/."];

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// An Ingress, new or changed.
pub(super) fn ingress(plain: &Plain, errors: &mut Vec<FieldError>) {
    let spec = plain.at(&["spec"]);
    let rules = list(&spec["rules"]);
    if rules.is_empty() && spec["defaultBackend"].is_null() {
        let none = spec.get("rules").cloned().unwrap_or(Value::Null);
        errors.push(FieldError::invalid("spec", &none, "either `defaultBackend` or `rules` must be specified"));
    }
    if !spec["defaultBackend"].is_null() {
        backend("spec.defaultBackend", &spec["defaultBackend"], errors);
    }
    for (i, rule) in rules.iter().enumerate() {
        let path = format!("spec.rules[{i}]");
        host(&format!("{path}.host"), text(&rule["host"]), errors);
        if rule["http"].is_object() {
            let paths = list(&rule["http"]["paths"]);
            if paths.is_empty() {
                errors.push(FieldError::required(format!("{path}.http.paths"), ""));
            }
            for (j, one) in paths.iter().enumerate() {
                http_path(&format!("{path}.http.paths[{j}]"), one, errors);
            }
        }
    }
    for (i, tls) in list(&spec["tls"]).iter().enumerate() {
        for (j, host) in list(&tls["hosts"]).iter().enumerate() {
            push_invalid(errors, &format!("spec.tls[{i}].hosts[{j}]"), text(host), host_name(text(host)));
        }
        let secret = text(&tls["secretName"]);
        if !secret.is_empty() {
            push_invalid(errors, &format!("spec.tls[{i}].secretName"), secret, names::dns1123_subdomain(secret));
        }
    }
    if let Some(class) = spec["ingressClassName"].as_str() {
        push_invalid(errors, "spec.ingressClassName", class, names::dns1123_subdomain(class));
    }
}

fn host_name(host: &str) -> Vec<String> {
    if host.contains('*') { names::wildcard_subdomain(host) } else { names::dns1123_subdomain(host) }
}

fn host(path: &str, host: &str, errors: &mut Vec<FieldError>) {
    if host.is_empty() {
        return;
    }
    if ip::parse_sloppy(host).is_some() {
        errors.push(FieldError::invalid(path, host, "must be a DNS name, not an IP address"));
    }
    push_invalid(errors, path, host, host_name(host));
}

fn http_path(path: &str, one: &Value, errors: &mut Vec<FieldError>) {
    let (at, written) = (format!("{path}.path"), text(&one["path"]));
    let absolute = written.starts_with('/');
    let mut wrong = |why: String| errors.push(FieldError::invalid(at.clone(), written, why));
    match text(&one["pathType"]) {
        "" => {
            errors.push(FieldError::required(format!("{path}.pathType"), "pathType must be specified"));
            return;
        }
        "Exact" | "Prefix" => {
            if !absolute {
                wrong("must be an absolute path".into());
            }
            BAD_SEQUENCES.iter().filter(|s| written.contains(**s)).for_each(|s| wrong(format!("must not contain '{s}'")));
            BAD_SUFFIXES.iter().filter(|s| written.ends_with(**s)).for_each(|s| wrong(format!("cannot end with '{s}'")));
        }
        "ImplementationSpecific" if !written.is_empty() && !absolute => wrong("must be an absolute path".into()),
        "ImplementationSpecific" => {}
        other => errors.push(FieldError::not_supported(format!("{path}.pathType"), other, &PATH_TYPES)),
    }
    backend(&format!("{path}.backend"), &one["backend"], errors);
}

fn backend(path: &str, backend: &Value, errors: &mut Vec<FieldError>) {
    let service = &backend["service"];
    match (backend["resource"].is_object(), service.is_object()) {
        (true, true) => errors.push(FieldError::invalid(path, "", "cannot set both resource and service backends")),
        (false, false) => errors.push(FieldError::invalid(path, "", "resource or service backend is required")),
        (true, false) => {
            for field in ["kind", "name"] {
                if text(&backend["resource"][field]).is_empty() {
                    errors.push(FieldError::required(format!("{path}.resource.{field}"), ""));
                }
            }
        }
        (false, true) => service_backend(path, service, errors),
    }
}

fn service_backend(path: &str, service: &Value, errors: &mut Vec<FieldError>) {
    let (name, port) = (text(&service["name"]), &service["port"]);
    if name.is_empty() {
        errors.push(FieldError::required(format!("{path}.service.name"), ""));
    } else {
        push_invalid(errors, &format!("{path}.service.name"), name, names::dns1123_label(name));
    }
    match (text(&port["name"]), port["number"].as_i64().unwrap_or(0)) {
        ("", 0) => errors.push(FieldError::required(path, "port name or number is required")),
        ("", number) => port_number(&format!("{path}.service.port.number"), number, errors),
        (name, 0) => push_invalid(errors, &format!("{path}.service.port.name"), name, names::port_name(name)),
        _ => errors.push(FieldError::invalid(path, "", "cannot set both port name & port number")),
    }
}

fn port_number(path: &str, number: i64, errors: &mut Vec<FieldError>) {
    let messages = names::port_number(i32::try_from(number).unwrap_or(i32::MAX));
    errors.extend(messages.into_iter().map(|m| FieldError::invalid(path, &number, m)));
}

/// A NetworkPolicy, new or changed. CIDRs that the old one had are not looked at again.
pub(super) fn network_policy(plain: &Plain, old: Option<&Plain>, errors: &mut Vec<FieldError>) {
    policy_body(plain, old, errors);
    // A rule that is generated from a marker comes last.
    let is_declared = |e: &FieldError| e.path.ends_with(".ipBlock.cidr") && e.kind == ErrorKind::Required;
    let (mut declared, mut others): (Vec<_>, Vec<_>) = std::mem::take(errors).into_iter().partition(is_declared);
    others.append(&mut declared);
    *errors = others;
}

fn policy_body(plain: &Plain, old: Option<&Plain>, errors: &mut Vec<FieldError>) {
    let spec = plain.at(&["spec"]);
    let known: Vec<&str> = old.map(|old| cidrs(old.at(&["spec"]))).unwrap_or_default();
    label_selector("spec.podSelector", &typed::<LabelSelector>(&spec["podSelector"]), errors);
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        for (i, rule) in list(&spec[direction]).iter().enumerate() {
            let path = format!("spec.{direction}[{i}]");
            for (j, port) in list(&rule["ports"]).iter().enumerate() {
                policy_port(&format!("{path}.ports[{j}]"), port, errors);
            }
            for (j, one) in list(&rule[peers]).iter().enumerate() {
                peer(&format!("{path}.{peers}[{j}]"), one, &known, errors);
            }
        }
    }
    let types = list(&spec["policyTypes"]);
    if types.len() > 2 {
        errors.push(FieldError::invalid("spec.policyTypes", &spec["policyTypes"], "may not specify more than two policyTypes"));
        return;
    }
    for (i, type_) in types.iter().enumerate().filter(|(_, t)| !matches!(text(t), "Ingress" | "Egress")) {
        errors.push(FieldError::not_supported(format!("spec.policyTypes[{i}]"), text(type_), &["Ingress", "Egress"]));
    }
}

fn cidrs(spec: &Value) -> Vec<&str> {
    let rules = |direction: &str, peers: &'static str| list(&spec[direction]).iter().flat_map(move |rule| list(&rule[peers]));
    let blocks = rules("ingress", "from").chain(rules("egress", "to")).map(|peer| &peer["ipBlock"]);
    blocks.flat_map(|block| std::iter::once(&block["cidr"]).chain(list(&block["except"]))).filter_map(Value::as_str).collect()
}

fn policy_port(path: &str, port: &Value, errors: &mut Vec<FieldError>) {
    let protocol = text(&port["protocol"]);
    if !matches!(protocol, "TCP" | "UDP" | "SCTP") {
        errors.push(FieldError::not_supported(format!("{path}.protocol"), protocol, &["TCP", "UDP", "SCTP"]));
    }
    let (at, end_at, end) = (format!("{path}.port"), format!("{path}.endPort"), port["endPort"].as_i64());
    match (&port["port"], end) {
        (Value::Number(number), end) => {
            let number = number.as_i64().unwrap_or_default();
            port_number(&at, number, errors);
            if let Some(end) = end {
                if end < number {
                    errors.push(FieldError::invalid(end_at.clone(), &end, "must be greater than or equal to `port`"));
                }
                port_number(&end_at, end, errors);
            }
        }
        (Value::String(name), end) => {
            if let Some(end) = end {
                errors.push(FieldError::invalid(end_at, &end, "may not be specified when `port` is non-numeric"));
            }
            push_invalid(errors, &at, name, names::port_name(name));
        }
        (_, Some(end)) => errors.push(FieldError::invalid(end_at, &end, "may not be specified when `port` is not specified")),
        _ => {}
    }
}

fn peer(path: &str, peer: &Value, known: &[&str], errors: &mut Vec<FieldError>) {
    let mut peers = 0;
    for field in ["podSelector", "namespaceSelector"] {
        if peer[field].is_object() {
            peers += 1;
            label_selector(&format!("{path}.{field}"), &typed::<LabelSelector>(&peer[field]), errors);
        }
    }
    let block = peer["ipBlock"].is_object();
    if block {
        peers += 1;
        ip_block(&format!("{path}.ipBlock"), &peer["ipBlock"], known, errors);
    }
    if peers == 0 {
        errors.push(FieldError::required(path, "must specify a peer"));
    } else if peers > 1 && block {
        errors.push(FieldError::forbidden(path, "may not specify both ipBlock and another peer"));
    }
}

fn ip_block(path: &str, block: &Value, known: &[&str], errors: &mut Vec<FieldError>) {
    let cidr = text(&block["cidr"]);
    if cidr.is_empty() {
        errors.push(FieldError::required(format!("{path}.cidr"), ""));
        return;
    }
    errors.extend(ip::legacy_cidr(&format!("{path}.cidr"), cidr, !known.contains(&cidr)));
    let Some(outer) = Cidr::parse_sloppy(cidr) else { return };
    for (i, except) in list(&block["except"]).iter().map(text).enumerate() {
        let at = format!("{path}.except[{i}]");
        errors.extend(ip::legacy_cidr(&at, except, !known.contains(&except)));
        if let Some(inner) = Cidr::parse_sloppy(except)
            && !outer.strictly_holds(&inner)
        {
            errors.push(FieldError::invalid(at, except, "must be a strict subset of `cidr`"));
        }
    }
}

/// An IngressClass, new or changed.
pub(super) fn ingress_class(plain: &Plain, old: Option<&Plain>, errors: &mut Vec<FieldError>) {
    const CONTROLLER: &str = "spec.controller";
    let controller = |plain: &Plain| text(plain.at(&["spec", "controller"])).to_owned();
    let own = controller(plain);
    if old.is_some_and(|old| controller(old) != own) {
        errors.push(FieldError::invalid(CONTROLLER, &own, "field is immutable"));
    }
    match own.split_once('/') {
        _ if own.is_empty() => errors.push(FieldError::required(CONTROLLER, "")),
        Some((host, path)) if !host.is_empty() && !path.is_empty() => {
            push_invalid(errors, CONTROLLER, host, names::dns1123_subdomain(host));
        }
        _ => errors.push(FieldError::invalid(CONTROLLER, &own, "must be a domain-prefixed path (such as \"acme.io/foo\")")),
    }
    let parameters = plain.at(&["spec", "parameters"]);
    for field in ["kind", "name"] {
        if parameters.is_object() && text(&parameters[field]).is_empty() {
            errors.push(FieldError::required(format!("spec.parameters.{field}"), ""));
        }
    }
}
