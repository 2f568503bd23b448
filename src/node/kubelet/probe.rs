//! Probes: each a worker with its own period, thresholds and last result (`pkg/kubelet/prober`).

use super::run::Life;
use super::worker::{Ending, Timer};
use super::{Io, Kubelet};
use crate::api::IntOrString;
use crate::api::pod::Probe;
use crate::cause::Doing;
use crate::node::app::Reply;
use crate::node::command;
use crate::time::{MILLISECOND, Nanos, SECOND};
use std::rc::Rc;

/// Which probe of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeKind {
    /// Holds the other two back until it succeeds.
    Startup,
    /// Failing restarts the container.
    Liveness,
    /// Failing takes the Pod out of its Services.
    Readiness,
}

/// All kinds, in the order of a [`Run`](super::Run)'s probes.
pub const PROBES: [ProbeKind; 3] = [ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness];

/// The worker of one probe.
#[derive(Clone, Debug)]
pub struct Probing {
    /// Consecutive equal results.
    count: i32,
    last_ok: Option<bool>,
    /// The answer under way: `Err` is what the event will say.
    answer: Option<Result<(), String>>,
    /// Void ticks of an earlier schedule.
    next: Nanos,
    /// After a kill: waits for the next life.
    on_hold: bool,
}

impl ProbeKind {
    fn word(self) -> &'static str {
        match self {
            ProbeKind::Startup => "Startup",
            ProbeKind::Liveness => "Liveness",
            ProbeKind::Readiness => "Readiness",
        }
    }
}

fn period(probe: &Probe) -> Nanos {
    probe.period_seconds.max(1) as u64 * SECOND
}

impl Kubelet {
    /// Starts the workers of a Pod's probes: they tick from now on, whatever the containers do.
    pub(super) fn begin_probing(&mut self, uid: &Rc<str>, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        worker.probing = true;
        let mut ticks = vec![];
        for (index, run) in worker.runs.iter_mut().enumerate() {
            for kind in PROBES {
                if spec(&run.spec, kind).is_some() {
                    run.probes[kind as usize] =
                        Some(Probing { count: 0, last_ok: None, answer: None, next: io.now, on_hold: false });
                    ticks.push((index, kind));
                }
            }
        }
        for (index, kind) in ticks {
            self.schedule_probe(uid, index, kind, 0, io);
        }
    }

    /// A container began a new life: results start anew; readiness is asked as soon as the status is worked out.
    pub(super) fn container_started_probes(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) {
        let Some(run) = self.pods.get_mut(uid).map(|w| &mut w.runs[index]) else { return };
        for probing in run.probes.iter_mut().flatten() {
            *probing = Probing { count: 0, last_ok: None, answer: None, next: probing.next, on_hold: false };
        }
        // Timers carry the life's number: the ticks of the last life are void and are set again on their phase.
        for kind in PROBES {
            let Some(run) = self.pods.get(uid).map(|w| &w.runs[index]) else { return };
            let (Some(probing), Some(probe)) = (&run.probes[kind as usize], spec(&run.spec, kind)) else { continue };
            let span = period(probe);
            let mut wait = if probing.next > io.now { probing.next - io.now } else { span - (io.now - probing.next) % span };
            if kind == ProbeKind::Readiness && run.started {
                wait = self.pace.report;
            }
            self.schedule_probe(uid, index, kind, wait, io);
        }
    }

    fn schedule_probe(&mut self, uid: &Rc<str>, index: usize, kind: ProbeKind, wait: Nanos, io: &mut Io) {
        let Some(run) = self.pods.get_mut(uid).map(|w| &mut w.runs[index]) else { return };
        if let Some(probing) = &mut run.probes[kind as usize] {
            probing.next = io.now + wait;
        }
        self.after_run(io, wait, uid, index, Timer::Probe(kind));
    }

    /// A probe's period is over: ask, if it is time to.
    pub(super) fn probe_tick(&mut self, uid: &Rc<str>, index: usize, kind: ProbeKind, io: &mut Io) {
        let Some(worker) = self.pods.get(uid) else { return };
        let run = &worker.runs[index];
        let (Some(probe), Some(probing)) = (spec(&run.spec, kind), &run.probes[kind as usize]) else { return };
        if probing.next > io.now {
            return; // a tick of an earlier schedule
        }
        let span = period(probe);
        let stops = worker.ending != Ending::No && kind != ProbeKind::Readiness;
        let waits = match kind {
            ProbeKind::Startup => run.started,
            _ => !run.started,
        };
        let age = run.age(io.now);
        let early = age.is_none_or(|a| a < probe.initial_delay_seconds.max(0) as u64 * SECOND);
        if matches!(worker.ending, Ending::Stopped | Ending::Finished) || stops {
            return;
        }
        if !(waits || early || run.hooking || run.untold || probing.on_hold || probing.answer.is_some()) {
            self.ask(uid, index, kind, io);
        }
        self.schedule_probe(uid, index, kind, span, io);
    }

