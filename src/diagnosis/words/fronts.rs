//! The way to a Service: names, addresses, ports, rules.

use super::*;
use crate::api::{Kind, Object};
use crate::cluster::Cluster;
use crate::time::{MILLISECOND, Nanos, SECOND};
use std::net::SocketAddrV4;

/// How a Service is reached from inside and from outside, as the way out of a wrong address.
fn right_way(cluster: &Cluster, service: &Service, found: Finding) -> Finding {
    let port = service.spec.ports.first();
    let node = cluster.settings.nodes.first().map_or(String::new(), |n| n.address.to_string());
    match port.map(|p| p.node_port) {
        Some(door) if door != 0 => found.fix(format!("Ask a node: http://{node}:{door}/"), ""),
        _ => found.fix("Open a node port, then ask any node at that port", patch(service, "{\"type\":\"NodePort\"}")),
    }
}

/// `http://web:8080/`, or without the port where it is 80.
fn inside_url(service: &Service) -> String {
    let port = service.spec.ports.first().map_or(80, |p| p.port);
    let port = if port == 80 { String::new() } else { format!(":{port}") };
    format!("http://{}.{}{port}/", service.meta.name, service.meta.namespace)
}

pub fn cluster_ip_from_outside(cluster: &Cluster, service: &Service) -> Finding {
    let (name, at) = of(service);
    let title = format!(
        "{} is the cluster address of Service {name}: it exists only in the rules of the nodes, and no machine outside has a way to it.",
        service.spec.cluster_ip
    );
    right_way(
        cluster,
        service,
        finding(Cause::ClusterIpFromOutside, Weight::All, title).show(format!("kubectl get service {name}{at}")),
    )
}

pub fn name_from_outside(cluster: &Cluster, url: &Url, service: Option<&Service>) -> Finding {
    let title = format!("Machines outside the cluster do not ask its DNS: nobody there knows the name {}.", url.host);
    let found = finding(Cause::NameFromOutside, Weight::All, title).show("kubectl get services");
    match service {
        Some(service) => right_way(cluster, service, found),
        None => found,
    }
}

/// A Pod that has its node's resolver, or one of its own.
pub fn other_resolver(url: &Url) -> Finding {
    let title = format!("This Pod does not ask cluster DNS: the resolver that it has does not know the name {}.", url.host);
    finding(Cause::OtherResolver, Weight::All, title)
        .seen(
            "A Pod in its node's network (hostNetwork) gets the node's resolver unless its dnsPolicy is ClusterFirstWithHostNet.",
        )
        .show("kubectl get pods -o custom-columns=NAME:.metadata.name,HOSTNETWORK:.spec.hostNetwork,DNS:.spec.dnsPolicy")
        .fix("Make the Pod anew with dnsPolicy: ClusterFirstWithHostNet (ClusterFirst, if it is not in its node's network)", "")
}

pub fn pod_ip_from_outside(to: SocketAddrV4) -> Finding {
    finding(
        Cause::PodIpFromOutside,
        Weight::All,
        format!("{} is a Pod address: it is routed between the nodes only, not outside.", to.ip()),
    )
    .show("kubectl get pods -A -o wide")
    .fix("Ask a node at the Service's node port", "")
}

pub fn nobody_has(to: SocketAddrV4, node: Option<&str>) -> Finding {
    let Some(node) = node else {
        return finding(
            Cause::NobodyHasTheAddress,
            Weight::All,
            format!("{} belongs to no Pod, no node and no Service.", to.ip()),
        )
        .show("kubectl get pods,services,nodes -A -o wide");
    };
    finding(
        Cause::NobodyHasTheAddress,
        Weight::All,
        format!("No Pod has {} any more: the address went with its Pod, and {node} says there is no such host.", to.ip()),
    )
    .seen("Pods come and go and their addresses with them. A Service's address stays.")
    .show("kubectl get pods -A -o wide")
    .fix("Ask for the Service's name", "")
}

