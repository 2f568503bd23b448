//! A packet's way through the table of a node.

use super::elements::{Element, MapVerdict};
use super::rule::{Map, Part, Rule, Set};
use super::ruleset::{Chain, RuleSet};
use crate::node::proxy::packet::{Origin, Packet, Verdict, Walk, WalkEnv};
use crate::node::proxy::steps::{RuleText, Step, Steps};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// How many clients an affinity set holds: the kernel's default for sets that rules fill.
const AFFINITY_SET_SIZE: usize = 65_535;
/// Deeper than any chain of kube-proxy's jumps.
const MAX_DEPTH: u32 = 8;

/// What a chain decided.
#[derive(Clone, Copy, PartialEq)]
enum Decision {
    Drop,
    Reject,
    Dnat(Ipv4Addr, u16),
    Masquerade,
}

/// What one part of a rule led to.
enum Next {
    /// Ask the next part.
    Continue,
    /// The rule does not apply (any more).
    Break,
    /// The chain is left, decided or not.
    Leave(Option<Decision>),
}

struct Walker<'a, 'e> {
    rules: &'a RuleSet,
    packet: &'a Packet,
    env: &'a mut WalkEnv<'e>,
    destination: SocketAddrV4,
    mark: u32,
    dnat: bool,
    steps: Steps,
}

fn when(yes: bool) -> Next {
    if yes { Next::Continue } else { Next::Break }
}

impl Walker<'_, '_> {
    fn in_set(&self, set: Set, ip: Ipv4Addr) -> bool {
        match set {
            Set::ClusterIps => self.rules.elements.is_cluster_ip(ip),
            Set::NodePortIps => self.rules.node_port_ips.as_ref().is_some_and(|ips| ips.contains(&ip)),
        }
    }

    /// A question of a rule.
    fn ask(&mut self, part: &Part) -> bool {
        let (source, destination) = (*self.packet.source.ip(), *self.destination.ip());
        match part {
            Part::CtStatusDnat => self.dnat,
            Part::Source(range) => range.contains(source),
            Part::NotSource(range) => !range.contains(source),
            Part::NotSourceIn(ranges, ips) => !ranges.iter().any(|r| r.contains(source)) && !ips.contains(&source),
            Part::AffinityIn(set, seconds) => self.env.affinity.check(set, source, *seconds, self.env.now),
            Part::SourceLocal => self.env.node.is_local(source),
            Part::DestinationIn(set) => self.in_set(*set, destination),
            Part::DestinationInRanges(ranges) => ranges.iter().any(|r| r.contains(destination)),
            Part::NotDestination(range) => !range.contains(destination),
            Part::DestinationLocal => self.env.node.is_local(destination),
            Part::IsHairpin => {
                let to = (destination, self.packet.protocol, self.destination.port());
                source == destination && self.rules.elements.is_hairpin(to)
            }
            Part::Protocol(protocol) => *protocol == self.packet.protocol,
            Part::Mark(bit) => self.mark & bit != 0,
            // Every packet that walks is the first of its connection.
            _ => true,
        }
    }

    /// Asks or does one part of a rule.
    fn part(&mut self, part: &Part, depth: u32) -> Next {
        match part {
            Part::MarkOr(bit) => self.mark |= bit,
            Part::MarkXor(bit) => self.mark ^= bit,
            Part::AffinityUpdate(set) => {
                self.env.affinity.set(set, *self.packet.source.ip(), self.env.now, AFFINITY_SET_SIZE);
            }
            Part::Lookup(map) => return self.lookup(*map, depth),
            Part::Dnat(ip, port) => return Next::Leave(Some(Decision::Dnat(*ip, *port))),
            Part::DnatRandom(list) => {
                let chosen = list.get(self.env.random.below(list.len() as u64) as usize);
                return chosen.map_or(Next::Break, |(ip, port)| Next::Leave(Some(Decision::Dnat(*ip, *port))));
            }
            Part::GotoRandom(list) => {
                let chosen = list.get(self.env.random.below(list.len() as u64) as usize);
                return chosen.map_or(Next::Break, |chain| Next::Leave(self.chain(chain, depth + 1)));
            }
            Part::Jump(chain) => {
                let decided = self.chain(chain, depth + 1);
                return if decided.is_some() { Next::Leave(decided) } else { Next::Continue };
            }
            Part::Goto(chain) => return Next::Leave(self.chain(chain, depth + 1)),
            Part::Masquerade => return Next::Leave(Some(Decision::Masquerade)),
            Part::Drop => return Next::Leave(Some(Decision::Drop)),
            Part::Reject => return Next::Leave(Some(Decision::Reject)),
            question => return when(self.ask(question)),
        }
        Next::Continue
    }

