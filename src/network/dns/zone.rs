//! What the cluster's zone says about a name: the records of Services, endpoints, Pods and addresses (schema 1.1.0 of the
//! Kubernetes DNS specification; CoreDNS' plugin kubernetes).

use super::message::{Data, Record, Response, Type};
use super::{CoreDns, TTL, ZONE};
use crate::api::discovery::Endpoint;
use crate::api::{EndpointSlice, Key, Service};
use std::net::Ipv4Addr;

/// Aliases that lead to aliases are followed this far.
const MAX_ALIASES: usize = 7;
/// Seconds that the version of the schema may be kept.
const VERSION_TTL: u32 = 28_800;

/// A target of SRV records, before it has its weight.
type Target = (u16, String);

impl CoreDns {
    pub(super) fn look_up(&self, name: &str, type_: Type) -> Response {
        self.follow(name, type_, 0)
    }

    fn follow(&self, name: &str, type_: Type, aliases: usize) -> Response {
        if let Some(reversed) = name.strip_suffix(".in-addr.arpa") {
            return self.reverse(name, reversed, type_);
        }
        let Some(rest) = name.strip_suffix(ZONE).and_then(|r| if r.is_empty() { Some("") } else { r.strip_suffix('.') }) else {
            return Response::nx_domain();
        };
        let labels: Vec<&str> = if rest.is_empty() { vec![] } else { rest.split('.').collect() };
        match labels.as_slice() {
            [] | ["svc" | "pod"] => Response::no_data(),
            ["dns-version"] => match type_ {
                Type::Txt => one(name, VERSION_TTL, Data::Txt("1.1.0".into())),
                _ => Response::no_data(),
            },
            [namespace, "svc" | "pod"] if self.namespaces.contains(*namespace) => Response::no_data(),
            [service, namespace, "svc"] => self.service(name, &Key::new(namespace, service), type_, aliases),
            [host, service, namespace, "svc"] => self.endpoint(name, &Key::new(namespace, service), host, type_),
            [port, protocol, service, namespace, "svc"] => {
                self.named_port(name, &Key::new(namespace, service), port, protocol, type_)
            }
            [address, namespace, "pod"] => self.pod(name, namespace, address, type_),
            _ => Response::nx_domain(),
        }
    }

    fn service(&self, name: &str, key: &Key, type_: Type, aliases: usize) -> Response {
        let Some(service) = self.services.get(key) else { return Response::nx_domain() };
        if service.spec.type_ == "ExternalName" {
            return self.alias(name, &service.spec.external_name, type_, aliases);
        }
        let headless = service.spec.is_headless();
        let hosts: Vec<(String, Ipv4Addr)> = if headless { self.hosts(key).collect() } else { vec![] };
        if headless && hosts.is_empty() {
            return Response::nx_domain();
        }
        match type_ {
            Type::A if headless => addresses(name, hosts.into_iter().map(|(_, ip)| ip).collect()),
            Type::A => addresses(name, service.spec.cluster_ip.parse().into_iter().collect()),
            Type::Srv => ports(name, self.targets(key, service, |_, _| true)),
            _ => Response::no_data(),
        }
    }

    /// An ExternalName leads on to a name that may be in the zone; outside nobody answers.
    fn alias(&self, name: &str, target: &str, type_: Type, aliases: usize) -> Response {
        if !matches!(type_, Type::A | Type::Cname) {
            return Response::no_data();
        }
        let target = target.trim_end_matches('.').to_ascii_lowercase();
        let mut response = one(name, TTL, Data::Cname(target.clone()));
        if type_ == Type::A && aliases < MAX_ALIASES {
            response.answers.extend(self.follow(&target, type_, aliases + 1).answers);
        }
        response
    }

    /// The ready endpoints of a Service and the slices that they are in.
    fn ready(&self, service: &Key) -> impl Iterator<Item = (&EndpointSlice, &Endpoint)> {
        let slices = self.by_service.get(service).into_iter().flatten().filter_map(|k| self.slices.get(k));
        slices.flat_map(|s| s.endpoints.iter().filter(|e| e.conditions.is_ready()).map(move |e| (&**s, e)))
    }

    /// The names and addresses of its ready endpoints.
    fn hosts(&self, service: &Key) -> impl Iterator<Item = (String, Ipv4Addr)> {
        self.ready(service).flat_map(|(_, e)| hosts(e))
    }

    /// One endpoint of a Service, headless or not, by its hostname or its address with dashes.
    fn endpoint(&self, name: &str, key: &Key, host: &str, type_: Type) -> Response {
        let known = self.services.get(key).is_some_and(|s| s.spec.type_ != "ExternalName");
        let found: Vec<Ipv4Addr> = self.hosts(key).filter(|(h, _)| known && h == host).map(|(_, ip)| ip).collect();
        match type_ {
            _ if found.is_empty() => Response::nx_domain(),
            Type::A => addresses(name, found),
            Type::Srv => {
                let targets = self.ready(key).flat_map(|(slice, e)| {
                    let mine = hosts(e).any(|(h, _)| h == host);
                    numbers(slice, |_, _| true).filter(move |_| mine).map(|port| (port, name.to_string()))
                });
                ports(name, targets.collect())
            }
            _ => Response::no_data(),
        }
    }

