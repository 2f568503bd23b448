//! The iptables rules of ipvs mode: they mark what must be masqueraded, shut out what is not allowed, and reject what the
//! virtual servers do not serve.

use super::compile::Compiler;
use super::sets::IpSet;
use crate::node::proxy::iptables::{CtState, Jump, Match, Net, Rule, Target};
use crate::node::proxy::port::Protocol;

/// A chain's name and rules.
type Fixed = (&'static str, Vec<Rule>);

fn rule(matches: Vec<Match>, target: Target) -> Rule {
    Rule { matches, target }
}

fn jump(chain: &str) -> Target {
    Target::Jump(Jump { chain: chain.into(), slot: 0 })
}

fn comment(text: &str) -> Match {
    Match::Comment(text.into())
}

fn set(set: IpSet, target: Target) -> Rule {
    rule(vec![Match::IpSet(set)], target)
}

fn mark_masq() -> Target {
    jump("KUBE-MARK-MASQ")
}

impl Compiler {
    /// The nat chains. The built-in ones first, in the same places as in iptables mode.
    pub(super) fn nat_chains(&self) -> Vec<Fixed> {
        let portals = || vec![rule(vec![comment("kubernetes service portals")], jump("KUBE-SERVICES"))];
        let postrouting = vec![rule(vec![comment("kubernetes postrouting rules")], jump("KUBE-POSTROUTING"))];
        let lb = vec![
            set(IpSet::LoadBalancerLocal, Target::Return),
            rule(vec![comment("mark MASQ for external traffic policy not local")], mark_masq()),
        ];
        let node_port = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp].into_iter().flat_map(|p| {
            let of = |ip_set, target| rule(vec![Match::Protocol(p), Match::IpSet(ip_set)], target);
            [of(IpSet::NodePortLocal(p), Target::Return), of(IpSet::NodePort(p), mark_masq())]
        });
        vec![
            ("PREROUTING", portals()),
            ("INPUT", Vec::new()),
            ("OUTPUT", portals()),
            ("POSTROUTING", postrouting),
            ("KUBE-SERVICES", self.services()),
            ("KUBE-POSTROUTING", self.postrouting()),
            ("KUBE-NODE-PORT", node_port.collect()),
            ("KUBE-LOAD-BALANCER", lb),
            ("KUBE-MARK-MASQ", vec![rule(Vec::new(), Target::MarkOr(self.mark))]),
        ]
    }

    fn services(&self) -> Vec<Rule> {
        let mut rules = vec![set(IpSet::LoadBalancer, jump("KUBE-LOAD-BALANCER"))];
        if self.masquerade_all {
            rules.push(set(IpSet::ClusterIp, mark_masq()));
        } else if let Some(cidr) = self.cluster_cidr {
            let text = comment("Kubernetes service cluster ip + port for masquerade purpose");
            let matches = vec![text, Match::IpSet(IpSet::ClusterIp), Match::NotSource(Net::Range(cidr))];
            rules.push(rule(matches, mark_masq()));
        }
        rules.push(set(IpSet::ExternalIp, mark_masq()));
        let local = |ip_set| rule(vec![Match::IpSet(ip_set), Match::DestinationLocal], Target::Accept);
        rules.extend([local(IpSet::ExternalIp), local(IpSet::ExternalIpLocal)]);
        rules.push(rule(vec![Match::DestinationLocal], jump("KUBE-NODE-PORT")));
        rules.extend([set(IpSet::ClusterIp, Target::Accept), set(IpSet::LoadBalancer, Target::Accept)]);
        rules
    }

    fn postrouting(&self) -> Vec<Rule> {
        vec![
            rule(
                vec![
                    comment("Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose"),
                    Match::IpSet(IpSet::LoopBack),
                ],
                Target::Masquerade,
            ),
            rule(vec![Match::NotMark(self.mark)], Target::Return),
            rule(Vec::new(), Target::MarkXor(self.mark)),
            rule(vec![comment("kubernetes service traffic requiring SNAT")], Target::Masquerade),
        ]
    }

    /// The filter chains, with the built-in ones in the same places as in iptables mode.
    pub(super) fn filter_chains(&self) -> Vec<Fixed> {
        let to = |text: &str, chain: &str| rule(vec![comment(text)], jump(chain));
        let firewall = || to("kube-proxy firewall rules", "KUBE-PROXY-FIREWALL");
        let known = Match::CtState(CtState::RELATED.or(CtState::ESTABLISHED));
        let forward = vec![
            rule(vec![comment("kubernetes forwarding rules"), Match::Mark(self.mark)], Target::Accept),
            rule(vec![comment("kubernetes forwarding conntrack rule"), known], Target::Accept),
        ];
        let served =
            [IpSet::LoadBalancer, IpSet::ClusterIp, IpSet::ExternalIp, IpSet::ExternalIpLocal, IpSet::HealthCheckNodePort];
        let other = rule(vec![Match::CtState(CtState::NEW), Match::IpSet(IpSet::IpvsIps)], Target::Reject);
        let input = vec![
            to("kubernetes ipvs access filter", "KUBE-IPVS-FILTER"),
            firewall(),
            to("kubernetes health check rules", "KUBE-NODE-PORT"),
        ];
        vec![
            ("INPUT", input),
            ("FORWARD", vec![to("kubernetes forwarding rules", "KUBE-FORWARD"), firewall()]),
            ("OUTPUT", vec![to("kubernetes ipvs access filter", "KUBE-IPVS-OUT-FILTER")]),
            ("KUBE-FORWARD", forward),
            ("KUBE-NODE-PORT", vec![set(IpSet::HealthCheckNodePort, Target::Accept)]),
            ("KUBE-PROXY-FIREWALL", vec![set(IpSet::LoadBalancerFirewall, jump("KUBE-SOURCE-RANGES-FIREWALL"))]),
            (
                "KUBE-SOURCE-RANGES-FIREWALL",
                vec![
                    set(IpSet::LoadBalancerSourceCidr, Target::Return),
                    set(IpSet::LoadBalancerSourceIp, Target::Return),
                    rule(Vec::new(), Target::Drop),
                ],
            ),
            ("KUBE-IPVS-FILTER", served.map(|s| set(s, Target::Return)).into_iter().chain([other]).collect()),
            ("KUBE-IPVS-OUT-FILTER", Vec::new()),
        ]
    }
}
