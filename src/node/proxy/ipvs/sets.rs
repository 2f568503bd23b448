//! ipsets: addresses and ports that iptables rules look up.

use super::servers::Server;
use crate::node::proxy::cidr::Cidr;
use crate::node::proxy::port::{PortName, Protocol};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// A set, by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IpSet {
    /// Endpoints of this node that reach themselves: source and destination are one.
    LoopBack,
    /// ClusterIP and port.
    ClusterIp,
    /// External address and port.
    ExternalIp,
    /// The same, of Services with externalTrafficPolicy Local.
    ExternalIpLocal,
    /// Load balancer address and port.
    LoadBalancer,
    /// The same, of Services with externalTrafficPolicy Local.
    LoadBalancerLocal,
    /// The same, of Services with source ranges.
    LoadBalancerFirewall,
    /// With the ranges that may use it.
    LoadBalancerSourceCidr,
    /// With the single addresses that may use it.
    LoadBalancerSourceIp,
    /// Node ports.
    NodePort(Protocol),
    /// The same, of Services with externalTrafficPolicy Local.
    NodePortLocal(Protocol),
    /// Health check node ports.
    HealthCheckNodePort,
    /// Every address on the dummy interface.
    IpvsIps,
}

impl IpSet {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            IpSet::LoopBack => "KUBE-LOOP-BACK",
            IpSet::ClusterIp => "KUBE-CLUSTER-IP",
            IpSet::ExternalIp => "KUBE-EXTERNAL-IP",
            IpSet::ExternalIpLocal => "KUBE-EXTERNAL-IP-LOCAL",
            IpSet::LoadBalancer => "KUBE-LOAD-BALANCER",
            IpSet::LoadBalancerLocal => "KUBE-LOAD-BALANCER-LOCAL",
            IpSet::LoadBalancerFirewall => "KUBE-LOAD-BALANCER-FW",
            IpSet::LoadBalancerSourceCidr => "KUBE-LOAD-BALANCER-SOURCE-CIDR",
            IpSet::LoadBalancerSourceIp => "KUBE-LOAD-BALANCER-SOURCE-IP",
            IpSet::NodePort(Protocol::Udp) => "KUBE-NODE-PORT-UDP",
            IpSet::NodePort(Protocol::Sctp) => "KUBE-NODE-PORT-SCTP-HASH",
            IpSet::NodePort(_) => "KUBE-NODE-PORT-TCP",
            IpSet::NodePortLocal(Protocol::Udp) => "KUBE-NODE-PORT-LOCAL-UDP",
            IpSet::NodePortLocal(Protocol::Sctp) => "KUBE-NODE-PORT-LOCAL-SCTP-HASH",
            IpSet::NodePortLocal(_) => "KUBE-NODE-PORT-LOCAL-TCP",
            IpSet::HealthCheckNodePort => "KUBE-HEALTH-CHECK-NODE-PORT",
            IpSet::IpvsIps => "KUBE-IPVS-IPS",
        }
    }

    /// Which parts of a packet are looked up.
    pub fn directions(self) -> &'static str {
        match self {
            IpSet::LoopBack | IpSet::LoadBalancerSourceCidr | IpSet::LoadBalancerSourceIp => "dst,dst,src",
            IpSet::NodePort(Protocol::Sctp) | IpSet::NodePortLocal(Protocol::Sctp) => "dst,dst",
            IpSet::NodePort(_) | IpSet::NodePortLocal(_) | IpSet::HealthCheckNodePort | IpSet::IpvsIps => "dst",
            _ => "dst,dst",
        }
    }
}

/// An entry: the destination (address unspecified in sets of ports, port 0 in sets of addresses) and, where the set has one,
/// the source.
pub type Entry = (IpSet, Server, Option<Cidr>);

/// The sources of an entry, and the ports that want each.
type Sources = BTreeMap<Option<Cidr>, BTreeSet<Rc<PortName>>>;

/// All sets. An entry stays as long as one Service port wants it.
#[derive(Clone, Debug, Default)]
pub struct IpSets {
    entries: BTreeMap<(IpSet, Server), Sources>,
}

impl IpSets {
    /// Adds an entry for a Service port.
    pub fn add(&mut self, (set, to, from): &Entry, owner: &Rc<PortName>) {
        let sources = self.entries.entry((*set, *to)).or_default();
        sources.entry(*from).or_default().insert(owner.clone());
    }

    /// Takes away what a Service port added.
    pub fn remove(&mut self, (set, to, from): &Entry, owner: &PortName) {
        let Some(sources) = self.entries.get_mut(&(*set, *to)) else { return };
        if let Some(owners) = sources.get_mut(from) {
            owners.remove(owner);
            if owners.is_empty() {
                sources.remove(from);
            }
        }
        if sources.is_empty() {
            self.entries.remove(&(*set, *to));
        }
    }

    /// Whether a packet is in a set.
    pub fn matches(&self, set: IpSet, protocol: Protocol, source: Ipv4Addr, destination: SocketAddrV4) -> bool {
        let any = Ipv4Addr::UNSPECIFIED;
        let key = match set {
            IpSet::NodePort(of) | IpSet::NodePortLocal(of) if of != protocol => return false,
            IpSet::NodePort(_) | IpSet::NodePortLocal(_) | IpSet::HealthCheckNodePort => (any, protocol, destination.port()),
            IpSet::IpvsIps => (*destination.ip(), Protocol::Icmp, 0),
            _ => (*destination.ip(), protocol, destination.port()),
        };
        let Some(sources) = self.entries.get(&(set, key)) else { return false };
        sources.keys().any(|from| from.is_none_or(|range| range.contains(source)))
    }

    /// Whether an address is on the dummy interface `kube-ipvs0`.
    pub fn is_bound(&self, ip: Ipv4Addr) -> bool {
        self.entries.contains_key(&(IpSet::IpvsIps, (ip, Protocol::Icmp, 0)))
    }

    /// The addresses on the dummy interface `kube-ipvs0`.
    pub fn bound(&self) -> impl Iterator<Item = Ipv4Addr> + '_ {
        self.entries.keys().filter(|(set, _)| *set == IpSet::IpvsIps).map(|(_, (ip, ..))| *ip)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
