//! What each kind does to an object on its way in: status kept apart from spec, generations, how deletion begins.
//!
//! Sources: `pkg/registry/{core,apps,discovery}/*/strategy.go`, `staging/apiserver/pkg/registry/rest/{create,update,delete}.go`.

use super::server::{DeleteOptions, Propagation};
use crate::api::meta::ObjectMeta;
use crate::api::pod::{PodCondition, PodStatus};
use crate::api::{EndpointSlice, Job, Kind, Object, Pod, Time};
use std::rc::Rc;

/// Which half of an object a request may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Metadata and spec.
    Spec,
    /// The status.
    Status,
}

/// Clears what a client may not set on create.
pub fn prepare_for_create(object: &mut Object) {
    let generation = i64::from(has_generation(object.kind()));
    object.meta_mut().generation = generation;
    match object {
        Object::Pod(pod) => {
            let pod = Rc::make_mut(pod);
            pod.status = PodStatus {
                phase: "Pending".into(),
                qos_class: crate::api::qos::class(&pod.spec).into(),
                ..PodStatus::default()
            };
            if !pod.spec.scheduling_gates.is_empty() {
                pod.status.conditions.push(PodCondition {
                    type_: "PodScheduled".into(),
                    observed_generation: generation,
                    status: "False".into(),
                    reason: "SchedulingGated".into(),
                    message: "Scheduling is blocked due to non-empty scheduling gates".into(),
                    ..PodCondition::default()
                });
            }
        }
        Object::Deployment(d) => Rc::make_mut(d).status = Default::default(),
        Object::ReplicaSet(rs) => Rc::make_mut(rs).status = Default::default(),
        Object::Service(s) => Rc::make_mut(s).status = Default::default(),
        Object::EndpointSlice(slice) => drop_topology(slice),
        Object::PodDisruptionBudget(b) => Rc::make_mut(b).status = Default::default(),
        Object::DaemonSet(set) => {
            let set = Rc::make_mut(set);
            set.status = Default::default();
            set.meta.annotations.insert(TEMPLATE_GENERATION.into(), "1".into());
        }
        Object::StatefulSet(set) => Rc::make_mut(set).status = Default::default(),
        Object::Job(job) => {
            let job = Rc::make_mut(job);
            job.status = Default::default();
            select_own(job);
        }
        Object::Plain(plain) => {
            Rc::make_mut(plain).body.remove("status");
        }
        Object::Namespace(n) => {
            let namespace = Rc::make_mut(n);
            namespace.status.phase = "Active".into();
            namespace.spec.finalizers = vec!["kubernetes".into()];
            let name = namespace.meta.name.clone();
            namespace.meta.labels.insert("kubernetes.io/metadata.name".into(), name);
        }
        _ => {}
    }
}

/// Where a DaemonSet's annotations keep how often its template was changed.
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// A Job's Pods are known by its uid.
fn select_own(job: &mut Job) {
    if job.spec.manual_selector == Some(true) {
        return;
    }
    let (uid, name) = (job.meta.uid.clone(), job.meta.name.clone());
    let labels = [
        ("batch.kubernetes.io/controller-uid", &uid),
        ("batch.kubernetes.io/job-name", &name),
        ("controller-uid", &uid),
        ("job-name", &name),
    ];
    for (key, value) in labels {
        job.spec.template.meta.labels.insert(key.into(), value.clone());
    }
    if job.meta.labels.is_empty() {
        job.meta.labels = job.spec.template.meta.labels.clone();
    }
    let selector = job.spec.selector.get_or_insert_with(Default::default);
    selector.match_labels.insert("batch.kubernetes.io/controller-uid".into(), uid);
}

fn has_generation(kind: Kind) -> bool {
    use Kind::{DaemonSet, Deployment, EndpointSlice, Job, Pod, PodDisruptionBudget, ReplicaSet, StatefulSet};
    matches!(kind, Pod | Deployment | ReplicaSet | EndpointSlice | PodDisruptionBudget | DaemonSet | StatefulSet | Job)
        || matches!(kind, Kind::Ingress | Kind::IngressClass | Kind::NetworkPolicy | Kind::CronJob | Kind::PriorityClass)
}

