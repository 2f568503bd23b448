//! Growing waits before a container is started or an image is pulled again (client-go `flowcontrol/backoff.go`).

use super::run::Life;
use super::worker::Timer;
use super::{Io, Kubelet, image};
use crate::time::{Nanos, SECOND, print_span};
use std::rc::Rc;

const FIRST: Nanos = 10 * SECOND;
const CEILING: Nanos = 300 * SECOND;

/// The back-off of one container or one image of one Pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backoff {
    /// The wait in force; 0 before the first failure.
    pub wait: Nanos,
    last_update: Nanos,
}

impl Backoff {
    /// Whether a new try at `now` is too early for a failure at `since`.
    pub fn holds(&self, since: Nanos, now: Nanos) -> bool {
        !self.expired(now) && now < since + self.wait
    }

    /// A new try is made: the next one waits longer. Returns the wait of that next one.
    pub fn next(&mut self, now: Nanos) -> Nanos {
        self.wait = if self.wait == 0 || self.expired(now) { FIRST } else { (self.wait * 2).min(CEILING) };
        self.last_update = now;
        self.wait
    }

    /// Ten minutes without a failure: forgotten.
    fn expired(&self, now: Nanos) -> bool {
        now > self.last_update + 2 * CEILING
    }
}

impl Kubelet {
    /// Whether a back-off (of the container, or of its image) keeps it from being started now.
    pub(super) fn held_back(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) -> bool {
        let Some(worker) = self.pods.get_mut(uid) else { return true };
        let pod_name = format!("{}_{}({})", worker.pod.meta.name, worker.pod.meta.namespace, worker.pod.meta.uid);
        let run = &mut worker.runs[index];
        let name = run.spec.name.clone();
        if let Some(failed) = run.pull_failed_at
            && run.pull_backoff.holds(failed, io.now)
        {
            let image = run.spec.image.clone();
            let left = (failed + run.pull_backoff.wait).saturating_sub(io.now);
            let message = format!("Back-off pulling image {image:?}: ErrImagePull: {}", image::not_found(&image));
            run.life = Life::Waiting { reason: "ImagePullBackOff", message };
            self.pod_event(uid, Some(index), "Normal", "BackOff", format!("Back-off pulling image {image:?}"), io);
            self.pod_event(uid, Some(index), "Warning", "Failed", "Error: ImagePullBackOff".into(), io);
            self.retry_later(uid, left, io);
            return true;
        }
        if run.last.is_none() && !matches!(run.life, Life::Exited(_)) {
            return false;
        }
        if run.backoff.holds(run.finished_at, io.now) {
            let left = (run.finished_at + run.backoff.wait).saturating_sub(io.now);
            let wait = print_span(run.backoff.wait);
            if let Life::Exited(end) = &run.life {
                run.last = Some(end.clone());
            }
            let message = format!("back-off {wait} restarting failed container={name} pod={pod_name}");
            run.life = Life::Waiting { reason: "CrashLoopBackOff", message };
            let text = format!("Back-off restarting failed container {name} in pod {pod_name}");
            self.pod_event(uid, Some(index), "Warning", "BackOff", text, io);
            self.retry_later(uid, left, io);
            return true;
        }
        false
    }

    /// Looks again when the back-off is over, up to half as long later.
    fn retry_later(&mut self, uid: &Rc<str>, left: Nanos, io: &mut Io) {
        let wait = left + self.random.below(left / 2 + 1);
        self.after(io, wait, uid, Timer::Sync);
        self.report_soon(uid, io);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes_and_are_forgotten_after_ten() {
        let mut backoff = Backoff::default();
        let mut now = 0;
        let mut waits = vec![];
        for _ in 0..8 {
            waits.push(backoff.next(now) / SECOND);
            now += SECOND;
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300, 300]);
        assert!(backoff.holds(now, now + 299 * SECOND));
        assert_eq!(backoff.next(now + 601 * SECOND) / SECOND, 10);
    }
}
