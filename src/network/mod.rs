//! A packet's way: addresses, routes, latency, DNS, the source address; a verdict with every hop it took.
//!
//! Promises: where a packet goes is decided by the connection table of the node it is on, or by walking that node's rules,
//! and by nothing else.
//! Must not know: controllers, the API server, the screen.

mod arrival;
pub mod dns;
mod route;

pub use route::{Arrival, Fabric, Hop, HostProcess, Route, Sender, Tracks};

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// Which node an address belongs to.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    nodes: BTreeMap<Ipv4Addr, Rc<str>>,
    gateways: BTreeMap<Ipv4Addr, Rc<str>>,
    ranges: BTreeMap<u32, (u8, Rc<str>)>,
}

impl Addresses {
    /// Adds a node with its own address and its Pod range.
    pub fn add(&mut self, node: &Rc<str>, address: Ipv4Addr, range: (Ipv4Addr, u8)) {
        self.nodes.insert(address, node.clone());
        self.gateways.insert(Ipv4Addr::from(u32::from(range.0) + 1), node.clone());
        self.ranges.insert(range.0.into(), (range.1, node.clone()));
    }

    /// Forgets a node.
    pub fn remove(&mut self, node: &str) {
        self.nodes.retain(|_, n| **n != *node);
        self.gateways.retain(|_, n| **n != *node);
        self.ranges.retain(|_, (_, n)| **n != *node);
    }

    /// The node whose main address it is: the one that machines outside can reach.
    pub fn node(&self, ip: Ipv4Addr) -> Option<&Rc<str>> {
        self.nodes.get(&ip)
    }

    /// The node that has it on one of its interfaces: its main address, or that of its Pod bridge.
    pub fn node_owning(&self, ip: Ipv4Addr) -> Option<&Rc<str>> {
        self.nodes.get(&ip).or_else(|| self.gateways.get(&ip))
    }

    /// The node whose Pod range holds it.
    pub fn node_of_pod(&self, ip: Ipv4Addr) -> Option<&Rc<str>> {
        let (base, (prefix, node)) = self.ranges.range(..=u32::from(ip)).next_back()?;
        (u32::from(ip) >> (32 - prefix) == base >> (32 - prefix)).then_some(node)
    }
}
