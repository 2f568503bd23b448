//! Endpoints as kube-proxy sees them: the slices of a Service merged per port, without duplicates, sorted.
//! Follows `pkg/proxy/endpointslicecache.go`.

use super::port::{PortName, Protocol};
use crate::api::{EndpointSlice, Key};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// One address and port behind a Service port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its address.
    pub ip: Ipv4Addr,
    /// Its port.
    pub port: u16,
    /// `ip:port`: the order of endpoints is the order of these texts.
    pub text: Rc<str>,
    /// The node it runs on; empty when unknown.
    pub node: Rc<str>,
    /// Whether that is this kube-proxy's node.
    pub local: bool,
    /// Condition ready.
    pub ready: bool,
    /// Condition serving.
    pub serving: bool,
    /// Condition terminating.
    pub terminating: bool,
    /// Zones that should use it.
    pub zone_hints: Vec<Rc<str>>,
    /// Nodes that should use it.
    pub node_hints: Vec<Rc<str>>,
    /// The name of its iptables chain, once somebody has asked for it.
    pub chain: ChainName,
}

/// A name that is a hash, kept with what it is the hash of.
#[derive(Clone, Debug, Default)]
pub struct ChainName(OnceCell<Rc<str>>);

impl ChainName {
    /// The name; `hash` works it out, always the same.
    pub fn get(&self, hash: impl FnOnce() -> Rc<str>) -> Rc<str> {
        self.0.get_or_init(hash).clone()
    }
}

/// It says nothing that the endpoint does not say.
impl PartialEq for ChainName {
    fn eq(&self, _: &ChainName) -> bool {
        true
    }
}

impl Eq for ChainName {}

/// The endpoints of one port, sorted by `ip:port` as text.
pub type Endpoints = Rc<[Rc<Endpoint>]>;

/// What a slice says: per port name and protocol its endpoints in the order of the slice.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SliceInfo {
    ports: Vec<(Rc<str>, Protocol, Vec<Rc<Endpoint>>)>,
}

fn hints<T>(list: Option<&[T]>, name: impl Fn(&T) -> &str) -> Vec<Rc<str>> {
    list.unwrap_or_default().iter().map(|h| Rc::from(name(h))).collect()
}

impl SliceInfo {
    /// The same, with the endpoints of an earlier reading where they have not changed.
    pub fn sharing(mut self, earlier: &SliceInfo) -> SliceInfo {
        for (name, protocol, new) in &mut self.ports {
            // An endpoint's chain is named after its port, too.
            let Some((_, _, old)) = earlier.ports.iter().find(|p| (&p.0, p.1) == (&*name, *protocol)) else { continue };
            let old: BTreeMap<&str, &Rc<Endpoint>> = old.iter().map(|e| (&*e.text, e)).collect();
            for endpoint in new {
                if let Some(same) = old.get(&*endpoint.text).filter(|o| ****o == **endpoint) {
                    *endpoint = (*same).clone();
                }
            }
        }
        self
    }
}

/// Reads a slice. Ports without a number and addresses of another family say nothing.
pub fn read_slice(slice: &EndpointSlice, node: &str) -> SliceInfo {
    let mut info = SliceInfo::default();
    for port in &slice.ports {
        let number = port.port.and_then(|n| u16::try_from(n).ok()).filter(|n| *n != 0);
        let protocol = Protocol::parse(port.protocol.as_deref().unwrap_or_default());
        let (Some(number), Some(protocol)) = (number, protocol) else { continue };
        let endpoints = slice.endpoints.iter().filter_map(|e| {
            let ip: Ipv4Addr = e.addresses.first()?.parse().ok()?;
            let of = e.node_name.as_deref().unwrap_or_default();
            let hint = e.hints.as_ref();
            Some(Rc::new(Endpoint {
                ip,
                port: number,
                text: format!("{ip}:{number}").into(),
                node: of.into(),
                local: !of.is_empty() && of == node,
                ready: e.conditions.is_ready(),
                serving: e.conditions.is_serving(),
                terminating: e.conditions.is_terminating(),
                zone_hints: hints(hint.map(|h| &h.for_zones[..]), |z| &z.name),
                node_hints: hints(hint.map(|h| &h.for_nodes[..]), |n| &n.name),
                chain: ChainName::default(),
            }))
        });
        info.ports.push((port.name.as_deref().unwrap_or_default().into(), protocol, endpoints.collect()));
    }
    info
}

/// Merges the slices of one Service, in the order of their names: of equal addresses one that is not terminating
/// replaces what was read before.
pub fn merge<'a>(service: &Key, slices: impl Iterator<Item = &'a SliceInfo>) -> BTreeMap<PortName, Endpoints> {
    let mut ports: BTreeMap<PortName, BTreeMap<Rc<str>, Rc<Endpoint>>> = BTreeMap::new();
    for (port, protocol, endpoints) in slices.flat_map(|s| &s.ports) {
        let name = PortName { service: service.clone(), port: port.clone(), protocol: *protocol };
        let merged = ports.entry(name).or_default();
        for endpoint in endpoints {
            if !endpoint.terminating || !merged.contains_key(&endpoint.text) {
                merged.insert(endpoint.text.clone(), endpoint.clone());
            }
        }
    }
    ports.into_iter().map(|(name, merged)| (name, merged.into_values().collect())).collect()
}
