//! What somebody who watches the cluster knows of why each object is as it is.

use super::act::facts;
use crate::api::meta::ObjectMeta;
use crate::api::{Key, Kind, Object, Pod};
use crate::apiserver::Change;
use crate::cause::{Act, Cause, Shape, What};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// Removed objects of which is still known why they went; the oldest are forgotten first.
pub const REMEMBERED: usize = 2048;

/// Something about an object that a write established.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// It was made.
    Born,
    /// It was written last.
    Last,
    /// Its deletion was asked for.
    Ending,
    /// It was removed.
    Gone,
    /// The number of replicas.
    Scaled,
    /// The Pod template; of a ReplicaSet also: it became the newest one.
    Template,
    /// Pod: labels.
    Labels,
    /// Pod: not ready since.
    Unready,
    /// Pod: ready since.
    Ready,
    /// Pod: Succeeded or Failed.
    Ended,
    /// Pod: out of an EndpointSlice since. EndpointSlice: last write that took Pods out.
    Left,
    /// ReplicaSet: last loss of a Pod that it did not want itself.
    Lost,
    /// ReplicaSet: last Pod that it found.
    Gained,
    /// Service: ports, type, address.
    Ports,
    /// Service: which Pods it selects.
    Selector,
    /// Service: traffic policies.
    Policy,
    /// Node: taints and readiness.
    Tainted,
}

/// What is known of one object.
#[derive(Clone, Debug, Default)]
struct Bio {
    uid: String,
    facts: BTreeMap<Fact, Cause>,
    shape: Option<Rc<Shape>>,
}

/// What is known of all objects.
#[derive(Clone, Debug, Default)]
pub struct Bios {
    bios: BTreeMap<(Kind, Key), Bio>,
    removed: VecDeque<(Kind, Key)>,
}

impl Bios {
    /// Takes in a change with its cause.
    pub fn apply(&mut self, change: &Change) {
        let (Some(why), kind, object) = (&change.why, change.kind(), change.object()) else { return };
        if matches!(kind, Kind::Event | Kind::Lease) {
            return;
        }
        let place = (kind, object.key());
        let bio = self.bios.entry(place.clone()).or_default();
        if bio.uid != object.meta().uid {
            *bio = Bio { uid: object.meta().uid.clone(), ..Bio::default() };
        }
        for fact in facts(change) {
            bio.facts.insert(fact, why.clone());
        }
        if why.shape.is_some() {
            bio.shape = why.shape.clone();
        }
        if let What::Wrote { act: Act::Endpoints { left, .. }, .. } = &why.what
            && !left.is_empty()
        {
            bio.facts.insert(Fact::Left, why.clone());
            for pod in left {
                self.set(Kind::Pod, &Key::new(&place.1.namespace, pod), Fact::Left, why);
            }
        }
        if kind == Kind::Pod {
            self.owned(change, why);
        }
        if change.new.is_none() {
            self.forget_later(place);
        }
    }

    fn set(&mut self, kind: Kind, key: &Key, fact: Fact, why: &Cause) {
        if let Some(bio) = self.bios.get_mut(&(kind, key.clone())) {
            bio.facts.insert(fact, why.clone());
        }
    }

    fn forget_later(&mut self, place: (Kind, Key)) {
        self.removed.push_back(place);
        if self.removed.len() > REMEMBERED
            && let Some(place) = self.removed.pop_front()
            && self.bios.get(&place).is_some_and(|bio| bio.facts.contains_key(&Fact::Gone))
        {
            self.bios.remove(&place);
        }
    }

    /// A Pod's ReplicaSet lost it by somebody else's doing, or found it.
    fn owned(&mut self, change: &Change, why: &Cause) {
        let owner = |pod: Option<&Rc<Pod>>| pod.and_then(|p| owner(&p.meta));
        let (before, after) = (owner(change.before::<Pod>()), owner(change.after::<Pod>()));
        let own = matches!(&why.what, What::Wrote { by, .. } if &**by == "replicaset-controller");
        if let Some(key) = &before {
            let active = |pod: Option<&Rc<Pod>>| pod.is_some_and(|p| !p.meta.is_deleting() && !p.is_terminal());
            let ended = active(change.before::<Pod>()) && !active(change.after::<Pod>());
            let labels = change.before::<Pod>().map(|p| &p.meta.labels) != change.after::<Pod>().map(|p| &p.meta.labels);
            if (ended || after.is_none() || labels) && !own {
                self.set(Kind::ReplicaSet, key, Fact::Lost, why);
            }
        }
        if let Some(key) = after.filter(|after| before.as_ref() != Some(after) && change.old.is_some()) {
            let pod = change.object().key();
            let found = self.fact(Kind::Pod, &pod, Fact::Labels).or_else(|| self.fact(Kind::Pod, &pod, Fact::Born)).cloned();
            self.set(Kind::ReplicaSet, &key, Fact::Gained, &found.unwrap_or_else(|| why.clone()));
        }
    }

    /// The write that established something about an object.
    pub fn fact(&self, kind: Kind, key: &Key, fact: Fact) -> Option<&Cause> {
        self.bios.get(&(kind, key.clone()))?.facts.get(&fact)
    }

    /// The latest of several facts about an object.
    pub fn latest(&self, kind: Kind, key: &Key, facts: &[Fact]) -> Option<Cause> {
        let bio = self.bios.get(&(kind, key.clone()))?;
        facts.iter().filter_map(|fact| bio.facts.get(fact)).max_by_key(|why| why.at).cloned()
    }

    /// Where each property of the Pods that an object makes (or is) comes from.
    pub fn shape(&self, kind: Kind, key: &Key) -> Option<&Rc<Shape>> {
        self.bios.get(&(kind, key.clone()))?.shape.as_ref()
    }

    /// The objects of a kind in a namespace of which something is known.
    pub fn keys<'a>(&'a self, kind: Kind, namespace: &'a str) -> impl Iterator<Item = &'a Key> + 'a {
        let from = (kind, Key::new(namespace, ""));
        let of = move |(k, key): &&(Kind, Key)| *k == kind && *key.namespace == *namespace;
        self.bios.range(from..).map(|(place, _)| place).take_while(of).map(|(_, key)| key)
    }
}

/// The controller of an object, as a key of its own namespace.
pub fn owner(meta: &ObjectMeta) -> Option<Key> {
    meta.controller().map(|owner| Key::new(&meta.namespace, &owner.name))
}

/// The Service of an EndpointSlice.
pub fn service_of(object: &Object) -> Option<Key> {
    let meta = object.meta();
    meta.labels.get("kubernetes.io/service-name").map(|name| Key::new(&meta.namespace, name))
}
