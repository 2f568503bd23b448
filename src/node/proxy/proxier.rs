//! One node's kube-proxy: what it was told, when it writes rules, and the rules in force.
//!
//! Promises: what it was told changes no rule until a sync has written it; packets are decided by the rules in force.
//! Must not know: how watches deliver, the network, other nodes.

mod answers;
mod deciding;
mod writing;

pub use writing::Synced;

use super::ipvs::RoundRobin;
use super::modes::{Compiler, Programmed, RuleSet};
use super::packet::Affinity;
use super::port::PortName;
use super::settings::{NodeInfo, Settings, SyncCost};
use super::sync::Runner;
use super::view::View;
use crate::api::{EndpointSlice, Key, Service};
use crate::time::Nanos;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use writing::InFlight;

/// More endpoints than this make a large cluster (`largeClusterEndpointsThreshold`).
pub const LARGE_CLUSTER_ENDPOINTS: usize = 1000;

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

    /// The rules in force; whoever holds on to them sees by `Rc::ptr_eq` whether they have changed since.
    pub fn rules(&self) -> &Rc<RuleSet> {
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
}
