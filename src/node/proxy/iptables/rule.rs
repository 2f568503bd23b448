//! One iptables rule: what it asks of a packet, in the order of its text, and what it does.

use crate::node::proxy::cidr::Cidr;
use crate::node::proxy::ipvs::IpSet;
use crate::node::proxy::packet::Fraction;
use crate::node::proxy::port::Protocol;
use std::fmt;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// A connection's states as `--ctstate` names them, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CtState(pub u8);

impl CtState {
    /// The first packet of a connection.
    pub const NEW: CtState = CtState(1);
    /// Belongs to another connection.
    pub const RELATED: CtState = CtState(2);
    /// A later packet.
    pub const ESTABLISHED: CtState = CtState(4);
    /// The destination was rewritten.
    pub const DNAT: CtState = CtState(8);
    /// Fits no connection.
    pub const INVALID: CtState = CtState(16);

    const NAMES: [(CtState, &'static str); 5] = [
        (CtState::INVALID, "INVALID"),
        (CtState::NEW, "NEW"),
        (CtState::RELATED, "RELATED"),
        (CtState::ESTABLISHED, "ESTABLISHED"),
        (CtState::DNAT, "DNAT"),
    ];

    /// Both sets together.
    pub const fn or(self, other: CtState) -> CtState {
        CtState(self.0 | other.0)
    }

    /// Whether they share a state.
    pub fn meets(self, other: CtState) -> bool {
        self.0 & other.0 != 0
    }
}

/// An address or a range in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Net {
    /// Printed without a length.
    Host(Ipv4Addr),
    /// Printed with its length.
    Range(Cidr),
}

impl Net {
    /// Whether the address lies in it.
    pub fn contains(self, ip: Ipv4Addr) -> bool {
        match self {
            Net::Host(host) => host == ip,
            Net::Range(range) => range.contains(ip),
        }
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Net::Host(ip) => ip.fmt(f),
            Net::Range(range) => range.fmt(f),
        }
    }
}

/// One thing that a rule asks of a packet, or a note.
#[derive(Clone, Debug, PartialEq)]
pub enum Match {
    /// For the reader.
    Comment(Rc<str>),
    /// The protocol.
    Protocol(Protocol),
    /// The source address.
    Source(Net),
    /// Any other source address.
    NotSource(Net),
    /// The destination address.
    Destination(Net),
    /// Any other destination address.
    NotDestination(Net),
    /// The destination port.
    DestinationPort(u16),
    /// The source is one of the node's own addresses.
    SourceLocal,
    /// The destination is one of the node's own addresses.
    DestinationLocal,
    /// The connection is in one of these states.
    CtState(CtState),
    /// The connection is in none of these states.
    NotCtState(CtState),
    /// This bit of the mark is set.
    Mark(u32),
    /// This bit of the mark is not set.
    NotMark(u32),
    /// Chance.
    Random(Fraction),
    /// The source is on this list since at most so many seconds.
    RecentCheck(Rc<str>, u32),
    /// Puts the source on this list.
    RecentSet(Rc<str>),
    /// The packet is in this set (ipvs mode).
    IpSet(IpSet),
    /// Counts packets under a name.
    Nfacct(&'static str),
}

/// Another chain: its name and, once in a table, its place there.
#[derive(Clone, Debug, PartialEq)]
pub struct Jump {
    /// The chain's name.
    pub chain: Rc<str>,
    /// Its place in the table.
    pub slot: u32,
}

/// What a rule does with a packet that it matches.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Nothing: the next rule is asked.
    Nothing,
    /// Asks another chain, then goes on if that has no answer.
    Jump(Jump),
    /// Back to the chain that asked.
    Return,
    /// Lets it pass.
    Accept,
    /// Throws it away.
    Drop,
    /// Answers port unreachable.
    Reject,
    /// Rewrites the destination.
    Dnat(Ipv4Addr, u16),
    /// Sets bits of the mark.
    MarkOr(u32),
    /// Flips bits of the mark.
    MarkXor(u32),
    /// Rewrites the source to the node's address.
    Masquerade,
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What it asks, in the order of its text.
    pub matches: Vec<Match>,
    /// What it does.
    pub target: Target,
}

