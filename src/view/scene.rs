//! The scene at one moment: rows of nodes, clients, bars of Services with each node's slice, Pods with their places.

use super::NAMESPACE;
use super::endpoints::{Behind, service_key_of, services};
use super::layout::{Counts, ROWS};
use super::pod::{PodCard, PodState};
use super::samples::Fared;
use super::watcher::Watcher;
use crate::api::{EndpointSlice, Key, Kind, Node, Object, Pod, Service};
use crate::cluster::Cluster;
use crate::lab::Lab;
use crate::node::Machine;
use crate::sorting::Arrange;
use crate::traffic::{Client, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The label that names a node's zone.
const ZONE: &str = "topology.kubernetes.io/zone";
/// Bars that are drawn; further Services are only counted.
pub const BARS: usize = 3;

/// Endpoints that a slice names one by one.
const DOTS: usize = 12;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRow {
    /// Its name.
    pub name: Rc<str>,
    /// Its zone.
    pub zone: Rc<str>,
    /// Its address.
    pub address: String,
    /// Whether it has its network (the machine's own truth).
    pub up: bool,
    /// Whether the API server says that it is ready.
    pub ready: bool,
    /// The node ports that lead in by its address.
    pub ports: Vec<i32>,
}

/// An endpoint as a node's rules have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dot {
    /// Its address.
    pub ip: String,
    /// The revision of the Pod that has this address; `None`: nobody known has it.
    pub revision: Option<usize>,
    /// Whether it is on its way out.
    pub leaving: bool,
}

/// A node's part of a Service's bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The first endpoints in force; none are named when there are more than [`ROWS`] nodes.
    pub dots: Vec<Dot>,
    /// Endpoints in force that are not named.
    pub more: usize,
    /// How far behind what it was told.
    pub behind: Behind,
}

/// A Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Namespace and name.
    pub key: Key,
    /// Its address, `None` (headless) or the name that it stands for.
    pub address: String,
    /// Its ports.
    pub ports: String,
    /// Its selector.
    pub selector: BTreeMap<String, String>,
    /// One for each node, in the order of the rows.
    pub slices: Vec<Slice>,
    /// Its EndpointSlices, and how many endpoints in them are ready and on their way out.
    pub listed: Listed,
}

/// What a Service's EndpointSlices hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// How many slices.
    pub slices: usize,
    /// Ready endpoints.
    pub ready: usize,
    /// Endpoints whose Pods are asked to go.
    pub leaving: usize,
}

/// A client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCard {
    /// Its name.
    pub name: Rc<str>,
    /// Second line: its address outside, or what it asks for.
    pub detail: String,
    /// Its node's row; `None`: it is outside.
    pub node: Option<usize>,
    /// The row of the node by whose address it comes in.
    pub door: Option<usize>,
    /// It holds one Pod's address.
    pub stubborn: bool,
    /// Row and place of the Pod that has, or had last, the address it holds.
    pub held: Option<(usize, usize)>,
    /// Its Pod does not run: it sends nothing.
    pub absent: bool,
    /// How its requests fared lately: answered, not answered.
    pub recent: (u64, u64),
}

/// Everything that the scene shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// Nodes by name; more than [`ROWS`] of them by zone and name.
    pub nodes: Vec<Rc<NodeRow>>,
    /// Clients by name.
    pub clients: Vec<Rc<ClientCard>>,
    /// Services by name, at most [`BARS`].
    pub bars: Vec<Rc<Bar>>,
    /// Services that have no bar.
    pub more_services: usize,
    /// Pods that have a node.
    pub pods: Vec<Rc<PodCard>>,
    /// Pods that have none.
    pub waiting: Vec<Rc<PodCard>>,
    /// Places in each row.
    pub slots: usize,
    /// How requests to Services fared in the last second that is over.
    pub rate: Fared,
    rows: Rc<BTreeMap<Rc<str>, usize>>,
}

