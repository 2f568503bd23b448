//! From one Service port and its endpoints to chains and elements.

use super::elements::{Element, MapVerdict};
use super::rule::{Map, Part, Rule};
use crate::node::proxy::categorize::Categories;
use crate::node::proxy::cidr::Cidr;
use crate::node::proxy::endpoint::Endpoint;
use crate::node::proxy::hash::hash;
use crate::node::proxy::port::{PortName, ServicePort};
use crate::node::proxy::settings::{NodeInfo, Settings};
use std::net::Ipv4Addr;
use std::rc::Rc;

/// The longest base of a chain's name.
const NAME_MAX: usize = 240;
/// The longest comment, bytes.
const COMMENT_MAX: usize = 128;

/// What one Service port adds to the table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PortRules {
    /// Its own chains.
    pub chains: Vec<(Rc<str>, Vec<Rule>)>,
    /// Its affinity sets and how long they remember, seconds.
    pub affinity_sets: Vec<(Rc<str>, u32)>,
    /// Its elements in shared sets and maps.
    pub elements: Vec<Element>,
}

impl PortRules {
    /// How many rules and elements it has.
    pub fn rule_count(&self) -> usize {
        self.elements.len() + self.chains.iter().map(|(_, rules)| rules.len()).sum::<usize>()
    }
}

/// Compiles for one node.
#[derive(Clone, Debug)]
pub struct Compiler {
    node: Rc<NodeInfo>,
    pub(super) mark: u32,
    pub(super) cluster_cidr: Option<Cidr>,
    pub(super) service_cidrs: Vec<Cidr>,
    pub(super) masquerade_all: bool,
    node_port_ips: Option<Vec<Ipv4Addr>>,
}

/// A rule without a comment.
pub(super) fn rule(parts: Vec<Part>) -> Rule {
    Rule { parts, comment: None }
}

/// A rule with a comment.
pub(super) fn commented(parts: Vec<Part>, comment: &str) -> Rule {
    Rule { parts, comment: Some(comment.into()) }
}

fn cut(text: &str, max: usize) -> &str {
    (0..=max.min(text.len())).rev().find_map(|end| text.get(..end)).unwrap_or_default()
}

/// Hash and name, cut if too long.
fn name_base(name: &str) -> String {
    let full = format!("{}-{name}", hash(&[name], 8));
    if full.len() > NAME_MAX { format!("{}...", cut(&full, NAME_MAX - 3)) } else { full }
}

fn port_path(name: &PortName) -> String {
    format!("{}/{}/{}/{}", name.service.namespace, name.service.name, name.protocol.name(), name.port)
}

/// One port while it is compiled.
struct Port<'a> {
    spec: &'a ServicePort,
    endpoints: &'a Categories,
    path: String,
    cluster_chain: Rc<str>,
    local_chain: Rc<str>,
    external_chain: Rc<str>,
    firewall_chain: Rc<str>,
    has_internal: bool,
    has_external: bool,
}

impl<'a> Port<'a> {
    fn new(spec: &'a ServicePort, endpoints: &'a Categories) -> Port<'a> {
        let path = port_path(&spec.name);
        let base = name_base(&path);
        let chain = |prefix: &str| -> Rc<str> { format!("{prefix}-{base}").into() };
        let has = |local: bool| endpoints.any && (!local || !endpoints.local().is_empty());
        Port {
            cluster_chain: chain("service"),
            local_chain: chain("local"),
            external_chain: chain("external"),
            firewall_chain: chain("firewall"),
            has_internal: has(spec.internal_local),
            has_external: has(spec.external_local),
            spec,
            endpoints,
            path,
        }
    }

    fn endpoint_base(&self, endpoint: &Endpoint) -> String {
        name_base(&format!("{}__{}/{}", self.path, endpoint.ip, endpoint.port))
    }

    fn no_endpoints(&self) -> MapVerdict {
        let who = self.spec.name.to_string();
        let who = cut(&who, COMMENT_MAX).into();
        if self.endpoints.any { MapVerdict::Drop(who) } else { MapVerdict::Reject(who) }
    }

    /// An element of a map for one address of the Service.
    fn at(&self, map: Map, ip: Ipv4Addr, verdict: MapVerdict) -> Element {
        Element::Map(map, (ip, self.spec.name.protocol, self.spec.port), verdict)
    }
}

impl Compiler {
    /// A compiler for a node with these settings.
    pub fn new(settings: &Settings, node: Rc<NodeInfo>) -> Compiler {
        let ips = settings.node_port_ips(&node);
        Compiler {
            mark: settings.masquerade_mark(),
            cluster_cidr: settings.cluster_cidr,
            service_cidrs: settings.service_cidrs.clone(),
            masquerade_all: settings.masquerade_all,
            // The kernel cannot route what comes from a node port of the loopback address.
            node_port_ips: ips.map(|ips| ips.into_iter().filter(|ip| !ip.is_loopback()).collect()),
            node,
        }
    }

    /// The addresses that answer on node ports; `None`: all of the node's.
    pub(super) fn node_port_ips(&self) -> Option<&[Ipv4Addr]> {
        self.node_port_ips.as_deref()
    }

