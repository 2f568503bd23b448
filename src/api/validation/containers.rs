//! Containers (`pkg/apis/core/validation/validation.go`, validateContainers, validateInitContainers).

use super::field::{FieldError, push_invalid};
use super::service::PROTOCOLS;
use super::tree::{given, items, text};
use super::volumes::Volumes;
use super::{env, mounts, names, probes, resources, security};
use crate::api::pod::{Container, ContainerPort, PodSpec};
use std::collections::BTreeSet;

const RESTART_POLICIES: [&str; 3] = ["Always", "Never", "OnFailure"];

pub(super) fn regular(path: &str, spec: &PodSpec, volumes: &Volumes, errors: &mut Vec<FieldError>) {
    if spec.containers.is_empty() {
        errors.push(FieldError::required(path, ""));
        return;
    }
    let mut seen = BTreeSet::new();
    for (i, container) in spec.containers.iter().enumerate() {
        let path = format!("{path}[{i}]");
        common(&path, container, spec, volumes, errors);
        unique_name(&path, &container.name, &mut seen, errors);
        probes::hooks_and_probes(&path, container, spec.termination_grace_period_seconds, errors);
        restart_policy(&path, container, errors);
    }
    host_ports(path, &spec.containers, 0, errors);
}

pub(super) fn init(path: &str, spec: &PodSpec, volumes: &Volumes, errors: &mut Vec<FieldError>) {
    let mut seen: BTreeSet<&str> = spec.containers.iter().map(|c| c.name.as_str()).collect();
    for (i, container) in spec.init_containers.iter().enumerate() {
        let at = format!("{path}[{i}]");
        common(&at, container, spec, volumes, errors);
        restart_policy(&at, container, errors);
        unique_name(&at, &container.name, &mut seen, errors);
        host_ports(path, std::slice::from_ref(container), i, errors);
        if container.restarts_always() {
            probes::hooks_and_probes(&at, container, spec.termination_grace_period_seconds, errors);
            continue;
        }
        for (field, set) in [
            ("lifecycle", container.lifecycle.is_some()),
            ("livenessProbe", container.liveness_probe.is_some()),
            ("readinessProbe", container.readiness_probe.is_some()),
            ("startupProbe", container.startup_probe.is_some()),
        ] {
            if set {
                let detail = "may not be set for init containers without restartPolicy=Always";
                errors.push(FieldError::forbidden(format!("{at}.{field}"), detail));
            }
        }
    }
}

fn unique_name<'a>(path: &str, name: &'a str, seen: &mut BTreeSet<&'a str>, errors: &mut Vec<FieldError>) {
    if !seen.insert(name) {
        errors.push(FieldError::duplicate(format!("{path}.name"), name));
    }
}

/// Of its own, with rules (ContainerRestartRules).
fn restart_policy(path: &str, container: &Container, errors: &mut Vec<FieldError>) {
    let (at, rules) = (format!("{path}.restartPolicy"), &container.restart_policy_rules);
    match container.restart_policy.as_deref() {
        None if rules.is_empty() => return,
        None => errors.push(FieldError::required(at, "must specify restartPolicy when restart rules are used")),
        Some(policy) if !RESTART_POLICIES.contains(&policy) => {
            errors.push(FieldError::not_supported(at, policy, &RESTART_POLICIES));
        }
        Some(_) => {}
    }
    for (i, rule) in rules.iter().enumerate() {
        let at = format!("{path}.restartPolicyRules[{i}]");
        let (actions, action) = (["Restart", "RestartAllContainers"], text(rule, "action"));
        if !actions.contains(&action) {
            errors.push(FieldError::not_supported(format!("{at}.action"), action, &actions));
        }
        let Some(codes) = given(rule, "exitCodes") else {
            errors.push(FieldError::required(format!("{at}.exitCodes"), "must be specified"));
            continue;
        };
        let operator = text(codes, "operator");
        if !["In", "NotIn"].contains(&operator) {
            errors.push(FieldError::not_supported(format!("{at}.exitCodes.operator"), operator, &["In", "NotIn"]));
        }
        if items(codes, "values").is_empty() {
            errors.push(FieldError::required(format!("{at}.exitCodes.values"), ""));
        }
    }
}

