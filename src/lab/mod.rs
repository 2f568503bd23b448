//! A cluster and its history: the command log (a run is seed + log), checkpoints, transcripts, presets.
//!
//! Promises: the same seed, settings and log give the same run.
//! Must not know: the screen.

mod backend;
mod cloud;
mod command;
mod history;
pub mod limits;
mod network;
pub mod presets;
mod record;
pub mod transcript;
mod trial;

pub use command::Command;
pub use history::{CHECKPOINT_EVERY, History, Witness};
pub use network::NetworkSetting;
pub use record::transcript as transcript_of;
pub use trial::{Fared, Trial, Way};

use crate::api::Key;
use crate::cause::Cause;
use crate::cluster::{BOOT, Cluster, Settings};
use crate::kubectl::{Files, Run, Session};
use crate::network::dns::Lookup;
use crate::time::{MILLISECOND, Nanos};
use crate::traffic::Traffic;
use std::collections::BTreeMap;

/// How often a command that waits looks again.
const POLL: Nanos = 50 * MILLISECOND;
/// Console lines that are remembered.
const HISTORY: usize = 200;

/// A cluster, what was done to it, and the console.
#[derive(Clone)]
pub struct Lab {
    cluster: Cluster,
    /// The preset it began with.
    pub preset: String,
    /// The seed of its random numbers.
    pub seed: u64,
    log: Vec<(Nanos, Command)>,
    runs: BTreeMap<u64, Run>,
    /// The commands behind the lines that still run.
    running: BTreeMap<u64, Cause>,
    next_run: u64,
    session: Session,
    cloud: cloud::Cloud,
    next_poll: Option<Nanos>,
    zero: Nanos,
    prepared: usize,
}

impl Lab {
    /// A lab with a preset's objects and clients ("first" when there is no preset of that name). Time is 0:00.
    pub fn start(preset: &str, seed: u64) -> Lab {
        Lab::start_with(preset, seed, |_| {})
    }

    /// The same, in a cluster with some settings changed.
    pub fn start_with(preset: &str, seed: u64, change: impl FnOnce(&mut Settings)) -> Lab {
        let mut start = presets::Start::new(presets::find(preset), seed, change);
        while !start.advance(u64::MAX) {}
        start.finish()
    }

    /// A lab with an empty cluster.
    pub fn with_settings(settings: Settings, seed: u64) -> Lab {
        let mut lab = Lab::switched_on(settings, seed);
        lab.cluster.run_until(BOOT);
        lab
    }

    /// The same, but its cluster is still to come up: until time 0.
    fn switched_on(settings: Settings, seed: u64) -> Lab {
        Lab {
            cluster: Cluster::switched_on(Settings { most_pods: limits::PODS, ..settings }, seed),
            preset: "empty".into(),
            seed,
            log: vec![],
            runs: BTreeMap::new(),
            running: BTreeMap::new(),
            next_run: 1,
            session: Session::default(),
            cloud: cloud::Cloud::default(),
            next_poll: None,
            zero: BOOT,
            prepared: 0,
        }
    }

    /// Virtual time since 0:00.
    pub fn now(&self) -> Nanos {
        self.cluster.now().saturating_sub(self.zero)
    }

    /// This moment is 0:00 from now on.
    fn set_zero(&mut self) {
        self.zero = self.cluster.now();
        self.prepared = self.log.len();
    }

    /// Virtual time of the cluster at 0:00.
    pub fn zero(&self) -> Nanos {
        self.zero
    }

    /// When something happens next.
    pub fn next_at(&self) -> Option<Nanos> {
        self.cluster.next_at().map(|at| at.saturating_sub(self.zero))
    }

    /// Lets time pass until `until`, but handles hardly more than `budget` events: it stops between two moments, never
    /// within one, so that what is done then can be done again at the same place. False when the budget ran out before.
    pub fn advance(&mut self, until: Nanos, budget: u64) -> bool {
        let until = until + self.zero;
        let stop = self.cluster.events().saturating_add(budget);
        while self.cluster.now() < until {
            let target = self.next_poll.map_or(until, |at| at.min(until));
            let done = self.run_to(target, stop);
            if self.next_poll.is_some_and(|at| at <= self.cluster.now()) {
                self.poll_runs();
            }
            if !done {
                return false;
            }
        }
        true
    }

