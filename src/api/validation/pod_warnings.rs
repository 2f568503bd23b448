//! Warnings about Pods and pod templates (`pkg/api/pod/warnings.go`).

use super::ip;
use super::node::deprecated_label;
use super::tree::{given, items, text, texts};
use crate::api::meta::ObjectMeta;
use crate::api::pod::{Container, ContainerPort, PodSpec};
use crate::api::quantity::Amount;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
const NO_POD: &str = "a null labelSelector results in matching no pod";
/// Volumes of drivers that are gone.
const GONE: [(&str, &str); 9] = [
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
];
const OLD_ANNOTATIONS: [(&str, &str); 3] = [
    ("scheduler.alpha.kubernetes.io/critical-pod", "non-functional in v1.16+; use the \"priorityClassName\" field instead"),
    ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    ("security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
];

/// All warnings about a Pod (`prefix` is "") or a template (`spec.template.`), in the server's order.
pub(super) fn pod(prefix: &str, meta: &ObjectMeta, spec: &PodSpec) -> Vec<String> {
    let path = format!("{prefix}spec");
    let mut out = vec![];
    places(&path, spec, &mut out);
    for (key, message) in OLD_ANNOTATIONS.iter().filter(|(key, _)| meta.annotations.contains_key(*key)) {
        out.push(format!("{prefix}metadata.annotations[{key}]: {message}"));
    }
    for (i, volume) in spec.volumes.iter().enumerate() {
        for (source, message) in GONE.iter().filter(|(source, _)| given(volume, source).is_some()) {
            out.push(format!("{path}.volumes[{i}].{source}: {message}"));
        }
    }
    repeated_names(&path, spec, &mut out);
    containers(prefix, meta, spec, &mut out);
    if spec.termination_grace_period_seconds.is_some_and(|s| s < 0) {
        out.push(format!(
            "{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
        ));
    }
    if let Some(affinity) = &spec.affinity {
        for kind in ["podAffinity", "podAntiAffinity"] {
            without_selector(&format!("{path}.affinity.{kind}"), &affinity[kind], &mut out);
        }
    }
    if let Some(config) = &spec.dns_config {
        for (i, server) in texts(config, "nameservers").enumerate() {
            out.extend(ip::warnings_for_ip(&format!("{path}.dnsConfig.nameservers[{i}]"), server));
        }
    }
    for (i, alias) in spec.host_aliases.iter().enumerate() {
        out.extend(ip::warnings_for_ip(&format!("{path}.hostAliases[{i}].ip"), text(alias, "ip")));
    }
    out
}

/// Names of node labels that have newer ones, and spread constraints that count no Pod.
fn places(path: &str, spec: &PodSpec, out: &mut Vec<String>) {
    for (key, message) in spec.node_selector.keys().filter_map(|key| Some((key, deprecated_label(key)?))) {
        out.push(format!("{path}.nodeSelector[{key}]: {message}"));
    }
    let mut term = |path: &str, term: &Value| {
        for (i, expression) in items(term, "matchExpressions").iter().enumerate() {
            let key = text(expression, "key");
            if let Some(message) = deprecated_label(key) {
                out.push(format!("{path}.matchExpressions[{i}].key: {key} is {message}"));
            }
        }
    };
    if let Some(affinity) = spec.affinity.as_ref().and_then(|a| given(a, "nodeAffinity")) {
        let path = format!("{path}.affinity.nodeAffinity");
        for (i, each) in items(&affinity[REQUIRED], "nodeSelectorTerms").iter().enumerate() {
            term(&format!("{path}.{REQUIRED}.nodeSelectorTerms[{i}]"), each);
        }
        for (i, each) in items(affinity, PREFERRED).iter().enumerate() {
            term(&format!("{path}.{PREFERRED}[{i}].preference"), &each["preference"]);
        }
    }
    for (i, constraint) in spec.topology_spread_constraints.iter().enumerate() {
        let path = format!("{path}.topologySpreadConstraints[{i}]");
        let key = &constraint.topology_key;
        if let Some(message) = deprecated_label(key) {
            out.push(format!("{path}.topologyKey: {key} is {message}"));
        }
        if constraint.label_selector.is_none() {
            out.push(format!("{path}.labelSelector: {NO_POD}"));
        }
    }
}

fn without_selector(path: &str, affinity: &Value, out: &mut Vec<String>) {
    for (i, term) in items(affinity, REQUIRED).iter().enumerate() {
        if given(term, "labelSelector").is_none() {
            out.push(format!("{path}.{REQUIRED}[{i}].labelSelector: {NO_POD}"));
        }
    }
    for (i, weighted) in items(affinity, PREFERRED).iter().enumerate() {
        if given(&weighted["podAffinityTerm"], "labelSelector").is_none() {
            out.push(format!("{path}.{PREFERRED}[{i}].podAffinityTerm.labelSelector: {NO_POD}"));
        }
    }
}

fn repeated_names(path: &str, spec: &PodSpec, out: &mut Vec<String>) {
    let lists = [("hostAliases", &spec.host_aliases, "ip"), ("imagePullSecrets", &spec.image_pull_secrets, "name")];
    for (field, list, key) in lists {
        let mut seen = BTreeSet::new();
        for (i, item) in list.iter().enumerate() {
            if !seen.insert(text(item, key)) {
                out.push(format!("{path}.{field}[{i}].{key}: duplicate {key} {:?}", text(item, key)));
            }
        }
    }
    for (i, _) in spec.image_pull_secrets.iter().enumerate().filter(|(_, s)| text(s, "name").is_empty()) {
        out.push(format!("{path}.imagePullSecrets[{i}].name: invalid empty name \"\""));
    }
}

fn containers(prefix: &str, meta: &ObjectMeta, spec: &PodSpec, out: &mut Vec<String>) {
    let all: Vec<(String, &Container)> = [("initContainers", &spec.init_containers), ("containers", &spec.containers)]
        .into_iter()
        .flat_map(|(field, list)| list.iter().enumerate().map(move |(i, c)| (format!("{prefix}spec.{field}[{i}]"), c)))
        .collect();
    let profile = |context: Option<&Value>| context.is_some_and(|c| given(c, "appArmorProfile").is_some());
    for (path, container) in &all {
        let key = format!("container.apparmor.security.beta.kubernetes.io/{}", container.name);
        let has_field = profile(spec.security_context.as_ref()) || profile(container.security_context.as_ref());
        if meta.annotations.contains_key(&key) && !has_field {
            let message = "deprecated since v1.30; use the \"appArmorProfile\" field instead";
            out.push(format!("{prefix}metadata.annotations[{key}]: {message}"));
        }
        fractions(path, container, out);
        repeated_variables(path, container, out);
    }
    repeated_ports(&all, out);
}

fn repeated_variables(path: &str, container: &Container, out: &mut Vec<String>) {
    let mut seen: Vec<&str> = vec![];
    for (i, variable) in container.env.iter().enumerate() {
        // A value that builds on the one before is meant.
        let itself = format!("$({})", variable.name);
        let builds_on = variable.value_from.is_none() && variable.value != itself && variable.value.contains(&itself);
        if seen.contains(&variable.name.as_str()) && !builds_on {
            out.push(format!(
                "{path}.env[{i}]: hides previous definition of {:?}, which may be dropped when using apply",
                variable.name
            ));
        }
        seen.push(&variable.name);
    }
}

/// Half a byte cannot be had.
fn fractions(path: &str, container: &Container, out: &mut Vec<String>) {
    let lists = [("limits", &container.resources.limits), ("requests", &container.resources.requests)];
    for name in ["memory", "ephemeral-storage"] {
        for (field, list) in lists {
            let Some(quantity) = list.get(name) else { continue };
            if Amount::parse(&quantity.0).is_ok_and(|a| a.milli_value() % 1000 != 0) {
                out.push(format!(
                    "{path}.resources.{field}[{name}]: fractional byte value {:?} is invalid, must be an integer",
                    quantity.0
                ));
            }
        }
    }
}

fn repeated_ports(all: &[(String, &Container)], out: &mut Vec<String>) {
    let mut seen: BTreeMap<(i32, &str), Vec<(String, &ContainerPort)>> = BTreeMap::new();
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for (path, container) in all {
        for (i, port) in container.ports.iter().enumerate() {
            let at = format!("{path}.ports[{i}]");
            if !port.host_ip.is_empty() && port.host_port == 0 {
                out.push(format!(
                    "{at}: hostIP set without hostPort: {{Name:{} HostPort:0 ContainerPort:{} Protocol:{} HostIP:{}}}",
                    port.name, port.container_port, port.protocol, port.host_ip
                ));
            }
            let others = seen.entry((port.container_port, port.protocol.as_str())).or_default();
            out.extend(others.iter().filter_map(|(first, other)| Some(format!("{at}: {} with {first}", clash(port, other)?))));
            others.push((at.clone(), port));
            if port.name.is_empty() {
                continue;
            }
            match names.get(port.name.as_str()) {
                Some(first) => out.push(format!(
                    "{at}: duplicate port name {:?} with {first}, services and probes that select ports by name will use {first}",
                    port.name
                )),
                None => {
                    names.insert(&port.name, at);
                }
            }
        }
    }
}

/// What two ports of one number and protocol are to each other.
fn clash(port: &ContainerPort, other: &ContainerPort) -> Option<&'static str> {
    if port.host_ip == other.host_ip && port.host_port == other.host_port {
        Some("duplicate port definition")
    } else if port.host_port == 0 || other.host_port == 0 {
        Some("overlapping port definition")
    } else if port.host_port == other.host_port && port.host_ip.is_empty() != other.host_ip.is_empty() {
        Some("dangerously ambiguous port definition")
    } else {
        None
    }
}
