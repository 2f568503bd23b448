//! Going to a moment of the run, or on to something that happens.

use super::Engine;
use crate::lab::Lab;
use crate::time::{Nanos, SECOND};
use crate::view::Still;
use std::rc::Rc;

/// A step to something that happens ends after this time at the latest.
const LONGEST_STEP: Nanos = 60 * SECOND;

/// What to step to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// So much later.
    By(Nanos),
    /// The next change of an object in the API server.
    Change,
    /// The next end of a request.
    Request,
}

impl Engine {
    /// Goes to a moment of the run. What is known of the time after it stays on the chart.
    pub fn seek(&mut self, to: Nanos) {
        if to < self.history.now() && self.chart.is_none() {
            self.chart = Some(self.history.witness().chart());
        }
        self.history.seek(to);
        self.still = None;
        self.arrived();
        self.still();
    }

    /// At the end of the run the chart is the lab's own again.
    pub(super) fn arrived(&mut self) {
        if self.history.now() >= self.history.end() {
            self.chart = None;
        }
    }

    /// Lets time pass at once until what is asked for.
    pub fn step(&mut self, step: Step) {
        let before = self.scene.clone();
        let counted = Still::count(self.history.lab());
        self.leap(step);
        let (watcher, lab) = self.history.witness_mut();
        self.scene = watcher.view(lab, self.speed).scene;
        let number = self.still.as_ref().map_or(0, |s| s.number) + 1;
        self.still = Some(Rc::new(Still::between(number, &before, &self.scene, counted, self.history.lab())));
        self.still();
    }

    fn leap(&mut self, step: Step) {
        let start = self.history.now();
        let ended = |lab: &Lab| -> u64 { lab.traffic().clients().map(|c| c.stats.answered + c.stats.bad()).sum() };
        let state = |lab: &Lab| match step {
            Step::By(_) => 0,
            Step::Change => lab.cluster().last_change(),
            Step::Request => ended(lab),
        };
        if let Step::By(span) = step {
            self.history.advance(start + span, u64::MAX);
        } else {
            let before = state(self.history.lab());
            let limit = start + LONGEST_STEP;
            while state(self.history.lab()) == before && self.history.now() < limit {
                let next = self.history.lab().next_at().unwrap_or(limit).clamp(self.history.now() + 1, limit);
                self.history.advance(next, u64::MAX);
            }
        }
        self.arrived();
    }

    /// After a leap: the requests that are under way at this moment, where they are.
    pub fn still(&mut self) {
        let Engine { motion, history, scene, layout, .. } = self;
        motion.rebuild(history.lab(), scene, layout, history.witness(), self.speed as f32);
        self.stale = true;
    }

    /// Something is done now: the future that was known, if any, is given up.
    pub fn cut(&mut self) {
        if self.history.now() < self.history.end() {
            self.cut_chart = self.chart.take();
        }
    }
}
