//! One request: look the name up, connect, ask, get an answer; or fail on the way.

use super::client::{Client, Kept, Pattern, Source};
use super::{RECORDS, Traffic, World};
use crate::api::Key;
use crate::network::dns::{Answer, candidates};
use crate::network::{Arrival, Hop, Sender};
use crate::node::app::Reply;
use crate::node::kubelet::Life;
use crate::node::proxy::Protocol;
use crate::time::{MILLISECOND, Nanos, SECOND};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// Something of a client or a request that falls due.
#[derive(Clone, Debug, PartialEq)]
pub enum TrafficEvent {
    /// A client's next request is due.
    Tick(Rc<str>, u32),
    /// The name was looked up.
    Resolved(u64),
    /// The answer to the first packet is there.
    Connected(u64),
    /// The answer to the request is there.
    Reply(u64),
    /// The client has waited long enough.
    Deadline(u64),
}

/// How a request fails, as the client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// Nothing listens, or a rule rejects.
    Refused,
    /// No answer in time.
    Timeout,
    /// The connection was reset before the answer.
    Reset,
    /// The connection was closed before the answer.
    Closed,
    /// The name leads nowhere.
    NoSuchHost,
    /// There is no way to the address.
    NoRoute,
}

impl Failure {
    /// The words of the recorded client.
    pub fn text(self) -> &'static str {
        match self {
            Failure::Refused => "connection refused",
            Failure::Timeout => "Client.Timeout",
            Failure::Reset => "connection reset",
            Failure::Closed => "EOF",
            Failure::NoSuchHost => "no such host",
            Failure::NoRoute => "no route to host",
        }
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An HTTP status.
    Answered {
        /// 200, 500…
        status: u16,
    },
    /// No answer.
    Failed(Failure),
}

/// A request and its way, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Grows by one with each request.
    pub id: u64,
    /// Who asked.
    pub client: Rc<str>,
    /// When it began.
    pub started: Nanos,
    /// When it ended.
    pub ended: Option<Nanos>,
    /// The address and port that were asked.
    pub asked: Option<SocketAddrV4>,
    /// The node by whose own address it entered the cluster.
    pub door: Option<Rc<str>>,
    /// The node whose rules decided.
    pub node: Option<Rc<str>>,
    /// Whether those rules sent it to an endpoint (it went through a Service).
    pub through_service: bool,
    /// Uid, name and node of the Pod that it reached.
    pub pod: Option<(Rc<str>, Rc<str>, Rc<str>)>,
    /// The image tag of that Pod's container.
    pub version: Rc<str>,
    /// The client address that the Pod saw.
    pub seen: Option<Ipv4Addr>,
    /// The nodes' decisions on the way, with rules if tracing is on.
    pub hops: Vec<Hop>,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

/// A request under way.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub client: Rc<str>,
    sender: Sender,
    names: Vec<String>,
    address: Option<Ipv4Addr>,
    arrival: Arrival,
    one_way: Nanos,
    connection: Option<Kept>,
    reply: Option<Reply>,
}

impl Traffic {
    /// A client's next request is due.
    pub(super) fn tick(&mut self, name: &Rc<str>, serial: u32, world: &mut World) {
        let Some(client) = self.clients.get_mut(name) else { return };
        if client.serial != serial || client.setting.total.is_some_and(|t| client.stats.sent >= t) {
            return;
        }
        let wait = match client.setting.pattern {
            Pattern::Every(span) => Some(span.max(1)),
            Pattern::Poisson(mean) => Some(self.random.exponential(mean).max(1)),
            Pattern::Sequence | Pattern::Paused => None,
        };
        if let Some(wait) = wait {
            world.out.push((world.now + wait, TrafficEvent::Tick(name.clone(), serial)));
        }
        if client.setting.pattern == Pattern::Paused || (client.setting.keep_alive && client.busy) {
            return;
        }
        self.begin(name, world);
    }

    fn begin(&mut self, name: &Rc<str>, world: &mut World) {
        let Some(client) = self.clients.get_mut(name) else { return };
        let (sender, namespace) = match &client.setting.source {
            Source::Outside(ip) => (Sender::Outside { ip: *ip }, Rc::from("default")),
            Source::Pod(key) => match world.place(key) {
                Some((node, ip)) => (Sender::Pod { node, ip }, key.namespace.clone()),
                None => return, // the client's own Pod is not there
            },
        };
        client.stats.sent += 1;
        client.busy = true;
        let (id, setting) = (self.next_id, client.setting.clone());
        self.next_id += 1;
        self.remember(id, name, world.now);
        world.out.push((world.now + setting.timeout, TrafficEvent::Deadline(id)));
        let address = setting.url.host.parse().ok();
        let names = if address.is_some() { vec![] } else { candidates(&setting.url.host, &namespace) };
        let request = Request {
            client: name.clone(),
            sender,
            names,
            address,
            arrival: Arrival::Silent,
            one_way: 0,
            connection: None,
            reply: None,
        };
        self.requests.insert(id, request);
        if setting.keep_alive && self.reuse(id, world) {
            return;
        }
        if address.is_some() { self.connect(id, world) } else { self.resolve(id, world) }
    }