    /// Does what a map says of the destination.
    fn lookup(&mut self, map: Map, depth: u32) -> Next {
        let to = (*self.destination.ip(), self.packet.protocol, self.destination.port());
        let rules = self.rules;
        let Some(verdict) = rules.elements.lookup(map, to) else { return Next::Break };
        if self.env.trace {
            let element = Element::Map(map, to, verdict.clone());
            self.note(&format!("@{}", map.name()).into(), RuleText::of(element), None, true);
        }
        Next::Leave(match verdict {
            MapVerdict::Goto(chain) => self.chain(chain, depth + 1),
            MapVerdict::Drop(_) => Some(Decision::Drop),
            MapVerdict::Reject(_) => self.chain("reject-chain", depth + 1),
        })
    }

    fn note(&mut self, chain: &Rc<str>, rule: RuleText, of: Option<&Rule>, matched: bool) {
        let probability = of.and_then(Rule::probability);
        self.steps.push(Step { table: "ip kube-proxy", chain: chain.clone(), rule, probability, matched });
    }

    /// Asks one rule; `Some`: the chain is left.
    fn rule(&mut self, chain: &Rc<str>, rule: &Rc<Rule>, depth: u32) -> Option<Option<Decision>> {
        let before = self.steps.mark();
        let mut next = Next::Continue;
        for part in &rule.parts {
            next = self.part(part, depth);
            if !matches!(next, Next::Continue) {
                break;
            }
        }
        let matched = !matches!(next, Next::Break);
        if self.env.trace && (matched || rule.is_choice()) {
            self.note(chain, RuleText::shared(rule.clone()), Some(rule), matched);
            // What the rule led to comes after it.
            self.steps.last_before(before);
        }
        if let Next::Leave(decision) = next { Some(decision) } else { None }
    }

    /// Asks the rules of a chain one after another.
    fn chain(&mut self, name: &str, depth: u32) -> Option<Decision> {
        let rules = self.rules;
        let (name, chain): (&Rc<str>, &Rc<Chain>) = rules.chains.get_key_value(name).filter(|_| depth < MAX_DEPTH)?;
        chain.rules.iter().find_map(|rule| self.rule(name, rule, depth)).flatten()
    }

    fn filter(&mut self, chains: &[&str]) -> Option<Verdict> {
        chains.iter().find_map(|chain| match self.chain(chain, 0) {
            Some(Decision::Drop) => Some(Verdict::Drop),
            Some(Decision::Reject) => Some(Verdict::Reject),
            _ => None,
        })
    }

    fn run(&mut self) -> Verdict {
        let from_node = self.packet.origin == Origin::Node;
        let (before, nat) = match from_node {
            true => ("filter-output-pre-dnat", "nat-output"),
            false => ("filter-prerouting-pre-dnat", "nat-prerouting"),
        };
        if let Some(verdict) = self.filter(&[before]) {
            return verdict;
        }
        if let Some(Decision::Dnat(ip, port)) = self.chain(nat, 0) {
            self.destination = SocketAddrV4::new(ip, port);
            self.dnat = true;
        }
        let local = self.env.node.is_local(*self.destination.ip());
        let filters: &[&str] = match (from_node, local) {
            // A packet to the node itself comes in again through the loopback interface.
            (true, true) => &["filter-output", "filter-input"],
            (true, false) => &["filter-output"],
            (false, true) => &["filter-input"],
            (false, false) => &["filter-forward"],
        };
        if let Some(verdict) = self.filter(filters) {
            return verdict;
        }
        let leaves = from_node || !local;
        let masquerade = leaves && self.chain("nat-postrouting", 0) == Some(Decision::Masquerade);
        let (ip, port) = (*self.destination.ip(), self.destination.port());
        if self.dnat { Verdict::Dnat { ip, port, masquerade } } else { Verdict::Accept { masquerade } }
    }
}

/// Decides the first packet of a connection by the table in force.
pub fn walk(rules: &RuleSet, packet: &Packet, env: &mut WalkEnv) -> Walk {
    let destination = packet.destination;
    let mut walker = Walker { rules, packet, env, destination, mark: 0, dnat: false, steps: Steps::default() };
    let verdict = walker.run();
    Walk { verdict, steps: walker.steps }
}
