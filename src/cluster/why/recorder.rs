//! Finds the cause of each write: from who wrote, what the write did, and what its author knew.

use super::act::act;
use super::bios::{Bios, Fact, owner, service_of};
use super::fields::shape;
use crate::api::{Key, Kind, Node, Object, Pod};
use crate::apiserver::Change;
use crate::cause::{Act, Cause, Shape, What, later};
use crate::node::kubelet::Kubelet;
use crate::time::Nanos;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Facts that can make a Pod leave its Services.
const LEAVING: &[Fact] = &[Fact::Ending, Fact::Gone, Fact::Unready, Fact::Labels, Fact::Ended];
/// Facts about a Deployment or ReplicaSet that its controller acts on.
const WANTED: &[Fact] = &[Fact::Scaled, Fact::Template, Fact::Born, Fact::Ending];

/// Who acts now, and what is known of nodes, clients and objects.
#[derive(Clone, Debug)]
pub struct Why {
    /// The person's command that is being carried out, or the start of the cluster.
    pub actor: Cause,
    /// What is known of all objects, up to now.
    pub bios: Bios,
    /// What cluster DNS knows.
    pub dns: Bios,
    /// Why each node's network went last.
    pub cuts: BTreeMap<Rc<str>, Cause>,
    /// Why each node's network came back last.
    pub returns: BTreeMap<Rc<str>, Cause>,
    /// Why each client does what it does.
    pub clients: BTreeMap<Rc<str>, Cause>,
    /// Why each node's link was made slow last, and when that ended; `None`: the links between.
    pub links: BTreeMap<Option<Rc<str>>, (Cause, Option<Nanos>)>,
}

impl Why {
    /// A cluster that comes up.
    pub fn new() -> Why {
        Why {
            actor: Cause::new(0, What::Boot, vec![]),
            bios: Bios::default(),
            dns: Bios::default(),
            cuts: BTreeMap::new(),
            returns: BTreeMap::new(),
            clients: BTreeMap::new(),
            links: BTreeMap::new(),
        }
    }

    /// Why a node is well again, or not.
    pub fn network(&self, node: &str, well: bool) -> Option<&Cause> {
        let (first, second) = if well { (&self.returns, &self.cuts) } else { (&self.cuts, &self.returns) };
        first.get(node).or_else(|| second.get(node))
    }

    /// The cause of a write by a person (or by the start of the cluster).
    pub fn by_person(&self, change: &Change, now: Nanos) -> Cause {
        let known = match change.kind() {
            Kind::Deployment | Kind::ReplicaSet | Kind::Pod => self.bios.shape(change.kind(), &change.object().key()),
            _ => None,
        };
        write("kubectl", change, now, vec![self.actor.clone()], known)
    }

    /// The cause of a write by a kubelet: what happened to the Pod, or to the node's network.
    pub fn by_kubelet(&self, kubelet: &Kubelet, change: &Change, now: Nanos) -> Cause {
        let known = match change.object() {
            Object::Pod(_) => self.bios.shape(Kind::Pod, &change.object().key()),
            _ => None,
        };
        let because = match change.object() {
            Object::Pod(pod) => kubelet.why(&pod.meta.uid).cloned(),
            _ => self.network(&kubelet.node, true).cloned(),
        };
        write(&format!("kubelet {}", kubelet.node), change, now, vec![because.unwrap_or_else(|| self.actor.clone())], known)
    }

    /// The cause of a write by a controller, from what its process knows.
    pub fn by_controller(&self, by: &str, change: &Change, now: Nanos, knows: &Bios) -> Cause {
        let view = Knowing { why: self, knows };
        let (because, known) = view.because(by, change);
        let because = if because.is_empty() { vec![view.fallback(change)] } else { because };
        let known = known.or_else(|| knows.shape(change.kind(), &change.object().key()).cloned());
        write(by, change, now, because, known.as_ref())
    }
}

/// Writes the deed down; `known`: where the properties of the Pods that it shapes come from, as far as they stay.
fn write(by: &str, change: &Change, now: Nanos, because: Vec<Cause>, known: Option<&Rc<Shape>>) -> Cause {
    let (kind, key) = (change.kind(), change.object().key());
    let what = What::Wrote { by: by.into(), kind, key, version: change.version, act: act(change) };
    let deed = Cause::new(now, what, because);
    match kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::Pod => match shape(change, &deed, known) {
            Some(shape) => deed.shaped(shape),
            None => deed,
        },
        _ => deed,
    }
}

