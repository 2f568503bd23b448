//! From one Service port and its endpoints to virtual servers and set entries.

use super::servers::ServerSpec;
use super::sets::{Entry, IpSet};
use crate::node::proxy::categorize::Categories;
use crate::node::proxy::cidr::Cidr;
use crate::node::proxy::port::{Protocol, ServicePort};
use crate::node::proxy::settings::{NodeInfo, Settings};
use crate::sorting::Arrange;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// What one Service port adds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PortRules {
    /// Virtual servers.
    pub servers: Vec<ServerSpec>,
    /// Entries of sets.
    pub entries: Vec<Entry>,
}

/// Compiles for one node.
#[derive(Clone, Debug)]
pub struct Compiler {
    node: Rc<NodeInfo>,
    node_port_ips: Vec<Ipv4Addr>,
    pub(super) mark: u32,
    pub(super) cluster_cidr: Option<Cidr>,
    pub(super) masquerade_all: bool,
}

impl Compiler {
    /// A compiler for a node with these settings.
    pub fn new(settings: &Settings, node: Rc<NodeInfo>) -> Compiler {
        let all = || node.addresses.iter().map(|a| a.address).chain([node.ip]).collect();
        let mut node_port_ips: Vec<Ipv4Addr> = settings.node_port_ips(&node).unwrap_or_else(all);
        node_port_ips.retain(|ip| !ip.is_loopback());
        node_port_ips.arrange();
        node_port_ips.dedup();
        Compiler {
            node,
            node_port_ips,
            mark: settings.masquerade_mark(),
            cluster_cidr: settings.cluster_cidr,
            masquerade_all: settings.masquerade_all,
        }
    }

    /// What one Service port adds.
    pub fn port(&self, spec: &ServicePort, endpoints: &Categories) -> PortRules {
        let protocol = spec.name.protocol;
        let mut out = PortRules::default();
        // Policy Local without a local endpoint uses those of the cluster.
        let chosen = |local: bool| if local && !endpoints.local().is_empty() { endpoints.local() } else { endpoints.cluster() };
        let reals = |local: bool| chosen(local).iter().map(|e| SocketAddrV4::new(e.ip, e.port)).collect::<Vec<_>>();
        let mut serve = |ip: Ipv4Addr, port: u16, local: bool| {
            let server = (ip, protocol, port);
            out.servers.push(ServerSpec { server, persistence: spec.affinity_seconds, reals: reals(local) });
        };
        serve(spec.cluster_ip, spec.port, spec.internal_local);
        for ip in spec.external_ips.iter().chain(&spec.load_balancer_vips) {
            serve(*ip, spec.port, spec.external_local);
        }
        if spec.node_port != 0 {
            self.node_port_ips.iter().for_each(|ip| serve(*ip, spec.node_port, spec.external_local));
        }
        out.entries = self.entries(spec);
        let own = endpoints.reachable().iter().filter(|e| e.local);
        out.entries.extend(own.map(|e| (IpSet::LoopBack, (e.ip, protocol, e.port), Some(Cidr::host(e.ip)))));
        out
    }

    fn entries(&self, spec: &ServicePort) -> Vec<Entry> {
        let protocol = spec.name.protocol;
        let at = |ip: Ipv4Addr| (ip, protocol, spec.port);
        let mut out: Vec<Entry> = vec![(IpSet::ClusterIp, at(spec.cluster_ip), None)];
        for ip in &spec.external_ips {
            out.push((if spec.external_local { IpSet::ExternalIpLocal } else { IpSet::ExternalIp }, at(*ip), None));
        }
        for ip in &spec.load_balancer_vips {
            out.push((IpSet::LoadBalancer, at(*ip), None));
            if spec.external_local {
                out.push((IpSet::LoadBalancerLocal, at(*ip), None));
            }
            if !spec.source_ranges.is_empty() {
                out.push((IpSet::LoadBalancerFirewall, at(*ip), None));
            }
            let ranges = spec.source_ranges.iter().map(|r| r.masked());
            out.extend(ranges.map(|range| (IpSet::LoadBalancerSourceCidr, at(*ip), Some(range))));
            if spec.source_ranges.iter().any(|range| range.contains(self.node.ip)) {
                out.push((IpSet::LoadBalancerSourceIp, at(*ip), Some(Cidr::host(*ip))));
            }
        }
        let any = Ipv4Addr::UNSPECIFIED;
        if spec.node_port != 0 {
            out.push((IpSet::NodePort(protocol), (any, protocol, spec.node_port), None));
            if spec.external_local {
                out.push((IpSet::NodePortLocal(protocol), (any, protocol, spec.node_port), None));
            }
        }
        if spec.health_check_node_port != 0 {
            out.push((IpSet::HealthCheckNodePort, (any, Protocol::Tcp, spec.health_check_node_port), None));
        }
        let bound = spec.external_ips.iter().chain(&spec.load_balancer_vips).chain([&spec.cluster_ip]);
        out.extend(bound.map(|ip| (IpSet::IpvsIps, (*ip, Protocol::Icmp, 0), None)));
        out
    }
}
