//! What the kubelet remembers of one Pod, and the timers it sets for it.

use super::probe::ProbeKind;
use super::run::Run;
use crate::api::pod::PodStatus;
use crate::api::{Pod, Time};
use crate::cause::{Cause, Shape};
use crate::time::Nanos;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// A timer of a kubelet: for a Pod, or for one life of one of its containers.
#[derive(Clone, Debug, PartialEq)]
pub struct PodTimer {
    /// The Pod's uid.
    pub uid: Rc<str>,
    /// Index and serial of the container.
    pub run: Option<(usize, u32)>,
    /// What is due.
    pub what: Timer,
}

/// What falls due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Timer {
    /// Look at the Pod and do the next thing.
    Sync,
    /// The sandbox is there.
    Sandbox,
    /// The image was pulled, or the registry said no.
    Pulled,
    /// The container runs.
    Started,
    /// The process ends by itself.
    Crash,
    /// A probe's period is over.
    Probe(ProbeKind),
    /// A probe's answer (or its time-out) is there.
    ProbeDone(ProbeKind),
    /// The postStart hook is over.
    PostStartDone,
    /// The preStop hook is over.
    HookDone,
    /// The process has ended after a signal, with this code.
    Exit(i32),
    /// The Pod has been active for as long as it may.
    Deadline,
    /// The sandbox's network goes away.
    Teardown,
    /// The status is sent to the API server.
    Report,
    /// The object is removed from the API server.
    Remove,
}

/// How far the sandbox (the Pod's network) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sandbox {
    /// Not asked for.
    None,
    /// Being made.
    Creating,
    /// There, with this address.
    Ready(Ipv4Addr),
    /// It was there and is gone; the address it had.
    Gone(Option<Ipv4Addr>),
}

/// How far the end of a Pod is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It lives.
    No,
    /// Its containers are being stopped; the deadline.
    Stopping(Nanos),
    /// All have ended, the sandbox is being taken down.
    Stopped,
    /// The sandbox is gone: the final state can be told.
    Finished,
}

/// One Pod on this node.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The Pod as the watch last showed it.
    pub pod: Rc<Pod>,
    /// Its containers: init containers first.
    pub runs: Vec<Run>,
    /// Its network.
    pub sandbox: Sandbox,
    /// How far its end is.
    pub ending: Ending,
    /// When the kubelet first saw it.
    pub start_time: Option<Time>,
    /// The status as last worked out here: the truth of the node, which the API server learns later.
    pub status: Rc<PodStatus>,
    pub(super) report_pending: bool,
    /// It was active for too long: it fails, whatever its containers say.
    pub(super) evicted: bool,
    /// The object is gone from the API server: nothing more is told.
    pub(super) forgotten: bool,
    pub(super) probing: bool,
    /// It was to be looked at while a container of it was being started.
    pub(super) look_again: bool,
    /// How long it waited before its volumes were last tried again.
    pub(super) mount_wait: Nanos,
    /// What happened to it last.
    pub why: Option<Cause>,
    /// Where each of its properties comes from.
    pub(super) shape: Option<Rc<Shape>>,
    pub(super) told_to_end: bool,
}

impl Worker {
    /// A Pod that was just seen.
    pub fn new(pod: Rc<Pod>) -> Worker {
        let waiting = if pod.spec.init_containers.is_empty() { "ContainerCreating" } else { "PodInitializing" };
        let inits = pod.spec.init_containers.iter().map(|c| Run::new(c, true, waiting));
        let runs: Vec<Run> = inits.chain(pod.spec.containers.iter().map(|c| Run::new(c, false, waiting))).collect();
        Worker {
            runs,
            sandbox: Sandbox::None,
            ending: Ending::No,
            start_time: None,
            status: Rc::new(pod.status.clone()),
            pod,
            report_pending: false,
            evicted: false,
            forgotten: false,
            probing: false,
            look_again: false,
            mount_wait: 0,
            why: None,
            shape: None,
            told_to_end: false,
        }
    }

    /// Takes over container images that were changed in the object. Returns whether there were any.
    pub(super) fn update_images(&mut self) -> bool {
        let mut changed = false;
        let specs = self.pod.spec.all_containers();
        for (run, spec) in self.runs.iter_mut().zip(specs) {
            if run.spec.image != spec.image {
                run.spec = spec.clone();
                run.app = crate::node::app::App::of(spec);
                run.pull_failed_at = None;
                run.changed = true;
                changed = true;
            }
        }
        changed
    }

    /// Whether the object says otherwise about Ready than the kubelet last did.
    pub(super) fn is_contradicted(&self) -> bool {
        let ready = |status: &PodStatus| status.condition("Ready").map(|c| c.status == "True");
        ready(&self.status).is_some_and(|own| ready(&self.pod.status).is_some_and(|shown| shown != own))
    }

    /// Its address while the sandbox is there.
    pub fn ip(&self) -> Option<Ipv4Addr> {
        match self.sandbox {
            Sandbox::Ready(ip) => Some(ip),
            _ => None,
        }
    }

    /// Whether one of its containers is being started: the kubelet does one thing at a time for a Pod.
    pub(super) fn is_starting(&self) -> bool {
        self.runs.iter().any(|r| r.starting || r.hooking)
    }

    /// Whether another container already has the port on which this one would listen: they share one network.
    pub(super) fn port_taken(&self, index: usize) -> bool {
        let Some(port) = self.runs[index].own_port() else { return false };
        self.runs.iter().enumerate().any(|(i, other)| i != index && other.is_running() && other.own_port() == Some(port))
    }

    /// Whether the plain init containers have all ended well.
    pub fn initialized(&self) -> bool {
        self.runs.iter().filter(|r| r.is_plain_init()).all(|r| matches!(&r.life, super::Life::Exited(end) if end.exit_code == 0))
            && self.runs.iter().filter(|r| r.is_sidecar()).all(|r| r.started)
    }

    /// The pod's restart policy, or the container's own.
    pub(super) fn restarts(&self, run: &Run, exit_code: i32) -> bool {
        let policy = match run.spec.restart_policy.as_deref() {
            Some(own) => own,
            // A plain init container is run again until it succeeds, unless the Pod never restarts.
            None if run.is_plain_init() && self.pod.spec.restart_policy == "Always" => "OnFailure",
            None => &self.pod.spec.restart_policy,
        };
        match policy {
            "Always" => true,
            "OnFailure" => exit_code != 0,
            _ => false,
        }
    }
}
