//! What a container knows of itself: its name, its variables, and the files that the kubelet writes for it.

use super::Ran;
use crate::api::service::ServicePort;
use crate::api::{Kind, Object, Pod, Service};
use crate::cluster::{Cluster, DNS_ADDRESS};
use crate::kubectl::exec::Executing;
use crate::network::dns::Resolver;
use crate::node::kubelet::Run;
use crate::sorting::Arrange;
use crate::time::SECOND;
use std::net::Ipv4Addr;

pub(super) fn server() -> Ipv4Addr {
    DNS_ADDRESS.parse().unwrap_or(Ipv4Addr::UNSPECIFIED)
}

fn pod(cluster: &Cluster, run: &Executing) -> Option<(Ipv4Addr, Resolver)> {
    let pod = cluster.api().get::<Pod>(&run.pod)?;
    let ip = cluster.machines().get(pod.spec.node_name.as_str())?.kubelet.pod(&pod.meta.uid)?.ip()?;
    Some((ip, Resolver::of(pod, ip, server())))
}

/// `hostname`, `hostname -i`.
pub(super) fn hostname(cluster: &Cluster, run: &Executing, args: &[String]) -> String {
    let Some(pod) = cluster.api().get::<Pod>(&run.pod) else { return String::new() };
    if args.iter().any(|a| a == "-i" || a == "-I") {
        return format!("{}\n", pod.status.pod_ip);
    }
    let spec = &pod.spec;
    let named = if spec.hostname.is_empty() { &pod.meta.name } else { &spec.hostname };
    format!("{}\n", if spec.host_network { &spec.node_name } else { named })
}

/// The variables of a container; of two with one name the later one counts.
pub(super) fn variables(cluster: &Cluster, run: &Executing, container: &Run) -> Vec<(String, String)> {
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_string();
    let host = hostname(cluster, run, &[]).trim_end().to_string();
    let mut all = vec![("PATH".to_string(), path), ("HOSTNAME".to_string(), host)];
    all.extend(container.spec.env.iter().map(|e| (e.name.clone(), e.value.clone())));
    let own = all.len();
    let links = service_links(cluster, run, container);
    all.extend(links.into_iter().filter(|(name, _)| !container.spec.env.iter().any(|e| e.name == *name)));
    all[own..].arrange();
    all
}

/// `env`, `printenv NAME`.
pub(super) fn env(cluster: &Cluster, run: &Executing, container: &Run, args: &[String]) -> String {
    let all = variables(cluster, run, container);
    match args.first() {
        Some(wanted) => {
            all.iter().rev().find(|(name, _)| name == wanted).map_or(String::new(), |(_, value)| format!("{value}\n"))
        }
        None => all.iter().map(|(name, value)| format!("{name}={value}\n")).collect(),
    }
}

/// The variables of the Services that there were when the container was started (`pkg/kubelet/envvars/envvars.go`).
fn service_links(cluster: &Cluster, run: &Executing, container: &Run) -> Vec<(String, String)> {
    let started = cluster.clock().0 - container.age(cluster.now()).map_or(0, |age| (age / SECOND) as i64);
    let links = cluster.api().get::<Pod>(&run.pod).is_none_or(|pod| pod.spec.enable_service_links != Some(false));
    let services = cluster.api().store().list(Kind::Service, None).filter_map(Object::as_::<Service>);
    let wanted = services.filter(|s| {
        let master = s.meta.namespace == "default" && s.meta.name == "kubernetes";
        let own = *s.meta.namespace == *run.pod.namespace && s.meta.creation_timestamp.0 <= started;
        (master || (links && own)) && s.spec.cluster_ip.parse::<Ipv4Addr>().is_ok()
    });
    let mut found = vec![];
    for service in wanted {
        let (name, ip) = (upper(&service.meta.name), &service.spec.cluster_ip);
        let url = |port: &ServicePort| format!("{}://{ip}:{}", port.protocol.to_lowercase(), port.port);
        found.push((format!("{name}_SERVICE_HOST"), ip.clone()));
        if let Some(first) = service.spec.ports.first() {
            found.push((format!("{name}_SERVICE_PORT"), first.port.to_string()));
            found.push((format!("{name}_PORT"), url(first)));
        }
        for port in &service.spec.ports {
            if !port.name.is_empty() {
                found.push((format!("{name}_SERVICE_PORT_{}", upper(&port.name)), port.port.to_string()));
            }
            let head = format!("{name}_PORT_{}_{}", port.port, port.protocol);
            found.push((head.clone(), url(port)));
            found.push((format!("{head}_PROTO"), port.protocol.to_lowercase()));
            found.push((format!("{head}_PORT"), port.port.to_string()));
            found.push((format!("{head}_ADDR"), ip.clone()));
        }
    }
    found
}

fn upper(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}

/// `cat` of the files that the kubelet writes.
pub(super) fn cat(cluster: &Cluster, run: &Executing, args: &[String]) -> Ran {
    let Some(name) = args.first() else { return Ran::Ended(String::new(), 0) };
    let known = pod(cluster, run).and_then(|(_, resolver)| match name.as_str() {
        "/etc/resolv.conf" if resolver.asks_cluster => Some(resolver.text(server())),
        "/etc/hosts" => {
            let head = "# Kubernetes-managed hosts file.\n".to_string();
            Some(resolver.hosts().iter().fold(head, |text, (host, ip)| text + &format!("{ip}\t{host}\n")))
        }
        "/etc/hostname" => Some(hostname(cluster, run, &[])),
        _ => None,
    });
    match known {
        Some(text) => Ran::Ended(text, 0),
        None => Ran::Ended(format!("cat: can't open '{name}': No such file or directory\n"), 1),
    }
}
