//! The node lifecycle controller: notices nodes that fall silent, marks their Pods not ready and taints them.
//!
//! Promises: a node is called silent only after the grace period by the controller's own clock, and not while the API server
//! has a newer lease; when no node is ready at all, nobody is driven out.
//! Source: `pkg/controller/nodelifecycle/node_lifecycle_controller.go`.

mod health;
mod taints;
mod zones;

pub use taints::{NOT_READY, UNREACHABLE};

use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::node::Lease;
use crate::api::{Key, Node, Object, Pod};
use crate::apiserver::{Change, Status};
use crate::time::{MILLISECOND, Nanos, SECOND};
use health::Health;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use zones::{Turn, Zone};

/// All nodes are looked at this often.
const PERIOD: Nanos = 5 * SECOND;
/// The line for NoExecute taints is looked at this often.
const TAINT_PERIOD: Nanos = 100 * MILLISECOND;
const NO_SCHEDULE: &str = "no-schedule";

/// The node lifecycle controller. Its keys: the monitor, the line for NoExecute taints, and nodes whose NoSchedule taints
/// may have to change.
#[derive(Clone, Debug, Default)]
pub struct NodeLifecycleController {
    started: bool,
    nodes: BTreeMap<String, (Rc<Node>, Health)>,
    zones: BTreeMap<String, Zone>,
    pods_to_mark: BTreeSet<String>,
}

fn monitor_key() -> Key {
    Key::new("", "monitor")
}

fn line_key() -> Key {
    Key::new("", "no-execute")
}

fn zone_of(node: &Node) -> String {
    let label = |name: &str| node.meta.labels.get(name).map_or("", String::as_str);
    format!("{}/{}", label("topology.kubernetes.io/region"), label("topology.kubernetes.io/zone"))
}

impl Controller for NodeLifecycleController {
    fn component(&self) -> &'static str {
        "node-controller"
    }

    fn observe(&mut self, change: &Change, _cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        if let Some(node) = change.after::<Node>() {
            let (missing, surplus) = taints::no_schedule(node);
            if !missing.is_empty() || !surplus.is_empty() {
                queue.add(Key::new(NO_SCHEDULE, &node.meta.name), now);
            }
            let ready = |node: &Rc<Node>| health::ready(node).map(|c| c.status.clone());
            if change.before::<Node>().is_some_and(|old| ready(old) != ready(node)) {
                queue.add(line_key(), now + TAINT_PERIOD);
            }
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        if *key == monitor_key() {
            return self.tick(context);
        }
        if *key == line_key() {
            return self.work_line(context).map_or(Outcome::Done, |at| Outcome::After(at.saturating_sub(context.now)));
        }
        let Some(node) = context.cache.get::<Node>(&Key::new("", &key.name)).cloned() else { return Outcome::Done };
        let (missing, surplus) = taints::no_schedule(&node);
        let done = taints::swap(context, &node.meta.name, "NoSchedule", &missing, &surplus);
        done.map_or_else(|status| Outcome::Retry(status.message), |()| Outcome::Done)
    }

    fn max_retries(&self) -> Option<u32> {
        None
    }

    fn queue(&self) -> WorkQueue {
        let mut queue = WorkQueue::default();
        queue.add(monitor_key(), 0);
        queue
    }
}

impl NodeLifecycleController {
    /// Looks at all nodes. The first time only waits for a random part of the period.
    fn tick(&mut self, context: &mut Context) -> Outcome {
        if !self.started {
            self.started = true;
            self.meet(context, false);
            return Outcome::After(1 + context.random.below(PERIOD));
        }
        self.work_line(context);
        self.meet(context, true);
        let nodes: Vec<Rc<Node>> = context.cache.list::<Node>(None).cloned().collect();
        let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for node in &nodes {
            let Some(ready) = self.look_at(node, context) else { continue };
            let (up, down) = counts.entry(zone_of(node)).or_insert((0, 0));
            *(if ready { up } else { down }) += 1;
        }
        match zones::judge(&mut self.zones, &counts) {
            Turn::AllDown => nodes.iter().for_each(|node| self.call_reachable(node, context)),
            Turn::Recovered => self.nodes.values_mut().for_each(|(_, health)| health.restart(context.now)),
            Turn::None => {}
        }
        Outcome::After(PERIOD)
    }

    /// Takes in new nodes and forgets those that are gone.
    fn meet(&mut self, context: &mut Context, tell: bool) {
        let nodes: Vec<Rc<Node>> = context.cache.list::<Node>(None).cloned().collect();
        let mut known = std::mem::take(&mut self.nodes);
        for node in nodes {
            let name = node.meta.name.clone();
            let health = match known.remove(&name).filter(|(old, _)| old.meta.uid == node.meta.uid) {
                Some((_, health)) => health,
                None => {
                    if tell {
                        let message = format!("Node {name} event: Registered Node {name} in Controller");
                        context.recorder.note(context.api, node.as_ref(), "Normal", "RegisteredNode", message);
                    }
                    let age = u64::try_from(context.clock.0 - node.meta.creation_timestamp.0).unwrap_or(0);
                    let lease = context.cache.get::<Lease>(&lease_key(&name));
                    Health::new(&node, lease.map(Rc::as_ref), context.now, age.saturating_mul(SECOND))
                }
            };
            self.nodes.insert(name, (node, health));
        }
        for (name, (node, _)) in known {
            let message = format!("Node {name} event: Removing Node {name} from Controller");
            context.recorder.note(context.api, node.as_ref(), "Normal", "RemovingNode", message);
            self.zones.values_mut().for_each(|zone| zone.remove(&name));
            self.pods_to_mark.remove(&name);
        }
    }

