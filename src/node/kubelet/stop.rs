//! The end of a Pod: preStop hooks, SIGTERM, SIGKILL, the sandbox, the last report (§5.7).

use super::hook::pre_stop;
use super::run::Life;
use super::worker::{Ending, Sandbox, Timer, Worker};
use super::{Io, Kubelet};
use crate::api::{Key, Kind};
use crate::apiserver::{DeleteOptions, Status};
use crate::node::app::OnTerm;
use crate::time::{Nanos, SECOND};
use std::rc::Rc;

/// The status manager compares what it knows with what the API server shows this often (`syncPeriod`).
const STATUS_PERIOD: Nanos = 10 * SECOND;

/// SIGTERM is always given this long, however much of the grace period the hook has used.
const LEAST_AFTER_HOOK: Nanos = 2 * SECOND;

impl Kubelet {
    /// The watch showed a newer version of a Pod.
    pub(super) fn react_to_update(&mut self, uid: &Rc<str>, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let deleting = worker.pod.meta.is_deleting();
        let changed = worker.update_images();
        match worker.ending {
            Ending::No if deleting || changed => {
                let wait = self.random.around(self.pace.react) / 4;
                if changed {
                    self.restart_changed(uid, io);
                }
                self.after(io, wait, uid, Timer::Sync);
            }
            // Somebody else (the node controller) marked it: the status manager says again what it knows, within its period.
            Ending::No if worker.is_contradicted() => {
                let wait = STATUS_PERIOD - io.now % STATUS_PERIOD;
                self.after(io, wait, uid, Timer::Report);
            }
            Ending::Stopping(deadline) => self.shorten(uid, deadline, io),
            Ending::Finished if deleting => self.report_soon(uid, io),
            _ => {}
        }
    }

    /// Containers whose image was changed are stopped, to start again with the new one.
    fn restart_changed(&mut self, uid: &Rc<str>, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let grace = worker.pod.spec.termination_grace_period_seconds.unwrap_or(30).max(1) as u64 * SECOND;
        for index in 0..worker.runs.len() {
            let Some(run) = self.pods.get_mut(uid).map(|w| &mut w.runs[index]) else { return };
            if std::mem::take(&mut run.changed) && run.is_running() {
                run.restarting = true;
                run.renewed = true;
                let text = format!("Container {} definition changed, will be restarted", run.spec.name);
                self.pod_event(uid, Some(index), "Normal", "Killing", text, io);
                self.stop_container(uid, index, grace, io);
            }
        }
    }

    /// The object is gone from the API server (forced deletion): the containers are stopped, nothing more is told.
    pub(super) fn forget(&mut self, uid: &Rc<str>, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        worker.forgotten = true;
        match worker.ending {
            Ending::No => self.stop(uid, io),
            Ending::Finished => self.drop_pod(uid),
            _ => {}
        }
    }

    /// Begins to stop all containers.
    pub(super) fn stop(&mut self, uid: &Rc<str>, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        if worker.ending != Ending::No {
            return;
        }
        let own = worker.pod.spec.termination_grace_period_seconds.unwrap_or(30);
        let grace = worker.pod.meta.deletion_grace_period_seconds.unwrap_or(own).max(1) as u64 * SECOND;
        worker.ending = Ending::Stopping(io.now + grace);
        let deleting = worker.pod.meta.is_deleting();
        for index in 0..worker.runs.len() {
            self.stop_container(uid, index, grace, io);
        }
        self.stop_if_all_ended(uid, io);
        if deleting {
            // The status is for the Pod that is to be deleted from now on: its generation is a new one.
            self.report_soon(uid, io);
        }
    }

