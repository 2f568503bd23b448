//! What keeps one Pod from being ready, as the API server and its node know it.

use crate::api::pod::ContainerStatus;
use crate::api::{Deployment, Event, Key, Kind, Object, Pod, ReplicaSet};
use crate::cluster::Cluster;
use std::rc::Rc;

/// Why a Pod is not an endpoint. Pods with equal troubles are told together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// No node takes it: the scheduler's words.
    Unschedulable(String),
    /// An image does not come: image, reason, message.
    NoImage(String, String, String),
    /// A container ends again and again: its name, exit code, and the way it ended.
    CrashLoop(String, i32, String),
    /// A probe fails: which, and the kubelet's words.
    ProbeFails(String, String),
    /// A condition that the Pod waits for is not True.
    ReadinessGate(String),
    /// Its node has no network.
    NodeCutOff {
        /// The node.
        node: Rc<str>,
        /// Whether the API server knows by now.
        known: bool,
    },
    /// All its containers have ended.
    Ended(String),
    /// It is on its way: what it waits for.
    Starting(String),
    /// Its deletion was asked for.
    Ending,
}

/// What is the matter with a Pod; `None`: it is ready.
pub fn of(cluster: &Cluster, pod: &Pod) -> Option<Trouble> {
    if pod.meta.is_deleting() {
        return Some(Trouble::Ending);
    }
    if pod.is_terminal() {
        return Some(Trouble::Ended(pod.status.phase.clone()));
    }
    if pod.spec.node_name.is_empty() {
        let told = pod.status.condition("PodScheduled").filter(|c| c.status == "False" && !c.message.is_empty());
        return Some(told.map_or(Trouble::Starting("the scheduler".into()), |c| Trouble::Unschedulable(c.message.clone())));
    }
    if let Some((name, _)) = cluster.machines().get_key_value(pod.spec.node_name.as_str()).filter(|(_, m)| !m.up) {
        return Some(Trouble::NodeCutOff { node: name.clone(), known: !pod.is_ready() });
    }
    if pod.is_ready() {
        return None;
    }
    let statuses = || pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
    if let Some(trouble) = statuses().find_map(|s| container(pod, s)) {
        return Some(trouble);
    }
    if let Some((kind, words)) = probe(cluster, pod) {
        return Some(Trouble::ProbeFails(kind, words));
    }
    let gate =
        pod.spec.readiness_gates.iter().find(|g| pod.status.condition(&g.condition_type).is_none_or(|c| c.status != "True"));
    if let Some(gate) = gate.filter(|_| statuses().all(|s| s.ready)) {
        return Some(Trouble::ReadinessGate(gate.condition_type.clone()));
    }
    let running = pod.status.container_statuses.iter().any(|s| s.state.running.is_some());
    Some(Trouble::Starting(if running { "its readiness" } else { "its containers" }.into()))
}

fn container(pod: &Pod, status: &ContainerStatus) -> Option<Trouble> {
    let waits = status.state.waiting.as_ref();
    if let Some(w) = waits.filter(|w| ["ErrImagePull", "ImagePullBackOff", "InvalidImageName"].contains(&w.reason.as_str())) {
        let all = pod.spec.all_containers();
        let image = all.clone().find(|c| c.name == status.name).map_or(String::new(), |c| c.image.clone());
        return Some(Trouble::NoImage(image, w.reason.clone(), String::new()));
    }
    // A plain init container that ended well is no trouble.
    let ended = status.state.terminated.as_ref().filter(|t| t.exit_code != 0 || is_main(pod, &status.name));
    let last = status.last_state.terminated.as_ref();
    let looping = waits.is_some_and(|w| w.reason == "CrashLoopBackOff");
    let end = if looping { last } else { ended }?;
    Some(Trouble::CrashLoop(status.name.clone(), end.exit_code, end.reason.clone()))
}

fn is_main(pod: &Pod, container: &str) -> bool {
    pod.spec.containers.iter().any(|c| c.name == container)
}

/// The last failed probe of a Pod that has any, in the kubelet's words: which kind, and what it got.
fn probe(cluster: &Cluster, pod: &Pod) -> Option<(String, String)> {
    let has = |c: &crate::api::pod::Container| c.readiness_probe.is_some() || c.startup_probe.is_some();
    if !pod.spec.containers.iter().any(has) {
        return None;
    }
    let events = cluster.api().store().list(Kind::Event, Some(&pod.meta.namespace)).filter_map(Object::as_::<Event>);
    let own = events.filter(|e| e.involved_object.uid == pod.meta.uid && e.reason == "Unhealthy");
    let newest = own.max_by_key(|e| (e.last_seen(), e.meta.resource_version.parse::<u64>().unwrap_or(0)))?;
    let kind = newest.message.split(' ').next().unwrap_or_default().to_string();
    Some((kind, newest.message.clone()))
}

/// The Deployment that a Pod belongs to.
pub fn deployment<'a>(cluster: &'a Cluster, pod: &Pod) -> Option<&'a Rc<Deployment>> {
    let owner = pod.meta.controller().filter(|o| o.kind == "ReplicaSet")?;
    let set = cluster.api().get::<ReplicaSet>(&Key::new(&pod.meta.namespace, &owner.name))?;
    let owner = set.meta.controller().filter(|o| o.kind == "Deployment")?;
    cluster.api().get::<Deployment>(&Key::new(&pod.meta.namespace, &owner.name))
}
