//! From one Service port and its endpoints to rules, and the rules that are always there.

use super::rule::{Jump, Match, Net, Rule, Target};
use super::ruleset::Portal;
use crate::node::proxy::categorize::Categories;
use crate::node::proxy::cidr::Cidr;
use crate::node::proxy::endpoint::Endpoint;
use crate::node::proxy::hash::hash;
use crate::node::proxy::packet::Fraction;
use crate::node::proxy::port::ServicePort;
use crate::node::proxy::settings::{NodeInfo, Settings};
use std::net::Ipv4Addr;
use std::rc::Rc;

/// What one Service port adds: chains of its own, in the order in which they are declared, and rules in shared chains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PortRules {
    /// Chains of the nat table.
    pub chains: Vec<(Rc<str>, Vec<Rule>)>,
    /// Rules in shared chains.
    pub portals: Vec<(Portal, Rule)>,
}

impl PortRules {
    /// How many rules it has.
    pub fn rule_count(&self) -> usize {
        self.portals.len() + self.chains.iter().map(|(_, rules)| rules.len()).sum::<usize>()
    }
}

/// Compiles for one node.
#[derive(Clone, Debug)]
pub struct Compiler {
    node: Rc<NodeInfo>,
    pub(super) mark: u32,
    cluster_cidr: Option<Cidr>,
    masquerade_all: bool,
    pub(super) localhost_node_ports: bool,
    pub(super) nfacct: bool,
    pub(super) liberal: bool,
    pub(super) node_port_ips: Option<Vec<Ipv4Addr>>,
    mark_masq: Rc<str>,
}

fn jump(chain: &Rc<str>) -> Target {
    Target::Jump(Jump { chain: chain.clone(), slot: 0 })
}

pub(super) fn jump_to(chain: &str) -> Target {
    jump(&chain.into())
}

pub(super) fn comment(text: &str) -> Match {
    Match::Comment(text.into())
}

pub(super) fn rule(matches: Vec<Match>, target: Target) -> Rule {
    Rule { matches, target }
}

/// One port while it is compiled: its names, texts and choice of endpoints.
struct Port<'a> {
    spec: &'a ServicePort,
    endpoints: &'a Categories,
    /// `ns/name:port`.
    name: Rc<str>,
    cluster_chain: Rc<str>,
    local_chain: Rc<str>,
    external_chain: Rc<str>,
    firewall_chain: Rc<str>,
    has_internal: bool,
    has_external: bool,
    /// Large clusters go without the comments of endpoint rules.
    large: bool,
}

impl<'a> Port<'a> {
    fn new(spec: &'a ServicePort, endpoints: &'a Categories, large: bool) -> Port<'a> {
        let name: Rc<str> = spec.name.to_string().into();
        let hash = hash(&[&name, spec.name.protocol.name()], 16);
        let chain = |prefix: &str| -> Rc<str> { format!("KUBE-{prefix}-{hash}").into() };
        let has = |local: bool| if local { !endpoints.local().is_empty() } else { endpoints.any };
        Port {
            cluster_chain: chain("SVC"),
            local_chain: chain("SVL"),
            external_chain: chain("EXT"),
            firewall_chain: chain("FW"),
            has_internal: endpoints.any && has(spec.internal_local),
            has_external: endpoints.any && has(spec.external_local),
            spec,
            endpoints,
            name,
            large,
        }
    }

    fn text(&self, what: &str) -> Match {
        Match::Comment(format!("{} {what}", self.name).into())
    }

    /// The matches of packets to one address of the Service.
    fn to(&self, what: &str, ip: Ipv4Addr) -> Vec<Match> {
        let (protocol, port) = (self.spec.name.protocol, self.spec.port);
        vec![self.text(what), Match::Protocol(protocol), Match::Destination(Net::Host(ip)), Match::DestinationPort(port)]
    }

    fn uses_firewall(&self) -> bool {
        self.endpoints.any && !self.spec.load_balancer_vips.is_empty() && !self.spec.source_ranges.is_empty()
    }

    fn uses_external_chain(&self) -> bool {
        self.endpoints.any && self.spec.externally_accessible()
    }

    fn internal_chain(&self) -> &Rc<str> {
        if self.spec.internal_local { &self.local_chain } else { &self.cluster_chain }
    }

    /// What happens to traffic without endpoints, and why.
    fn no_endpoints(&self) -> (&'static str, Target) {
        if self.endpoints.any { ("has no local endpoints", Target::Drop) } else { ("has no endpoints", Target::Reject) }
    }

    fn endpoint_chain(&self, endpoint: &Endpoint) -> Rc<str> {
        endpoint.chain.get(|| {
            let hash = hash(&[&self.name, self.spec.name.protocol.name(), &endpoint.text], 16);
            format!("KUBE-SEP-{hash}").into()
        })
    }
}

