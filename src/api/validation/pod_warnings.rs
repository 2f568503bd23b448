//! Warnings about Pods and pod templates (`pkg/api/pod/warnings.go`).

use super::ip;
use crate::api::pod::{Container, PodSpec};
use crate::api::quantity::Amount;
use std::collections::BTreeMap;

/// All warnings about a spec at `path` (`spec` or `spec.template.spec`).
pub(super) fn pod_spec(path: &str, spec: &PodSpec) -> Vec<String> {
    let mut out = vec![];
    if spec.termination_grace_period_seconds.is_some_and(|s| s < 0) {
        out.push(format!(
            "{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
        ));
    }
    for (i, alias) in spec.host_aliases.iter().enumerate() {
        out.extend(ip::warnings_for_ip(&format!("{path}.hostAliases[{i}].ip"), alias["ip"].as_str().unwrap_or("")));
    }
    let all: Vec<(String, &Container)> = [("initContainers", &spec.init_containers), ("containers", &spec.containers)]
        .into_iter()
        .flat_map(|(field, list)| list.iter().enumerate().map(move |(i, c)| (format!("{path}.{field}[{i}]"), c)))
        .collect();
    for (path, container) in &all {
        repeated_variables(path, container, &mut out);
        fractions(path, container, &mut out);
    }
    repeated_ports(&all, &mut out);
    out
}

fn repeated_variables(path: &str, container: &Container, out: &mut Vec<String>) {
    let mut seen: Vec<&str> = vec![];
    for (i, variable) in container.env.iter().enumerate() {
        // A value that builds on the one before is meant.
        let builds_on = variable.value.contains(&format!("$({})", variable.name));
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
    for (field, list) in lists {
        for name in ["memory", "ephemeral-storage"] {
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
    let mut seen: BTreeMap<(i32, &str, i32, &str), String> = BTreeMap::new();
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for (path, container) in all {
        for (i, port) in container.ports.iter().enumerate() {
            let at = format!("{path}.ports[{i}]");
            let key = (port.container_port, port.protocol.as_str(), port.host_port, port.host_ip.as_str());
            match seen.get(&key) {
                Some(first) => out.push(format!("{at}: duplicate port definition with {first}")),
                None => {
                    seen.insert(key, at.clone());
                }
            }
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
