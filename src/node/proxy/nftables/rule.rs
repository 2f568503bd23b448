//! One nftables rule: its parts are asked and done from left to right, as they are written.

use crate::node::proxy::cidr::Cidr;
use crate::node::proxy::packet::Fraction;
use crate::node::proxy::port::Protocol;
use std::fmt;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// A set of the table that rules look addresses up in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Set {
    /// Every ClusterIP.
    ClusterIps,
    /// The node's addresses that answer on node ports.
    NodePortIps,
}

impl Set {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Set::ClusterIps => "cluster-ips",
            Set::NodePortIps => "nodeport-ips",
        }
    }
}

/// A map of the table from destinations to verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Map {
    /// Load balancer addresses with source ranges.
    FirewallIps,
    /// Node ports without endpoints.
    NoEndpointNodePorts,
    /// Addresses without endpoints.
    NoEndpointServices,
    /// Addresses with endpoints.
    ServiceIps,
    /// Node ports with endpoints.
    ServiceNodePorts,
}

impl Map {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Map::FirewallIps => "firewall-ips",
            Map::NoEndpointNodePorts => "no-endpoint-nodeports",
            Map::NoEndpointServices => "no-endpoint-services",
            Map::ServiceIps => "service-ips",
            Map::ServiceNodePorts => "service-nodeports",
        }
    }

    /// Whether its key has an address (and not just protocol and port).
    pub fn by_address(self) -> bool {
        !matches!(self, Map::NoEndpointNodePorts | Map::ServiceNodePorts)
    }
}

/// One part of a rule: a question that ends the rule when the answer is no, or a thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Is it the first packet of a connection?
    CtStateNew,
    /// Was its destination rewritten?
    CtStatusDnat,
    /// Is the source in this range?
    Source(Cidr),
    /// Is the source outside of this range?
    NotSource(Cidr),
    /// Is the source in none of these? (Ranges with their length, addresses without.)
    NotSourceIn(Vec<Cidr>, Vec<Ipv4Addr>),
    /// Did the source come to this endpoint before, at most so many seconds ago?
    AffinityIn(Rc<str>, u32),
    /// Is the source one of the node's addresses?
    SourceLocal,
    /// Is the destination in this set?
    DestinationIn(Set),
    /// Is the destination in one of these ranges?
    DestinationInRanges(Vec<Cidr>),
    /// Is the destination outside of this range?
    NotDestination(Cidr),
    /// Is the destination one of the node's addresses?
    DestinationLocal,
    /// Is it an endpoint of this node that talks to itself?
    IsHairpin,
    /// Is it this protocol?
    Protocol(Protocol),
    /// Is this bit of the mark set?
    Mark(u32),
    /// Sets a bit of the mark.
    MarkOr(u32),
    /// Flips a bit of the mark.
    MarkXor(u32),
    /// Notes that the source came to this endpoint.
    AffinityUpdate(Rc<str>),
    /// What a map says of the destination; a packet that it does not know goes on.
    Lookup(Map),
    /// Rewrites the destination.
    Dnat(Ipv4Addr, u16),
    /// Rewrites the destination to one of these, all equally likely.
    DnatRandom(Vec<(Ipv4Addr, u16)>),
    /// Goes to one of these chains, all equally likely.
    GotoRandom(Vec<Rc<str>>),
    /// Asks another chain, then goes on.
    Jump(Rc<str>),
    /// Asks another chain instead of the rest of this one.
    Goto(Rc<str>),
    /// Rewrites the source to the node's address.
    Masquerade,
    /// Throws it away.
    Drop,
    /// Answers port unreachable.
    Reject,
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its parts.
    pub parts: Vec<Part>,
    /// Its comment.
    pub comment: Option<Rc<str>>,
}

impl Rule {
    /// The chance of each of its choices, if it chooses.
    pub fn probability(&self) -> Option<Fraction> {
        let of = |n: usize| Some(Fraction { numerator: 1, denominator: (n as u32).max(1) });
        self.parts.iter().find_map(|part| match part {
            Part::DnatRandom(list) => of(list.len()),
            Part::GotoRandom(list) => of(list.len()),
            _ => None,
        })
    }

    /// Whether session affinity decides it: what a trace shows even when it does not apply.
    pub fn is_choice(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::AffinityIn(..)))
    }
}

/// `{ a , b }`.
fn braces(f: &mut fmt::Formatter<'_>, items: impl Iterator<Item = String>) -> fmt::Result {
    write!(f, "{{ {} }}", items.collect::<Vec<_>>().join(" , "))
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::CtStateNew => f.write_str("ct state new"),
            Part::CtStatusDnat => f.write_str("ct status dnat"),
            Part::Source(range) => write!(f, "ip saddr {range}"),
            Part::NotSource(range) => write!(f, "ip saddr != {range}"),
            Part::NotSourceIn(ranges, ips) => {
                f.write_str("ip saddr != ")?;
                braces(f, ranges.iter().map(Cidr::to_string).chain(ips.iter().map(Ipv4Addr::to_string)))
            }
            Part::AffinityIn(set, _) => write!(f, "ip saddr @{set}"),
            Part::SourceLocal => f.write_str("fib saddr type local"),
            Part::DestinationIn(set) => write!(f, "ip daddr @{}", set.name()),
            Part::DestinationInRanges(ranges) => {
                f.write_str("ip daddr ")?;
                braces(f, ranges.iter().map(Cidr::to_string))
            }
            Part::NotDestination(range) => write!(f, "ip daddr != {range}"),
            Part::DestinationLocal => f.write_str("fib daddr type local"),
            Part::IsHairpin => f.write_str("ip saddr . ip daddr . meta l4proto . th dport @hairpin-connections"),
            Part::Protocol(protocol) => write!(f, "meta l4proto {}", protocol.name()),
            Part::Mark(bit) => write!(f, "mark and {bit:#x} != 0"),
            Part::MarkOr(bit) => write!(f, "mark set mark or {bit:#x}"),
            Part::MarkXor(bit) => write!(f, "mark set mark xor {bit:#x}"),
            Part::AffinityUpdate(set) => write!(f, "update @{set} {{ ip saddr }}"),
            Part::Lookup(map) => {
                let address = if map.by_address() { "ip daddr . " } else { "" };
                write!(f, "{address}meta l4proto . th dport vmap @{}", map.name())
            }
            Part::Dnat(ip, port) => write!(f, "dnat to {ip}:{port}"),
            Part::DnatRandom(list) => {
                write!(f, "dnat ip addr . port to numgen random mod {} map ", list.len())?;
                braces(f, list.iter().enumerate().map(|(i, (ip, port))| format!("{i} : {ip} . {port}")))
            }
            Part::GotoRandom(list) => {
                write!(f, "numgen random mod {} vmap ", list.len())?;
                braces(f, list.iter().enumerate().map(|(i, chain)| format!("{i} : goto {chain}")))
            }
            Part::Jump(chain) => write!(f, "jump {chain}"),
            Part::Goto(chain) => write!(f, "goto {chain}"),
            Part::Masquerade => f.write_str("masquerade fully-random"),
            Part::Drop => f.write_str("drop"),
            Part::Reject => f.write_str("reject"),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.parts.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            part.fmt(f)?;
        }
        self.comment.as_ref().map_or(Ok(()), |comment| write!(f, " comment \"{comment}\""))
    }
}
