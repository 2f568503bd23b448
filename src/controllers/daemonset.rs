//! The DaemonSet controller: one Pod on every node that its Pods may run on.
//!
//! Promises: it never acts on a cache that does not show its own last step. Source: `pkg/controller/daemon`.
//! Left out: surge, adoption.

use super::clock::wall;
use super::deployment::template_hash::template_hash;
use super::hands::{Hands, pod_of};
use super::history::{self, Kept};
use super::owners::controller_key;
use super::replicaset::Expectations;
use super::replicaset::status::until_available;
use super::scheduler::node_affinity;
use super::scheduler::tolerations::{any_tolerates, has_untolerated};
use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::apps::{DaemonSet, DaemonSetStatus};
use crate::api::int_or_percent::scaled;
use crate::api::pod::Toleration;
use crate::api::{IntOrString, Key, Kind, Node, Pod};
use crate::apiserver::{Change, Status};
use crate::sorting::Arrange;
use crate::time::Nanos;
use serde_json::json;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The label that tells the Pods of one template from those of another.
const HASH: &str = "controller-revision-hash";
/// Where the generation of the template is kept.
const GENERATION: &str = "deprecated.daemonset.template.generation";

/// The DaemonSet controller.
#[derive(Clone, Debug, Default)]
pub struct DaemonSetController {
    seen: Expectations,
}

/// A node, the set's Pods on it (oldest first), and whether one should start there and may stay.
struct Place {
    node: String,
    pods: Vec<Rc<Pod>>,
    starts: bool,
    stays: bool,
}

