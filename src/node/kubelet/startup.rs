//! From a Pod seen to its containers running: sandbox, images, start, restart with back-off.

use super::lifecycle::RELIST;
use super::run::Life;
use super::worker::{Ending, Sandbox, Timer, Worker};
use super::{Io, Kubelet, image};
use crate::api::Time;
use crate::api::pod::ContainerStateTerminated;
use crate::node::command;
use crate::time::{MILLISECOND, Nanos, SECOND};
use std::rc::Rc;

/// A Pod's worker looks again after this long when something went wrong, plus up to half as much.
pub(super) const RETRY: Nanos = 10 * SECOND;

/// At most so many other Pods slow the start of one down, each by half its time: a machine does that many things side by side.
const MOST_LOAD: usize = 3;

impl Kubelet {
    /// Looks at a Pod and does the next thing.
    pub(super) fn sync(&mut self, uid: &Rc<str>, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let first = worker.start_time.is_none();
        worker.start_time.get_or_insert(io.clock);
        if worker.pod.meta.is_deleting() {
            self.stop(uid, io);
            return;
        }
        if worker.ending != Ending::No {
            return;
        }
        if first {
            self.set_deadline(uid, io);
        }
        if self.complete(uid, io) {
            return;
        }
        let Some(worker) = self.pods.get_mut(uid) else { return };
        if worker.sandbox == Sandbox::None {
            if !self.mount(uid, io) {
                return;
            }
            let Some(worker) = self.pods.get_mut(uid) else { return };
            worker.sandbox = Sandbox::Creating;
            let wait = self.under_load(self.pace.sandbox);
            self.after(io, wait, uid, Timer::Sandbox);
            self.report_soon(uid, io);
            return;
        }
        if matches!(worker.sandbox, Sandbox::Ready(_)) {
            self.start_containers(uid, io);
        }
    }

    /// The sandbox is there: the Pod has its address.
    pub(super) fn sandbox_ready(&mut self, uid: &Rc<str>, io: &mut Io) {
        let host_network = self.pods.get(uid).is_some_and(|w| w.pod.spec.host_network);
        let ip = if host_network { Some(self.address) } else { self.allocate_ip(uid) };
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let Some(ip) = ip else {
            worker.sandbox = Sandbox::None;
            let message = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: plugin type=\"host-local\" failed (add): failed to allocate for range 0: no IP addresses available in range set";
            self.pod_event(uid, None, "Warning", "FailedCreatePodSandBox", message.into(), io);
            self.stop_if_all_ended(uid, io);
            let wait = RETRY + self.random.below(RETRY / 2);
            self.after(io, wait, uid, Timer::Sync);
            return;
        };
        worker.sandbox = Sandbox::Ready(ip);
        if worker.ending == Ending::No {
            self.start_containers(uid, io);
        } else {
            self.stop_if_all_ended(uid, io);
        }
    }

    /// Starts every container that should run, does not, and may be started now: one after the other, each when the one before
    /// runs (its postStart hook is over) or has failed.
    fn start_containers(&mut self, uid: &Rc<str>, io: &mut Io) {
        self.start_from(uid, 0, io);
    }

    /// Goes on with that at the container `from`.
    pub(super) fn start_from(&mut self, uid: &Rc<str>, from: usize, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        if worker.is_starting() || worker.ending != Ending::No {
            worker.look_again = true;
            return;
        }
        let count = worker.runs.len();
        if !worker.probing {
            self.begin_probing(uid, io);
        }
        for index in 0..count {
            let Some(worker) = self.pods.get(uid) else { return };
            let run = &worker.runs[index];
            if !run.init && !worker.initialized() {
                break;
            }
            if run.is_plain_init() && matches!(&run.life, Life::Exited(end) if end.exit_code == 0) {
                continue;
            }
            if index >= from {
                self.start_container(uid, index, io);
            }
            let Some(worker) = self.pods.get(uid) else { return };
            if worker.is_starting() {
                return;
            }
            let run = &worker.runs[index];
            // Init containers go one after the other; a sidecar lets the next one start when it is started itself.
            if run.init && !(run.is_sidecar() && run.started) {
                break;
            }
        }
        self.tell_of_starts(uid, io);
        // What came up meanwhile is looked at now.
        if self.pods.get_mut(uid).is_some_and(|w| std::mem::take(&mut w.look_again)) {
            self.start_from(uid, 0, io);
        }
    }

    fn start_container(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let run = &worker.runs[index];
        if run.starting || run.is_running() {
            return;
        }
        if let Life::Exited(end) = &run.life
            && !run.at_once
            && !worker.restarts(run, end.exit_code)
        {
            return;
        }
        let at_once = run.at_once && !run.crashes_often(io.now);
        if !at_once && self.held_back(uid, index, io) {
            return;
        }
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let run = &mut worker.runs[index];
        run.at_once = false;
        let ended =
            if at_once { run.end_before_last.is_some() } else { matches!(run.life, Life::Exited(_)) || run.last.is_some() };
        if ended {
            run.backoff.next(io.now);
        }
        run.starting = true;
        run.serial += 1;
        let policy = run.spec.image_pull_policy.clone();
        let name = run.spec.image.clone();
        let present = self.images.has(&name);
        if let Some(why) = image::malformed(&name) {
            let text = format!("Failed to apply default image tag {name:?}: couldn't parse image name {name:?}: {why}");
            self.fail_start(uid, index, ("InspectFailed", "InvalidImageName"), text, io);
        } else if policy == "Never" && !present {
            let text = format!("Container image {name:?} is not present with pull policy of Never");
            self.fail_start(uid, index, ("ErrImageNeverPull", "ErrImageNeverPull"), text, io);
        } else if present && policy != "Always" {
            let text = format!("Container image {name:?} already present on machine and can be accessed by the pod");
            self.pod_event(uid, Some(index), "Normal", "Pulled", text, io);
            self.create_container(uid, index, io);
        } else {
            self.pull(uid, index, &name, io);
        }
    }

