//! Who watches what, and when each hears of a change. Watches deliver in order: a later change never overtakes an earlier one.

use super::Program;
use crate::api::{Kind, Pod};
use crate::apiserver::Change;
use crate::time::{Nanos, Stream};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Somebody who watches the API server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Watcher {
    /// A process with control loops.
    Program(Program),
    /// The kubelet of a node: the Pods bound to it.
    Kubelet(Rc<str>),
    /// The kube-proxy of a node: Services and EndpointSlices.
    Proxy(Rc<str>),
    /// Cluster DNS: Services, EndpointSlices and Namespaces.
    Dns,
}

impl Watcher {
    /// The node that it is on, if it is on one.
    pub fn node(&self) -> Option<&Rc<str>> {
        match self {
            Watcher::Kubelet(node) | Watcher::Proxy(node) => Some(node),
            Watcher::Program(_) | Watcher::Dns => None,
        }
    }
}

/// The watches of a cluster.
#[derive(Clone, Debug)]
pub(super) struct Watches {
    last: BTreeMap<(Watcher, Kind), Nanos>,
    seed: u64,
    /// Latencies: each watcher's own, so that what one is told does not shift when another hears of it.
    random: BTreeMap<Watcher, Stream>,
}

impl Watches {
    /// Nobody has heard of anything.
    pub fn new(seed: u64) -> Watches {
        Watches { last: BTreeMap::new(), seed, random: BTreeMap::new() }
    }

    /// Who watches the object that changed.
    pub fn audience<'a>(&self, change: &Change, nodes: impl Iterator<Item = &'a Rc<str>>) -> Vec<Watcher> {
        let mut audience = vec![];
        match change.kind() {
            Kind::Event => {}
            Kind::Pod => {
                audience.extend([Watcher::Program(Program::ControllerManager), Watcher::Program(Program::Scheduler)]);
                let node =
                    |pod: Option<&Rc<Pod>>| pod.map(|p| p.spec.node_name.as_str()).filter(|n| !n.is_empty()).map(Rc::<str>::from);
                if let Some(node) = node(change.after::<Pod>()).or_else(|| node(change.before::<Pod>())) {
                    audience.push(Watcher::Kubelet(node));
                }
            }
            Kind::Node | Kind::Namespace | Kind::ReplicaSet => {
                audience.extend([Watcher::Program(Program::ControllerManager), Watcher::Program(Program::Scheduler)]);
                if change.kind() == Kind::Namespace {
                    audience.push(Watcher::Dns);
                }
            }
            Kind::Service | Kind::EndpointSlice => {
                audience.extend([Watcher::Program(Program::ControllerManager), Watcher::Dns]);
                // The scheduler spreads Pods by the selectors of their Services and ReplicaSets.
                if change.kind() == Kind::Service {
                    audience.push(Watcher::Program(Program::Scheduler));
                }
                audience.extend(nodes.cloned().map(Watcher::Proxy));
            }
            _ => audience.push(Watcher::Program(Program::ControllerManager)),
        }
        audience
    }

    /// When a change that is sent at `now` arrives: never before the last one of its kind. `medians`: of the watch's latency,
    /// and of what the watcher needs until it has acted on it.
    pub fn arrival(&mut self, watcher: &Watcher, kind: Kind, now: Nanos, (watch, act): (Nanos, Nanos)) -> Nanos {
        if !self.random.contains_key(watcher) {
            self.random.insert(watcher.clone(), Stream::new(self.seed, &format!("watch {watcher:?}")));
        }
        let draw = |stream: &mut Stream| stream.around(watch) + stream.between(act - act / 4, act + act / 4);
        let at = now + self.random.get_mut(watcher).map_or(watch + act, draw);
        let last = self.last.entry((watcher.clone(), kind)).or_insert(0);
        *last = at.max(*last);
        *last
    }
}
