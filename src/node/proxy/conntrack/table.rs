//! The table itself.

use super::flow::{Direction, Flow, Segment, State, Timeouts, Tuple};
use super::over::Over;
use crate::node::proxy::port::Protocol;
use crate::time::{Nanos, Stream};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{Ipv4Addr, SocketAddrV4};

/// Names a connection of one table for its life.
pub type FlowId = u64;

/// kube-proxy's default: 32768 a core, at least this many.
const MAX_FLOWS: usize = 131_072;
/// How many source ports are tried (`nf_nat_l4proto_unique_tuple`).
const PORT_ATTEMPTS: u32 = 128;
/// Connections that are over and still remembered one by one; older ones are only counted.
const REMEMBERED: usize = 1024;
/// How many flows near their end are looked at when the table is full.
const EARLY_DROP_SCAN: usize = 64;

/// Why a connection is not taken up: its packet is thrown away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The table is full of connections that cannot be forgotten.
    TableFull,
    /// No source port is free towards that destination.
    NoPort,
}

/// The connections that a node knows.
#[derive(Clone, Debug)]
pub struct Conntrack {
    timeouts: Timeouts,
    max: usize,
    flows: BTreeMap<FlowId, Flow>,
    tuples: BTreeMap<Tuple, FlowId>,
    /// At these times flows are looked at; a flow used since then is looked at again later.
    timers: BTreeSet<(Nanos, FlowId)>,
    /// Those that are over, oldest first.
    retired: VecDeque<FlowId>,
    /// Those that are over and only counted.
    over: Over,
    last_id: FlowId,
}

impl Default for Conntrack {
    fn default() -> Self {
        Conntrack::new(Timeouts::default(), MAX_FLOWS)
    }
}

impl Conntrack {
    /// An empty table with these times, for at most `max` connections.
    pub fn new(timeouts: Timeouts, max: usize) -> Conntrack {
        Conntrack {
            timeouts,
            max,
            flows: BTreeMap::new(),
            tuples: BTreeMap::new(),
            timers: BTreeSet::new(),
            retired: VecDeque::new(),
            over: Over::default(),
            last_id: 0,
        }
    }

    /// The connection that a packet belongs to, before translation, and its direction in it.
    pub fn find(&self, tuple: &Tuple, now: Nanos) -> Option<(FlowId, Direction)> {
        let id = *self.tuples.get(tuple)?;
        let flow = self.flows.get(&id).filter(|flow| flow.expires > now)?;
        Some((id, if flow.original == *tuple { Direction::Original } else { Direction::Reply }))
    }

    /// A connection.
    pub fn flow(&self, id: FlowId) -> Option<&Flow> {
        self.flows.get(&id)
    }

    /// All connections that are remembered one by one, oldest first.
    pub fn flows(&self) -> impl Iterator<Item = (FlowId, &Flow)> {
        self.flows.iter().map(|(id, flow)| (*id, flow))
    }

    /// The connections that were sent from a Service's address to one endpoint.
    pub fn behind(&self, (ip, protocol, port): (Ipv4Addr, Protocol, u16), endpoint: SocketAddrV4) -> impl Iterator<Item = &Flow> {
        let asked = SocketAddrV4::new(ip, port);
        let same = move |flow: &&Flow| flow.original.protocol == protocol && flow.original.destination == asked;
        self.flows.values().filter(same).filter(move |flow| flow.reply.source == endpoint)
    }

    /// How many of those are open, and how many others the table still has (some may have run out a moment ago).
    pub fn count_behind(&self, server: (Ipv4Addr, Protocol, u16), endpoint: SocketAddrV4) -> (usize, usize) {
        let (ip, protocol, port) = server;
        let (mut open, mut others) = (0, self.over.count(&(protocol, SocketAddrV4::new(ip, port), endpoint)));
        for flow in self.behind(server, endpoint) {
            *if flow.state == State::Established { &mut open } else { &mut others } += 1;
        }
        (open, others)
    }

    /// How many connections are known (some may have run out a moment ago).
    pub fn len(&self) -> usize {
        self.flows.len() + self.over.len()
    }

