//! Lifecycle hooks: postStart holds back what is told of a container, preStop holds back its SIGTERM
//! (`pkg/kubelet/lifecycle/handlers.go`, `pkg/kubelet/kuberuntime/kuberuntime_container.go`).

use super::run::Run;
use super::worker::Timer;
use super::{Io, Kubelet};
use crate::api::pod::LifecycleHandler;
use crate::node::command;
use crate::time::{MILLISECOND, Nanos, SECOND};
use std::rc::Rc;

impl Kubelet {
    /// Runs a container's postStart hook, if it has one. Returns whether it has.
    pub(super) fn post_start(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) -> bool {
        let Some(run) = self.pods.get_mut(uid).map(|w| &mut w.runs[index]) else { return false };
        let Some(hook) = run.spec.lifecycle.as_ref().and_then(|l| l.post_start.as_ref()) else { return false };
        let wait = hook_span(hook);
        run.hooking = true;
        self.after_run(io, wait, uid, index, Timer::PostStartDone);
        true
    }

    /// The postStart hook is over: the container counts as started, or is stopped for its hook's failure.
    pub(super) fn post_start_done(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let (meta, ip) = (worker.pod.meta.clone(), worker.ip().map(|ip| ip.to_string()).unwrap_or_default());
        let grace = worker.pod.spec.termination_grace_period_seconds.unwrap_or(30).max(1) as u64 * SECOND;
        let run = &mut worker.runs[index];
        if !run.is_running() {
            return;
        }
        let hook = run.spec.lifecycle.as_ref().and_then(|l| l.post_start.clone()).unwrap_or_default();
        match hook_error(&hook, run, &ip, io.now) {
            None => {
                run.hooking = false;
                self.begun(uid, index, io);
            }
            Some((head, why)) => {
                let pod = format!("{}_{}({})", meta.name, meta.namespace, meta.uid);
                let name = &run.spec.name;
                run.failed_hook = Some(format!("{head} for Container {name:?} in Pod {pod:?} failed - error: {why}"));
                self.pod_event(uid, Some(index), "Warning", "FailedPostStartHook", "PostStartHook failed".into(), io);
                self.stop_container(uid, index, grace, io);
            }
        }
    }

    /// The preStop hook is over; SIGTERM follows, whether it went well or not.
    pub(super) fn hook_done(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) {
        let Some(run) = self.pods.get(uid).and_then(|w| w.runs.get(index)) else { return };
        let hook = run.spec.lifecycle.as_ref().and_then(|l| l.pre_stop.as_ref());
        if run.is_running() && hook.is_some_and(|hook| hook_error(hook, run, "", io.now).is_some()) {
            self.pod_event(uid, Some(index), "Warning", "FailedPreStopHook", "PreStopHook failed".into(), io);
        }
        self.signal(uid, index, io);
    }
}

/// How long a container's preStop hook takes, if it has one; `supposed`: see [`Kubelet::suppose_pre_stop`].
pub(super) fn pre_stop(run: &Run, supposed: Option<Nanos>) -> Option<Nanos> {
    let own = run.spec.lifecycle.as_ref().and_then(|l| l.pre_stop.as_ref()).map(hook_span);
    own.max(supposed)
}

/// How long a hook takes in a simulated container.
pub(super) fn hook_span(hook: &LifecycleHandler) -> Nanos {
    if let Some(sleep) = &hook.sleep {
        return sleep.seconds.max(0) as u64 * SECOND;
    }
    if let Some(exec) = &hook.exec {
        return command::span(&exec.command).or_else(|| sleep_in(&exec.command)).unwrap_or(50 * MILLISECOND);
    }
    20 * MILLISECOND
}

/// Why a hook ended badly, if it did: what it is, and the error.
fn hook_error(hook: &LifecycleHandler, run: &Run, ip: &str, now: Nanos) -> Option<(String, String)> {
    if let Some(get) = &hook.http_get {
        let port = super::probe::port_number(&get.port, run);
        let (host, path) = (if get.host.is_empty() { ip } else { &get.host }, &get.path);
        let why =
            format!("Get \"http://{host}:{port}{path}\": dial tcp {host}:{port}: connect: connection refused, message: \"\"");
        return (!run.listens(port, now)).then(|| (format!("HTTP lifecycle hook ({path})"), why));
    }
    let command = hook.exec.as_ref().map(|e| e.command.as_slice()).unwrap_or_default();
    let text = command.join(" ");
    match command::exit_code(command) {
        0 => None,
        code => {
            let why = format!("command '{text}' exited with {code}: , message: \"\"");
            Some((format!("Exec lifecycle hook ([{text}])"), why))
        }
    }
}

/// The seconds of a `sleep N` anywhere in a command line.
fn sleep_in(command: &[String]) -> Option<Nanos> {
    let words: Vec<&str> = command.iter().flat_map(|c| c.split([' ', ';', '&'])).filter(|w| !w.is_empty()).collect();
    let place = words.iter().position(|w| *w == "sleep" || w.ends_with("/sleep"))?;
    let number = words.get(place + 1)?;
    number.parse::<u32>().ok().map(|n| u64::from(n) * SECOND).or_else(|| crate::time::parse_span(number))
}
