//! What there is to do in the preset, and how far a person has come. Goals are ticked off one after another by the state of
//! the lab alone, whoever brought it about; going back in time takes the ticks back, too.

use super::watcher::Watcher;
use crate::api::{Deployment, Kind, Node, Object, Pod};
use crate::lab::Lab;
use crate::lab::presets::{Reached, find};
use crate::traffic::{Client, Source};

/// A goal as the page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoalLine {
    /// What there is to do or to see.
    pub words: &'static str,
    /// Whether it is reached.
    pub done: bool,
}

/// Answered requests that show that a Service answers.
const ENOUGH: u64 = 10;

/// How things were when the last goal was reached: the next one may be about what has happened since.
#[derive(Clone, Copy, Debug, Default)]
struct Then {
    answered: u64,
    stubborn_failed: u64,
    outside_failed: u64,
    changes: u64,
}

/// The goals that are reached.
#[derive(Clone, Debug, Default)]
pub struct Goals {
    reached: usize,
    then: Then,
}

impl Goals {
    /// Ticks off what is reached by now.
    pub fn observe(&mut self, lab: &Lab, watcher: &Watcher) {
        let goals = find(&lab.preset).goals;
        while let Some(goal) = goals.get(self.reached) {
            let facts = Facts { lab, watcher, then: &self.then };
            if !facts.reached(goal.reached) {
                break;
            }
            self.reached += 1;
            self.then = then(lab, watcher);
        }
    }

    /// The goals of a lab's preset.
    pub fn lines(&self, lab: &Lab) -> Vec<GoalLine> {
        let line = |(i, goal): (usize, &crate::lab::presets::Goal)| GoalLine { words: goal.words, done: i < self.reached };
        find(&lab.preset).goals.iter().enumerate().map(line).collect()
    }
}

fn sum(lab: &Lab, of: impl Fn(&Client) -> u64) -> u64 {
    lab.traffic().clients().map(of).sum()
}

fn is_outside(client: &Client) -> bool {
    matches!(client.setting.source, Source::Outside(_))
}

fn is_unowned(pod: &Pod) -> bool {
    pod.meta.owner_references.is_empty()
}

fn then(lab: &Lab, watcher: &Watcher) -> Then {
    let when = |yes: bool, n: u64| if yes { n } else { 0 };
    Then {
        answered: sum(lab, |c| when(!c.setting.stubborn, c.stats.answered)),
        stubborn_failed: sum(lab, |c| when(c.setting.stubborn, c.stats.bad())),
        outside_failed: sum(lab, |c| when(is_outside(c), c.stats.bad())),
        changes: watcher.ready().changes(),
    }
}

/// What a goal is measured by.
struct Facts<'a> {
    lab: &'a Lab,
    watcher: &'a Watcher,
    then: &'a Then,
}

impl Facts<'_> {
    fn reached(&self, what: Reached) -> bool {
        let now = || then(self.lab, self.watcher);
        let ready = self.watcher.ready().count();
        match what {
            Reached::PodEnds => self.any_pod(|pod| pod.meta.is_deleting()),
            Reached::WholeAgain => self.watcher.ready().changes() > self.then.changes && ready == self.wanted(),
            Reached::Answers => now().answered >= self.then.answered + ENOUGH,
            Reached::StubbornFails => now().stubborn_failed > self.then.stubborn_failed,
            Reached::Endpoints(count) => ready == count,
            Reached::NewVersion => self.watcher.by_revision().len() > 1,
            Reached::NewVersionOnly => self.all_ready() && self.watcher.by_revision().first() == Some(&0),
            Reached::FirstVersionOnly => self.all_ready() && self.watcher.by_revision().iter().skip(1).all(|n| *n == 0),
            Reached::NoFailure => sum(self.lab, |c| if c.setting.stubborn { 0 } else { c.stats.bad() }) == 0,
            Reached::AllAnswered => self.lab.traffic().clients().all(|c| c.stats.answered > 0),
            Reached::NodeDown => self.lab.cluster().machines().values().any(|m| !m.up),
            Reached::OutsideFails => now().outside_failed > self.then.outside_failed,
            Reached::NodesReady => self.nodes_ready() && self.answered_lately(),
            Reached::PodWithoutOwner => self.any_pod(|pod| !pod.meta.is_deleting() && is_unowned(pod)),
            Reached::PodTakenBack => self.any_pod(|pod| pod.meta.is_deleting()) && !self.any_pod(is_unowned),
        }
    }

    fn any_pod(&self, is: impl Fn(&Pod) -> bool) -> bool {
        self.watcher.pods().iter().any(|pod| is(pod))
    }

    /// Pods that the scene's Deployments want.
    fn wanted(&self) -> usize {
        let list = self.lab.cluster().api().store().list(Kind::Deployment, Some(super::NAMESPACE));
        list.filter_map(Object::as_::<Deployment>).map(|d| d.spec.replicas.unwrap_or(1).max(0) as usize).sum()
    }

    /// Whether the Pods that are there are those that are wanted, and all are ready.
    fn all_ready(&self) -> bool {
        let wanted = self.wanted();
        self.watcher.ready().count() == wanted && self.watcher.by_revision().iter().sum::<usize>() == wanted
    }

    fn nodes_ready(&self) -> bool {
        let mut nodes = self.lab.cluster().api().store().list(Kind::Node, None).filter_map(Object::as_::<Node>);
        self.lab.cluster().machines().values().all(|m| m.up) && nodes.all(|node| node.is_ready())
    }

    /// Whether the last second that is over saw answers and no failure.
    fn answered_lately(&self) -> bool {
        let last = self.watcher.last_second();
        last.answered > 0 && last.failed == 0
    }
}
