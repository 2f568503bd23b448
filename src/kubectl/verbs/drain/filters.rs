//! Which of a node's Pods are to go, and which must not without a flag that says so.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/drain/filters.go`. Promises: looks only; messages are in the order of the first Pod
//! that each is about.

use super::Options;
use crate::api::{Kind, Pod};
use crate::kubectl::cx::Cx;
use std::rc::Rc;

/// What a node's Pods are in the way of being deleted.
#[derive(Default)]
pub(super) struct Sorted {
    pub pods: Vec<Rc<Pod>>,
    /// Messages with the Pods that they are about.
    pub warnings: Vec<(&'static str, Vec<String>)>,
    pub errors: Vec<(&'static str, Vec<String>)>,
}

/// Finds the Pods that are to go, and those that must not without a flag that says so.
pub(super) fn sort(cx: &Cx, node: &str, options: &Options) -> Sorted {
    let mut sorted = Sorted::default();
    for object in cx.backend.read().store().list(Kind::Pod, None) {
        let Some(pod) = object.as_::<Pod>().filter(|p| p.spec.node_name == node) else { continue };
        let (meta, name) = (&pod.meta, format!("{}/{}", pod.meta.namespace, pod.meta.name));
        let picked = options.pods.as_ref().is_none_or(|s| s.matches(&meta.labels));
        if !picked || skipped(cx, pod, options) || meta.annotations.contains_key("kubernetes.io/config.mirror") {
            continue;
        }
        let finished = pod.is_terminal();
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
pub(super) fn skipped(cx: &Cx, pod: &Pod, options: &Options) -> bool {
    let asked = pod.meta.deletion_timestamp;
    options.skip_after > 0 && asked.is_some_and(|at| cx.now().0 - at.0 > options.skip_after)
}

fn add(list: &mut Vec<(&'static str, Vec<String>)>, message: &'static str, name: String) {
    match list.iter_mut().find(|(m, _)| *m == message) {
        Some((_, names)) => names.push(name),
        None => list.push((message, vec![name])),
    }
}

pub(super) fn texts(list: &[(&str, Vec<String>)]) -> Vec<String> {
    list.iter().map(|(message, names)| format!("{message}: {}", names.join(", "))).collect()
}
