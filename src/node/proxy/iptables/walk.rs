//! A packet's way through the tables of a node.

use super::rule::{CtState, Match, Rule, Target};
use super::ruleset::RuleSet;
use super::table::{Chain, List, Rules, Table, step};
use crate::node::proxy::ipvs::IpSets;
use crate::node::proxy::packet::{Fraction, Origin, Packet, Verdict, Walk, WalkEnv};
use crate::node::proxy::steps::Steps;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// Places of the built-in chains: they are written first, in this order.
pub(in crate::node::proxy) mod nat {
    pub const PREROUTING: u32 = 0;
    pub const OUTPUT: u32 = 2;
    pub const POSTROUTING: u32 = 3;
}
pub(in crate::node::proxy) mod filter {
    pub const INPUT: u32 = 0;
    pub const FORWARD: u32 = 1;
    pub const OUTPUT: u32 = 2;
}

/// Deeper than any chain of kube-proxy's jumps.
const MAX_DEPTH: u32 = 8;

/// What a chain decided.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::node::proxy) enum Decision {
    Accept,
    Drop,
    Reject,
    Dnat(Ipv4Addr, u16),
    Masquerade,
}

/// A packet on its way: what it looks like now and the rules it met.
pub(in crate::node::proxy) struct Walker<'a, 'e> {
    packet: &'a Packet,
    pub env: &'a mut WalkEnv<'e>,
    sets: Option<&'a IpSets>,
    pub destination: SocketAddrV4,
    mark: u32,
    pub dnat: bool,
    pub steps: Steps,
}

impl<'a, 'e> Walker<'a, 'e> {
    /// A packet that just came to the node.
    pub fn new(packet: &'a Packet, env: &'a mut WalkEnv<'e>, sets: Option<&'a IpSets>) -> Self {
        Walker { packet, env, sets, destination: packet.destination, mark: 0, dnat: false, steps: Steps::default() }
    }

    fn is_local(&self, ip: Ipv4Addr) -> bool {
        self.env.node.is_local(ip) || self.sets.is_some_and(|sets| sets.is_bound(ip))
    }

    fn matches(&mut self, m: &Match) -> bool {
        let source = *self.packet.source.ip();
        let destination = *self.destination.ip();
        match m {
            Match::Comment(_) | Match::Nfacct(_) => true,
            Match::Protocol(p) => *p == self.packet.protocol,
            Match::Source(net) => net.contains(source),
            Match::NotSource(net) => !net.contains(source),
            Match::Destination(net) => net.contains(destination),
            Match::NotDestination(net) => !net.contains(destination),
            Match::DestinationPort(port) => *port == self.destination.port(),
            Match::SourceLocal => self.is_local(source),
            Match::DestinationLocal => self.is_local(destination),
            Match::CtState(set) => set.meets(self.state()),
            Match::NotCtState(set) => !set.meets(self.state()),
            Match::Mark(bit) => self.mark & bit == *bit,
            Match::NotMark(bit) => self.mark & bit != *bit,
            Match::Random(chance) => self.happens(*chance),
            Match::RecentCheck(list, seconds) => self.env.affinity.check(list, source, *seconds, self.env.now),
            Match::IpSet(set) => self.sets.is_some_and(|sets| sets.matches(*set, self.packet.protocol, source, self.destination)),
            Match::RecentSet(list) => {
                self.env.affinity.set_recent(list, source, self.env.now);
                true
            }
        }
    }

    fn happens(&mut self, chance: Fraction) -> bool {
        self.env.random.chance(u64::from(chance.numerator), u64::from(chance.denominator))
    }

    fn state(&self) -> CtState {
        if self.dnat { CtState::NEW.or(CtState::DNAT) } else { CtState::NEW }
    }

    /// Asks one rule. `Some(None)`: back to the chain that asked.
    fn rule(&mut self, table: &Table, chain: &Chain, (at, rule): (usize, &Rc<Rule>), depth: u32) -> Option<Option<Decision>> {
        let matched = rule.matches.iter().all(|m| self.matches(m));
        self.asked(table, chain, (at, rule), matched, depth)
    }

