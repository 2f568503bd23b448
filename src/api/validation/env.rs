//! Environment variables (`pkg/apis/core/validation/validation.go`, ValidateEnv, ValidateEnvFrom).

use super::field::{FieldError, push_invalid};
use super::names;
use super::tree::{given, required, text};
use crate::api::pod::EnvVar;
use crate::api::quantity::Amount;
use serde_json::Value;

/// Fields of a Pod that a variable may show.
const IN_VARIABLES: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// Fields of a Pod that a file may show.
pub(super) const IN_VOLUMES: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
/// Fields that have a name at all.
const KNOWN: [&str; 15] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.serviceAccountName",
    "spec.schedulerName",
    "spec.terminationGracePeriodSeconds",
    "status.phase",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
const RESOURCES: [&str; 6] =
    ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];
const BYTES: [&str; 13] = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/// `env` of a container.
pub(super) fn variables(path: &str, list: &[EnvVar], errors: &mut Vec<FieldError>) {
    for (i, variable) in list.iter().enumerate() {
        let at = format!("{path}[{i}].name");
        if variable.name.is_empty() {
            errors.push(FieldError::required(at, ""));
        } else {
            push_invalid(errors, &at, &variable.name, names::env_var_name(&variable.name));
        }
        if let Some(source) = &variable.value_from {
            value_from(&format!("{path}[{i}].valueFrom"), source, &variable.value, errors);
        }
    }
}

fn value_from(path: &str, source: &Value, value: &str, errors: &mut Vec<FieldError>) {
    let at = |field: &str| format!("{path}.{field}");
    if let Some(field) = given(source, "fieldRef") {
        field_ref(&at("fieldRef"), field, &IN_VARIABLES, errors);
    }
    if let Some(resource) = given(source, "resourceFieldRef") {
        resource_ref(&at("resourceFieldRef"), resource, false, errors);
    }
    for kind in ["configMapKeyRef", "secretKeyRef"] {
        if let Some(reference) = given(source, kind) {
            key_ref(&at(kind), reference, errors);
        }
    }
    let detail = match source.as_object().map_or(0, serde_json::Map::len) {
        0 => "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        _ if !value.is_empty() => "may not be specified when `value` is not empty",
        1 => return,
        _ => "may not have more than one field specified at a time",
    };
    errors.push(FieldError::invalid(path, "", detail));
}

/// A key of a ConfigMap or a Secret.
fn key_ref(path: &str, reference: &Value, errors: &mut Vec<FieldError>) {
    let name = text(reference, "name");
    push_invalid(errors, &format!("{path}.name"), name, names::dns1123_subdomain(name));
    let key = required(path, reference, "key", errors);
    if !key.is_empty() {
        push_invalid(errors, &format!("{path}.key"), key, names::config_map_key(key));
    }
}

/// A field of the Pod itself; `supported`: what may be shown here.
pub(super) fn field_ref(path: &str, reference: &Value, supported: &[&str], errors: &mut Vec<FieldError>) {
    if required(path, reference, "apiVersion", errors).is_empty() {
        return;
    }
    let field = required(path, reference, "fieldPath", errors);
    if field.is_empty() {
        return;
    }
    let at = format!("{path}.fieldPath");
    let version = text(reference, "apiVersion");
    let (name, subscript) = match field.strip_suffix("']").and_then(|f| f.split_once("['")) {
        Some((name, subscript)) if !name.is_empty() => (name, Some(subscript)),
        _ => (field, None),
    };
    let why = match subscript {
        _ if version != "v1" => Some(format!("unsupported pod version: {version}")),
        Some(_) if !["metadata.annotations", "metadata.labels"].contains(&name) => {
            Some(format!("field label does not support subscript: {field}"))
        }
        None if !KNOWN.contains(&field) && field != "spec.host" => Some(format!("field label not supported: {field}")),
        _ => None,
    };
    if let Some(why) = why {
        errors.push(FieldError::invalid(at, field, format!("error converting fieldPath: {why}")));
        return;
    }
    match subscript {
        Some(key) if name == "metadata.annotations" => {
            let key = key.to_lowercase();
            push_invalid(errors, path, &key, names::qualified_name(&key));
        }
        Some(key) => push_invalid(errors, path, key, names::qualified_name(key)),
        None if supported.contains(&name) || field == "spec.host" => {}
        None => errors.push(FieldError::not_supported(at, name, supported)),
    }
}

/// A request or a limit of a container; in a volume it must say of which.
pub(super) fn resource_ref(path: &str, reference: &Value, in_volume: bool, errors: &mut Vec<FieldError>) {
    let resource = text(reference, "resource");
    let huge = ["requests.hugepages-", "limits.hugepages-"].iter().any(|prefix| resource.starts_with(prefix));
    if in_volume && text(reference, "containerName").is_empty() {
        errors.push(FieldError::required(format!("{path}.containerName"), ""));
    } else if resource.is_empty() {
        errors.push(FieldError::required(format!("{path}.resource"), ""));
    } else if !RESOURCES.contains(&resource) && !huge {
        errors.push(FieldError::not_supported(format!("{path}.resource"), resource, &RESOURCES));
    }
    let divisor = text(reference, "divisor");
    if !Amount::parse(divisor).is_ok_and(|a| a.sign() != 0) {
        return;
    }
    let list = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";
    let detail = match resource.rsplit('.').next() {
        Some("cpu") if !["1m", "1"].contains(&divisor) => {
            "only divisor's values 1m and 1 are supported with the cpu resource".to_string()
        }
        Some("memory") if !BYTES.contains(&divisor) => {
            format!("only divisor's values {list} are supported with the memory resource")
        }
        Some("ephemeral-storage") if !BYTES.contains(&divisor) => {
            format!("only divisor's values {list} are supported with the local ephemeral storage resource")
        }
        _ => return,
    };
    errors.push(FieldError::invalid(format!("{path}.divisor"), resource, detail));
}

/// `envFrom` of a container.
pub(super) fn sources(path: &str, list: &[Value], errors: &mut Vec<FieldError>) {
    for (i, source) in list.iter().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        let prefix = text(source, "prefix");
        if !prefix.is_empty() {
            push_invalid(errors, &at("prefix"), prefix, names::env_var_name(prefix));
        }
        let mut count = 0;
        for kind in ["configMapRef", "secretRef"] {
            let Some(reference) = given(source, kind) else { continue };
            count += 1;
            let name = required(&at(kind), reference, "name", errors);
            if !name.is_empty() {
                let messages = names::as_prefix(name, names::dns1123_subdomain);
                push_invalid(errors, &format!("{}.name", at(kind)), name, messages);
            }
        }
        match count {
            0 => errors.push(FieldError::invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")),
            1 => {}
            _ => errors.push(FieldError::invalid(path, "", "may not have more than one field specified at a time")),
        }
    }
}
