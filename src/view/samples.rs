//! How each second of the run was: requests, endpoints, rules and revisions in numbers, kept for an hour.

use crate::lab::Lab;
use crate::time::{MICROSECOND, Nanos, SECOND};
use std::collections::VecDeque;

/// Seconds that are kept.
pub const KEPT: usize = 3600;

/// Requests that ended in a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fared {
    /// Answered below 500.
    pub answered: u64,
    /// Failed or answered 5xx.
    pub failed: u64,
    /// Sum of the answered ones' latencies in microseconds.
    pub latency_us: u64,
}

impl Fared {
    /// Mean latency of those that were answered.
    pub fn mean(self) -> Option<Nanos> {
        (self.latency_us * MICROSECOND).checked_div(self.answered)
    }

    /// Both together.
    pub fn plus(self, other: Fared) -> Fared {
        Fared {
            answered: self.answered + other.answered,
            failed: self.failed + other.failed,
            latency_us: self.latency_us + other.latency_us,
        }
    }
}

/// One second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// Which second since 0:00.
    pub second: u64,
    /// Requests to Services.
    pub service: Fared,
    /// Requests of clients that hold one Pod's address.
    pub pod: Fared,
    /// Ready endpoints at its end.
    pub ready: usize,
    /// Nodes whose kube-proxy was behind at its end.
    pub behind: usize,
    /// Pods of each revision at its end.
    pub revisions: Vec<usize>,
}

/// The seconds of a run, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    kept: VecDeque<Sample>,
}

impl Samples {
    /// The next second to be added.
    pub fn next(&self) -> u64 {
        self.kept.back().map_or(0, |s| s.second + 1)
    }

    /// Adds a second that is over; the numbers of its end are the caller's.
    pub fn push(&mut self, lab: &Lab, sample: Sample) {
        let mut sample = sample;
        let clock = sample.second + lab.zero() / SECOND;
        for client in lab.traffic().clients() {
            let seconds = client.stats.seconds.iter().rev().take_while(|s| s.second >= clock);
            let Some(found) = seconds.filter(|s| s.second == clock).last() else { continue };
            let fared =
                Fared { answered: u64::from(found.answered), failed: u64::from(found.failed), latency_us: found.latency_us };
            let sum = if client.setting.stubborn { &mut sample.pod } else { &mut sample.service };
            *sum = sum.plus(fared);
        }
        self.kept.push_back(sample);
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    /// The seconds of a span.
    pub fn between(&self, from: Nanos, to: Nanos) -> impl Iterator<Item = &Sample> {
        let (from, to) = (from / SECOND, to.div_ceil(SECOND));
        let first = self.kept.partition_point(|s| s.second < from);
        self.kept.range(first..).take_while(move |s| s.second < to)
    }

    /// The last second.
    pub fn last(&self) -> Option<&Sample> {
        self.kept.back()
    }
}
