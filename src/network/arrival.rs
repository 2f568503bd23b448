//! The last step of a packet's way: which container or process takes it, and by which node an outside address comes in.

use super::route::{Arrival, Fabric, HostProcess};
use crate::node::kubelet::Worker;
use crate::node::proxy::conntrack::Segment;
use crate::node::proxy::health::HEALTHZ_PORT;
use crate::node::proxy::{Origin, Packet, Protocol};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// Source ports of a load balancer that makes its own connections.
const BALANCER_PORTS: u16 = 20_000;

impl Fabric<'_> {
    /// A packet for a Pod's address reached the node of that address.
    pub(super) fn at_pod(&self, node: &Rc<str>, packet: &Packet, segment: Segment) -> Arrival {
        let Some(machine) = self.machines.get(node) else { return Arrival::Silent };
        let Some(worker) = machine.kubelet.pod_at(*packet.destination.ip()) else { return Arrival::NoRoute };
        self.at_container(node, worker, packet, segment).unwrap_or(Arrival::Refused)
    }

    /// A packet that stays within a Pod's network: no rule sees it.
    pub(super) fn within(
        &self,
        node: &Rc<str>,
        ip: Ipv4Addr,
        (protocol, segment): (Protocol, Segment),
        (source, port): (u16, u16),
    ) -> Arrival {
        let Some(machine) = self.machines.get(node) else { return Arrival::Silent };
        let source = SocketAddrV4::new(Ipv4Addr::LOCALHOST, source);
        let packet = Packet { protocol, source, destination: SocketAddrV4::new(ip, port), origin: Origin::Node };
        if machine.kubelet.address == ip { self.at_node(node, &packet, segment) } else { self.at_pod(node, &packet, segment) }
    }

    /// A packet for a node's own address: a Pod in the node's network may listen there, one that has the port as its
    /// `hostPort` (the CNI plugin portmap sends it on), or kube-proxy with its health checks.
    pub(super) fn at_node(&self, node: &Rc<str>, packet: &Packet, segment: Segment) -> Arrival {
        let Some(machine) = self.machines.get(node) else { return Arrival::Silent };
        let mut hosted = machine.kubelet.pods().filter(|w| w.pod.spec.host_network);
        let taken = hosted.find_map(|worker| self.at_container(node, worker, packet, segment));
        let process = || {
            let health = (packet.protocol == Protocol::Tcp).then(|| self.health(node, packet.destination.port())).flatten();
            health.map(Arrival::Host)
        };
        let port = packet.destination.port();
        if let Some(arrival) = taken.or_else(process) {
            return arrival;
        }
        match machine.kubelet.host_port(*packet.destination.ip(), port, packet.protocol) {
            Some((worker, ip, port)) => {
                let packet = Packet { destination: SocketAddrV4::new(ip, port), ..*packet };
                self.at_container(node, worker, &packet, segment).unwrap_or(Arrival::Refused)
            }
            None => Arrival::Refused,
        }
    }

    /// The container of a Pod that takes the packet: one that listens, or for a connection that stands, one that still runs.
    fn at_container(&self, node: &Rc<str>, worker: &Worker, packet: &Packet, segment: Segment) -> Option<Arrival> {
        let port = packet.destination.port();
        let run = worker.runs.iter().position(|run| match (packet.protocol, segment) {
            (Protocol::Udp, _) => run.listens_udp(port, self.now),
            (_, Segment::Syn) => run.listens(port, self.now),
            _ => run.is_running() && run.app.port == Some(port),
        })?;
        Some(Arrival::Pod {
            node: node.clone(),
            uid: worker.pod.meta.uid.as_str().into(),
            run,
            serial: worker.runs[run].serial,
            port,
            seen: *packet.source.ip(),
        })
    }

    fn health(&self, node: &str, port: u16) -> Option<HostProcess> {
        let proxy = &self.machines.get(node)?.proxy;
        if port == HEALTHZ_PORT {
            let healthy = proxy.is_healthy(self.now);
            let body = if healthy { "ok" } else { "kube-proxy is behind" };
            return Some(HostProcess::Health { status: if healthy { 200 } else { 503 }, body: body.into() });
        }
        let answer = proxy.health_check(port, self.now)?;
        Some(HostProcess::Health { status: answer.status, body: answer.body.into() })
    }

    /// The routers outside know an address of a Service (externalIPs, load balancer ingress) from the nodes: which of them a
    /// connection comes in by depends on its source (as with equal-cost routes). A node is left out while it is down, or if
    /// policy Local holds and it has no endpoint of its own (its health check says so). A load balancer of ipMode Proxy makes
    /// a connection of its own to a node port.
    pub(super) fn door(&self, packet: &Packet) -> Option<(Rc<str>, Packet)> {
        let ip = *packet.destination.ip();
        let port = (packet.protocol, packet.destination.port());
        let open = self.machines.iter().filter(|(_, m)| m.up);
        let doors = open.filter_map(|(name, m)| Some((name, m.kubelet.address, m.proxy.announces(ip, port)?)));
        let doors: Vec<(&Rc<str>, Ipv4Addr, Option<u16>)> = doors.collect();
        let place = spread(packet.source) as usize % doors.len().max(1);
        let (node, address, node_port) = doors.get(place)?;
        let packet = match node_port {
            None => *packet,
            Some(node_port) => Packet {
                source: SocketAddrV4::new(ip, BALANCER_PORTS + packet.source.port() % BALANCER_PORTS),
                destination: SocketAddrV4::new(*address, *node_port),
                ..*packet
            },
        };
        Some(((*node).clone(), packet))
    }
}

/// A number that depends on an address and port alone, well spread.
fn spread(source: SocketAddrV4) -> u32 {
    let bits = (u64::from(u32::from(*source.ip())) << 16) | u64::from(source.port());
    (bits.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as u32
}
