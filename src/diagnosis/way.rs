//! The ways that a request could take at this moment, and what stops it on each.

use super::rules::{self, Verdicts};
use super::{Cause, Finding, Weight, behind, name, words};
use crate::api::{Key, Kind, Object, Pod, Service};
use crate::cluster::Cluster;
use crate::network::dns::Resolver;
use crate::node::proxy::{Origin, Packet, Protocol, Verdict};
use crate::time::{Nanos, SECOND};
use crate::traffic::{Client, Outcome, Source, Url};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// How often a packet may be sent on to another node before it is lost.
const MAX_HOPS: usize = 4;
/// How far back failures of a client count as "lately".
const LATELY: Nanos = 10 * SECOND;

/// Who asks, and where its packets begin.
pub struct Asker {
    /// The node of a Pod; `None`: outside.
    pub node: Option<Rc<str>>,
    /// Its address.
    pub ip: Ipv4Addr,
    /// Where its names are looked up.
    pub namespace: Rc<str>,
    /// How a Pod looks up names; `None`: outside.
    pub resolver: Option<Resolver>,
}

impl Asker {
    /// The place that a client sends from.
    fn find(cluster: &Cluster, source: &Source) -> Result<Asker, Finding> {
        let key = match source {
            Source::Outside(ip) => return Ok(Asker { node: None, ip: *ip, namespace: "default".into(), resolver: None }),
            Source::Pod(key) => key,
        };
        let pod = cluster.api().get::<Pod>(key).ok_or_else(|| words::no_client(key, "there is no such Pod"))?;
        let machine = cluster.machines().get_key_value(pod.spec.node_name.as_str());
        let worker = machine.and_then(|(name, m)| Some((name, m.kubelet.pod(&pod.meta.uid)?.ip()?)));
        let (node, ip) = worker.ok_or_else(|| words::no_client(key, "it has no network at this moment"))?;
        let server = crate::cluster::DNS_ADDRESS.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let resolver = Some(Resolver::of(pod, ip, server));
        Ok(Asker { node: Some(node.clone()), ip, namespace: key.namespace.clone(), resolver })
    }
}

/// What stops a request from there to that address; and the number of processes that would answer it.
pub fn findings(cluster: &Cluster, source: &Source, url: &Url) -> (Vec<Finding>, usize) {
    let asker = match Asker::find(cluster, source) {
        Ok(asker) => asker,
        Err(finding) => return (vec![finding], 0),
    };
    let (addresses, mut found) = name::look_up(cluster, &asker, url);
    let mut ways = 0;
    let judged: Vec<_> =
        addresses.iter().map(|ip| judge(cluster, &asker, url.protocol, SocketAddrV4::new(*ip, url.port))).collect();
    let several = judged.len() > 1 && judged.iter().any(|(_, good)| *good > 0);
    for (of, good) in judged {
        ways += good;
        found.extend(of.into_iter().map(|f| if several { part(f) } else { f }));
    }
    (found, ways)
}

/// The same finding where other ways are open.
fn part(mut finding: Finding) -> Finding {
    if finding.weight == Weight::All {
        finding.weight = Weight::Part;
    }
    finding
}

/// What stops a connection to an address, and the number of endpoints that would take it.
pub fn judge(cluster: &Cluster, asker: &Asker, protocol: Protocol, to: SocketAddrV4) -> (Vec<Finding>, usize) {
    let (node, origin) = match &asker.node {
        Some(node) if to.ip().is_loopback() => return loopback(cluster, node, asker.ip, protocol, to),
        Some(node) => {
            let hosted = cluster.addresses().node(asker.ip).is_some();
            (node.clone(), if hosted { Origin::Node } else { Origin::Pod })
        }
        None => match cluster.addresses().node(*to.ip()) {
            Some(node) => (node.clone(), Origin::Outside),
            None => return (vec![from_outside(cluster, to)], 0),
        },
    };
    if origin == Origin::Outside && !cluster.machines().get(&node).is_some_and(|m| m.up) {
        return (vec![words::node_cut_off(&node, &to.to_string(), Weight::All)], 0);
    }
    let packet = Packet { protocol, source: SocketAddrV4::new(asker.ip, 40_000), destination: to, origin };
    decide(cluster, &node, packet, MAX_HOPS)
}

/// A Pod asks itself.
fn loopback(cluster: &Cluster, node: &str, own: Ipv4Addr, protocol: Protocol, to: SocketAddrV4) -> (Vec<Finding>, usize) {
    match rules::deliver(cluster, node, protocol, SocketAddrV4::new(own, to.port())) {
        None => (vec![], 1),
        Some(finding) => (vec![finding], 0),
    }
}