fn common(path: &str, container: &Container, spec: &PodSpec, volumes: &Volumes, errors: &mut Vec<FieldError>) {
    let at = |field: &str| format!("{path}.{field}");
    if container.name.is_empty() {
        errors.push(FieldError::required(at("name"), ""));
    } else {
        push_invalid(errors, &at("name"), &container.name, names::dns1123_label(&container.name));
    }
    if container.image.is_empty() {
        errors.push(FieldError::required(at("image"), ""));
    }
    one_of(at("terminationMessagePolicy"), &container.termination_message_policy, &["File", "FallbackToLogsOnError"], errors);
    ports(&at("ports"), &container.ports, errors);
    env::variables(&at("env"), &container.env, errors);
    env::sources(&at("envFrom"), &container.env_from, errors);
    mounts::mounts(&at("volumeMounts"), container, volumes, errors);
    mounts::devices(&at("volumeDevices"), container, volumes, errors);
    one_of(at("imagePullPolicy"), &container.image_pull_policy, &["Always", "IfNotPresent", "Never"], errors);
    resources::requirements(&at("resources"), &container.resources, errors);
    resize_policy(&at("resizePolicy"), container, spec, errors);
    if let Some(context) = &container.security_context {
        security::container(&at("securityContext"), context, spec.host_users != Some(false), errors);
    }
}

/// The server names no index here.
fn resize_policy(path: &str, container: &Container, spec: &PodSpec, errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    for (i, policy) in container.resize_policy.iter().enumerate() {
        let (resource, restart) = (text(policy, "resourceName"), text(policy, "restartPolicy"));
        if !seen.insert(resource) {
            errors.push(FieldError::duplicate(format!("{path}[{i}]"), resource));
        }
        one_of(path.into(), resource, &["cpu", "memory"], errors);
        one_of(path.into(), restart, &["NotRequired", "RestartContainer"], errors);
        if spec.restart_policy == "Never" && restart != "NotRequired" {
            let detail = "must be 'NotRequired' when `restartPolicy` is 'Never'";
            errors.push(FieldError::invalid(path, restart, detail));
        }
    }
}

fn one_of(path: String, value: &str, supported: &[&str], errors: &mut Vec<FieldError>) {
    if value.is_empty() {
        errors.push(FieldError::required(path, ""));
    } else if !supported.contains(&value) {
        errors.push(FieldError::not_supported(path, value, supported));
    }
}

fn ports(path: &str, ports: &[ContainerPort], errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    for (i, port) in ports.iter().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        if !port.name.is_empty() {
            let messages = names::port_name(&port.name);
            if messages.is_empty() && !seen.insert(&port.name) {
                errors.push(FieldError::duplicate(at("name"), &port.name));
            }
            push_invalid(errors, &at("name"), &port.name, messages);
        }
        let number = |path: String, value: i32, errors: &mut Vec<FieldError>| {
            errors.extend(names::port_number(value).into_iter().map(|m| FieldError::invalid(path.clone(), &value, m)));
        };
        if port.container_port == 0 {
            errors.push(FieldError::required(at("containerPort"), ""));
        } else {
            number(at("containerPort"), port.container_port, errors);
        }
        if port.host_port != 0 {
            number(at("hostPort"), port.host_port, errors);
        }
        one_of(at("protocol"), &port.protocol, &PROTOCOLS, errors);
    }
}

/// A host port can be used once for a protocol and an address. `first`: the index of the first container.
fn host_ports(path: &str, containers: &[Container], first: usize, errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    for (i, container) in containers.iter().enumerate() {
        for (j, port) in container.ports.iter().enumerate().filter(|(_, p)| p.host_port != 0) {
            let key = format!("{}/{}/{}", port.protocol, port.host_ip, port.host_port);
            if !seen.insert(key.clone()) {
                errors.push(FieldError::duplicate(format!("{path}[{}].ports[{j}].hostPort", first + i), &key));
            }
        }
    }
}
