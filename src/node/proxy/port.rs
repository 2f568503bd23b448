//! One port of a Service as kube-proxy sees it, and its name.
//! Follows `pkg/proxy/serviceport.go` and `servicechangetracker.go`.

use super::cidr::Cidr;
use crate::api::{Key, Service};
use std::fmt;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// A transport protocol (and ICMP, for ping).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
    /// ICMP: no ports, never part of a Service.
    Icmp,
}

impl Protocol {
    /// The lower-case name that rules use.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Sctp => "sctp",
            Protocol::Icmp => "icmp",
        }
    }

    /// The protocol of a Service port (`TCP`; empty reads as TCP).
    pub fn parse(name: &str) -> Option<Protocol> {
        match name {
            "TCP" | "" => Some(Protocol::Tcp),
            "UDP" => Some(Protocol::Udp),
            "SCTP" => Some(Protocol::Sctp),
            _ => None,
        }
    }
}

/// Names one port of one Service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortName {
    /// The Service.
    pub service: Key,
    /// The port's name; empty for a single unnamed port.
    pub port: Rc<str>,
    /// Its protocol.
    pub protocol: Protocol,
}

impl fmt::Display for PortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.service.namespace, self.service.name)?;
        if self.port.is_empty() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// One port of a Service, with all that the rules need.
#[derive(Clone, Debug, PartialEq)]
pub struct ServicePort {
    /// Its name.
    pub name: Rc<PortName>,
    /// The Service's stable address.
    pub cluster_ip: Ipv4Addr,
    /// The port on it.
    pub port: u16,
    /// The port on every node, 0 without one.
    pub node_port: u16,
    /// Further addresses that the author says lead to the nodes.
    pub external_ips: Vec<Ipv4Addr>,
    /// Load balancer addresses whose traffic arrives unchanged (ipMode VIP).
    pub load_balancer_vips: Vec<Ipv4Addr>,
    /// Load balancer addresses that make connections of their own to the node port (ipMode Proxy): no rules for them.
    pub load_balancer_proxies: Vec<Ipv4Addr>,
    /// Who may use the load balancer; empty: everyone.
    pub source_ranges: Vec<Cidr>,
    /// Session affinity by client address: how long, seconds.
    pub affinity_seconds: Option<u32>,
    /// internalTrafficPolicy Local.
    pub internal_local: bool,
    /// externalTrafficPolicy Local.
    pub external_local: bool,
    /// Where load balancers ask whether this node has endpoints, 0 without one.
    pub health_check_node_port: u16,
}

impl ServicePort {
    /// Whether it can be reached from outside the cluster.
    pub fn externally_accessible(&self) -> bool {
        self.node_port != 0 || !self.load_balancer_vips.is_empty() || !self.external_ips.is_empty()
    }

    /// Whether some traffic may go to endpoints on any node.
    pub fn uses_cluster_endpoints(&self) -> bool {
        !self.internal_local || self.externally_accessible()
    }

    /// Whether some traffic may only go to endpoints on this node.
    pub fn uses_local_endpoints(&self) -> bool {
        self.internal_local || (self.external_local && self.externally_accessible())
    }
}

fn port_number(n: i32) -> u16 {
    u16::try_from(n).unwrap_or(0)
}

/// The ports of a Service that kube-proxy serves: none for headless Services, ExternalName, and those left to another proxy.
pub fn service_ports(service: &Service) -> Vec<Rc<ServicePort>> {
    let spec = &service.spec;
    let delegated = service.meta.labels.contains_key("service.kubernetes.io/service-proxy-name");
    let mut ips = spec.cluster_ips.iter().chain(spec.cluster_ips.is_empty().then_some(&spec.cluster_ip));
    let Some(cluster_ip) = ips.find_map(|ip| ip.parse().ok()) else { return Vec::new() };
    if delegated || spec.type_ == "ExternalName" || spec.is_headless() {
        return Vec::new();
    }
    let external_ips: Vec<Ipv4Addr> = spec.external_ips.iter().filter_map(|ip| ip.parse().ok()).collect();
    let ingress = |proxy: bool| -> Vec<Ipv4Addr> {
        let all = service.status.load_balancer.ingress.iter();
        all.filter(|i| (i.ip_mode.as_deref() == Some("Proxy")) == proxy).filter_map(|i| i.ip.parse().ok()).collect()
    };
    let (vips, proxies) = (ingress(false), ingress(true));
    let mut ranges: Vec<Cidr> = spec.load_balancer_source_ranges.iter().filter_map(|r| Cidr::parse(r)).collect();
    if ranges.iter().any(|r| r.is_everything()) {
        ranges.clear();
    }
    let affinity = (spec.session_affinity == "ClientIP").then(|| {
        let config = spec.session_affinity_config.as_ref().and_then(|c| c.client_ip.as_ref());
        config.and_then(|c| c.timeout_seconds).and_then(|s| u32::try_from(s).ok()).unwrap_or(10_800)
    });
    let exposed = matches!(spec.type_.as_str(), "NodePort" | "LoadBalancer") || !external_ips.is_empty();
    let external_local = exposed && spec.external_traffic_policy == "Local";
    let health = if spec.type_ == "LoadBalancer" && external_local { port_number(spec.health_check_node_port) } else { 0 };
    let key = Key::new(&service.meta.namespace, &service.meta.name);
    let port = |p: &crate::api::service::ServicePort| {
        let name = PortName { service: key.clone(), port: p.name.as_str().into(), protocol: Protocol::parse(&p.protocol)? };
        Some(Rc::new(ServicePort {
            name: Rc::new(name),
            cluster_ip,
            port: port_number(p.port),
            node_port: port_number(p.node_port),
            external_ips: external_ips.clone(),
            load_balancer_vips: vips.clone(),
            load_balancer_proxies: proxies.clone(),
            source_ranges: ranges.clone(),
            affinity_seconds: affinity,
            internal_local: spec.internal_traffic_policy.as_deref() == Some("Local"),
            external_local,
            health_check_node_port: health,
        }))
    };
    spec.ports.iter().filter_map(port).collect()
}