/// From outside only the nodes' own addresses can be reached.
fn from_outside(cluster: &Cluster, to: SocketAddrV4) -> Finding {
    match rules::service_at(cluster, *to.ip()) {
        Some(service) => words::cluster_ip_from_outside(cluster, service),
        None if cluster.addresses().node_of_pod(*to.ip()).is_some() => words::pod_ip_from_outside(to),
        None => words::nobody_has(to, None),
    }
}

/// A node's rules decide, and what they send on is judged there.
fn decide(cluster: &Cluster, node: &Rc<str>, packet: Packet, hops: usize) -> (Vec<Finding>, usize) {
    let Some(machine) = cluster.machines().get(node) else { return (vec![], 0) };
    let asked = rules::ask(cluster, machine, &packet);
    match asked.first {
        Verdict::Reject | Verdict::Drop => (refused(cluster, node, &packet, &asked), 0),
        Verdict::Dnat { .. } => through(cluster, node, packet.protocol, &asked),
        Verdict::Accept { .. } => straight(cluster, node, packet, hops),
    }
}

/// The rules refuse (or throw away): because nothing stands behind, or not here, or they are behind.
fn refused(cluster: &Cluster, node: &Rc<str>, packet: &Packet, asked: &Verdicts) -> Vec<Finding> {
    let to = packet.destination;
    let Some(port) = &asked.port else { return unserved(cluster, node, to) };
    let key = port.port.name.service.clone();
    let Some(service) = cluster.api().get::<Service>(&key) else { return vec![words::rules_of_the_gone(node, &key)] };
    let lag = lag(cluster, node);
    if port.endpoints.any {
        return vec![words::local_policy(cluster, service, node, packet.origin == Origin::Outside)];
    }
    let mut found = behind::findings(cluster, service);
    if found.iter().all(|f| f.weight != Weight::All) {
        found.push(words::rules_behind(service, node, lag, Weight::All));
    }
    found
}

/// How far a node's rules are behind, as far as it knows itself.
fn lag(cluster: &Cluster, node: &str) -> Option<Nanos> {
    let machine = cluster.machines().get(node)?;
    (!machine.connected || machine.proxy.lag(cluster.now()) > 0).then(|| machine.proxy.lag(cluster.now()))
}

/// The rules send it to one of several endpoints: which of them would not take it, and why.
fn through(cluster: &Cluster, node: &Rc<str>, protocol: Protocol, asked: &Verdicts) -> (Vec<Finding>, usize) {
    let api_server = crate::cluster::API_SERVER;
    let is_host = |to: &SocketAddrV4| to.ip().to_string() == api_server.0 && i32::from(to.port()) == api_server.1;
    let mut bad: BTreeMap<Cause, (Finding, usize)> = BTreeMap::new();
    let mut good = 0;
    for to in &asked.endpoints {
        let stopped = if is_host(to) { at_api_server(cluster, node) } else { rules::deliver(cluster, node, protocol, *to) };
        match stopped {
            None => good += 1,
            Some(finding) => bad.entry(finding.cause).or_insert((finding, 0)).1 += 1,
        }
    }
    let all = asked.endpoints.len();
    let mut found: Vec<Finding> = vec![];
    for (mut finding, n) in bad.into_values() {
        finding.weight = if n == all && finding.cause != Cause::AnswersErrors { Weight::All } else { Weight::Part };
        finding.details.push(words::some_of_all(n, all, node));
        found.push(finding);
    }
    let service = asked.port.as_ref().and_then(|p| cluster.api().get::<Service>(&p.port.name.service));
    if let Some(service) = service {
        found = with_causes(found, behind::findings(cluster, service));
        if stale(cluster, service, asked) {
            let weight = if good == all {
                Weight::Note
            } else if good == 0 {
                Weight::All
            } else {
                Weight::Part
            };
            found.push(words::rules_behind(service, node, lag(cluster, node), weight));
        }
    }
    (found, good)
}

/// What the Service's own diagnosis knows says more than "refused there": its finding takes the place of one of the same
/// cause, with that one's weight; its others are told too, as notes where nothing fails by them now.
fn with_causes(mut found: Vec<Finding>, own: Vec<Finding>) -> Vec<Finding> {
    let fails = !found.is_empty();
    for mut finding in own {
        match found.iter_mut().find(|f| f.cause == finding.cause) {
            Some(same) => {
                finding.weight = same.weight;
                finding.details.append(&mut same.details);
                *same = finding;
            }
            None => {
                finding.weight = if fails { finding.weight } else { Weight::Note };
                found.insert(0, finding);
            }
        }
    }
    found
}

fn at_api_server(cluster: &Cluster, node: &str) -> Option<Finding> {
    let up = cluster.machines().get(node).is_some_and(|m| m.up);
    (!up).then(|| words::node_cut_off(node, "the API server", Weight::All))
}

