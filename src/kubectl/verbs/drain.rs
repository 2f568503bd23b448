//! `kubectl drain`: nothing new comes to the node, what is there is evicted; then it waits until all of it is gone.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/drain/{drain,filters}.go`, `…/cmd/drain/drain.go`.

use super::cordon;
use super::create::DryRun;
use crate::api::selector::Selector;
use crate::api::{Key, Kind, Pod};
use crate::apiserver::{DeleteOptions, Status};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, Parsed, Takes};
use crate::kubectl::wait::{Wait, Waited};
use crate::time::{Nanos, SECOND, print_span};
use std::rc::Rc;

pub(super) const FLAGS: Flags = &[&[
    Flag("force", None, Takes::Bool),
    Flag("ignore-daemonsets", None, Takes::Bool),
    Flag("delete-emptydir-data", None, Takes::Bool),
    Flag("grace-period", None, Takes::Int),
    Flag("timeout", None, Takes::Duration),
    Flag("selector", Some('l'), Takes::Text),
    Flag("pod-selector", None, Takes::Text),
    Flag("disable-eviction", None, Takes::Bool),
    Flag("skip-wait-for-delete-timeout", None, Takes::Int),
    Flag("chunk-size", None, Takes::Int),
    Flag("dry-run", None, Takes::Optional("unchanged")),
]];

/// How often kubectl looks whether a Pod is gone.
const INTERVAL: Nanos = SECOND;
/// How long it waits before it asks for a refused eviction again.
const RETRY: Nanos = 5 * SECOND;

/// What the flags say.
#[derive(Clone, Debug, PartialEq)]
struct Options {
    force: bool,
    ignore_daemon_sets: bool,
    delete_local_data: bool,
    evict: bool,
    grace: Option<i64>,
    timeout: Option<Nanos>,
    /// A Pod that was asked to go longer ago than this (seconds) is not waited for; 0: all are.
    skip_after: i64,
    pods: Option<Selector>,
    dry: DryRun,
}

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

/// `kubectl drain`.
pub fn drain(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("drain", &why))?;
    let nodes = cordon::nodes(cx, &flags, "drain")?;
    let options = options(&flags)?;
    cordon::set_all(cx, &nodes, true, options.dry)?;
    let now = cx.backend.read().now();
    let draining =
        Draining { options, nodes, left: None, errors: vec![], began: now, next_look: now, failures: vec![], remaining: vec![] };
    cx.wait = Some(Wait::Drain(draining));
    Ok(())
}

fn options(flags: &Parsed) -> Result<Options, Failure> {
    let pods = match flags.get("pod-selector") {
        Some(text) => Some(
            Selector::parse(text).map_err(|_| Failure::error("--pod-selector=<pod_selector> must be a valid label selector"))?,
        ),
        None => None,
    };
    Ok(Options {
        force: flags.on("force"),
        ignore_daemon_sets: flags.on("ignore-daemonsets"),
        delete_local_data: flags.on("delete-emptydir-data"),
        evict: !flags.on("disable-eviction"),
        grace: flags.int("grace-period").filter(|g| *g >= 0),
        timeout: flags.span("timeout").filter(|t| *t > 0).and_then(|t| u64::try_from(t).ok()),
        skip_after: flags.int("skip-wait-for-delete-timeout").unwrap_or(0),
        pods,
        dry: DryRun::of(flags)?,
    })
}

/// What a node's Pods are in the way of being deleted.
#[derive(Default)]
struct Sorted {
    pods: Vec<Rc<Pod>>,
    /// Messages with the Pods that they are about.
    warnings: Vec<(&'static str, Vec<String>)>,
    errors: Vec<(&'static str, Vec<String>)>,
}

/// Finds the Pods that are to go, and those that must not without a flag that says so.
fn sort(cx: &Cx, node: &str, options: &Options) -> Sorted {
    let mut sorted = Sorted::default();
    for object in cx.backend.read().store().list(Kind::Pod, None) {
        let Some(pod) = object.as_::<Pod>().filter(|p| p.spec.node_name == node) else { continue };
        let (meta, name) = (&pod.meta, format!("{}/{}", pod.meta.namespace, pod.meta.name));
        let picked = options.pods.as_ref().is_none_or(|s| s.matches(&meta.labels));
        if !picked || skipped(cx, pod, options) || meta.annotations.contains_key("kubernetes.io/config.mirror") {
            continue;
        }
        let finished = matches!(pod.status.phase.as_str(), "Succeeded" | "Failed");
        if !finished && meta.controller().is_some_and(|owner| owner.kind == "DaemonSet") {
            if options.ignore_daemon_sets {
                add(&mut sorted.warnings, "ignoring DaemonSet-managed Pods", name);
            } else {
                add(&mut sorted.errors, "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)", name);
            }
            continue;
        }
        let local = pod.spec.volumes.iter().any(|v| v.get("emptyDir").is_some());
        if finished {
        } else if local && !options.delete_local_data {
            add(&mut sorted.errors, "cannot delete Pods with local storage (use --delete-emptydir-data to override)", name);
            continue;
        } else if meta.controller().is_none() && !options.force {
            add(&mut sorted.errors, "cannot delete Pods that declare no controller (use --force to override)", name);
            continue;
        } else if meta.controller().is_none() {
            add(&mut sorted.warnings, "deleting Pods that declare no controller", name);
        }
        sorted.pods.push(pod.clone());
    }
    sorted
}

/// Whether a Pod has been going for so long that the flags say not to wait for it.
fn skipped(cx: &Cx, pod: &Pod, options: &Options) -> bool {
    let asked = pod.meta.deletion_timestamp;
    options.skip_after > 0 && asked.is_some_and(|at| cx.now().0 - at.0 > options.skip_after)
}

fn add(list: &mut Vec<(&'static str, Vec<String>)>, message: &'static str, name: String) {
    match list.iter_mut().find(|(m, _)| *m == message) {
        Some((_, names)) => names.push(name),
        None => list.push((message, vec![name])),
    }
}

fn texts(list: &[(&str, Vec<String>)]) -> Vec<String> {
    list.iter().map(|(message, names)| format!("{message}: {}", names.join(", "))).collect()
}

impl Draining {
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
