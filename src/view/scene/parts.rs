//! The parts of the scene, read from the cluster: rows of nodes, clients, bars with each node's slice, Pods.

use super::{Bar, ClientCard, Dot, Listed, NodeRow, Slice};
use crate::api::{EndpointSlice, Key, Kind, Node, Object, Pod, Service};
use crate::cluster::Cluster;
use crate::lab::Lab;
use crate::node::Machine;
use crate::sorting::Arrange;
use crate::traffic::{Client, Source};
use crate::view::NAMESPACE;
use crate::view::endpoints::{Behind, service_key_of, services};
use crate::view::layout::ROWS;
use crate::view::watcher::Watcher;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The label that names a node's zone.
const ZONE: &str = "topology.kubernetes.io/zone";
/// Endpoints that a slice names one by one.
const DOTS: usize = 12;

pub(super) fn nodes(cluster: &Cluster) -> Vec<NodeRow> {
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
            ready: node.is_some_and(|node| node.is_ready()),
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

pub(super) fn client_card(
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

pub(super) fn bar(
    cluster: &Cluster,
    service: &Service,
    watcher: &Watcher,
    rows: &[NodeRow],
    listed: &BTreeMap<Key, Listed>,
) -> Bar {
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