impl Scene {
    /// The scene of a lab with its Pods' cards; the watcher knows places, colours and rates.
    pub fn of(lab: &Lab, watcher: &Watcher, cards: Vec<Rc<PodCard>>, listed: &BTreeMap<Key, Listed>) -> Scene {
        let cluster = lab.cluster();
        let nodes = nodes(cluster);
        let rows: BTreeMap<Rc<str>, usize> = nodes.iter().enumerate().map(|(i, n)| (n.name.clone(), i)).collect();
        let clients =
            lab.traffic().clients().map(|client| Rc::new(client_card(cluster, client, &nodes, watcher, &rows))).collect();
        let services = services(cluster, NAMESPACE);
        let bar = |s: &Rc<Service>| Rc::new(bar(cluster, s, watcher, &nodes, listed));
        let bars = services.iter().take(BARS).map(bar).collect();
        let (waiting, pods) = cards.into_iter().partition(|card| card.node.is_empty());
        Scene {
            nodes: nodes.into_iter().map(Rc::new).collect(),
            clients,
            bars,
            more_services: services.len().saturating_sub(BARS),
            pods,
            waiting,
            slots: watcher.slots().capacity(),
            rate: watcher.last_second(),
            rows: Rc::new(rows),
        }
    }

    /// The row of a node.
    pub fn row_of(&self, node: &str) -> Option<usize> {
        self.rows.get(node).copied()
    }

    /// The zones and how many nodes each has, in the order of the nodes.
    pub fn zones(&self) -> Vec<(&str, usize)> {
        let mut zones: Vec<(&str, usize)> = vec![];
        for node in &self.nodes {
            match zones.last_mut().filter(|z| z.0 == &*node.zone) {
                Some(last) => last.1 += 1,
                None => zones.push((&node.zone, 1)),
            }
        }
        zones
    }

    /// What the layout must make room for.
    pub fn counts(&self) -> Counts {
        Counts {
            nodes: self.nodes.len(),
            slots: self.slots,
            bars: self.bars.len(),
            outside: self.clients.iter().filter(|c| c.node.is_none()).count(),
            waiting: !self.waiting.is_empty(),
            zones: self.zones().into_iter().map(|z| z.1).collect(),
        }
    }

    /// Pods counted by state.
    pub fn by_state(&self) -> BTreeMap<PodState, usize> {
        let mut counts = BTreeMap::new();
        for card in self.pods.iter().chain(&self.waiting) {
            *counts.entry(card.state).or_insert(0) += 1;
        }
        counts
    }
}

fn nodes(cluster: &Cluster) -> Vec<NodeRow> {
    let ports: BTreeSet<i32> = services(cluster, NAMESPACE)
        .iter()
        .flat_map(|s| s.spec.ports.iter().map(|p| p.node_port))
        .filter(|port| *port != 0)
        .collect();
    let row = |(name, machine): (&Rc<str>, &Machine)| {
        let node = cluster.api().store().typed::<Node>(&Key::new("", name));
        let label = node.and_then(|n| n.meta.labels.get(ZONE));
        NodeRow {
            name: name.clone(),
            zone: label.map_or("", String::as_str).into(),
            address: machine.kubelet.address.to_string(),
            up: machine.up,
            ready: node.is_some_and(|n| n.status.conditions.iter().any(|c| c.type_ == "Ready" && c.status == "True")),
            ports: ports.iter().copied().collect(),
        }
    };
    let mut rows: Vec<NodeRow> = cluster.machines().iter().map(row).collect();
    // node-10 comes after node-9.
    rows.arrange_by_key(|row| (row.name.len(), row.name.clone()));
    if rows.len() > ROWS {
        rows.arrange_by_key(|row| row.zone.clone());
    }
    rows
}