    fn ask(&mut self, uid: &Rc<str>, index: usize, kind: ProbeKind, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let ip = worker.ip().map(|i| i.to_string()).unwrap_or_default();
        let run = &mut worker.runs[index];
        let Some(probe) = spec(&run.spec, kind).cloned() else { return };
        if let Some(name) = unknown_port(&probe, run) {
            // The prober cannot ask: that is neither a good answer nor a bad one.
            let why = format!("strconv.Atoi: parsing {name:?}: invalid syntax");
            let text = format!("{} probe errored and resulted in unknown state: {why}", kind.word());
            self.pod_event(uid, Some(index), "Warning", "Unhealthy", text, io);
            return;
        }
        let age = run.age(io.now).unwrap_or(0);
        let timeout = probe.timeout_seconds.max(1) as u64 * SECOND;
        let (wait, answer) = answer(&probe, run, &ip, age, &mut self.random);
        let (wait, answer) = if wait > timeout { (timeout, Err(timed_out(&probe, run, &ip))) } else { (wait, answer) };
        if let Some(probing) = &mut run.probes[kind as usize] {
            probing.answer = Some(answer);
        }
        self.after_run(io, wait, uid, index, Timer::ProbeDone(kind));
    }

    /// The answer (or the time-out) of a probe is there.
    pub(super) fn probe_done(&mut self, uid: &Rc<str>, index: usize, kind: ProbeKind, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let alive = worker.ending == Ending::No;
        let run = &mut worker.runs[index];
        let Some(probe) = spec(&run.spec, kind).cloned() else { return };
        let Some(probing) = &mut run.probes[kind as usize] else { return };
        let Some(answer) = probing.answer.take() else { return };
        let ok = answer.is_ok();
        probing.count = if probing.last_ok == Some(ok) { probing.count + 1 } else { 1 };
        probing.last_ok = Some(ok);
        let threshold = if ok { probe.success_threshold } else { probe.failure_threshold }.max(1);
        let reached = probing.count >= threshold;
        if let Err(text) = answer {
            self.pod_event(uid, Some(index), "Warning", "Unhealthy", format!("{} probe failed: {text}", kind.word()), io);
        }
        if !reached || !(alive || kind == ProbeKind::Readiness) {
            return;
        }
        match (kind, ok) {
            (ProbeKind::Readiness, _) => self.set_ready(uid, index, ok, io),
            (ProbeKind::Startup, true) => self.set_started(uid, index, io),
            (ProbeKind::Liveness, true) => {}
            (_, false) => self.kill_unhealthy(uid, index, kind, &probe, io),
        }
    }

    fn set_ready(&mut self, uid: &Rc<str>, index: usize, ready: bool, io: &mut Io) {
        let Some(run) = self.pods.get_mut(uid).map(|w| &mut w.runs[index]) else { return };
        if run.is_running() && run.ready != ready {
            run.ready = ready;
            let age = run.age(io.now);
            if !ready {
                self.happened(uid, io, Doing::Unready, self.why_unhealthy(uid, index, age));
            }
            self.report_soon(uid, io);
        }
    }

    fn set_started(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) {
        let Some(run) = self.pods.get_mut(uid).map(|w| &mut w.runs[index]) else { return };
        if run.started {
            return;
        }
        run.started = true;
        run.ready = run.spec.readiness_probe.is_none();
        let (sidecar, asks) = (run.is_sidecar(), run.spec.readiness_probe.is_some());
        if asks {
            self.schedule_probe(uid, index, ProbeKind::Readiness, self.pace.report, io);
        }
        self.report_soon(uid, io);
        if sidecar {
            self.after(io, self.pace.react, uid, Timer::Sync);
        }
    }

