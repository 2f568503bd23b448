//! A packet's way: which node's connection table or rules decide, where it ends, and who the other end sees.
//!
//! Promises: a packet of a known connection goes where the connection goes; rules are asked for all others.
//! A node's table holds the connections that its rules decided; nodes that only pass a packet on keep none.

use super::Addresses;
use crate::node::Machine;
use crate::node::proxy::conntrack::{Direction, FlowId, Segment, Tuple};
use crate::node::proxy::{Origin, Packet, Protocol, Steps, Verdict};
use crate::time::{Nanos, Stream};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// Who sends.
#[derive(Clone, Debug, PartialEq)]
pub enum Sender {
    /// A Pod on a node.
    Pod {
        /// Its node.
        node: Rc<str>,
        /// Its address.
        ip: Ipv4Addr,
    },
    /// A machine outside the cluster that can reach the nodes, not the Pods.
    Outside {
        /// Its address.
        ip: Ipv4Addr,
    },
}

/// Where a packet ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrival {
    /// A container takes the connection.
    Pod {
        /// Node of the Pod.
        node: Rc<str>,
        /// Uid of the Pod.
        uid: Rc<str>,
        /// Which of its containers.
        run: usize,
        /// Which life of that container.
        serial: u32,
        /// Port.
        port: u16,
        /// The address that the container sees as its client's.
        seen: Ipv4Addr,
    },
    /// A process that is no Pod takes it.
    Host(HostProcess),
    /// Somebody answers "no": nothing listens there, or a rule rejects.
    Refused,
    /// Nobody answers.
    Silent,
    /// The node of a vanished address says after a while that there is no such host.
    NoRoute,
}

/// What answers where no Pod does.
#[derive(Clone, Debug, PartialEq)]
pub enum HostProcess {
    /// The API server; it speaks TLS only.
    ApiServer,
    /// A health check of kube-proxy: a Service's health check node port, or `/healthz` on port 10256.
    Health {
        /// 200 or 503.
        status: u16,
        /// What it says.
        body: Rc<str>,
    },
}

/// One stop on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// The node that decided.
    pub node: Rc<str>,
    /// Source before.
    pub source: SocketAddrV4,
    /// Destination before.
    pub destination: SocketAddrV4,
    /// Source after; the same unless it was rewritten.
    pub source_after: SocketAddrV4,
    /// What was decided.
    pub verdict: Verdict,
    /// Whether the node knew the connection: then its table decided, and no rule was asked.
    pub known: bool,
    /// The connection in the node's table; `None` if it was not taken up (rejected, thrown away, table full).
    pub flow: Option<FlowId>,
    /// The rules on the way, if they were asked for.
    pub steps: Steps,
}

/// The way of a packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Where it ended.
    pub arrival: Arrival,
    /// The nodes that decided.
    pub hops: Vec<Hop>,
    /// From the sender to there, one way.
    pub one_way: Nanos,
    /// Where it was sent to in the end.
    pub destination: SocketAddrV4,
}

impl Route {
    /// The places of the connection in the tables of the nodes on the way.
    pub fn tracks(&self) -> Tracks {
        self.hops.iter().filter_map(|hop| Some((hop.node.clone(), hop.flow?))).collect()
    }
}

/// Places of one connection in the nodes' tables.
pub type Tracks = Vec<(Rc<str>, FlowId)>;

/// The nodes and what lies between them, for the moment of one packet.
pub struct Fabric<'a> {
    /// Virtual time.
    pub now: Nanos,
    /// The nodes.
    pub machines: &'a mut BTreeMap<Rc<str>, Machine>,
    /// Which node an address belongs to.
    pub addresses: &'a Addresses,
    /// Chance.
    pub random: &'a mut Stream,
    /// One way within a node, between nodes, from outside to a node: medians.
    pub hops: (Nanos, Nanos, Nanos),
    /// The API server's address.
    pub api_server: SocketAddrV4,
    /// Whether to list the rules on the way.
    pub trace: bool,
}

/// How often a packet may be sent on to another node before it is lost.
const MAX_HOPS: usize = 4;