    /// Runs a container's preStop hook, if it has one, then signals it.
    pub(super) fn stop_container(&mut self, uid: &Rc<str>, index: usize, grace: Nanos, io: &mut Io) {
        let supposed = self.supposed_hook;
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let run = &mut worker.runs[index];
        if !run.is_running() {
            return;
        }
        let wait = pre_stop(run, supposed).map(|span| span.min(grace));
        let restarting = run.restarting;
        let name = run.spec.name.clone();
        let text = match &run.failed_hook {
            Some(_) => "FailedPostStartHook".to_string(),
            None => format!("Stopping container {name}"),
        };
        if !restarting {
            self.pod_event(uid, Some(index), "Normal", "Killing", text, io);
        }
        match wait {
            Some(wait) => self.after_run(io, wait, uid, index, Timer::HookDone),
            None => self.signal(uid, index, io),
        }
        // SIGKILL when the time is up, whatever the hook did.
        let limit = wait.map_or(grace, |w| grace.max(w + LEAST_AFTER_HOOK));
        self.after_run(io, limit, uid, index, Timer::Exit(137));
    }

    /// SIGTERM.
    pub(super) fn signal(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let run = &mut worker.runs[index];
        let Life::Running { signalled, .. } = &mut run.life else { return };
        if signalled.is_some() {
            return;
        }
        *signalled = Some(io.now);
        let wait = match run.app.on_term {
            OnTerm::Ignore => return,
            OnTerm::Exit => self.random.around(self.pace.exit),
            OnTerm::Drain => run.app.latency + self.random.around(self.pace.exit),
        };
        self.after_run(io, wait, uid, index, Timer::Exit(0));
    }

    /// A second deletion with a shorter time moves the deadline nearer.
    fn shorten(&mut self, uid: &Rc<str>, deadline: Nanos, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let grace = worker.pod.meta.deletion_grace_period_seconds.unwrap_or(30).max(1) as u64 * SECOND;
        if io.now + grace >= deadline {
            return;
        }
        worker.ending = Ending::Stopping(io.now + grace);
        for index in 0..worker.runs.len() {
            self.after_run(io, grace, uid, index, Timer::Exit(137));
        }
    }

    /// When nothing runs any more the sandbox is taken down.
    pub(super) fn stop_if_all_ended(&mut self, uid: &Rc<str>, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let busy = worker.sandbox == Sandbox::Creating || worker.runs.iter().any(|r| r.is_running() || r.starting);
        if busy || !matches!(worker.ending, Ending::Stopping(_)) {
            return;
        }
        worker.ending = Ending::Stopped;
        let wait = self.random.around(self.pace.teardown);
        self.after(io, wait, uid, Timer::Teardown);
    }

    /// The sandbox's network is gone: packets to its address are answered by nobody.
    pub(super) fn teardown(&mut self, uid: &Rc<str>, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let ip = worker.ip();
        if let Some(ip) = ip {
            self.by_ip.remove(&ip);
            self.bury(ip, uid);
        }
        let Some(worker) = self.pods.get_mut(uid) else { return };
        worker.sandbox = Sandbox::Gone(ip);
        worker.ending = Ending::Finished;
        if worker.forgotten {
            self.drop_pod(uid);
            return;
        }
        let wait = self.random.around(self.pace.finish);
        self.report_after(uid, wait, io);
    }

    /// The final state was told: the object is removed (a delete with grace period 0).
    pub(super) fn remove(&mut self, uid: &Rc<str>, io: &mut Io) {
        let Some(worker) = self.pods.get(uid) else { return };
        let Some(api) = io.api.as_deref_mut() else {
            self.unreported.insert(uid.clone());
            return;
        };
        let key = Key::new(&worker.pod.meta.namespace, &worker.pod.meta.name);
        let options = DeleteOptions { grace_period_seconds: Some(0), uid: Some(uid.to_string()), ..DeleteOptions::default() };
        let result: Result<_, Status> = api.delete(Kind::Pod, &key, &options);
        if result.is_ok_and(|deleted| matches!(deleted, crate::apiserver::Deleted::Gone(_))) || worker.forgotten {
            self.drop_pod(uid);
        }
    }

    fn drop_pod(&mut self, uid: &Rc<str>) {
        self.unreported.remove(uid);
        if let Some(ip) = self.pods.get(uid).and_then(Worker::ip) {
            self.by_ip.remove(&ip);
            self.bury(ip, uid);
        }
        self.pods.remove(uid);
    }
}
