//! The elements of sets and maps, and who put them there.

use super::rule::Map;
use crate::node::proxy::port::{PortName, Protocol};
use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// What a map says.
#[derive(Clone, Debug, PartialEq)]
pub enum MapVerdict {
    /// The chain decides.
    Goto(Rc<str>),
    /// Thrown away, for the Service in the comment.
    Drop(Rc<str>),
    /// Rejected, for the Service in the comment.
    Reject(Rc<str>),
}

/// One element.
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    /// Of the set `cluster-ips`.
    ClusterIp(Ipv4Addr),
    /// Of the set `hairpin-connections`: an endpoint of this node.
    Hairpin(Ipv4Addr, Protocol, u16),
    /// Of a map. The address does not count in maps of node ports.
    Map(Map, Destination, MapVerdict),
}

/// Where a packet goes: address (unspecified in maps of node ports), protocol, port.
pub type Destination = (Ipv4Addr, Protocol, u16);

impl Element {
    /// The set or map that it belongs to.
    pub fn container(&self) -> &'static str {
        match self {
            Element::ClusterIp(_) => super::rule::Set::ClusterIps.name(),
            Element::Hairpin(..) => "hairpin-connections",
            Element::Map(map, ..) => map.name(),
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Element::ClusterIp(ip) => ip.fmt(f),
            Element::Hairpin(ip, protocol, port) => write!(f, "{ip} . {ip} . {} . {port}", protocol.name()),
            Element::Map(map, (ip, protocol, port), verdict) => {
                if map.by_address() {
                    write!(f, "{ip} . ")?;
                }
                write!(f, "{} . {port}", protocol.name())?;
                match verdict {
                    MapVerdict::Goto(chain) => write!(f, " : goto {chain}"),
                    MapVerdict::Drop(who) => write!(f, " comment \"{who}\" : drop"),
                    MapVerdict::Reject(who) => write!(f, " comment \"{who}\" : goto reject-chain"),
                }
            }
        }
    }
}

/// Elements by key. An element stays as long as one Service port wants it; of several verdicts the first port's counts.
#[derive(Clone, Debug)]
pub struct Owned<K, V> {
    by_key: BTreeMap<K, BTreeMap<Rc<PortName>, V>>,
}

impl<K: Ord + Clone, V> Owned<K, V> {
    fn add(&mut self, key: K, owner: &Rc<PortName>, value: V) {
        self.by_key.entry(key).or_default().insert(owner.clone(), value);
    }

    fn remove(&mut self, key: &K, owner: &PortName) {
        let Some(owners) = self.by_key.get_mut(key) else { return };
        owners.remove(owner);
        if owners.is_empty() {
            self.by_key.remove(key);
        }
    }

    fn get(&self, key: &K) -> Option<&V> {
        self.by_key.get(key)?.values().next()
    }
}

/// All elements of the table that Services put there.
#[derive(Clone, Debug)]
pub struct Elements {
    cluster_ips: Owned<Ipv4Addr, ()>,
    hairpins: Owned<Destination, ()>,
    maps: Owned<(Map, Destination), MapVerdict>,
}

impl Default for Elements {
    fn default() -> Self {
        Elements {
            cluster_ips: Owned { by_key: BTreeMap::new() },
            hairpins: Owned { by_key: BTreeMap::new() },
            maps: Owned { by_key: BTreeMap::new() },
        }
    }
}

impl Elements {
    /// Adds an element for a Service port.
    pub fn add(&mut self, element: &Element, owner: &Rc<PortName>) {
        match element {
            Element::ClusterIp(ip) => self.cluster_ips.add(*ip, owner, ()),
            Element::Hairpin(ip, protocol, port) => self.hairpins.add((*ip, *protocol, *port), owner, ()),
            Element::Map(map, to, verdict) => self.maps.add((*map, *to), owner, verdict.clone()),
        }
    }

    /// Takes away what a Service port added.
    pub fn remove(&mut self, element: &Element, owner: &PortName) {
        match element {
            Element::ClusterIp(ip) => self.cluster_ips.remove(ip, owner),
            Element::Hairpin(ip, protocol, port) => self.hairpins.remove(&(*ip, *protocol, *port), owner),
            Element::Map(map, to, _) => self.maps.remove(&(*map, *to), owner),
        }
    }

    /// Whether the address is a ClusterIP.
    pub fn is_cluster_ip(&self, ip: Ipv4Addr) -> bool {
        self.cluster_ips.get(&ip).is_some()
    }

    /// Whether it is an endpoint of this node.
    pub fn is_hairpin(&self, to: Destination) -> bool {
        self.hairpins.get(&to).is_some()
    }

    /// What a map says of a destination.
    pub fn lookup(&self, map: Map, (ip, protocol, port): Destination) -> Option<&MapVerdict> {
        let ip = if map.by_address() { ip } else { Ipv4Addr::UNSPECIFIED };
        self.maps.get(&(map, (ip, protocol, port)))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.cluster_ips.by_key.len() + self.hairpins.by_key.len() + self.maps.by_key.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All elements.
    pub fn iter(&self) -> impl Iterator<Item = Element> + '_ {
        let cluster_ips = self.cluster_ips.by_key.keys().map(|ip| Element::ClusterIp(*ip));
        let hairpins = self.hairpins.by_key.keys().map(|(ip, protocol, port)| Element::Hairpin(*ip, *protocol, *port));
        let maps = self.maps.by_key.iter();
        let maps = maps.filter_map(|((map, to), owners)| Some(Element::Map(*map, *to, owners.values().next()?.clone())));
        cluster_ips.chain(hairpins).chain(maps)
    }
}