impl Compiler {
    /// A compiler for a node with these settings.
    pub fn new(settings: &Settings, node: Rc<NodeInfo>) -> Compiler {
        let node_port_ips = settings.node_port_ips(&node);
        let loopback = node_port_ips.as_ref().is_none_or(|ips| ips.iter().any(|ip| ip.is_loopback()));
        Compiler {
            node,
            mark: settings.masquerade_mark(),
            cluster_cidr: settings.cluster_cidr,
            masquerade_all: settings.masquerade_all,
            localhost_node_ports: settings.localhost_node_ports && loopback,
            nfacct: settings.nfacct,
            liberal: settings.conntrack_tcp_be_liberal,
            node_port_ips,
            mark_masq: "KUBE-MARK-MASQ".into(),
        }
    }

    /// The rules of one Service port. `large`: without the comments of endpoint rules.
    pub fn port(&self, spec: &ServicePort, endpoints: &Categories, large: bool) -> PortRules {
        let port = Port::new(spec, endpoints, large);
        let mut out = PortRules::default();
        self.capture_cluster_ip(&port, &mut out);
        self.capture_external_ips(&port, &mut out);
        self.capture_load_balancer(&port, &mut out);
        self.capture_node_port(&port, &mut out);
        if spec.health_check_node_port != 0 {
            let protocol = Match::Protocol(super::Protocol::Tcp);
            let matches =
                vec![port.text("health check node port"), protocol, Match::DestinationPort(spec.health_check_node_port)];
            out.portals.push((Portal::HealthCheck, rule(matches, Target::Accept)));
        }
        if !endpoints.cluster().is_empty() && spec.uses_cluster_endpoints() {
            let rules = self.balance(&port, &port.cluster_chain, endpoints.cluster());
            out.chains.push((port.cluster_chain.clone(), rules));
        }
        if !endpoints.local().is_empty() && spec.uses_local_endpoints() {
            let rules = self.balance(&port, &port.local_chain, endpoints.local());
            out.chains.push((port.local_chain.clone(), rules));
        }
        if port.uses_external_chain() {
            out.chains.push((port.external_chain.clone(), self.external(&port)));
        }
        if port.uses_firewall() {
            out.chains.push((port.firewall_chain.clone(), self.firewall(&port)));
        }
        for endpoint in endpoints.reachable() {
            out.chains.push((port.endpoint_chain(endpoint), self.endpoint(&port, endpoint)));
        }
        out
    }

    fn capture_cluster_ip(&self, port: &Port, out: &mut PortRules) {
        if port.has_internal {
            let matches = port.to("cluster IP", port.spec.cluster_ip);
            out.portals.push((Portal::Services, rule(matches, jump(port.internal_chain()))));
        } else {
            let (why, target) = port.no_endpoints();
            out.portals.push((Portal::NoInternalEndpoints, rule(port.to(why, port.spec.cluster_ip), target)));
        }
    }

    fn capture_external_ips(&self, port: &Port, out: &mut PortRules) {
        for ip in &port.spec.external_ips {
            if port.endpoints.any {
                out.portals.push((Portal::Services, rule(port.to("external IP", *ip), jump(&port.external_chain))));
            }
            if !port.has_external {
                let (why, target) = port.no_endpoints();
                out.portals.push((Portal::NoExternalEndpoints, rule(port.to(why, *ip), target)));
            }
        }
    }

    fn capture_load_balancer(&self, port: &Port, out: &mut PortRules) {
        let chain = if port.uses_firewall() { &port.firewall_chain } else { &port.external_chain };
        for ip in &port.spec.load_balancer_vips {
            if port.endpoints.any {
                out.portals.push((Portal::Services, rule(port.to("loadbalancer IP", *ip), jump(chain))));
            }
            if port.uses_firewall() {
                let why = format!("traffic not accepted by {}", port.firewall_chain);
                out.portals.push((Portal::Firewall, rule(port.to(&why, *ip), Target::Drop)));
            }
            if !port.has_external {
                let (why, target) = port.no_endpoints();
                out.portals.push((Portal::NoExternalEndpoints, rule(port.to(why, *ip), target)));
            }
        }
    }

    fn capture_node_port(&self, port: &Port, out: &mut PortRules) {
        let (protocol, number) = (Match::Protocol(port.spec.name.protocol), Match::DestinationPort(port.spec.node_port));
        if port.spec.node_port == 0 {
            return;
        }
        if port.endpoints.any {
            let named = Match::Comment(port.name.clone());
            if self.localhost_node_ports && self.nfacct {
                let loopback = Match::Destination(Net::Range(Cidr::LOOPBACK));
                let counter = Match::Nfacct("localhost_nps_accepted_pkts");
                let matches = vec![named.clone(), protocol.clone(), loopback, number.clone(), counter];
                out.portals.push((Portal::NodePorts, rule(matches, jump(&port.external_chain))));
            }
            let matches = vec![named, protocol.clone(), number.clone()];
            out.portals.push((Portal::NodePorts, rule(matches, jump(&port.external_chain))));
        }
        if !port.has_external {
            let (why, target) = port.no_endpoints();
            let matches = vec![port.text(why), Match::DestinationLocal, protocol, number];
            out.portals.push((Portal::NoExternalEndpoints, rule(matches, target)));
        }
    }