    /// `_http._tcp.web…`: the ports of that name and protocol, or the addresses that have them. CoreDNS needs no underscores.
    fn named_port(&self, name: &str, key: &Key, port: &str, protocol: &str, type_: Type) -> Response {
        let plain = |label: &str| label.strip_prefix('_').unwrap_or(label).to_string();
        let (port, protocol) = (plain(port), plain(protocol));
        let Some(service) = self.services.get(key).filter(|s| s.spec.type_ != "ExternalName") else {
            return Response::nx_domain();
        };
        let wanted = |n: &str, p: &str| n.eq_ignore_ascii_case(&port) && p.eq_ignore_ascii_case(&protocol);
        let targets = self.targets(key, service, wanted);
        match type_ {
            _ if targets.is_empty() => Response::nx_domain(),
            Type::Srv => ports(name, targets),
            Type::A if service.spec.is_headless() => {
                let with = self.ready(key).filter(|(slice, _)| numbers(slice, wanted).next().is_some());
                addresses(name, with.flat_map(|(_, e)| hosts(e)).map(|(_, ip)| ip).collect())
            }
            Type::A => addresses(name, service.spec.cluster_ip.parse().into_iter().collect()),
            _ => Response::no_data(),
        }
    }

    /// Ports of a Service, by name and protocol: its own for one with a ClusterIP, those of its endpoints for a headless one.
    fn targets(&self, key: &Key, service: &Service, wanted: impl Fn(&str, &str) -> bool + Copy) -> Vec<Target> {
        let own = format!("{}.{}.svc.{ZONE}", key.name, key.namespace);
        if !service.spec.is_headless() {
            let ports = service.spec.ports.iter().filter(|p| wanted(&p.name, &p.protocol));
            return ports.filter_map(|p| Some((u16::try_from(p.port).ok()?, own.clone()))).collect();
        }
        let of = |(slice, e): (&EndpointSlice, &Endpoint)| -> Vec<Target> {
            let names: Vec<String> = hosts(e).map(|(host, _)| format!("{host}.{own}")).collect();
            numbers(slice, wanted).flat_map(|port| names.iter().map(move |name| (port, name.clone()))).collect()
        };
        self.ready(key).flat_map(of).collect()
    }

    /// `pods insecure`: any well-formed address of a namespace that exists.
    fn pod(&self, name: &str, namespace: &str, address: &str, type_: Type) -> Response {
        let ip = address.replace('-', ".").parse().ok().filter(|_| self.namespaces.contains(namespace));
        match (ip, type_) {
            (None, _) => Response::nx_domain(),
            (Some(ip), Type::A) => addresses(name, vec![ip]),
            _ => Response::no_data(),
        }
    }

    /// The names of an address: the Service whose ClusterIP it is, or every endpoint that has it.
    fn reverse(&self, name: &str, reversed: &str, type_: Type) -> Response {
        let parts: Vec<&str> = reversed.split('.').rev().collect();
        let Ok(ip) = parts.join(".").parse::<Ipv4Addr>() else { return Response::nx_domain() };
        let names: Vec<String> = match self.by_cluster_ip.get(&ip) {
            Some(key) => vec![format!("{}.{}.svc.{ZONE}", key.name, key.namespace)],
            None => {
                let all = self.services.keys().flat_map(|key| self.hosts(key).map(move |host| (key, host)));
                let mine = all.filter(|(_, (_, address))| *address == ip);
                mine.map(|(key, (host, _))| format!("{host}.{}.{}.svc.{ZONE}", key.name, key.namespace)).collect()
            }
        };
        match type_ {
            _ if names.is_empty() => Response::nx_domain(),
            Type::Ptr => records(name, names.into_iter().map(Data::Ptr)),
            _ => Response::no_data(),
        }
    }
}

fn records(name: &str, data: impl Iterator<Item = Data>) -> Response {
    let answers = data.map(|data| Record { name: name.to_string(), ttl: TTL, data }).collect();
    Response { answers, ..Response::no_data() }
}

fn one(name: &str, ttl: u32, data: Data) -> Response {
    Response { answers: vec![Record { name: name.to_string(), ttl, data }], ..Response::no_data() }
}

fn addresses(name: &str, ips: Vec<Ipv4Addr>) -> Response {
    records(name, ips.into_iter().map(Data::A))
}

/// SRV records: all have the same share.
fn ports(name: &str, targets: Vec<Target>) -> Response {
    let weight = (100 / targets.len().max(1)).max(1) as u16;
    records(name, targets.into_iter().map(|(port, target)| Data::Srv { weight, port, target }))
}

/// The names under which an endpoint is known, with its addresses.
fn hosts(endpoint: &Endpoint) -> impl Iterator<Item = (String, Ipv4Addr)> {
    let host = endpoint.hostname.as_deref().filter(|h| !h.is_empty());
    let of = move |a: &String| Some((host.map_or_else(|| a.replace('.', "-"), str::to_string), a.parse().ok()?));
    endpoint.addresses.iter().filter_map(of)
}

/// The ports of a slice, by name and protocol.
fn numbers(slice: &EndpointSlice, wanted: impl Fn(&str, &str) -> bool) -> impl Iterator<Item = u16> {
    slice.ports.iter().filter_map(move |p| {
        let named = wanted(p.name.as_deref().unwrap_or_default(), p.protocol.as_deref().unwrap_or("TCP"));
        named.then(|| p.port.and_then(|n| u16::try_from(n).ok())).flatten()
    })
}
