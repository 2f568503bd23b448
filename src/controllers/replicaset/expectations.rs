//! What a controller has asked for and not yet seen: no further step until its cache shows the last one.
//!
//! Sources: `pkg/controller/controller_utils.go` (ControllerExpectations, UIDTrackingControllerExpectations),
//! `pkg/controller/util/consistency` (StaleControllerConsistencyReplicaSet).

use crate::api::{Key, Kind};
use crate::controllers::Cache;
use crate::time::{Nanos, SECOND};
use std::collections::{BTreeMap, BTreeSet};

/// After this time an expectation is given up.
const TIMEOUT: Nanos = 300 * SECOND;

/// Open expectations by the key of the object that they are about.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    open: BTreeMap<Key, Expectation>,
    written: BTreeMap<Key, BTreeMap<Kind, u64>>,
}

#[derive(Clone, Debug)]
struct Expectation {
    creations: usize,
    deletions: BTreeSet<Key>,
    since: Nanos,
}

impl Expectations {
    /// Expects so many new objects, and nothing else.
    pub fn expect_creations(&mut self, key: &Key, count: usize, now: Nanos) {
        self.open.insert(key.clone(), Expectation { creations: count, deletions: BTreeSet::new(), since: now });
    }

    /// Expects these objects to go, and nothing else.
    pub fn expect_deletions(&mut self, key: &Key, objects: BTreeSet<Key>, now: Nanos) {
        self.open.insert(key.clone(), Expectation { creations: 0, deletions: objects, since: now });
    }

    /// A new object was seen, or could not be created.
    pub fn creation_observed(&mut self, key: &Key) {
        if let Some(open) = self.open.get_mut(key) {
            open.creations = open.creations.saturating_sub(1);
        }
    }

    /// An object was seen to go, or could not be deleted.
    pub fn deletion_observed(&mut self, key: &Key, object: &Key) {
        if let Some(open) = self.open.get_mut(key) {
            open.deletions.remove(object);
        }
    }

    /// Whether nothing is expected any more, or for too long already.
    pub fn satisfied(&self, key: &Key, now: Nanos) -> bool {
        let Some(open) = self.open.get(key) else { return true };
        (open.creations == 0 && open.deletions.is_empty()) || now - open.since > TIMEOUT
    }

    /// Notes that the controller wrote an object of that kind.
    pub fn wrote(&mut self, key: &Key, kind: Kind, version: u64) {
        let noted = self.written.entry(key.clone()).or_default().entry(kind).or_insert(0);
        *noted = version.max(*noted);
    }

    /// Whether the cache shows all that the controller wrote.
    pub fn caught_up(&self, key: &Key, cache: &Cache) -> bool {
        let kinds = self.written.get(key);
        kinds.is_none_or(|kinds| kinds.iter().all(|(kind, version)| cache.version(*kind) >= *version))
    }

    /// The object is gone.
    pub fn forget(&mut self, key: &Key) {
        self.open.remove(key);
        self.written.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations_are_met_or_given_up() {
        let mut expectations = Expectations::default();
        let (key, pod) = (Key::new("default", "web"), Key::new("default", "web-1"));
        assert!(expectations.satisfied(&key, 0));
        expectations.expect_creations(&key, 2, 0);
        expectations.creation_observed(&key);
        assert!(!expectations.satisfied(&key, TIMEOUT));
        assert!(expectations.satisfied(&key, TIMEOUT + 1));
        expectations.creation_observed(&key);
        assert!(expectations.satisfied(&key, 1));
        expectations.expect_deletions(&key, BTreeSet::from([pod.clone()]), 1);
        expectations.deletion_observed(&key, &Key::new("default", "other"));
        assert!(!expectations.satisfied(&key, 2));
        expectations.deletion_observed(&key, &pod);
        assert!(expectations.satisfied(&key, 2));
    }
}
