//! Controllers on a small API server, with a cache that is told of every change at once. Driven by hand, sync by sync.

use crate::api::{Key, Kind, Namespace, Object, Resource};
use crate::apiserver::{ApiServer, Change, DeleteOptions, Recorder};
use crate::controllers::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::time::{Nanos, Stream};
use std::rc::Rc;

/// The clock at the start, seconds since 1970.
const EPOCH: i64 = 1_800_000_000;

struct Loop {
    controller: Box<dyn Controller>,
    queue: WorkQueue,
}

/// The controllers and what they work with.
pub struct Bench {
    pub api: ApiServer,
    /// Looks at every object before the cache gets it, and may change it.
    pub lens: fn(&mut Object),
    cache: Cache,
    loops: Vec<Loop>,
    random: Stream,
    now: Nanos,
}

impl Bench {
    pub fn new(controllers: Vec<Box<dyn Controller>>) -> Bench {
        let mut api = ApiServer::new(1, EPOCH);
        let mut namespace = Namespace::default();
        namespace.meta.name = "default".into();
        namespace.status.phase = "Active".into();
        api.seed(Object::Namespace(Rc::new(namespace)));
        let loops = controllers.into_iter().map(|controller| Loop { queue: controller.queue(), controller }).collect();
        Bench { api, lens: |_| {}, cache: Cache::default(), loops, random: Stream::new(1, "vectors"), now: 0 }
    }

    /// Puts an object as it is; one that exists keeps its uid and creation time.
    pub fn put(&mut self, mut object: Object) {
        if let Ok(old) = self.api.read(object.kind(), &object.key()).cloned() {
            let meta = object.meta_mut();
            meta.creation_timestamp = old.meta().creation_timestamp;
            if meta.uid.is_empty() {
                meta.uid = old.meta().uid.clone();
            }
        }
        self.api.seed(object);
    }

    /// Removes an object of the namespace `default` at once.
    pub fn delete(&mut self, kind: Kind, name: &str) -> Result<(), String> {
        let options = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
        self.api.delete(kind, &Key::new("default", name), &options).map(|_| ()).map_err(|status| status.message)
    }

    /// Moves the clock; nothing happens meanwhile.
    pub fn pass(&mut self, span: Nanos) {
        self.now += span;
        self.api.set_now(self.now);
    }

    /// Hands all changes to the cache and the controllers. Returns them.
    pub fn flush(&mut self) -> Vec<Change> {
        let changes = self.api.take_changes();
        for change in changes.iter().filter(|c| c.kind() != Kind::Event) {
            let mut seen = change.clone();
            seen.old.iter_mut().chain(&mut seen.new).for_each(self.lens);
            self.cache.apply(&seen);
            for each in &mut self.loops {
                each.controller.observe(&seen, &self.cache, &mut each.queue, self.now);
            }
        }
        changes
    }

    /// One sync of a controller, with a recorder that has said nothing yet.
    pub fn sync(&mut self, index: usize, key: &Key) -> Outcome {
        let each = &mut self.loops[index];
        let mut recorder = Recorder::new(each.controller.component(), "");
        let mut context = Context {
            now: self.now,
            clock: self.api.clock(),
            cache: &self.cache,
            api: &mut self.api,
            recorder: &mut recorder,
            random: &mut self.random,
        };
        each.controller.sync(key, &mut context)
    }

    /// Lets the first controller work until nothing is left to do, and returns what it wrote (events aside).
    pub fn settle(&mut self) -> Result<Vec<Change>, String> {
        self.flush();
        let mut writes: Vec<Change> = Vec::new();
        for _ in 0..100 {
            let Some(at) = self.loops[0].queue.next_at() else {
                writes.retain(|c| c.kind() != Kind::Event);
                return Ok(writes);
            };
            self.pass(at.saturating_sub(self.now));
            let Some(key) = self.loops[0].queue.pop(self.now) else { continue };
            if let Outcome::Retry(why) = self.sync(0, &key) {
                return Err(format!("sync of {key}: {why}"));
            }
            writes.extend(self.flush());
        }
        Err("it does not settle".into())
    }

    /// All objects of a type in the namespace `default`, as the API server has them.
    pub fn list<T: Resource>(&self) -> Vec<Rc<T>> {
        self.api.store().list(T::KIND, Some("default")).filter_map(|o| o.as_().cloned()).collect()
    }
}