/// Whether the rules name an endpoint that the slices do not have any more.
fn stale(cluster: &Cluster, service: &Service, asked: &Verdicts) -> bool {
    let key = Key::new(&service.meta.namespace, &service.meta.name);
    let serving = |ip: &str| {
        behind::slices(cluster, &key)
            .flat_map(|s| &s.endpoints)
            .any(|e| e.conditions.is_serving() && e.addresses.iter().any(|a| a == ip))
    };
    asked.endpoints.iter().any(|to| !serving(&to.ip().to_string()))
}

/// No rule wants the packet: it goes to the very address that it is for.
fn straight(cluster: &Cluster, node: &Rc<str>, packet: Packet, hops: usize) -> (Vec<Finding>, usize) {
    let to = packet.destination;
    if rules::service_at(cluster, *to.ip()).is_some() {
        return (unserved(cluster, node, to), 0);
    }
    let other = cluster.addresses().node(*to.ip()).filter(|owner| **owner != *node).cloned();
    if let Some(owner) = other {
        let cut = [node, &owner].into_iter().find(|n| !cluster.machines().get(*n).is_some_and(|m| m.up));
        if let Some(cut) = cut {
            return (vec![words::node_cut_off(cut, &to.to_string(), Weight::All)], 0);
        }
        if hops == 0 {
            return (vec![words::nobody_has(to, None)], 0);
        }
        let ip = cluster.machines().get(node).map_or(*packet.source.ip(), |m| m.kubelet.address);
        let next = Packet { source: SocketAddrV4::new(ip, packet.source.port()), origin: Origin::Outside, ..packet };
        return decide(cluster, &owner, next, hops - 1);
    }
    match rules::deliver(cluster, node, packet.protocol, to) {
        None => (vec![], 1),
        Some(finding) => (vec![finding], 0),
    }
}

/// A Service's own address at a port that the node's rules do not serve.
fn unserved(cluster: &Cluster, node: &Rc<str>, to: SocketAddrV4) -> Vec<Finding> {
    let Some(service) = rules::service_at(cluster, *to.ip()) else { return vec![words::dropped(node, to)] };
    let port = i32::from(to.port());
    let spec = &service.spec;
    if spec.ports.iter().any(|p| p.port == port) {
        let mut found = behind::findings(cluster, service);
        found.retain(|f| f.weight == Weight::All);
        if found.is_empty() {
            found.push(words::rules_behind(service, node, lag(cluster, node), Weight::All));
        }
        return found;
    }
    if spec.ports.iter().any(|p| p.node_port == port && port != 0) {
        return vec![words::node_port_on_cluster_ip(cluster, service, port)];
    }
    vec![words::no_such_port(service, port)]
}

/// Processes that answer later than the client waits.
pub fn too_slow(cluster: &Cluster, source: &Source, url: &Url, timeout: Nanos) -> Vec<Finding> {
    let Ok(asker) = Asker::find(cluster, source) else { return vec![] };
    let (addresses, _) = name::look_up(cluster, &asker, url);
    let service = addresses.first().and_then(|ip| rules::service_at(cluster, *ip));
    let by_node_port = || {
        let services = cluster.api().store().list(Kind::Service, None).filter_map(Object::as_::<Service>);
        services.into_iter().find(|s| s.spec.ports.iter().any(|p| p.node_port == i32::from(url.port) && p.node_port != 0))
    };
    let pods: Vec<&Rc<Pod>> = match service.or_else(by_node_port) {
        Some(service) => behind::selected(cluster, service),
        None => behind::pods(cluster, None).filter(|p| addresses.iter().any(|ip| p.status.pod_ip == ip.to_string())).collect(),
    };
    let slow = |pod: &&Rc<Pod>| {
        let worker = cluster.machines().get(pod.spec.node_name.as_str()).and_then(|m| m.kubelet.pod(&pod.meta.uid));
        worker.is_some_and(|w| w.runs.iter().any(|r| r.is_running() && r.app.port.is_some() && r.app.latency * 5 / 4 >= timeout))
    };
    let late: Vec<&Pod> = pods.iter().filter(|p| slow(p)).map(|p| &***p).collect();
    let weight = if late.len() == pods.len() { Weight::All } else { Weight::Part };
    if late.is_empty() { vec![] } else { vec![words::too_slow(&late, timeout, weight)] }
}

/// A client that failed lately and would not fail now.
pub fn failed_before(cluster: &Cluster, client: &Client) -> Option<Finding> {
    let from = cluster.now().saturating_sub(LATELY);
    let records = cluster.traffic().records().rev().take_while(|r| r.started >= from);
    let own: Vec<_> = records.filter(|r| *r.client == *client.setting.name && r.outcome.is_some()).collect();
    let failed = |o: &Option<Outcome>| !matches!(o, Some(Outcome::Answered { status }) if *status < 500);
    let bad = own.iter().filter(|r| failed(&r.outcome)).count();
    (bad > 0).then(|| words::failed_before(bad, own.len(), LATELY / SECOND))
}