    fn remember(&mut self, id: u64, client: &Rc<str>, now: Nanos) {
        if self.records.len() >= RECORDS {
            self.records.pop_front();
        }
        self.records.push_back(Record {
            id,
            client: client.clone(),
            started: now,
            ended: None,
            asked: None,
            door: None,
            node: None,
            through_service: false,
            pod: None,
            version: "".into(),
            seen: None,
            hops: vec![],
            outcome: None,
        });
    }

    fn note(&mut self, id: u64, f: impl FnOnce(&mut Record)) {
        let Some(first) = self.records.front().map(|r| r.id) else { return };
        if let Some(record) = id.checked_sub(first).and_then(|i| self.records.get_mut(i as usize)) {
            f(record);
        }
    }

    /// Sends the queries for the name to cluster DNS: they go through the Service `kube-dns` like any packet.
    fn resolve(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        let sender = request.sender.clone();
        if matches!(sender, Sender::Outside { .. }) {
            // Machines outside do not know the cluster's names.
            world.out.push((world.now + 5 * MILLISECOND, TrafficEvent::Resolved(id)));
            request.names.clear();
            return;
        }
        let server = world.dns_server;
        let route = world.fabric(&mut self.random, false).route(&sender, Protocol::Udp, 40_000, server);
        match route.arrival {
            Arrival::Pod { .. } => {
                let names = std::mem::take(&mut request.names);
                let mut spent = 0;
                for name in &names {
                    spent += 2 * route.one_way + self.random.around(MILLISECOND / 4);
                    if let Answer::Addresses(found) = world.dns.query(name, world.now) {
                        // CoreDNS answers in a random order (plugin loadbalance); clients take the first.
                        request.address = found.get(self.random.below(found.len() as u64) as usize).copied();
                        break;
                    }
                }
                world.out.push((world.now + spent, TrafficEvent::Resolved(id)));
            }
            // A refused query is given up after the resolver's two tries; a lost one is sent again after 5 s.
            Arrival::Refused => world.out.push((world.now + 2 * MILLISECOND, TrafficEvent::Resolved(id))),
            _ => world.out.push((world.now + 20 * SECOND, TrafficEvent::Resolved(id))),
        }
    }

    /// The name was looked up.
    pub(super) fn resolved(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get(&id) else { return };
        if request.address.is_some() {
            self.connect(id, world);
        } else {
            self.finish(id, Outcome::Failed(Failure::NoSuchHost), world);
        }
    }

    /// Sends the first packet.
    fn connect(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get(&id) else { return };
        let Some(client) = self.clients.get(&request.client) else { return };
        let Some(address) = request.address else { return };
        let destination = SocketAddrV4::new(address, client.setting.url.port);
        let source_port = 32_768 + (id % 28_000) as u16;
        let sender = request.sender.clone();
        let door = matches!(sender, Sender::Outside { .. }).then(|| world.addresses.node(address).cloned()).flatten();
        let route = world.fabric(&mut self.random, self.trace).route(&sender, Protocol::Tcp, source_port, destination);
        let (now, one_way) = (world.now, route.one_way);
        let pod = match &route.arrival {
            Arrival::Pod { node, uid, run, seen, .. } => world.machines.get(node).and_then(|m| m.kubelet.pod(uid)).map(|w| {
                (
                    (uid.clone(), Rc::from(w.pod.meta.name.as_str()), node.clone()),
                    Rc::from(w.runs[*run].app.version.as_str()),
                    *seen,
                )
            }),
            _ => None,
        };
        let wait = match &route.arrival {
            Arrival::Pod { .. } | Arrival::Host | Arrival::Refused => Some(2 * one_way),
            // The owning node's neighbour look-up fails after three tries, a second each.
            Arrival::NoRoute => Some(3 * SECOND + 2 * one_way),
            Arrival::Silent => None,
        };
        if let Some(wait) = wait {
            world.out.push((now + wait, TrafficEvent::Connected(id)));
        }
        let through = route.hops.iter().any(|h| matches!(h.verdict, crate::node::proxy::Verdict::Dnat { .. }));
        self.note(id, |record| {
            record.asked = Some(destination);
            record.door = door;
            record.node = route.hops.last().map(|h| h.node.clone());
            record.through_service = through;
            if let Some((pod, version, seen)) = pod {
                record.pod = Some(pod);
                record.version = version;
                record.seen = Some(seen);
            }
            record.hops = route.hops;
        });
        if let Some(request) = self.requests.get_mut(&id) {
            request.arrival = route.arrival;
            request.one_way = one_way;
        }
    }