pub fn not_a_node_port(cluster: &Cluster, to: SocketAddrV4) -> Finding {
    let services = || cluster.api().store().list(Kind::Service, None).filter_map(Object::as_::<Service>);
    let mut doors = vec![];
    for service in services() {
        let ports = service.spec.ports.iter().filter(|p| p.node_port != 0);
        doors.extend(ports.map(|p| format!("{} (Service {})", p.node_port, service.meta.name)));
    }
    let title = format!("{} is a node's address, and nothing on the node is asked at port {}.", to.ip(), to.port());
    let found = finding(Cause::NotANodePort, Weight::All, title).show("kubectl get services -A");
    if !doors.is_empty() {
        return found.seen(format!("Node ports: {}.", doors.join(", "))).fix("Ask for one of the node ports", "");
    }
    let inner = services().find(|s| {
        s.spec.type_ == "ClusterIP" && s.meta.name != "kubernetes" && !s.spec.is_headless() && s.meta.namespace != "kube-system"
    });
    match inner {
        Some(service) => {
            let (name, _) = of(service);
            let command = patch(service, "{\"type\":\"NodePort\"}");
            found
                .seen(format!("Service {name} is of type ClusterIP: it has no node port."))
                .fix("Open a node port, then ask for that", command)
        }
        None => found,
    }
}

pub fn no_such_port(service: &Service, port: i32) -> Finding {
    let (name, at) = of(service);
    let ports: Vec<String> = service.spec.ports.iter().map(|p| p.port.to_string()).collect();
    let target = service.spec.ports.iter().find(|p| p.target_port == crate::api::IntOrString::Int(port));
    let found =
        finding(Cause::NoSuchPort, Weight::All, format!("Service {name} has no port {port}. It has: {}.", ports.join(", ")))
            .show(format!("kubectl get service {name}{at}"))
            .fix(format!("Ask for {}", inside_url(service)), "");
    match target {
        Some(p) => found.seen(format!("{port} is the port of its Pods (targetPort); the Service itself is asked at {}.", p.port)),
        None => found,
    }
}

pub fn node_port_on_cluster_ip(cluster: &Cluster, service: &Service, port: i32) -> Finding {
    let (name, at) = of(service);
    let title =
        format!("{port} is the node port of Service {name}: it is open on the nodes' addresses, not on the Service's own.");
    let found = finding(Cause::NodePortOnClusterIp, Weight::All, title)
        .show(format!("kubectl get service {name}{at}"))
        .fix(format!("Inside the cluster ask for {}", inside_url(service)), "");
    right_way(cluster, service, found)
}

pub fn local_policy(cluster: &Cluster, service: &Service, node: &str, outside: bool) -> Finding {
    let (name, at) = of(service);
    let (field, who) = if outside { ("externalTrafficPolicy", "from outside") } else { ("internalTrafficPolicy", "from Pods") };
    let key = Key::new(&service.meta.namespace, &service.meta.name);
    let mut nodes: Vec<&str> = crate::diagnosis::behind::ready(cluster, &key).filter_map(|e| e.node_name.as_deref()).collect();
    nodes.sort_unstable();
    nodes.dedup();
    finding(
        Cause::LocalPolicy,
        Weight::All,
        format!(
            "Service {name} has {field} Local: what comes {who} to {node} may only go to Pods on {node}, and there is none ready."
        ),
    )
    .seen(format!("Nodes with ready Pods: {}.", if nodes.is_empty() { "none".into() } else { nodes.join(", ") }))
    .show(format!("kubectl get pods{at} -o wide"))
    .show(format!("kubectl describe service {name}{at}"))
    .fix("Let every node send to all Pods", patch(service, &format!("{{\"{field}\":\"Cluster\"}}")))
}

pub fn rules_behind(service: &Service, node: &str, lag: Option<Nanos>, weight: Weight) -> Finding {
    let (name, at) = of(service);
    let since = match lag {
        Some(lag) if lag > 0 => format!("its rules have waited {} ms to be written", lag / MILLISECOND),
        Some(_) => "it is cut off from the API server".into(),
        None => "the news has not reached it".into(),
    };
    finding(Cause::RulesBehind, weight, format!("kube-proxy on {node} still has an older list for Service {name}: {since}."))
        .seen("Every node learns of changes by itself, a little later than the API server; this passes.")
        .show(format!("kubectl get endpointslices{at} -l kubernetes.io/service-name={name}"))
}

