//! One node's rules asked what they would do with a packet, and one address asked who takes a connection there.

use super::{Finding, Weight, words};
use crate::api::{Key, Pod, Service};
use crate::cluster::Cluster;
use crate::node::Machine;
use crate::node::kubelet::{Life, Run, Worker};
use crate::node::proxy::{Packet, Programmed, Protocol, Verdict};
use crate::time::{Nanos, Stream};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// How often chance is asked: enough to meet every endpoint of a handful; longer lists are completed from the rules' data.
const TRIES: usize = 16;

/// What a node's rules may do with a packet.
pub struct Verdicts {
    /// One of the verdicts.
    pub first: Verdict,
    /// The endpoints that it may go to.
    pub endpoints: BTreeSet<SocketAddrV4>,
    /// Whose port it is, as the rules in force have it.
    pub port: Option<Rc<Programmed>>,
}

/// Asks a node's rules in force. The run's own chance, affinity and turns are not touched.
pub fn ask(cluster: &Cluster, machine: &Machine, packet: &Packet) -> Verdicts {
    let mut random = Stream::new(0, "diagnosis");
    let verdicts: Vec<Verdict> = machine.proxy.peek(packet, cluster.now(), &mut random, TRIES);
    let first = verdicts.first().copied().unwrap_or(Verdict::Drop);
    let mut endpoints: BTreeSet<SocketAddrV4> = verdicts.iter().filter_map(target).collect();
    let port = programmed(cluster, machine, packet.destination);
    // Chance may not have met all: the lists that the rules were made from complete it.
    if let (Some(port), false) = (&port, endpoints.is_empty()) {
        let local_only = port.port.uses_local_endpoints() && endpoints.iter().all(|e| is_in(port.endpoints.local(), e));
        let list = if local_only { port.endpoints.local() } else { port.endpoints.cluster() };
        endpoints.extend(list.iter().map(|e| SocketAddrV4::new(e.ip, e.port)));
    }
    Verdicts { first, endpoints, port }
}

fn is_in(list: &[Rc<crate::node::proxy::Endpoint>], address: &SocketAddrV4) -> bool {
    list.iter().any(|e| e.ip == *address.ip() && e.port == address.port())
}

fn target(verdict: &Verdict) -> Option<SocketAddrV4> {
    match verdict {
        Verdict::Dnat { ip, port, .. } => Some(SocketAddrV4::new(*ip, *port)),
        _ => None,
    }
}

/// The Service port that a node's rules have at an address: a cluster address, or a node port of the node.
fn programmed(cluster: &Cluster, machine: &Machine, to: SocketAddrV4) -> Option<Rc<Programmed>> {
    let at_node = *to.ip() == machine.kubelet.address;
    let services = cluster.api().store().list(crate::api::Kind::Service, None).map(crate::api::Object::key);
    let mut ports = services.flat_map(|key| machine.proxy.programmed_ports(&key).cloned().collect::<Vec<_>>());
    ports.find(|p| {
        let port = &p.port;
        let front =
            port.cluster_ip == *to.ip() || port.external_ips.contains(to.ip()) || port.load_balancer_vips.contains(to.ip());
        (front && port.port == to.port()) || (at_node && port.node_port == to.port() && port.node_port != 0)
    })
}

/// Who takes a connection to a Pod's (or a node's) address, asked from a node. `None`: a process answers. The findings'
/// weight is [`Weight::All`]; what fails of the whole is the caller's to say.
pub fn deliver(cluster: &Cluster, from: &str, protocol: Protocol, to: SocketAddrV4) -> Option<Finding> {
    let addresses = cluster.addresses();
    let owner = addresses.node_of_pod(*to.ip()).or_else(|| addresses.node(*to.ip()));
    let Some(owner) = owner else { return Some(words::nobody_has(to, None)) };
    let up = |name: &str| cluster.machines().get(name).is_some_and(|m| m.up);
    if **owner != *from {
        for node in [from, &**owner] {
            if !up(node) {
                return Some(words::node_cut_off(node, &to.to_string(), Weight::All));
            }
        }
    }
    let machine = cluster.machines().get(owner)?;
    match machine.kubelet.pod_at(*to.ip()) {
        Some(worker) if addresses.node(*to.ip()).is_none() => process(cluster, worker, protocol, to),
        _ if addresses.node(*to.ip()).is_some() => at_node(cluster, machine, protocol, to),
        _ => Some(words::nobody_has(to, Some(owner))),
    }
}

/// A Pod in the node's own network may listen there, or one that has the port as its hostPort.
fn at_node(cluster: &Cluster, machine: &Machine, protocol: Protocol, to: SocketAddrV4) -> Option<Finding> {
    let now = cluster.now();
    let mut hosted = machine.kubelet.pods().filter(|w| w.pod.spec.host_network);
    if hosted.any(|w| w.runs.iter().any(|r| listens(r, protocol, to.port(), now))) {
        return None;
    }
    match machine.kubelet.host_port(*to.ip(), to.port(), protocol) {
        Some((worker, ip, port)) => process(cluster, worker, protocol, SocketAddrV4::new(ip, port)),
        None => Some(words::not_a_node_port(cluster, to)),
    }
}

fn listens(run: &Run, protocol: Protocol, port: u16, now: Nanos) -> bool {
    if protocol == Protocol::Udp { run.listens_udp(port, now) } else { run.listens(port, now) }
}

/// Whether a Pod's processes take a connection at a port, and answer it well.
fn process(cluster: &Cluster, worker: &Worker, protocol: Protocol, to: SocketAddrV4) -> Option<Finding> {
    let now = cluster.now();
    let pod: &Pod = &worker.pod;
    if let Some(run) = worker.runs.iter().find(|r| listens(r, protocol, to.port(), now)) {
        return (run.app.error_rate > 0).then(|| words::answers_errors(pod, run.app.error_rate));
    }
    let stored = cluster.api().get::<Pod>(&Key::new(&pod.meta.namespace, &pod.meta.name));
    if pod.meta.is_deleting() || stored.is_none() {
        return Some(words::address_passes(pod, to));
    }
    let ports: Vec<u16> = worker.runs.iter().filter(|r| r.is_running()).filter_map(|r| r.app.port).collect();
    if ports.contains(&to.port()) {
        return Some(words::still_starting(pod, "its process does not listen yet", Weight::All));
    }
    let down = worker.runs.iter().find(|r| !r.init && !r.is_running() && r.app.port == Some(to.port()));
    match down.map(|r| &r.life) {
        Some(Life::Exited(end)) => Some(words::process_ended(pod, end.exit_code)),
        Some(Life::Waiting { reason, .. }) => Some(words::process_waits(pod, reason)),
        _ => Some(words::wrong_port(pod, to.port(), &ports)),
    }
}

/// The Service that has a cluster address.
pub fn service_at(cluster: &Cluster, ip: Ipv4Addr) -> Option<&Rc<Service>> {
    let services = cluster.api().store().list(crate::api::Kind::Service, None).filter_map(crate::api::Object::as_::<Service>);
    let text = ip.to_string();
    services.into_iter().find(|s| s.spec.cluster_ip == text || s.spec.cluster_ips.contains(&text))
}
