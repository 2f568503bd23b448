//! The scheduler: finds a node for every Pod that has none, in Kubernetes' own order of filters and scores.
//!
//! Promises: a burst of Pods spreads as if each had been seen before the next; a Pod that fits nowhere says why and is
//! tried again when something changes that could help.
//! Must not know: what runs on the nodes.
//! Source: `pkg/scheduler/schedule_one.go`, `pkg/scheduler/eventhandlers.go`, `pkg/scheduler/backend/queue/scheduling_queue.go`.
//! Left out: preemption of Pods of lower priority, volumes, resource claims, extenders.

pub mod filters;
pub mod labels;
pub mod node_affinity;
pub mod nodes;
pub mod pod_affinity;
pub mod report;
pub mod scores;
pub mod spread;
pub mod tolerations;

use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::{Key, Kind, Node, Object, Pod};
use crate::apiserver::{Change, Recorder, strategy};
use crate::time::{Nanos, SECOND};
use filters::{Filters, Rejection};
use nodes::Nodes;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Its name, as Pods ask for it.
pub const NAME: &str = "default-scheduler";
/// A Pod that fits nowhere is tried again after this time even if nothing happens.
const UNSCHEDULABLE_FOR: Nanos = 300 * SECOND;

/// The scheduler.
#[derive(Clone, Debug, Default)]
pub struct Scheduler {
    nodes: Nodes,
    /// Pods that fit nowhere, and the plugins that said so.
    waiting: BTreeMap<Key, BTreeSet<&'static str>>,
}

/// What became of the search for a node.
enum Found {
    Node(String),
    Nothing(Vec<Rejection>),
}

