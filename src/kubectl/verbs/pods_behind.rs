//! Which Pod and which container a command means that goes to a container: `logs`, `exec`, `attach`, `port-forward`, `cp`.
//!
//! Sources: `staging/src/k8s.io/kubectl/pkg/polymorphichelpers/{attachablepodforobject,logsforobject,helpers}.go`,
//! `…/cmd/util/podcmd/podcmd.go`. Promises: of several Pods the one that kubectl would take comes first.

use crate::api::meta::LabelSelector;
use crate::api::selector::Selector;
use crate::api::{Kind, Object, Pod};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::resources;
use crate::sorting::Arrange;
use std::rc::Rc;

/// The kind and name that a word like `pod/web` or `web` means: a Pod, where it names no kind.
pub(super) fn kind_and_name(word: &str) -> Result<(Kind, &str), Failure> {
    match word.split_once('/') {
        Some((kind, name)) => Ok((resources::kind(kind)?, name)),
        None => Ok((Kind::Pod, word)),
    }
}

/// A Pod itself, or the Pods that a workload or Service selects: where not `all` are wanted, the one that has been ready for
/// longest. `aim`: what for.
pub(super) fn pods_behind(cx: &mut Cx, object: &Object, aim: &str, all: bool) -> Result<Vec<Rc<Pod>>, Failure> {
    let namespace = object.meta().namespace.clone();
    let selector = match object {
        Object::Pod(pod) => return Ok(vec![pod.clone()]),
        other => selector_of(other, aim)?,
    };
    let mut found: Vec<Rc<Pod>> = cx
        .backend
        .read()
        .store()
        .list(Kind::Pod, Some(&namespace))
        .filter_map(|o| o.as_::<Pod>())
        .filter(|p| selector.matches(&p.meta.labels))
        .cloned()
        .collect();
    found.arrange_by_key(|p| rank(p));
    match found.as_slice() {
        [] => Err(Failure::error("timed out waiting for the condition")),
        [_] => Ok(found),
        many if !all => {
            cx.line(format!("Found {} pods, using pod/{}", many.len(), many[0].meta.name));
            Ok(vec![many[0].clone()])
        }
        _ => Ok(found),
    }
}

fn selector_of(object: &Object, aim: &str) -> Result<Selector, Failure> {
    let (kind, name) = (object.kind().info().name, &object.meta().name);
    let of = match object {
        Object::Deployment(d) => d.spec.selector.clone(),
        Object::ReplicaSet(rs) => rs.spec.selector.clone(),
        Object::DaemonSet(set) => set.spec.selector.clone(),
        Object::StatefulSet(set) => set.spec.selector.clone(),
        Object::Job(job) => job.spec.selector.clone(),
        Object::Service(service) if service.spec.selector.is_empty() => {
            let why = format!("invalid service '{name}': Service is defined without a selector");
            return Err(Failure::error(format!("cannot {aim} *v1.Service: {why}")));
        }
        Object::Service(service) => {
            let labels = service.spec.selector.clone();
            Some(LabelSelector { match_labels: labels, ..Default::default() })
        }
        _ => {
            let why = format!("selector for *v1.{kind} not implemented");
            return Err(Failure::error(format!("cannot {aim} *v1.{kind}: {why}")));
        }
    };
    Selector::from_label_selector(&of.unwrap_or_default()).map_err(Failure::error)
}

/// Pods whose logs say most come first.
fn rank(pod: &Pod) -> (bool, u8, bool, i64, i32, i64) {
    let phase = match pod.status.phase.as_str() {
        "Running" => 0,
        "Pending" => 2,
        _ => 1,
    };
    let ready = pod.status.conditions.iter().find(|c| c.type_ == "Ready" && c.status == "True");
    let restarts = pod.status.container_statuses.iter().map(|c| c.restart_count).max().unwrap_or(0);
    let since = ready.map_or(0, |c| c.last_transition_time.0);
    let created = pod.meta.creation_timestamp.0;
    (pod.spec.node_name.is_empty(), phase, ready.is_none(), since, -restarts, created)
}

/// The container that is meant when none is named, or the named one if the Pod has it.
pub(super) fn container(cx: &mut Cx, pod: &Pod, wanted: &str, quiet: bool) -> Result<String, String> {
    let has = |name: &str| pod.spec.all_containers().any(|c| c.name == name);
    if !wanted.is_empty() {
        let why = || format!("container {wanted} is not valid for pod {} out of: {}", pod.meta.name, all_names(pod));
        return if has(wanted) { Ok(wanted.into()) } else { Err(why()) };
    }
    if let Some(name) = pod.meta.annotations.get("kubectl.kubernetes.io/default-container").filter(|n| has(n)) {
        return Ok(name.clone());
    }
    let first = pod.spec.containers.first().map(|c| c.name.clone()).unwrap_or_default();
    if !quiet && pod.spec.containers.len() + pod.spec.init_containers.len() > 1 {
        cx.line(format!("Defaulted container {first:?} out of: {}", all_names(pod)));
    }
    Ok(first)
}

fn all_names(pod: &Pod) -> String {
    let plain = pod.spec.containers.iter().map(|c| c.name.clone());
    let init = pod.spec.init_containers.iter().map(|c| format!("{} (init)", c.name));
    plain.chain(init).collect::<Vec<_>>().join(", ")
}
