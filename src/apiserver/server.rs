//! Requests to the API server: create, read, update, delete, and what each does to metadata.
//!
//! Sources: `staging/apiserver/pkg/registry/generic/registry/store.go`, `…/rest/{create,update,delete}.go`,
//! `pkg/registry/core/{pod,service}/strategy.go`.

use super::managed_fields::{Client, Managers};
use super::strategy::{self, Part};
use super::{Change, ServiceAllocator, Status, Store};
use crate::api::node::{Event, ServiceAccount};
use crate::api::{Key, Kind, Node, Object, Pod, Resource, Time};
use crate::time::{Nanos, SECOND, Stream};
use std::collections::VecDeque;
use std::rc::Rc;

/// Events are forgotten this many seconds after they were last written (`--event-ttl`).
const EVENT_TTL: i64 = 3600;

/// Namespaces that no one may delete (`plugin/…/namespace/lifecycle`).
const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

/// The API server of one cluster.
#[derive(Clone, Debug)]
pub struct ApiServer {
    store: Store,
    changes: Vec<Change>,
    now: Nanos,
    epoch: i64,
    pub(super) random: Stream,
    pub(super) warnings: Vec<String>,
    events: u64,
    expiring: VecDeque<(i64, Key)>,
    pub(super) services: ServiceAllocator,
    pub(super) most_pods: u64,
    pub(super) client: Option<Client>,
    pub(super) managers: Managers,
}

/// How an object is to be deleted.
#[derive(Clone, Debug, Default)]
pub struct DeleteOptions {
    /// Seconds a Pod gets to stop; `None`: its own.
    pub grace_period_seconds: Option<i64>,
    /// What happens to objects that it owns.
    pub propagation: Propagation,
    /// Refuse when the object's uid is another.
    pub uid: Option<String>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What happens to the objects that a deleted object owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    /// The object goes at once, what it owned is collected later.
    #[default]
    Background,
    /// What it owned goes first.
    Foreground,
    /// What it owned stays.
    Orphan,
}

/// What became of a delete request.
#[derive(Clone, Debug, PartialEq)]
pub enum Deleted {
    /// The object is gone.
    Gone(Object),
    /// The object stays until whoever it waits for is done (grace period, finalizers).
    Pending(Object),
}

impl ApiServer {
    /// An empty server. `epoch`: the wall-clock second at which virtual time is 0.
    pub fn new(seed: u64, epoch: i64) -> ApiServer {
        ApiServer {
            store: Store::default(),
            changes: vec![],
            now: 0,
            epoch,
            random: Stream::new(seed, "apiserver"),
            warnings: vec![],
            events: 0x17f3_0000_0000_0000,
            expiring: VecDeque::new(),
            services: ServiceAllocator::default(),
            most_pods: u64::MAX,
            client: None,
            managers: Managers::default(),
        }
    }

    /// Tells the server what time it is. Time never goes back.
    pub fn set_now(&mut self, now: Nanos) {
        debug_assert!(now >= self.now);
        self.now = now;
    }

    /// Virtual time.
    pub fn now(&self) -> Nanos {
        self.now
    }

    /// The wall clock of the cluster, in whole seconds.
    pub fn clock(&self) -> Time {
        Time(self.epoch + (self.now / SECOND) as i64)
    }

    /// The wall clock of the cluster at a virtual time, in microseconds.
    pub fn micro_clock(&self) -> crate::api::MicroTime {
        crate::api::MicroTime(self.epoch * 1_000_000 + (self.now / 1_000) as i64)
    }

    /// All objects.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The object at a key.
    pub fn get<T: Resource>(&self, key: &Key) -> Option<&Rc<T>> {
        self.store.typed(key)
    }

    /// The object at a key, or `NotFound`.
    pub fn read(&self, kind: Kind, key: &Key) -> Result<&Object, Status> {
        self.store.get(kind, key).ok_or_else(|| Status::not_found(kind, &key.name))
    }

    /// The changes that [`ApiServer::take_changes`] will return.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The changes since this was last called, in order: what watchers are to be told.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// The changes that watchers were not told of yet: their causes are filled in by whoever knows who made them.
    pub fn changes_mut(&mut self) -> &mut [Change] {
        &mut self.changes
    }

    /// A number for the name of an event, never the same twice.
    pub(super) fn event_id(&mut self) -> u64 {
        self.events += 1 + self.random.below(1 << 20);
        self.events
    }

    /// Writes an Event without further checks: events have no admission here.
    pub(super) fn write_event(&mut self, mut event: Event) {
        let key = Key::new(&event.meta.namespace, &event.meta.name);
        if self.store.get(Kind::Event, &key).is_none() {
            event.meta.uid = self.random.uid();
            event.meta.creation_timestamp = self.clock();
            self.expiring.push_back((self.clock().0 + EVENT_TTL, key));
        }
        self.put(Object::Event(Rc::new(event)));
        self.expire_events();
    }

