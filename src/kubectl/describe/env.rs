//! A container's environment: plain values, and where the others come from.

use super::Writer;
use crate::api::pod::{Container, Pod};
use crate::api::resource_field::resource_field;
use serde_json::Value;

pub(super) fn describe(container: &Container, pod: Option<&Pod>, out: &mut Writer) {
    if !container.env_from.is_empty() {
        out.line(2, "Environment Variables from:");
        container.env_from.iter().for_each(|source| from(source, out));
    }
    out.line(2, if container.env.is_empty() { "Environment:\t<none>" } else { "Environment:" });
    for variable in &container.env {
        let name = &variable.name;
        match &variable.value_from {
            Some(source) => match taken_from(source, container, pod) {
                Some(value) => out.field(3, name, value),
                None => continue,
            },
            None => {
                for (i, line) in variable.value.split('\n').enumerate() {
                    out.line(3, &if i == 0 { format!("{name}:\t{line}") } else { format!("\t{line}") });
                }
            }
        }
    }
}

fn from(source: &Value, out: &mut Writer) {
    let (kind, of) = match (&source["configMapRef"], &source["secretRef"]) {
        (of @ Value::Object(_), _) => ("ConfigMap", of),
        (_, of @ Value::Object(_)) => ("Secret", of),
        (of, _) => ("", of),
    };
    let prefix = match source["prefix"].as_str().unwrap_or_default() {
        "" => String::new(),
        prefix => format!(" with prefix '{prefix}'"),
    };
    out.line(3, &format!("{}\t{kind}{prefix}\tOptional: {}", text(&of["name"]), optional(of)));
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn optional(value: &Value) -> bool {
    value["optional"].as_bool().unwrap_or(false)
}

/// What stands behind the name of a variable that is taken from elsewhere.
fn taken_from(source: &Value, container: &Container, pod: Option<&Pod>) -> Option<String> {
    let (key, name) = ("key", "name");
    if let field @ Value::Object(_) = &source["fieldRef"] {
        let version = field["apiVersion"].as_str().unwrap_or("v1");
        let path = text(&field["fieldPath"]);
        let value = pod.and_then(|pod| field_of(pod, path)).unwrap_or_default();
        return Some(format!("{value} ({version}:{path})"));
    }
    if let field @ Value::Object(_) = &source["resourceFieldRef"] {
        let resource = text(&field["resource"]);
        let value = resource_field(container, resource, &field["divisor"], |_| None).unwrap_or_default();
        let value = if value == "0" && matches!(resource, "limits.cpu" | "limits.memory") { "node allocatable" } else { &value };
        return Some(format!("{value} ({resource})"));
    }
    if let secret @ Value::Object(_) = &source["secretKeyRef"] {
        let (key, name) = (text(&secret[key]), text(&secret[name]));
        return Some(format!("<set to the key '{key}' in secret '{name}'>\tOptional: {}", optional(secret)));
    }
    let map = source.get("configMapKeyRef").filter(|m| m.is_object())?;
    let (key, name) = (text(&map[key]), text(&map[name]));
    Some(format!("<set to the key '{key}' of config map '{name}'>\tOptional: {}", optional(map)))
}

/// The fields of a Pod that kubectl can read by itself.
fn field_of<'p>(pod: &'p Pod, path: &str) -> Option<&'p str> {
    match path {
        "metadata.name" => Some(&pod.meta.name),
        "metadata.namespace" => Some(&pod.meta.namespace),
        _ => None,
    }
}