    pub(super) fn create_container(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) {
        if !self.configure(uid, index, io) {
            return;
        }
        let wait = self.under_load(self.pace.start);
        self.after_run(io, wait, uid, index, Timer::Started);
    }

    /// A span around `median` of work for which all Pods that start or stop on this node share its machine.
    fn under_load(&mut self, median: Nanos) -> Nanos {
        let busy = |w: &&Worker| {
            let starting = w.sandbox == Sandbox::Creating || w.runs.iter().any(|r| r.starting);
            starting || matches!(w.ending, Ending::Stopping(_) | Ending::Stopped)
        };
        let others = self.pods.values().filter(busy).count().saturating_sub(1).min(MOST_LOAD);
        self.random.around(median) * (2 + others as u64) / 2
    }

    /// The container runs.
    pub(super) fn started(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) {
        let id = self.random.hex(64);
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let pod_name = worker.pod.meta.name.clone();
        let ending = worker.ending;
        let taken = worker.port_taken(index);
        let run = &mut worker.runs[index];
        run.starting = false;
        run.port_taken = taken;
        if ending != Ending::No {
            self.stop_if_all_ended(uid, io);
            return;
        }
        if let Life::Exited(end) = &run.life {
            run.last = Some(end.clone());
        }
        if run.last.is_some() {
            run.restarts += 1;
        }
        run.pull_failed_at = None;
        run.id = id;
        run.be_well();
        if let Some(why) = command::start_error(&run.spec) {
            return self.not_started(uid, index, why, io);
        }
        run.life = Life::Running { since: io.now, started_at: io.clock, signalled: None };
        run.started = false;
        run.ready = false;
        run.previous_log = std::mem::take(&mut run.log);
        if run.app.port.is_some() {
            run.log.push((io.now, format!("starting {pod_name} {}", run.app.version)));
        }
        let crash = match (run.is_plain_init(), run.app.crash_after) {
            _ if taken => Some(run.app.start_delay + 10 * MILLISECOND),
            // An init container whose command the lab cannot play does its work and ends well.
            (true, None) if !run.serves_for_good() => Some(run.app.start_delay + 200_000_000),
            (_, crash) => crash,
        };
        self.pod_event(uid, Some(index), "Normal", "Created", "Container created".into(), io);
        self.pod_event(uid, Some(index), "Normal", "Started", "Container started".into(), io);
        if let Some(wait) = crash {
            self.after_run(io, wait, uid, index, Timer::Crash);
        }
        if !self.post_start(uid, index, io) {
            self.begun(uid, index, io);
        }
    }

    /// A container runs and its postStart hook is over: it is asked whether it is well, and told of.
    pub(super) fn begun(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) {
        let Some(run) = self.pods.get_mut(uid).map(|w| &mut w.runs[index]) else { return };
        run.started = run.spec.startup_probe.is_none();
        run.ready = run.started && run.spec.readiness_probe.is_none();
        run.untold = !run.is_sidecar();
        if !run.untold {
            self.container_started_probes(uid, index, io);
            // The next one follows when the relist has shown that this one runs.
            let notice = self.random.below(RELIST) + self.pace.react;
            self.after(io, notice, uid, Timer::Sync);
            return self.report_soon(uid, io);
        }
        self.go_on(uid, index, io);
    }

    /// All had their turn: those that began are asked whether they are well, and told of.
    fn tell_of_starts(&mut self, uid: &Rc<str>, io: &mut Io) {
        let count = self.pods.get(uid).map_or(0, |w| w.runs.len());
        for index in 0..count {
            let Some(run) = self.pods.get_mut(uid).map(|w| &mut w.runs[index]) else { return };
            if std::mem::take(&mut run.untold) && run.is_running() {
                self.container_started_probes(uid, index, io);
            }
        }
    }

    /// A start is over, well or not: the next container's turn. The kubelet tells of them when it has been through all.
    pub(super) fn go_on(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) {
        self.start_from(uid, index + 1, io);
        if !self.pods.get(uid).is_some_and(Worker::is_starting) {
            self.report_soon(uid, io);
        }
    }

    /// The runtime made the container but could not start its process.
    fn not_started(&mut self, uid: &Rc<str>, index: usize, why: String, io: &mut Io) {
        self.pod_event(uid, Some(index), "Normal", "Created", "Container created".into(), io);
        self.pod_event(uid, Some(index), "Warning", "Failed", format!("Error: {why}"), io);
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let run = &mut worker.runs[index];
        let end = ContainerStateTerminated {
            exit_code: 128,
            reason: "StartError".into(),
            message: why.clone(),
            started_at: Time(0),
            finished_at: io.clock,
            container_id: format!("containerd://{}", run.id),
            ..ContainerStateTerminated::default()
        };
        self.fell(uid, index, end, Some(("RunContainerError", why)), io);
        let notice = self.random.below(RELIST) + self.pace.react;
        self.after(io, notice, uid, Timer::Sync);
        self.go_on(uid, index, io);
    }
}
