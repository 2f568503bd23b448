//! A drain under way: node after node is emptied, while time passes.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/drain/drain.go`. Promises: an eviction that a budget refuses is asked for again; what
//! cannot be made to go is told with the nodes that still have it.

use super::Options;
use super::filters::{skipped, sort, texts};
use crate::api::{Key, Kind, Pod};
use crate::apiserver::{DeleteOptions, Status};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::verbs::create::DryRun;
use crate::kubectl::wait::{Wait, Waited};
use crate::time::{Nanos, SECOND, print_span};

/// How often kubectl looks whether a Pod is gone.
const INTERVAL: Nanos = SECOND;
/// How long it waits before it asks for a refused eviction again.
const RETRY: Nanos = 5 * SECOND;

/// A drain under way: the first node is being emptied.
#[derive(Clone, Debug, PartialEq)]
pub struct Draining {
    options: Options,
    nodes: Vec<String>,
    /// Pods that the first node still has; `None`: it has not been begun.
    left: Option<Vec<Leaving>>,
    /// What went wrong with the first node's Pods.
    errors: Vec<String>,
    began: Nanos,
    next_look: Nanos,
    failures: Vec<Failure>,
    remaining: Vec<String>,
}

/// A Pod that is to go.
#[derive(Clone, Debug, PartialEq)]
struct Leaving {
    key: Key,
    uid: String,
    /// When its eviction is asked for again, if a budget refused it.
    again: Option<Nanos>,
}

impl Draining {
    /// Nothing is asked of any Pod yet.
    pub(super) fn new(options: Options, nodes: Vec<String>, now: Nanos) -> Draining {
        Draining { options, nodes, left: None, errors: vec![], began: now, next_look: now, failures: vec![], remaining: vec![] }
    }

    /// Begins with the next node, or looks which Pods of this one have gone.
    pub fn poll(mut self, cx: &mut Cx) -> Waited {
        while let Some(node) = self.nodes.first().cloned() {
            if self.left.is_none() {
                self.begin(cx, &node);
            } else if cx.backend.read().now() >= self.next_look {
                self.look(cx);
            }
            match &self.left {
                Some(left) if left.is_empty() && self.errors.is_empty() => {
                    cx.line(format!("node/{node} drained{}", self.options.dry.suffix()));
                    self.next_node();
                }
                Some(left) if left.is_empty() => self.give_up(cx, &node),
                Some(_) => return Waited::Still(Wait::Drain(self)),
                None => self.next_node(),
            }
        }
        self.end(cx)
    }

    fn next_node(&mut self) {
        self.nodes.remove(0);
        self.left = None;
    }

    /// Evicts the node's Pods; leaves `left` empty-handed (`None`) if that may not be.
    fn begin(&mut self, cx: &mut Cx, node: &str) {
        let sorted = sort(cx, node, &self.options);
        if !sorted.errors.is_empty() {
            self.fail(cx, node, &texts(&sorted.errors));
            return;
        }
        if !sorted.warnings.is_empty() {
            cx.line(format!("Warning: {}", texts(&sorted.warnings).join("; ")));
        }
        self.began = cx.backend.read().now();
        self.next_look = self.began;
        let mut left = vec![];
        for pod in &sorted.pods {
            let name = &pod.meta.name;
            if self.options.dry != DryRun::No {
                cx.line(format!("evicting pod {}/{name}{}", pod.meta.namespace, self.options.dry.suffix()));
                continue;
            }
            left.push(Leaving { key: Key::new(&pod.meta.namespace, name), uid: pod.meta.uid.clone(), again: None });
        }
        if self.options.evict {
            // Each has a goroutine of its own, and the one that was started last runs first.
            for pod in left.iter().rev().take(1).chain(left.iter().rev().skip(1).rev()) {
                cx.line(format!("evicting pod {}/{}", pod.key.namespace, pod.key.name));
            }
        }
        left.retain_mut(|pod| self.ask(cx, pod));
        self.left = Some(left);
        self.look(cx);
    }