/// Keeps what a client may not change on update, and raises the generation when the spec changed.
pub fn prepare_for_update(object: &mut Object, old: &Object, part: Part) {
    let before = old.meta();
    let meta = object.meta_mut();
    meta.uid = before.uid.clone();
    meta.creation_timestamp = before.creation_timestamp;
    meta.deletion_timestamp = before.deletion_timestamp;
    meta.deletion_grace_period_seconds = before.deletion_grace_period_seconds;
    meta.generation = before.generation;
    match part {
        Part::Spec => {
            keep_status(object, old);
            count_template(object, old);
        }
        Part::Status => keep_spec(object, old),
    }
    if part == Part::Spec && has_generation(object.kind()) && spec_changed(object, old) {
        object.meta_mut().generation += 1;
    }
}

macro_rules! keep {
    ($object:expr, $old:expr, $field:ident, $($kind:ident),*) => {
        match ($object, $old) {
            $((Object::$kind(new), Object::$kind(old)) if new.$field != old.$field => { Rc::make_mut(new).$field = old.$field.clone(); })*
            _ => {}
        }
    };
}

/// A DaemonSet's template has a generation of its own.
fn count_template(object: &mut Object, old: &Object) {
    let (Object::DaemonSet(new), Object::DaemonSet(old)) = (object, old) else { return };
    let kept = old.meta.annotations.get(TEMPLATE_GENERATION).and_then(|n| n.parse::<i64>().ok()).unwrap_or(1);
    let count = kept + i64::from(new.spec.template != old.spec.template);
    if new.meta.annotations.get(TEMPLATE_GENERATION) != Some(&count.to_string()) {
        Rc::make_mut(new).meta.annotations.insert(TEMPLATE_GENERATION.into(), count.to_string());
    }
}

fn keep_status(object: &mut Object, old: &Object) {
    keep!(&mut *object, old, status, Pod, Service, Deployment, ReplicaSet, Node, Namespace, PodDisruptionBudget);
    keep!(&mut *object, old, status, DaemonSet, StatefulSet, Job);
    keep_field(object, old, |name| name == "status");
}

fn keep_spec(object: &mut Object, old: &Object) {
    let mut meta = old.meta().clone();
    if object.kind() == Kind::Deployment {
        // The Deployment controller writes the revision together with the status.
        meta.annotations = std::mem::take(&mut object.meta_mut().annotations);
    }
    if object.kind() != Kind::Node {
        *object.meta_mut() = meta;
    }
    keep!(&mut *object, old, spec, Pod, Service, Deployment, ReplicaSet, Node, Namespace, PodDisruptionBudget);
    keep!(&mut *object, old, spec, DaemonSet, StatefulSet, Job);
    keep_field(object, old, |name| name != "status");
}

/// The same for objects that are kept as trees.
fn keep_field(object: &mut Object, old: &Object, keep: impl Fn(&str) -> bool) {
    let (Object::Plain(new), Object::Plain(old)) = (object, old) else { return };
    let new = Rc::make_mut(new);
    new.body.retain(|name, _| !keep(name));
    new.body.extend(old.body.iter().filter(|(name, _)| keep(name)).map(|(name, value)| (name.clone(), value.clone())));
}

/// Endpoints of v1 have no topology but their node and zone.
fn drop_topology(slice: &mut Rc<EndpointSlice>) {
    if slice.endpoints.iter().any(|one| !one.deprecated_topology.is_empty()) {
        Rc::make_mut(slice).endpoints.iter_mut().for_each(|one| one.deprecated_topology.clear());
    }
}

fn spec_changed(object: &Object, old: &Object) -> bool {
    match (object, old) {
        (Object::Pod(new), Object::Pod(old)) => new.spec != old.spec,
        // A Deployment's annotations count, too.
        (Object::Deployment(new), Object::Deployment(old)) => {
            new.spec != old.spec || new.meta.annotations != old.meta.annotations
        }
        (Object::ReplicaSet(new), Object::ReplicaSet(old)) => new.spec != old.spec,
        (Object::PodDisruptionBudget(new), Object::PodDisruptionBudget(old)) => new.spec != old.spec,
        (Object::DaemonSet(new), Object::DaemonSet(old)) => new.spec != old.spec,
        (Object::StatefulSet(new), Object::StatefulSet(old)) => new.spec != old.spec,
        (Object::Job(new), Object::Job(old)) => new.spec != old.spec,
        (Object::Plain(new), Object::Plain(old)) => {
            new.body.iter().any(|(name, value)| name != "status" && old.body.get(name) != Some(value))
        }
        (Object::EndpointSlice(new), Object::EndpointSlice(old)) => {
            new.endpoints != old.endpoints || new.ports != old.ports || new.meta.labels != old.meta.labels
        }
        _ => false,
    }
}

