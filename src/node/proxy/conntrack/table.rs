//! The table itself.

use super::flow::{Direction, Flow, Segment, State, Timeouts, Tuple};
use crate::node::proxy::port::Protocol;
use crate::time::{Nanos, Stream};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddrV4};

/// Names a connection of one table for its life.
pub type FlowId = u64;

/// kube-proxy's default: 32768 a core, at least this many.
const MAX_FLOWS: usize = 131_072;
/// How many source ports are tried (`nf_nat_l4proto_unique_tuple`).
const PORT_ATTEMPTS: u32 = 128;
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
        Conntrack { timeouts, max, flows: BTreeMap::new(), tuples: BTreeMap::new(), timers: BTreeSet::new(), last_id: 0 }
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

    /// All connections, oldest first.
    pub fn flows(&self) -> impl Iterator<Item = (FlowId, &Flow)> {
        self.flows.iter().map(|(id, flow)| (*id, flow))
    }

    /// The connections that were sent from a Service's address to one endpoint.
    pub fn behind(&self, (ip, protocol, port): (Ipv4Addr, Protocol, u16), endpoint: SocketAddrV4) -> impl Iterator<Item = &Flow> {
        let asked = SocketAddrV4::new(ip, port);
        let same = move |flow: &&Flow| flow.original.protocol == protocol && flow.original.destination == asked;
        self.flows.values().filter(same).filter(move |flow| flow.reply.source == endpoint)
    }

    /// How many connections are known (some may have run out a moment ago).
    pub fn len(&self) -> usize {
        self.flows.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.flows.is_empty()
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
        if self.flows.len() >= self.max && !self.drop_early() {
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
        self.flows.insert(id, Flow { original, reply, state, since: now, expires, seen_reply: false });
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
        let over = matches!(flow.state, State::TimeWait | State::Close);
        if flow.expires <= now || (over && segment == Segment::Syn && direction == Direction::Original) {
            self.remove(id);
            return false;
        }
        flow.state = flow.next_state(direction, segment, now);
        flow.seen_reply |= direction == Direction::Reply;
        let expires = now + self.timeouts.of(flow.state);
        if expires < flow.expires {
            // Earlier than its timer: it needs one of its own.
            self.timers.insert((expires, id));
        }
        flow.expires = expires;
        true
    }

    /// Forgets connections whose time has run out.
    pub fn expire(&mut self, now: Nanos) {
        while let Some((at, id)) = self.timers.first().copied().filter(|(at, _)| *at <= now) {
            self.timers.remove(&(at, id));
            match self.flows.get(&id).map(|flow| flow.expires) {
                Some(expires) if expires <= now => self.remove(id),
                Some(expires) => {
                    self.timers.insert((expires, id));
                }
                None => {}
            }
        }
    }

    /// Makes room by forgetting a connection near its end that may be forgotten.
    fn drop_early(&mut self) -> bool {
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
            self.timers.remove(&(flow.expires, id));
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
mod tests {
    use super::*;
    use crate::time::SECOND;

    fn tuple(source: &str, destination: &str) -> Tuple {
        Tuple { protocol: Protocol::Tcp, source: source.parse().unwrap(), destination: destination.parse().unwrap() }
    }

    #[test]
    fn a_connection_is_translated_both_ways_and_outlives_its_rules() {
        let mut random = Stream::new(1, "ports");
        let mut table = Conntrack::default();
        let asked = tuple("198.51.100.5:40000", "192.0.2.11:30080");
        let node = Ipv4Addr::new(192, 0, 2, 11);
        let id = table.open(asked, "10.244.2.6:8080".parse().unwrap(), Some(node), 0, &mut random).unwrap();
        let flow = table.flow(id).unwrap().clone();
        assert_eq!(flow.dnat().unwrap().to_string(), "10.244.2.6:8080");
        assert_eq!(*flow.snat().unwrap().ip(), node);
        let inside = flow.translated(Direction::Original);
        assert_eq!((inside.source, inside.destination), (flow.snat().unwrap(), flow.dnat().unwrap()));
        assert_eq!(flow.translated(Direction::Reply), asked.reversed());
        assert_eq!(table.find(&inside.reversed(), 1), Some((id, Direction::Reply)));
        assert_eq!(table.find(&asked, 1), Some((id, Direction::Original)));
        for (direction, segment, state) in [
            (Direction::Reply, Segment::SynAck, State::SynRecv),
            (Direction::Original, Segment::Ack, State::Established),
            (Direction::Reply, Segment::Fin, State::FinWait),
            (Direction::Original, Segment::Ack, State::CloseWait),
            (Direction::Original, Segment::Fin, State::LastAck),
            (Direction::Reply, Segment::Ack, State::TimeWait),
        ] {
            assert!(table.packet(id, direction, segment, SECOND));
            assert_eq!(table.flow(id).unwrap().state, state);
        }
        assert!(table.find(&asked, 121 * SECOND - 1).is_some() && table.find(&asked, 121 * SECOND).is_none());
        // The same addresses again: a new connection.
        assert!(!table.packet(id, Direction::Original, Segment::Syn, 2 * SECOND));
        assert!(table.is_empty());
    }

    #[test]
    fn equal_source_ports_towards_one_endpoint_are_told_apart() {
        let mut random = Stream::new(1, "ports");
        let mut table = Conntrack::default();
        let endpoint = "10.244.2.6:8080".parse().unwrap();
        let first = table.open(tuple("10.244.1.9:4000", "10.96.0.20:80"), endpoint, None, 0, &mut random).unwrap();
        let second = table.open(tuple("10.244.1.9:4000", "10.96.0.21:80"), endpoint, None, 0, &mut random).unwrap();
        assert_eq!(table.flow(first).unwrap().snat(), None);
        assert!(table.flow(second).unwrap().snat().is_some());
    }

    #[test]
    fn a_full_table_forgets_what_is_nearly_over_or_refuses() {
        let mut random = Stream::new(1, "ports");
        let mut table = Conntrack::new(Timeouts::default(), 2);
        let to = |port: u16| tuple(&format!("10.244.1.9:{port}"), "10.244.2.6:80");
        let endpoint = to(1).destination;
        let ids: Vec<FlowId> = (1..3).map(|p| table.open(to(p), endpoint, None, 0, &mut random).unwrap()).collect();
        for id in &ids {
            table.packet(*id, Direction::Reply, Segment::SynAck, 1);
            table.packet(*id, Direction::Original, Segment::Ack, 1);
        }
        assert_eq!(table.open(to(3), endpoint, None, 2, &mut random), Err(Refused::TableFull));
        table.packet(ids[0], Direction::Original, Segment::Rst, 2);
        assert!(table.open(to(3), endpoint, None, 3, &mut random).is_ok());
        assert!(table.flow(ids[0]).is_none() && table.len() == 2);
    }

    #[test]
    fn udp_lasts_longer_once_it_is_a_conversation() {
        let mut random = Stream::new(1, "ports");
        let mut table = Conntrack::default();
        let asked = Tuple { protocol: Protocol::Udp, ..tuple("10.244.1.9:4000", "10.96.0.10:53") };
        let id = table.open(asked, "10.244.1.5:53".parse().unwrap(), None, 0, &mut random).unwrap();
        table.packet(id, Direction::Reply, Segment::Datagram, SECOND);
        assert_eq!(table.flow(id).unwrap().expires, 31 * SECOND);
        table.packet(id, Direction::Original, Segment::Datagram, 3 * SECOND);
        assert_eq!(table.flow(id).unwrap().expires, 123 * SECOND);
        table.expire(123 * SECOND);
        assert!(table.is_empty());
    }
}
