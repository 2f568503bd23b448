//! Between the nodes: how a packet comes in, gets from one node to the next, and leaves.

use super::{Arrival, Fabric, HostProcess, MAX_HOPS, Route};
use crate::node::proxy::conntrack::{Segment, Tuple};
use crate::node::proxy::{Origin, Packet};
use std::rc::Rc;

impl Fabric<'_> {
    /// A packet comes to the cluster from outside: by a node's own address, or by an address that leads to some node.
    pub(super) fn enter(&mut self, packet: Packet, segment: Segment, route: &mut Route) {
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

    /// Takes a packet from the node that decided to the address that it is for now.
    pub(super) fn forward(&mut self, from: &Rc<str>, packet: &Packet, after: Tuple, segment: Segment, route: &mut Route) {
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
