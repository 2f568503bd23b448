//! The namespace controller: empties a namespace that is being deleted, Pods first, and then lets it go.
//!
//! Sources: `pkg/controller/namespace/{namespace_controller,deletion/namespaced_resources_deleter,deletion/status_condition_utils}.go`.

use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::object::KINDS;
use crate::api::{Key, Kind, Namespace, Object, Pod, Time};
use crate::apiserver::{Change, DeleteOptions, Status};
use crate::time::{MILLISECOND, Nanos, SECOND};
use serde_json::{Value, json};
use std::rc::Rc;

/// A deleted namespace is left alone for this long, so that every API server has heard of it.
const GRACE: Nanos = 5 * SECOND;
/// Seconds that objects with finalizers are given.
const FINALIZER_ESTIMATE: i64 = 15;

/// The namespace controller.
#[derive(Clone, Debug, Default)]
pub struct NamespaceController;

/// What is left of a namespace's content after it was deleted.
#[derive(Default)]
struct Remains {
    counts: Vec<(Kind, usize)>,
    finalizers: Vec<(String, usize)>,
    seconds: i64,
}

impl Controller for NamespaceController {
    fn component(&self) -> &'static str {
        "namespace-controller"
    }

    fn observe(&mut self, change: &Change, _cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        if let Some(namespace) = change.after::<Namespace>().filter(|n| n.meta.is_deleting()) {
            queue.add(Key::new("", &namespace.meta.name), now + GRACE);
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let Some(namespace) = context.api.get::<Namespace>(key).filter(|n| n.meta.is_deleting()) else { return Outcome::Done };
        if namespace.spec.finalizers.is_empty() {
            return Outcome::Done;
        }
        match empty(context, &key.name).and_then(|remains| conclude(context, key, remains)) {
            Ok(None) => Outcome::Done,
            Ok(Some(wait)) => Outcome::After(wait),
            Err(status) => Outcome::Retry(status.message),
        }
    }

    fn max_retries(&self) -> Option<u32> {
        None
    }

    fn queue(&self) -> WorkQueue {
        WorkQueue::with_backoff(100 * MILLISECOND, 60 * SECOND)
    }
}

/// Deletes everything in a namespace; as long as Pods are left, nothing but Pods.
fn empty(context: &mut Context, namespace: &str) -> Result<Remains, Status> {
    let mut remains = Remains::default();
    delete_all(context, Kind::Pod, namespace, &mut remains)?;
    if remains.counts.is_empty() {
        for info in KINDS.iter().filter(|info| info.namespaced && info.kind != Kind::Pod) {
            delete_all(context, info.kind, namespace, &mut remains)?;
        }
    }
    Ok(remains)
}

fn delete_all(context: &mut Context, kind: Kind, namespace: &str, remains: &mut Remains) -> Result<(), Status> {
    let keys: Vec<Key> = context.api.store().list(kind, Some(namespace)).map(Object::key).collect();
    let grace = context.api.store().list(kind, Some(namespace)).filter_map(Object::as_::<Pod>).filter(|p| !p.is_terminal());
    let grace = grace.filter_map(|pod| pod.spec.termination_grace_period_seconds).max();
    for key in keys {
        match context.api.delete(kind, &key, &DeleteOptions::default()) {
            Err(status) if status.code != 404 => return Err(status),
            _ => {}
        }
    }
    let left: Vec<&Object> = context.api.store().list(kind, Some(namespace)).collect();
    if left.is_empty() {
        return Ok(());
    }
    remains.counts.push((kind, left.len()));
    remains.seconds = remains.seconds.max(grace.unwrap_or(FINALIZER_ESTIMATE));
    for finalizer in left.iter().flat_map(|object| &object.meta().finalizers) {
        remains.seconds = remains.seconds.max(FINALIZER_ESTIMATE);
        match remains.finalizers.iter_mut().find(|(name, _)| name == finalizer) {
            Some((_, count)) => *count += 1,
            None => remains.finalizers.push((finalizer.clone(), 1)),
        }
    }
    Ok(())
}

/// Lets an empty namespace go; otherwise says in its conditions what is left and how long to wait.
fn conclude(context: &mut Context, key: &Key, remains: Remains) -> Result<Option<Nanos>, Status> {
    let Some(namespace) = context.api.get::<Namespace>(key).cloned() else { return Ok(None) };
    let mut changed = Namespace::clone(&namespace);
    for condition in conditions(&remains) {
        set(&mut changed.status.conditions, condition, context.clock);
    }
    if changed.status != namespace.status {
        context.api.update_status(Object::Namespace(Rc::new(changed)), false)?;
    }
    if remains.counts.is_empty() {
        context.api.finalize_namespace(key)?;
        return Ok(None);
    }
    let seconds = remains.seconds / 2 + 1;
    Ok(Some(u64::try_from(seconds).unwrap_or(1) * SECOND))
}

/// The five conditions of a namespace that ends: type, status, reason, message.
fn conditions(remains: &Remains) -> [[String; 4]; 5] {
    let all_well = |type_: &str, reason: &str, message: &str| [type_, "False", reason, message].map(String::from);
    let list = |texts: Vec<String>| texts.join(", ");
    let counts = remains.counts.iter().map(|(kind, n)| format!("{} has {n} resource instances", resource(*kind))).collect();
    let held = remains.finalizers.iter().map(|(name, n)| format!("{name} in {n} resource instances")).collect();
    let content = if remains.counts.is_empty() {
        all_well("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed")
    } else {
        let message = format!("Some resources are remaining: {}", list(counts));
        ["NamespaceContentRemaining", "True", "SomeResourcesRemain", &message].map(String::from)
    };
    let finalizers = if remains.finalizers.is_empty() {
        all_well("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished")
    } else {
        let message = format!("Some content in the namespace has finalizers remaining: {}", list(held));
        ["NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", &message].map(String::from)
    };
    [
        all_well("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
        all_well(
            "NamespaceDeletionGroupVersionParsingFailure",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        all_well(
            "NamespaceDeletionContentFailure",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        content,
        finalizers,
    ]
}

/// `pods.`, `deployments.apps`: how the controller names a resource.
fn resource(kind: Kind) -> String {
    format!("{}.{}", kind.info().plural, kind.info().group)
}

fn set(conditions: &mut Vec<Value>, [type_, status, reason, message]: [String; 4], now: Time) {
    let old = conditions.iter().position(|c| c["type"] == type_.as_str());
    let since = old.filter(|i| conditions[*i]["status"] == status.as_str()).map(|i| conditions[i]["lastTransitionTime"].clone());
    let since = since.unwrap_or_else(|| json!(now.rfc3339()));
    let new = json!({"type": type_, "status": status, "lastTransitionTime": since, "reason": reason, "message": message});
    match old {
        Some(i) => conditions[i] = new,
        None => conditions.push(new),
    }
}
