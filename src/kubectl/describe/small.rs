//! Namespace, ConfigMap, Secret, and kinds without a describer of their own.

use super::Writer;
use crate::api::node::{ConfigMap, Secret, ServiceAccount};
use crate::api::selector::format_label_selector;
use crate::api::{Namespace, Object, PodDisruptionBudget, Time};
use serde_json::{Map, Value};

pub(super) fn namespace(namespace: &Namespace, out: &mut Writer) {
    out.field(0, "Name", &namespace.meta.name);
    out.labels("Labels", &namespace.meta.labels);
    out.annotations("Annotations", &namespace.meta.annotations);
    out.field(0, "Status", &namespace.status.phase);
    let text = |c: &Value, field: &str| c[field].as_str().unwrap_or_default().to_owned();
    for (i, c) in namespace.status.conditions.iter().enumerate() {
        if i == 0 {
            out.line(0, "Conditions:");
            out.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
            out.line(1, "----\t------\t------------------\t------\t-------");
        }
        let time = super::moment(Time::parse(&text(c, "lastTransitionTime")).unwrap_or_default());
        let (type_, status, reason, message) = (text(c, "type"), text(c, "status"), text(c, "reason"), text(c, "message"));
        out.line(1, &format!("{type_}\t{status}\t{time}\t{reason}\t{message}"));
    }
}

pub(super) fn config_map(map: &ConfigMap, out: &mut Writer) {
    super::head(&map.meta, out);
    out.line(0, "\nData\n====");
    for (key, value) in &map.data {
        out.line(0, &format!("{key}:\n----\n{value}\n"));
    }
    out.line(0, "\nBinaryData\n====");
    for (key, value) in &map.binary_data {
        out.line(0, &format!("{key}: {} bytes", decoded_length(value)));
    }
    out.line(0, "");
}

pub(super) fn secret(secret: &Secret, out: &mut Writer) {
    super::head(&secret.meta, out);
    out.line(0, &format!("\nType:\t{}", secret.type_));
    out.line(0, "\nData\n====");
    for (key, value) in &secret.data {
        out.field(0, key, format!("{} bytes", decoded_length(value)));
    }
}

/// The account with the Secrets that it names for pulling images.
pub(super) fn service_account(account: &ServiceAccount, out: &mut Writer) {
    super::head(&account.meta, out);
    let pull = account.image_pull_secrets.iter().filter_map(|s| s["name"].as_str()).map(str::to_owned).collect::<Vec<_>>();
    out.list("Image pull secrets", &pull);
}

pub(super) fn budget(budget: &PodDisruptionBudget, out: &mut Writer) {
    out.field(0, "Name", &budget.meta.name);
    out.field(0, "Namespace", &budget.meta.namespace);
    match (&budget.spec.min_available, &budget.spec.max_unavailable) {
        (Some(least), _) => out.field(0, "Min available", least),
        (None, Some(most)) => out.field(0, "Max unavailable", most),
        (None, None) => {}
    }
    match &budget.spec.selector {
        Some(_) => out.field(0, "Selector", format_label_selector(budget.spec.selector.as_ref())),
        None => out.field(0, "Selector", "<unset>"),
    }
    let status = &budget.status;
    out.line(0, "Status:");
    out.field(2, "Allowed disruptions", status.disruptions_allowed);
    out.field(2, "Current", status.current_healthy);
    out.field(2, "Desired", status.desired_healthy);
    out.field(2, "Total", status.expected_pods);
}

/// Bytes behind a base64 text.
fn decoded_length(text: &str) -> usize {
    text.trim_end_matches('=').len() * 3 / 4
}

/// Every field of an object by name, as kubectl does it for kinds that it does not know.
pub(super) fn generic(object: &Object, out: &mut Writer) {
    super::head(object.meta(), out);
    if let Value::Object(map) = object.to_value() {
        fields(&map, 0, "", out);
    }
}

const SHOWN_ABOVE: [&str; 5] =
    [".metadata.managedFields", ".metadata.name", ".metadata.namespace", ".metadata.labels", ".metadata.annotations"];

fn fields(map: &Map<String, Value>, level: usize, path: &str, out: &mut Writer) {
    for (name, value) in map {
        let path = format!("{path}.{name}");
        if SHOWN_ABOVE.contains(&path.as_str()) {
            continue;
        }
        let label = label(name);
        match value {
            Value::Object(inner) => {
                out.line(level, &format!("{label}:"));
                fields(inner, level + 1, &path, out);
            }
            Value::Array(items) => {
                out.line(level, &format!("{label}:"));
                for item in items {
                    match item {
                        Value::Object(inner) => fields(inner, level + 1, &path, out),
                        other => out.line(level + 1, &crate::apiserver::patch::go_format(other)),
                    }
                }
            }
            other => out.field(level, &label, crate::apiserver::patch::go_format(other)),
        }
    }
}

/// `creationTimestamp` as `Creation Timestamp`; names with other signs than letters and hyphens stay as they are.
fn label(name: &str) -> String {
    if name.chars().any(|c| !c.is_alphabetic() && c != '-') {
        return name.to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    for c in name.chars() {
        let previous = words.last().and_then(|w| w.chars().last());
        match (previous, words.last_mut()) {
            (Some(p), Some(word)) if p.is_uppercase() && c.is_lowercase() && word.chars().count() > 1 => {
                word.pop();
                words.push(format!("{p}{c}"));
            }
            (Some(p), Some(word)) if p.is_uppercase() == c.is_uppercase() || p.is_uppercase() => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    let finish = |word: &String| {
        let upper = word.to_uppercase();
        if matches!(upper.as_str(), "API" | "URL" | "UID" | "GUID") {
            return upper;
        }
        let mut chars = word.chars();
        chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
    };
    words.iter().map(finish).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn labels_are_words() {
        for (name, label) in [("creationTimestamp", "Creation Timestamp"), ("apiVersion", "API Version"), ("kind", "Kind")] {
            assert_eq!(super::label(name), label);
        }
        assert_eq!(super::label("involvedObject"), "Involved Object");
        assert_eq!(super::label("uid"), "UID");
    }
}