impl Controller for Scheduler {
    fn component(&self) -> &'static str {
        NAME
    }

    fn recorder(&self) -> Recorder {
        Recorder::in_series(NAME, NAME)
    }

    fn max_retries(&self) -> Option<u32> {
        None
    }

    fn queue(&self) -> WorkQueue {
        WorkQueue::with_backoff(SECOND, 10 * SECOND)
    }

    fn observe(&mut self, change: &Change, _cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        match change.kind() {
            Kind::Pod => self.observe_pod(change, queue, now),
            Kind::Node => {
                let node = change.after::<Node>();
                self.nodes.set_node(&change.object().meta().name, node.cloned());
                if node.is_some_and(|new| change.before::<Node>().is_none_or(|old| may_help(old, new))) {
                    self.wake(queue, now, |_| true);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let Some(pod) = context.cache.get::<Pod>(key).cloned() else {
            return Outcome::Done;
        };
        if !is_ours(&pod) || self.nodes.is_assumed(key) {
            return Outcome::Done;
        }
        match self.find(&pod, context) {
            Found::Node(node) => self.bind(key, &pod, &node, context),
            Found::Nothing(rejections) => self.give_up(key, &pod, &rejections, context),
        }
    }
}

/// Whether the Pod waits for this scheduler.
fn is_ours(pod: &Pod) -> bool {
    let name = pod.spec.scheduler_name.as_str();
    pod.spec.node_name.is_empty() && pod.is_active() && pod.spec.scheduling_gates.is_empty() && (name.is_empty() || name == NAME)
}

/// Whether a node changed so that a Pod could fit now.
fn may_help(old: &Node, new: &Node) -> bool {
    old.meta.labels != new.meta.labels || old.spec != new.spec || old.status.allocatable != new.status.allocatable
}

/// Plugins for which one more Pod on a node may help.
fn minds_neighbours(plugin: &str) -> bool {
    matches!(plugin, "PodTopologySpread" | "InterPodAffinity")
}

/// Plugins for which one Pod less on a node may help.
fn minds_room(plugin: &str) -> bool {
    minds_neighbours(plugin) || matches!(plugin, "NodeResourcesFit" | "NodePorts")
}

impl Scheduler {
    fn observe_pod(&mut self, change: &Change, queue: &mut WorkQueue, now: Nanos) {
        let key = change.object().key();
        let placed = change.after::<Pod>().filter(|p| !p.spec.node_name.is_empty() && !p.is_terminal());
        if let Some(pod) = placed {
            let is_new = change.before::<Pod>().is_none_or(|old| old.spec.node_name.is_empty());
            let relabelled = change.before::<Pod>().is_some_and(|old| old.meta.labels != pod.meta.labels);
            self.nodes.place(key.clone(), pod.clone());
            self.waiting.remove(&key);
            if is_new || relabelled {
                self.wake(queue, now, minds_neighbours);
            }
            return;
        }
        if self.nodes.remove(&key) {
            self.wake(queue, now, minds_room);
        }
        match change.after::<Pod>() {
            Some(pod) if is_ours(pod) => {
                let changed = change.before::<Pod>().is_none_or(|old| old.meta.labels != pod.meta.labels || old.spec != pod.spec);
                if changed {
                    self.waiting.remove(&key);
                    queue.add(key, now);
                }
            }
            _ => {
                self.waiting.remove(&key);
            }
        }
    }

    /// Pods that were refused by such a plugin are tried again. They need not wait longer: the queue of Pods in back-off
    /// is served whenever nothing else is to do (SchedulerPopFromBackoffQ).
    fn wake(&mut self, queue: &mut WorkQueue, now: Nanos, helped: impl Fn(&str) -> bool) {
        self.waiting.retain(|key, plugins| {
            let stays = !plugins.iter().any(|plugin| helped(plugin));
            if !stays {
                queue.add(key.clone(), now);
            }
            stays
        });
    }

    fn find(&self, pod: &Pod, context: &mut Context) -> Found {
        if let Some(claim) = filters::missing_claim(pod) {
            return Found::Nothing(self.nodes.iter().map(|_| claim.clone()).collect());
        }
        let filters = Filters::new(pod, &self.nodes, context.cache);
        let (mut candidates, mut rejections) = (vec![], vec![]);
        for (node, info) in self.nodes.iter() {
            match filters.reject(node, info) {
                Some(rejection) => rejections.push(rejection),
                None => candidates.push((&**node, info)),
            }
        }
        if candidates.len() < 2 {
            return candidates.first().map_or(Found::Nothing(rejections), |(node, _)| Found::Node(node.meta.name.clone()));
        }
        let totals = scores::totals(pod, &candidates, &self.nodes, context.cache);
        let best = totals.iter().max().copied();
        let ties: Vec<usize> = (0..totals.len()).filter(|i| Some(totals[*i]) == best).collect();
        let chosen = ties[context.random.below(ties.len() as u64) as usize];
        Found::Node(candidates[chosen].0.meta.name.clone())
    }

    fn bind(&mut self, key: &Key, pod: &Pod, node: &str, context: &mut Context) -> Outcome {
        self.waiting.remove(key);
        if let Err(status) = context.api.bind(key, &pod.meta.uid, node) {
            // Gone or bound already: the watch will say so.
            return if status.code == 404 { Outcome::Done } else { Outcome::Retry(status.message) };
        }
        self.nodes.assume(key.clone(), pod, node);
        let message = format!("Successfully assigned {key} to {node}");
        context.recorder.note(context.api, pod, "Normal", "Scheduled", message);
        Outcome::Done
    }

    fn give_up(&mut self, key: &Key, pod: &Pod, rejections: &[Rejection], context: &mut Context) -> Outcome {
        self.waiting.insert(key.clone(), rejections.iter().map(|r| r.plugin).collect());
        let message = report::message(rejections);
        context.recorder.note(context.api, pod, "Warning", "FailedScheduling", message.clone());
        // A patch of one condition: the rest of the status is whatever the server has.
        if let Some(current) = context.api.get::<Pod>(key).cloned().filter(|p| p.meta.uid == pod.meta.uid) {
            let mut patched = Pod::clone(&current);
            strategy::set_pod_condition(&mut patched, "PodScheduled", "False", "Unschedulable", &message, context.clock);
            if patched != *current
                && let Err(status) = context.api.update_status(Object::Pod(Rc::new(patched)), false)
            {
                return Outcome::Retry(status.message);
            }
        }
        Outcome::After(UNSCHEDULABLE_FOR)
    }
}
