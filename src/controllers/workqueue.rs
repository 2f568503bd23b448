//! A controller's work queue: each key waits once, failures wait longer each time (client-go `util/workqueue`).

use crate::api::Key;
use crate::time::{MILLISECOND, Nanos};
use std::collections::{BTreeMap, BTreeSet};

/// Keys to work on, by the time from which they may be worked on.
#[derive(Clone, Debug)]
pub struct WorkQueue {
    due: BTreeMap<Key, Nanos>,
    by_time: BTreeSet<(Nanos, Key)>,
    failures: BTreeMap<Key, u32>,
    base: Nanos,
    ceiling: Nanos,
}

impl Default for WorkQueue {
    /// client-go's default: failures wait 5 ms·2ⁿ, at most 1000 s.
    fn default() -> Self {
        WorkQueue::with_backoff(5 * MILLISECOND, 1_000_000 * MILLISECOND)
    }
}

impl WorkQueue {
    /// A queue whose failures wait `base`·2ⁿ, at most `ceiling`.
    pub fn with_backoff(base: Nanos, ceiling: Nanos) -> WorkQueue {
        WorkQueue { due: BTreeMap::new(), by_time: BTreeSet::new(), failures: BTreeMap::new(), base, ceiling }
    }

    /// Adds a key at `at`, or earlier if it is already waiting for an earlier time.
    pub fn add(&mut self, key: Key, at: Nanos) {
        if let Some(&old) = self.due.get(&key) {
            if old <= at {
                return;
            }
            self.by_time.remove(&(old, key.clone()));
        }
        self.due.insert(key.clone(), at);
        self.by_time.insert((at, key));
    }

    /// Adds a key after a failure: later each time. Returns how often it has failed in a row.
    pub fn add_rate_limited(&mut self, key: Key, now: Nanos) -> u32 {
        let failures = self.failures.entry(key.clone()).or_insert(0);
        let wait = self.base.saturating_mul(1u64.checked_shl(*failures).unwrap_or(u64::MAX)).min(self.ceiling);
        *failures += 1;
        let count = *failures;
        self.add(key, now + wait);
        count
    }

    /// How often a key has failed in a row.
    pub fn failures(&self, key: &Key) -> u32 {
        self.failures.get(key).copied().unwrap_or(0)
    }

    /// The key went well: its next failure waits the shortest time again.
    pub fn forget(&mut self, key: &Key) {
        self.failures.remove(key);
    }

    /// When the next key may be worked on.
    pub fn next_at(&self) -> Option<Nanos> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes a key that may be worked on at `now`.
    pub fn pop(&mut self, now: Nanos) -> Option<Key> {
        if self.next_at()? > now {
            return None;
        }
        let (_, key) = self.by_time.pop_first()?;
        self.due.remove(&key);
        Some(key)
    }

    /// Number of keys waiting.
    pub fn len(&self) -> usize {
        self.due.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.due.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_waits_once_and_failures_wait_longer() {
        let mut queue = WorkQueue::default();
        let key = Key::new("default", "web");
        queue.add(key.clone(), 50);
        queue.add(key.clone(), 20);
        queue.add(key.clone(), 70);
        assert_eq!((queue.len(), queue.next_at()), (1, Some(20)));
        assert_eq!(queue.pop(10), None);
        assert_eq!(queue.pop(20), Some(key.clone()));
        for (n, wait) in [(1, 5), (2, 10), (3, 20)] {
            assert_eq!(queue.add_rate_limited(key.clone(), 0), n);
            assert_eq!(queue.next_at(), Some(wait * MILLISECOND));
            queue.pop(Nanos::MAX);
        }
        queue.forget(&key);
        queue.add_rate_limited(key, 0);
        assert_eq!(queue.next_at(), Some(5 * MILLISECOND));
    }
}
