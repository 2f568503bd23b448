//! The table as `nft list table ip kube-proxy` shows it: nft's own spelling of the same rules, sets and maps.

use super::elements::Element;
use super::print::{TABLE, TABLE_COMMENT, containers};
use super::rule::{Part, Rule, Set};
use super::ruleset::{Chain, Hook, RuleSet};
use crate::node::proxy::cidr::Cidr;
use crate::sorting::Arrange;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::Ipv4Addr;

fn braces(items: &[String]) -> String {
    format!("{{ {} }}", items.join(", "))
}

/// Ranges and addresses in order; a single one stands alone.
fn addresses(ranges: &[Cidr], ips: &[Ipv4Addr]) -> String {
    let mut all: Vec<Cidr> = ranges.iter().copied().chain(ips.iter().map(|ip| Cidr::host(*ip))).collect();
    all.arrange();
    let text = |c: &Cidr| if c.bits == 32 { c.address.to_string() } else { c.to_string() };
    match &all[..] {
        [one] => text(one),
        several => braces(&several.iter().map(text).collect::<Vec<_>>()),
    }
}

/// One part of a rule in nft's spelling, where that is not kube-proxy's.
fn part(part: &Part) -> String {
    match part {
        Part::NotSourceIn(ranges, ips) => format!("ip saddr != {}", addresses(ranges, ips)),
        Part::DestinationInRanges(ranges) => format!("ip daddr {}", addresses(ranges, &[])),
        Part::Mark(bit) => format!("meta mark & {bit:#010x} != 0x00000000"),
        Part::MarkOr(bit) => format!("meta mark set meta mark | {bit:#010x}"),
        Part::MarkXor(bit) => format!("meta mark set meta mark ^ {bit:#010x}"),
        Part::DnatRandom(list) => {
            let items = list.iter().enumerate().map(|(i, (ip, port))| format!("{i} : {ip} . {port}")).collect::<Vec<_>>();
            format!("dnat ip to numgen random mod {} map {}", list.len(), braces(&items))
        }
        Part::GotoRandom(list) => {
            let items = list.iter().enumerate().map(|(i, chain)| format!("{i} : goto {chain}")).collect::<Vec<_>>();
            format!("numgen random mod {} vmap {}", list.len(), braces(&items))
        }
        same => same.to_string(),
    }
}

fn rule(rule: &Rule) -> String {
    let comment = rule.comment.iter().map(|text| format!("comment \"{text}\""));
    rule.parts.iter().map(part).chain(comment).collect::<Vec<_>>().join(" ")
}

/// `1d2h3m4s` without the parts that are 0.
fn span(seconds: u32) -> String {
    let parts = [(seconds / 86_400, 'd'), (seconds / 3600 % 24, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect()
}

/// A priority by its name, where the hook has one.
fn priority(hook: &Hook) -> String {
    match (hook.hook, hook.priority) {
        (_, 0) => "filter".into(),
        ("prerouting", -100) => "dstnat".into(),
        ("prerouting", -110) => "dstnat - 10".into(),
        ("postrouting", 100) => "srcnat".into(),
        (_, number) => number.to_string(),
    }
}

fn chain(out: &mut String, name: &str, chain: &Chain) {
    let _ = writeln!(out, "\n\tchain {name} {{");
    if let Some(text) = chain.comment {
        let _ = writeln!(out, "\t\tcomment \"{text}\"");
    }
    if let Some(hook) = &chain.hook {
        let _ = writeln!(out, "\t\ttype {} hook {} priority {}; policy accept;", hook.kind, hook.hook, priority(hook));
    }
    for r in &chain.rules {
        let _ = writeln!(out, "\t\t{}", rule(r));
    }
    out.push_str("\t}\n");
}

/// Elements in a set's braces: addresses two a line, all others one a line.
fn elements(list: &[String], container: &str) -> String {
    let a_line = if [Set::ClusterIps.name(), Set::NodePortIps.name()].contains(&container) { 2 } else { 1 };
    let lines: Vec<String> = list.chunks(a_line).map(|line| line.join(", ")).collect();
    lines.join(",\n\t\t\t     ")
}

/// The table as `nft list table ip kube-proxy` shows it; empty before the first sync.
pub fn list(rules: &RuleSet) -> String {
    if rules.chains.is_empty() {
        return String::new();
    }
    let mut found: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for ip in rules.node_port_ips.iter().flat_map(|ips| ips.iter()) {
        found.entry(Set::NodePortIps.name()).or_default().push(ip.to_string());
    }
    for element in rules.elements() {
        found.entry(Element::container(&element)).or_default().push(element.to_string());
    }
    let mut out = format!("table {TABLE} {{\n\tcomment \"{TABLE_COMMENT}\"\n");
    for (i, (kind, name, mut properties)) in containers(rules).into_iter().enumerate() {
        if let Some(seconds) = rules.affinity_sets.get(name.as_str()) {
            properties.insert(1, "size 65535".into());
            properties.pop();
            properties.push(format!("timeout {}", span(*seconds)));
        }
        let _ = writeln!(out, "{}\t{kind} {name} {{", if i == 0 { "" } else { "\n" });
        for property in properties {
            let _ = writeln!(out, "\t\t{property}");
        }
        if let Some(list) = found.get(name.as_str()) {
            let _ = writeln!(out, "\t\telements = {{ {} }}", elements(list, &name));
        }
        out.push_str("\t}\n");
    }
    rules.chains().for_each(|(name, c)| chain(&mut out, name, c));
    out.push_str("}\n");
    out
}
