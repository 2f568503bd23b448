//! One request from its beginning to its end; what happens on the wire between is in `wire`, names are looked up in `lookup`.

use super::client::{Kept, Source};
use super::record::{Complaint, Failure, Outcome, Record, Trouble};
use super::{FAILURES, RECORDS, SAMPLED, TRACED, Traffic, World};
use crate::network::{Arrival, Hop, Sender, Tracks};
use crate::node::app::Reply;
use crate::node::proxy::conntrack::{Direction, Segment};
use crate::node::proxy::{Protocol, Steps};
use crate::time::{Nanos, Stream};
use std::net::Ipv4Addr;
use std::rc::Rc;

/// First of the ports that clients send from (`net.ipv4.ip_local_port_range`), and how many there are.
const EPHEMERAL: (u16, u64) = (32_768, 28_232);

/// A further attempt's port is so far from the first one's.
const PORTS_APART: u64 = 9_377;

/// The port from which a client's `n`-th socket sends: each client begins at a place of its own.
fn port_of(client: &str, n: u64) -> u16 {
    ephemeral_port(client.bytes().fold(n, |sum, byte| sum.wrapping_add(u64::from(byte).wrapping_mul(2_654_435_761))))
}

/// The port that the `n`-th socket sends from.
pub(super) fn ephemeral_port(n: u64) -> u16 {
    EPHEMERAL.0 + (n % EPHEMERAL.1) as u16
}

/// Something of a client or a request that falls due.
#[derive(Clone, Debug, PartialEq)]
pub enum TrafficEvent {
    /// A client's next calls are due.
    Tick(Rc<str>, u32),
    /// The name was looked up.
    Resolved(u64),
    /// A SYN without an answer is sent again; how often it was sent before.
    Resend(u64, u32),
    /// The answer to the first packet is there.
    Connected(u64),
    /// The answer to the request is there.
    Reply(u64),
    /// The client has waited long enough.
    Deadline(u64),
    /// The wait before a further attempt of a call is over.
    Retry(u64),
    /// A call may need a second attempt beside the first.
    Hedge(u64),
}

/// A request under way.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub client: Rc<str>,
    /// The call that it is an attempt of.
    pub call: u64,
    pub sender: Sender,
    pub protocol: Protocol,
    pub source_port: u16,
    pub names: Vec<String>,
    pub address: Option<Ipv4Addr>,
    /// Further addresses of the name, tried in turn when one refuses or cannot be reached (as Go's and curl's clients do).
    pub others: Vec<Ipv4Addr>,
    /// How it ends if its name led to no address.
    pub unresolved: Failure,
    pub arrival: Arrival,
    /// Where the nodes on its way keep its connection.
    pub tracks: Tracks,
    pub one_way: Nanos,
    /// The connection that the other end will take, on its way back.
    pub offered: Option<Kept>,
    pub connection: Option<Kept>,
    pub reply: Option<Reply>,
    /// Its own chances: what other requests draw does not change them.
    random: Stream,
}

impl Traffic {
    /// Begins one attempt of a call. False if the client's own Pod is not there.
    pub(super) fn attempt(&mut self, call: u64, world: &mut World) -> bool {
        let Some((name, number, tried)) = self.calls.get(&call).map(|c| (c.client.clone(), c.number, c.attempts)) else {
            return false;
        };
        let Some(client) = self.clients.get_mut(&name) else { return false };
        let (sender, resolver) = match &client.setting.source {
            Source::Outside(ip) => (Sender::Outside { ip: *ip }, None),
            Source::Pod(key) => match world.place(key) {
                Some((node, ip, resolver)) => (Sender::Pod { node, ip }, Some(resolver)),
                None => return false,
            },
        };
        let (id, setting) = (self.next_id, client.setting.clone());
        let port = port_of(&name, number.wrapping_add(u64::from(tried) * PORTS_APART));
        // A UDP client that keeps its socket sends from the same port each time.
        let held = setting.keep_alive && setting.url.protocol == Protocol::Udp;
        let source_port = if held { *client.socket.get_or_insert(port) } else { port };
        client.stats.attempts += 1;
        let address = client.address.filter(|(_, until)| *until > world.now).map(|(ip, _)| ip);
        let own = || resolver.as_ref().and_then(|r| r.host(&setting.url.host));
        let address = setting.url.host.parse().ok().or_else(own).or(address);
        self.next_id += 1;
        self.attempt_began(call);
        self.remember(Record::new(id, &name, (number, tried + 1), world.now));
        world.out.push((world.now + setting.timeout, TrafficEvent::Deadline(id)));
        let names = resolver.filter(|_| address.is_none()).map_or(vec![], |r| r.candidates(&setting.url.host));
        let protocol = setting.url.protocol;
        let stream = if tried == 0 { name.to_string() } else { format!("{name} again {tried}") };
        let request = Request {
            client: name.clone(),
            call,
            sender,
            protocol,
            source_port,
            names,
            address,
            others: vec![],
            unresolved: Failure::NoSuchHost,
            arrival: Arrival::Silent,
            tracks: vec![],
            one_way: 0,
            offered: None,
            connection: None,
            reply: None,
            random: Stream::numbered(self.seed, &stream, number),
        };
        self.requests.insert(id, request);
        self.by_own_chances(id, |traffic| {
            if setting.keep_alive && protocol == Protocol::Tcp && traffic.reuse(id, world) {
                return;
            }
            if address.is_some() { traffic.connect(id, 0, world) } else { traffic.resolve(id, world) }
        });
        true
    }

