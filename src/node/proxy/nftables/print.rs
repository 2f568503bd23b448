//! The table as `add` commands, and as `nft list` shows it.

use super::rule::{Map, Set};
use super::ruleset::RuleSet;
use std::collections::BTreeMap;
use std::fmt::Write;

const TABLE: &str = "ip kube-proxy";
const TABLE_COMMENT: &str = "rules for kube-proxy";
const ADDRESS: &str = "type ipv4_addr";
const BY_ADDRESS: &str = "type ipv4_addr . inet_proto . inet_service : verdict";
const BY_PORT: &str = "type inet_proto . inet_service : verdict";
const HAIRPIN: &str = "type ipv4_addr . ipv4_addr . inet_proto . inet_service";

/// Kind (set or map), name, and the properties in the order of their text.
type Container = (&'static str, String, Vec<String>);

/// All sets, then all maps, each by name.
fn containers(rules: &RuleSet) -> Vec<Container> {
    let mut sets: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let comment = |text: &str| format!("comment \"{text}\"");
    for (name, seconds) in &rules.affinity_sets {
        let properties = [ADDRESS, "flags dynamic,timeout"].map(str::to_string);
        sets.insert(name.to_string(), properties.into_iter().chain([format!("timeout {seconds}s")]).collect());
    }
    let mut set = |name: &str, type_: &str, text: &str| sets.insert(name.into(), vec![type_.into(), comment(text)]);
    set(Set::ClusterIps.name(), ADDRESS, "Active ClusterIPs");
    set("hairpin-connections", HAIRPIN, "service hairpin connections");
    if rules.node_port_ips.is_some() {
        set(Set::NodePortIps.name(), ADDRESS, "IPs that accept NodePort traffic");
    }
    let mut out: Vec<Container> = sets.into_iter().map(|(name, properties)| ("set", name, properties)).collect();
    let maps = [Map::FirewallIps, Map::NoEndpointNodePorts, Map::NoEndpointServices, Map::ServiceIps, Map::ServiceNodePorts];
    for map in maps {
        let text = match map {
            Map::FirewallIps => "destinations that are subject to LoadBalancerSourceRanges",
            Map::NoEndpointNodePorts => "vmap to drop or reject packets to service nodeports with no endpoints",
            Map::NoEndpointServices => "vmap to drop or reject packets to services with no endpoints",
            Map::ServiceIps => "ClusterIP, ExternalIP and LoadBalancer IP traffic",
            Map::ServiceNodePorts => "NodePort traffic",
        };
        let type_ = if map.by_address() { BY_ADDRESS } else { BY_PORT };
        out.push(("map", map.name().into(), vec![type_.into(), comment(text)]));
    }
    out
}

/// The elements of every set and map, sorted by text.
fn elements(rules: &RuleSet) -> BTreeMap<&'static str, Vec<String>> {
    let mut out: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for ip in rules.node_port_ips.iter().flat_map(|ips| ips.iter()) {
        out.entry(Set::NodePortIps.name()).or_default().push(ip.to_string());
    }
    for element in rules.elements() {
        out.entry(element.container()).or_default().push(element.to_string());
    }
    out.values_mut().for_each(|list| list.sort_unstable());
    out
}

/// The table as commands that make it: chains, sets and maps by name, rules, elements.
pub fn add_lines(rules: &RuleSet) -> Vec<String> {
    if rules.chains.is_empty() {
        return Vec::new();
    }
    let mut out = vec![format!("add table {TABLE} {{ comment \"{TABLE_COMMENT}\" ; }}")];
    for (name, chain) in rules.chains() {
        let hook = chain.hook.map(|h| format!("type {} hook {} priority {} ; ", h.kind, h.hook, h.priority));
        let comment = chain.comment.map(|text| format!("comment \"{text}\" ; "));
        let inside: String = hook.into_iter().chain(comment).collect();
        let inside = if inside.is_empty() { String::new() } else { format!(" {{ {inside}}}") };
        out.push(format!("add chain {TABLE} {name}{inside}"));
    }
    for (kind, name, properties) in containers(rules) {
        out.push(format!("add {kind} {TABLE} {name} {{ {} ; }}", properties.join(" ; ")));
    }
    for (name, chain) in rules.chains() {
        out.extend(chain.rules.iter().map(|rule| format!("add rule {TABLE} {name} {rule}")));
    }
    for (container, list) in elements(rules) {
        out.extend(list.iter().map(|element| format!("add element {TABLE} {container} {{ {element} }}")));
    }
    out
}

/// The table as `nft list table ip kube-proxy` shows it.
pub fn list(rules: &RuleSet) -> String {
    if rules.chains.is_empty() {
        return String::new();
    }
    let elements = elements(rules);
    let mut out = format!("table {TABLE} {{\n\tcomment \"{TABLE_COMMENT}\"\n");
    for (kind, name, properties) in containers(rules) {
        let _ = writeln!(out, "\n\t{kind} {name} {{");
        for property in properties {
            let _ = writeln!(out, "\t\t{property}");
        }
        if let Some(list) = elements.get(name.as_str()) {
            let _ = writeln!(out, "\t\telements = {{ {} }}", list.join(",\n\t\t\t     "));
        }
        out.push_str("\t}\n");
    }
    for (name, chain) in rules.chains() {
        let _ = writeln!(out, "\n\tchain {name} {{");
        if let Some(h) = chain.hook {
            let _ = writeln!(out, "\t\ttype {} hook {} priority {}; policy accept;", h.kind, h.hook, h.priority);
        }
        if let Some(text) = chain.comment {
            let _ = writeln!(out, "\t\tcomment \"{text}\"");
        }
        for rule in &chain.rules {
            let _ = writeln!(out, "\t\t{rule}");
        }
        out.push_str("\t}\n");
    }
    out.push_str("}\n");
    out
}