    /// What one Service port adds.
    pub fn port(&self, spec: &ServicePort, endpoints: &Categories) -> PortRules {
        let port = Port::new(spec, endpoints);
        let mut out = PortRules { elements: self.elements(&port), ..PortRules::default() };
        if !endpoints.cluster().is_empty() && spec.uses_cluster_endpoints() {
            out.chains.push((port.cluster_chain.clone(), self.balance(&port, endpoints.cluster())));
        }
        if !endpoints.local().is_empty() && spec.uses_local_endpoints() {
            out.chains.push((port.local_chain.clone(), self.balance(&port, endpoints.local())));
        }
        if endpoints.any && spec.externally_accessible() {
            out.chains.push((port.external_chain.clone(), self.external(&port)));
        }
        if !spec.load_balancer_vips.is_empty() && !spec.source_ranges.is_empty() {
            out.chains.push((port.firewall_chain.clone(), self.firewall(&port)));
        }
        if let Some(seconds) = spec.affinity_seconds {
            for endpoint in endpoints.reachable() {
                let base = port.endpoint_base(endpoint);
                let set: Rc<str> = format!("affinity-{base}").into();
                let go = vec![Part::Protocol(spec.name.protocol), Part::Dnat(endpoint.ip, endpoint.port)];
                let rules = vec![rule(vec![Part::AffinityUpdate(set.clone())]), rule(go)];
                out.chains.push((format!("endpoint-{base}").into(), rules));
                out.affinity_sets.push((set, seconds));
            }
        }
        out
    }

    fn elements(&self, port: &Port) -> Vec<Element> {
        let (spec, protocol) = (port.spec, port.spec.name.protocol);
        let goto = |chain: &Rc<str>| MapVerdict::Goto(chain.clone());
        let mut out = vec![Element::ClusterIp(spec.cluster_ip)];
        if port.has_internal {
            let chain = if spec.internal_local { &port.local_chain } else { &port.cluster_chain };
            out.push(port.at(Map::ServiceIps, spec.cluster_ip, goto(chain)));
        } else {
            out.push(port.at(Map::NoEndpointServices, spec.cluster_ip, port.no_endpoints()));
        }
        for ip in spec.external_ips.iter().chain(&spec.load_balancer_vips) {
            if port.endpoints.any {
                out.push(port.at(Map::ServiceIps, *ip, goto(&port.external_chain)));
            }
            if !port.has_external {
                out.push(port.at(Map::NoEndpointServices, *ip, port.no_endpoints()));
            }
        }
        if !spec.source_ranges.is_empty() {
            let guard = |ip: &Ipv4Addr| port.at(Map::FirewallIps, *ip, goto(&port.firewall_chain));
            out.extend(spec.load_balancer_vips.iter().map(guard));
        }
        if spec.node_port != 0 {
            let at = (Ipv4Addr::UNSPECIFIED, protocol, spec.node_port);
            if port.endpoints.any {
                out.push(Element::Map(Map::ServiceNodePorts, at, goto(&port.external_chain)));
            }
            if !port.has_external {
                out.push(Element::Map(Map::NoEndpointNodePorts, at, port.no_endpoints()));
            }
        }
        let local = port.endpoints.reachable().iter().filter(|e| e.local);
        out.extend(local.map(|e| Element::Hairpin(e.ip, protocol, e.port)));
        out
    }

    /// A chain that chooses among endpoints: affinity first, then chance, all equally likely.
    fn balance(&self, port: &Port, endpoints: &[Rc<Endpoint>]) -> Vec<Rule> {
        if let Some(seconds) = port.spec.affinity_seconds {
            let bases: Vec<String> = endpoints.iter().map(|e| port.endpoint_base(e)).collect();
            let chain = |base: &String| -> Rc<str> { format!("endpoint-{base}").into() };
            let known = |base: &String| {
                let set = format!("affinity-{base}").into();
                rule(vec![Part::AffinityIn(set, seconds), Part::Goto(chain(base))])
            };
            let chance = rule(vec![Part::GotoRandom(bases.iter().map(chain).collect())]);
            return bases.iter().map(known).chain([chance]).collect();
        }
        let choice = match endpoints {
            [only] => Part::Dnat(only.ip, only.port),
            several => Part::DnatRandom(several.iter().map(|e| (e.ip, e.port)).collect()),
        };
        vec![rule(vec![Part::Protocol(port.spec.name.protocol), choice])]
    }

    /// The chain of traffic to node ports, load balancer addresses and external addresses.
    fn external(&self, port: &Port) -> Vec<Rule> {
        let mut rules = Vec::new();
        let cluster = || Part::Goto(port.cluster_chain.clone());
        if port.spec.external_local {
            if let Some(cidr) = self.cluster_cidr {
                rules.push(commented(vec![Part::Source(cidr), cluster()], "short-circuit pod traffic"));
            }
            rules.push(commented(vec![Part::SourceLocal, Part::MarkOr(self.mark)], "masquerade local traffic"));
            rules.push(commented(vec![Part::SourceLocal, cluster()], "short-circuit local traffic"));
        } else {
            rules.push(commented(vec![Part::MarkOr(self.mark)], "masquerade"));
        }
        if port.has_external {
            let chain = if port.spec.external_local { &port.local_chain } else { &port.cluster_chain };
            rules.push(rule(vec![Part::Goto(chain.clone())]));
        }
        rules
    }

    /// The chain that throws away what comes from elsewhere than the allowed ranges.
    fn firewall(&self, port: &Port) -> Vec<Rule> {
        let ranges = &port.spec.source_ranges;
        let own = ranges.iter().any(|range| range.contains(self.node.ip));
        // The node's own traffic to the address never leaves it, and then has the address as its source.
        let ips = if own { port.spec.load_balancer_vips.clone() } else { Vec::new() };
        let ranges = ranges.iter().map(|range| range.masked()).collect();
        vec![rule(vec![Part::NotSourceIn(ranges, ips), Part::Drop])]
    }
}
