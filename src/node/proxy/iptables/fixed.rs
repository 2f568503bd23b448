//! The rules that are always there, whatever Services there are.

use super::compile::{Compiler, comment, jump_to, rule};
use super::rule::{CtState, Match, Net, Rule, Target};
use crate::node::proxy::cidr::Cidr;

impl Compiler {
    /// The nat chains that are always there, with the tails of its portal chains.
    pub(super) fn nat_chains(&self) -> Vec<(&'static str, Vec<Rule>)> {
        let portals = || vec![rule(vec![comment("kubernetes service portals")], jump_to("KUBE-SERVICES"))];
        let postrouting = vec![comment("kubernetes postrouting rules")];
        vec![
            ("PREROUTING", portals()),
            ("INPUT", Vec::new()),
            ("OUTPUT", portals()),
            ("POSTROUTING", vec![rule(postrouting, jump_to("KUBE-POSTROUTING"))]),
            ("KUBE-SERVICES", self.node_ports_rules()),
            (
                "KUBE-POSTROUTING",
                vec![
                    rule(vec![Match::NotMark(self.mark)], Target::Return),
                    rule(Vec::new(), Target::MarkXor(self.mark)),
                    rule(vec![comment("kubernetes service traffic requiring SNAT")], Target::Masquerade),
                ],
            ),
            ("KUBE-NODEPORTS", Vec::new()),
            ("KUBE-MARK-MASQ", vec![rule(Vec::new(), Target::MarkOr(self.mark))]),
        ]
    }

    fn node_ports_rules(&self) -> Vec<Rule> {
        let text = || comment("kubernetes service nodeports; NOTE: this must be the last rule in this chain");
        let to = |matches: Vec<Match>| rule([vec![text()], matches].concat(), jump_to("KUBE-NODEPORTS"));
        match &self.node_port_ips {
            Some(ips) => ips.iter().map(|ip| to(vec![Match::Destination(Net::Host(*ip))])).collect(),
            None if self.localhost_node_ports => vec![to(vec![Match::DestinationLocal])],
            None => vec![to(vec![Match::DestinationLocal, Match::NotDestination(Net::Range(Cidr::LOOPBACK))])],
        }
    }

    /// The filter chains that are always there.
    pub(super) fn filter_chains(&self) -> Vec<(&'static str, Vec<Rule>)> {
        let always = |text: &str, chain: &str| rule(vec![comment(text)], jump_to(chain));
        let new = |text: &str, chain: &str| rule(vec![Match::CtState(CtState::NEW), comment(text)], jump_to(chain));
        let plain = || rule(Vec::new(), jump_to("KUBE-FIREWALL"));
        let lb = || new("kubernetes load balancer firewall", "KUBE-PROXY-FIREWALL");
        let services = || new("kubernetes service portals", "KUBE-SERVICES");
        let external = || new("kubernetes externally-visible service portals", "KUBE-EXTERNAL-SERVICES");
        let health = always("kubernetes health check service ports", "KUBE-NODEPORTS");
        let forward = always("kubernetes forwarding rules", "KUBE-FORWARD");
        vec![
            ("INPUT", vec![plain(), lb(), health, external()]),
            ("FORWARD", vec![lb(), forward, services(), external()]),
            ("OUTPUT", vec![plain(), lb(), services()]),
            ("KUBE-EXTERNAL-SERVICES", Vec::new()),
            ("KUBE-NODEPORTS", Vec::new()),
            ("KUBE-SERVICES", Vec::new()),
            ("KUBE-FORWARD", self.forward_rules()),
            ("KUBE-PROXY-FIREWALL", Vec::new()),
            ("KUBE-FIREWALL", self.localnet_rules()),
        ]
    }

    fn forward_rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        if !self.liberal {
            let mut matches = vec![Match::CtState(CtState::INVALID)];
            if self.nfacct {
                matches.push(Match::Nfacct("ct_state_invalid_dropped_pkts"));
            }
            rules.push(rule(matches, Target::Drop));
        }
        rules.push(rule(vec![comment("kubernetes forwarding rules"), Match::Mark(self.mark)], Target::Accept));
        let known = Match::CtState(CtState::RELATED.or(CtState::ESTABLISHED));
        rules.push(rule(vec![comment("kubernetes forwarding conntrack rule"), known], Target::Accept));
        rules
    }

    fn localnet_rules(&self) -> Vec<Rule> {
        if !self.localhost_node_ports {
            return Vec::new();
        }
        let loopback = Net::Range(Cidr::LOOPBACK);
        let known = CtState::RELATED.or(CtState::ESTABLISHED).or(CtState::DNAT);
        let text = comment("block incoming localnet connections");
        let matches = vec![text, Match::Destination(loopback), Match::NotSource(loopback), Match::NotCtState(known)];
        vec![rule(matches, Target::Drop)]
    }
}
