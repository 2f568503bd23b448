//! Pods that end though nobody deleted them: all their containers are over, or they were active for too long.
//!
//! Follows `pkg/kubelet/{kubelet,active_deadline}.go`: the phase is told when nothing of the Pod runs any more.

use super::run::{Life, Run};
use super::worker::{Ending, Timer, Worker};
use super::{Io, Kubelet};
use crate::time::SECOND;
use std::rc::Rc;

/// How a Pod that was active for too long says so.
pub(super) const REASON: &str = "DeadlineExceeded";
pub(super) const MESSAGE: &str = "Pod was active on the node longer than the specified deadline";

impl Kubelet {
    /// Sets the timer of `activeDeadlineSeconds`, counted from the moment at which the kubelet took the Pod up. The kubelet
    /// looks once a second.
    pub(super) fn set_deadline(&mut self, uid: &Rc<str>, io: &mut Io) {
        let Some(seconds) = self.pods.get(uid).and_then(|w| w.pod.spec.active_deadline_seconds) else { return };
        let wait = seconds.max(0) as u64 * SECOND + self.random.below(SECOND);
        self.after(io, wait, uid, Timer::Deadline);
    }

    /// The Pod has been active for too long: it fails, and its containers are stopped.
    pub(super) fn deadline(&mut self, uid: &Rc<str>, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        if worker.ending != Ending::No {
            return;
        }
        worker.evicted = true;
        self.pod_event(uid, None, "Normal", REASON, MESSAGE.into(), io);
        self.stop(uid, io);
        self.report_soon(uid, io);
    }

    /// Ends a Pod whose containers are all over and will not be started again. Returns whether it did.
    pub(super) fn complete(&mut self, uid: &Rc<str>, io: &mut Io) -> bool {
        let over = self.pods.get(uid).is_some_and(|w| {
            // What was stopped to be started again is no end. Sidecars alone keep no Pod alive.
            let told = matches!(super::status::phase(w), "Succeeded" | "Failed");
            (told || only_sidecars_left(w)) && !w.runs.iter().any(|r| r.at_once)
        });
        if over {
            self.stop(uid, io);
        }
        over
    }
}

/// Whether all containers but the init containers are over for good.
fn only_sidecars_left(worker: &Worker) -> bool {
    let over = |run: &Run| matches!(&run.life, Life::Exited(end) if !worker.restarts(run, end.exit_code));
    worker.runs.iter().filter(|run| !run.init).all(over)
}