impl Rule {
    /// Its chance, if it has one.
    pub fn probability(&self) -> Option<Fraction> {
        self.matches.iter().find_map(|m| if let Match::Random(f) = m { Some(*f) } else { None })
    }

    /// Whether chance or session affinity decides it: what a trace shows even when it does not apply.
    pub fn is_choice(&self) -> bool {
        self.matches.iter().any(|m| matches!(m, Match::Random(_) | Match::RecentCheck(..)))
    }

    /// Its chance, if nothing else decides whether it applies.
    pub fn chance_alone(&self) -> Option<Fraction> {
        let decides = |m: &Match| !matches!(m, Match::Comment(_) | Match::Nfacct(_) | Match::Random(_));
        self.probability().filter(|_| !self.matches.iter().any(decides))
    }

    /// Its comment.
    pub fn comment(&self) -> &str {
        self.matches.iter().find_map(|m| if let Match::Comment(c) = m { Some(&**c) } else { None }).unwrap_or_default()
    }
}

fn states(f: &mut fmt::Formatter<'_>, set: CtState) -> fmt::Result {
    let mut separator = "";
    for (state, name) in CtState::NAMES {
        if set.meets(state) {
            write!(f, "{separator}{name}")?;
            separator = ",";
        }
    }
    Ok(())
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Match::Comment(text) if text.contains(' ') => write!(f, "-m comment --comment \"{text}\""),
            Match::Comment(text) => write!(f, "-m comment --comment {text}"),
            Match::Protocol(p) => write!(f, "-m {0} -p {0}", p.name()),
            Match::Source(net) => write!(f, "-s {net}"),
            Match::NotSource(net) => write!(f, "! -s {net}"),
            Match::Destination(net) => write!(f, "-d {net}"),
            Match::NotDestination(net) => write!(f, "! -d {net}"),
            Match::DestinationPort(port) => write!(f, "--dport {port}"),
            Match::SourceLocal => f.write_str("-m addrtype --src-type LOCAL"),
            Match::DestinationLocal => f.write_str("-m addrtype --dst-type LOCAL"),
            Match::CtState(set) => f.write_str("-m conntrack --ctstate ").and_then(|()| states(f, *set)),
            Match::NotCtState(set) => f.write_str("-m conntrack ! --ctstate ").and_then(|()| states(f, *set)),
            Match::Mark(bit) => write!(f, "-m mark --mark {bit:#x}/{bit:#x}"),
            Match::NotMark(bit) => write!(f, "-m mark ! --mark {bit:#x}/{bit:#x}"),
            Match::Random(chance) => write!(f, "-m statistic --mode random --probability {}", chance.decimals()),
            Match::RecentCheck(list, seconds) => write!(f, "-m recent --name {list} --rcheck --seconds {seconds} --reap"),
            Match::RecentSet(list) => write!(f, "-m recent --name {list} --set"),
            Match::IpSet(set) => write!(f, "-m set --match-set {} {}", set.name(), set.directions()),
            Match::Nfacct(name) => write!(f, "-m nfacct --nfacct-name {name}"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Nothing => Ok(()),
            Target::Jump(jump) => write!(f, "-j {}", jump.chain),
            Target::Return => f.write_str("-j RETURN"),
            Target::Accept => f.write_str("-j ACCEPT"),
            Target::Drop => f.write_str("-j DROP"),
            Target::Reject => f.write_str("-j REJECT"),
            Target::Dnat(ip, port) => write!(f, "-j DNAT --to-destination {ip}:{port}"),
            Target::MarkOr(bits) => write!(f, "-j MARK --or-mark {bits:#x}"),
            Target::MarkXor(bits) => write!(f, "-j MARK --xor-mark {bits:#x}"),
            Target::Masquerade => f.write_str("-j MASQUERADE --random-fully"),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.matches.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            part.fmt(f)?;
        }
        if self.target != Target::Nothing && !self.matches.is_empty() {
            f.write_str(" ")?;
        }
        self.target.fmt(f)
    }
}
