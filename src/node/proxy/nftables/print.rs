//! The table as the `add` commands that make it, with kube-proxy's own texts.

use super::rule::{Map, Set};
use super::ruleset::RuleSet;
use crate::sorting::Arrange;
use std::collections::BTreeMap;

pub(super) const TABLE: &str = "ip kube-proxy";
pub(super) const TABLE_COMMENT: &str = "rules for kube-proxy";
const ADDRESS: &str = "type ipv4_addr";
const BY_ADDRESS: &str = "type ipv4_addr . inet_proto . inet_service : verdict";
const BY_PORT: &str = "type inet_proto . inet_service : verdict";
const HAIRPIN: &str = "type ipv4_addr . ipv4_addr . inet_proto . inet_service";

/// Kind (set or map), name, and the properties in the order of their text.
pub(super) type Container = (&'static str, String, Vec<String>);

/// All sets, then all maps, each by name.
pub(super) fn containers(rules: &RuleSet) -> Vec<Container> {
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
    out.values_mut().for_each(|list| list.arrange());
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