    /// Handles events until `target`, or until `stop` were handled and nothing more is due at that moment.
    fn run_to(&mut self, target: Nanos, stop: u64) -> bool {
        while self.cluster.step(target) {
            let due = self.cluster.next_at().is_some_and(|at| at <= self.cluster.now());
            if self.cluster.events() >= stop && !due {
                return false;
            }
        }
        self.cluster.run_until(target);
        true
    }

    /// Does what a person asked for, and remembers it.
    pub fn apply(&mut self, command: Command) {
        let cause = Cause::new(self.cluster.now(), command.deed(self.log.len()), vec![]);
        self.log.push((self.now(), command.clone()));
        self.cluster.act_for(Some(cause.clone()));
        let first = self.next_run;
        command.run(self);
        self.cluster.act_for(None);
        if self.next_run > first && self.runs.get(&first).is_some_and(|run| run.exit.is_none()) {
            self.running.insert(first, cause);
        }
    }

    /// Starts a command line. Its output grows while it runs: see [`Lab::output`].
    pub fn kubectl(&mut self, line: &str) -> u64 {
        let id = self.next_run;
        self.apply(Command::Kubectl { line: line.to_string(), stdin: String::new() });
        id
    }

    fn start_run(&mut self, line: &str, stdin: &str) {
        let run = Run::start(line, &mut self.cluster, &mut self.session, stdin);
        self.cluster.flush();
        if run.exit.is_none() {
            self.next_poll.get_or_insert(self.cluster.now() + POLL);
        }
        self.runs.insert(self.next_run, run);
        self.next_run += 1;
        while self.runs.len() > HISTORY {
            self.runs.pop_first();
        }
    }

    fn poll_runs(&mut self) {
        let mut waiting = false;
        for (id, run) in self.runs.iter_mut().filter(|(_, run)| run.exit.is_none()) {
            self.cluster.act_for(self.running.get(id).cloned());
            waiting |= !run.poll(&mut self.cluster, &mut self.session);
            self.cluster.flush();
        }
        self.cluster.act_for(None);
        self.running.retain(|id, _| self.runs.get(id).is_some_and(|run| run.exit.is_none()));
        self.cloud.work(&mut self.cluster);
        self.next_poll = (waiting || self.cloud.on).then(|| self.cluster.now() + POLL);
    }

    /// Whether there is a cloud that gives addresses to LoadBalancer Services.
    pub fn cloud(&self) -> bool {
        self.cloud.on
    }

    fn set_cloud(&mut self, on: bool) {
        self.cloud.on = on;
        if on {
            self.next_poll.get_or_insert(self.cluster.now() + POLL);
        }
    }

    /// A command line and what it has printed so far.
    pub fn output(&self, id: u64) -> Option<&Run> {
        self.runs.get(&id)
    }

    /// The console's lines, oldest first.
    pub fn outputs(&self) -> impl Iterator<Item = (u64, &Run)> {
        self.runs.iter().map(|(id, run)| (*id, run))
    }

    /// Looks a name up from inside a Pod; `None` when the Pod has no network.
    pub fn resolve(&mut self, pod: &Key, name: &str) -> Option<Lookup> {
        self.cluster.resolve(pod, name)
    }

    /// What was done, and when.
    pub fn log(&self) -> &[(Nanos, Command)] {
        &self.log
    }

    /// What was done since 0:00, and when.
    pub fn commands(&self) -> &[(Nanos, Command)] {
        &self.log[self.prepared..]
    }

    /// The files that command lines can name.
    pub fn files(&self) -> &Files {
        &self.session.files
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The clients and their requests.
    pub fn traffic(&self) -> &Traffic {
        self.cluster.traffic()
    }
}
