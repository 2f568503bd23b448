//! A process with an informer cache and the control loops that share it: kube-controller-manager, kube-scheduler.
//!
//! Promises: a sync begins as soon as its key is handed out and decides by what the cache shows at that moment; while its
//! writes are under way the key is held, whatever is heard of it, as client-go's work queue does.

use super::why::{Bios, Why};
use crate::api::{Key, Kind, Time};
use crate::apiserver::{ApiServer, Change, Recorder};
use crate::controllers::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::time::{Nanos, Stream};
use std::collections::BTreeMap;

/// One process.
#[derive(Clone)]
pub struct Process {
    /// What it knows of the cluster.
    pub cache: Cache,
    /// What it knows of why things are so.
    bios: Bios,
    loops: Vec<Loop>,
    wake: Option<Nanos>,
    /// From when on its caches hold what was there before it: no loop runs earlier.
    synced: Nanos,
}

/// One controller with its queue.
#[derive(Clone)]
struct Loop {
    controller: Box<dyn Controller>,
    queue: WorkQueue,
    recorder: Recorder,
    random: Stream,
    /// Keys whose last sync is still writing, and until when.
    held: BTreeMap<Key, Nanos>,
}

/// A sync that wrote something: which loop's, about which key.
pub struct Written {
    index: usize,
    key: Key,
}

impl Process {
    /// A process that runs these controllers; its caches hold what is there by `synced`.
    pub fn new(seed: u64, controllers: Vec<Box<dyn Controller>>, synced: Nanos) -> Process {
        let start = |controller: Box<dyn Controller>| Loop {
            queue: controller.queue(),
            recorder: controller.recorder(),
            random: Stream::new(seed, &format!("controller {}", controller.component())),
            controller,
            held: BTreeMap::new(),
        };
        let loops = controllers.into_iter().map(start).collect();
        Process { cache: Cache::default(), bios: Bios::default(), loops, wake: None, synced }
    }

    /// A watch delivered a change.
    pub fn observe(&mut self, change: &Change, now: Nanos) {
        self.cache.apply(change);
        self.bios.apply(change);
        for each in &mut self.loops {
            each.controller.observe(change, &self.cache, &mut each.queue, now);
        }
    }

    /// When to wake it, if that is news.
    pub fn wake_at(&mut self, now: Nanos) -> Option<Nanos> {
        let due = self.loops.iter().filter_map(|l| l.queue.next_at()).min()?.max(now).max(self.synced);
        if self.wake.is_some_and(|at| at <= due && at > now) {
            return None;
        }
        self.wake = Some(due);
        Some(due)
    }

    /// Syncs one key after the other until one sync writes something (`None`: nothing more is due).
    pub(super) fn work(&mut self, now: Nanos, clock: Time, api: &mut ApiServer, why: &Why) -> Option<Written> {
        if now < self.synced {
            return None;
        }
        for index in 0..self.loops.len() {
            while let Some(key) = self.loops[index].next_key(now) {
                self.sync(index, &key, now, clock, api);
                let by = self.loops[index].controller.component();
                for change in api.changes_mut().iter_mut().filter(|change| change.why.is_none()) {
                    change.why = Some(why.by_controller(by, change, now, &self.bios));
                }
                if api.changes().iter().any(|change| change.kind() != Kind::Event) {
                    return Some(Written { index, key });
                }
            }
        }
        None
    }

    /// The writes of a sync are answered at `until`: its key waits until then.
    pub fn hold(&mut self, written: Written, until: Nanos) {
        if let Some(each) = self.loops.get_mut(written.index) {
            each.held.insert(written.key, until);
        }
    }

    fn sync(&mut self, index: usize, key: &Key, now: Nanos, clock: Time, api: &mut ApiServer) {
        let Some(each) = self.loops.get_mut(index) else { return };
        let mut context = Context { now, clock, cache: &self.cache, api, recorder: &mut each.recorder, random: &mut each.random };
        match each.controller.sync(key, &mut context) {
            Outcome::Done => each.queue.forget(key),
            Outcome::After(wait) => {
                each.queue.forget(key);
                each.queue.add(key.clone(), now + wait.max(1));
            }
            Outcome::Retry(_) if each.controller.max_retries().is_some_and(|most| each.queue.failures(key) >= most) => {
                each.queue.forget(key);
            }
            Outcome::Retry(_) => {
                each.queue.add_rate_limited(key.clone(), now);
            }
        }
    }
}

impl Loop {
    /// The next key that is due and not held; held ones wait until they are let go.
    fn next_key(&mut self, now: Nanos) -> Option<Key> {
        while let Some(key) = self.queue.pop(now) {
            match self.held.get(&key).copied() {
                Some(until) if until > now => self.queue.add(key, until),
                _ => {
                    self.held.remove(&key);
                    return Some(key);
                }
            }
        }
        None
    }
}
