//! The whole cluster as one deterministic state machine: the only room that knows all the others, and who is told what, when.
//!
//! Promises: the same settings, seed and requests at the same times give the same bytes, natively and in wasm; nobody
//! learns of a change but by a watch that arrives later; time only goes forward.
//! Must not know: the command line, lessons, the screen.

mod boot;
mod clients;
mod deliver;
mod machines;
mod network;
mod process;
mod settings;
mod watch;
mod why;

pub use crate::controllers::kubernetes_service::API_SERVER;
pub use boot::DNS_ADDRESS;
pub use network::Link;
pub use settings::{BOOT, NodeSetting, Settings, node};

use crate::api::Time;
use crate::apiserver::{ApiServer, Change};
use crate::cause::{Cause, What};
use crate::network::Addresses;
use crate::network::dns::CoreDns;
use crate::node::Machine;
use crate::node::kubelet::node_status::LEASE_RENEWAL;
use crate::node::kubelet::{Kubelet, PodTimer};
use crate::time::{Nanos, Queue, SECOND, Stream};
use crate::traffic::{Traffic, TrafficEvent};
use process::Process;
use std::collections::BTreeMap;
use std::rc::Rc;
use watch::{Watcher, Watches};
use why::Why;

/// The processes' caches hold the first objects by then.
const SYNCED: Nanos = SECOND;

/// Something that falls due.
#[derive(Clone, Debug)]
enum Event {
    /// A watch delivers a change.
    Deliver(Watcher, Rc<Change>),
    /// Keys of a process' control loops fall due.
    Work(Program),
    /// A kubelet's timer.
    Kubelet(Rc<str>, PodTimer),
    /// A kubelet renews its lease.
    Heartbeat(Rc<str>),
    /// A node's components have their connections to the API server again.
    Reconnect(Rc<str>),
    /// A kube-proxy starts or ends writing rules.
    Proxy(Rc<str>),
    /// A client or a request.
    Traffic(TrafficEvent),
}

/// The processes that run control loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Program {
    ControllerManager,
    Scheduler,
}

/// A cluster.
#[derive(Clone)]
pub struct Cluster {
    /// What it is made of.
    pub settings: Settings,
    now: Nanos,
    queue: Queue<Event>,
    api: ApiServer,
    manager: Process,
    scheduler: Process,
    machines: BTreeMap<Rc<str>, Machine>,
    watches: Watches,
    addresses: Addresses,
    dns: CoreDns,
    traffic: Traffic,
    why: Why,
    seed: u64,
    random: Stream,
    events: u64,
    last_change: Nanos,
}

impl Cluster {
    /// A cluster that has come up: its nodes are ready and its DNS answers. The clock then stands at [`BOOT`].
    pub fn new(settings: Settings, seed: u64) -> Cluster {
        let mut cluster = Cluster::switched_on(settings, seed);
        cluster.run_until(BOOT);
        cluster
    }

    /// A cluster that comes up from now on, until [`BOOT`]; nobody may use it before.
    pub fn switched_on(settings: Settings, seed: u64) -> Cluster {
        let mut cluster = Cluster {
            now: 0,
            queue: Queue::default(),
            api: ApiServer::new(seed, settings.epoch),
            manager: Process::new(seed, crate::controllers::manager(settings.endpoint_batch), SYNCED),
            scheduler: Process::new(seed, crate::controllers::scheduler(), SYNCED),
            machines: BTreeMap::new(),
            watches: Watches::new(seed),
            addresses: Addresses::default(),
            dns: CoreDns::default(),
            traffic: Traffic::new(seed),
            why: Why::new(),
            seed,
            random: Stream::new(seed, "cluster"),
            events: 0,
            last_change: 0,
            settings,
        };
        for node in cluster.settings.nodes.clone() {
            cluster.add_machine(&node);
        }
        cluster.api.set_most_pods(cluster.settings.most_pods);
        boot::seed(&mut cluster.api, &cluster.settings);
        cluster.spread();
        cluster
    }

    /// Virtual time.
    pub fn now(&self) -> Nanos {
        self.now
    }

    /// The cluster's wall clock.
    pub fn clock(&self) -> Time {
        Time(self.settings.epoch + (self.now / SECOND) as i64)
    }

    /// The API server, to read from.
    pub fn api(&self) -> &ApiServer {
        &self.api
    }

    /// Sends requests to the API server; watchers will hear of what they change.
    pub fn request<R>(&mut self, f: impl FnOnce(&mut ApiServer) -> R) -> R {
        self.api.set_now(self.now);
        let result = f(&mut self.api);
        self.spread();
        result
    }

    /// The API server, to write to. Call [`Cluster::flush`] when done.
    pub fn api_mut(&mut self) -> &mut ApiServer {
        self.api.set_now(self.now);
        &mut self.api
    }

    /// Sends what was written by [`Cluster::api_mut`] on its way to all who watch.
    pub fn flush(&mut self) {
        self.spread();
    }

    /// When an object changed last (events and leases do not count).
    pub fn last_change(&self) -> Nanos {
        self.last_change
    }

    /// Number of events handled since the start.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// When the next thing happens.
    pub fn next_at(&self) -> Option<Nanos> {
        self.queue.next_at()
    }

    /// Lets everything happen that falls due until `until` (included), and moves the clock there.
    pub fn run_until(&mut self, until: Nanos) {
        while self.step(until) {}
        self.now = self.now.max(until);
        // Whoever only reads the API server reads its clock too: ages count from it.
        self.api.set_now(self.now);
    }

    /// Lets the next thing happen if it falls due at `until` or before.
    pub fn step(&mut self, until: Nanos) -> bool {
        let Some((at, event)) = self.queue.pop_until(until) else { return false };
        self.now = at;
        self.api.set_now(at);
        self.events += 1;
        self.handle(event);
        self.spread();
        true
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Deliver(watcher, change) => self.deliver(&watcher, &change),
            Event::Work(program) => self.work(program),
            Event::Kubelet(node, timer) => self.with_kubelet(&node, |kubelet, io| kubelet.fire(&timer, io)),
            Event::Heartbeat(node) => {
                if self.machines.get(&node).is_some_and(|m| m.connected && m.heartbeats_from <= self.now) {
                    self.with_kubelet(&node, Kubelet::heartbeat);
                }
                if self.machines.contains_key(&node) {
                    self.queue.push(self.now + LEASE_RENEWAL, Event::Heartbeat(node));
                }
            }
            Event::Reconnect(node) => self.reconnect(&node),
            Event::Proxy(node) => self.run_proxy(&node),
            Event::Traffic(event) => self.with_traffic(|traffic, world| traffic.fire(&event, world)),
        }
    }

    /// From now on things are done on behalf of a person's command (`None`: of nobody).
    pub fn act_for(&mut self, command: Option<Cause>) {
        self.why.actor = command.unwrap_or_else(|| Cause::new(0, What::Boot, vec![]));
    }

    /// Which node an address belongs to.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What cluster DNS knows.
    pub fn dns(&self) -> &CoreDns {
        &self.dns
    }
}
