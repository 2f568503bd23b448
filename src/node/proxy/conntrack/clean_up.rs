//! Which UDP flows must go after a sync: those of Services that lead to an endpoint that does not serve any more.
//! Follows `pkg/proxy/conntrack/cleanup.go`. TCP flows are never touched.

use super::flow::Flow;
use super::table::Conntrack;
use crate::node::proxy::port::Protocol;
use crate::node::proxy::view::View;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddrV4;
use std::rc::Rc;

type Serving = Rc<BTreeSet<SocketAddrV4>>;

/// The addresses of all UDP Service ports with their serving endpoints, as they were when a sync began.
#[derive(Clone, Debug, Default)]
pub struct UdpServices {
    by_address: BTreeMap<SocketAddrV4, Serving>,
    by_node_port: BTreeMap<u16, Serving>,
}

impl UdpServices {
    /// Reads them from a kube-proxy's view.
    pub fn new(view: &View) -> UdpServices {
        let mut out = UdpServices::default();
        let ports = view.services().flat_map(|(_, ports)| ports).filter(|p| p.name.protocol == Protocol::Udp);
        for port in ports {
            let serving = view.endpoints(&port.name).iter().filter(|e| e.serving);
            let serving: Serving = Rc::new(serving.map(|e| SocketAddrV4::new(e.ip, e.port)).collect());
            let addresses = port.external_ips.iter().chain(&port.load_balancer_vips).chain([&port.cluster_ip]);
            out.by_address.extend(addresses.map(|ip| (SocketAddrV4::new(*ip, port.port), serving.clone())));
            // Flows of node ports without any serving endpoint are left alone.
            if port.node_port != 0 && !serving.is_empty() {
                out.by_node_port.insert(port.node_port, serving);
            }
        }
        out
    }

    /// Whether a flow leads nowhere any more.
    pub fn is_stale(&self, flow: &Flow) -> bool {
        let asked = flow.original.destination;
        let serving = self.by_address.get(&asked).or_else(|| self.by_node_port.get(&asked.port()));
        flow.original.protocol == Protocol::Udp && serving.is_some_and(|s| !s.contains(&flow.reply.source))
    }
}

impl Conntrack {
    /// Forgets the UDP flows that lead nowhere any more; returns them.
    pub fn clean_up(&mut self, services: &UdpServices) -> Vec<Flow> {
        self.remove_where(|flow| services.is_stale(flow))
    }
}
