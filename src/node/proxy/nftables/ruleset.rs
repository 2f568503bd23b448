//! The table in force on a node, and what a sync writes.

use super::compile::{Compiler, PortRules};
use super::elements::{Element, Elements};
use super::rule::Rule;
use crate::node::proxy::packet::Affinity;
use crate::node::proxy::port::PortName;
use crate::time::{Nanos, SECOND};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// An emptied chain is deleted by a sync that comes at least this long after.
const KEEP_STALE: Nanos = SECOND;

/// Where a base chain hooks into a packet's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hook {
    /// `filter` or `nat`.
    pub kind: &'static str,
    /// `prerouting`, `input`, `forward`, `output`, `postrouting`.
    pub hook: &'static str,
    /// Lower comes first.
    pub priority: i32,
}

/// A chain.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// Its place, for base chains.
    pub hook: Option<Hook>,
    /// Its comment.
    pub comment: Option<&'static str>,
    /// Its rules.
    pub rules: Vec<Rc<Rule>>,
}

impl Chain {
    /// A chain of these rules.
    pub fn new(hook: Option<Hook>, comment: Option<&'static str>, rules: Vec<Rule>) -> Chain {
        Chain { hook, comment, rules: rules.into_iter().map(Rc::new).collect() }
    }
}

/// What one sync writes.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    /// Everything is written, and what is not mentioned goes away.
    pub full: bool,
    /// The ports that changed; `None`: gone.
    pub ports: BTreeMap<Rc<PortName>, Option<Rc<PortRules>>>,
}

impl Delta {
    /// How many rules and elements it writes.
    pub fn rule_count(&self) -> usize {
        self.ports.values().flatten().map(|rules| rules.rule_count()).sum()
    }
}

/// The table in force.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    pub(super) chains: BTreeMap<Rc<str>, Rc<Chain>>,
    pub(super) elements: Elements,
    /// Affinity sets and how long they remember, seconds.
    pub(super) affinity_sets: BTreeMap<Rc<str>, u32>,
    /// Addresses that answer on node ports; `None`: all, and there is no such set.
    pub(super) node_port_ips: Option<Rc<[Ipv4Addr]>>,
    ports: BTreeMap<Rc<PortName>, Rc<PortRules>>,
    /// Emptied chains, with the time since when.
    stale: BTreeMap<Rc<str>, Nanos>,
    rules: usize,
}

impl RuleSet {
    /// A node before the first sync: no table.
    pub fn new() -> RuleSet {
        RuleSet::default()
    }

    /// Puts a sync's work in force at `now`. What is taken away goes before what is added.
    pub fn apply(&mut self, compiler: &Compiler, delta: Delta, affinity: &mut Affinity, now: Nanos) {
        if delta.full {
            self.node_port_ips = compiler.node_port_ips().map(Rc::from);
            for (name, chain) in compiler.fixed_chains() {
                self.set_chain(name.into(), chain);
            }
            let gone: Vec<Rc<PortName>> = self.ports.keys().filter(|p| !delta.ports.contains_key(*p)).cloned().collect();
            gone.iter().for_each(|port| self.remove_port(port, now));
        }
        self.stale.retain(|name, since| {
            let keep = now < *since + KEEP_STALE;
            if !keep {
                self.chains.remove(name);
            }
            keep
        });
        delta.ports.keys().for_each(|port| self.remove_port(port, now));
        for (port, rules) in delta.ports {
            if let Some(rules) = rules {
                self.write_port(port, rules);
            }
        }
        affinity.retain(|set| self.affinity_sets.contains_key(set));
    }

    fn set_chain(&mut self, name: Rc<str>, chain: Chain) {
        self.rules += chain.rules.len();
        self.stale.remove(&name);
        let old = self.chains.insert(name, Rc::new(chain));
        self.rules -= old.map_or(0, |chain| chain.rules.len());
    }

    fn remove_port(&mut self, port: &Rc<PortName>, now: Nanos) {
        let Some(written) = self.ports.remove(port) else { return };
        for (name, _) in &written.chains {
            self.set_chain(name.clone(), Chain::default());
            self.stale.insert(name.clone(), now);
        }
        for (set, _) in &written.affinity_sets {
            self.affinity_sets.remove(set);
        }
        written.elements.iter().for_each(|element| self.elements.remove(element, port));
    }

    fn write_port(&mut self, port: Rc<PortName>, rules: Rc<PortRules>) {
        for (name, rules) in &rules.chains {
            self.set_chain(name.clone(), Chain::new(None, None, rules.clone()));
        }
        self.affinity_sets.extend(rules.affinity_sets.iter().cloned());
        rules.elements.iter().for_each(|element| self.elements.add(element, &port));
        self.ports.insert(port, rules);
    }

    /// The chains by name.
    pub fn chains(&self) -> impl Iterator<Item = (&str, &Chain)> {
        self.chains.iter().map(|(name, chain)| (&**name, &**chain))
    }

    /// The elements of sets and maps.
    pub fn elements(&self) -> impl Iterator<Item = Element> + '_ {
        self.elements.iter()
    }

    /// How many rules and elements there are.
    pub fn rule_count(&self) -> usize {
        self.rules + self.elements.len()
    }
}
