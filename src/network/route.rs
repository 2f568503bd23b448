//! The way of a connection's first packet: which node's rules decide, where it ends, and who the other end sees.

use super::Addresses;
use crate::node::Machine;
use crate::node::proxy::{Origin, Packet, Protocol, Step, Verdict};
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
    /// Something that is no Pod takes it (the API server).
    Host,
    /// Somebody answers "no": nothing listens there, or a rule rejects.
    Refused,
    /// Nobody answers.
    Silent,
    /// The node of a vanished address says after a while that there is no such host.
    NoRoute,
}

/// One stop on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// The node whose rules decided.
    pub node: Rc<str>,
    /// Source before.
    pub source: SocketAddrV4,
    /// Destination before.
    pub destination: SocketAddrV4,
    /// What the rules decided.
    pub verdict: Verdict,
    /// The rules on the way, if they were asked for.
    pub steps: Vec<Step>,
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
    /// Finds the way of a packet that asks for a connection.
    pub fn route(&mut self, sender: &Sender, protocol: Protocol, source_port: u16, destination: SocketAddrV4) -> Route {
        let (local, _, outside) = self.hops;
        let mut route = Route { arrival: Arrival::Silent, hops: vec![], one_way: 0, destination };
        let (first, origin, ip) = match sender {
            Sender::Pod { node, ip } => (Some(node.clone()), Origin::Pod, *ip),
            // From outside only the nodes' own addresses can be reached.
            Sender::Outside { ip } => (self.addresses.node(*destination.ip()).cloned(), Origin::Outside, *ip),
        };
        let Some(node) = first else { return route };
        route.one_way += self.random.around(if origin == Origin::Pod { local } else { outside });
        if origin == Origin::Outside && !self.is_up(&node) {
            return route;
        }
        let packet = Packet { protocol, source: SocketAddrV4::new(ip, source_port), destination, origin };
        self.decide(&node, packet, &mut route);
        route
    }

    fn is_up(&self, node: &str) -> bool {
        self.machines.get(node).is_some_and(|m| m.up)
    }

    /// A node's rules decide, and the packet goes where they say.
    fn decide(&mut self, node: &Rc<str>, packet: Packet, route: &mut Route) {
        let Some(machine) = self.machines.get_mut(node) else { return };
        let walk = machine.proxy.walk(&packet, self.now, self.random, self.trace);
        route.hops.push(Hop {
            node: node.clone(),
            source: packet.source,
            destination: packet.destination,
            verdict: walk.verdict,
            steps: walk.steps,
        });
        match walk.verdict {
            Verdict::Reject => route.arrival = Arrival::Refused,
            Verdict::Drop => route.arrival = Arrival::Silent,
            Verdict::Dnat { ip, port, masquerade } => {
                self.deliver(node, &packet, SocketAddrV4::new(ip, port), masquerade, route);
            }
            Verdict::Accept { masquerade } => self.deliver(node, &packet, packet.destination, masquerade, route),
        }
    }

    /// Takes a packet from the node that decided to the address that it is for now.
    fn deliver(&mut self, from: &Rc<str>, packet: &Packet, to: SocketAddrV4, masquerade: bool, route: &mut Route) {
        route.destination = to;
        if to == self.api_server {
            route.one_way += self.random.around(self.hops.1);
            route.arrival = if self.is_up(from) { Arrival::Host } else { Arrival::Silent };
            return;
        }
        if let Some(owner) = self.addresses.node_of_pod(*to.ip()).cloned() {
            if !self.crosses(from, &owner, route) {
                return;
            }
            let seen = self.source_seen(from, &owner, packet, masquerade);
            self.arrive(&owner, to, seen, route);
            return;
        }
        let Some(owner) = self.addresses.node(*to.ip()).cloned() else { return };
        if owner == *from {
            let seen = self.source_seen(from, &owner, packet, masquerade);
            self.arrive_at_node(&owner, to, seen, route);
        } else if route.hops.len() < MAX_HOPS && self.crosses(from, &owner, route) {
            // What a Pod sends to anything but a Pod leaves its node under the node's own address.
            let source = if masquerade || packet.origin == Origin::Pod {
                SocketAddrV4::new(self.node_ip(from), packet.source.port())
            } else {
                packet.source
            };
            let next = Packet { source, destination: to, origin: Origin::Outside, protocol: packet.protocol };
            self.decide(&owner, next, route);
        }
    }

    /// Whether a packet gets from one node to another (or stays where it is).
    fn crosses(&mut self, from: &Rc<str>, to: &Rc<str>, route: &mut Route) -> bool {
        let (local, remote, _) = self.hops;
        if from == to {
            route.one_way += self.random.around(local);
            return true;
        }
        route.one_way += self.random.around(remote);
        let crossed = self.is_up(from) && self.is_up(to);
        if !crossed {
            route.arrival = Arrival::Silent;
        }
        crossed
    }

    fn node_ip(&self, node: &str) -> Ipv4Addr {
        self.machines.get(node).map_or(Ipv4Addr::UNSPECIFIED, |m| m.kubelet.address)
    }

    /// §8: a masqueraded packet carries the address of the interface by which it leaves the node.
    fn source_seen(&self, from: &Rc<str>, to: &Rc<str>, packet: &Packet, masquerade: bool) -> Ipv4Addr {
        if !masquerade {
            return *packet.source.ip();
        }
        if from == to {
            return self
                .machines
                .get(from)
                .map_or(Ipv4Addr::UNSPECIFIED, |m| Ipv4Addr::from(u32::from(m.kubelet.pod_cidr.0) + 1));
        }
        self.node_ip(from)
    }

    /// A packet for a Pod's address reached the node of that address.
    fn arrive(&self, node: &Rc<str>, to: SocketAddrV4, seen: Ipv4Addr, route: &mut Route) {
        let Some(machine) = self.machines.get(node) else { return };
        let Some(worker) = machine.kubelet.pod_at(*to.ip()) else {
            route.arrival = Arrival::NoRoute;
            return;
        };
        let place = worker.runs.iter().position(|r| r.listens(to.port(), self.now));
        route.arrival = match place {
            Some(run) => Arrival::Pod {
                node: node.clone(),
                uid: worker.pod.meta.uid.as_str().into(),
                run,
                serial: worker.runs[run].serial,
                port: to.port(),
                seen,
            },
            None => Arrival::Refused,
        };
    }

    /// A packet for a node's own address: a Pod in the node's network may listen there.
    fn arrive_at_node(&self, node: &Rc<str>, to: SocketAddrV4, seen: Ipv4Addr, route: &mut Route) {
        let Some(machine) = self.machines.get(node) else { return };
        let hosted = machine.kubelet.pods().filter(|w| w.pod.spec.host_network);
        let found = hosted.filter_map(|w| w.runs.iter().position(|r| r.listens(to.port(), self.now)).map(|run| (w, run))).next();
        route.arrival = match found {
            Some((worker, run)) => Arrival::Pod {
                node: node.clone(),
                uid: worker.pod.meta.uid.as_str().into(),
                run,
                serial: worker.runs[run].serial,
                port: to.port(),
                seen,
            },
            None => Arrival::Refused,
        };
    }
}
