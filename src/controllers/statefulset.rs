//! The StatefulSet controller: Pods with numbers for names, made one after the other and ended the other way round.
//!
//! Promises: it never acts on a cache that does not show its own last step. Source: `pkg/controller/statefulset`.
//! Left out: volume claims, adoption, maxUnavailable.

use super::clock::wall;
use super::deployment::template_hash::template_hash;
use super::hands::{Hands, pod_of};
use super::history::{self, Kept};
use super::owners::controller_key;
use super::replicaset::status::until_available;
use super::replicaset::{BURST, Expectations};
use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::apps::{StatefulSet, StatefulSetStatus};
use crate::api::{Key, Kind, Pod};
use crate::apiserver::{Change, Status};
use crate::time::Nanos;
use serde_json::json;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The label that tells the Pods of one template from those of another.
const HASH: &str = "controller-revision-hash";
/// The label of its revisions.
const REVISION_HASH: &str = "controller.kubernetes.io/hash";

/// The StatefulSet controller.
#[derive(Clone, Debug, Default)]
pub struct StatefulSetController {
    seen: Expectations,
}

impl Controller for StatefulSetController {
    fn component(&self) -> &'static str {
        "statefulset-controller"
    }

    fn max_retries(&self) -> Option<u32> {
        None
    }

    fn observe(&mut self, change: &Change, _cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        match change.kind() {
            Kind::StatefulSet => queue.add(change.object().key(), now),
            Kind::Pod => {
                if let Some((key, _)) = controller_key(change.object().meta(), Kind::StatefulSet) {
                    queue.add(key, now);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let Some(set) = context.cache.get::<StatefulSet>(key).cloned() else {
            self.seen.forget(key);
            return Outcome::Done;
        };
        if !self.seen.caught_up(key, context.cache) {
            return Outcome::Retry("the cache does not show the last step yet".into());
        }
        let update = format!(
            "{}-{}",
            set.meta.name,
            template_hash(&set.spec.template, set.status.collision_count.filter(|count| *count > 0))
        );
        let pods = numbered(&set, context);
        let mut hands = Hands { owner: &*set, key, seen: &mut self.seen };
        let done = if set.meta.is_deleting() {
            Ok(())
        } else {
            keep_template(&mut hands, &pods, &update, context).and_then(|()| work(&mut hands, &pods, &update, context))
        };
        let written = write_status(&mut hands, &pods, &update, context);
        match done.and(written) {
            Ok(wait) => wait.map_or(Outcome::Done, Outcome::After),
            Err(status) => Outcome::Retry(status.message),
        }
    }
}

/// Keeps the template as a revision.
fn keep_template(
    hands: &mut Hands<StatefulSet>,
    pods: &BTreeMap<i32, Rc<Pod>>,
    update: &str,
    context: &mut Context,
) -> Result<(), Status> {
    let set = hands.owner;
    let live = pods.values().filter_map(|pod| pod.meta.labels.get(HASH).cloned());
    let kept = Kept {
        template: &set.spec.template,
        name: update.to_string(),
        label: (REVISION_HASH, update.rsplit('-').next().unwrap_or_default().to_string()),
        limit: set.spec.revision_history_limit,
        live: live.chain([set.status.current_revision.clone()]).filter(|name| !name.is_empty()).collect(),
    };
    history::keep(hands, kept, context)
}

/// The set's Pods by number.
fn numbered(set: &StatefulSet, context: &Context) -> BTreeMap<i32, Rc<Pod>> {
    let number = |pod: &Rc<Pod>| pod.meta.name.strip_prefix(&set.meta.name)?.strip_prefix('-')?.parse().ok();
    let all = context.cache.owned_by::<Pod>(&set.meta.namespace, &set.meta.uid);
    all.into_iter().filter_map(|pod| Some((number(&pod)?, pod))).collect()
}

/// The one next thing (all at once where Pods are managed in parallel).
fn work(
    hands: &mut Hands<StatefulSet>,
    pods: &BTreeMap<i32, Rc<Pod>>,
    update: &str,
    context: &mut Context,
) -> Result<(), Status> {
    let (set, now) = (hands.owner, wall(context));
    let name = set.meta.name.clone();
    let deleted = |pod: &str| format!("Delete Pod {pod} in StatefulSet {name} successful");
    let ordered = set.spec.pod_management_policy != "Parallel";
    let first = set.spec.ordinals.as_ref().and_then(|o| o["start"].as_i64()).unwrap_or(0) as i32;
    let end = first.saturating_add(set.spec.replicas.unwrap_or(1).max(0));
    let well = |pod: &Pod| !pod.meta.is_deleting() && until_available(pod, set.spec.min_ready_seconds, now) == Some(0);
    let mut made = 0;
    for number in first..end {
        match pods.get(&number) {
            None if made == BURST => return Ok(()),
            None => {
                made += 1;
                let pod = new_pod(set, number, &wanted_revision(set, number, update), context);
                hands.create(context, pod, |pod| format!("Create Pod {pod} in StatefulSet {name} successful"))?;
            }
            Some(pod) if pod.is_terminal() => hands.delete(context, pod, deleted)?,
            Some(pod) if well(pod) => continue,
            Some(_) => {}
        }
        if ordered {
            return Ok(());
        }
    }
    for (_, pod) in pods.iter().rev().filter(|(number, _)| **number >= end || **number < first) {
        hands.delete(context, pod, deleted)?;
        if ordered {
            return Ok(());
        }
    }
    if set.spec.update_strategy.type_ == "OnDelete" {
        return Ok(());
    }
    for number in (first..end).rev() {
        let Some(pod) = pods.get(&number) else { continue };
        let wanted = wanted_revision(set, number, update);
        if pod.meta.labels.get(HASH) != Some(&wanted) && !pod.meta.is_deleting() && wanted == update {
            return hands.delete(context, pod, deleted);
        }
        if !well(pod) {
            return Ok(());
        }
    }
    Ok(())
}

/// Numbers below the partition keep the template that they had.
fn wanted_revision(set: &StatefulSet, number: i32, update: &str) -> String {
    let partition = set.spec.update_strategy.rolling_update.as_ref().and_then(|r| r.partition).unwrap_or(0);
    let current = &set.status.current_revision;
    if number < partition && !current.is_empty() { current.clone() } else { update.to_string() }
}

fn new_pod(set: &StatefulSet, number: i32, revision: &str, context: &Context) -> Pod {
    let old = history::of(set, context).into_iter().find(|kept| kept.meta.name == revision);
    let mut pod = pod_of(set, old.and_then(|kept| kept.template()).as_ref().unwrap_or(&set.spec.template));
    pod.meta.name = format!("{}-{number}", set.meta.name);
    let labels = [
        ("apps.kubernetes.io/pod-index", number.to_string()),
        (HASH, revision.to_string()),
        ("statefulset.kubernetes.io/pod-name", pod.meta.name.clone()),
    ];
    pod.meta.labels.extend(labels.map(|(key, value)| (key.to_string(), value)));
    for claim in set.spec.volume_claim_templates.iter().filter_map(|claim| claim["metadata"]["name"].as_str()) {
        pod.spec.volumes.retain(|volume| volume["name"] != claim);
        let name = format!("{claim}-{}", pod.meta.name);
        pod.spec.volumes.push(json!({"name": claim, "persistentVolumeClaim": {"claimName": name}}));
    }
    pod.spec.hostname = pod.meta.name.clone();
    pod.spec.subdomain = set.spec.service_name.clone();
    pod
}

fn write_status(
    hands: &mut Hands<StatefulSet>,
    pods: &BTreeMap<i32, Rc<Pod>>,
    update: &str,
    context: &mut Context,
) -> Result<Option<Nanos>, Status> {
    let (set, now) = (hands.owner, wall(context));
    let alive: Vec<&Rc<Pod>> = pods.values().filter(|pod| !pod.is_terminal()).collect();
    let count = |test: &dyn Fn(&Rc<Pod>) -> bool| i32::try_from(alive.iter().filter(|pod| test(pod)).count()).unwrap_or(0);
    let of =
        |revision: &str| count(&|pod| !pod.meta.is_deleting() && pod.meta.labels.get(HASH).map(String::as_str) == Some(revision));
    let wanted = set.spec.replicas.unwrap_or(1);
    let old = &set.status.current_revision;
    let updated = of(update);
    let ready = count(&|pod| pod.is_ready() && !pod.meta.is_deleting());
    // The update is over when every Pod has the new template and is ready.
    let over = old.is_empty() || (updated == wanted && ready == wanted && alive.len() as i32 == wanted);
    let current = if over { update.to_string() } else { old.clone() };
    let status = StatefulSetStatus {
        observed_generation: set.meta.generation,
        replicas: alive.len() as i32,
        ready_replicas: ready,
        current_replicas: of(&current),
        updated_replicas: updated,
        current_revision: current,
        update_revision: update.to_string(),
        collision_count: set.status.collision_count.or(Some(0)),
        available_replicas: count(&|pod| {
            !pod.meta.is_deleting() && until_available(pod, set.spec.min_ready_seconds, now) == Some(0)
        }),
    };
    if status != set.status {
        hands.write_status(context, StatefulSet { status, ..StatefulSet::clone(set) })?;
    }
    let waits = alive.iter().filter_map(|pod| until_available(pod, set.spec.min_ready_seconds, now)).filter(|wait| *wait > 0);
    Ok(waits.min().and_then(|wait| Nanos::try_from(wait).ok()))
}
