//! Security contexts (`pkg/apis/core/validation/validation.go`, ValidateSecurityContext, validatePodSpecSecurityContext).

use super::field::FieldError;
use super::tree::{descending, given, items, required, text};
use crate::api::pod::PodSpec;
use serde_json::Value;
use std::collections::BTreeSet;

const PROFILES: [&str; 3] = ["Localhost", "RuntimeDefault", "Unconfined"];
const ID_RANGE: &str = "must be between 0 and 2147483647, inclusive";

/// `securityContext` of a container. `host_users`: whether the Pod shares the host's users.
pub(super) fn container(path: &str, context: &Value, host_users: bool, errors: &mut Vec<FieldError>) {
    ids(path, context, &["runAsUser", "runAsGroup"], errors);
    if let Some(mount) = context["procMount"].as_str() {
        let at = format!("{path}.procMount");
        if !["Default", "Unmasked"].contains(&mount) {
            errors.push(FieldError::not_supported(at.clone(), mount, &["Default", "Unmasked"]));
        }
        if host_users && mount == "Unmasked" {
            errors.push(FieldError::invalid(at, mount, "`hostUsers` must be false to use `Unmasked`"));
        }
    }
    seccomp(&format!("{path}.seccompProfile"), context, errors);
    if context["allowPrivilegeEscalation"] == false {
        let shown = super::field::Printed(super::pod_internal::security_context(context));
        if context["privileged"] == true {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            errors.push(FieldError::invalid(path, &shown, detail));
        }
        for _ in items(&context["capabilities"], "add").iter().filter(|c| *c == "CAP_SYS_ADMIN") {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
            errors.push(FieldError::invalid(path, &shown, detail));
        }
    }
    app_armor(&format!("{path}.appArmorProfile"), context, errors);
}

/// `securityContext` of a Pod, with what stands beside it in the spec.
pub(super) fn pod(path: &str, spec: &PodSpec, errors: &mut Vec<FieldError>) {
    let none = Value::Null;
    let context = spec.security_context.as_ref().unwrap_or(&none);
    ids(path, context, &["fsGroup", "runAsUser", "runAsGroup"], errors);
    for (i, group) in items(context, "supplementalGroups").iter().enumerate() {
        id(format!("{path}.supplementalGroups[{i}]"), group, errors);
    }
    if spec.share_process_namespace == Some(true) && spec.host_pid {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        errors.push(FieldError::invalid(format!("{path}.shareProcessNamespace"), &true, detail));
    }
    sysctls(&format!("{path}.sysctls"), context, spec, errors);
    one_of(path, context, "fsGroupChangePolicy", &["Always", "OnRootMismatch"], errors);
    seccomp(&format!("{path}.seccompProfile"), context, errors);
    app_armor(&format!("{path}.appArmorProfile"), context, errors);
    one_of(path, context, "supplementalGroupsPolicy", &["Merge", "Strict"], errors);
    one_of(path, context, "seLinuxChangePolicy", &["MountOption", "Recursive"], errors);
}

fn one_of(path: &str, context: &Value, field: &str, supported: &[&str], errors: &mut Vec<FieldError>) {
    if let Some(value) = context[field].as_str().filter(|v| !supported.contains(v)) {
        errors.push(FieldError::not_supported(format!("{path}.{field}"), value, supported));
    }
}

fn ids(path: &str, context: &Value, fields: &[&str], errors: &mut Vec<FieldError>) {
    for field in fields {
        id(format!("{path}.{field}"), &context[field], errors);
    }
}

/// Users and groups are numbers of 31 bits.
fn id(path: String, value: &Value, errors: &mut Vec<FieldError>) {
    if let Some(id) = value.as_i64().filter(|id| !(0..=i64::from(i32::MAX)).contains(id)) {
        errors.push(FieldError::invalid(path, &id, ID_RANGE));
    }
}

fn seccomp(path: &str, context: &Value, errors: &mut Vec<FieldError>) {
    let Some(profile) = given(context, "seccompProfile") else { return };
    match text(profile, "type") {
        "" => {
            let detail = "type is required when seccompProfile is set";
            errors.push(FieldError::required(format!("{path}.type"), detail));
        }
        other if !PROFILES.contains(&other) => {
            errors.push(FieldError::not_supported(format!("{path}.type"), other, &PROFILES));
        }
        _ => {}
    }
    let at = format!("{path}.localhostProfile");
    match (text(profile, "type") == "Localhost", profile["localhostProfile"].as_str()) {
        (true, None) => errors.push(FieldError::required(at, "must be set when seccomp type is Localhost")),
        (true, Some(target)) => descending(&at, target, errors),
        (false, Some(target)) => {
            let shown = serde_json::json!({"Type": text(profile, "type"), "LocalhostProfile": target});
            let shown = super::field::Printed(format!(
                "{{\"Type\":{},\"LocalhostProfile\":{}}}",
                shown["Type"], shown["LocalhostProfile"]
            ));
            errors.push(FieldError::invalid(at, &shown, "can only be set when seccomp type is Localhost"));
        }
        (false, None) => {}
    }
}

fn app_armor(path: &str, context: &Value, errors: &mut Vec<FieldError>) {
    let Some(profile) = given(context, "appArmorProfile") else { return };
    let (at, target) = (format!("{path}.localhostProfile"), profile["localhostProfile"].as_str());
    match text(profile, "type") {
        "Localhost" => match target {
            None | Some("") => errors.push(FieldError::required(at, "must be set when AppArmor type is Localhost")),
            Some(target) if target.trim() != target => {
                errors.push(FieldError::invalid(at, target, "must not be padded with whitespace"));
            }
            Some(_) => {}
        },
        "RuntimeDefault" | "Unconfined" => {
            if let Some(target) = target {
                errors.push(FieldError::invalid(at, target, "can only be set when AppArmor type is Localhost"));
            }
        }
        "" => {
            let detail = "type is required when appArmorProfile is set";
            errors.push(FieldError::required(format!("{path}.type"), detail));
        }
        other => errors.push(FieldError::not_supported(format!("{path}.type"), other, &PROFILES)),
    }
}

fn sysctls(path: &str, context: &Value, spec: &PodSpec, errors: &mut Vec<FieldError>) {
    const FORMAT: &str = "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
    let mut seen = BTreeSet::new();
    for (i, sysctl) in items(context, "sysctls").iter().enumerate() {
        let at = format!("{path}[{i}].name");
        let name = required(&format!("{path}[{i}]"), sysctl, "name", errors);
        if name.is_empty() {
            continue;
        }
        if name.len() > 253 || !name.split(['.', '/']).all(is_segment) {
            errors.push(FieldError::invalid(at.clone(), name, FORMAT));
        } else if !seen.insert(name) {
            errors.push(FieldError::duplicate(at.clone(), name));
        }
        if spec.host_network && name.replace('/', ".").starts_with("net.") {
            errors.push(FieldError::invalid(at, name, "may not be specified when 'hostNetwork' is true"));
        }
    }
}

fn is_segment(text: &str) -> bool {
    let end = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(end) && bytes.last().is_some_and(end) && bytes.iter().all(|b| end(b) || matches!(b, b'-' | b'_'))
}
