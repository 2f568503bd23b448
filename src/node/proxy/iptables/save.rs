//! The rules as iptables-save prints them.

use super::ruleset::RuleSet;
use super::table::{Chain, Table};
use std::fmt::Write;

/// Chains in the order of their declaration: built-in, fixed, then each Service port's own.
fn chains<'a>(rules: &'a RuleSet, table: &'a Table) -> Vec<&'a Chain> {
    let fixed: &[&str] = match table.name {
        "nat" => &[
            "PREROUTING",
            "INPUT",
            "OUTPUT",
            "POSTROUTING",
            "KUBE-SERVICES",
            "KUBE-POSTROUTING",
            "KUBE-NODEPORTS",
            "KUBE-MARK-MASQ",
        ],
        _ => &[
            "INPUT",
            "FORWARD",
            "OUTPUT",
            "KUBE-EXTERNAL-SERVICES",
            "KUBE-NODEPORTS",
            "KUBE-SERVICES",
            "KUBE-FORWARD",
            "KUBE-PROXY-FIREWALL",
            "KUBE-FIREWALL",
        ],
    };
    let own = rules.ports().filter(|_| table.name == "nat").flat_map(|p| rules.port_chains(p)).map(|name| &**name);
    let stale = rules.stale().filter(|_| table.name == "nat");
    let names = fixed.iter().copied().chain(own).chain(stale);
    names.filter_map(|name| table.find(name).and_then(|slot| table.chain(slot))).collect()
}

/// All tables as text, ready for iptables-restore.
pub fn save(rules: &RuleSet) -> String {
    let mut out = String::new();
    for table in [rules.nat(), rules.filter()] {
        let chains = chains(rules, table);
        let _ = writeln!(out, "*{}", table.name);
        for chain in &chains {
            let _ = writeln!(out, ":{} - [0:0]", chain.name);
        }
        for chain in &chains {
            for rule in chain.iter() {
                let _ = writeln!(out, "-A {} {rule}", chain.name);
            }
        }
        out.push_str("COMMIT\n");
    }
    out.push_str("*mangle\nCOMMIT\n");
    out
}