    fn kill_unhealthy(&mut self, uid: &Rc<str>, index: usize, kind: ProbeKind, probe: &Probe, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let own = worker.pod.spec.termination_grace_period_seconds.unwrap_or(30);
        let grace = probe.termination_grace_period_seconds.unwrap_or(own).max(1) as u64 * SECOND;
        let run = &mut worker.runs[index];
        if !matches!(run.life, Life::Running { signalled: None, .. }) || run.restarting {
            return;
        }
        if let Some(probing) = &mut run.probes[kind as usize] {
            probing.on_hold = true;
        }
        run.restarting = true;
        let age = run.age(io.now);
        let after = if worker.pod.spec.restart_policy == "Never" { "" } else { ", will be restarted" };
        let text = format!("Container {} failed {} probe{after}", run.spec.name, kind.word().to_lowercase());
        self.happened(uid, io, Doing::Unhealthy, self.why_unhealthy(uid, index, age));
        self.pod_event(uid, Some(index), "Normal", "Killing", text, io);
        self.stop_container(uid, index, grace, io);
    }
}

/// The probe of a kind that a container declares.
fn spec(container: &crate::api::pod::Container, kind: ProbeKind) -> Option<&Probe> {
    match kind {
        ProbeKind::Startup => container.startup_probe.as_ref(),
        ProbeKind::Liveness => container.liveness_probe.as_ref(),
        ProbeKind::Readiness => container.readiness_probe.as_ref(),
    }
}

/// The name of a probe's port, if the container declares none of that name.
fn unknown_port<'a>(probe: &'a Probe, run: &super::Run) -> Option<&'a str> {
    let port = probe.http_get.as_ref().map(|get| &get.port).or(probe.tcp_socket.as_ref().map(|tcp| &tcp.port));
    match port {
        Some(IntOrString::Text(name)) if port_number(&IntOrString::Text(name.clone()), run) == 0 => Some(name),
        _ => None,
    }
}

/// The number of a probe's port.
pub(super) fn port_number(port: &IntOrString, run: &super::Run) -> u16 {
    match port {
        IntOrString::Int(n) => u16::try_from(*n).unwrap_or(0),
        IntOrString::Text(name) => run
            .spec
            .ports
            .iter()
            .find(|p| p.name == *name)
            .and_then(|p| u16::try_from(p.container_port).ok())
            .or_else(|| name.parse().ok())
            .unwrap_or(0),
    }
}

/// How long the container takes to answer a probe, and what.
fn answer(
    probe: &Probe,
    run: &super::Run,
    ip: &str,
    age: Nanos,
    random: &mut crate::time::Stream,
) -> (Nanos, Result<(), String>) {
    if let Some(get) = &probe.http_get {
        let port = port_number(&get.port, run);
        let path = if get.path.is_empty() { "/" } else { &get.path };
        let host = if get.host.is_empty() { ip } else { &get.host };
        return match run.app.answer(path, port, age, random) {
            Reply::Refused => {
                let scheme = if get.scheme.eq_ignore_ascii_case("https") { "https" } else { "http" };
                let text = format!("Get \"{scheme}://{host}:{port}{path}\": dial tcp {host}:{port}: connect: connection refused");
                (MILLISECOND, Err(text))
            }
            Reply::Http { .. } if get.scheme.eq_ignore_ascii_case("https") => {
                let text = format!("Get \"https://{host}:{port}{path}\": http: server gave HTTP response to HTTPS client");
                (MILLISECOND, Err(text))
            }
            Reply::Http { status, after } if (200..400).contains(&status) => (after, Ok(())),
            Reply::Http { status, after } => (after, Err(format!("HTTP probe failed with statuscode: {status}"))),
        };
    }
    if let Some(tcp) = &probe.tcp_socket {
        let port = port_number(&tcp.port, run);
        let host = if tcp.host.is_empty() { ip } else { &tcp.host };
        let ok = run.app.listens(port, age);
        let result = if ok { Ok(()) } else { Err(format!("dial tcp {host}:{port}: connect: connection refused")) };
        return (MILLISECOND, result);
    }
    if let Some(grpc) = &probe.grpc {
        let span = probe.timeout_seconds.max(1);
        let text = format!("timeout: failed to connect service \"{ip}:{}\" within {span}s: context deadline exceeded", grpc.port);
        return (span as u64 * SECOND, Err(text));
    }
    let command = probe.exec.as_ref().map(|e| e.command.as_slice()).unwrap_or_default();
    let span = command::span(command).unwrap_or(10 * MILLISECOND);
    (span, if command::exit_code(command) != 0 { Err(String::new()) } else { Ok(()) })
}

fn timed_out(probe: &Probe, run: &super::Run, ip: &str) -> String {
    match &probe.http_get {
        Some(get) => {
            let path = if get.path.is_empty() { "/" } else { &get.path };
            let port = port_number(&get.port, run);
            format!(
                "Get \"http://{ip}:{port}{path}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
            )
        }
        None => "command timed out".into(),
    }
}