    /// How many of them are remembered one by one.
    pub fn remembered(&self) -> usize {
        self.flows.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes up a connection from its first packet, as the rules decided: `destination` is where it is sent (the packet's own
    /// destination if it was not rewritten), `masquerade` the address that replaces the source, if it does.
    ///
    /// The source port is replaced when the source is, or when the endpoint already has a connection from it.
    pub fn open(
        &mut self,
        original: Tuple,
        destination: SocketAddrV4,
        masquerade: Option<Ipv4Addr>,
        now: Nanos,
        random: &mut Stream,
    ) -> Result<FlowId, Refused> {
        self.expire(now);
        if let Some(id) = self.tuples.get(&original).copied() {
            self.remove(id);
        }
        if self.len() >= self.max && !self.drop_early() {
            return Err(Refused::TableFull);
        }
        let source = SocketAddrV4::new(masquerade.unwrap_or(*original.source.ip()), original.source.port());
        let reply = Tuple { protocol: original.protocol, source: destination, destination: source };
        let reply = self.unique(reply, masquerade.is_some(), random).ok_or(Refused::NoPort)?;
        let state = if original.protocol == Protocol::Tcp { State::SynSent } else { State::Unreplied };
        let expires = now + self.timeouts.of(state);
        self.last_id += 1;
        let id = self.last_id;
        self.tuples.insert(original, id);
        self.tuples.insert(reply, id);
        self.timers.insert((expires, id));
        self.flows.insert(id, Flow { original, reply, state, timer: expires, since: now, expires, seen_reply: false });
        Ok(id)
    }

    /// An answer's addresses that no other connection has: `any_port` chooses the port at random (`--random-fully`).
    fn unique(&self, mut reply: Tuple, any_port: bool, random: &mut Stream) -> Option<Tuple> {
        if !any_port && !self.tuples.contains_key(&reply) {
            return Some(reply);
        }
        let (low, high) = match reply.destination.port() {
            0..512 => (1, 511),
            512..1024 => (600, 1023),
            _ => (1024, 65_535),
        };
        (0..PORT_ATTEMPTS).find_map(|_| {
            reply.destination.set_port(random.between(low, high) as u16);
            (!self.tuples.contains_key(&reply)).then_some(reply)
        })
    }

    /// A packet of a known connection passes: the state changes, the time starts again. A SYN on a connection that is over
    /// ends it for good and returns false: the packet is the first of a new connection.
    pub fn packet(&mut self, id: FlowId, direction: Direction, segment: Segment, now: Nanos) -> bool {
        let Some(flow) = self.flows.get_mut(&id) else { return false };
        let over = flow.is_over();
        if flow.expires <= now || (over && segment == Segment::Syn && direction == Direction::Original) {
            self.remove(id);
            return false;
        }
        flow.state = flow.next_state(direction, segment, now);
        flow.seen_reply |= direction == Direction::Reply;
        let expires = now + self.timeouts.of(flow.state);
        flow.expires = expires;
        if expires < flow.timer {
            self.timers.remove(&(flow.timer, id));
            self.timers.insert((expires, id));
            flow.timer = expires;
        }
        if !over && flow.is_over() {
            self.retire(id);
        }
        true
    }

    /// Nothing more will come of a connection: its sockets are closed. The table has it until its time runs out, the older
    /// ones as a number only.
    pub fn retire(&mut self, id: FlowId) {
        self.retired.push_back(id);
        while self.retired.len() > REMEMBERED {
            let Some(old) = self.retired.pop_front() else { return };
            if let Some(flow) = self.flows.get(&old).filter(|flow| flow.is_over() || flow.original.protocol == Protocol::Udp) {
                let way = (flow.original.protocol, flow.original.destination, flow.reply.source);
                self.over.add(way, flow.expires);
                self.remove(old);
            }
        }
    }

    /// Forgets connections whose time has run out.
    pub fn expire(&mut self, now: Nanos) {
        self.over.expire(now);
        while let Some((at, id)) = self.timers.first().copied().filter(|(at, _)| *at <= now) {
            self.timers.remove(&(at, id));
            match self.flows.get_mut(&id) {
                Some(flow) if flow.expires > now => {
                    flow.timer = flow.expires;
                    self.timers.insert((flow.timer, id));
                }
                _ => self.remove(id),
            }
        }
    }

    /// Makes room by forgetting a connection near its end that may be forgotten.
    fn drop_early(&mut self) -> bool {
        if self.over.drop_one() {
            return true;
        }
        let near = self.timers.iter().take(EARLY_DROP_SCAN).map(|(_, id)| *id);
        let victim = near.into_iter().find(|id| self.flows.get(id).is_some_and(Flow::may_be_dropped));
        if let Some(id) = victim {
            self.remove(id);
        }
        victim.is_some()
    }

    /// Forgets a connection.
    pub fn remove(&mut self, id: FlowId) {
        if let Some(flow) = self.flows.remove(&id) {
            self.tuples.remove(&flow.original);
            self.tuples.remove(&flow.reply);
            self.timers.remove(&(flow.timer, id));
        }
    }

    /// Forgets every connection for which `gone` holds; returns them.
    pub fn remove_where(&mut self, gone: impl Fn(&Flow) -> bool) -> Vec<Flow> {
        let ids: Vec<FlowId> = self.flows.iter().filter(|(_, flow)| gone(flow)).map(|(id, _)| *id).collect();
        let flows = ids.iter().filter_map(|id| self.flows.get(id).cloned()).collect();
        ids.into_iter().for_each(|id| self.remove(id));
        flows
    }
}

#[cfg(test)]
mod tests;
