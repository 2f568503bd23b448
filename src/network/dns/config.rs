//! What a Pod's resolver goes by: the names in its `/etc/hosts`, and its `/etc/resolv.conf`
//! (`pkg/kubelet/network/dns/dns.go`, `pkg/kubelet/kubelet_pods.go`).

use super::ZONE;
use crate::api::Pod;
use serde_json::Value;
use std::net::Ipv4Addr;

/// Names with fewer dots are searched for before they are asked as they are (`ndots:5`).
const NDOTS: usize = 5;
/// The same without an option (resolv.conf(5)).
const PLAIN_NDOTS: usize = 1;
/// More search domains than this are left out.
const MAX_SEARCHES: usize = 32;
/// A host name has no more letters.
const MAX_HOSTNAME: usize = 63;

/// How a Pod turns names into addresses.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolver {
    hosts: Vec<(String, Ipv4Addr)>,
    searches: Vec<String>,
    ndots: usize,
    /// Whether questions go to cluster DNS. If not (the node's own resolver, or another server), nobody knows the cluster's names.
    pub asks_cluster: bool,
}

impl Resolver {
    /// dnsPolicy ClusterFirst in a namespace, as most Pods have it.
    pub fn cluster_first(namespace: &str) -> Resolver {
        let searches = vec![format!("{namespace}.svc.{ZONE}"), format!("svc.{ZONE}"), ZONE.to_string()];
        Resolver { hosts: vec![], searches, ndots: NDOTS, asks_cluster: true }
    }

    /// The resolver of a Pod with that address; `server`: the address of cluster DNS.
    pub fn of(pod: &Pod, ip: Ipv4Addr, server: Ipv4Addr) -> Resolver {
        let (spec, config) = (&pod.spec, pod.spec.dns_config.as_ref());
        let strings = |field: &str| -> Vec<String> {
            let list = config.and_then(|c| c.get(field)).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect()
        };
        let mut resolver = match spec.dns_policy.as_str() {
            "None" => {
                let asks_cluster = strings("nameservers").contains(&server.to_string());
                Resolver { hosts: vec![], searches: vec![], ndots: PLAIN_NDOTS, asks_cluster }
            }
            "Default" => Resolver { hosts: vec![], searches: vec![], ndots: PLAIN_NDOTS, asks_cluster: false },
            // A Pod in its node's network gets the node's resolver, unless it says that it means cluster DNS all the same.
            "ClusterFirst" | "" if spec.host_network => {
                Resolver { hosts: vec![], searches: vec![], ndots: PLAIN_NDOTS, asks_cluster: false }
            }
            _ => Resolver::cluster_first(&pod.meta.namespace),
        };
        for search in strings("searches") {
            if !resolver.searches.contains(&search) && resolver.searches.len() < MAX_SEARCHES {
                resolver.searches.push(search);
            }
        }
        let options = config.and_then(|c| c.get("options")).and_then(Value::as_array).into_iter().flatten();
        let ndots = options.filter(|o| o.get("name").and_then(Value::as_str) == Some("ndots"));
        if let Some(n) = ndots.filter_map(|o| o.get("value")?.as_str()?.parse().ok()).next_back() {
            resolver.ndots = n;
        }
        resolver.hosts = hosts(pod, ip);
        resolver
    }

    /// The address that `/etc/hosts` gives for a name.
    pub fn host(&self, name: &str) -> Option<Ipv4Addr> {
        let name = name.strip_suffix('.').unwrap_or(name);
        self.hosts.iter().find(|(host, _)| host.eq_ignore_ascii_case(name)).map(|(_, ip)| *ip)
    }

    /// The lines of `/etc/hosts` that matter here.
    pub fn hosts(&self) -> &[(String, Ipv4Addr)] {
        &self.hosts
    }

    /// `/etc/resolv.conf` of a Pod that asks `server`.
    pub fn text(&self, server: Ipv4Addr) -> String {
        let searches = self.searches.join(" ");
        let options = if self.ndots == PLAIN_NDOTS { String::new() } else { format!("options ndots:{}\n", self.ndots) };
        let search = if searches.is_empty() { String::new() } else { format!("search {searches}\n") };
        format!("{search}nameserver {server}\n{options}")
    }

    /// The absolute names that are asked for, in order; none if cluster DNS is not asked.
    pub fn candidates(&self, name: &str) -> Vec<String> {
        if !self.asks_cluster {
            return vec![];
        }
        if let Some(absolute) = name.strip_suffix('.') {
            return vec![absolute.to_string()];
        }
        let searched = self.searches.iter().map(|s| format!("{name}.{s}"));
        let as_is = std::iter::once(name.to_string());
        if name.matches('.').count() >= self.ndots { as_is.chain(searched).collect() } else { searched.chain(as_is).collect() }
    }
}

