//! A node decides about a packet, and under which addresses it goes on.
//!
//! Promises: a packet of a known connection goes where the connection goes; rules are asked for all others.

use super::{Arrival, Fabric, Hop, Route};
use crate::node::proxy::conntrack::{Direction, FlowId, Segment, Tuple};
use crate::node::proxy::{Origin, Packet, Steps, Verdict};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

impl Fabric<'_> {
    /// A node decides: by its connection table if it knows the connection, by its rules if not.
    pub(super) fn decide(&mut self, node: &Rc<str>, packet: Packet, segment: Segment, route: &mut Route) {
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
}