impl Controller for DaemonSetController {
    fn component(&self) -> &'static str {
        "daemonset-controller"
    }

    fn max_retries(&self) -> Option<u32> {
        None
    }

    fn observe(&mut self, change: &Change, cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        match change.kind() {
            Kind::DaemonSet => queue.add(change.object().key(), now),
            Kind::Pod => {
                if let Some((key, _)) = controller_key(change.object().meta(), Kind::DaemonSet) {
                    queue.add(key, now);
                }
            }
            Kind::Node => {
                for set in cache.list::<DaemonSet>(None) {
                    queue.add(Key::new(&set.meta.namespace, &set.meta.name), now);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let Some(set) = context.cache.get::<DaemonSet>(key).cloned() else {
            self.seen.forget(key);
            return Outcome::Done;
        };
        if !self.seen.caught_up(key, context.cache) {
            return Outcome::Retry("the cache does not show the last step yet".into());
        }
        match self.work(key, &set, context) {
            Ok(wait) => wait.map_or(Outcome::Done, Outcome::After),
            Err(status) => Outcome::Retry(status.message),
        }
    }
}

impl DaemonSetController {
    fn work(&mut self, key: &Key, set: &Rc<DaemonSet>, context: &mut Context) -> Result<Option<Nanos>, Status> {
        let hash = template_hash(&set.spec.template, set.status.collision_count);
        let places = places(set, context);
        let mut hands = Hands { owner: &**set, key, seen: &mut self.seen };
        if !set.meta.is_deleting() {
            let pods = places.iter().flat_map(|place| &place.pods);
            let kept = Kept {
                template: &set.spec.template,
                name: format!("{}-{hash}", set.meta.name),
                label: (HASH, hash.clone()),
                limit: set.spec.revision_history_limit,
                live: pods.filter_map(|pod| pod.meta.labels.get(HASH).cloned()).collect(),
            };
            history::keep(&mut hands, kept, context)?;
            for place in &places {
                manage(&mut hands, place, &hash, context)?;
            }
            if set.spec.update_strategy.type_ != "OnDelete" {
                roll(&mut hands, &places, &hash, context)?;
            }
        }
        let now = wall(context);
        let available = |pod: &Rc<Pod>| until_available(pod, set.spec.min_ready_seconds, now) == Some(0);
        let wanted: Vec<&Place> = places.iter().filter(|p| p.starts).collect();
        let first = |p: &&&Place| p.pods.first().cloned();
        let on: Vec<Rc<Pod>> = wanted.iter().filter_map(|p| first(&p)).collect();
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let ready = on.iter().filter(|pod| pod.is_ready()).count();
        let well = on.iter().filter(|pod| available(pod)).count();
        let status = DaemonSetStatus {
            current_number_scheduled: count(on.len()),
            number_misscheduled: count(places.iter().filter(|p| !p.starts && !p.pods.is_empty()).count()),
            desired_number_scheduled: count(wanted.len()),
            number_ready: count(ready),
            observed_generation: set.meta.generation,
            updated_number_scheduled: count(on.iter().filter(|pod| pod.meta.labels.get(HASH) == Some(&hash)).count()),
            number_available: count(well),
            number_unavailable: count(wanted.len() - well),
            ..set.status.clone()
        };
        if status != set.status {
            hands.write_status(context, DaemonSet { status, ..DaemonSet::clone(set) })?;
        }
        let waits = on.iter().filter_map(|pod| until_available(pod, set.spec.min_ready_seconds, now)).filter(|wait| *wait > 0);
        Ok(waits.min().and_then(|wait| Nanos::try_from(wait).ok()))
    }
}

/// All nodes with the set's Pods.
fn places(set: &DaemonSet, context: &Context) -> Vec<Place> {
    let mut by_node: BTreeMap<String, Vec<Rc<Pod>>> = BTreeMap::new();
    for pod in context.cache.owned_by::<Pod>(&set.meta.namespace, &set.meta.uid) {
        if pod.is_terminal() && pod.meta.is_deleting() {
            continue;
        }
        by_node.entry(target(&pod)).or_default().push(pod);
    }
    let probe = with_tolerations(pod_of(set, &set.spec.template));
    let place = |node: &Rc<Node>| {
        let mut pods = by_node.get(&node.meta.name).cloned().unwrap_or_default();
        pods.arrange_by_key(|pod| (pod.meta.creation_timestamp, pod.meta.name.clone()));
        let named = probe.spec.node_name.is_empty() || probe.spec.node_name == node.meta.name;
        let fits = named && node_affinity::required(&probe, node);
        let tolerated = !has_untolerated(&node.spec.taints, &probe.spec.tolerations);
        let evicted = node.spec.taints.iter().any(|t| t.effect == "NoExecute" && !any_tolerates(&probe.spec.tolerations, t));
        Place { node: node.meta.name.clone(), pods, starts: fits && tolerated, stays: fits && !evicted }
    };
    context.cache.list::<Node>(None).map(place).collect()
}

/// The node that a Pod was made for.
fn target(pod: &Pod) -> String {
    if !pod.spec.node_name.is_empty() {
        return pod.spec.node_name.clone();
    }
    let affinity = pod.spec.affinity.as_ref();
    let terms = affinity.map(|a| &a["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]);
    terms.and_then(|t| t[0]["matchFields"][0]["values"][0].as_str()).unwrap_or_default().to_string()
}

/// Creates the Pod that a node lacks, and deletes those that are over, too many, or must not stay.
fn manage(hands: &mut Hands<DaemonSet>, place: &Place, hash: &str, context: &mut Context) -> Result<(), Status> {
    let deleted = |name: &str| format!("Deleted pod: {name}");
    if place.pods.is_empty() {
        if !place.starts {
            return Ok(());
        }
        let pod = new_pod(hands.owner, &place.node, hash);
        return hands.create(context, pod, |name| format!("Created pod: {name}"));
    }
    let mut kept = 0;
    for pod in place.pods.iter().filter(|pod| !pod.meta.is_deleting()) {
        if pod.is_terminal() && place.stays {
            let (word, reason) = match pod.status.phase.as_str() {
                "Failed" => ("failed", "FailedDaemonPod"),
                _ => ("succeeded", "SucceededDaemonPod"),
            };
            let (name, namespace) = (&pod.meta.name, &pod.meta.namespace);
            let kind = if word == "failed" { "Warning" } else { "Normal" };
            let text = format!(
                "Found {word} daemon pod {namespace}/{name} on node {}, will try to {}",
                place.node,
                if word == "failed" { "kill it" } else { "delete it" }
            );
            context.recorder.note(context.api, hands.owner, kind, reason, text);
            hands.delete(context, pod, deleted)?;
        } else if !place.stays || kept > 0 {
            hands.delete(context, pod, deleted)?;
        } else {
            kept += 1;
        }
    }
    Ok(())
}

/// Replaces Pods of an older template, at most `maxUnavailable` at a time.
fn roll(hands: &mut Hands<DaemonSet>, places: &[Place], hash: &str, context: &mut Context) -> Result<(), Status> {
    let (set, now) = (hands.owner, wall(context));
    let wanted = places.iter().filter(|p| p.starts).count() as i32;
    let rolling = set.spec.update_strategy.rolling_update.as_ref();
    let most = rolling.and_then(|r| r.max_unavailable.clone()).unwrap_or(IntOrString::Int(1));
    let most = scaled(&most, wanted, true).unwrap_or(1).max(0) as usize;
    let (mut down, mut doomed, mut candidates) = (0, vec![], vec![]);
    for place in places.iter().filter(|p| p.starts) {
        let alive: Vec<&Rc<Pod>> = place.pods.iter().filter(|pod| !pod.meta.is_deleting()).collect();
        let [pod] = alive.as_slice() else {
            down += 1;
            continue;
        };
        let well = until_available(pod, set.spec.min_ready_seconds, now) == Some(0);
        let is_new = pod.meta.labels.get(HASH).map(String::as_str) == Some(hash);
        match (is_new, well) {
            (true, true) => {}
            (true, false) => down += 1,
            (false, false) => {
                down += 1;
                doomed.push((*pod).clone());
            }
            (false, true) => candidates.push((*pod).clone()),
        }
    }
    doomed.extend(candidates.into_iter().take(most.saturating_sub(down)));
    for pod in doomed {
        hands.delete(context, &pod, |name| format!("Deleted pod: {name}"))?;
    }
    Ok(())
}

/// A Pod for one node: the scheduler puts it there and nowhere else.
fn new_pod(set: &DaemonSet, node: &str, hash: &str) -> Pod {
    let mut pod = with_tolerations(pod_of(set, &set.spec.template));
    pod.meta.generate_name = format!("{}-", set.meta.name);
    pod.meta.labels.insert(HASH.into(), hash.into());
    let generation = set.meta.annotations.get(GENERATION).cloned().unwrap_or_else(|| "1".into());
    pod.meta.labels.insert("pod-template-generation".into(), generation);
    let field = json!([{"key": "metadata.name", "operator": "In", "values": [node]}]);
    let affinity = pod.spec.affinity.get_or_insert_with(|| json!({}));
    let required = &mut affinity["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
    match required.as_array_mut() {
        Some(terms) => terms.iter_mut().for_each(|term| term["matchFields"] = field.clone()),
        None => *required = json!([{"matchFields": field}]),
    }
    pod
}

/// What every daemon Pod accepts.
fn with_tolerations(mut pod: Pod) -> Pod {
    let own = [
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
        ("network-unavailable", "NoSchedule"),
    ];
    let count = if pod.spec.host_network { own.len() } else { own.len() - 1 };
    for (key, effect) in &own[..count] {
        let key = format!("node.kubernetes.io/{key}");
        pod.spec.tolerations.retain(|t| !(t.key == key && t.effect == *effect && t.operator == "Exists"));
        let toleration = Toleration { key, operator: "Exists".into(), effect: (*effect).into(), ..Toleration::default() };
        pod.spec.tolerations.push(toleration);
    }
    pod
}
