//! Where volumes appear in containers (`pkg/apis/core/validation/validation.go`, ValidateVolumeMounts, ValidateVolumeDevices).

use super::field::FieldError;
use super::tree::{descending, given, text};
use super::volumes::Volumes;
use crate::api::pod::{Container, VolumeMount};
use std::collections::BTreeSet;

const PROPAGATIONS: [&str; 3] = ["Bidirectional", "HostToContainer", "None"];

/// `volumeMounts` of a container.
pub(super) fn mounts(path: &str, container: &Container, volumes: &Volumes, errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    for (i, mount) in container.volume_mounts.iter().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        if mount.name.is_empty() {
            errors.push(FieldError::required(at("name"), ""));
        }
        if !volumes.contains_key(mount.name.as_str()) {
            errors.push(FieldError::not_found(at("name"), &mount.name));
        }
        if mount.mount_path.is_empty() {
            errors.push(FieldError::required(at("mountPath"), ""));
        }
        if !seen.insert(&mount.mount_path) {
            errors.push(FieldError::invalid(at("mountPath"), &mount.mount_path, "must be unique"));
        }
        if container.volume_devices.iter().any(|d| text(d, "name") == mount.name) {
            errors.push(FieldError::invalid(at("name"), &mount.name, "must not already exist in volumeDevices"));
        }
        if container.volume_devices.iter().any(|d| text(d, "devicePath") == mount.mount_path) {
            let detail = "must not already exist as a path in volumeDevices";
            errors.push(FieldError::invalid(at("mountPath"), &mount.mount_path, detail));
        }
        // The server names no index from here on.
        below(path, mount, &at("subPathExpr"), errors);
        propagation(path, mount, container, errors);
    }
}

fn below(path: &str, mount: &VolumeMount, here: &str, errors: &mut Vec<FieldError>) {
    if !mount.sub_path.is_empty() {
        descending(&format!("{path}.subPath"), &mount.sub_path, errors);
    }
    if !mount.sub_path_expr.is_empty() {
        if !mount.sub_path.is_empty() {
            let detail = "subPathExpr and subPath are mutually exclusive";
            errors.push(FieldError::invalid(here, &mount.sub_path_expr, detail));
        }
        descending(&format!("{path}.subPathExpr"), &mount.sub_path_expr, errors);
    }
}

fn propagation(path: &str, mount: &VolumeMount, container: &Container, errors: &mut Vec<FieldError>) {
    let asked = mount.mount_propagation.as_deref();
    let at = format!("{path}.mountPropagation");
    if let Some(other) = asked.filter(|p| !PROPAGATIONS.contains(p)) {
        errors.push(FieldError::not_supported(at.clone(), other, &PROPAGATIONS));
    }
    let privileged = container.security_context.as_ref().is_some_and(|c| c["privileged"] == true);
    if asked == Some("Bidirectional") && !privileged {
        let detail = "Bidirectional mount propagation is available only to privileged containers";
        errors.push(FieldError::forbidden(at, detail));
    }
    let at = format!("{path}.recursiveReadOnly");
    match mount.recursive_read_only.as_deref() {
        None | Some("Disabled") => {}
        Some("Enabled" | "IfPossible") => {
            if !mount.read_only {
                errors.push(FieldError::forbidden(at.clone(), "may only be specified when readOnly is true"));
            }
            if asked.is_some_and(|p| p != "None") {
                let detail = "may only be specified when mountPropagation is None or not specified";
                errors.push(FieldError::forbidden(at, detail));
            }
        }
        Some(other) => {
            errors.push(FieldError::not_supported(at, other, &["Disabled", "Enabled", "IfPossible"]));
        }
    }
}

/// `volumeDevices` of a container.
pub(super) fn devices(path: &str, container: &Container, volumes: &Volumes, errors: &mut Vec<FieldError>) {
    let (mut names, mut paths) = (BTreeSet::new(), BTreeSet::new());
    for (i, device) in container.volume_devices.iter().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        let (name, target) = (text(device, "name"), text(device, "devicePath"));
        if name.is_empty() {
            errors.push(FieldError::required(at("name"), ""));
        } else if !names.insert(name) {
            errors.push(FieldError::invalid(at("name"), name, "must be unique"));
        }
        match volumes.get(name) {
            None => errors.push(FieldError::not_found(at("name"), name)),
            Some(v) if given(v, "persistentVolumeClaim").is_none() && given(v, "ephemeral").is_none() => {
                let detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                errors.push(FieldError::invalid(at("name"), name, detail));
            }
            Some(_) => {}
        }
        if target.is_empty() {
            errors.push(FieldError::required(at("devicePath"), ""));
        }
        if !paths.insert(target) {
            errors.push(FieldError::invalid(at("devicePath"), target, "must be unique"));
        }
        if target.split('/').any(|part| part == "..") {
            errors.push(FieldError::invalid(at("devicePath"), target, "can not contain backsteps ('..')"));
        }
        if container.volume_mounts.iter().any(|m| m.name == name) {
            errors.push(FieldError::invalid(at("name"), name, "must not already exist in volumeMounts"));
        }
        if container.volume_mounts.iter().any(|m| m.mount_path == target) {
            let detail = "must not already exist as a path in volumeMounts";
            errors.push(FieldError::invalid(at("devicePath"), target, detail));
        }
    }
}