fn client_card(
    cluster: &Cluster,
    client: &Client,
    rows: &[NodeRow],
    watcher: &Watcher,
    index: &BTreeMap<Rc<str>, usize>,
) -> ClientCard {
    let host = &client.setting.url.host;
    let (detail, node, absent) = match &client.setting.source {
        Source::Outside(ip) => (ip.to_string(), None, false),
        Source::Pod(key) => {
            let pod = cluster.api().store().typed::<Pod>(key);
            let node = pod.and_then(|p| index.get(p.spec.node_name.as_str()).copied());
            (format!("→ {host}"), node.or(Some(0)), !pod.is_some_and(|p| p.is_ready()))
        }
    };
    let seconds = client.stats.seconds.iter().rev().take(10);
    let recent = seconds.fold((0, 0), |(a, f), s| (a + u64::from(s.answered), f + u64::from(s.failed)));
    ClientCard {
        name: client.setting.name.as_str().into(),
        detail,
        node,
        door: rows.iter().position(|r| r.address == *host),
        stubborn: client.setting.stubborn,
        held: watcher.place_of(host).and_then(|(node, slot)| Some((*index.get(&node)?, slot))),
        absent,
        recent,
    }
}

fn bar(cluster: &Cluster, service: &Service, watcher: &Watcher, rows: &[NodeRow], listed: &BTreeMap<Key, Listed>) -> Bar {
    let key = Key::new(&service.meta.namespace, &service.meta.name);
    let named = if rows.len() > ROWS { 0 } else { DOTS };
    let slice = |row: &NodeRow| match cluster.machines().get(&row.name) {
        Some(machine) => slice(machine, &key, cluster, watcher, named),
        None => Slice { dots: vec![], more: 0, behind: Behind::InSync },
    };
    let spec = &service.spec;
    let address = if spec.type_ == "ExternalName" { format!("= {}", spec.external_name) } else { spec.cluster_ip.clone() };
    let ports: Vec<String> = spec.ports.iter().map(|p| p.port.to_string()).collect();
    let slices = rows.iter().map(slice).collect();
    let listed = listed.get(&key).copied().unwrap_or_default();
    let selector = spec.selector.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    Bar { key, address, ports: ports.join(","), selector, slices, listed }
}

/// What the EndpointSlices of each Service hold.
pub fn listed(cluster: &Cluster) -> BTreeMap<Key, Listed> {
    let mut all: BTreeMap<Key, Listed> = BTreeMap::new();
    for slice in cluster.api().store().list(Kind::EndpointSlice, None).filter_map(Object::as_::<EndpointSlice>) {
        let Some(key) = service_key_of(slice) else { continue };
        let listed = all.entry(key).or_default();
        listed.slices += 1;
        for endpoint in &slice.endpoints {
            listed.ready += usize::from(endpoint.conditions.is_ready());
            listed.leaving += usize::from(endpoint.conditions.is_terminating());
        }
    }
    all
}

/// A node's part of a bar; at most `named` endpoints are named.
fn slice(machine: &Machine, key: &Key, cluster: &Cluster, watcher: &Watcher, named: usize) -> Slice {
    let mut slice = Slice { dots: vec![], more: 0, behind: Behind::of(machine.proxy.lag(cluster.now())) };
    if named == 0 {
        return slice;
    }
    let mut seen = BTreeSet::new();
    let ports: Vec<_> = machine.proxy.programmed_ports(key).collect();
    for port in &ports {
        for endpoint in port.endpoints.reachable() {
            // The ports of a Service mostly lead to the same Pods; one port alone names each once.
            if ports.len() > 1 && !seen.insert(endpoint.ip) {
                continue;
            }
            if slice.dots.len() >= named {
                slice.more += 1;
                continue;
            }
            let ip = endpoint.ip.to_string();
            slice.dots.push(Dot { revision: watcher.revision_of(&ip), leaving: endpoint.terminating, ip });
        }
    }
    slice
}

/// The Pods of the scene: all of its namespace but those that are clients.
pub fn pods(lab: &Lab) -> Vec<Rc<Pod>> {
    let sources = lab.traffic().clients().filter_map(|c| match &c.setting.source {
        Source::Pod(key) => Some(&*key.name),
        Source::Outside(_) => None,
    });
    let clients: BTreeSet<&str> = sources.collect();
    let is_client = |pod: &Pod| clients.contains(pod.meta.name.as_str());
    let list = lab.cluster().api().store().list(Kind::Pod, Some(NAMESPACE));
    list.filter_map(Object::as_::<Pod>).filter(|pod| !is_client(pod)).cloned().collect()
}
