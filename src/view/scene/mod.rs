//! The scene at one moment: rows of nodes, clients, bars of Services with each node's slice, Pods with their places.

mod parts;

use parts::{bar, client_card, nodes};
pub use parts::{listed, pods};

use crate::api::{Key, Service};
use crate::lab::Lab;
use crate::view::NAMESPACE;
use crate::view::endpoints::{Behind, services};
use crate::view::layout::Counts;
use crate::view::pod::{PodCard, PodState};
use crate::view::samples::Fared;
use crate::view::watcher::Watcher;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Bars that are drawn; further Services are only counted.
pub const BARS: usize = 3;

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
    /// The first endpoints in force; none are named when there are more than [`super::ROWS`] nodes.
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
    /// Nodes by name; more than [`super::ROWS`] of them by zone and name.
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
