//! The run once more from before a deed, with one thing otherwise: the same seed, the same commands at the same moments, and
//! what became of the requests. It is a run of the model like any other; nothing of it is foretold.

use super::{Command, Lab};
use crate::time::{Nanos, SECOND};
use crate::traffic::{ClientChange, Retries, SECONDS};
use std::collections::{BTreeSet, VecDeque};

/// What is otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Every container's preStop hook sleeps so many seconds.
    PreStop(u64),
    /// Every client makes so many further attempts.
    Attempts(u32),
}

/// How requests fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fared {
    /// All that ended.
    pub all: u64,
    /// Those of them that failed.
    pub failed: u64,
}

/// A run that is tried otherwise.
pub struct Trial {
    lab: Lab,
    commands: VecDeque<(Nanos, Command)>,
    began: Nanos,
    cause: Nanos,
    until: Nanos,
    /// The command lines that went well in the run as it was.
    went_well: BTreeSet<u64>,
    /// How the same requests fared in the run as it was.
    pub here: Fared,
}

impl Trial {
    /// From `before` on, by way of `commands`, until the moment of `now`; requests count from the cause on.
    pub(super) fn new(
        before: &Lab,
        commands: VecDeque<(Nanos, Command)>,
        (cause, now): (Nanos, &Lab),
        way: &Way,
    ) -> Option<Trial> {
        let counted = now.now().checked_sub(cause).is_some_and(|span| span < SECONDS as Nanos * SECOND);
        if !counted || before.now() > cause {
            return None;
        }
        let (began, until, here) = (before.now(), now.now(), fared(now, cause));
        let went_well = now.outputs().filter(|(_, run)| run.exit == Some(0)).map(|(id, _)| id).collect();
        let mut trial = Trial { lab: before.clone(), commands, began, cause, until, went_well, here };
        match way {
            Way::PreStop(seconds) => trial.lab.cluster.suppose_pre_stop(seconds * SECOND),
            Way::Attempts(most) => trial.lab.try_again(*most),
        }
        Some(trial)
    }

    /// Goes on, but handles hardly more than `budget` events. Whether it has arrived.
    pub fn advance(&mut self, budget: u64) -> bool {
        let stop = self.lab.cluster().events().saturating_add(budget);
        loop {
            let next = self.commands.front().map_or(self.until, |(at, _)| *at);
            let left = stop.saturating_sub(self.lab.cluster().events());
            if left == 0 || !self.lab.advance(next, left) {
                return false;
            }
            let Some((_, command)) = self.commands.pop_front() else { return true };
            self.lab.apply(command);
        }
    }

    /// How much of it has passed, in percent.
    pub fn percent(&self) -> u64 {
        (self.lab.now() - self.began) * 100 / (self.until - self.began).max(1)
    }

    /// How the requests have fared in it since the cause.
    pub fn fared(&self) -> Fared {
        fared(&self.lab, self.cause)
    }

    /// Command lines of the run that went well and do not in this one: what they name (a Pod, mostly) is called otherwise here.
    pub fn unlike(&self) -> usize {
        let fails = |id: &&u64| self.lab.output(**id).is_some_and(|run| run.exit.is_some_and(|code| code != 0));
        self.went_well.iter().filter(fails).count()
    }

    /// The seconds from the cause until its end.
    pub fn seconds(&self) -> u64 {
        (self.until - self.cause).div_ceil(SECOND)
    }
}

impl Lab {
    /// Every client tries again; the commands of the run that follows may tell it otherwise.
    fn try_again(&mut self, most: u32) {
        let names: Vec<String> = self.traffic().clients().map(|c| c.setting.name.clone()).collect();
        for name in names {
            let change = ClientChange::Retries(Retries { most, ..Retries::default() });
            self.cluster.change_client(&name, &change);
        }
    }
}

/// How requests fared since a moment, those of stubborn clients left out: they ask one Pod, whatever else there is.
fn fared(lab: &Lab, since: Nanos) -> Fared {
    let from = (lab.zero() + since) / SECOND;
    let clients = lab.traffic().clients().filter(|c| !c.setting.stubborn);
    let seconds = clients.flat_map(|c| &c.stats.seconds).filter(|s| s.second >= from);
    seconds.fold(Fared::default(), |sum, s| Fared {
        all: sum.all + u64::from(s.answered + s.failed),
        failed: sum.failed + u64::from(s.failed),
    })
}
