//! Pod specs, of Pods and of templates (`pkg/apis/core/validation/validation.go`, ValidatePodSpec).

use super::affinity::affinity;
use super::field::{AsJson, FieldError, push_invalid};
use super::scheduling::{readiness_gates, scheduling_gates, spread, tolerations};
use super::tree::{items, text, texts};
use super::volumes::volumes;
use super::{containers, ip, meta, names, resources, security};
use crate::api::pod::PodSpec;
use serde_json::Value;

const POLICIES: [&str; 3] = ["Always", "OnFailure", "Never"];
const DNS_POLICIES: [&str; 4] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
/// Name servers, search domains, and characters of all of these that a resolver takes.
const DNS_LIMITS: (usize, usize, usize) = (3, 32, 2048);

/// What the server knows beside the spec.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A Pod's own spec.
    Pod,
    /// The spec of a template.
    Template,
}

/// All rules, in the server's order. `path`: `spec` of a Pod or `spec.template.spec`.
pub fn pod_spec(path: &str, spec: &PodSpec, of: Of, errors: &mut Vec<FieldError>) {
    let at = |field: &str| format!("{path}.{field}");
    let volumes = volumes(&at("volumes"), &spec.volumes, errors);
    containers::regular(&at("containers"), spec, &volumes, errors);
    containers::init(&at("initContainers"), spec, &volumes, errors);
    if let Some(resources) = &spec.resources {
        resources::requirements(&at("resources"), resources, errors);
    }
    host_network(path, spec, of, errors);
    policy(at("restartPolicy"), &spec.restart_policy, &POLICIES, errors);
    policy(at("dnsPolicy"), &spec.dns_policy, &DNS_POLICIES, errors);
    meta::labels(&at("nodeSelector"), &spec.node_selector, errors);
    security::pod(&at("securityContext"), spec, errors);
    if let Some(given) = &spec.affinity {
        affinity(&at("affinity"), given, errors);
    }
    dns(&at("dnsConfig"), spec, errors);
    readiness_gates(&at("readinessGates"), &spec.readiness_gates, errors);
    scheduling_gates(&at("schedulingGates"), &spec.scheduling_gates, errors);
    spread(&at("topologySpreadConstraints"), &spec.topology_spread_constraints, errors);
    host_users(path, spec, errors);
    placed(path, spec, errors);
}

/// The second half: names, deadlines, tolerations, priorities.
fn placed(path: &str, spec: &PodSpec, errors: &mut Vec<FieldError>) {
    let at = |field: &str| format!("{path}.{field}");
    let named = |field: &str, value: &str, rule: fn(&str) -> Vec<String>, errors: &mut Vec<FieldError>| {
        if !value.is_empty() {
            push_invalid(errors, &at(field), value, rule(value));
        }
    };
    named("serviceAccountName", &spec.service_account_name, names::dns1123_subdomain, errors);
    named("nodeName", &spec.node_name, names::dns1123_subdomain, errors);
    if let Some(seconds) = spec.active_deadline_seconds
        && !(1..=i64::from(i32::MAX)).contains(&seconds)
    {
        let detail = "must be between 1 and 2147483647, inclusive";
        errors.push(FieldError::invalid(at("activeDeadlineSeconds"), &seconds, detail));
    }
    named("hostname", &spec.hostname, names::dns1123_label, errors);
    named("subdomain", &spec.subdomain, names::dns1123_label, errors);
    tolerations(&at("tolerations"), &spec.tolerations, errors);
    for (i, alias) in spec.host_aliases.iter().enumerate() {
        let at = format!("{path}.hostAliases[{i}]");
        errors.extend(ip::legacy_ip(&format!("{at}.ip"), text(alias, "ip"), true));
        for (j, name) in texts(alias, "hostnames").enumerate() {
            push_invalid(errors, &format!("{at}.hostnames[{j}]"), name, names::dns1123_subdomain(name));
        }
    }
    named("priorityClassName", &spec.priority_class_name, names::dns1123_subdomain, errors);
    if let Some(name) = &spec.runtime_class_name {
        push_invalid(errors, &at("runtimeClassName"), name, names::dns1123_subdomain(name));
    }
    if let Some(preemption) = &spec.preemption_policy {
        policy(at("preemptionPolicy"), preemption, &["PreemptLowerPriority", "Never"], errors);
    }
    if let Some(os) = &spec.os {
        policy(at("os.name"), text(os, "name"), &["linux", "windows"], errors);
    }
}

