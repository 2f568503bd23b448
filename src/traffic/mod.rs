//! Clients: arrival patterns, connections, retries, time-outs, statistics.
//!
//! Promises: every request ends in exactly one outcome; counts add up; each client, and each of its requests, has random
//! numbers of its own, so that what one does never shifts what befalls another.
//! Must not know: the API server, controllers, the screen.

mod calls;
mod client;
mod habits;
mod lookup;
mod once;
mod record;
mod request;
mod stats;
mod wire;

pub use client::{Client, ClientChange, ClientSetting, Pattern, Source, Url};
pub use habits::{Habits, Retries};
pub use record::{Complaint, Failure, Outcome, Record, Trouble};
pub use request::TrafficEvent;
pub use stats::{SECONDS, Second, Stats};

use crate::api::Key;
use crate::cause::Cause;
use crate::network::dns::{CoreDns, Resolver};
use crate::network::{Addresses, Fabric};
use crate::node::Machine;
use crate::time::{Nanos, Stream};
use calls::Call;
use request::Request;
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// Requests that are remembered with their way.
pub const RECORDS: usize = 4096;
/// Of the last so many requests the rules on their way are kept, if they are kept at all; of failed ones always.
pub const TRACED: usize = 512;
/// Failed requests that are remembered beyond that, each with its way and its cause.
pub const FAILURES: usize = 1024;
/// Of each client's answered requests every so many-th keeps the rules that it met; with [`Traffic::trace`] all do, and
/// failed ones always.
pub const SAMPLED: u64 = 16;

/// All clients of a cluster and the requests under way.
#[derive(Clone, Debug)]
pub struct Traffic {
    clients: BTreeMap<Rc<str>, Client>,
    requests: BTreeMap<u64, Request>,
    calls: BTreeMap<u64, Call>,
    records: VecDeque<Rc<Record>>,
    /// Failed requests that left `records`.
    failures: VecDeque<Rc<Record>>,
    next_id: u64,
    seed: u64,
    /// The random numbers of the request at hand.
    random: Stream,
    /// Whether the rules on each request's way are kept (slower, more memory).
    pub trace: bool,
}

/// Finds the node and the uid of a Pod.
pub type Locate<'a> = dyn Fn(&Key) -> Option<(Rc<str>, Rc<str>)> + 'a;

/// What a request may use of the world at one moment.
pub struct World<'a> {
    /// Virtual time.
    pub now: Nanos,
    /// The nodes.
    pub machines: &'a mut BTreeMap<Rc<str>, Machine>,
    /// Which node an address belongs to.
    pub addresses: &'a Addresses,
    /// Cluster DNS.
    pub dns: &'a mut CoreDns,
    /// Node and uid of a Pod.
    pub locate: &'a Locate<'a>,
    /// Latencies, as medians: within a node, between nodes, from outside.
    pub hops: (Nanos, Nanos, Nanos),
    /// The API server's address.
    pub api_server: SocketAddrV4,
    /// The address of cluster DNS.
    pub dns_server: SocketAddrV4,
    /// Events to come.
    pub out: &'a mut Vec<(Nanos, TrafficEvent)>,
    /// Requests in trouble.
    pub complaints: &'a mut Vec<Complaint>,
}

impl World<'_> {
    fn fabric<'b>(&'b mut self, random: &'b mut Stream, trace: bool) -> Fabric<'b> {
        self.dns_and_fabric(random, trace).1
    }

    fn dns_and_fabric<'b>(&'b mut self, random: &'b mut Stream, trace: bool) -> (&'b mut CoreDns, Fabric<'b>) {
        let fabric = Fabric {
            now: self.now,
            machines: self.machines,
            addresses: self.addresses,
            random,
            hops: self.hops,
            api_server: self.api_server,
            trace,
        };
        (self.dns, fabric)
    }

    /// Node and address of a Pod that has its network, and how it looks up names.
    fn place(&self, key: &Key) -> Option<(Rc<str>, Ipv4Addr, Resolver)> {
        let (node, uid) = (self.locate)(key)?;
        let worker = self.machines.get(&node)?.kubelet.pod(&uid)?;
        let ip = worker.ip()?;
        let resolver = Resolver::of(&worker.pod, ip, *self.dns_server.ip());
        Some((node, ip, resolver))
    }
}

impl Traffic {
    /// No clients yet.
    pub fn new(seed: u64) -> Traffic {
        Traffic {
            clients: BTreeMap::new(),
            requests: BTreeMap::new(),
            calls: BTreeMap::new(),
            records: VecDeque::new(),
            failures: VecDeque::new(),
            next_id: 1,
            seed,
            random: Stream::new(seed, "traffic"),
            trace: false,
        }
    }