    /// Asks a Pod to go. False: it is gone, or will not.
    fn ask(&mut self, cx: &mut Cx, pod: &mut Leaving) -> bool {
        let (name, namespace) = (&*pod.key.name, &*pod.key.namespace);
        match remove(cx, pod, &self.options) {
            Ok(()) => pod.again = None,
            Err(status) if status.reason == "NotFound" => return false,
            Err(status) if status.code == 429 => {
                let again = "(will retry after 5s)";
                cx.line(format!("error when evicting pods/{name:?} -n {namespace:?} {again}: {}", status.message));
                pod.again = Some(cx.backend.read().now() + RETRY);
            }
            Err(status) => {
                self.errors.push(format!("error when evicting pods/{name:?} -n {namespace:?}: {}", status.message));
                return false;
            }
        }
        true
    }

    /// Says which Pods have gone, asks again for those that a budget kept, and gives up those whose time is over.
    fn look(&mut self, cx: &mut Cx) {
        let now = cx.backend.read().now();
        self.next_look = now + INTERVAL;
        let word = if self.options.evict { "evicted" } else { "deleted" };
        let over = self.timed_out(cx);
        let span = print_span(self.options.timeout.unwrap_or(0));
        let mut still = vec![];
        for mut pod in self.left.take().unwrap_or_default() {
            let (name, namespace) = (pod.key.name.clone(), pod.key.namespace.clone());
            if let Some(again) = pod.again {
                if now < again {
                    still.push(pod);
                    continue;
                }
                cx.line(format!("evicting pod {namespace}/{name}"));
                if over {
                    let (name, namespace) = (&*name, &*namespace);
                    self.errors
                        .push(format!("error when evicting pods/{name:?} -n {namespace:?}: global timeout reached: {span}"));
                } else if self.ask(cx, &mut pod) {
                    still.push(pod);
                }
                continue;
            }
            match cx.backend.read().get::<Pod>(&pod.key).filter(|p| p.meta.uid == pod.uid) {
                None => cx.line(format!("pod/{name} {word}")),
                Some(found) if skipped(cx, found, &self.options) => cx.line(format!(
                    "pod {:?} has DeletionTimestamp older than {} seconds, skipping",
                    &*name, self.options.skip_after
                )),
                Some(_) if over => self.errors.push(format!(
                    "error when waiting for pod {:?} in namespace {:?} to terminate: global timeout reached: {span}",
                    &*name, &*namespace
                )),
                Some(_) => still.push(pod),
            }
        }
        self.left = Some(still);
    }

    fn timed_out(&self, cx: &Cx) -> bool {
        self.options.timeout.is_some_and(|t| cx.backend.read().now() >= self.began + t)
    }

    /// Not all could be made to go: says what is still there.
    fn give_up(&mut self, cx: &mut Cx, node: &str) {
        let errors = std::mem::take(&mut self.errors);
        let pending = sort(cx, node, &self.options).pods;
        if !pending.is_empty() {
            cx.line(format!("There are pending pods in node {node:?} when an error occurred: {}", aggregate(&errors)));
            pending.iter().for_each(|pod| cx.line(format!("pod/{}", pod.meta.name)));
        }
        self.fail(cx, node, &errors);
        self.next_node();
    }

    fn fail(&mut self, cx: &mut Cx, node: &str, errors: &[String]) {
        let text = aggregate(errors);
        cx.line(format!("error: unable to drain node {node:?} due to error: {text}, continuing command..."));
        self.remaining.push(node.to_string());
        // Alone, a node's errors stand on lines of their own.
        let mut failure = Failure::plain(text);
        failure.text = errors.join("\n");
        self.failures.push(failure);
    }

    fn end(self, cx: &mut Cx) -> Waited {
        if self.failures.is_empty() {
            return Waited::Done;
        }
        cx.line("There are pending nodes to be drained:");
        self.remaining.iter().for_each(|node| cx.line(format!(" {node}")));
        Waited::Failed(Failure::join(self.failures))
    }
}

/// Several errors as one text.
fn aggregate(errors: &[String]) -> String {
    match errors {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}

/// One eviction, or a plain deletion.
fn remove(cx: &mut Cx, pod: &Leaving, options: &Options) -> Result<(), Status> {
    let delete = DeleteOptions { grace_period_seconds: options.grace, uid: Some(pod.uid.clone()), ..DeleteOptions::default() };
    if options.evict {
        return cx.backend.api().evict(&pod.key, &delete);
    }
    cx.backend.api().delete(Kind::Pod, &pod.key, &delete).map(drop)
}
