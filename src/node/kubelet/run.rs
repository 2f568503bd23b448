//! One container of a Pod: its lives, one after the other.

use super::backoff::Backoff;
use super::probe::Probing;
use crate::api::Time;
use crate::api::pod::{Container, ContainerStateTerminated};
use crate::cause::Cause;
use crate::node::app::App;
use crate::time::Nanos;

/// Where a container is in its life.
#[derive(Clone, Debug, PartialEq)]
pub enum Life {
    /// Not running: why.
    Waiting {
        /// `ContainerCreating`, `ErrImagePull`…
        reason: &'static str,
        /// What describe shows.
        message: String,
    },
    /// Runs.
    Running {
        /// Since when (virtual time).
        since: Nanos,
        /// The same in whole seconds.
        started_at: Time,
        /// SIGTERM was sent at this time.
        signalled: Option<Nanos>,
    },
    /// Ended.
    Exited(ContainerStateTerminated),
}

/// One container of a Pod.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its place in `spec.initContainers` or `spec.containers`.
    pub spec: Container,
    /// Whether it is an init container (or a sidecar).
    pub init: bool,
    /// How it behaves.
    pub app: App,
    /// Where it is in its life.
    pub life: Life,
    /// How the life before ended.
    pub last: Option<ContainerStateTerminated>,
    /// How often it was started again.
    pub restarts: i32,
    /// Grows with every life: timers of an earlier life are void.
    pub serial: u32,
    /// Whether the startup probe (if any) has succeeded in this life.
    pub started: bool,
    /// Whether the readiness probe (if any) says so in this life.
    pub ready: bool,
    /// The id that the runtime gave this life.
    pub id: String,
    /// Lines that it printed in this life, and when.
    pub log: Vec<(Nanos, String)>,
    /// Lines of the life before.
    pub previous_log: Vec<(Nanos, String)>,
    pub(super) probes: [Option<Probing>; 3],
    pub(super) backoff: Backoff,
    pub(super) pull_backoff: Backoff,
    pub(super) pull_failed_at: Option<Nanos>,
    pub(super) pull_failures: u32,
    pub(super) finished_at: Nanos,
    /// When this life and the one before it ended.
    pub(super) last_end: Option<Nanos>,
    pub(super) end_before_last: Option<Nanos>,
    /// A start is under way.
    pub(super) starting: bool,
    /// It is being stopped to be started again (a probe failed).
    pub(super) restarting: bool,
    /// It is being stopped because its definition changed: it starts again whatever the restart policy says.
    pub(super) renewed: bool,
    /// The kubelet stopped it to start it again: the next start follows in the same breath, without a back-off.
    pub(super) at_once: bool,
    /// Its image was changed while it ran.
    pub(super) changed: bool,
    /// A person made its health pages answer 503: why, and since when they would have by themselves. Ends with this life.
    pub(super) unwell: Option<(Cause, Option<Nanos>)>,
    /// Another container of the Pod had its port when this life began: it cannot listen and ends.
    pub(super) port_taken: bool,
    /// It began or failed to while others of its Pod wait for their turn: nothing is told of it yet.
    pub(super) untold: bool,
    /// It ended while its Pod was being stopped: the kubelet tells nothing new before all have ended.
    pub(super) ended_quietly: bool,
    /// Its postStart hook runs: nothing is told of it yet.
    pub(super) hooking: bool,
    /// Its postStart hook failed, in the kubelet's words: it is being stopped.
    pub(super) failed_hook: Option<String>,
}

impl Run {
    /// A container that has not been started, and what it waits for.
    pub fn new(spec: &Container, init: bool, waiting: &'static str) -> Run {
        Run {
            app: App::of(spec),
            life: Life::Waiting { reason: waiting, message: String::new() },
            spec: spec.clone(),
            init,
            last: None,
            restarts: 0,
            serial: 0,
            started: false,
            ready: false,
            id: String::new(),
            log: vec![],
            previous_log: vec![],
            probes: [None, None, None],
            backoff: Backoff::default(),
            pull_backoff: Backoff::default(),
            pull_failed_at: None,
            pull_failures: 0,
            finished_at: 0,
            last_end: None,
            end_before_last: None,
            starting: false,
            restarting: false,
            renewed: false,
            at_once: false,
            changed: false,
            unwell: None,
            port_taken: false,
            untold: false,
            ended_quietly: false,
            hooking: false,
            failed_hook: None,
        }
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        matches!(self.life, Life::Running { .. })
    }

    /// Its health pages answer again as its variables say.
    pub(super) fn be_well(&mut self) {
        if let Some((_, by_itself)) = self.unwell.take() {
            self.app.unready_after = by_itself;
        }
    }

    /// How long it has been running.
    pub fn age(&self, now: Nanos) -> Option<Nanos> {
        match self.life {
            Life::Running { since, .. } => Some(now - since),
            _ => None,
        }
    }

    /// Whether the back-off holds back even a start that follows a stop by the kubelet in the same breath. When that sync began
    /// the life just stopped was still running, so the back-off counts from the end of the life before it.
    pub(super) fn crashes_often(&self, now: Nanos) -> bool {
        self.end_before_last.is_some_and(|end| self.backoff.holds(end, now))
    }

    /// The port on which it is known to listen: an image that the lab does not know may as well listen nowhere, unless its
    /// container names ports.
    pub(super) fn own_port(&self) -> Option<u16> {
        let known = crate::node::command::is_known(&self.spec.image) || !self.spec.ports.is_empty();
        self.app.port.filter(|_| known)
    }

    /// Whether it answers what it has taken. A process that SIGTERM ends at once answers nothing any more while it is dying, but
    /// its socket is open until it is gone.
    pub fn answers(&self) -> bool {
        match self.life {
            Life::Running { signalled, .. } => signalled.is_none() || self.app.on_term != crate::node::app::OnTerm::Exit,
            _ => false,
        }
    }

    /// Whether it takes new connections on `port` now.
    pub fn listens(&self, port: u16, now: Nanos) -> bool {
        let Life::Running { since, signalled, .. } = self.life else { return false };
        let draining = signalled.is_some() && self.app.on_term == crate::node::app::OnTerm::Drain;
        !draining && self.app.listens(port, now - since)
    }

    /// Whether it answers datagrams on `port` now.
    pub fn listens_udp(&self, port: u16, now: Nanos) -> bool {
        let Life::Running { since, signalled, .. } = self.life else { return false };
        let draining = signalled.is_some() && self.app.on_term == crate::node::app::OnTerm::Drain;
        !draining && self.app.listens_udp(port, now - since)
    }

    /// A sidecar: an init container that goes on running.
    pub fn is_sidecar(&self) -> bool {
        self.init && self.spec.restarts_always()
    }

    /// An init container that must end before the next one starts.
    pub fn is_plain_init(&self) -> bool {
        self.init && !self.is_sidecar()
    }

    /// Whether nothing but a signal ends it: one of the lab's own images, doing what that image does.
    pub(super) fn serves_for_good(&self) -> bool {
        self.spec.command.is_empty() && self.spec.args.is_empty() && crate::node::command::is_known(&self.spec.image)
    }

    /// The field path that events about it carry.
    pub fn field_path(&self) -> String {
        let list = if self.init { "initContainers" } else { "containers" };
        format!("spec.{list}{{{}}}", self.spec.name)
    }
}
