//! A packet that asks for a connection, and what a node's rules made of it.

use super::port::Protocol;
use super::steps::Steps;
use crate::time::{Nanos, Stream};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// Where a packet comes from, seen from the node whose rules decide it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A Pod on this node.
    Pod,
    /// A process on the node itself.
    Node,
    /// It arrived at the node's interface: from outside, or from another node or its Pods.
    Outside,
}

/// The first packet of a connection (conntrack state NEW).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Its protocol.
    pub protocol: Protocol,
    /// Who asks.
    pub source: SocketAddrV4,
    /// Who is asked.
    pub destination: SocketAddrV4,
    /// Where it comes from.
    pub origin: Origin,
}

/// How likely something is, as an exact fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    /// Chances for it.
    pub numerator: u32,
    /// Of so many; never 0.
    pub denominator: u32,
}

impl Fraction {
    /// Ten decimals, rounded (`0.3333333333`), as kube-proxy writes it.
    pub fn decimals(self) -> String {
        const SCALE: u64 = 10_000_000_000;
        let denominator = u64::from(self.denominator.max(1));
        let value = (u64::from(self.numerator) * SCALE + denominator / 2) / denominator;
        format!("{}.{:010}", value / SCALE, value % SCALE)
    }
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No rule wanted it: it goes to the address it was sent to.
    Accept {
        /// Whether its source becomes the node's address.
        masquerade: bool,
    },
    /// It goes to an endpoint.
    Dnat {
        /// The endpoint's address.
        ip: Ipv4Addr,
        /// The endpoint's port.
        port: u16,
        /// Whether its source becomes the node's address.
        masquerade: bool,
    },
    /// Answered with ICMP port unreachable: the client sees "connection refused" at once.
    Reject,
    /// Thrown away without a word: the client times out.
    Drop,
}

/// A verdict and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// What becomes of the packet.
    pub verdict: Verdict,
    /// The rules on its way; empty unless they were asked for.
    pub steps: Steps,
}

/// How many client addresses one `recent` list keeps (xt_recent's `ip_list_tot`); the one unused longest makes room.
const RECENT_LIST_SIZE: usize = 100;

/// Which client went where and when: session affinity of one node. Lists are named by the rules.
#[derive(Clone, Debug, Default)]
pub struct Affinity {
    lists: BTreeMap<Rc<str>, BTreeMap<Ipv4Addr, Nanos>>,
}

impl Affinity {
    /// Whether the list saw the client at most `seconds` ago.
    pub fn check(&self, list: &str, client: Ipv4Addr, seconds: u32, now: Nanos) -> bool {
        let seen = self.lists.get(list).and_then(|l| l.get(&client));
        seen.is_some_and(|at| now.saturating_sub(*at) <= u64::from(seconds) * crate::time::SECOND)
    }

    /// Notes that the client came now; `limit` is how many clients the list keeps.
    pub fn set(&mut self, list: &Rc<str>, client: Ipv4Addr, now: Nanos, limit: usize) {
        if !self.lists.contains_key(list) {
            self.lists.insert(list.clone(), BTreeMap::new());
        }
        let Some(clients) = self.lists.get_mut(list) else { return };
        if clients.len() >= limit && !clients.contains_key(&client) {
            let oldest = clients.iter().min_by_key(|(ip, at)| (**at, **ip)).map(|(ip, _)| *ip);
            oldest.and_then(|ip| clients.remove(&ip));
        }
        clients.insert(client, now);
    }

    /// Notes it in an iptables `recent` list.
    pub fn set_recent(&mut self, list: &Rc<str>, client: Ipv4Addr, now: Nanos) {
        self.set(list, client, now, RECENT_LIST_SIZE);
    }

    /// Forgets lists that no rule names any more.
    pub fn retain(&mut self, named: impl Fn(&str) -> bool) {
        self.lists.retain(|name, _| named(name));
    }

    /// Forgets one list.
    pub fn forget(&mut self, list: &str) {
        self.lists.remove(list);
    }

    /// Which clients a list knows, with the moment they came last.
    pub fn clients(&self, list: &str) -> impl Iterator<Item = (Ipv4Addr, Nanos)> + '_ {
        self.lists.get(list).into_iter().flatten().map(|(ip, at)| (*ip, *at))
    }
}

/// What walking may use of the world.
pub struct WalkEnv<'a> {
    /// Virtual time.
    pub now: Nanos,
    /// Where chance comes from.
    pub random: &'a mut Stream,
    /// This node's session affinity.
    pub affinity: &'a mut Affinity,
    /// Which real server was chosen last (ipvs mode).
    pub round_robin: &'a mut super::ipvs::RoundRobin,
    /// The node whose rules these are.
    pub node: &'a super::NodeInfo,
    /// Whether to list the rules on the way (slower).
    pub trace: bool,
}
