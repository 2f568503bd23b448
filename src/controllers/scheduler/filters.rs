//! Whether a Pod can run on a node, and Kubernetes' words when it cannot. The first plugin that says no decides.
//!
//! Source: `pkg/scheduler/framework/plugins/{nodeunschedulable,nodename,tainttoleration,nodeaffinity,nodeports,noderesources}`.

use super::nodes::{Amounts, NodeInfo, pod_requests};
use super::pod_affinity::PodAffinity;
use super::spread::Spread;
use super::tolerations::{UNSCHEDULABLE, any_tolerates, has_untolerated};
use super::{node_affinity, nodes::Nodes};
use crate::api::node::Taint;
use crate::api::pod::{ContainerPort, PodSpec};
use crate::api::{Node, Pod};
use crate::controllers::Cache;

/// A plugin's no.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    /// Who says it.
    pub plugin: &'static str,
    /// Why, in Kubernetes' words.
    pub reasons: Vec<String>,
    /// Whether removing other Pods from the node could help.
    pub resolvable: bool,
    /// Whether it was said of the Pod, before any node was looked at.
    pub of_pod: bool,
}

fn never(plugin: &'static str, reason: &str) -> Option<Rejection> {
    Some(Rejection { plugin, reasons: vec![reason.into()], resolvable: false, of_pod: false })
}

fn not_now(plugin: &'static str, reason: &str) -> Option<Rejection> {
    Some(Rejection { plugin, reasons: vec![reason.into()], resolvable: true, of_pod: false })
}

/// A claim that a Pod's volume names: the lab has none.
pub fn missing_claim(pod: &Pod) -> Option<Rejection> {
    let claim = pod.spec.volumes.iter().find_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str())?;
    let of_set = pod.meta.controller().is_some_and(|owner| owner.kind == "StatefulSet") && claim.ends_with(&pod.meta.name);
    let reason = match of_set {
        // A StatefulSet makes its claims; nothing here binds them to a volume.
        true => "pod has unbound immediate PersistentVolumeClaims".to_string(),
        false => format!("persistentvolumeclaim {claim:?} not found"),
    };
    Some(Rejection { plugin: "VolumeBinding", reasons: vec![reason], resolvable: false, of_pod: true })
}

/// All filters for one Pod, with what they computed once for all nodes.
pub struct Filters<'a> {
    pod: &'a Pod,
    requests: Amounts,
    spread: Spread,
    affinity: PodAffinity,
}

impl<'a> Filters<'a> {
    /// The filters of a Pod.
    pub fn new(pod: &'a Pod, nodes: &Nodes, cache: &Cache) -> Filters<'a> {
        Filters {
            pod,
            requests: pod_requests(pod),
            spread: Spread::required(pod, nodes),
            affinity: PodAffinity::new(pod, nodes, cache),
        }
    }

    /// The first no for this node, if there is one.
    pub fn reject(&self, node: &Node, info: &NodeInfo) -> Option<Rejection> {
        let spec = &self.pod.spec;
        let cordon = Taint { key: UNSCHEDULABLE.into(), effect: "NoSchedule".into(), ..Taint::default() };
        if node.spec.unschedulable && !any_tolerates(&spec.tolerations, &cordon) {
            return never("NodeUnschedulable", "node(s) were unschedulable");
        }
        if has_untolerated(&node.spec.taints, &spec.tolerations) {
            return never("TaintToleration", "node(s) had untolerated taint(s)");
        }
        if !node_affinity::required(self.pod, node) {
            return never("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
        }
        if ports_conflict(spec, info) {
            return not_now("NodePorts", "node(s) didn't have free ports for the requested pod ports");
        }
        if let Some(rejection) = self.fit(info) {
            return Some(rejection);
        }
        let why = "node(s) didn't match pod topology spread constraints";
        match self.spread.allows(self.pod, node) {
            Err(super::spread::No::MissingLabel) => {
                return never("PodTopologySpread", &format!("{why} (missing required label)"));
            }
            Err(super::spread::No::Skew) => return not_now("PodTopologySpread", why),
            Ok(()) => {}
        }
        use super::pod_affinity::No;
        match self.affinity.allows(node) {
            Err(No::Affinity) => never("InterPodAffinity", "node(s) didn't match pod affinity rules"),
            Err(No::AntiAffinity) => not_now("InterPodAffinity", "node(s) didn't match pod anti-affinity rules"),
            Err(No::Existing) => not_now("InterPodAffinity", "node(s) didn't satisfy existing pods anti-affinity rules"),
            Ok(()) => None,
        }
    }

    /// NodeResourcesFit: every resource that is short is named.
    fn fit(&self, info: &NodeInfo) -> Option<Rejection> {
        let (mut reasons, mut resolvable) = (vec![], true);
        if info.pods.len() as i64 + 1 > info.allocatable("pods") {
            reasons.push("Too many pods".to_string());
        }
        for (resource, wanted) in &self.requests {
            let offered = info.allocatable(resource);
            let used = info.requested.get(resource).copied().unwrap_or(0);
            if *wanted > 0 && *wanted > offered - used {
                reasons.push(format!("Insufficient {resource}"));
                resolvable &= *wanted <= offered;
            }
        }
        (!reasons.is_empty()).then_some(Rejection { plugin: "NodeResourcesFit", reasons, resolvable, of_pod: false })
    }
}

fn host_ports(spec: &PodSpec) -> impl Iterator<Item = &ContainerPort> {
    spec.containers.iter().flat_map(|c| &c.ports).filter(|p| p.host_port > 0)
}

fn ports_conflict(spec: &PodSpec, info: &NodeInfo) -> bool {
    let any = |ip: &str| ip.is_empty() || ip == "0.0.0.0";
    host_ports(spec).any(|wanted| {
        info.pods.values().flat_map(|pod| host_ports(&pod.spec)).any(|taken| {
            let address = any(&wanted.host_ip) || any(&taken.host_ip) || wanted.host_ip == taken.host_ip;
            address && wanted.host_port == taken.host_port && wanted.protocol == taken.protocol
        })
    })
}
