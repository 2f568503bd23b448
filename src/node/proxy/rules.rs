//! The rules of any mode behind one door.

use super::iptables;
use super::packet::{Packet, Walk, WalkEnv};
use super::settings::Mode;

/// The rules in force on a node.
#[derive(Clone, Debug)]
pub enum RuleSet {
    /// iptables mode.
    Iptables(iptables::RuleSet),
}

impl RuleSet {
    /// The mode they are written for.
    pub fn mode(&self) -> Mode {
        match self {
            RuleSet::Iptables(_) => Mode::Iptables,
        }
    }

    /// How many rules there are.
    pub fn rule_count(&self) -> usize {
        match self {
            RuleSet::Iptables(rules) => rules.rule_count(),
        }
    }

    /// The rules as the mode's own tool lists them (`iptables-save`, `nft list`, `ipvsadm`).
    pub fn print(&self) -> String {
        match self {
            RuleSet::Iptables(rules) => iptables::save(rules),
        }
    }
}

/// Decides the first packet of a connection by the rules in force on a node.
pub fn walk(rules: &RuleSet, packet: &Packet, env: &mut WalkEnv) -> Walk {
    match rules {
        RuleSet::Iptables(rules) => iptables::walk(rules, packet, env),
    }
}