    /// The clients, by name.
    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.values()
    }

    /// The client of a name.
    pub fn client(&self, name: &str) -> Option<&Client> {
        self.clients.get(name)
    }

    /// The last requests, oldest first; ids grow. Copies of the lab share those that have not changed since.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = &Record> + ExactSizeIterator {
        self.records.iter().map(|record| &**record)
    }

    /// All requests that are remembered, oldest first: old ones only if they failed.
    pub fn remembered(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.failures.iter().chain(&self.records).map(|record| &**record)
    }

    /// The record of a request, if it is still remembered.
    pub fn record(&self, id: u64) -> Option<&Record> {
        let first = self.records.front()?.id;
        let found = match id.checked_sub(first) {
            Some(place) => self.records.get(usize::try_from(place).ok()?),
            None => self.failures.get(self.failures.binary_search_by_key(&id, |record| record.id).ok()?),
        };
        found.map(|record| &**record)
    }

    /// Notes why a request fails.
    pub fn set_cause(&mut self, id: u64, cause: Cause) {
        self.note(id, |record| record.because = Some(cause));
    }

    /// Adds a client (or replaces the one of that name) that starts at once.
    pub fn add(&mut self, setting: ClientSetting, now: Nanos, out: &mut Vec<(Nanos, TrafficEvent)>) {
        let name: Rc<str> = setting.name.as_str().into();
        let serial = self.clients.get(&name).map_or(0, |c| c.serial + 1);
        let mut client = Client::new(setting, serial, now, self.seed);
        for _ in 0..client.setting.pattern.workers() {
            out.push((now + client.setting.first_wait(&mut client.random), TrafficEvent::Tick(name.clone(), serial)));
        }
        self.clients.insert(name, client);
    }

    /// Removes a client; what it has under way is forgotten.
    pub fn remove(&mut self, name: &str) -> Option<Client> {
        self.requests.retain(|_, r| *r.client != *name);
        self.calls.retain(|_, c| *c.client != *name);
        self.clients.remove(name)
    }

    /// Changes a client's rate (requests per 1000 seconds; 0: it pauses). False when there is no such client.
    pub fn set_rate(&mut self, name: &str, rate_milli: u64, now: Nanos, out: &mut Vec<(Nanos, TrafficEvent)>) -> bool {
        let Some(client) = self.clients.get(name) else { return false };
        let pattern = client.setting.pattern.with_rate(rate_milli);
        self.change(name, &ClientChange::Pattern(pattern), now, out)
    }

    /// Changes one setting of a client; what is under way goes on as it began. False when there is no such client.
    pub fn change(&mut self, name: &str, change: &ClientChange, now: Nanos, out: &mut Vec<(Nanos, TrafficEvent)>) -> bool {
        let Some(client) = self.clients.get_mut(name) else { return false };
        change.apply(&mut client.setting);
        if matches!(change, ClientChange::Url(_) | ClientChange::KeepAlive(false)) {
            (client.kept, client.address) = (None, None);
        }
        if matches!(change, ClientChange::Pattern(_)) {
            client.serial += 1;
            let (name, serial): (Rc<str>, u32) = (name.into(), client.serial);
            for _ in 0..client.setting.pattern.workers() {
                let wait = client.setting.first_wait(&mut client.random);
                out.push((now + wait, TrafficEvent::Tick(name.clone(), serial)));
            }
        }
        true
    }

    /// Something of a client or a request falls due.
    pub fn fire(&mut self, event: &TrafficEvent, world: &mut World) {
        match event {
            TrafficEvent::Tick(name, serial) => self.tick(name, *serial, world),
            TrafficEvent::Resolved(id) => self.by_own_chances(*id, |traffic| traffic.resolved(*id, world)),
            TrafficEvent::Resend(id, sent) => self.by_own_chances(*id, |traffic| traffic.connect(*id, *sent, world)),
            TrafficEvent::Connected(id) => self.by_own_chances(*id, |traffic| traffic.connected(*id, world)),
            TrafficEvent::Reply(id) => self.by_own_chances(*id, |traffic| traffic.reply(*id, world)),
            TrafficEvent::Retry(id) => self.retry(*id, world),
            TrafficEvent::Hedge(id) => self.hedge(*id, world),
            TrafficEvent::Deadline(id) => self.give_up(*id, world),
        }
    }
}
