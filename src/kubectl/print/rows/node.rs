//! The rows of Node and Event.

use super::{or, since, since_micro};
use crate::api::{Event, MicroTime, Node, Time};
use std::collections::BTreeSet;

pub(super) fn cells(node: &Node, now: Time) -> Vec<String> {
    let info = &node.status.node_info;
    let unknown = |text: &str| or(text, "<unknown>").to_owned();
    let mut kernel = unknown(&info.kernel_version);
    if !info.architecture.is_empty() {
        kernel = format!("{kernel} ({})", info.architecture);
    }
    vec![
        node.meta.name.clone(),
        status(node),
        or(&roles(node).join(","), "<none>").to_owned(),
        since(node.meta.creation_timestamp, now),
        info.kubelet_version.clone(),
        or(node.address("InternalIP"), "<none>").to_owned(),
        or(node.address("ExternalIP"), "<none>").to_owned(),
        unknown(&info.os_image),
        kernel,
        unknown(&info.container_runtime_version),
    ]
}

/// `Ready`, `NotReady` or `Unknown` (the kubelet never reported), and whether the node is cordoned.
fn status(node: &Node) -> String {
    let ready = node.status.conditions.iter().rfind(|c| c.type_ == "Ready");
    let word = match ready.map(|c| c.status.as_str()) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    if node.spec.unschedulable { format!("{word},SchedulingDisabled") } else { word.to_owned() }
}

/// A node's roles by its labels, sorted, each once.
pub(crate) fn roles(node: &Node) -> Vec<String> {
    let mut roles = BTreeSet::new();
    for (key, value) in &node.meta.labels {
        if let Some(role) = key.strip_prefix("node-role.kubernetes.io/") {
            roles.insert(role.to_owned());
        } else if key == "kubernetes.io/role" {
            roles.insert(value.clone());
        }
    }
    roles.into_iter().filter(|r| !r.is_empty()).collect()
}

pub(super) fn event_cells(event: &Event, now: Time) -> Vec<String> {
    let first =
        if event.first_timestamp.is_zero() { since_micro(event.event_time, now) } else { since(event.first_timestamp, now) };
    let mut last = if event.last_timestamp.is_zero() { first.clone() } else { since(event.last_timestamp, now) };
    let mut count = i64::from(event.count.max(1));
    if let Some(series) = &event.series {
        let seen = series["lastObservedTime"].as_str().and_then(MicroTime::parse).unwrap_or_default();
        last = since_micro(seen, now);
        count = series["count"].as_i64().unwrap_or(0);
    }
    let object = &event.involved_object;
    let kind = object.kind.to_lowercase();
    vec![
        last,
        event.type_.clone(),
        event.reason.clone(),
        if object.name.is_empty() { kind } else { format!("{kind}/{}", object.name) },
        object.field_path.clone(),
        source(event),
        event.message.trim().to_owned(),
        first,
        count.to_string(),
        event.meta.name.clone(),
    ]
}

/// Who reported it: `component, host`.
fn source(event: &Event) -> String {
    let component = or(&event.source.component, &event.reporting_component);
    let instance = or(&event.source.host, &event.reporting_instance);
    if instance.is_empty() { component.to_owned() } else { format!("{component}, {instance}") }
}
