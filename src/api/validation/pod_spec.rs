//! Pod specs, of Pods and of templates (`pkg/apis/core/validation/validation.go`, ValidatePodSpec).
//! What the lab keeps without acting on it (affinity, security contexts, volumes' sources…) is not looked into.

use super::field::{FieldError, Printed, push_invalid};
use super::{containers, meta, names};
use crate::api::pod::{PodSpec, Toleration};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// All rules, in the server's order. `path`: `spec` of a Pod or `spec.template.spec`.
pub fn pod_spec(path: &str, spec: &PodSpec, errors: &mut Vec<FieldError>) {
    let at = |field: &str| format!("{path}.{field}");
    let volumes = volume_names(&at("volumes"), &spec.volumes, errors);
    containers::regular(&at("containers"), spec, &volumes, errors);
    containers::init(&at("initContainers"), spec, &volumes, errors);
    let policy = &spec.restart_policy;
    if policy.is_empty() {
        errors.push(FieldError::required(at("restartPolicy"), ""));
    } else if !["Always", "OnFailure", "Never"].contains(&policy.as_str()) {
        errors.push(FieldError::not_supported(at("restartPolicy"), policy, &["Always", "OnFailure", "Never"]));
    }
    dns_policy(path, spec, errors);
    meta::labels(&at("nodeSelector"), &spec.node_selector, errors);
    host_network(path, spec, errors);
    let mut named = |field: &str, value: &str, rule: fn(&str) -> Vec<String>| {
        if !value.is_empty() {
            push_invalid(errors, &at(field), value, rule(value));
        }
    };
    named("serviceAccountName", &spec.service_account_name, names::dns1123_subdomain);
    named("nodeName", &spec.node_name, names::dns1123_subdomain);
    if let Some(seconds) = spec.active_deadline_seconds
        && !(1..=i64::from(i32::MAX)).contains(&seconds)
    {
        let detail = "must be between 1 and 2147483647, inclusive";
        errors.push(FieldError::invalid(at("activeDeadlineSeconds"), &seconds, detail));
    }
    let mut named = |field: &str, value: &str, rule: fn(&str) -> Vec<String>| {
        if !value.is_empty() {
            push_invalid(errors, &at(field), value, rule(value));
        }
    };
    named("hostname", &spec.hostname, names::dns1123_label);
    named("subdomain", &spec.subdomain, names::dns1123_label);
    tolerations(&at("tolerations"), &spec.tolerations, errors);
    if !spec.priority_class_name.is_empty() {
        let name = &spec.priority_class_name;
        push_invalid(errors, &at("priorityClassName"), name, names::dns1123_subdomain(name));
    }
}

/// Names that mounts may refer to.
fn volume_names<'a>(path: &str, volumes: &'a [Value], errors: &mut Vec<FieldError>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    for (i, volume) in volumes.iter().enumerate() {
        let name = volume["name"].as_str().unwrap_or("");
        let at = format!("{path}[{i}]");
        if !volume.as_object().is_some_and(|v| v.keys().any(|k| k != "name")) {
            errors.push(FieldError::required(at.clone(), "must specify a volume type"));
        }
        let at = format!("{at}.name");
        if name.is_empty() {
            errors.push(FieldError::required(at, ""));
            continue;
        }
        let messages = names::dns1123_label(name);
        if messages.is_empty() && !seen.insert(name) {
            errors.push(FieldError::duplicate(at, name));
        } else {
            push_invalid(errors, &at, name, messages);
        }
    }
    seen
}

fn dns_policy(path: &str, spec: &PodSpec, errors: &mut Vec<FieldError>) {
    const POLICIES: [&str; 4] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    let policy = spec.dns_policy.as_str();
    if policy.is_empty() {
        errors.push(FieldError::required(format!("{path}.dnsPolicy"), ""));
    } else if !POLICIES.contains(&policy) {
        errors.push(FieldError::not_supported(format!("{path}.dnsPolicy"), policy, &POLICIES));
    }
    if policy != "None" {
        return;
    }
    match &spec.dns_config {
        None => {
            let detail = "must provide `dnsConfig` when `dnsPolicy` is None";
            errors.push(FieldError::required(format!("{path}.dnsConfig"), detail));
        }
        Some(config) if config["nameservers"].as_array().is_none_or(Vec::is_empty) => {
            let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            errors.push(FieldError::required(format!("{path}.dnsConfig.nameservers"), detail));
        }
        Some(_) => {}
    }
}

/// On the host's network a container port is the host's port.
fn host_network(path: &str, spec: &PodSpec, errors: &mut Vec<FieldError>) {
    if !spec.host_network {
        return;
    }
    for (i, container) in spec.containers.iter().enumerate() {
        for (j, port) in container.ports.iter().enumerate().filter(|(_, p)| p.host_port != 0 && p.host_port != p.container_port) {
            let at = format!("{path}.containers[{i}].ports[{j}].containerPort");
            let detail = "must match `hostPort` when `hostNetwork` is true";
            errors.push(FieldError::invalid(at, &port.container_port, detail));
        }
    }
}

fn tolerations(path: &str, tolerations: &[Toleration], errors: &mut Vec<FieldError>) {
    for (i, toleration) in tolerations.iter().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        let (key, operator) = (&toleration.key, toleration.operator.as_str());
        if !key.is_empty() {
            push_invalid(errors, &at("key"), key, names::qualified_name(key));
        } else if operator != "Exists" {
            let detail = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            errors.push(FieldError::invalid(at("operator"), operator, detail));
        }
        if toleration.toleration_seconds.is_some() && toleration.effect != "NoExecute" {
            let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            errors.push(FieldError::invalid(at("effect"), &toleration.effect, detail));
        }
        match operator {
            "Equal" | "" => {
                let messages = names::label_value(&toleration.value);
                if !messages.is_empty() {
                    errors.push(FieldError::invalid(at("operator"), &toleration.value, messages.join(";")));
                }
            }
            "Exists" if toleration.value.is_empty() => {}
            "Exists" => {
                let detail = "value must be empty when `operator` is 'Exists'";
                errors.push(FieldError::invalid(at("operator"), &internal(toleration), detail));
            }
            other => errors.push(FieldError::not_supported(at("operator"), other, &["Equal", "Exists"])),
        }
        if !toleration.effect.is_empty() && !EFFECTS.contains(&toleration.effect.as_str()) {
            errors.push(FieldError::not_supported(at("effect"), &toleration.effect, &EFFECTS));
        }
    }
}

/// The server's internal struct, with Go's names.
fn internal(toleration: &Toleration) -> Printed {
    let text = |s: &str| Value::from(s).to_string();
    let seconds = toleration.toleration_seconds.map_or("null".into(), |s| s.to_string());
    Printed(format!(
        "{{\"Key\":{},\"Operator\":{},\"Value\":{},\"Effect\":{},\"TolerationSeconds\":{seconds}}}",
        text(&toleration.key),
        text(&toleration.operator),
        text(&toleration.value),
        text(&toleration.effect)
    ))
}
