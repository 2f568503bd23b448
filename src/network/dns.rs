//! Cluster DNS: CoreDNS' kubernetes and cache plugins over its own, delayed view of Services and EndpointSlices (§9).

use crate::api::{EndpointSlice, Key, Service};
use crate::time::{Nanos, SECOND};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::rc::Rc;

/// The zone of the cluster.
pub const ZONE: &str = "cluster.local";
/// How long answers are kept (Corefile: `ttl 30`, `cache 30`).
pub const CACHE: Nanos = 30 * SECOND;
/// More names than this are not kept.
const CACHE_LIMIT: usize = 10_000;

/// What a name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Addresses.
    Addresses(Vec<Ipv4Addr>),
    /// The name exists, without an address.
    NoData,
    /// There is no such name.
    NxDomain,
}

/// What CoreDNS knows.
#[derive(Clone, Debug, Default)]
pub struct CoreDns {
    services: BTreeMap<Key, Rc<Service>>,
    slices: BTreeMap<Key, Rc<EndpointSlice>>,
    by_service: BTreeMap<Key, BTreeSet<Key>>,
    namespaces: BTreeSet<String>,
    cache: BTreeMap<String, (Nanos, Answer)>,
}

impl CoreDns {
    /// The watch delivered a Service, or (`None`) that it is gone.
    pub fn set_service(&mut self, key: Key, service: Option<&Rc<Service>>) {
        match service {
            Some(service) => drop(self.services.insert(key, service.clone())),
            None => drop(self.services.remove(&key)),
        }
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

    /// Answers a query for the addresses of an absolute name (without the last dot), from the cache if it is there.
    pub fn query(&mut self, name: &str, now: Nanos) -> Answer {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if let Some((until, answer)) = self.cache.get(&name)
            && *until > now
        {
            return answer.clone();
        }
        let answer = self.look_up(&name);
        if self.cache.len() >= CACHE_LIMIT {
            self.cache.retain(|_, (until, _)| *until > now);
        }
        if self.cache.len() < CACHE_LIMIT {
            self.cache.insert(name, (now + CACHE, answer.clone()));
        }
        answer
    }

    /// What a query for an absolute name would be answered at `now`; nothing is remembered of it.
    pub fn known(&self, name: &str, now: Nanos) -> Answer {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let cached = self.cache.get(&name).filter(|(until, _)| *until > now);
        cached.map_or_else(|| self.look_up(&name), |(_, answer)| answer.clone())
    }

    /// For how long a host's first name without an address is still answered so from the cache.
    pub fn cached_for(&self, host: &str, namespace: &str, now: Nanos) -> Option<Nanos> {
        let kept = candidates(host, namespace).into_iter().filter_map(|name| self.cache.get(&name));
        let empty = kept.filter(|(until, answer)| *until > now && !matches!(answer, Answer::Addresses(_)));
        empty.map(|(until, _)| until - now).next()
    }

    fn look_up(&self, name: &str) -> Answer {
        // Names outside the zone would be asked of upstream servers; the lab's world has none.
        let Some(rest) = name.strip_suffix(ZONE).and_then(|r| if r.is_empty() { Some("") } else { r.strip_suffix('.') }) else {
            return Answer::NxDomain;
        };
        let labels: Vec<&str> = if rest.is_empty() { vec![] } else { rest.split('.').collect() };
        match labels.as_slice() {
            [] | ["svc" | "pod"] => Answer::NoData,
            [namespace, "svc" | "pod"] => self.namespace(namespace),
            [service, namespace, "svc"] => self.service(namespace, service),
            [host, service, namespace, "svc"] => self.endpoint(namespace, service, host),
            [address, namespace, "pod"] => self.pod(namespace, address),
            _ => Answer::NxDomain,
        }
    }

    fn namespace(&self, name: &str) -> Answer {
        if self.namespaces.contains(name) { Answer::NoData } else { Answer::NxDomain }
    }

    fn service(&self, namespace: &str, name: &str) -> Answer {
        let key = Key::new(namespace, name);
        let Some(service) = self.services.get(&key) else { return Answer::NxDomain };
        if service.spec.type_ == "ExternalName" {
            return self.alias(&service.spec.external_name);
        }
        if service.spec.is_headless() {
            let addresses: Vec<Ipv4Addr> = self.ready(&key).map(|(_, ip)| ip).collect();
            return if addresses.is_empty() { Answer::NxDomain } else { Answer::Addresses(addresses) };
        }
        match service.spec.cluster_ip.parse() {
            Ok(ip) => Answer::Addresses(vec![ip]),
            Err(_) => Answer::NxDomain,
        }
    }

    /// An ExternalName leads on: inside the zone we know where to, outside nobody answers.
    fn alias(&self, target: &str) -> Answer {
        let target = target.trim_end_matches('.');
        if target.ends_with(ZONE) && self.services.values().all(|s| s.spec.external_name.trim_end_matches('.') != target) {
            return self.look_up(target);
        }
        Answer::NxDomain
    }

    /// Ready endpoints of a Service: the host name they answer to, and their address.
    fn ready(&self, key: &Key) -> impl Iterator<Item = (String, Ipv4Addr)> {
        let slices = self.by_service.get(key).into_iter().flatten().filter_map(|k| self.slices.get(k));
        slices.flat_map(|s| &s.endpoints).filter(|e| e.conditions.is_ready()).flat_map(|e| {
            let host = e.hostname.clone();
            e.addresses.iter().filter_map(move |a| Some((host.clone().unwrap_or_else(|| a.replace('.', "-")), a.parse().ok()?)))
        })
    }

    fn endpoint(&self, namespace: &str, service: &str, host: &str) -> Answer {
        let key = Key::new(namespace, service);
        if !self.services.get(&key).is_some_and(|s| s.spec.is_headless()) {
            return Answer::NxDomain;
        }
        let addresses: Vec<Ipv4Addr> = self.ready(&key).filter(|(h, _)| h == host).map(|(_, ip)| ip).collect();
        if addresses.is_empty() { Answer::NxDomain } else { Answer::Addresses(addresses) }
    }

    /// `pods insecure`: any well-formed address of a namespace that exists.
    fn pod(&self, namespace: &str, address: &str) -> Answer {
        match address.replace('-', ".").parse() {
            Ok(ip) if self.namespaces.contains(namespace) => Answer::Addresses(vec![ip]),
            _ => Answer::NxDomain,
        }
    }
}

/// The absolute names that a resolver with `search NS.svc.ZONE svc.ZONE ZONE` and `ndots:5` tries, in order.
pub fn candidates(name: &str, namespace: &str) -> Vec<String> {
    if let Some(absolute) = name.strip_suffix('.') {
        return vec![absolute.to_string()];
    }
    let searched = [format!("{namespace}.svc.{ZONE}"), format!("svc.{ZONE}"), ZONE.to_string()].map(|s| format!("{name}.{s}"));
    let as_is = std::iter::once(name.to_string());
    if name.matches('.').count() >= 5 { as_is.chain(searched).collect() } else { searched.into_iter().chain(as_is).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_searched_before_they_are_asked_as_they_are() {
        assert_eq!(candidates("web", "a")[0], "web.a.svc.cluster.local");
        assert_eq!(candidates("web.b", "a")[1], "web.b.svc.cluster.local");
        assert_eq!(candidates("web.b.svc.cluster.local", "a")[3], "web.b.svc.cluster.local");
        assert_eq!(candidates("a.b.c.d.e.f", "x")[0], "a.b.c.d.e.f");
        assert_eq!(candidates("web.", "x"), ["web"]);
    }
}
