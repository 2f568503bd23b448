//! One node's kube-proxy: what it was told, when it writes rules, and the rules in force.
//!
//! Promises: the rules in force change only when a sync has finished, to what was known when it began; a sync compiles only
//! the Services that were touched since the last one.
//! Must not know: how watches deliver, the network, other nodes.

mod answers;

use super::categorize::categorize;
use super::conntrack::UdpServices;
use super::ipvs::RoundRobin;
use super::modes::{Compiler, Delta, PortChanges, Programmed, RuleSet, SyncKind, walk};
use super::packet::{Affinity, Packet, Verdict, Walk, WalkEnv};
use super::port::{PortName, Protocol};
use super::settings::{NodeInfo, Settings, SyncCost};
use super::sync::{Runner, Start};
use super::view::View;
use crate::api::{EndpointSlice, Key, Service};
use crate::time::{Nanos, Stream};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// More endpoints than this make a large cluster (`largeClusterEndpointsThreshold`).
pub const LARGE_CLUSTER_ENDPOINTS: usize = 1000;

#[derive(Clone, Debug)]
struct InFlight {
    full: bool,
    keep_stale: bool,
    started: Nanos,
    delta: Delta,
    programmed: PortChanges,
    udp: Option<UdpServices>,
}

/// A sync that has just ended.
#[derive(Clone, Debug)]
pub struct Synced {
    /// When it began: what was known then is in force now.
    pub started: Nanos,
    /// Whether everything was written.
    pub full: bool,
    /// The ports whose rules were written or taken away.
    pub ports: Vec<Rc<PortName>>,
    /// UDP flows to clean up; `None`: no UDP Service's endpoints changed. For [`super::Conntrack::clean_up`].
    pub udp: Option<UdpServices>,
}

/// A kube-proxy.
#[derive(Clone, Debug)]
pub struct Proxier {
    settings: Rc<Settings>,
    view: Rc<View>,
    runner: Runner,
    compiler: Compiler,
    rules: Rc<RuleSet>,
    programmed: Rc<BTreeMap<Rc<PortName>, Rc<Programmed>>>,
    by_service: BTreeMap<Key, BTreeSet<Rc<PortName>>>,
    in_flight: Option<Box<InFlight>>,
    affinity: Affinity,
    round_robin: RoundRobin,
    last_clean_up: Option<Nanos>,
    failing: bool,
}

impl Proxier {
    /// A kube-proxy that starts on a node without rules. It waits for [`Proxier::synced`].
    pub fn new(settings: Rc<Settings>, node: Rc<NodeInfo>) -> Proxier {
        let compiler = Compiler::new(&settings, node.clone());
        let rules = Rc::new(RuleSet::new(settings.mode));
        Proxier {
            runner: Runner::new(&settings),
            settings,
            compiler,
            rules,
            view: Rc::new(View::new(node)),
            programmed: Rc::default(),
            by_service: BTreeMap::new(),
            in_flight: None,
            affinity: Affinity::default(),
            round_robin: RoundRobin::new(),
            last_clean_up: None,
            failing: false,
        }
    }

    /// The watches of Services and EndpointSlices have delivered everything there was: the first sync may start.
    pub fn synced(&mut self) {
        self.runner.synced();
    }

    /// The watch delivered a new or changed Service.
    pub fn set_service(&mut self, service: Rc<Service>, now: Nanos) {
        let changed = Rc::make_mut(&mut self.view).set_service(service);
        self.note(changed, now);
    }

    /// The watch delivered that a Service is gone.
    pub fn remove_service(&mut self, key: &Key, now: Nanos) {
        let changed = Rc::make_mut(&mut self.view).remove_service(key);
        self.note(changed, now);
    }

    /// The watch delivered a new or changed EndpointSlice.
    pub fn set_slice(&mut self, slice: Rc<EndpointSlice>, now: Nanos) {
        let changed = Rc::make_mut(&mut self.view).set_slice(slice);
        self.note(changed, now);
    }

