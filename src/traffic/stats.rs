//! What became of a client's requests, in numbers.

use super::record::{Failure, Outcome};
use crate::time::{MICROSECOND, Nanos, SECOND};
use std::collections::{BTreeMap, VecDeque};

/// Seconds that are remembered one by one.
pub const SECONDS: usize = 180;
/// Latency buckets: bucket `i` holds spans below 100 µs · 2^(i/2).
pub const BUCKETS: usize = 40;

/// One second of a client.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Second {
    /// Which second of virtual time.
    pub second: u64,
    /// Requests that were answered well (below 500).
    pub answered: u32,
    /// Requests that failed or were answered 5xx.
    pub failed: u32,
    /// Sum of the answered ones' latencies in microseconds.
    pub latency_us: u64,
}

/// Counts of one client since it began.
#[derive(Clone, Debug)]
pub struct Stats {
    /// Calls begun: what the client wants answered, however many attempts it takes.
    pub sent: u64,
    /// Attempts begun.
    pub attempts: u64,
    /// Attempts made again after a failure.
    pub retries: u64,
    /// Failures after which the budget allowed no further attempt.
    pub denied: u64,
    /// Attempts made beside a slow one.
    pub hedges: u64,
    /// Answered below 500.
    pub answered: u64,
    /// Answered 5xx.
    pub errors: u64,
    /// Not answered, by how.
    pub failed: BTreeMap<Failure, u64>,
    /// Answers by Pod name.
    pub by_pod: BTreeMap<String, u64>,
    /// Failures of calls whose last attempt had reached a Pod, by Pod name.
    pub bad_by_pod: BTreeMap<String, u64>,
    /// Answered requests by latency.
    pub latency: [u64; BUCKETS],
    /// The last seconds, oldest first; seconds without an end of a request are left out.
    pub seconds: VecDeque<Second>,
}

impl Default for Stats {
    fn default() -> Self {
        Stats {
            sent: 0,
            attempts: 0,
            retries: 0,
            denied: 0,
            hedges: 0,
            answered: 0,
            errors: 0,
            failed: BTreeMap::new(),
            by_pod: BTreeMap::new(),
            bad_by_pod: BTreeMap::new(),
            latency: [0; BUCKETS],
            seconds: VecDeque::new(),
        }
    }
}

impl Stats {
    /// Counts the end of a request.
    pub fn count(&mut self, outcome: &Outcome, pod: Option<&str>, took: Nanos, now: Nanos) {
        let second = now / SECOND;
        if self.seconds.back().is_none_or(|s| s.second != second) {
            self.seconds.push_back(Second { second, ..Second::default() });
            if self.seconds.len() > SECONDS {
                self.seconds.pop_front();
            }
        }
        let last = self.seconds.back_mut().expect("one was just added");
        if let Some(pod) = pod.filter(|_| outcome.is_bad()) {
            *self.bad_by_pod.entry(pod.to_string()).or_insert(0) += 1;
        }
        match outcome {
            Outcome::Answered { status } if *status < 500 => {
                self.answered += 1;
                last.answered += 1;
                last.latency_us += took / MICROSECOND;
                self.latency[bucket(took)] += 1;
                if let Some(pod) = pod {
                    *self.by_pod.entry(pod.to_string()).or_insert(0) += 1;
                }
            }
            Outcome::Answered { .. } => {
                self.errors += 1;
                last.failed += 1;
            }
            Outcome::Failed(failure) => {
                *self.failed.entry(*failure).or_insert(0) += 1;
                last.failed += 1;
            }
        }
    }

    /// Requests that failed or were answered 5xx.
    pub fn bad(&self) -> u64 {
        self.errors + self.failed.values().sum::<u64>()
    }

    /// The latency (upper end of its bucket) below which `percent` of the answers lie; `None` without answers.
    pub fn percentile(&self, percent: u64) -> Option<Nanos> {
        let total: u64 = self.latency.iter().sum();
        let mut left = (total * percent).div_ceil(100);
        for (i, count) in self.latency.iter().enumerate() {
            if left <= *count && total > 0 {
                return Some(upper(i));
            }
            left = left.saturating_sub(*count);
        }
        None
    }
}

/// The upper end of a latency bucket.
fn upper(bucket: usize) -> Nanos {
    let base = (100 * MICROSECOND) << (bucket / 2);
    if bucket.is_multiple_of(2) { base } else { base * 99 / 70 }
}

fn bucket(took: Nanos) -> usize {
    (0..BUCKETS - 1).find(|i| took < upper(*i)).unwrap_or(BUCKETS - 1)
}