    /// What follows when a rule applies, or does not.
    fn asked(
        &mut self,
        table: &Table,
        chain: &Chain,
        (at, rule): (usize, &Rc<Rule>),
        matched: bool,
        depth: u32,
    ) -> Option<Option<Decision>> {
        if self.env.trace && (matched || rule.is_choice()) {
            match &chain.rules {
                Rules::List(list) if !matched => self.steps.pass(list, at, at + 1),
                _ => self.steps.push(step(table.name, &chain.name, rule, matched)),
            }
        }
        if !matched {
            return None;
        }
        match &rule.target {
            Target::Nothing => None,
            Target::Jump(jump) => self.chain(table, jump.slot, depth + 1).map(Some),
            Target::Return => Some(None),
            Target::Accept => Some(Some(Decision::Accept)),
            Target::Drop => Some(Some(Decision::Drop)),
            Target::Reject => Some(Some(Decision::Reject)),
            Target::Dnat(ip, port) => Some(Some(Decision::Dnat(*ip, *port))),
            Target::MarkOr(bits) => {
                self.mark |= bits;
                None
            }
            Target::MarkXor(bits) => {
                self.mark ^= bits;
                None
            }
            Target::Masquerade => Some(Some(Decision::Masquerade)),
        }
    }

    /// Asks the rules of a chain one after another.
    pub fn chain(&mut self, table: &Table, slot: u32, depth: u32) -> Option<Decision> {
        let chain = table.chain(slot).filter(|_| depth < MAX_DEPTH)?;
        let decided = match &chain.rules {
            Rules::List(list) => self.list(table, chain, list, depth),
            Rules::Portals(portals) => {
                let (ip, port) = (*self.destination.ip(), self.destination.port());
                let mut candidates = portals.candidates(self.packet.protocol, ip, port);
                candidates.find_map(|rule| self.rule(table, chain, (0, rule), depth))
            }
        };
        decided.flatten()
    }

    /// Asks rules one after another. Where chance alone decides many of them, only their chances are looked at.
    fn list(&mut self, table: &Table, chain: &Chain, list: &Rc<List>, depth: u32) -> Option<Option<Decision>> {
        let mut at = 0;
        while at < list.rules.len() {
            let from = at;
            let mut matched = false;
            while let Some(Some(chance)) = list.chances.get(at)
                && !matched
            {
                matched = self.happens(*chance);
                at += usize::from(!matched);
            }
            if self.env.trace && at > from {
                self.steps.pass(list, from, at);
            }
            let Some(rule) = list.rules.get(at) else { break };
            let left = match matched {
                true => self.asked(table, chain, (at, rule), true, depth),
                false => self.rule(table, chain, (at, rule), depth),
            };
            if left.is_some() {
                return left;
            }
            at += 1;
        }
        None
    }

    /// The filter hooks on the packet's way; `None`: it passes.
    fn filter(&mut self, rules: &RuleSet) -> Option<Verdict> {
        let local = self.env.node.is_local(*self.destination.ip());
        let hooks: &[u32] = match (self.packet.origin, local) {
            // A packet to the node itself comes in again through the loopback interface.
            (Origin::Node, true) => &[filter::OUTPUT, filter::INPUT],
            (Origin::Node, false) => &[filter::OUTPUT],
            (_, true) => &[filter::INPUT],
            (_, false) => &[filter::FORWARD],
        };
        hooks.iter().find_map(|hook| match self.chain(&rules.filter, *hook, 0) {
            Some(Decision::Drop) => Some(Verdict::Drop),
            Some(Decision::Reject) => Some(Verdict::Reject),
            _ => None,
        })
    }

    /// Whether the source is rewritten when the packet leaves.
    fn postrouting(&mut self, rules: &RuleSet) -> bool {
        let stays = self.packet.origin != Origin::Node && self.env.node.is_local(*self.destination.ip());
        !stays && self.chain(&rules.nat, nat::POSTROUTING, 0) == Some(Decision::Masquerade)
    }
}

/// Decides the first packet of a connection by the rules in force.
pub fn walk(rules: &RuleSet, packet: &Packet, env: &mut WalkEnv) -> Walk {
    let mut walker = Walker::new(packet, env, None);
    let hook = if packet.origin == Origin::Node { nat::OUTPUT } else { nat::PREROUTING };
    if let Some(Decision::Dnat(ip, port)) = walker.chain(&rules.nat, hook, 0) {
        walker.destination = SocketAddrV4::new(ip, port);
        walker.dnat = true;
    }
    let verdict = walker.filter(rules).unwrap_or_else(|| {
        let masquerade = walker.postrouting(rules);
        let (ip, port) = (*walker.destination.ip(), walker.destination.port());
        if walker.dnat { Verdict::Dnat { ip, port, masquerade } } else { Verdict::Accept { masquerade } }
    });
    Walk { verdict, steps: walker.steps }
}