    /// The watch delivered that an EndpointSlice is gone.
    pub fn remove_slice(&mut self, key: &Key, now: Nanos) {
        let changed = Rc::make_mut(&mut self.view).remove_slice(key);
        self.note(changed, now);
    }

    fn note(&mut self, changed: bool, now: Nanos) {
        if changed {
            self.runner.changed(now);
        }
    }

    /// When [`Proxier::run`] has something to do next: a sync starts or ends. (May be in the past: then at once.)
    pub fn next_due(&self) -> Option<Nanos> {
        self.runner.next()
    }

    /// Does what is due: ends a sync (its rules are in force now), starts one. Call it at [`Proxier::next_due`].
    pub fn run(&mut self, now: Nanos, random: &mut Stream) -> Option<Synced> {
        let synced = self.finish(now);
        if self.view.is_unsettled() {
            Rc::make_mut(&mut self.view).settle();
        }
        let large = self.view.total_endpoints() > LARGE_CLUSTER_ENDPOINTS;
        if let Some(start) = self.runner.start(now, large) {
            let in_flight = self.compile(start, now, large);
            let median = self.cost(&in_flight);
            self.in_flight = Some(Box::new(in_flight));
            self.runner.running(start, now, now + random.around(median));
        }
        synced
    }

    /// Compiles what changed since the last sync, or everything.
    fn compile(&mut self, start: Start, now: Nanos, large: bool) -> InFlight {
        let dirty = if self.view.is_dirty() { Rc::make_mut(&mut self.view).take_dirty() } else { BTreeSet::new() };
        let services: BTreeSet<Key> =
            if start.full { self.view.services().map(|(key, _)| key.clone()).chain(dirty).collect() } else { dirty };
        let mut programmed = PortChanges::new();
        for service in &services {
            let gone = self.by_service.get(service).into_iter().flatten();
            programmed.extend(gone.map(|port| (port.clone(), None)));
            for port in self.view.ports(service) {
                let endpoints = categorize(self.view.endpoints(&port.name), port, self.view.node());
                programmed.insert(port.name.clone(), Some(Rc::new(Programmed { port: port.clone(), endpoints })));
            }
        }
        let udp = programmed.keys().any(|p| p.protocol == Protocol::Udp).then(|| UdpServices::new(&self.view));
        if !start.full {
            // A port whose choice of endpoints is the same needs nothing.
            programmed.retain(|name, new| self.programmed.get(name) != new.as_ref());
        }
        let due = |at| now >= at + self.settings.sync_period;
        let keep_stale = large && !self.last_clean_up.is_none_or(due);
        let delta = self.compiler.compile(SyncKind { full: start.full, large, keep_stale }, &programmed);
        InFlight { full: start.full, keep_stale, started: now, delta, programmed, udp }
    }

    /// How long writing takes.
    fn cost(&self, in_flight: &InFlight) -> Nanos {
        let cost = &self.settings.cost;
        let written = in_flight.delta.rule_count(self.programmed.len());
        let kept = self.rules.rule_count();
        let twice = if in_flight.full { 2 } else { 1 };
        twice * (cost.fixed + cost.per_written_rule * written as Nanos + cost.per_kept_rule * kept as Nanos)
    }

    /// Puts the running sync's work in force if it ends now.
    fn finish(&mut self, now: Nanos) -> Option<Synced> {
        let ok = !self.failing;
        if !self.runner.finish(now, ok) {
            return None;
        }
        let work = self.in_flight.take().filter(|_| ok)?;
        if !work.keep_stale {
            self.last_clean_up = Some(now);
        }
        Rc::make_mut(&mut self.rules).apply(&self.compiler, work.delta, &mut self.affinity, now);
        let programmed = Rc::make_mut(&mut self.programmed);
        if work.full {
            programmed.clear();
            self.by_service.clear();
        }
        for (name, new) in &work.programmed {
            let ports = self.by_service.entry(name.service.clone()).or_default();
            match new {
                Some(new) => {
                    ports.insert(name.clone());
                    programmed.insert(name.clone(), new.clone());
                }
                None => {
                    ports.remove(name);
                    programmed.remove(name);
                }
            }
            if ports.is_empty() {
                self.by_service.remove(&name.service);
            }
        }
        let ports = work.programmed.into_keys().collect();
        Some(Synced { started: work.started, full: work.full, ports, udp: work.udp })
    }

