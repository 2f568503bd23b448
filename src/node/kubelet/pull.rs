//! Images on their way to a node: pulled, not found, or of no use.

use super::run::Life;
use super::startup::RETRY;
use super::worker::{Ending, Timer};
use super::{Io, Kubelet, image};
use crate::time::{SECOND, print_span};
use std::rc::Rc;

impl Kubelet {
    /// Asks the registry for a container's image.
    pub(super) fn pull(&mut self, uid: &Rc<str>, index: usize, name: &str, io: &mut Io) {
        self.pod_event(uid, Some(index), "Normal", "Pulling", format!("Pulling image {name:?}"), io);
        let wait =
            if image::exists(name) { self.random.around(self.pace.pull) } else { self.random.around(image::NOT_FOUND_AFTER) };
        let Some(run) = self.pods.get_mut(uid).map(|w| &mut w.runs[index]) else { return };
        run.finished_at = io.now; // when the pull began
        self.after_run(io, wait, uid, index, Timer::Pulled);
    }

    /// The registry has answered.
    pub(super) fn pulled(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        if worker.ending != Ending::No {
            worker.runs[index].starting = false;
            self.stop_if_all_ended(uid, io);
            return;
        }
        let run = &worker.runs[index];
        let (name, began) = (run.spec.image.clone(), run.finished_at);
        if image::exists(&name) {
            self.images.add(&name);
            let took = print_span((io.now - began) / 1_000_000 * 1_000_000);
            let text =
                format!("Successfully pulled image {name:?} in {took} ({took} including waiting). Image size: 6349462 bytes.");
            self.pod_event(uid, Some(index), "Normal", "Pulled", text, io);
            self.create_container(uid, index, io);
            return self.start_from(uid, index + 1, io);
        }
        let why = image::not_found(&name);
        self.pod_event(uid, Some(index), "Warning", "Failed", format!("Failed to pull image {name:?}: {why}"), io);
        self.pod_event(uid, Some(index), "Warning", "Failed", "Error: ErrImagePull".into(), io);
        let Some(run) = self.pods.get_mut(uid).map(|w| &mut w.runs[index]) else { return };
        run.pull_backoff.next(io.now);
        run.pull_failed_at = Some(io.now);
        run.pull_failures += 1;
        run.starting = false;
        run.untold = true;
        run.life = Life::Waiting { reason: "ErrImagePull", message: why };
        // The first failure is looked at again at once: the new sandbox wakes the worker.
        let wait = if run.pull_failures == 1 { SECOND } else { RETRY + self.random.below(RETRY / 2) };
        self.after(io, wait, uid, Timer::Sync);
        self.go_on(uid, index, io);
    }

    /// An image that will not come: the event's reason and the container's.
    pub(super) fn fail_start(&mut self, uid: &Rc<str>, index: usize, reasons: (&str, &'static str), text: String, io: &mut Io) {
        let (event, reason) = reasons;
        self.pod_event(uid, Some(index), "Warning", event, text.clone(), io);
        self.pod_event(uid, Some(index), "Warning", "Failed", format!("Error: {reason}"), io);
        let Some(run) = self.pods.get_mut(uid).map(|w| &mut w.runs[index]) else { return };
        run.starting = false;
        run.life = Life::Waiting { reason, message: text };
        let wait = RETRY + self.random.below(RETRY / 2);
        self.after(io, wait, uid, Timer::Sync);
        self.report_soon(uid, io);
    }
}
