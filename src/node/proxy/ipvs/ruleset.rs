//! The virtual servers, sets and rules in force on a node, and what a sync writes.

use super::compile::{Compiler, PortRules};
use super::servers::{Server, VirtualServer};
use super::sets::IpSets;
use crate::node::proxy::iptables::Table;
use crate::node::proxy::packet::Affinity;
use crate::node::proxy::port::PortName;
use crate::time::{Nanos, SECOND};
use std::collections::BTreeMap;
use std::net::SocketAddrV4;
use std::rc::Rc;

/// A real server on its way out goes at the latest after this: the kernel forgets idle TCP connections (`ipvsadm --set`).
const TCP_TIMEOUT: Nanos = 900 * SECOND;

/// What one sync writes.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    /// Everything is written, and what is not mentioned goes away.
    pub full: bool,
    /// The ports that changed; `None`: gone.
    pub ports: BTreeMap<Rc<PortName>, Option<Rc<PortRules>>>,
}

impl Delta {
    /// How many servers and entries it writes.
    pub fn rule_count(&self) -> usize {
        let of = |rules: &Rc<PortRules>| rules.entries.len() + rules.servers.iter().map(|s| 1 + s.reals.len()).sum::<usize>();
        self.ports.values().flatten().map(of).sum()
    }
}

/// What is in force.
#[derive(Clone, Debug)]
pub struct RuleSet {
    pub(super) servers: BTreeMap<Server, VirtualServer>,
    pub(super) sets: IpSets,
    pub(super) nat: Table,
    pub(super) filter: Table,
    ports: BTreeMap<Rc<PortName>, Rc<PortRules>>,
}

impl Default for RuleSet {
    fn default() -> Self {
        RuleSet {
            servers: BTreeMap::new(),
            sets: IpSets::default(),
            nat: Table::new("nat"),
            filter: Table::new("filter"),
            ports: BTreeMap::new(),
        }
    }
}

/// The list that remembers which clients stay with a real server.
pub(super) fn persistence_list(server: &Server, real: &SocketAddrV4) -> Rc<str> {
    format!("{} {}:{} -> {real}", server.1.name(), server.0, server.2).into()
}

impl RuleSet {
    /// Puts a sync's work in force at `now`.
    pub fn apply(&mut self, compiler: &Compiler, delta: Delta, affinity: &mut Affinity, now: Nanos) {
        let mut changes = delta.ports;
        if delta.full {
            let write = |table: &mut Table, chains: Vec<(&'static str, _)>| {
                for (name, _) in &chains {
                    table.slot(&Rc::from(*name));
                }
                for (name, rules) in chains {
                    table.set_chain(&Rc::from(name), rules);
                }
            };
            write(&mut self.nat, compiler.nat_chains());
            write(&mut self.filter, compiler.filter_chains());
            for port in self.ports.keys() {
                changes.entry(port.clone()).or_insert(None);
            }
        }
        self.remove_servers(&changes);
        for (port, new) in &changes {
            if let Some(old) = self.ports.remove(port) {
                old.entries.iter().for_each(|entry| self.sets.remove(entry, port));
            }
            let Some(new) = new else { continue };
            new.entries.iter().for_each(|entry| self.sets.add(entry, port));
            for spec in &new.servers {
                self.servers.entry(spec.server).or_default().update(spec, now);
            }
            self.ports.insert(port.clone(), new.clone());
        }
        self.clean_up(affinity, now, |_, _| None);
    }

    /// Removes virtual servers that their port does not want any more and no other changed port wants now.
    fn remove_servers(&mut self, changes: &BTreeMap<Rc<PortName>, Option<Rc<PortRules>>>) {
        let wants = |rules: &PortRules, server: &Server| rules.servers.iter().any(|s| s.server == *server);
        for port in changes.keys() {
            for old in self.ports.get(port).into_iter().flat_map(|rules| &rules.servers) {
                if !changes.values().flatten().any(|rules| wants(rules, &old.server)) {
                    self.servers.remove(&old.server);
                }
            }
        }
    }

    /// Removes real servers that are on their way out and have no connections left. `connections` tells how many a real server
    /// has behind a virtual server; without an answer it stays until idle connections are forgotten.
    pub fn clean_up(
        &mut self,
        affinity: &mut Affinity,
        now: Nanos,
        connections: impl Fn(&Server, SocketAddrV4) -> Option<usize>,
    ) {
        for (server, virtual_server) in &mut self.servers {
            virtual_server.reals.retain(|real| {
                let Some(since) = real.leaving_since else { return true };
                // A client of a server with weight 0 is sent to another (expire_quiescent_template).
                affinity.forget(&persistence_list(server, &real.address));
                connections(server, real.address).map_or(now < since + TCP_TIMEOUT, |open| open > 0)
            });
        }
    }

    /// Whether a real server is on its way out.
    pub fn is_leaving(&self) -> bool {
        self.servers.values().any(|s| s.reals.iter().any(|r| r.leaving_since.is_some()))
    }

    /// The virtual servers.
    pub fn servers(&self) -> impl Iterator<Item = (&Server, &VirtualServer)> {
        self.servers.iter()
    }

    /// The sets.
    pub fn sets(&self) -> &IpSets {
        &self.sets
    }

    /// The nat and the filter table.
    pub fn tables(&self) -> [&Table; 2] {
        [&self.nat, &self.filter]
    }

    /// How many servers and entries there are.
    pub fn rule_count(&self) -> usize {
        self.sets.len() + self.servers.values().map(|s| 1 + s.reals.len()).sum::<usize>()
    }
}