    /// kube-proxy is started anew with other settings: a full sync follows at once. In the same mode the old rules hold until
    /// then; another mode begins by taking them away. Established connections stay.
    pub fn restart(&mut self, settings: Rc<Settings>) {
        self.compiler = Compiler::new(&settings, self.view.node().clone());
        self.runner = Runner::new(&settings);
        self.runner.synced();
        self.in_flight = None;
        self.last_clean_up = None;
        if settings.mode != self.settings.mode {
            self.rules = Rc::new(RuleSet::new(settings.mode));
            self.programmed = Rc::default();
            self.by_service.clear();
            self.affinity = Affinity::default();
            self.round_robin.clear();
        }
        self.settings = settings;
    }

    /// Other times from now on, without a restart: the periods between syncs, and how long a sync takes.
    pub fn set_timing(&mut self, min_sync_period: Nanos, sync_period: Nanos, cost: SyncCost) {
        self.runner.set_periods(min_sync_period, sync_period);
        let settings = Rc::make_mut(&mut self.settings);
        (settings.min_sync_period, settings.sync_period, settings.cost) = (min_sync_period, sync_period, cost);
    }

    /// Makes syncs fail from now on (or work again): the rules stay as they are, each is repeated after the sync period.
    pub fn set_failing(&mut self, failing: bool) {
        self.failing = failing;
    }

    /// For how long there has been a change that is not in force yet; 0: up to date.
    pub fn lag(&self, now: Nanos) -> Nanos {
        self.runner.lag(now)
    }

    /// Since when there has been a change that is not in force yet; `None`: up to date.
    pub fn behind_since(&self) -> Option<Nanos> {
        self.runner.behind_since()
    }

    /// Whether rules are being written at this moment.
    pub fn is_writing(&self) -> bool {
        self.runner.is_running()
    }

    /// The rules in force.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// What this kube-proxy was told so far (the rules may be behind).
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A Service port as the rules in force have it.
    pub fn programmed(&self, port: &PortName) -> Option<&Rc<Programmed>> {
        self.programmed.get(port)
    }

    /// The ports of a Service that the rules in force have.
    pub fn programmed_ports(&self, service: &Key) -> impl Iterator<Item = &Rc<Programmed>> {
        self.by_service.get(service).into_iter().flatten().filter_map(|name| self.programmed.get(name))
    }

    /// Which client is pinned where.
    pub fn affinity(&self) -> &Affinity {
        &self.affinity
    }

    /// What the rules in force would decide about a packet, asked `tries` times with a chance of the caller's own. Affinity and
    /// turns stay as they are: nothing is decided by it.
    pub fn peek(&self, packet: &Packet, now: Nanos, random: &mut Stream, tries: usize) -> Vec<Verdict> {
        let node = self.view.node().clone();
        let (mut affinity, mut round_robin) = (self.affinity.clone(), self.round_robin.clone());
        let mut once = || {
            let (affinity, round_robin, random) = (&mut affinity, &mut round_robin, &mut *random);
            let mut env = WalkEnv { now, random, affinity, round_robin, node: &node, trace: false };
            walk(&self.rules, packet, &mut env).verdict
        };
        (0..tries).map(|_| once()).collect()
    }

    /// Decides the first packet of a new connection by the rules in force.
    pub fn walk(&mut self, packet: &Packet, now: Nanos, random: &mut Stream, trace: bool) -> Walk {
        let node = self.view.node().clone();
        let (affinity, round_robin) = (&mut self.affinity, &mut self.round_robin);
        let mut env = WalkEnv { now, random, affinity, round_robin, node: &node, trace };
        walk(&self.rules, packet, &mut env)
    }
}
