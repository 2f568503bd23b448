//! NetworkPolicy: whom the Pods of a selector may talk to.

use super::Writer;
use crate::api::meta::LabelSelector;
use crate::api::plain::{Plain, typed};
use crate::api::selector::format_label_selector;
use serde_json::Value;

pub(super) fn network_policy(policy: &Plain, out: &mut Writer) {
    let (meta, spec) = (&policy.meta, policy.at(&["spec"]));
    out.field(0, "Name", &meta.name);
    out.field(0, "Namespace", &meta.namespace);
    let created = meta.creation_timestamp.rfc3339().replace('T', " ").replace('Z', " +0000 UTC");
    out.field(0, "Created on", created);
    out.labels("Labels", &meta.labels);
    out.annotations("Annotations", &meta.annotations);
    out.line(0, "Spec:");
    let selected = match selector(&spec["podSelector"]).as_str() {
        "<none>" => "<none> (Allowing the specific traffic to all pods in this namespace)".to_owned(),
        labels => labels.to_owned(),
    };
    out.line(1, &format!("PodSelector:     {selected}"));
    let types: Vec<&str> = spec["policyTypes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (type_, peers) in [("Ingress", "From"), ("Egress", "To")] {
        let direction = type_.to_lowercase();
        if types.contains(&type_) {
            out.line(1, &format!("Allowing {direction} traffic:"));
            rules(&spec[&direction], &direction, peers, out);
        } else {
            out.line(1, &format!("Not affecting {direction} traffic"));
        }
    }
    out.line(1, &format!("Policy Types: {}", types.join(", ")));
}

fn selector(value: &Value) -> String {
    format_label_selector(Some(&typed::<LabelSelector>(value)))
}

fn rules(rules: &Value, direction: &str, peers: &str, out: &mut Writer) {
    let rules: Vec<&Value> = rules.as_array().into_iter().flatten().collect();
    if rules.is_empty() {
        out.line(0, &format!("    <none> (Selected pods are isolated for {direction} connectivity)"));
    }
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for (i, rule) in rules.iter().enumerate() {
        let (ports, others) = (list(&rule["ports"]), list(&rule[peers.to_lowercase()]));
        if ports.is_empty() {
            out.line(0, "    To Port: <any> (traffic allowed to all ports)");
        }
        for port in &ports {
            let number = match &port["port"] {
                Value::Null => "<nil>".to_owned(),
                port => port.as_str().map_or_else(|| port.to_string(), str::to_owned),
            };
            let (title, end) = match port["endPort"].as_i64() {
                Some(end) => ("To Port Range", format!("-{end}")),
                None => ("To Port", String::new()),
            };
            out.line(0, &format!("    {title}: {number}{end}/{}", port["protocol"].as_str().unwrap_or("TCP")));
        }
        if others.is_empty() {
            let side = if peers == "From" { "source" } else { "destination" };
            out.line(0, &format!("    {peers}: <any> (traffic not restricted by {side})"));
        }
        for other in &others {
            out.line(0, &format!("    {peers}:"));
            peer(other, out);
        }
        if i + 1 < rules.len() {
            out.line(0, "    ----------");
        }
    }
}

fn peer(peer: &Value, out: &mut Writer) {
    for (field, title) in [("namespaceSelector", "NamespaceSelector"), ("podSelector", "PodSelector")] {
        if !peer[field].is_null() {
            out.line(1, &format!("    {title}: {}", selector(&peer[field])));
        }
    }
    if let Some(cidr) = peer["ipBlock"]["cidr"].as_str() {
        let except = peer["ipBlock"]["except"].as_array().into_iter().flatten().filter_map(Value::as_str);
        out.line(1, "    IPBlock:");
        out.line(1, &format!("      CIDR: {cidr}"));
        out.line(1, &format!("      Except: {}", except.collect::<Vec<_>>().join(", ")));
    }
}
