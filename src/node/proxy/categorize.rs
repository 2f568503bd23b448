//! Which endpoints a node uses for which traffic. Follows CategorizeEndpoints of `pkg/proxy/topology.go`.

use super::endpoint::Endpoint;
use super::port::ServicePort;
use super::settings::NodeInfo;
use std::rc::Rc;

/// A choice of a port's endpoints, in their order.
pub type Chosen = Vec<Rc<Endpoint>>;

/// The endpoints of a port as one node uses them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Categories {
    /// For traffic that may go to any node; `None`: no policy asks for them.
    pub cluster: Option<Chosen>,
    /// For traffic that must stay on this node; `None`: no policy asks for them, or there are none.
    pub local: Option<Chosen>,
    /// Every endpoint that some traffic can reach.
    pub reachable: Option<Chosen>,
    /// Whether there is any endpoint in the whole cluster.
    pub any: bool,
}

impl Categories {
    /// The endpoints of cluster-wide policies.
    pub fn cluster(&self) -> &[Rc<Endpoint>] {
        self.cluster.as_deref().unwrap_or_default()
    }

    /// The endpoints of node-local policies.
    pub fn local(&self) -> &[Rc<Endpoint>] {
        self.local.as_deref().unwrap_or_default()
    }

    /// Every endpoint in use.
    pub fn reachable(&self) -> &[Rc<Endpoint>] {
        self.reachable.as_deref().unwrap_or_default()
    }
}

/// How topology hints narrow the choice.
#[derive(Clone, Copy, PartialEq)]
enum Topology {
    SameNode,
    SameZone,
    Everywhere,
}

/// Hints count only if every ready endpoint has one and one of them names this node (or else its zone).
fn topology(endpoints: &[Rc<Endpoint>], node: &NodeInfo) -> Topology {
    let ready = || endpoints.iter().filter(|e| e.ready);
    let all_have_node_hints = ready().all(|e| !e.node_hints.is_empty());
    if all_have_node_hints && ready().any(|e| e.node_hints.contains(&node.name)) {
        return Topology::SameNode;
    }
    let all_have_zone_hints = !node.zone.is_empty() && ready().all(|e| !e.zone_hints.is_empty());
    if all_have_zone_hints && ready().any(|e| e.zone_hints.contains(&node.zone)) {
        return Topology::SameZone;
    }
    Topology::Everywhere
}

fn choose(endpoints: &[Rc<Endpoint>], wanted: impl Fn(&Endpoint) -> bool) -> Chosen {
    endpoints.iter().filter(|e| wanted(e)).cloned().collect()
}

/// Decides for one port on one node. `endpoints` are sorted.
pub fn categorize(endpoints: &[Rc<Endpoint>], port: &ServicePort, node: &NodeInfo) -> Categories {
    let mut out = Categories::default();
    if endpoints.is_empty() {
        return out;
    }
    let mut topology_used = Topology::Everywhere;
    if port.uses_cluster_endpoints() {
        topology_used = topology(endpoints, node);
        let mut cluster = choose(endpoints, |e| {
            e.ready
                && match topology_used {
                    Topology::SameNode => e.node_hints.contains(&node.name),
                    Topology::SameZone => e.zone_hints.contains(&node.zone),
                    Topology::Everywhere => true,
                }
        });
        if cluster.is_empty() {
            cluster = choose(endpoints, |e| e.serving && e.terminating);
        }
        out.any = !cluster.is_empty();
        out.cluster = Some(cluster);
    }
    if !port.uses_local_endpoints() {
        out.reachable = out.cluster.clone();
        return out;
    }
    out.any |= endpoints.iter().any(|e| e.ready || (e.serving && e.terminating));
    let mut local = choose(endpoints, |e| e.local && e.ready);
    let local_are_ready = !local.is_empty();
    if !local_are_ready {
        local = choose(endpoints, |e| e.local && e.serving && e.terminating);
    }
    out.local = (!local.is_empty()).then_some(local);
    out.reachable = match (&out.cluster, out.local()) {
        (None, _) => out.local.clone(),
        (Some(cluster), local) if topology_used == Topology::Everywhere && (local_are_ready || local.is_empty()) => {
            Some(cluster.clone())
        }
        (Some(cluster), local) => {
            let among = |list: &[Rc<Endpoint>], e: &Endpoint| list.iter().any(|c| c.text == e.text);
            Some(choose(endpoints, |e| among(cluster, e) || among(local, e)))
        }
    };
    out
}
