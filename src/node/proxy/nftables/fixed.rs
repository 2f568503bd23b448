//! The chains that are always there, whatever Services there are.

use super::compile::{Compiler, commented, rule};
use super::rule::{Map, Part, Rule, Set};
use super::ruleset::{Chain, Hook};
use crate::node::proxy::cidr::Cidr;

/// Base chains with kind, hook and priority.
const HOOKS: [(&str, Hook); 8] = [
    ("filter-forward", Hook { kind: "filter", hook: "forward", priority: 0 }),
    ("filter-input", Hook { kind: "filter", hook: "input", priority: 0 }),
    ("filter-output", Hook { kind: "filter", hook: "output", priority: 0 }),
    ("filter-output-pre-dnat", Hook { kind: "filter", hook: "output", priority: -110 }),
    ("filter-prerouting-pre-dnat", Hook { kind: "filter", hook: "prerouting", priority: -110 }),
    ("nat-output", Hook { kind: "nat", hook: "output", priority: -100 }),
    ("nat-postrouting", Hook { kind: "nat", hook: "postrouting", priority: 100 }),
    ("nat-prerouting", Hook { kind: "nat", hook: "prerouting", priority: -100 }),
];

fn jump(chain: &str) -> Part {
    Part::Jump(chain.into())
}

fn new(chain: &str) -> Rule {
    rule(vec![Part::CtStateNew, jump(chain)])
}

impl Compiler {
    /// The fixed chains with their rules.
    pub(super) fn fixed_chains(&self) -> Vec<(&'static str, Chain)> {
        let lookup = |map: Map| vec![rule(vec![Part::Lookup(map)])];
        let hooked = |name: &'static str| match name {
            "filter-forward" | "filter-output" => vec![new("service-endpoints-check"), new("cluster-ips-check")],
            "filter-input" => vec![new("nodeport-endpoints-check"), new("service-endpoints-check")],
            "nat-postrouting" => vec![rule(vec![jump("masquerading")])],
            "nat-output" | "nat-prerouting" => vec![rule(vec![jump("services")])],
            _ => vec![new("firewall-check")],
        };
        let mut chains: Vec<(&'static str, Chain)> = Vec::new();
        for (name, hook) in HOOKS {
            chains.push((name, Chain::new(Some(hook), None, hooked(name))));
        }
        let mut plain = |name, comment, rules| chains.push((name, Chain::new(None, comment, rules)));
        let helper = Some("helper for @no-endpoint-services / @no-endpoint-nodeports");
        plain("reject-chain", helper, vec![rule(vec![Part::Reject])]);
        plain("cluster-ips-check", None, self.cluster_ips_check());
        plain("firewall-check", None, lookup(Map::FirewallIps));
        plain("masquerading", None, self.masquerading());
        plain("nodeport-endpoints-check", None, vec![rule(self.node_ports(Map::NoEndpointNodePorts))]);
        plain("service-endpoints-check", None, lookup(Map::NoEndpointServices));
        plain("services", None, self.services());
        chains
    }

    fn cluster_ips_check(&self) -> Vec<Rule> {
        let active = vec![Part::DestinationIn(Set::ClusterIps), Part::Reject];
        let mut rules = vec![commented(active, "Reject traffic to invalid ports of ClusterIPs")];
        if !self.service_cidrs.is_empty() {
            let unallocated = vec![Part::DestinationInRanges(self.service_cidrs.clone()), Part::Drop];
            rules.push(commented(unallocated, "Drop traffic to unallocated ClusterIPs"));
        }
        rules
    }

    fn masquerading(&self) -> Vec<Rule> {
        vec![
            rule(vec![Part::Mark(self.mark), Part::MarkXor(self.mark), Part::Masquerade]),
            rule(vec![Part::CtStatusDnat, Part::IsHairpin, Part::Masquerade]),
        ]
    }

    /// A look-up of node ports, on the addresses that answer on them.
    fn node_ports(&self, map: Map) -> Vec<Part> {
        let mut parts = match self.node_port_ips() {
            Some(_) => vec![Part::DestinationIn(Set::NodePortIps)],
            None if map == Map::ServiceNodePorts => vec![Part::DestinationLocal, Part::NotDestination(Cidr::LOOPBACK)],
            None => vec![Part::NotDestination(Cidr::LOOPBACK)],
        };
        parts.push(Part::Lookup(map));
        parts
    }

    fn services(&self) -> Vec<Rule> {
        let to_cluster_ip = Part::DestinationIn(Set::ClusterIps);
        let mark = Part::MarkOr(self.mark);
        let mut rules = Vec::new();
        if self.masquerade_all {
            rules.push(commented(vec![to_cluster_ip, mark], "masquerade all clusterIP traffic"));
        } else if let Some(cidr) = self.cluster_cidr {
            let parts = vec![to_cluster_ip, Part::NotSource(cidr), mark];
            rules.push(commented(parts, "masquerade clusterIP traffic from outside cluster"));
        }
        rules.push(rule(vec![Part::Lookup(Map::ServiceIps)]));
        rules.push(rule(self.node_ports(Map::ServiceNodePorts)));
        rules
    }
}
