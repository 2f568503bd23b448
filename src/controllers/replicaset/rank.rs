//! Which Pods a ReplicaSet deletes first when it has too many.
//!
//! Source: `pkg/controller/controller_utils.go` (ActivePodsWithRanks).

use crate::api::pod::ContainerStatus;
use crate::api::{Pod, Time};
use crate::controllers::clock::{Wall, start_of};
use std::cmp::{Ordering, Reverse};
use std::rc::Rc;

/// A Pod and what decides whether it goes before another.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// The Pod.
    pub pod: Rc<Pod>,
    cost: i32,
    related: usize,
    ready_since: Option<Time>,
    restarts: (i32, i32),
}

impl Ranked {
    /// A Pod with the number of active Pods of the same Deployment on its node, itself among them.
    pub fn new(pod: Rc<Pod>, related: usize) -> Ranked {
        let cost = pod.meta.annotations.get("controller.kubernetes.io/pod-deletion-cost");
        let ready = pod.status.condition("Ready").filter(|c| c.status == "True");
        Ranked {
            cost: cost.and_then(|text| cost_of(text)).unwrap_or(0),
            related,
            ready_since: ready.map(|c| c.last_transition_time),
            restarts: restarts(&pod),
            pod,
        }
    }
}

/// A deletion cost: a 32-bit number written plainly (no leading plus or zeros).
fn cost_of(text: &str) -> Option<i32> {
    let cost: i32 = text.parse().ok()?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits == "0" || !digits.starts_with(['0', '+']);
    plain.then_some(cost)
}

/// The highest restart counts of the containers and of the sidecars.
fn restarts(pod: &Pod) -> (i32, i32) {
    let most = |statuses: &mut dyn Iterator<Item = &ContainerStatus>| statuses.map(|s| s.restart_count).max().unwrap_or(0);
    let sidecar = |name: &str| {
        let is = |c: &&crate::api::pod::Container| c.name == name && c.restarts_always();
        pod.spec.init_containers.iter().find(is).is_some()
    };
    (
        most(&mut pod.status.container_statuses.iter()),
        most(&mut pod.status.init_container_statuses.iter().filter(|s| sidecar(&s.name))),
    )
}

/// Sorts Pods so that those that are to be deleted come first. The order is not a total one (equal ages on a coarse scale go
/// by uid), so Pods are put in one by one.
pub fn sort(pods: Vec<Ranked>, now: Wall) -> Vec<Ranked> {
    let mut sorted: Vec<Ranked> = Vec::with_capacity(pods.len());
    for pod in pods {
        let place = sorted.partition_point(|other| compare(other, &pod, now) != Ordering::Greater);
        sorted.insert(place, pod);
    }
    sorted
}

/// `Less` when `a` goes before `b`.
pub fn compare(a: &Ranked, b: &Ranked, now: Wall) -> Ordering {
    let assigned = |r: &Ranked| !r.pod.spec.node_name.is_empty();
    let ready = |r: &Ranked| r.ready_since.is_some();
    assigned(a)
        .cmp(&assigned(b))
        .then_with(|| phase(&a.pod).cmp(&phase(&b.pod)))
        .then_with(|| ready(a).cmp(&ready(b)))
        .then_with(|| a.cost.cmp(&b.cost))
        .then_with(|| b.related.cmp(&a.related))
        .then_with(|| match (a.ready_since, b.ready_since) {
            (Some(since_a), Some(since_b)) => younger(a, since_a, b, since_b, now),
            _ => Ordering::Equal,
        })
        .then_with(|| Reverse(a.restarts).cmp(&Reverse(b.restarts)))
        .then_with(|| younger(a, a.pod.meta.creation_timestamp, b, b.pod.meta.creation_timestamp, now))
}

fn phase(pod: &Pod) -> u8 {
    match pod.status.phase.as_str() {
        "Unknown" => 1,
        "Running" => 2,
        _ => 0,
    }
}

/// The younger of two goes first, on a scale that doubles; within one step of it, the smaller uid.
fn younger(a: &Ranked, since_a: Time, b: &Ranked, since_b: Time, now: Wall) -> Ordering {
    if since_a == since_b {
        return Ordering::Equal;
    }
    if since_a.is_zero() || since_b.is_zero() {
        return since_b.is_zero().cmp(&since_a.is_zero());
    }
    let step = |since: Time| now.saturating_sub(start_of(since)).checked_ilog2().map_or(-1, i64::from);
    step(since_a).cmp(&step(since_b)).then_with(|| a.pod.meta.uid.cmp(&b.pod.meta.uid))
}