/// One of a few words.
fn policy(path: String, value: &str, supported: &[&str], errors: &mut Vec<FieldError>) {
    if value.is_empty() {
        errors.push(FieldError::required(path, ""));
    } else if !supported.contains(&value) {
        errors.push(FieldError::not_supported(path, value, supported));
    }
}

/// Where names are asked for (`validatePodDNSConfig`).
fn dns(path: &str, spec: &PodSpec, errors: &mut Vec<FieldError>) {
    let none = Value::Null;
    let config = spec.dns_config.as_ref().unwrap_or(&none);
    let (servers, searches) = (items(config, "nameservers"), items(config, "searches"));
    if spec.dns_policy == "None" {
        if config.is_null() {
            let detail = "must provide `dnsConfig` when `dnsPolicy` is None";
            return errors.push(FieldError::required(path, detail));
        }
        if servers.is_empty() {
            let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            return errors.push(FieldError::required(format!("{path}.nameservers"), detail));
        }
    }
    let (most_servers, most_searches, most_characters) = DNS_LIMITS;
    if servers.len() > most_servers {
        let detail = format!("must not have more than {most_servers} nameservers");
        errors.push(FieldError::invalid(format!("{path}.nameservers"), &AsJson(&servers.to_vec()), detail));
    }
    for (i, server) in texts(config, "nameservers").enumerate() {
        errors.extend(ip::legacy_ip(&format!("{path}.nameservers[{i}]"), server, true));
    }
    let at = format!("{path}.searches");
    if searches.len() > most_searches {
        let detail = format!("must not have more than {most_searches} search paths");
        errors.push(FieldError::invalid(at.clone(), &AsJson(&searches.to_vec()), detail));
    }
    let characters: usize = texts(config, "searches").map(|s| s.len() + 1).sum();
    if characters > most_characters + 1 {
        let detail = format!("must not have more than {most_characters} characters (including spaces) in the search list");
        errors.push(FieldError::invalid(at.clone(), &AsJson(&searches.to_vec()), detail));
    }
    for (i, search) in texts(config, "searches").enumerate().filter(|(_, s)| *s != ".") {
        let search = search.strip_suffix('.').unwrap_or(search);
        push_invalid(errors, &format!("{at}[{i}]"), search, names::subdomain_with_underscore(search));
    }
    for (i, option) in items(config, "options").iter().enumerate().filter(|(_, o)| text(o, "name").is_empty()) {
        let _ = option;
        errors.push(FieldError::required(format!("{path}.options[{i}]"), "must not be empty"));
    }
}

/// On the host's network a container port is the host's port; in a template it may still be left out.
fn host_network(path: &str, spec: &PodSpec, of: Of, errors: &mut Vec<FieldError>) {
    if !spec.host_network {
        return;
    }
    for (i, container) in spec.containers.iter().enumerate() {
        for (j, port) in container.ports.iter().enumerate() {
            if port.host_port != port.container_port && (of == Of::Pod || port.host_port != 0) {
                let at = format!("{path}.containers[{i}].ports[{j}].hostPort");
                let detail = "must match `containerPort` when `hostNetwork` is true";
                errors.push(FieldError::invalid(at, &port.host_port, detail));
            }
        }
    }
}

/// Users of its own and the host's namespaces do not go together.
fn host_users(path: &str, spec: &PodSpec, errors: &mut Vec<FieldError>) {
    if spec.host_users != Some(false) {
        return;
    }
    for (field, set) in [("hostNetwork", spec.host_network), ("HostPID", spec.host_pid), ("HostIPC", spec.host_ipc)] {
        if set {
            errors.push(FieldError::forbidden(format!("{path}.{field}"), "when `pod.Spec.HostUsers` is false"));
        }
    }
}
