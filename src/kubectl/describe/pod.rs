//! Pod.

use super::{Writer, containers, template};
use crate::api::pod::Container;
use crate::api::{Pod, Time, qos};
use crate::kubectl::print::rows::since;
use serde_json::Value;

pub(super) fn pod(pod: &Pod, now: Time, out: &mut Writer) {
    beginning(pod, out);
    status(pod, now, out);
    let (spec, status) = (&pod.spec, &pod.status);
    if let Some(resources) = &spec.resources {
        out.line(0, "Resources:");
        containers::resources(resources, 1, out);
    }
    if !spec.init_containers.is_empty() {
        containers::of_pod("Init Containers", &spec.init_containers, &status.init_container_statuses, pod, out);
    }
    containers::of_pod("Containers", &spec.containers, &status.container_statuses, pod, out);
    let ephemeral: Vec<Container> = spec.ephemeral_containers.iter().filter_map(decode_container).collect();
    if !ephemeral.is_empty() {
        containers::of_pod("Ephemeral Containers", &ephemeral, &[], pod, out);
    }
    if !spec.readiness_gates.is_empty() {
        out.line(0, "Readiness Gates:\n  Type\tStatus");
        for gate in &spec.readiness_gates {
            let found = status.condition(&gate.condition_type).map_or("<none>", |c| &c.status);
            out.line(1, &format!("{} \t{found} ", gate.condition_type));
        }
    }
    if !status.conditions.is_empty() {
        out.line(0, "Conditions:\n  Type\tStatus");
    }
    for condition in &status.conditions {
        out.line(1, &format!("{} \t{} ", condition.type_, condition.status));
    }
    template::volumes(&spec.volumes, "", out);
    out.field(0, "QoS Class", if status.qos_class.is_empty() { qos::class(spec) } else { &status.qos_class });
    out.labels("Node-Selectors", &spec.node_selector);
    out.tolerations("Tolerations", &spec.tolerations);
    template::spread_constraints(&spec.topology_spread_constraints, "", out);
}

fn decode_container(value: &Value) -> Option<Container> {
    crate::api::codec::decode_record(value, &mut crate::api::codec::Decoder::default())
}

fn beginning(pod: &Pod, out: &mut Writer) {
    let spec = &pod.spec;
    out.field(0, "Name", &pod.meta.name);
    out.field(0, "Namespace", &pod.meta.namespace);
    if let Some(priority) = spec.priority {
        out.field(0, "Priority", priority);
    }
    let runtime_class = spec.runtime_class_name.as_deref().unwrap_or_default();
    let named = [
        ("Priority Class Name", spec.priority_class_name.as_str()),
        ("Runtime Class Name", runtime_class),
        ("Service Account", &spec.service_account_name),
    ];
    for (title, name) in named {
        if !name.is_empty() {
            out.field(0, title, name);
        }
    }
    match spec.node_name.as_str() {
        "" => out.field(0, "Node", "<none>"),
        node => out.field(0, "Node", format!("{node}/{}", pod.status.host_ip)),
    }
    if let Some(start) = pod.status.start_time {
        out.field(0, "Start Time", start.rfc1123z());
    }
    out.labels("Labels", &pod.meta.labels);
    out.annotations("Annotations", &pod.meta.annotations);
}

fn status(pod: &Pod, now: Time, out: &mut Writer) {
    let status = &pod.status;
    match pod.meta.deletion_timestamp.filter(|_| !pod.is_terminal()) {
        Some(since_when) => {
            out.field(0, "Status", format!("Terminating (lasts {})", since(since_when, now)));
            let grace = pod.meta.deletion_grace_period_seconds.unwrap_or(0);
            out.field(0, "Termination Grace Period", format!("{grace}s"));
        }
        None => out.field(0, "Status", &status.phase),
    }
    if !status.reason.is_empty() {
        out.field(0, "Reason", &status.reason);
    }
    if !status.message.is_empty() {
        out.field(0, "Message", &status.message);
    }
    seccomp(pod.spec.security_context.as_ref(), 0, out);
    out.field(0, "IP", &status.pod_ip);
    if status.pod_ips.is_empty() {
        out.field(0, "IPs", "<none>");
    } else {
        out.line(0, "IPs:");
        status.pod_ips.iter().for_each(|ip| out.field(1, "IP", &ip.ip));
    }
    super::controlled_by(&pod.meta, out);
    if !status.nominated_node_name.is_empty() {
        out.field(0, "NominatedNodeName", &status.nominated_node_name);
    }
}

/// The seccomp profile of a security context, if it has one.
pub(super) fn seccomp(context: Option<&Value>, level: usize, out: &mut Writer) {
    let Some(profile) = context.and_then(|c| c.get("seccompProfile")).filter(|p| p.is_object()) else { return };
    let type_ = profile["type"].as_str().unwrap_or_default();
    out.field(level, "SeccompProfile", type_);
    if type_ == "Localhost" {
        let inner = if level == 0 { 0 } else { level + 1 };
        out.field(inner, "LocalhostProfile", profile["localhostProfile"].as_str().unwrap_or_default());
    }
}