/// A process at work: everything, and what it knows.
struct Knowing<'a> {
    why: &'a Why,
    knows: &'a Bios,
}

impl Knowing<'_> {
    fn because(&self, by: &str, change: &Change) -> (Vec<Cause>, Option<Rc<Shape>>) {
        let (kind, key) = (change.kind(), change.object().key());
        let one = |cause: Option<Cause>| cause.into_iter().collect::<Vec<Cause>>();
        match (by, kind) {
            ("deployment-controller", Kind::ReplicaSet) => self.replica_set(change, &key),
            ("deployment-controller", _) => (one(self.knows.latest(kind, &key, WANTED)), self.knows.shape(kind, &key).cloned()),
            ("replicaset-controller", Kind::Pod) => self.pod(change, &key),
            ("endpoint-slice-controller" | "endpoint-controller" | "endpoint-slice-mirroring-controller", _) => {
                (self.endpoints(change, &key), None)
            }
            ("default-scheduler", Kind::Pod) => {
                (one(self.knows.fact(kind, &key, Fact::Born).cloned()), self.knows.shape(kind, &key).cloned())
            }
            ("garbage-collector-controller", _) => (one(self.owner_gone(change)), None),
            ("namespace-controller", _) => {
                let namespace = Key::new("", &key.namespace);
                (one(self.knows.latest(Kind::Namespace, &namespace, &[Fact::Ending, Fact::Last])), None)
            }
            (_, Kind::Pod) => (one(self.node_of(change)), None),
            (_, Kind::Node) => {
                let ready = |node: &Rc<Node>| node.is_ready();
                (one(self.why.network(&key.name, change.after::<Node>().is_some_and(ready)).cloned()), None)
            }
            _ => (vec![], None),
        }
    }

    /// A Deployment's controller made a ReplicaSet, or gave it another size: because of its template or its replicas.
    fn replica_set(&self, change: &Change, key: &Key) -> (Vec<Cause>, Option<Rc<Shape>>) {
        let Some(owner) = owner(change.object().meta()) else { return (vec![], None) };
        let fact = |fact| self.knows.fact(Kind::Deployment, &owner, fact);
        let shape = self.knows.shape(Kind::Deployment, &owner).cloned();
        let newest = match (&shape, self.knows.shape(Kind::ReplicaSet, key)) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            _ => true,
        };
        let meddled = self.meddled(Kind::ReplicaSet, key);
        let cause = match act(change) {
            Act::Created => later(fact(Fact::Template), meddled.as_ref()),
            Act::Template | Act::Removed | Act::Ending(_) => fact(Fact::Template).cloned(),
            Act::Scaled { from, to } if to < from && !newest => later(fact(Fact::Template), meddled.as_ref()),
            Act::Scaled { from, to } if to < from => later(fact(Fact::Scaled), meddled.as_ref()),
            _ => later(later(fact(Fact::Template), fact(Fact::Scaled)).as_ref(), meddled.as_ref()),
        };
        // The newest ReplicaSet's Pods are as the Deployment's template says; an older one's stay as they were.
        let own = self.knows.shape(Kind::ReplicaSet, key).cloned();
        let taken = matches!(act(change), Act::Created | Act::Template);
        (cause.into_iter().collect(), if taken { shape } else { own.or(shape) })
    }

    /// What somebody other than its controller did last to the spec of an object.
    fn meddled(&self, kind: Kind, key: &Key) -> Option<Cause> {
        let last = self.knows.latest(kind, key, &[Fact::Scaled, Fact::Gone, Fact::Ending])?;
        let own = matches!(&last.what, What::Wrote { by, .. } if by.ends_with("-controller"));
        (!own).then_some(last)
    }

    /// A ReplicaSet's controller made or deleted a Pod: because of its size, or because Pods went or came by other hands.
    fn pod(&self, change: &Change, key: &Key) -> (Vec<Cause>, Option<Rc<Shape>>) {
        let meta = change.object().meta();
        let Some(owner) = owner(meta).or_else(|| change.old.as_ref().and_then(|old| self::owner(old.meta()))) else {
            return (vec![], None);
        };
        let fact = |fact| self.knows.fact(Kind::ReplicaSet, &owner, fact);
        let cause = match act(change) {
            Act::Created => later(fact(Fact::Scaled), fact(Fact::Lost)),
            Act::Ending(_) | Act::Removed => later(fact(Fact::Scaled), fact(Fact::Gained)),
            _ => self.knows.latest(Kind::Pod, key, &[Fact::Labels, Fact::Born]),
        };
        let shape = if matches!(act(change), Act::Created) { self.knows.shape(Kind::ReplicaSet, &owner).cloned() } else { None };
        (cause.into_iter().collect(), shape)
    }

    /// A slice changed: because of the Pods that left it, or of its Service, or of the Pods that came.
    fn endpoints(&self, change: &Change, key: &Key) -> Vec<Cause> {
        let service = service_of(change.object()).unwrap_or_else(|| key.clone());
        let of_service = self.knows.latest(Kind::Service, &service, &[Fact::Selector, Fact::Ports, Fact::Policy, Fact::Gone]);
        let Act::Endpoints { left, came, ports } = act(change) else { return of_service.into_iter().collect() };
        let mut because = vec![];
        for pod in &left {
            let pod = Key::new(&service.namespace, pod);
            let why = self.knows.latest(Kind::Pod, &pod, LEAVING);
            because.extend(later(why.as_ref(), self.deselected(&service, &pod).as_ref()));
        }
        if ports || because.is_empty() && came.is_empty() {
            because.extend(of_service.clone());
        }
        for pod in &came {
            because.extend(self.knows.latest(Kind::Pod, &Key::new(&service.namespace, pod), &[Fact::Ready, Fact::Labels]));
        }
        because.extend(of_service.filter(|_| because.is_empty()));
        because
    }

    /// The change of a Service that stopped selecting a Pod, if the Pod itself did nothing that would make it leave.
    fn deselected(&self, service: &Key, pod: &Key) -> Option<Cause> {
        let selector = self.knows.latest(Kind::Service, service, &[Fact::Selector, Fact::Ports, Fact::Gone])?;
        let ready = self.knows.latest(Kind::Pod, pod, &[Fact::Ready, Fact::Labels]);
        let born_so = matches!(&selector.what, What::Wrote { act: Act::Created, .. });
        (!born_so && ready.is_none_or(|ready| ready.at < selector.at)).then_some(selector)
    }

    fn owner_gone(&self, change: &Change) -> Option<Cause> {
        let meta = change.object().meta();
        let gone = |owner: &crate::api::meta::OwnerReference| {
            let kind = Kind::from_manifest(&owner.api_version, &owner.kind)?;
            self.knows.latest(kind, &Key::new(&meta.namespace, &owner.name), &[Fact::Gone, Fact::Ending])
        };
        meta.owner_references.iter().find_map(gone)
    }

    /// Node lifecycle, taint eviction, Pod garbage: because of the node that the Pod is on.
    fn node_of(&self, change: &Change) -> Option<Cause> {
        let pod = change.after::<Pod>().or_else(|| change.before::<Pod>())?;
        let removed = self.knows.fact(Kind::Node, &Key::new("", &pod.spec.node_name), Fact::Gone);
        let tainted = self.knows.fact(Kind::Node, &Key::new("", &pod.spec.node_name), Fact::Tainted);
        removed.or_else(|| self.why.cuts.get(pod.spec.node_name.as_str())).or(tainted).cloned()
    }

    /// For writes that no rule here knows: what happened last to the object, or to its owner.
    fn fallback(&self, change: &Change) -> Cause {
        let (kind, object) = (change.kind(), change.object());
        // Never the last write itself: writes that follow from each other for ever would remember each other for ever.
        let own = self.knows.latest(kind, &object.key(), &[Fact::Scaled, Fact::Template, Fact::Ending, Fact::Born]);
        let owners = &object.meta().owner_references;
        let of_owner = owners.iter().find_map(|o| {
            let kind = Kind::from_manifest(&o.api_version, &o.kind)?;
            self.knows.latest(kind, &Key::new(&object.meta().namespace, &o.name), &[Fact::Gone, Fact::Ending, Fact::Born])
        });
        own.or(of_owner).unwrap_or_else(|| self.why.actor.clone())
    }
}
