//! Containers (`pkg/apis/core/validation/validation.go`, validateContainers, validateInitContainers).

use super::field::{FieldError, push_invalid};
use super::service::PROTOCOLS;
use super::{names, probes, resources};
use crate::api::pod::{Container, ContainerPort, PodSpec};
use std::collections::BTreeSet;

type Names<'a> = BTreeSet<&'a str>;

pub(super) fn regular(path: &str, spec: &PodSpec, volumes: &Names, errors: &mut Vec<FieldError>) {
    if spec.containers.is_empty() {
        errors.push(FieldError::required(path, ""));
        return;
    }
    let mut seen = BTreeSet::new();
    for (i, container) in spec.containers.iter().enumerate() {
        let path = format!("{path}[{i}]");
        common(&path, container, volumes, errors);
        unique_name(&path, &container.name, &mut seen, errors);
        probes::hooks_and_probes(&path, container, spec.termination_grace_period_seconds, errors);
    }
    host_ports(path, &spec.containers, 0, errors);
}

pub(super) fn init(path: &str, spec: &PodSpec, volumes: &Names, errors: &mut Vec<FieldError>) {
    let mut seen: BTreeSet<&str> = spec.containers.iter().map(|c| c.name.as_str()).collect();
    for (i, container) in spec.init_containers.iter().enumerate() {
        let at = format!("{path}[{i}]");
        common(&at, container, volumes, errors);
        unique_name(&at, &container.name, &mut seen, errors);
        host_ports(path, std::slice::from_ref(container), i, errors);
        if container.restart_policy.as_deref() == Some("Always") {
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

fn common(path: &str, container: &Container, volumes: &Names, errors: &mut Vec<FieldError>) {
    let at = |field: &str| format!("{path}.{field}");
    if container.name.is_empty() {
        errors.push(FieldError::required(at("name"), ""));
    } else {
        push_invalid(errors, &at("name"), &container.name, names::dns1123_label(&container.name));
    }
    if container.image.is_empty() {
        errors.push(FieldError::required(at("image"), ""));
    }
    one_of(at("terminationMessagePolicy"), &container.termination_message_policy, &["FallbackToLogsOnError", "File"], errors);
    ports(&at("ports"), &container.ports, errors);
    for (i, variable) in container.env.iter().enumerate() {
        let path = format!("{path}.env[{i}].name");
        if variable.name.is_empty() {
            errors.push(FieldError::required(path, ""));
        } else {
            push_invalid(errors, &path, &variable.name, names::env_var_name(&variable.name));
        }
    }
    mounts(&at("volumeMounts"), container, volumes, errors);
    one_of(at("imagePullPolicy"), &container.image_pull_policy, &["Always", "IfNotPresent", "Never"], errors);
    resources::requirements(&at("resources"), &container.resources, errors);
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

fn mounts(path: &str, container: &Container, volumes: &Names, errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    for (i, mount) in container.volume_mounts.iter().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        if mount.name.is_empty() {
            errors.push(FieldError::required(at("name"), ""));
        }
        if !volumes.contains(mount.name.as_str()) {
            errors.push(FieldError::not_found(at("name"), &mount.name));
        }
        if mount.mount_path.is_empty() {
            errors.push(FieldError::required(at("mountPath"), ""));
        }
        if !seen.insert(&mount.mount_path) {
            errors.push(FieldError::invalid(at("mountPath"), &mount.mount_path, "must be unique"));
        }
    }
}
