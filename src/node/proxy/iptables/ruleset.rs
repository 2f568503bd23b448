//! The rules in force on a node, and what a sync writes.

use super::compile::{Compiler, PortRules};
use super::rule::{Match, Rule};
use super::table::{PortalKey, Table};
use crate::node::proxy::packet::Affinity;
use crate::node::proxy::port::PortName;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A shared chain that Service ports add rules to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portal {
    /// nat KUBE-SERVICES.
    Services,
    /// nat KUBE-NODEPORTS.
    NodePorts,
    /// filter KUBE-SERVICES.
    NoInternalEndpoints,
    /// filter KUBE-EXTERNAL-SERVICES.
    NoExternalEndpoints,
    /// filter KUBE-PROXY-FIREWALL.
    Firewall,
    /// filter KUBE-NODEPORTS.
    HealthCheck,
}

impl Portal {
    fn chain(self) -> &'static str {
        match self {
            Portal::Services | Portal::NoInternalEndpoints => "KUBE-SERVICES",
            Portal::NodePorts | Portal::HealthCheck => "KUBE-NODEPORTS",
            Portal::NoExternalEndpoints => "KUBE-EXTERNAL-SERVICES",
            Portal::Firewall => "KUBE-PROXY-FIREWALL",
        }
    }

    fn is_nat(self) -> bool {
        matches!(self, Portal::Services | Portal::NodePorts)
    }
}

/// What one sync writes.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    /// Everything is written, and what is not mentioned goes away.
    pub full: bool,
    /// The ports that changed; `None`: gone.
    pub ports: BTreeMap<Rc<PortName>, Option<PortRules>>,
    /// Keep chains that nothing uses any more until a later sync (large clusters).
    pub keep_stale: bool,
}

impl Delta {
    /// How many rules it writes, shared chains not counted.
    pub fn rule_count(&self) -> usize {
        self.ports.values().flatten().map(PortRules::rule_count).sum()
    }
}

#[derive(Clone, Debug)]
struct Written {
    chains: Vec<Rc<str>>,
    /// Their places in the nat table.
    slots: Vec<u32>,
    portals: Vec<(Portal, PortalKey)>,
}

/// The rules in force.
#[derive(Clone, Debug)]
pub struct RuleSet {
    pub(super) nat: Table,
    pub(super) filter: Table,
    ports: BTreeMap<Rc<PortName>, Rc<Written>>,
    stale: BTreeSet<Rc<str>>,
}

impl Default for RuleSet {
    fn default() -> Self {
        RuleSet::new()
    }
}

impl RuleSet {
    /// The rules of a node before the first sync: none.
    pub fn new() -> RuleSet {
        RuleSet { nat: Table::new("nat"), filter: Table::new("filter"), ports: BTreeMap::new(), stale: BTreeSet::new() }
    }

    fn write_statics(&mut self, compiler: &Compiler) {
        const NAT_PORTALS: [&str; 2] = ["KUBE-SERVICES", "KUBE-NODEPORTS"];
        const FILTER_PORTALS: [&str; 4] = ["KUBE-EXTERNAL-SERVICES", "KUBE-NODEPORTS", "KUBE-SERVICES", "KUBE-PROXY-FIREWALL"];
        let write = |table: &mut Table, chains: Vec<(&'static str, Vec<Rule>)>, portals: &[&str]| {
            // All places first, so that built-in chains have the first ones.
            for (name, _) in &chains {
                table.slot(&Rc::from(*name));
            }
            for (name, rules) in chains {
                let chain = Rc::from(name);
                if portals.contains(&name) {
                    table.set_portals(&chain, rules);
                } else {
                    table.set_chain(&chain, rules);
                }
            }
        };
        write(&mut self.nat, compiler.nat_chains(), &NAT_PORTALS);
        write(&mut self.filter, compiler.filter_chains(), &FILTER_PORTALS);
    }

    /// Puts a sync's work in force. Session affinity of endpoints that are gone is forgotten.
    pub fn apply(&mut self, compiler: &Compiler, delta: Delta, affinity: &mut Affinity) {
        if delta.full {
            self.write_statics(compiler);
            let gone: Vec<Rc<PortName>> = self.ports.keys().filter(|p| !delta.ports.contains_key(*p)).cloned().collect();
            gone.iter().for_each(|port| self.remove_port(port));
        }
        for (port, rules) in delta.ports {
            match rules {
                Some(rules) => self.write_port(&port, rules, affinity),
                None => self.remove_port(&port),
            }
        }
        if !delta.keep_stale {
            for chain in std::mem::take(&mut self.stale) {
                self.nat.remove_chain(&chain);
                affinity.forget(&chain);
            }
        }
    }

    /// Takes a port's rules out; its chains become stale.
    fn remove_port(&mut self, port: &Rc<PortName>) {
        self.nat.begin();
        if let Some(written) = self.ports.remove(port) {
            self.leave(&written);
        }
    }

    /// What was written once goes: its portals, and of its chains those that were not written again.
    fn leave(&mut self, written: &Written) {
        for (portal, key) in &written.portals {
            let table = if portal.is_nat() { &mut self.nat } else { &mut self.filter };
            table.remove_portal(portal.chain(), key);
        }
        let left = written.chains.iter().zip(&written.slots).filter(|(_, slot)| !self.nat.was_written(**slot));
        self.stale.extend(left.map(|(chain, _)| chain.clone()));
    }

    fn write_port(&mut self, port: &Rc<PortName>, rules: PortRules, affinity: &mut Affinity) {
        let mut written = Written { chains: Vec::new(), slots: Vec::new(), portals: Vec::new() };
        self.nat.begin();
        for (name, rules) in rules.chains {
            if !rules.iter().any(|r| r.matches.iter().any(|m| matches!(m, Match::RecentSet(_)))) {
                affinity.forget(&name);
            }
            written.slots.push(self.nat.set_chain(&name, rules));
            self.stale.remove(&name);
            written.chains.push(name);
        }
        if let Some(before) = self.ports.remove(port) {
            self.leave(&before);
        }
        for (sequence, (portal, rule)) in rules.portals.into_iter().enumerate() {
            let table = if portal.is_nat() { &mut self.nat } else { &mut self.filter };
            let key = table.add_portal(&portal.chain().into(), port, sequence as u32, rule);
            written.portals.extend(key.map(|key| (portal, key)));
        }
        self.ports.insert(port.clone(), Rc::new(written));
    }

    /// The nat table.
    pub fn nat(&self) -> &Table {
        &self.nat
    }

    /// The filter table.
    pub fn filter(&self) -> &Table {
        &self.filter
    }

    /// The ports that have rules.
    pub fn ports(&self) -> impl Iterator<Item = &Rc<PortName>> {
        self.ports.keys()
    }

    /// The chains of one port, in the order in which they are declared.
    pub fn port_chains(&self, port: &PortName) -> &[Rc<str>] {
        self.ports.get(port).map_or(&[], |w| &w.chains)
    }

    /// Chains that nothing uses any more but that are still there (large clusters).
    pub fn stale(&self) -> impl Iterator<Item = &str> {
        self.stale.iter().map(|name| &**name)
    }

    /// How many rules there are.
    pub fn rule_count(&self) -> usize {
        self.nat.rule_count() + self.filter.rule_count()
    }
}