pub fn rules_of_the_gone(node: &str, key: &Key) -> Finding {
    finding(
        Cause::RulesBehind,
        Weight::All,
        format!("Service {key} is deleted; kube-proxy on {node} has not removed its rules yet."),
    )
    .show(format!("kubectl get service {}{}", key.name, at(&key.namespace)))
}

pub fn dropped(node: &str, to: SocketAddrV4) -> Finding {
    finding(
        Cause::Dropped,
        Weight::All,
        format!("The rules of {node} throw packets to {to} away: no Service there takes them from this sender."),
    )
    .show("kubectl get services -A -o wide")
}

pub fn some_of_all(n: usize, all: usize, node: &str) -> String {
    format!("{n} of the {} that the rules of {node} choose from.", counted(all, "endpoint"))
}

pub fn service_elsewhere(asked: &Key, other: &Key) -> Finding {
    let title = format!(
        "There is no Service {} in namespace {}; there is one in namespace {}.",
        asked.name, asked.namespace, other.namespace
    );
    finding(Cause::WrongNamespace, Weight::All, title)
        .seen("A short name is looked up in the client's own namespace.")
        .show("kubectl get services -A")
        .fix(format!("Ask for {}.{}", other.name, other.namespace), "")
}

pub fn no_such_service(asked: &Key, closest: Option<&Key>, here: &[Key]) -> Finding {
    let found = finding(
        Cause::NoSuchService,
        Weight::All,
        format!("There is no Service {} in namespace {}.", asked.name, asked.namespace),
    )
    .show(format!("kubectl get services{}", at(&asked.namespace)));
    let names: Vec<&str> = here.iter().map(|k| &*k.name).collect();
    let found = if names.is_empty() { found } else { found.seen(format!("Services there: {}.", names.join(", "))) };
    match closest {
        Some(key) => found.fix(format!("Ask for {}", key.name), ""),
        None => found,
    }
}

pub fn no_such_namespace(host: &str, key: &Key) -> Finding {
    finding(
        Cause::NoSuchName,
        Weight::All,
        format!("{host} means Service {} in namespace {}, and there is no such namespace.", key.name, key.namespace),
    )
    .show("kubectl get namespaces")
}

pub fn foreign_name(host: &str) -> Finding {
    finding(Cause::NoSuchName, Weight::All, format!("{host} is no name of this cluster, and the lab has no DNS servers outside."))
        .show("kubectl get services -A")
}

pub fn dns_is_behind(host: &str, cached: Option<Nanos>) -> Finding {
    let seen = match cached {
        Some(left) => format!("CoreDNS keeps the answer \"no such name\" for another {} s.", left.div_ceil(SECOND)),
        None => "CoreDNS has not heard of the Service yet; it learns of it as everybody does, a little later.".into(),
    };
    finding(Cause::DnsIsBehind, Weight::All, format!("Cluster DNS does not know {host} yet."))
        .seen(seen)
        .show("kubectl get services -A")
}

/// Queries do not get to cluster DNS: the worst that was found on the way there.
pub fn dns_unreachable(why: Finding) -> Finding {
    let mut found = finding(Cause::DnsUnreachable, why.weight, "Names cannot be looked up: cluster DNS does not answer.".into())
        .seen(why.title)
        .show("kubectl get pods -n kube-system -l k8s-app=kube-dns -o wide");
    found.details.extend(why.details);
    found.show.extend(why.show);
    found.fixes = why.fixes;
    found
}

pub fn failed_before(bad: usize, all: usize, seconds: u64) -> Finding {
    finding(
        Cause::FailedBefore,
        Weight::Note,
        format!("{bad} of its {} in the last {seconds} s failed; a request sent now would be answered.", counted(all, "request")),
    )
    .seen("Open one of them under Request to see its way and its cause.")
}
