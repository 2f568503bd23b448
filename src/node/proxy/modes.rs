//! The proxy modes behind one door: compiling for a mode, what a sync writes, the rules in force, and packets walking them.

use super::categorize::Categories;
use super::packet::{Affinity, Packet, Walk, WalkEnv};
use super::port::{PortName, ServicePort};
use super::settings::{Mode, NodeInfo, Settings};
use super::{iptables, ipvs, nftables};
use crate::time::Nanos;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A Service port and the endpoints that its rules use on this node.
#[derive(Clone, Debug, PartialEq)]
pub struct Programmed {
    /// The port.
    pub port: Rc<ServicePort>,
    /// The endpoints that the rules use.
    pub endpoints: Categories,
}

/// Ports that changed; `None`: gone.
pub type PortChanges = BTreeMap<Rc<PortName>, Option<Rc<Programmed>>>;

/// Compiles for one mode.
#[derive(Clone, Debug)]
pub enum Compiler {
    /// iptables mode.
    Iptables(iptables::Compiler),
    /// nftables mode.
    Nftables(nftables::Compiler),
    /// ipvs mode.
    Ipvs(ipvs::Compiler),
}

/// How a sync goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncKind {
    /// Everything is written, and what is not mentioned goes away.
    pub full: bool,
    /// More endpoints than [`super::proxier::LARGE_CLUSTER_ENDPOINTS`].
    pub large: bool,
    /// Chains that nothing uses any more are left for a later sync.
    pub keep_stale: bool,
}

/// What one sync writes.
#[derive(Clone, Debug)]
pub enum Delta {
    /// iptables mode.
    Iptables(iptables::Delta),
    /// nftables mode.
    Nftables(nftables::Delta),
    /// ipvs mode.
    Ipvs(ipvs::Delta),
}

impl Compiler {
    /// The compiler of the settings' mode for a node.
    pub fn new(settings: &Settings, node: Rc<NodeInfo>) -> Compiler {
        match settings.mode {
            Mode::Iptables => Compiler::Iptables(iptables::Compiler::new(settings, node)),
            Mode::Nftables => Compiler::Nftables(nftables::Compiler::new(settings, node)),
            Mode::Ipvs => Compiler::Ipvs(ipvs::Compiler::new(settings, node)),
        }
    }

    /// The rules of the ports that changed.
    pub fn compile(&self, kind: SyncKind, changes: &PortChanges) -> Delta {
        match self {
            Compiler::Iptables(compiler) => {
                let port = |p: &Rc<Programmed>| compiler.port(&p.port, &p.endpoints, kind.large);
                let ports = changes.iter().map(|(name, new)| (name.clone(), new.as_ref().map(port)));
                Delta::Iptables(iptables::Delta { full: kind.full, ports: ports.collect(), keep_stale: kind.keep_stale })
            }
            Compiler::Nftables(compiler) => {
                let port = |p: &Rc<Programmed>| Rc::new(compiler.port(&p.port, &p.endpoints));
                let ports = changes.iter().map(|(name, new)| (name.clone(), new.as_ref().map(port)));
                Delta::Nftables(nftables::Delta { full: kind.full, ports: ports.collect() })
            }
            Compiler::Ipvs(compiler) => {
                let port = |p: &Rc<Programmed>| Rc::new(compiler.port(&p.port, &p.endpoints));
                let ports = changes.iter().map(|(name, new)| (name.clone(), new.as_ref().map(port)));
                Delta::Ipvs(ipvs::Delta { full: kind.full, ports: ports.collect() })
            }
        }
    }
}

impl Delta {
    /// How many rules it writes, with `ports` Service ports in all: shared iptables chains are always written whole.
    pub fn rule_count(&self, ports: usize) -> usize {
        match self {
            Delta::Iptables(delta) => delta.rule_count() + 2 * ports,
            Delta::Nftables(delta) => delta.rule_count(),
            Delta::Ipvs(delta) => delta.rule_count(),
        }
    }
}

/// The rules in force on a node.
#[derive(Clone, Debug)]
pub enum RuleSet {
    /// iptables mode.
    Iptables(iptables::RuleSet),
    /// nftables mode.
    Nftables(nftables::RuleSet),
    /// ipvs mode.
    Ipvs(ipvs::RuleSet),
}

impl RuleSet {
    /// A node before the first sync: no rules.
    pub fn new(mode: Mode) -> RuleSet {
        match mode {
            Mode::Iptables => RuleSet::Iptables(iptables::RuleSet::new()),
            Mode::Nftables => RuleSet::Nftables(nftables::RuleSet::new()),
            Mode::Ipvs => RuleSet::Ipvs(ipvs::RuleSet::default()),
        }
    }

    /// The mode they are written for.
    pub fn mode(&self) -> Mode {
        match self {
            RuleSet::Iptables(_) => Mode::Iptables,
            RuleSet::Nftables(_) => Mode::Nftables,
            RuleSet::Ipvs(_) => Mode::Ipvs,
        }
    }

    /// Puts a sync's work in force at `now`. All three must be of one mode; nothing happens otherwise.
    pub fn apply(&mut self, compiler: &Compiler, delta: Delta, affinity: &mut Affinity, now: Nanos) {
        match (self, compiler, delta) {
            (RuleSet::Iptables(rules), Compiler::Iptables(compiler), Delta::Iptables(delta)) => {
                rules.apply(compiler, delta, affinity);
            }
            (RuleSet::Nftables(rules), Compiler::Nftables(compiler), Delta::Nftables(delta)) => {
                rules.apply(compiler, delta, affinity, now);
            }
            (RuleSet::Ipvs(rules), Compiler::Ipvs(compiler), Delta::Ipvs(delta)) => {
                rules.apply(compiler, delta, affinity, now);
            }
            _ => {}
        }
    }

    /// How many rules (and elements) there are.
    pub fn rule_count(&self) -> usize {
        match self {
            RuleSet::Iptables(rules) => rules.rule_count(),
            RuleSet::Nftables(rules) => rules.rule_count(),
            RuleSet::Ipvs(rules) => rules.rule_count(),
        }
    }

    /// The rules as the mode's own tool lists them (`iptables-save`, `nft list`, `ipvsadm`).
    pub fn print(&self) -> String {
        match self {
            RuleSet::Iptables(rules) => iptables::save(rules),
            RuleSet::Nftables(rules) => nftables::list(rules),
            RuleSet::Ipvs(rules) => ipvs::list(rules, |_, _| (0, 0)),
        }
    }
}

/// Decides the first packet of a connection by the rules in force on a node.
pub fn walk(rules: &RuleSet, packet: &Packet, env: &mut WalkEnv) -> Walk {
    match rules {
        RuleSet::Iptables(rules) => iptables::walk(rules, packet, env),
        RuleSet::Nftables(rules) => nftables::walk(rules, packet, env),
        RuleSet::Ipvs(rules) => ipvs::walk(rules, packet, env),
    }
}