impl Fabric<'_> {
    /// Finds the way of a packet that asks for a connection (TCP), or of a datagram.
    pub fn route(&mut self, sender: &Sender, protocol: Protocol, source_port: u16, destination: SocketAddrV4) -> Route {
        let segment = if protocol == Protocol::Tcp { Segment::Syn } else { Segment::Datagram };
        self.send(sender, protocol, source_port, destination, segment)
    }

    /// Finds the way of any packet that a client sends.
    pub fn send(
        &mut self,
        sender: &Sender,
        protocol: Protocol,
        source_port: u16,
        destination: SocketAddrV4,
        segment: Segment,
    ) -> Route {
        let (local, _, outside) = self.hops;
        let mut route = Route { arrival: Arrival::Silent, hops: vec![], one_way: 0, destination };
        let (ip, origin) = match sender {
            Sender::Pod { node, ip } if destination.ip().is_loopback() => {
                route.one_way += self.random.around(local) / 2;
                route.arrival = self.within(node, *ip, (protocol, segment), (source_port, destination.port()));
                return route;
            }
            Sender::Pod { node, ip } => self.origin(node, *ip, *destination.ip()),
            Sender::Outside { ip } => (*ip, Origin::Outside),
        };
        let packet = Packet { protocol, source: SocketAddrV4::new(ip, source_port), destination, origin };
        match sender {
            Sender::Pod { node, .. } => {
                route.one_way += self.random.around(local);
                self.decide(node, packet, segment, &mut route);
            }
            Sender::Outside { .. } => {
                route.one_way += self.random.around(outside);
                self.enter(packet, segment, &mut route);
            }
        }
        route
    }

    /// Where a Pod's packets begin, and under which address: in its own network, or in its node's (then with the address of
    /// the interface by which they leave).
    fn origin(&self, node: &Rc<str>, ip: Ipv4Addr, to: Ipv4Addr) -> (Ipv4Addr, Origin) {
        let Some(machine) = self.machines.get(node).filter(|m| m.kubelet.address == ip) else { return (ip, Origin::Pod) };
        let own_pod = self.addresses.node_of_pod(to) == Some(node);
        (if own_pod { Ipv4Addr::from(u32::from(machine.kubelet.pod_cidr.0) + 1) } else { ip }, Origin::Node)
    }

    /// Further packets of a connection pass the nodes that know it: its state there changes, its time starts again.
    pub fn pass(&mut self, tracks: &Tracks, packets: &[(Direction, Segment)]) {
        for (node, flow) in tracks {
            let Some(machine) = self.machines.get_mut(node) else { continue };
            for (direction, segment) in packets {
                machine.conntrack.packet(*flow, *direction, *segment, self.now);
            }
        }
    }

    /// The sockets of a connection without an end of its own (UDP) are closed.
    pub fn retire(&mut self, tracks: &Tracks) {
        for (node, flow) in tracks {
            if let Some(machine) = self.machines.get_mut(node) {
                machine.conntrack.retire(*flow);
            }
        }
    }

    pub(super) fn is_up(&self, node: &str) -> bool {
        self.machines.get(node).is_some_and(|m| m.up)
    }

    /// What a packet takes more because of a node's link.
    fn slowness(&self, node: &str) -> Nanos {
        self.machines.get(node).map_or(0, |m| m.latency)
    }

    /// A packet comes to the cluster from outside: by a node's own address, or by an address that leads to some node.
    fn enter(&mut self, packet: Packet, segment: Segment, route: &mut Route) {
        let (node, packet) = match self.addresses.node(*packet.destination.ip()) {
            Some(node) => (node.clone(), packet),
            None => match self.door(&packet) {
                Some(door) => door,
                None => return,
            },
        };
        if self.is_up(&node) {
            route.one_way += self.slowness(&node);
            self.decide(&node, Packet { origin: Origin::Outside, ..packet }, segment, route);
        }
    }

    /// A node decides: by its connection table if it knows the connection, by its rules if not.
    fn decide(&mut self, node: &Rc<str>, packet: Packet, segment: Segment, route: &mut Route) {
        let tuple = Tuple { protocol: packet.protocol, source: packet.source, destination: packet.destination };
        let Some(machine) = self.machines.get_mut(node) else { return };
        let known = machine.conntrack.find(&tuple, self.now);
        let known = known.filter(|(id, direction)| machine.conntrack.packet(*id, *direction, segment, self.now));
        let mut hop = Hop {
            node: node.clone(),
            source: packet.source,
            destination: packet.destination,
            source_after: packet.source,
            verdict: Verdict::Drop,
            known: known.is_some(),
            flow: None,
            steps: Steps::default(),
        };
        let taken = match known {
            Some((id, direction)) => Some((id, direction)),
            None => self.decide_by_rules(tuple, &packet, &mut hop, route).map(|id| (id, Direction::Original)),
        };
        let conntrack = self.machines.get(node).map(|m| &m.conntrack);
        let flow = taken.and_then(|(id, direction)| Some((id, direction, conntrack?.flow(id)?)));
        let Some((id, direction, flow)) = flow else { return route.hops.push(hop) };
        let after = flow.translated(direction);
        if hop.known {
            let masquerade = after.source != packet.source;
            let (ip, port) = (*after.destination.ip(), after.destination.port());
            let rewritten = after.destination != packet.destination;
            hop.verdict = if rewritten { Verdict::Dnat { ip, port, masquerade } } else { Verdict::Accept { masquerade } };
        }
        (hop.flow, hop.source_after) = (Some(id), after.source);
        route.hops.push(hop);
        self.forward(node, &packet, after, segment, route);
    }

    /// The rules decide, and the connection is taken up as they say.
    fn decide_by_rules(&mut self, tuple: Tuple, packet: &Packet, hop: &mut Hop, route: &mut Route) -> Option<FlowId> {
        let machine = self.machines.get_mut(&hop.node)?;
        let walk = machine.proxy.walk(packet, self.now, self.random, self.trace);
        (hop.verdict, hop.steps) = (walk.verdict, walk.steps);
        let (to, masquerade) = match walk.verdict {
            Verdict::Reject => {
                route.arrival = Arrival::Refused;
                return None;
            }
            Verdict::Drop => return None,
            Verdict::Dnat { ip, port, masquerade } => (SocketAddrV4::new(ip, port), masquerade),
            Verdict::Accept { masquerade } => (packet.destination, masquerade),
        };
        let source = self.source_after(&hop.node, packet, *to.ip(), masquerade);
        let machine = self.machines.get_mut(&hop.node)?;
        // A packet that no place is found for is thrown away.
        machine.conntrack.open(tuple, to, source, self.now, &mut machine.ports).ok()
    }

    /// §8: a masqueraded packet carries the address of the interface by which it leaves the node. What a Pod sends to anything
    /// but a Pod leaves its node under the node's own address too, without kube-proxy.
    fn source_after(&self, node: &Rc<str>, packet: &Packet, to: Ipv4Addr, masquerade: bool) -> Option<Ipv4Addr> {
        let own_pod = self.addresses.node_of_pod(to) == Some(node);
        let machine = self.machines.get(node)?;
        if own_pod || self.addresses.node_owning(to) == Some(node) {
            return masquerade.then(|| Ipv4Addr::from(u32::from(machine.kubelet.pod_cidr.0) + 1));
        }
        let leaves = packet.origin == Origin::Pod && self.addresses.node_of_pod(to).is_none();
        (masquerade || leaves).then_some(machine.kubelet.address)
    }

    /// Takes a packet from the node that decided to the address that it is for now.
    fn forward(&mut self, from: &Rc<str>, packet: &Packet, after: Tuple, segment: Segment, route: &mut Route) {
        let to = after.destination;
        route.destination = to;
        if to == self.api_server {
            route.one_way += self.random.around(self.hops.1);
            route.arrival = if self.is_up(from) { Arrival::Host(HostProcess::ApiServer) } else { Arrival::Silent };
            return;
        }
        let next = Packet { protocol: packet.protocol, source: after.source, destination: to, origin: Origin::Outside };
        if let Some(owner) = self.addresses.node_owning(*to.ip()).cloned() {
            if owner == *from {
                route.arrival = self.at_node(&owner, &next, segment);
            } else if route.hops.len() < MAX_HOPS && self.crosses(from, &owner, route) {
                self.decide(&owner, next, segment, route);
            }
        } else if let Some(owner) = self.addresses.node_of_pod(*to.ip()).cloned() {
            // The answer of a Pod elsewhere goes to the sender without passing here again: the sender does not know it.
            let astray = packet.origin == Origin::Outside && after.source == packet.source && to != packet.destination;
            if self.crosses(from, &owner, route) && (!astray || owner == *from) {
                route.arrival = self.at_pod(&owner, &next, segment);
            }
        } else if route.hops.len() < MAX_HOPS && self.is_up(from) && packet.origin != Origin::Outside {
            // Out of the cluster, and back in if the address is one that leads here.
            route.one_way += 2 * self.random.around(self.hops.2);
            self.enter(next, segment, route);
        }
    }

    /// Whether a packet gets from one node to another (or stays where it is).
    fn crosses(&mut self, from: &Rc<str>, to: &Rc<str>, route: &mut Route) -> bool {
        let (local, remote, _) = self.hops;
        if from == to {
            route.one_way += self.random.around(local);
            return true;
        }
        route.one_way += self.random.around(remote) + self.slowness(from) + self.slowness(to);
        self.is_up(from) && self.is_up(to)
    }
}
