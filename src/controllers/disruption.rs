//! The disruption controller: counts the Pods of every PodDisruptionBudget and says how many may go.
//!
//! Source: `pkg/controller/disruption/disruption.go`.

use super::owners::controller_key;
use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::int_or_percent::scaled;
use crate::api::policy::{PodDisruptionBudget, PodDisruptionBudgetStatus};
use crate::api::selector::Selector;
use crate::api::{Deployment, IntOrString, Key, Kind, Object, Pod, ReplicaSet, StatefulSet};
use crate::apiserver::Change;
use crate::time::{Nanos, SECOND};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A Pod whose eviction was granted is expected to go within this many seconds.
const DELETION_TIMEOUT: i64 = 120;

/// The disruption controller.
#[derive(Clone, Debug, Default)]
pub struct DisruptionController;

impl Controller for DisruptionController {
    fn component(&self) -> &'static str {
        "controllermanager"
    }

    fn observe(&mut self, change: &Change, cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        match change.kind() {
            Kind::PodDisruptionBudget => queue.add(change.object().key(), now),
            Kind::Pod => {
                let sides = [change.before::<Pod>(), change.after::<Pod>()];
                for budget in cache.list::<PodDisruptionBudget>(Some(&change.object().key().namespace)) {
                    if sides.iter().flatten().any(|pod| selects(budget, pod)) {
                        queue.add(Key::new(&budget.meta.namespace, &budget.meta.name), now);
                    }
                }
            }
            Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet => {
                let namespace = change.object().key().namespace;
                for budget in cache.list::<PodDisruptionBudget>(Some(&namespace)) {
                    queue.add(Key::new(&budget.meta.namespace, &budget.meta.name), now);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let Some(budget) = context.cache.get::<PodDisruptionBudget>(key).cloned() else { return Outcome::Done };
        let pods: Vec<Rc<Pod>> =
            context.cache.list::<Pod>(Some(&key.namespace)).filter(|pod| selects(&budget, pod)).cloned().collect();
        if pods.is_empty() {
            context.recorder.note(context.api, &*budget, "Normal", "NoPods", "No matching pods found".into());
        }
        let (expected, desired, unmanaged) = expected(&budget, &pods, context.cache);
        if unmanaged {
            context.recorder.note(context.api, &*budget, "Warning", "UnmanagedPods", unmanaged_text(&budget));
        }
        let mut disrupted = budget.status.disrupted_pods.clone();
        disrupted.retain(|name, since| {
            let stays = pods.iter().any(|pod| pod.meta.name == *name && !pod.meta.is_deleting());
            stays && since.0 + DELETION_TIMEOUT > context.clock.0
        });
        let ready = |pod: &&Rc<Pod>| {
            let well = pod.status.condition("Ready").is_some_and(|c| c.status == "True");
            well && !pod.meta.is_deleting() && !disrupted.contains_key(&pod.meta.name)
        };
        let healthy = pods.iter().filter(ready).count() as i32;
        let allowed = if expected <= 0 { 0 } else { (healthy - desired).max(0) };
        let waits = !disrupted.is_empty();
        let status = PodDisruptionBudgetStatus {
            observed_generation: budget.meta.generation,
            disrupted_pods: disrupted,
            disruptions_allowed: allowed,
            current_healthy: healthy,
            desired_healthy: desired,
            expected_pods: expected,
            conditions: budget.status.conditions.clone(),
        };
        if status != budget.status || budget.status.conditions.is_empty() {
            let mut changed = PodDisruptionBudget { status, ..PodDisruptionBudget::clone(&budget) };
            changed.set_allowed_condition(context.clock);
            if let Err(status) = context.api.update_status(Object::PodDisruptionBudget(Rc::new(changed)), false) {
                return Outcome::Retry(status.message);
            }
        }
        if waits { Outcome::After(DELETION_TIMEOUT as u64 * SECOND) } else { Outcome::Done }
    }
}

fn selects(budget: &PodDisruptionBudget, pod: &Pod) -> bool {
    Selector::from_optional(budget.spec.selector.as_ref()).is_ok_and(|selector| selector.matches(&pod.meta.labels))
}

/// How many Pods there should be, how many of them must be well, and whether some have nobody who says so.
fn expected(budget: &PodDisruptionBudget, pods: &[Rc<Pod>], cache: &Cache) -> (i32, i32, bool) {
    if let (None, Some(IntOrString::Int(n))) = (&budget.spec.max_unavailable, &budget.spec.min_available) {
        return (pods.len() as i32, *n, false);
    }
    let (mut scales, mut unmanaged): (BTreeMap<String, i32>, bool) = (BTreeMap::new(), false);
    for pod in pods {
        match scale(pod, cache) {
            Some((uid, replicas)) => {
                scales.insert(uid, replicas);
            }
            None => unmanaged = true,
        }
    }
    let total = scales.values().sum();
    let desired = match (&budget.spec.max_unavailable, &budget.spec.min_available) {
        (Some(most), _) => (total - scaled(most, total, true).unwrap_or(0)).max(0),
        (None, Some(least)) => scaled(least, total, true).unwrap_or(0),
        (None, None) => 0,
    };
    (total, desired, unmanaged)
}

/// Who says how many Pods of this one's kind there should be, and how many.
fn scale(pod: &Pod, cache: &Cache) -> Option<(String, i32)> {
    if let Some((key, uid)) = controller_key(&pod.meta, Kind::StatefulSet) {
        let set = cache.get::<StatefulSet>(&key).filter(|set| set.meta.uid == uid)?;
        return Some((set.meta.uid.clone(), set.spec.replicas.unwrap_or(1)));
    }
    let (key, uid) = controller_key(&pod.meta, Kind::ReplicaSet)?;
    let set = cache.get::<ReplicaSet>(&key).filter(|set| set.meta.uid == uid)?;
    let Some((key, uid)) = controller_key(&set.meta, Kind::Deployment) else {
        return Some((set.meta.uid.clone(), set.spec.replicas.unwrap_or(1)));
    };
    let deployment = cache.get::<Deployment>(&key).filter(|d| d.meta.uid == uid)?;
    Some((deployment.meta.uid.clone(), deployment.spec.replicas.unwrap_or(1)))
}

fn unmanaged_text(budget: &PodDisruptionBudget) -> String {
    let labels: String =
        budget.spec.selector.iter().flat_map(|s| &s.match_labels).map(|(key, value)| format!("{key}: {value},")).collect();
    format!(
        "Pods selected by this PodDisruptionBudget (selector: &LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{}},}}) \
         were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. \
         To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value."
    )
}
