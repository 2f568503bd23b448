//! The server of one cluster: its clock, what is read of its store, and how a change is stored and told.
//!
//! Requests that change objects stand in files of their own. Promises: whatever is stored or removed is told to watchers, in order.

mod bind;
mod create;
mod delete;
mod events;
mod update;

pub use delete::{DeleteOptions, Deleted, Propagation};

use super::managed_fields::{Client, Managers};
use super::{Change, ServiceAllocator, Status, Store};
use crate::api::{Key, Kind, MicroTime, Object, Resource, Time};
use crate::time::{Nanos, SECOND, Stream};
use std::collections::VecDeque;
use std::rc::Rc;

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
    pub fn micro_clock(&self) -> MicroTime {
        MicroTime(self.epoch * 1_000_000 + (self.now / 1_000) as i64)
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
}
