//! Virtual servers and the real servers behind them.

use crate::node::proxy::port::Protocol;
use crate::time::Nanos;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};

/// Address, protocol and port.
pub type Server = (Ipv4Addr, Protocol, u16);

/// The scheduler of `--ipvs-scheduler`'s default: one after another.
pub const ROUND_ROBIN: &str = "rr";

/// What a Service port wants of a virtual server.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerSpec {
    /// Its address.
    pub server: Server,
    /// How long a client stays with its real server, seconds.
    pub persistence: Option<u32>,
    /// The endpoints, sorted.
    pub reals: Vec<SocketAddrV4>,
}

/// A real server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RealServer {
    /// Its address.
    pub address: SocketAddrV4,
    /// 1; 0: it gets no new connections and goes when it has none left.
    pub weight: u32,
    /// Since when the weight is 0.
    pub leaving_since: Option<Nanos>,
}

/// A virtual server.
#[derive(Clone, Debug, Default)]
pub struct VirtualServer {
    /// How long a client stays with its real server, seconds.
    pub persistence: Option<u32>,
    /// In the kernel's order: the one added last comes first.
    pub reals: Vec<RealServer>,
}

impl VirtualServer {
    /// Makes the real servers those of `spec`. TCP servers that are wanted no more stay with weight 0; others go at once.
    pub fn update(&mut self, spec: &ServerSpec, now: Nanos) {
        self.persistence = spec.persistence;
        let graceful = spec.server.1 == Protocol::Tcp;
        self.reals.retain(|real| graceful || spec.reals.contains(&real.address));
        for real in &mut self.reals {
            let wanted = spec.reals.contains(&real.address);
            real.weight = u32::from(wanted);
            real.leaving_since = if wanted { None } else { real.leaving_since.or(Some(now)) };
        }
        for address in &spec.reals {
            if !self.reals.iter().any(|real| real.address == *address) {
                self.reals.insert(0, RealServer { address: *address, weight: 1, leaving_since: None });
            }
        }
    }

    /// The next real server after `last` that takes connections, in turn.
    pub fn next(&self, last: Option<SocketAddrV4>) -> Option<&RealServer> {
        let after = last.and_then(|l| self.reals.iter().position(|r| r.address == l)).map_or(0, |i| i + 1);
        let (before, rest) = self.reals.split_at(after.min(self.reals.len()));
        rest.iter().chain(before).find(|real| real.weight > 0)
    }
}

/// Which real server of each virtual server was chosen last: state of one node's scheduler.
pub type RoundRobin = BTreeMap<Server, SocketAddrV4>;
