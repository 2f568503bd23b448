//! Places for Pods in the rows of their nodes: a Pod keeps its place for its life, so nothing jumps.

use crate::time::{Nanos, SECOND};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Cards stay small for this long after the need for it went away.
const CALM: Nanos = 5 * SECOND;

/// The places of one node.
#[derive(Clone, Debug, Default)]
struct Row {
    /// One more than the last place that is taken.
    length: usize,
    /// Places before that which are free.
    free: BTreeSet<usize>,
}

/// Which Pod has which place on which node.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    rows: BTreeMap<Rc<str>, Row>,
    places: BTreeMap<Rc<str>, (Rc<str>, usize)>,
    capacity: usize,
    crowded: Nanos,
}

impl Slots {
    /// A Pod has come to a node: it gets the first free place, if it has none yet.
    pub fn take(&mut self, node: &str, uid: &str) {
        if self.places.contains_key(uid) {
            return;
        }
        let node: Rc<str> = node.into();
        let row = self.rows.entry(node.clone()).or_default();
        let place = row.free.pop_first().unwrap_or(row.length);
        row.length = row.length.max(place + 1);
        self.places.insert(uid.into(), (node, place));
    }

    /// A Pod has gone: its place is free.
    pub fn leave(&mut self, uid: &str) {
        let Some((node, place)) = self.places.remove(uid) else { return };
        let Some(row) = self.rows.get_mut(&node) else { return };
        row.free.insert(place);
        while row.length > 0 && row.free.remove(&(row.length - 1)) {
            row.length -= 1;
        }
        if row.length == 0 {
            self.rows.remove(&node);
        }
    }

    /// Makes room at once; takes it back only after a calm time.
    pub fn settle(&mut self, now: Nanos) {
        let need = self.rows.values().map(|row| row.length).max().unwrap_or(0).max(2);
        if need >= self.capacity {
            self.crowded = now;
            self.capacity = need;
        } else if now > self.crowded + CALM {
            self.capacity = need;
        }
    }

    /// The place of a Pod in its node's row.
    pub fn slot(&self, uid: &str) -> Option<usize> {
        self.places.get(uid).map(|p| p.1)
    }

    /// Places that each row must have room for.
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_keeps_its_place_and_new_ones_take_free_places() {
        let mut slots = Slots::default();
        ["a", "b", "c"].iter().for_each(|uid| slots.take("node-1", uid));
        slots.leave("a");
        assert_eq!([slots.slot("b"), slots.slot("c")], [Some(1), Some(2)]);
        slots.leave("b");
        slots.take("node-1", "d");
        slots.take("node-1", "d");
        assert_eq!([slots.slot("c"), slots.slot("d"), slots.slot("b")], [Some(2), Some(0), None]);
    }

    #[test]
    fn cards_grow_only_after_a_calm_time() {
        let mut slots = Slots::default();
        ["a", "b", "c", "d"].iter().for_each(|uid| slots.take("node-1", uid));
        slots.settle(0);
        ["b", "c", "d"].iter().for_each(|uid| slots.leave(uid));
        slots.settle(SECOND);
        assert_eq!(slots.capacity(), 4);
        slots.settle(10 * SECOND);
        assert_eq!(slots.capacity(), 2);
    }
}
