//! A packet's way: which node's connection table or rules decide, where it ends, and who the other end sees.
//!
//! Promises: a packet of a known connection goes where the connection goes; rules are asked for all others.
//! A node's table holds the connections that its rules decided; nodes that only pass a packet on keep none.

mod decide;
mod forward;
mod way;

pub use way::{Arrival, Hop, HostProcess, Route, Sender, Tracks};

use super::Addresses;
use crate::node::Machine;
use crate::node::proxy::conntrack::{Direction, Segment};
use crate::node::proxy::{Origin, Packet, Protocol};
use crate::time::{Nanos, Stream};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

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
}
