//! A name looked up as the client's resolver would, and why it leads nowhere.

use super::{Cause, Finding, Weight, behind, selector, way, words};
use crate::api::{Key, Kind, Object, Service};
use crate::cluster::Cluster;
use crate::network::dns::ZONE;
use crate::node::proxy::Protocol;
use crate::traffic::Url;
use std::net::{Ipv4Addr, SocketAddrV4};

/// The addresses that a host leads to, and what is wrong on the way to them.
pub fn look_up(cluster: &Cluster, asker: &way::Asker, url: &Url) -> (Vec<Ipv4Addr>, Vec<Finding>) {
    if let Ok(ip) = url.host.parse() {
        return (vec![ip], vec![]);
    }
    let Some(resolver) = &asker.resolver else {
        return (vec![], vec![words::name_from_outside(cluster, url, service_of(cluster, &asker.namespace, &url.host))]);
    };
    if let Some(ip) = resolver.host(&url.host) {
        return (vec![ip], vec![]);
    }
    if !resolver.asks_cluster {
        return (vec![], vec![words::other_resolver(url)]);
    }
    let mut found = dns_itself(cluster, asker);
    if found.iter().any(|f| f.weight == Weight::All) {
        return (vec![], found);
    }
    let names = resolver.candidates(&url.host);
    for name in &names {
        let addresses = cluster.dns().known(name, cluster.now());
        if !addresses.is_empty() {
            return (addresses, found);
        }
    }
    found.extend(nowhere(cluster, &asker.namespace, &url.host, &names));
    (vec![], found)
}

/// Whether queries reach cluster DNS: it is a Service like any other.
fn dns_itself(cluster: &Cluster, asker: &way::Asker) -> Vec<Finding> {
    let Ok(ip) = crate::cluster::DNS_ADDRESS.parse::<Ipv4Addr>() else { return vec![] };
    let (found, _) = way::judge(cluster, asker, Protocol::Udp, SocketAddrV4::new(ip, 53));
    let worst = found.into_iter().filter(|f| f.weight != Weight::Note).min_by_key(|f| f.weight);
    worst.map(words::dns_unreachable).into_iter().collect()
}

/// Namespace and name of the Service that a host means, if it is of that form: `web`, `web.shop`, `web.shop.svc…`.
fn parts(namespace: &str, host: &str) -> Option<Key> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let inner = host.strip_suffix(ZONE).map_or(host.as_str(), |h| h.trim_end_matches('.'));
    let labels: Vec<&str> = inner.split('.').collect();
    match labels.as_slice() {
        [service] => Some(Key::new(namespace, service)),
        [service, other] | [service, other, "svc"] => Some(Key::new(other, service)),
        [_, service, other, "svc"] => Some(Key::new(other, service)),
        _ => None,
    }
}

fn service_of<'a>(cluster: &'a Cluster, namespace: &str, host: &str) -> Option<&'a Service> {
    cluster.api().get::<Service>(&parts(namespace, host)?).map(|s| &**s)
}

/// Why no candidate of a host has an address.
fn nowhere(cluster: &Cluster, namespace: &str, host: &str, names: &[String]) -> Vec<Finding> {
    let Some(key) = parts(namespace, host) else { return vec![words::foreign_name(host)] };
    let Some(service) = cluster.api().get::<Service>(&key) else {
        let known = cluster.api().store().list(Kind::Namespace, None).map(Object::key).any(|n| *n.name == *key.namespace);
        if !known && host.contains('.') {
            return vec![words::no_such_namespace(host, &key)];
        }
        let mut finding = selector::no_such_service(cluster, &key);
        finding.cause = if finding.cause == Cause::WrongNamespace { Cause::WrongNamespace } else { Cause::NoSuchName };
        return vec![finding];
    };
    if service.spec.type_ == "ExternalName" {
        let mut finding = words::external_name(service);
        finding.weight = Weight::All;
        return vec![finding];
    }
    if service.spec.is_headless() && behind::ready_count(cluster, &key) == 0 {
        let mut found = behind::findings(cluster, service);
        found.push(words::headless_empty(service));
        return found;
    }
    vec![words::dns_is_behind(host, cluster.dns().cached_for(names, cluster.now()))]
}