    /// Judges one node. Returns whether it is ready; `None` while it has said nothing and has time to.
    fn look_at(&mut self, node: &Rc<Node>, context: &mut Context) -> Option<bool> {
        let name = &node.meta.name;
        let was_ready = node.is_ready();
        let silent = self.is_silent(node, context);
        let status = if silent { self.call_silent(node, context)? } else { health::ready(node)?.status.clone() };
        self.line_up(node, &status, context);
        if status != "True" && was_ready {
            let message = format!("Node {name} status is now: NodeNotReady");
            context.recorder.note(context.api, node.as_ref(), "Normal", "NodeNotReady", message);
            self.pods_to_mark.insert(name.clone());
        }
        let marked = |context| mark_pods_not_ready(name, context).is_ok();
        if self.pods_to_mark.contains(name) && (status == "True" || marked(context)) {
            self.pods_to_mark.remove(name);
        }
        Some(status == "True")
    }

    /// Whether a node has said nothing for too long, and the API server has not heard of it either.
    fn is_silent(&mut self, node: &Node, context: &Context) -> bool {
        let key = lease_key(&node.meta.name);
        let Some((_, health)) = self.nodes.get_mut(&node.meta.name) else { return false };
        health.update(node, context.cache.get::<Lease>(&key).map(Rc::as_ref), context.now);
        health.is_silent(context.now) && !health.is_older_than(context.api.get::<Lease>(&key).map(Rc::as_ref))
    }

    /// Notes on the live node that its state is unknown. Returns the status of Ready; `None` when it has just said
    /// something that the cache does not show.
    fn call_silent(&mut self, node: &Node, context: &mut Context) -> Option<String> {
        let live = context.api.get::<Node>(&Key::new("", &node.meta.name))?;
        if health::ready(live).map(|c| c.last_heartbeat_time) != health::ready(node).map(|c| c.last_heartbeat_time) {
            return None;
        }
        let mut changed = Node::clone(live);
        health::set_unknown(&mut changed, context.clock);
        if changed.status != live.status {
            context.api.update_status(Object::Node(Rc::new(changed)), false).ok()?;
        }
        Some("Unknown".into())
    }

    /// Puts a node that is not ready into its zone's line for the NoExecute taint; one that is ready loses it.
    fn line_up(&mut self, node: &Rc<Node>, status: &str, context: &mut Context) {
        let (taint, other) = match status {
            "False" => (NOT_READY, UNREACHABLE),
            "Unknown" => (UNREACHABLE, NOT_READY),
            _ => return self.call_reachable(node, context),
        };
        if taints::has(node, other, "NoExecute") {
            // Who is tainted already only changes the taint; a failure is made good at the next look.
            let _ = taints::swap(context, &node.meta.name, "NoExecute", &[taint], &[other]);
        } else if !taints::has(node, taint, "NoExecute") {
            self.zones.entry(zone_of(node)).or_default().add(&node.meta.name);
        }
    }

    fn call_reachable(&mut self, node: &Rc<Node>, context: &mut Context) {
        if let Some(zone) = self.zones.get_mut(&zone_of(node)) {
            zone.remove(&node.meta.name);
        }
        // A failure is made good at the next look.
        let _ = taints::swap(context, &node.meta.name, "NoExecute", &[], &[NOT_READY, UNREACHABLE]);
    }

    /// Gives NoExecute taints to those whose turn it is. Returns when the next one's turn comes.
    fn work_line(&mut self, context: &mut Context) -> Option<Nanos> {
        for zone in self.zones.values_mut() {
            while let Some(name) = zone.pop(context.now) {
                let Some(node) = context.cache.get::<Node>(&Key::new("", &name)).cloned() else { continue };
                let taint = match health::ready(&node).map(|c| c.status.as_str()) {
                    Some("False") => NOT_READY,
                    Some("Unknown") => UNREACHABLE,
                    _ => continue,
                };
                if taints::swap(context, &name, "NoExecute", &[taint], &[]).is_err() {
                    zone.add(&name);
                }
            }
        }
        self.zones.values().filter_map(Zone::next_at).min()
    }
}

fn lease_key(node: &str) -> Key {
    Key::new("kube-node-lease", node)
}

/// Sets Ready to False on all Pods of a node, and says so.
fn mark_pods_not_ready(node: &str, context: &mut Context) -> Result<(), Status> {
    let mut failure = None;
    for pod in context.cache.pods_on_node(node) {
        let key = Key::new(&pod.meta.namespace, &pod.meta.name);
        let Some(live) = context.api.get::<Pod>(&key).filter(|live| live.meta.uid == pod.meta.uid) else { continue };
        let mut changed = Pod::clone(live);
        let generation = changed.meta.generation;
        let Some(ready) = changed.status.conditions.iter_mut().find(|c| c.type_ == "Ready") else { continue };
        if ready.status == "False" {
            continue;
        }
        ready.status = "False".into();
        ready.last_transition_time = context.clock;
        ready.observed_generation = generation;
        match context.api.update_status(Object::Pod(Rc::new(changed)), false) {
            Ok(_) => context.recorder.note(context.api, pod.as_ref(), "Warning", "NodeNotReady", "Node is not ready".into()),
            Err(status) if status.code == 404 => {}
            Err(status) => failure = Some(status),
        }
    }
    failure.map_or(Ok(()), Err)
}