/// What the kubelet writes into `/etc/hosts`: a Pod in its node's network has the node's file, which knows no Pod.
fn hosts(pod: &Pod, ip: Ipv4Addr) -> Vec<(String, Ipv4Addr)> {
    let spec = &pod.spec;
    let mut hosts = vec![("localhost".to_string(), Ipv4Addr::LOCALHOST)];
    if !spec.host_network {
        let name = if spec.hostname.is_empty() { &pod.meta.name } else { &spec.hostname };
        let name: String = name.chars().take(MAX_HOSTNAME).collect();
        if !spec.subdomain.is_empty() {
            hosts.push((format!("{name}.{}.{}.svc.{ZONE}", spec.subdomain, pod.meta.namespace), ip));
        }
        hosts.push((name, ip));
    }
    for alias in &spec.host_aliases {
        let Some(ip) = alias.get("ip").and_then(Value::as_str).and_then(|ip| ip.parse().ok()) else { continue };
        let names = alias.get("hostnames").and_then(Value::as_array).into_iter().flatten();
        hosts.extend(names.filter_map(Value::as_str).map(|name| (name.to_string(), ip)));
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::codec::Decoder;
    use crate::api::{Kind, Object};
    use serde_json::json;
    use std::rc::Rc;

    fn of(spec: Value) -> Resolver {
        let mut spec = spec;
        spec["containers"] = json!([{"name": "c", "image": "busybox:1.37"}]);
        let value = json!({"metadata": {"name": "client", "namespace": "shop"}, "spec": spec});
        let object = Object::decode(Kind::Pod, &value, &mut Decoder::default()).expect("a Pod");
        let pod: Rc<Pod> = object.as_::<Pod>().expect("a Pod").clone();
        Resolver::of(&pod, Ipv4Addr::new(10, 244, 1, 9), Ipv4Addr::new(10, 96, 0, 10))
    }

    #[test]
    fn names_are_searched_before_they_are_asked_as_they_are() {
        let names = |name| Resolver::cluster_first("a").candidates(name);
        assert_eq!(names("web")[0], "web.a.svc.cluster.local");
        assert_eq!(names("web.b")[1], "web.b.svc.cluster.local");
        assert_eq!(names("web.b.svc.cluster.local")[3], "web.b.svc.cluster.local");
        assert_eq!(names("a.b.c.d.e.f")[0], "a.b.c.d.e.f");
        assert_eq!(names("web."), ["web"]);
    }

    #[test]
    fn the_policy_says_who_is_asked() {
        assert_eq!(of(json!({})).candidates("web")[0], "web.shop.svc.cluster.local");
        assert!(of(json!({"dnsPolicy": "Default"})).candidates("web").is_empty());
        assert!(of(json!({"hostNetwork": true, "dnsPolicy": "ClusterFirst"})).candidates("web").is_empty());
        let all_the_same = of(json!({"hostNetwork": true, "dnsPolicy": "ClusterFirstWithHostNet"}));
        assert_eq!(all_the_same.candidates("web")[0], "web.shop.svc.cluster.local");
        let own = json!({"nameservers": ["10.96.0.10"], "searches": ["x.svc.cluster.local"],
            "options": [{"name": "ndots", "value": "2"}]});
        let own = of(json!({"dnsPolicy": "None", "dnsConfig": own}));
        assert_eq!(own.candidates("web"), ["web.x.svc.cluster.local", "web"]);
        assert_eq!(own.candidates("a.b.c")[0], "a.b.c");
        assert_eq!(
            own.text(Ipv4Addr::new(10, 96, 0, 10)),
            "search x.svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:2\n"
        );
        let more = of(json!({"dnsConfig": {"searches": ["corp.example"]}}));
        assert_eq!(more.candidates("web")[3..], ["web.corp.example", "web"]);
    }

    #[test]
    fn etc_hosts_knows_the_pod_itself_and_its_aliases() {
        let ip = Some(Ipv4Addr::new(10, 244, 1, 9));
        let plain = of(json!({}));
        assert_eq!((plain.host("localhost"), plain.host("CLIENT"), plain.host("web")), (Some(Ipv4Addr::LOCALHOST), ip, None));
        let named = of(json!({"hostname": "alpha", "subdomain": "db"}));
        assert_eq!((named.host("alpha"), named.host("alpha.db.shop.svc.cluster.local."), named.host("client")), (ip, ip, None));
        let aliased = of(json!({"hostAliases": [{"ip": "192.0.2.77", "hostnames": ["old", "older"]}]}));
        assert_eq!(aliased.host("older"), Some(Ipv4Addr::new(192, 0, 2, 77)));
    }
}