    /// Forgets events that nobody has written for [`EVENT_TTL`].
    fn expire_events(&mut self) {
        let now = self.clock().0;
        while let Some((_, key)) = self.expiring.pop_front_if(|(at, _)| *at <= now) {
            let Some(last) = self.get::<Event>(&key).map(|e| e.last_seen() / 1_000_000) else { continue };
            if last + EVENT_TTL > now {
                self.expiring.push_back((now + EVENT_TTL, key));
            } else {
                self.store.remove(Kind::Event, &key);
            }
        }
    }

    fn put(&mut self, object: Object) -> Object {
        let stored = self.store_as_is(object);
        self.recount(stored.kind(), &stored.meta().namespace);
        stored
    }

    /// Stores an object and tells watchers, and nothing else.
    pub(super) fn store_as_is(&mut self, object: Object) -> Object {
        let change = self.store.put(object);
        let stored = change.object().clone();
        if let Object::Service(service) = &stored {
            self.keep_addresses(change.before().map(Rc::as_ref), Some(service));
        }
        self.changes.push(change);
        stored
    }

    fn remove(&mut self, kind: Kind, key: &Key) -> Option<Object> {
        let change = self.store.remove(kind, key)?;
        let object = change.object().clone();
        if let Object::Service(service) = &object {
            self.services.release(service);
            self.keep_addresses(Some(service), None);
        }
        self.managers.forget(&object.meta().uid);
        self.changes.push(change);
        self.recount(kind, &key.namespace);
        Some(object)
    }

    /// Puts an object in place as it is, without defaults, admission or validation: for a cluster's first objects.
    pub fn seed(&mut self, mut object: Object) -> Object {
        let clock = self.clock();
        let meta = object.meta_mut();
        if meta.uid.is_empty() {
            meta.uid = self.random.uid();
        }
        if meta.creation_timestamp.is_zero() {
            meta.creation_timestamp = clock;
        }
        if let Object::Service(service) = &object {
            self.services.reserve(service);
        }
        self.put(object)
    }

    /// The same for an object of a kind that nobody watches.
    pub fn seed_unwatched(&mut self, object: Object) {
        self.store.put(object);
    }

    /// Removes such an object.
    pub(super) fn forget_quietly(&mut self, kind: Kind, key: &Key) {
        self.store.remove(kind, key);
    }

    /// POST: defaults, admission, allocation, validation; then it is stored with a new uid.
    pub fn create(&mut self, mut object: Object, dry_run: bool) -> Result<Object, Status> {
        let kind = object.kind();
        self.check_namespace(&object)?;
        let (suffix, uid, clock) = (self.random.name_suffix(), self.random.uid(), self.clock());
        let meta = object.meta_mut();
        if meta.name.is_empty() && !meta.generate_name.is_empty() {
            let cut = meta.generate_name.char_indices().nth(58).map_or(meta.generate_name.len(), |(i, _)| i);
            meta.name = format!("{}{suffix}", &meta.generate_name[..cut]);
        }
        meta.uid = uid;
        meta.creation_timestamp = clock;
        meta.deletion_timestamp = None;
        meta.deletion_grace_period_seconds = None;
        meta.resource_version = String::new();
        strategy::prepare_for_create(&mut object);
        let given = self.client.clone().map(|client| (client, with_defaults(&object)));
        if let Object::Pod(pod) = &mut object {
            let account = self.get::<ServiceAccount>(&super::pod_admission::account(pod)).cloned();
            let class = self.store.get(Kind::PriorityClass, &Key::new("", &pod.spec.priority_class_name)).cloned();
            let pod = Rc::make_mut(pod);
            self.set_limits(pod);
            super::pod_admission::mutate(pod, account.as_deref(), class.as_ref(), &mut self.random)?;
            if !pod.spec.node_name.is_empty() {
                self.label_topology(pod);
            }
        }
        if let (Kind::Ingress, Object::Plain(ingress)) = (kind, &mut object) {
            self.set_ingress_class(Rc::make_mut(ingress));
        }
        self.admit_new(&mut object, dry_run)?;
        let vacant = match self.store.get(kind, &object.key()) {
            Some(_) => Err(Status::already_exists(kind, &object.meta().name)),
            None => Ok(()),
        };
        if let Err(refusal) = self.check_room(&object).and(vacant) {
            if let (Object::Service(service), false) = (&object, dry_run) {
                self.services.release(service);
            }
            return Err(refusal);
        }
        if dry_run {
            return Ok(object);
        }
        if let Some((client, given)) = given {
            self.managers.created(&object.meta().uid, &client, &given, clock);
        }
        Ok(self.put(object))
    }

    /// PUT: replaces metadata and spec; the status stays. A resourceVersion that is not the current one is a conflict.
    pub fn update(&mut self, object: Object, dry_run: bool) -> Result<Object, Status> {
        self.replace(object, dry_run, Part::Spec)
    }

    /// PUT on the status subresource: replaces the status (and nothing else).
    pub fn update_status(&mut self, object: Object, dry_run: bool) -> Result<Object, Status> {
        self.replace(object, dry_run, Part::Status)
    }

