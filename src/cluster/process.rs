//! A process with an informer cache and the control loops that share it: kube-controller-manager, kube-scheduler.

use crate::api::Time;
use crate::apiserver::{ApiServer, Change, Recorder};
use crate::controllers::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::time::{Nanos, Stream};

/// One process.
#[derive(Clone)]
pub struct Process {
    /// What it knows of the cluster.
    pub cache: Cache,
    loops: Vec<Loop>,
}

/// One controller with its queue.
#[derive(Clone)]
struct Loop {
    controller: Box<dyn Controller>,
    queue: WorkQueue,
    recorder: Recorder,
    random: Stream,
    wake: Option<Nanos>,
}

/// A loop that wants to work, and when.
pub struct Wake {
    /// When.
    pub at: Nanos,
    /// Which loop.
    pub index: usize,
}

impl Process {
    /// A process that runs these controllers.
    pub fn new(seed: u64, controllers: Vec<Box<dyn Controller>>) -> Process {
        let start = |controller: Box<dyn Controller>| Loop {
            queue: controller.queue(),
            recorder: Recorder::new(controller.component(), ""),
            random: Stream::new(seed, &format!("controller {}", controller.component())),
            controller,
            wake: None,
        };
        Process { cache: Cache::default(), loops: controllers.into_iter().map(start).collect() }
    }

    /// A watch delivered a change.
    pub fn observe(&mut self, change: &Change, now: Nanos) {
        self.cache.apply(change);
        for each in &mut self.loops {
            each.controller.observe(change, &self.cache, &mut each.queue, now);
        }
    }

    /// The loops that have work and no wake-up set for it yet; `think` is what a loop needs before it acts.
    pub fn wakes(&mut self, now: Nanos, mut think: impl FnMut() -> Nanos) -> Vec<Wake> {
        let mut wakes = vec![];
        for (index, each) in self.loops.iter_mut().enumerate() {
            let Some(due) = each.queue.next_at() else { continue };
            if each.wake.is_some_and(|at| at <= due.max(now) || at <= now) {
                continue;
            }
            let at = due.max(now) + think();
            if each.wake.is_none_or(|old| at < old) {
                each.wake = Some(at);
                wakes.push(Wake { at, index });
            }
        }
        wakes
    }

    /// A loop works on every key that is due.
    pub fn work(&mut self, index: usize, now: Nanos, clock: Time, api: &mut ApiServer) {
        let Some(each) = self.loops.get_mut(index) else { return };
        if each.wake.is_some_and(|at| at > now) {
            return; // a wake-up that an earlier one has replaced
        }
        each.wake = None;
        while let Some(key) = each.queue.pop(now) {
            let mut context =
                Context { now, clock, cache: &self.cache, api, recorder: &mut each.recorder, random: &mut each.random };
            match each.controller.sync(&key, &mut context) {
                Outcome::Done => each.queue.forget(&key),
                Outcome::After(wait) => {
                    each.queue.forget(&key);
                    each.queue.add(key, now + wait.max(1));
                }
                Outcome::Retry(_) if each.controller.max_retries().is_some_and(|most| each.queue.failures(&key) >= most) => {
                    each.queue.forget(&key);
                }
                Outcome::Retry(_) => {
                    each.queue.add_rate_limited(key, now);
                }
            }
        }
    }
}
