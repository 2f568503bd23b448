//! The scene at one moment: rows of nodes, clients, bars of Services with each node's slice, Pods with their places.

use super::NAMESPACE;
use super::endpoints::{Behind, services};
use super::pod::{PodCard, PodState};
use super::watcher::Watcher;
use crate::api::{Key, Kind, Node, Object, Pod, Service};
use crate::cluster::Cluster;
use crate::lab::Lab;
use crate::sorting::Arrange;
use crate::traffic::{Client, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Bars that are drawn; further Services are only counted.
pub const BARS: usize = 3;

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeRow {
    /// Its name.
    pub name: Rc<str>,
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
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// Its address.
    pub ip: String,
    /// The revision of the Pod that has this address; `None`: nobody known has it.
    pub revision: Option<usize>,
    /// Whether it is on its way out.
    pub leaving: bool,
}

/// A node's part of a Service's bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The endpoints in force.
    pub dots: Vec<Dot>,
    /// How far behind what it was told.
    pub behind: Behind,
}

/// A Service.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Namespace and name.
    pub key: Key,
    /// Its address, `None` (headless) or the name that it stands for.
    pub address: String,
    /// Its ports.
    pub ports: String,
    /// One for each node, in the order of the rows.
    pub slices: Vec<Slice>,
}

/// A client.
#[derive(Clone, Debug, PartialEq)]
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
    /// Nodes by name.
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
}

impl Scene {
    /// The scene of a lab with its Pods' cards; the watcher knows places, colours and rates.
    pub fn of(lab: &Lab, watcher: &Watcher, cards: Vec<Rc<PodCard>>) -> Scene {
        let cluster = lab.cluster();
        let (nodes, clients) = (nodes(cluster), clients(lab, watcher));
        let services = services(cluster, NAMESPACE);
        let bars = services.iter().take(BARS).map(|s| Rc::new(bar(cluster, s, watcher, &nodes))).collect();
        let (waiting, pods) = cards.into_iter().partition(|card| card.node.is_empty());
        Scene {
            nodes: nodes.into_iter().map(Rc::new).collect(),
            clients: clients.into_iter().map(Rc::new).collect(),
            bars,
            more_services: services.len().saturating_sub(BARS),
            pods,
            waiting,
            slots: watcher.slots().capacity(),
        }
    }

    /// The row of a node.
    pub fn row_of(&self, node: &str) -> Option<usize> {
        self.nodes.iter().position(|n| &*n.name == node)
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
    let ready = |name: &str| {
        let node = cluster.api().store().typed::<Node>(&Key::new("", name))?;
        Some(node.status.conditions.iter().any(|c| c.type_ == "Ready" && c.status == "True"))
    };
    let mut rows: Vec<NodeRow> = cluster
        .machines()
        .iter()
        .map(|(name, machine)| NodeRow {
            name: name.clone(),
            address: machine.kubelet.address.to_string(),
            up: machine.up,
            ready: ready(name).unwrap_or(false),
            ports: ports.iter().copied().collect(),
        })
        .collect();
    // node-10 comes after node-9.
    rows.arrange_by_key(|row| (row.name.len(), row.name.clone()));
    rows
}

fn clients(lab: &Lab, watcher: &Watcher) -> Vec<ClientCard> {
    let cluster = lab.cluster();
    let rows = nodes(cluster);
    lab.traffic().clients().map(|client| client_card(cluster, client, &rows, watcher)).collect()
}

fn client_card(cluster: &Cluster, client: &Client, rows: &[NodeRow], watcher: &Watcher) -> ClientCard {
    let host = &client.setting.url.host;
    let (detail, node, absent) = match &client.setting.source {
        Source::Outside(ip) => (ip.to_string(), None, false),
        Source::Pod(key) => {
            let pod = cluster.api().store().typed::<Pod>(key);
            let node = pod.and_then(|p| rows.iter().position(|r| *r.name == *p.spec.node_name));
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
        held: watcher.place_of(host).and_then(|(node, slot)| Some((rows.iter().position(|r| r.name == node)?, slot))),
        absent,
        recent,
    }
}

fn bar(cluster: &Cluster, service: &Service, watcher: &Watcher, rows: &[NodeRow]) -> Bar {
    let key = Key::new(&service.meta.namespace, &service.meta.name);
    let slice = |row: &NodeRow| {
        let Some(machine) = cluster.machines().get(&row.name) else {
            return Slice { dots: vec![], behind: Behind::InSync };
        };
        let mut dots: Vec<Dot> = vec![];
        for port in machine.proxy.programmed_ports(&key) {
            for endpoint in port.endpoints.reachable() {
                let ip = endpoint.ip.to_string();
                if !dots.iter().any(|d| d.ip == ip) {
                    dots.push(Dot { revision: watcher.revision_of(&ip), leaving: endpoint.terminating, ip });
                }
            }
        }
        Slice { dots, behind: Behind::of(machine.proxy.lag(cluster.now())) }
    };
    let spec = &service.spec;
    let address = if spec.type_ == "ExternalName" { format!("= {}", spec.external_name) } else { spec.cluster_ip.clone() };
    let ports: Vec<String> = spec.ports.iter().map(|p| p.port.to_string()).collect();
    let slices = rows.iter().map(slice).collect();
    Bar { key, address, ports: ports.join(","), slices }
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