    /// The answer to the first packet is there: connected, refused, or no way.
    pub(super) fn connected(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        match request.arrival.clone() {
            Arrival::Pod { node, uid, run, serial, port, seen } => {
                request.connection = Some(Kept { node, uid, run, serial, port, seen });
                self.ask(id, world);
            }
            // The API server speaks TLS only.
            Arrival::Host => self.finish(id, Outcome::Answered { status: 400 }, world),
            Arrival::Refused => self.finish(id, Outcome::Failed(Failure::Refused), world),
            Arrival::NoRoute => self.finish(id, Outcome::Failed(Failure::NoRoute), world),
            Arrival::Silent => {}
        }
    }

    /// Takes the kept connection, if it still stands. Conntrack holds it to its Pod whatever the rules say now.
    fn reuse(&mut self, id: u64, world: &mut World) -> bool {
        let Some(request) = self.requests.get_mut(&id) else { return false };
        let Some(client) = self.clients.get_mut(&request.client) else { return false };
        let Some(kept) = client.kept.clone() else { return false };
        let Some(worker) = world.machines.get(&kept.node).and_then(|m| m.kubelet.pod(&kept.uid)) else {
            client.kept = None; // closed or reset when the Pod went
            return false;
        };
        if worker.runs[kept.run].serial != kept.serial || !worker.runs[kept.run].is_running() {
            client.kept = None;
            return false;
        }
        let pod = (kept.uid.clone(), Rc::from(worker.pod.meta.name.as_str()), kept.node.clone());
        let version: Rc<str> = worker.runs[kept.run].app.version.as_str().into();
        let seen = kept.seen;
        request.one_way = world.hops.1;
        request.connection = Some(kept);
        self.note(id, |record| {
            record.pod = Some(pod);
            record.version = version;
            record.seen = Some(seen);
            record.through_service = true;
        });
        self.ask(id, world);
        true
    }

    /// Sends the request on its connection.
    fn ask(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        let Some(client) = self.clients.get(&request.client) else { return };
        let Some(kept) = &request.connection else { return };
        let Some(machine) = world.machines.get(&kept.node) else { return };
        let reachable = match &request.sender {
            Sender::Pod { node, .. } => *node == kept.node || (machine.up && world.machines.get(node).is_some_and(|m| m.up)),
            Sender::Outside { .. } => machine.up,
        };
        if !reachable {
            return; // lost: the deadline ends it
        }
        let Some(run) = machine.kubelet.pod(&kept.uid).and_then(|w| w.runs.get(kept.run)).filter(|r| r.serial == kept.serial)
        else {
            self.finish(id, Outcome::Failed(Failure::Reset), world);
            return;
        };
        let age = run.age(world.now).unwrap_or(0);
        let reply = run.app.answer(&client.setting.url.path, kept.port, age, &mut self.random);
        let wait = match &reply {
            Reply::Http { after, .. } => 2 * request.one_way + self.random.around(*after),
            Reply::Refused => 2 * request.one_way,
        };
        request.reply = Some(reply);
        world.out.push((world.now + wait, TrafficEvent::Reply(id)));
    }

    /// The answer is there, unless the process ended before it was given.
    pub(super) fn reply(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get(&id) else { return };
        let Some(kept) = &request.connection else { return };
        let worker = world.machines.get(&kept.node).and_then(|m| m.kubelet.pod(&kept.uid));
        let alive = worker
            .and_then(|w| w.runs.get(kept.run))
            .is_some_and(|r| r.serial == kept.serial && matches!(r.life, Life::Running { .. }));
        let outcome = match (&request.reply, alive) {
            (Some(Reply::Http { status, .. }), true) => Outcome::Answered { status: *status },
            // A process that ends closes what it has read, and resets what it has not.
            _ => Outcome::Failed(if self.random.chance(1, 2) { Failure::Reset } else { Failure::Closed }),
        };
        self.finish(id, outcome, world);
    }

    /// A request has ended.
    pub(super) fn finish(&mut self, id: u64, outcome: Outcome, world: &mut World) {
        let Some(request) = self.requests.remove(&id) else { return };
        let now = world.now;
        let mut started = now;
        let mut pod: Option<Rc<str>> = None;
        self.note(id, |record| {
            record.ended = Some(now);
            record.outcome = Some(outcome);
            started = record.started;
            pod = record.pod.as_ref().map(|(_, name, _)| name.clone());
        });
        let Some(client) = self.clients.get_mut(&request.client) else { return };
        client.stats.count(&outcome, pod.as_deref(), now - started, now);
        client.busy = false;
        let answered = matches!(outcome, Outcome::Answered { .. });
        client.kept = if client.setting.keep_alive && answered { request.connection } else { None };
        // A client that sends one request after the other goes on.
        let Some(client) = self.clients.get(&request.client) else { return };
        if client.setting.pattern == Pattern::Sequence && !client.is_done() {
            world.out.push((world.now, TrafficEvent::Tick(request.client.clone(), client.serial)));
        }
    }
}

impl Client {
    /// The key of its own Pod, if it is inside.
    pub fn pod(&self) -> Option<&Key> {
        match &self.setting.source {
            Source::Pod(key) => Some(key),
            Source::Outside(_) => None,
        }
    }
}