/// Marks an object for deletion. Returns whether it must stay for now (grace period, finalizers).
pub fn begin_deletion(object: &mut Object, options: &DeleteOptions, clock: Time) -> bool {
    match options.propagation {
        Propagation::Orphan => add_finalizer(object, "orphan"),
        Propagation::Foreground => add_finalizer(object, "foregroundDeletion"),
        Propagation::Background => {}
    }
    if let Object::Pod(pod) = object {
        let grace = grace_period(pod, options.grace_period_seconds);
        if grace > 0 || !pod.meta.finalizers.is_empty() {
            shorten_grace(Rc::make_mut(pod), grace, clock);
            return true;
        }
        return false;
    }
    let waits = !object.meta().finalizers.is_empty() || object.kind() == Kind::Namespace;
    if waits && !object.meta().is_deleting() {
        let meta = object.meta_mut();
        meta.deletion_timestamp = Some(clock);
        meta.deletion_grace_period_seconds = Some(0);
        meta.generation += i64::from(meta.generation > 0);
        if let Object::Namespace(namespace) = object {
            Rc::make_mut(namespace).status.phase = "Terminating".into();
            Rc::make_mut(namespace).meta.deletion_grace_period_seconds = None;
        }
    }
    waits
}

/// Whether an object that is being deleted waits for nothing any more: no finalizer, no grace period.
pub fn may_go(meta: &ObjectMeta) -> bool {
    meta.is_deleting() && meta.finalizers.is_empty() && meta.deletion_grace_period_seconds.unwrap_or(0) == 0
}

fn add_finalizer(object: &mut Object, name: &str) {
    if !object.meta().finalizers.iter().any(|f| f == name) {
        object.meta_mut().finalizers.push(name.into());
    }
}

/// Seconds that a Pod gets: what was asked for, else its own; none without a node or after its end.
fn grace_period(pod: &Pod, asked: Option<i64>) -> i64 {
    if pod.spec.node_name.is_empty() || pod.is_terminal() {
        return 0;
    }
    let grace = asked.or(pod.spec.termination_grace_period_seconds).unwrap_or(30);
    if grace < 0 { 1 } else { grace }
}

/// A first deletion sets the deadline; a later one may only make it earlier.
fn shorten_grace(pod: &mut Pod, grace: i64, clock: Time) {
    let meta = &mut pod.meta;
    if let Some(deadline) = meta.deletion_timestamp {
        let left = meta.deletion_grace_period_seconds.unwrap_or(0);
        if grace < left {
            meta.deletion_timestamp = Some(Time(deadline.0 - left + grace));
            meta.deletion_grace_period_seconds = Some(grace);
        }
        return;
    }
    meta.deletion_timestamp = Some(Time(clock.0 + grace));
    meta.deletion_grace_period_seconds = Some(grace);
    meta.generation += 1;
}

/// Sets a Pod's condition; the transition time changes only with the status.
pub fn set_pod_condition(pod: &mut Pod, type_: &str, status: &str, reason: &str, message: &str, clock: Time) {
    let generation = pod.meta.generation;
    let new = PodCondition {
        type_: type_.into(),
        observed_generation: generation,
        status: status.into(),
        reason: reason.into(),
        message: message.into(),
        last_transition_time: clock,
        ..PodCondition::default()
    };
    match pod.status.conditions.iter_mut().find(|c| c.type_ == type_) {
        Some(old) if old.status == new.status => *old = PodCondition { last_transition_time: old.last_transition_time, ..new },
        Some(old) => *old = new,
        None => pod.status.conditions.push(new),
    }
}
