//! `kubectl describe`: an object and what belongs to it, in words.
//!
//! Promises: the bytes of `staging/kubectl/pkg/describe` for UTC. Must not know: where the objects come from (a [`World`] tells).

mod containers;
mod env;
mod events;
mod more_workloads;
mod network_policy;
mod node;
mod plain;
mod pod;
mod service;
mod small;
mod template;
mod workload;
mod writer;

pub(crate) use more_workloads::node_selector;
pub use template::pod_template;
pub use writer::Writer;

use crate::api::meta::ObjectMeta;
use crate::api::node::Event;
use crate::api::{EndpointSlice, Kind, Lease, Object, Pod, ReplicaSet, Resource, Time};
use std::rc::Rc;

/// What `describe` may look up.
pub trait World {
    /// All objects of a kind in a namespace ("" = in all), by namespace and name.
    fn list(&self, kind: Kind, namespace: &str) -> Vec<Object>;
    /// One object.
    fn get(&self, kind: Kind, namespace: &str, name: &str) -> Option<Object>;
    /// The events about an object (same name, namespace, kind and uid), in the server's order.
    fn events_of(&self, object: &Object) -> Vec<Rc<Event>>;
}

/// One object with its events.
pub fn describe(object: &Object, world: &dyn World, now: Time) -> String {
    let mut out = Writer::default();
    body(object, world, now, &mut out);
    let quiet = match object {
        Object::Namespace(_) | Object::Secret(_) => true,
        Object::Plain(plain) => !plain::has_events(plain),
        _ => false,
    };
    if !quiet {
        events::describe(&world.events_of(object), now, &mut out);
    }
    out.aligned()
}

/// Several objects: two empty lines between them. Events are shown for a single object only, unless `show_events` says otherwise.
pub fn describe_all(objects: &[Object], world: &dyn World, show_events: Option<bool>, now: Time) -> String {
    let with_events = show_events.unwrap_or(objects.len() < 2);
    let one = |object: &Object| {
        if with_events {
            return describe(object, world, now);
        }
        let mut out = Writer::default();
        body(object, world, now, &mut out);
        out.aligned()
    };
    objects.iter().map(one).collect::<Vec<_>>().join("\n\n")
}

fn body(object: &Object, world: &dyn World, now: Time, out: &mut Writer) {
    let namespace = &object.meta().namespace;
    match object {
        Object::Pod(pod) => pod::pod(pod, now, out),
        Object::Service(service) => {
            let slices = all::<EndpointSlice>(world, namespace);
            let own = |s: &&EndpointSlice| s.meta.labels.get(service::SERVICE_NAME) == Some(&service.meta.name);
            let slices: Vec<&EndpointSlice> = slices.iter().map(Rc::as_ref).filter(own).collect();
            service::service(service, &slices, out);
        }
        Object::Endpoints(endpoints) => service::endpoints(endpoints, out),
        Object::EndpointSlice(slice) => service::slice(slice, out),
        Object::Deployment(deployment) => {
            let sets = all::<ReplicaSet>(world, namespace);
            let own = |s: &&ReplicaSet| s.meta.controller().is_some_and(|owner| owner.uid == deployment.meta.uid);
            let sets: Vec<&ReplicaSet> = sets.iter().map(Rc::as_ref).filter(own).collect();
            workload::deployment(deployment, &sets, out);
        }
        Object::ReplicaSet(set) => workload::replica_set(set, all::<Pod>(world, namespace).iter().map(Rc::as_ref), out),
        Object::Node(node) => {
            let lease = world.get(Kind::Lease, "kube-node-lease", &node.meta.name);
            let pods = all::<Pod>(world, "");
            let here = |p: &&Pod| p.spec.node_name == node.meta.name && !p.is_terminal();
            let pods: Vec<&Pod> = pods.iter().map(Rc::as_ref).filter(here).collect();
            node::node(node, lease.as_ref().and_then(|l| l.as_::<Lease>()).map(Rc::as_ref), &pods, now, out);
        }
        Object::Namespace(namespace) => {
            small::namespace(namespace, out);
            plain::of_namespace(&namespace.meta.name, world, out);
        }
        Object::ConfigMap(map) => small::config_map(map, out),
        Object::Secret(secret) => small::secret(secret, out),
        Object::ServiceAccount(account) => small::service_account(account, out),
        Object::PodDisruptionBudget(budget) => small::budget(budget, out),
        Object::DaemonSet(set) => more_workloads::daemon_set(set, &all::<Pod>(world, namespace), out),
        Object::StatefulSet(set) => more_workloads::stateful_set(set, &all::<Pod>(world, namespace), out),
        Object::Job(job) => more_workloads::job(job, out),
        Object::Event(_) | Object::Lease(_) | Object::ControllerRevision(_) => small::generic(object, out),
        Object::Plain(plain) => plain::plain(object, plain, world, out),
    }
}

fn all<T: Resource>(world: &dyn World, namespace: &str) -> Vec<Rc<T>> {
    world.list(T::KIND, namespace).iter().filter_map(|o| o.as_::<T>().cloned()).collect()
}

/// Name, namespace, labels and annotations.
fn head(meta: &ObjectMeta, out: &mut Writer) {
    out.field(0, "Name", &meta.name);
    out.field(0, "Namespace", &meta.namespace);
    out.labels("Labels", &meta.labels);
    out.annotations("Annotations", &meta.annotations);
}

fn controlled_by(meta: &ObjectMeta, out: &mut Writer) {
    if let Some(owner) = meta.controller() {
        out.field(0, "Controlled By", format!("{}/{}", owner.kind, owner.name));
    }
}

/// A moment as Go's RFC1123Z writes it; one that was never set is the beginning of Go's time.
fn moment(time: Time) -> String {
    if time.is_zero() { "Mon, 01 Jan 0001 00:00:00 +0000".to_owned() } else { time.rfc1123z() }
}