    /// Does something with a request on whose random numbers nobody else draws.
    pub(super) fn by_own_chances(&mut self, id: u64, f: impl FnOnce(&mut Traffic)) {
        let Some(request) = self.requests.get(&id) else { return };
        let outer = std::mem::replace(&mut self.random, request.random.clone());
        f(self);
        let used = std::mem::replace(&mut self.random, outer);
        if let Some(request) = self.requests.get_mut(&id) {
            request.random = used;
        }
    }

    fn remember(&mut self, record: Record) {
        if self.records.len() >= RECORDS {
            let old = self.records.pop_front().filter(|old| old.outcome.is_some_and(Outcome::is_bad));
            if self.failures.len() >= FAILURES && old.is_some() {
                self.failures.pop_front();
            }
            self.failures.extend(old);
        }
        self.records.push_back(Rc::new(record));
        // The rules of earlier requests make room.
        let old = self.records.len().checked_sub(TRACED + 1).and_then(|place| self.records.get_mut(place));
        if let Some(old) = old.filter(|old| !old.outcome.is_some_and(Outcome::is_bad)) {
            Rc::make_mut(old).hops.iter_mut().for_each(|hop| hop.steps = Steps::default());
        }
    }

    pub(super) fn note(&mut self, id: u64, f: impl FnOnce(&mut Record)) {
        let Some(first) = self.records.front().map(|r| r.id) else { return };
        if let Some(record) = id.checked_sub(first).and_then(|i| self.records.get_mut(i as usize)) {
            f(Rc::make_mut(record));
        }
    }

    /// Tells at once what went wrong with a request, so that its cause can be found while the cluster is as it was.
    pub(super) fn complain(&self, id: u64, trouble: Trouble, world: &mut World) {
        let Some(request) = self.requests.get(&id) else { return };
        let (client, sender) = (request.client.clone(), request.sender.clone());
        world.complaints.push(Complaint { id, client, sender, trouble });
    }

    /// The client has waited long enough.
    pub(super) fn give_up(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get(&id) else { return };
        let thinks = |r: &Request| matches!(r.reply, Some(Reply::Http { after, .. }) if after >= 2 * r.one_way);
        if let Some(kept) = request.connection.as_ref().filter(|_| thinks(request)) {
            let (node, uid) = (kept.node.clone(), kept.uid.clone());
            self.complain(id, Trouble::Slow { node, uid }, world);
        } else if self.record(id).is_some_and(|r| r.because.is_none()) {
            self.complain(id, Trouble::Far(self.way(id)), world);
        }
        self.finish(id, Outcome::Failed(Failure::Timeout), world);
    }

    /// The nodes' decisions about a request's packets, as far as it got.
    fn way(&self, id: u64) -> Vec<Hop> {
        let Some(record) = self.record(id) else { return vec![] };
        let lookup = record.lookup.iter().filter(|_| record.asked.is_none()).flat_map(|l| &l.hops);
        lookup.chain(&record.hops).cloned().collect()
    }

    /// A request has ended.
    pub(super) fn finish(&mut self, id: u64, outcome: Outcome, world: &mut World) {
        let told = self.record(id).is_none_or(|r| r.because.is_some()) || world.complaints.iter().any(|c| c.id == id);
        if outcome.is_bad() && !told {
            self.complain(id, Trouble::Futile, world);
        }
        let Some(request) = self.requests.remove(&id) else { return };
        self.hang_up(&request, &outcome, world);
        let now = world.now;
        let traced = self.trace;
        let mut pod: Option<Rc<str>> = None;
        self.note(id, |record| {
            record.ended = Some(now);
            record.outcome = Some(outcome);
            record.because = record.because.take().filter(|_| outcome.is_bad());
            if !(traced || outcome.is_bad() || record.number.is_multiple_of(SAMPLED)) {
                record.hops.iter_mut().for_each(|hop| hop.steps = Steps::default());
            }
            pod = record.pod.as_ref().map(|(_, name, _)| name.clone());
        });
        if let Some(client) = self.clients.get_mut(&request.client) {
            client.keep(request.connection, request.tracks, &outcome);
        }
        self.attempt_ended(request.call, outcome, pod.as_deref(), world);
    }

    /// The packets that end a connection pass the nodes' tables; a connection that is kept goes on.
    fn hang_up(&mut self, request: &Request, outcome: &Outcome, world: &mut World) {
        use {Direction::*, Segment::*};
        let kept = self.clients.get(&request.client).is_some_and(|c| c.setting.keep_alive);
        let multiplexed = self.clients.get(&request.client).is_some_and(|c| c.setting.multiplexes());
        let packets: &[(Direction, Segment)] = match outcome {
            _ if request.protocol != Protocol::Tcp => return,
            Outcome::Answered { .. } if kept => return,
            // One of many on a connection that stands.
            Outcome::Failed(Failure::Timeout) if multiplexed => return,
            Outcome::Answered { .. } | Outcome::Failed(Failure::Closed) => {
                &[(Original, Fin), (Reply, Ack), (Reply, Fin), (Original, Ack)]
            }
            Outcome::Failed(Failure::Refused | Failure::Reset) => &[(Reply, Rst)],
            // The client closes; if the other side does not answer, its table waits.
            Outcome::Failed(Failure::Timeout) if request.connection.is_some() => &[(Original, Fin)],
            Outcome::Failed(_) => return,
        };
        world.fabric(&mut self.random, false).pass(&request.tracks, packets);
    }
}
