//! The ports between a Service and its Pods: names that no container has, numbers that nobody listens on.

use super::{Finding, Weight, words};
use crate::api::service::ServicePort;
use crate::api::{IntOrString, Pod, Service};
use crate::cluster::Cluster;
use crate::controllers::endpointslice::pods::find_port;
use std::rc::Rc;

/// The ports that a Pod's running processes listen on (or will, once they have started).
pub fn listening(cluster: &Cluster, pod: &Pod) -> Vec<u16> {
    let worker = cluster.machines().get(pod.spec.node_name.as_str()).and_then(|m| m.kubelet.pod(&pod.meta.uid));
    worker.map(|w| w.runs.iter().filter(|r| r.is_running()).filter_map(|r| r.app.port).collect()).unwrap_or_default()
}

/// What is wrong with a Service's ports at the Pods that it selects.
pub fn findings(cluster: &Cluster, service: &Service, pods: &[&Rc<Pod>]) -> Vec<Finding> {
    let ready: Vec<&Pod> = pods.iter().map(|p| &***p).filter(|p| p.is_ready() && !p.meta.is_deleting()).collect();
    if ready.is_empty() {
        return vec![];
    }
    service.spec.ports.iter().flat_map(|port| port_findings(cluster, service, port, &ready)).collect()
}

fn port_findings(cluster: &Cluster, service: &Service, port: &ServicePort, ready: &[&Pod]) -> Vec<Finding> {
    let mut found = vec![];
    if let IntOrString::Text(name) = &port.target_port {
        let without: Vec<&Pod> = ready.iter().copied().filter(|p| find_port(p, port).is_none()).collect();
        if !without.is_empty() {
            let weight = if without.len() == ready.len() { Weight::All } else { Weight::Note };
            found.push(words::port_name_missing(service, port, name, &without, weight));
        }
    }
    // The simulated processes speak TCP only; what listens on UDP is not asked here.
    if port.protocol == "UDP" || port.protocol == "SCTP" {
        return found;
    }
    let deaf = |pod: &&Pod| {
        let number = find_port(pod, port).and_then(|n| u16::try_from(n).ok());
        let up = cluster.machines().get(pod.spec.node_name.as_str()).is_some_and(|m| m.up);
        up && number.is_some_and(|n| !listening(cluster, pod).contains(&n))
    };
    let mute: Vec<&Pod> = ready.iter().copied().filter(deaf).collect();
    if let Some(first) = mute.first() {
        let weight = if mute.len() == ready.len() { Weight::All } else { Weight::Part };
        let number = find_port(first, port).unwrap_or_default();
        found.push(words::nobody_listens(service, port, number, &listening(cluster, first), &mute, weight));
    }
    found
}

/// Whether every named targetPort of a Service is a port of all these Pods.
pub fn named_everywhere(service: &Service, pods: &[&Pod]) -> bool {
    service.spec.ports.iter().all(|port| pods.iter().all(|pod| find_port(pod, port).is_some()))
}