    /// A chain that chooses among endpoints: affinity first, then chance, all endpoints equally likely.
    fn balance(&self, port: &Port, chain: &Rc<str>, endpoints: &[Rc<Endpoint>]) -> Vec<Rule> {
        let mut rules = Vec::new();
        if port.has_internal && chain == port.internal_chain() {
            let mut matches = port.to("cluster IP", port.spec.cluster_ip);
            if self.masquerade_all {
                rules.push(rule(matches, jump(&self.mark_masq)));
            } else if let Some(cidr) = self.cluster_cidr {
                matches.push(Match::NotSource(Net::Range(cidr)));
                rules.push(rule(matches, jump(&self.mark_masq)));
            }
        }
        let arrow = |endpoint: &Endpoint| {
            let text = || Match::Comment(format!("{} -> {}", port.name, endpoint.text).into());
            if port.large { Vec::new() } else { vec![text()] }
        };
        let chains: Vec<Rc<str>> = endpoints.iter().map(|e| port.endpoint_chain(e)).collect();
        if let Some(seconds) = port.spec.affinity_seconds {
            for (endpoint, chain) in endpoints.iter().zip(&chains) {
                let mut matches = arrow(endpoint);
                matches.push(Match::RecentCheck(chain.clone(), seconds));
                rules.push(rule(matches, jump(chain)));
            }
        }
        for (i, (endpoint, chain)) in endpoints.iter().zip(&chains).enumerate() {
            let mut matches = arrow(endpoint);
            if i + 1 < endpoints.len() {
                matches.push(Match::Random(Fraction { numerator: 1, denominator: (endpoints.len() - i) as u32 }));
            }
            rules.push(rule(matches, jump(chain)));
        }
        rules
    }

    /// The chain of traffic to node ports, load balancer addresses and external addresses.
    fn external(&self, port: &Port) -> Vec<Rule> {
        let text = |what: &str| comment(&format!("{what} {} external destinations", port.spec.name));
        let mut rules = Vec::new();
        if port.spec.external_local {
            let cluster = || jump(&port.cluster_chain);
            if let Some(cidr) = self.cluster_cidr {
                let from_pods = Match::Source(Net::Range(cidr));
                rules.push(rule(vec![text("pod traffic for"), from_pods], cluster()));
            }
            rules.push(rule(vec![text("masquerade LOCAL traffic for"), Match::SourceLocal], jump(&self.mark_masq)));
            rules.push(rule(vec![text("route LOCAL traffic for"), Match::SourceLocal], cluster()));
        } else {
            rules.push(rule(vec![text("masquerade traffic for")], jump(&self.mark_masq)));
        }
        if port.has_external {
            let chain = if port.spec.external_local { &port.local_chain } else { &port.cluster_chain };
            rules.push(rule(Vec::new(), jump(chain)));
        }
        rules
    }

    /// The chain that lets only the allowed sources through to a load balancer address.
    fn firewall(&self, port: &Port) -> Vec<Rule> {
        let allow = |net: Net| rule(vec![port.text("loadbalancer IP"), Match::Source(net)], jump(&port.external_chain));
        let ranges = &port.spec.source_ranges;
        let mut rules: Vec<Rule> = ranges.iter().map(|range| allow(Net::Range(range.masked()))).collect();
        if ranges.iter().any(|range| range.contains(self.node.ip)) {
            // The node's own traffic to the address never leaves it, and then has the address as its source.
            rules.extend(port.spec.load_balancer_vips.iter().map(|vip| allow(Net::Host(*vip))));
        }
        let text = format!("other traffic to {} will be dropped by KUBE-PROXY-FIREWALL", port.name);
        rules.push(rule(vec![comment(&text)], Target::Nothing));
        rules
    }

    /// The chain of one endpoint.
    fn endpoint(&self, port: &Port, endpoint: &Endpoint) -> Vec<Rule> {
        let named = || if port.large { Vec::new() } else { vec![Match::Comment(port.name.clone())] };
        let mut hairpin = named();
        hairpin.push(Match::Source(Net::Host(endpoint.ip)));
        let mut matches = named();
        if port.spec.affinity_seconds.is_some() {
            matches.push(Match::RecentSet(port.endpoint_chain(endpoint)));
        }
        matches.push(Match::Protocol(port.spec.name.protocol));
        vec![rule(hairpin, jump(&self.mark_masq)), rule(matches, Target::Dnat(endpoint.ip, endpoint.port))]
    }
}
