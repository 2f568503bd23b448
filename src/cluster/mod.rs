//! The whole cluster as one deterministic state machine: the only room that knows all the others, and who is told what, when.
//!
//! Promises: the same settings, seed and requests at the same times give the same bytes, natively and in wasm; nobody
//! learns of a change but by a watch that arrives later; time only goes forward.
//! Must not know: the command line, lessons, the screen.

mod boot;
mod network;
mod process;
mod settings;
mod watch;
mod why;

pub use crate::controllers::kubernetes_service::API_SERVER;
pub use boot::DNS_ADDRESS;
pub use network::Link;
pub use settings::{BOOT, NodeSetting, Settings, node};

use crate::api::{Key, Kind, Pod, Time};
use crate::apiserver::{ApiServer, Change};
use crate::cause::{Cause, What};
use crate::network::Addresses;
use crate::network::dns::{CoreDns, Lookup};
use crate::node::kubelet::node_status::LEASE_RENEWAL;
use crate::node::kubelet::{Io, Kubelet, PodTimer};
use crate::node::proxy::{Cidr, Conntrack, NodeInfo, Proxier};
use crate::node::{Ledger, Machine};
use crate::time::{Nanos, Queue, SECOND, Stream};
use crate::traffic::{Client, ClientChange, ClientSetting, Complaint, Traffic, TrafficEvent, World};
use process::Process;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;
use watch::{Watcher, Watches};
use why::{Fact, Scene, Why};

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
        cluster.run_until(BOOT);
        cluster
    }

    fn add_machine(&mut self, node: &NodeSetting) {
        let name: Rc<str> = node.name.as_str().into();
        let kubelet = Kubelet::new(&name, node.address, node.pod_cidr, self.settings.pace.clone(), self.seed);
        let range = Cidr { address: node.pod_cidr.0, bits: node.pod_cidr.1 };
        let info = NodeInfo {
            name: name.clone(),
            zone: node.zone.as_str().into(),
            ip: node.address,
            addresses: vec![
                Cidr { address: node.address, bits: 24 },
                Cidr { address: Ipv4Addr::from(u32::from(range.address) + 1), bits: 24 },
            ],
            pod_cidr: Some(range),
        };
        let mut proxy = Proxier::new(Rc::new(self.settings.proxy.clone()), Rc::new(info));
        proxy.synced();
        let machine = Machine {
            kubelet,
            proxy,
            conntrack: Conntrack::default(),
            ports: Stream::new(self.seed, &format!("ports {name}")),
            latency: 0,
            watch_delay: 0,
            up: true,
            connected: true,
            heartbeats_from: 0,
            known: BTreeSet::new(),
            proxy_wake: None,
            ledger: Ledger::default(),
            syncs: Stream::new(self.seed, &format!("kube-proxy {name}")),
        };
        self.machines.insert(name.clone(), machine);
        self.addresses.add(&name, node.address, node.pod_cidr);
        self.wake_proxy(&name);
        let first = self.random.below(LEASE_RENEWAL);
        self.queue.push(self.now + first, Event::Heartbeat(name));
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

    /// The first container of a Pod ends by itself with its exit code. False when it does not run.
    pub fn crash(&mut self, key: &Key) -> bool {
        let Some(pod) = self.api.get::<Pod>(key).cloned() else { return false };
        let mut crashed = false;
        let uid = pod.meta.uid.as_str().into();
        self.with_kubelet(&pod.spec.node_name.as_str().into(), |kubelet, io| crashed = kubelet.crash(&uid, io));
        self.spread();
        crashed
    }

    /// The health pages of a Pod's first container answer 503 from now on, or 200 again. False when nothing changed.
    pub fn set_well(&mut self, key: &Key, well: bool) -> bool {
        let Some(pod) = self.api.get::<Pod>(key).cloned() else { return false };
        let mut changed = false;
        let uid = pod.meta.uid.as_str().into();
        self.with_kubelet(&pod.spec.node_name.as_str().into(), |kubelet, io| changed = kubelet.set_well(&uid, well, io));
        changed
    }

    /// Whether a Pod's health pages answer as its variables say.
    pub fn is_well(&self, key: &Key) -> bool {
        let machine = |pod: &Rc<Pod>| self.machines.get(pod.spec.node_name.as_str());
        self.api.get::<Pod>(key).is_none_or(|pod| machine(pod).is_none_or(|m| m.kubelet.is_well(&pod.meta.uid)))
    }

    /// The nodes' machines, by name.
    pub fn machines(&self) -> &BTreeMap<Rc<str>, Machine> {
        &self.machines
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

    /// A kube-proxy starts or ends writing rules.
    fn run_proxy(&mut self, node: &Rc<str>) {
        let Some(machine) = self.machines.get_mut(node) else { return };
        if machine.proxy_wake.is_some_and(|at| at > self.now) {
            return; // an earlier wake-up has replaced this one
        }
        machine.proxy_wake = None;
        machine.run_proxy(self.now);
        self.wake_proxy(node);
    }

    /// Sets a wake-up for a kube-proxy that has something to do.
    fn wake_proxy(&mut self, node: &Rc<str>) {
        let Some(machine) = self.machines.get_mut(node) else { return };
        let Some(due) = machine.proxy_due(self.now) else { return };
        if machine.proxy_wake.is_none_or(|at| at > due || at < self.now) {
            machine.proxy_wake = Some(due);
            self.queue.push(due, Event::Proxy(node.clone()));
        }
    }

    /// Runs something on the clients and sets the events that it asks for.
    fn with_traffic<R>(&mut self, f: impl FnOnce(&mut Traffic, &mut World) -> R) -> R {
        let (mut out, mut complaints) = (vec![], vec![]);
        let (server, port) = API_SERVER;
        let address = |text: &str| text.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let api = &self.api;
        let mut world = World {
            now: self.now,
            machines: &mut self.machines,
            addresses: &self.addresses,
            dns: &mut self.dns,
            locate: &|key| api.get::<Pod>(key).map(|p| (p.spec.node_name.as_str().into(), p.meta.uid.as_str().into())),
            hops: (self.settings.hop_local, self.settings.hop_remote, self.settings.hop_outside),
            api_server: SocketAddrV4::new(address(server), port as u16),
            dns_server: SocketAddrV4::new(address(DNS_ADDRESS), 53),
            out: &mut out,
            complaints: &mut complaints,
        };
        let result = f(&mut self.traffic, &mut world);
        for (at, event) in out {
            self.queue.push(at, Event::Traffic(event));
        }
        self.find_causes(complaints);
        result
    }

    /// Finds out, for requests whose fate was decided just now, what decided it.
    fn find_causes(&mut self, complaints: Vec<Complaint>) {
        for complaint in complaints {
            let Some(client) = self.traffic.client(&complaint.client) else { continue };
            let number = self.traffic.record(complaint.id).map_or(0, |record| record.number);
            let (machines, addresses, why) = (&self.machines, &self.addresses, &self.why);
            let scene = Scene { now: self.now, machines, addresses, why };
            let cause = scene.blame(client, number, &complaint.sender, &complaint.trouble);
            self.traffic.set_cause(complaint.id, cause);
        }
    }

    /// From now on things are done on behalf of a person's command (`None`: of nobody).
    pub fn act_for(&mut self, command: Option<Cause>) {
        self.why.actor = command.unwrap_or_else(|| Cause::new(0, What::Boot, vec![]));
    }

    /// The clients and their requests.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Adds a client (or replaces the one of that name) that starts at once.
    pub fn add_client(&mut self, setting: ClientSetting) {
        self.why.clients.insert(setting.name.as_str().into(), self.why.actor.clone());
        self.with_traffic(|traffic, world| traffic.add(setting, world.now, world.out));
    }

    /// Removes a client; its counts are returned.
    pub fn remove_client(&mut self, name: &str) -> Option<Client> {
        self.traffic.remove(name)
    }

    /// Changes a client's rate (requests per 1000 seconds; 0: it pauses). False when there is no such client.
    pub fn set_rate(&mut self, name: &str, rate_milli: u64) -> bool {
        self.with_traffic(|traffic, world| traffic.set_rate(name, rate_milli, world.now, world.out))
    }

    /// Which node an address belongs to.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What cluster DNS knows.
    pub fn dns(&self) -> &CoreDns {
        &self.dns
    }

    /// Changes one setting of a client. False when there is no such client.
    pub fn change_client(&mut self, name: &str, change: &ClientChange) -> bool {
        let changed = self.with_traffic(|traffic, world| traffic.change(name, change, world.now, world.out));
        if changed {
            self.why.clients.insert(name.into(), self.why.actor.clone());
        }
        changed
    }

    /// Whether the rules on each request's way are kept from now on.
    pub fn set_trace(&mut self, trace: bool) {
        self.traffic.trace = trace;
    }

    /// Looks a name up from inside a Pod, at this moment; `None` when the Pod has no network.
    pub fn resolve(&mut self, pod: &Key, name: &str) -> Option<Lookup> {
        self.with_traffic(|traffic, world| traffic.resolve_once(pod, name, world))
    }

    fn deliver(&mut self, watcher: &Watcher, change: &Rc<Change>) {
        let now = self.now;
        match watcher {
            Watcher::Program(program) => {
                self.process(*program).observe(change, now);
                self.work(*program);
            }
            Watcher::Kubelet(node) => {
                if self.machines.get(node).is_some_and(|m| m.connected) {
                    self.with_kubelet(node, |kubelet, io| kubelet.observe(change, io));
                }
            }
            Watcher::Proxy(node) => {
                if let Some(machine) = self.machines.get_mut(node).filter(|m| m.connected) {
                    machine.observe_proxy(change, now);
                    self.wake_proxy(node);
                }
            }
            Watcher::Dns => {
                let key = change.object().key();
                self.why.dns.apply(change);
                match change.kind() {
                    Kind::Service => self.dns.set_service(key, change.after()),
                    Kind::EndpointSlice => self.dns.set_slice(key, change.after()),
                    _ => self.dns.set_namespace(&key.name, change.new.is_some()),
                }
            }
        }
    }

    /// The control loops of a process work on all that is due, and are woken when more falls due.
    fn work(&mut self, program: Program) {
        let (now, clock) = (self.now, self.clock());
        loop {
            let process = match program {
                Program::ControllerManager => &mut self.manager,
                Program::Scheduler => &mut self.scheduler,
            };
            let Some(written) = process.work(now, clock, &mut self.api, &self.why) else { break };
            let answered = self.spread_writes_of(Some(program));
            self.process(program).hold(written, answered);
        }
        if let Some(at) = self.process(program).wake_at(now) {
            self.queue.push(at, Event::Work(program));
        }
    }

    fn process(&mut self, program: Program) -> &mut Process {
        match program {
            Program::ControllerManager => &mut self.manager,
            Program::Scheduler => &mut self.scheduler,
        }
    }

    /// Runs something on a kubelet and sets the timers that it asks for.
    fn with_kubelet(&mut self, node: &Rc<str>, f: impl FnOnce(&mut Kubelet, &mut Io)) {
        let clock = self.clock();
        let Some(machine) = self.machines.get_mut(node) else { return };
        let (mut timers, written) = (vec![], self.api.changes_mut().len());
        let api = machine.connected.then_some(&mut self.api);
        f(&mut machine.kubelet, &mut Io { now: self.now, clock, api, actor: &self.why.actor, timers: &mut timers });
        for change in &mut self.api.changes_mut()[written..] {
            change.why = Some(self.why.by_kubelet(&machine.kubelet, change, self.now));
        }
        for (at, timer) in timers {
            self.queue.push(at, Event::Kubelet(node.clone(), timer));
        }
    }

    /// Sends the API server's changes on their way to all who watch.
    fn spread(&mut self) {
        self.spread_writes_of(None);
    }

    /// The same, for the writes of one sync of a process: they come one after the other. Returns when the process itself
    /// sees the last of them, which is when it has been answered.
    fn spread_writes_of(&mut self, writer: Option<Program>) -> Nanos {
        let (mut begun, mut answered) = (self.now, self.now);
        for mut change in self.api.take_changes() {
            if change.why.is_none() {
                change.why = Some(self.why.by_person(&change, self.now));
            }
            self.why.bios.apply(&change);
            if !matches!(change.kind(), Kind::Event | Kind::Lease) {
                self.last_change = self.now;
            }
            let change = Rc::new(change);
            for watcher in self.watches.audience(&change, self.machines.keys()) {
                let sent = begun + watcher.node().and_then(|n| self.machines.get(n)).map_or(0, |m| m.watch_delay);
                let at = self.watches.arrival(&watcher, change.kind(), sent, (self.settings.watch, self.act(&watcher)));
                if matches!(watcher, Watcher::Program(program) if Some(program) == writer) {
                    answered = answered.max(at);
                }
                self.queue.push(at, Event::Deliver(watcher, change.clone()));
            }
            if writer.is_some() && change.kind() != Kind::Event {
                begun += self.random.around(self.settings.write);
            }
        }
        answered
    }

    /// What a control loop's first write needs. It counts as part of the way to the loop: the loop decides by what it knew
    /// that much earlier than its write is in force.
    fn act(&self, watcher: &Watcher) -> Nanos {
        match watcher {
            Watcher::Program(Program::ControllerManager) => self.settings.think,
            Watcher::Program(Program::Scheduler) => self.settings.schedule,
            _ => 0,
        }
    }

    /// Takes a node's network away: it hears nothing and nobody hears it. What runs on it goes on.
    pub fn node_down(&mut self, name: &str) -> bool {
        let Some(machine) = self.machines.get_mut(name) else { return false };
        if std::mem::replace(&mut machine.up, false) {
            let what = What::Cut { node: name.into() };
            self.why.cuts.insert(name.into(), Cause::new(self.now, what, vec![self.why.actor.clone()]));
        }
        machine.connected = false;
        true
    }

    /// Gives a node its network back. Its components notice when they try again: first the watches, then the heartbeat.
    pub fn node_up(&mut self, name: &str) -> bool {
        let name: Rc<str> = name.into();
        let Some(machine) = self.machines.get_mut(&name).filter(|m| !m.up) else { return false };
        machine.up = true;
        self.why.returns.insert(name.clone(), self.why.actor.clone());
        let watches = self.now + self.random.around(self.settings.reconnect);
        machine.heartbeats_from = watches + self.settings.reconnect;
        self.queue.push(watches, Event::Reconnect(name));
        true
    }

    /// A node's components have their connections again: their watches list everything anew.
    fn reconnect(&mut self, name: &Rc<str>) {
        let Some(machine) = self.machines.get_mut(name).filter(|m| m.up) else { return };
        machine.connected = true;
        self.api.set_now(self.now);
        let pods = self.api.store().list(Kind::Pod, None).filter_map(|o| o.as_::<Pod>());
        let pods: Vec<Rc<Pod>> = pods.filter(|p| *p.spec.node_name == **name).cloned().collect();
        let bios = self.why.bios.clone();
        let why = |pod: &Pod| bios.latest(Kind::Pod, &Key::new(&pod.meta.namespace, &pod.meta.name), &[Fact::Ending, Fact::Born]);
        self.with_kubelet(name, |kubelet, io| kubelet.relist(&pods, why, io));
        if let Some(machine) = self.machines.get_mut(name) {
            let store = self.api.store();
            let known =
                |kind, key: &Key| bios.latest(kind, key, &[Fact::Left]).into_iter().chain(bios.latest(kind, key, &[Fact::Last]));
            machine.hear_anew(store.list(Kind::EndpointSlice, None).chain(store.list(Kind::Service, None)), known, self.now);
            machine.relist_proxy(store.list(Kind::Service, None).chain(store.list(Kind::EndpointSlice, None)), self.now);
        }
        self.wake_proxy(name);
    }
}
