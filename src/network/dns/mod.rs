//! Cluster DNS: CoreDNS' kubernetes and cache plugins over its own, delayed view of Services and EndpointSlices (§9), and the
//! resolver of a Pod that asks it.
//!
//! Corefile: `ttl 30`, `cache 30`, `pods insecure`. An answer, also a negative one, is kept for 30 s, as in the recordings
//! (a Service made anew under its old name is known by its old address until then). Names outside the zone are asked of no one:
//! the lab's world has no other servers.

mod config;
mod message;
mod resolver;
mod zone;

pub use config::Resolver;
pub use message::{Code, Data, Record, Response, Type};
pub use resolver::{Lookup, LookupError};

use crate::api::{EndpointSlice, Key, Service};
use crate::time::{Nanos, SECOND};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::rc::Rc;

/// The zone of the cluster.
pub const ZONE: &str = "cluster.local";
/// Seconds that records and negative answers may be kept (plugin kubernetes, `ttl 30`; its default without that line is 5).
pub const TTL: u32 = 30;
/// How long CoreDNS itself keeps answers (plugin cache, `cache 30`).
pub const CACHE: Nanos = 30 * SECOND;
/// More answers than this are not kept (plugin cache, default capacity).
const CACHE_LIMIT: usize = 9_984;

/// What CoreDNS knows.
#[derive(Clone, Debug, Default)]
pub struct CoreDns {
    services: BTreeMap<Key, Rc<Service>>,
    slices: BTreeMap<Key, Rc<EndpointSlice>>,
    by_service: BTreeMap<Key, BTreeSet<Key>>,
    by_cluster_ip: BTreeMap<Ipv4Addr, Key>,
    namespaces: BTreeSet<String>,
    cache: BTreeMap<(String, Type), (Nanos, Rc<Response>)>,
}

fn cluster_ip(service: &Service) -> Option<Ipv4Addr> {
    service.spec.cluster_ip.parse().ok()
}

impl CoreDns {
    /// The watch delivered a Service, or (`None`) that it is gone.
    pub fn set_service(&mut self, key: Key, service: Option<&Rc<Service>>) {
        if let Some(old) = self.services.remove(&key).as_deref().and_then(cluster_ip) {
            self.by_cluster_ip.remove(&old);
        }
        let Some(service) = service else { return };
        if let Some(ip) = cluster_ip(service) {
            self.by_cluster_ip.insert(ip, key.clone());
        }
        self.services.insert(key, service.clone());
    }

    /// The watch delivered a namespace, or that it is gone.
    pub fn set_namespace(&mut self, name: &str, exists: bool) {
        if exists {
            self.namespaces.insert(name.to_string());
        } else {
            self.namespaces.remove(name);
        }
    }

    /// The watch delivered an EndpointSlice, or (`None`) that it is gone.
    pub fn set_slice(&mut self, key: Key, slice: Option<&Rc<EndpointSlice>>) {
        let owner = |s: &EndpointSlice| s.meta.labels.get("kubernetes.io/service-name").map(|n| Key::new(&s.meta.namespace, n));
        if let Some(old) = self.slices.remove(&key).as_deref().and_then(owner)
            && let Some(set) = self.by_service.get_mut(&old)
        {
            set.remove(&key);
        }
        if let Some(slice) = slice {
            if let Some(owner) = owner(slice) {
                self.by_service.entry(owner).or_default().insert(key.clone());
            }
            self.slices.insert(key, slice.clone());
        }
    }

    /// The answer that the cache has for a question, with what is left of its time.
    fn cached(&self, name: &str, type_: Type, now: Nanos) -> Option<(Nanos, &Response)> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let (until, kept) = self.cache.get(&(name, type_)).filter(|(until, _)| *until > now)?;
        Some((until - now, kept))
    }

    /// The addresses that a question about an absolute name would be answered with at `now`; nothing is remembered of it.
    pub fn known(&self, name: &str, now: Nanos) -> Vec<Ipv4Addr> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        match self.cached(&name, Type::A, now) {
            Some((_, kept)) => kept.addresses(),
            None => self.look_up(&name, Type::A).addresses(),
        }
    }

    /// For how long the first of these names that has no address is still answered so from the cache.
    pub fn cached_for(&self, names: &[String], now: Nanos) -> Option<Nanos> {
        names.iter().find_map(|name| {
            let (left, response) = self.cached(name, Type::A, now)?;
            response.addresses().is_empty().then_some(left)
        })
    }

    /// Answers a question about an absolute name (with or without the last dot), from the cache if it is there: then the
    /// records may be kept only for what is left of their time.
    pub fn ask(&mut self, name: &str, type_: Type, now: Nanos) -> Response {
        if let Some((left, kept)) = self.cached(name, type_, now) {
            let mut response = kept.clone();
            response.answers.iter_mut().for_each(|r| r.ttl = r.ttl.min(left.div_ceil(SECOND) as u32));
            return response;
        }
        let place = (name.trim_end_matches('.').to_ascii_lowercase(), type_);
        let response = self.look_up(&place.0, type_);
        if self.cache.len() >= CACHE_LIMIT {
            self.cache.retain(|_, (until, _)| *until > now);
        }
        if self.cache.len() < CACHE_LIMIT {
            self.cache.insert(place, (now + CACHE, Rc::new(response.clone())));
        }
        response
    }
}