    fn replace(&mut self, mut object: Object, dry_run: bool, part: Part) -> Result<Object, Status> {
        let (kind, key) = (object.kind(), object.key());
        let old = self.read(kind, &key)?.clone();
        let version = &object.meta().resource_version;
        if !version.is_empty() && *version != old.meta().resource_version {
            return Err(Status::conflict(kind, &key.name));
        }
        let uid = &object.meta().uid;
        if !uid.is_empty() && *uid != old.meta().uid {
            let message = format!(
                "Operation cannot be fulfilled on {} {:?}: StorageError: invalid object, Code: 4, Key: /registry/{}/{key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
                kind.resource(),
                &*key.name,
                kind.info().plural,
                old.meta().uid
            );
            return Err(Status::new(409, "Conflict", message));
        }
        if part == Part::Spec {
            // Before the comparison with the old object, which has its defaults.
            crate::api::defaults::apply(&mut object);
        }
        strategy::prepare_for_update(&mut object, &old, part);
        let given = self.client.clone().map(|client| (client, object.clone()));
        if let (Object::Pod(pod), Object::Pod(old), Part::Spec) = (&mut object, &old, part)
            && pod.spec != old.spec
        {
            super::pod_admission::mutate_again(Rc::make_mut(pod), old);
        }
        self.admit_update(&mut object, &old, part, dry_run)?;
        object.meta_mut().resource_version = old.meta().resource_version.clone();
        if object == old || dry_run {
            return Ok(object);
        }
        if let Some((client, given)) = given {
            let subresource = if part == Part::Status { "status" } else { client.subresource };
            self.managers.updated(&Client { subresource, ..client }, &old, &given, self.clock());
        }
        if kind != Kind::Namespace && strategy::may_go(object.meta()) {
            self.put(object);
            return self.remove(kind, &key).ok_or_else(|| Status::not_found(kind, &key.name));
        }
        Ok(self.put(object))
    }

    /// PUT on a namespace's finalize subresource by the namespace controller: its content is gone, so it goes, too.
    pub fn finalize_namespace(&mut self, key: &Key) -> Result<(), Status> {
        let mut object = self.read(Kind::Namespace, key)?.clone();
        if let Object::Namespace(namespace) = &mut object {
            Rc::make_mut(namespace).spec.finalizers.clear();
        }
        let goes = strategy::may_go(object.meta());
        self.put(object);
        if goes {
            self.remove(Kind::Namespace, key);
        }
        Ok(())
    }

    /// DELETE: at once, or a mark that whoever must act first will see (grace period, finalizers).
    pub fn delete(&mut self, kind: Kind, key: &Key, options: &DeleteOptions) -> Result<Deleted, Status> {
        let mut object = self.read(kind, key)?.clone();
        if kind == Kind::Namespace && IMMORTAL.contains(&&*key.name) {
            return Err(Status::forbidden(kind, &key.name, "this namespace may not be deleted"));
        }
        if let Some(uid) = options.uid.as_ref().filter(|u| **u != object.meta().uid) {
            let message = format!(
                "Operation cannot be fulfilled on {} {:?}: the UID in the precondition ({uid}) does not match the UID in record ({}). The object might have been deleted and then recreated",
                kind.resource(),
                &*key.name,
                object.meta().uid
            );
            return Err(Status::new(409, "Conflict", message));
        }
        let clock = self.clock();
        let waits = strategy::begin_deletion(&mut object, options, clock);
        if options.dry_run {
            return Ok(if waits { Deleted::Pending(object) } else { Deleted::Gone(object) });
        }
        if waits {
            let unchanged = self.store.get(kind, key) == Some(&object);
            return Ok(Deleted::Pending(if unchanged { object } else { self.put(object) }));
        }
        self.remove(kind, key).map(Deleted::Gone).ok_or_else(|| Status::not_found(kind, &key.name))
    }

    /// Binds a Pod to a node, as the scheduler does (`pods/binding`), and labels it with the node's topology.
    pub fn bind(&mut self, key: &Key, uid: &str, node: &str) -> Result<(), Status> {
        let pod = self.get::<Pod>(key).filter(|p| p.meta.uid == uid).ok_or_else(|| Status::not_found(Kind::Pod, &key.name))?;
        if pod.meta.is_deleting() || !pod.spec.node_name.is_empty() {
            return Err(Status::conflict(Kind::Pod, &key.name));
        }
        let mut pod = (**pod).clone();
        pod.spec.node_name = node.to_string();
        self.label_topology(&mut pod);
        strategy::set_pod_condition(&mut pod, "PodScheduled", "True", "", "", self.clock());
        self.put(Object::Pod(Rc::new(pod)));
        Ok(())
    }

    /// PodTopologyLabels admission: a bound Pod carries its node's zone and region.
    pub(super) fn label_topology(&self, pod: &mut Pod) {
        let Some(node) = self.get::<Node>(&Key::new("", &pod.spec.node_name)) else { return };
        for label in ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"] {
            if let Some(value) = node.meta.labels.get(label) {
                pod.meta.labels.insert(label.into(), value.clone());
            }
        }
    }
}

/// What a request says of a new object, with its defaults.
fn with_defaults(object: &Object) -> Object {
    let mut given = object.clone();
    crate::api::defaults::apply(&mut given);
    given
}
