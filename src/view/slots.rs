//! Places for Pods in the rows of their nodes: a Pod keeps its place for its life, so nothing jumps.

use crate::time::{Nanos, SECOND};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Cards stay small for this long after the need for it went away.
const CALM: Nanos = 5 * SECOND;

/// Which Pod has which place on which node.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    rows: BTreeMap<Rc<str>, Vec<Option<Rc<str>>>>,
    capacity: usize,
    crowded: Nanos,
}

impl Slots {
    /// Takes the Pods (node, uid) that there are now: those that went free their places, new ones take the first free ones.
    pub fn update(&mut self, pods: &[(Rc<str>, Rc<str>)], now: Nanos) {
        for (node, row) in &mut self.rows {
            for place in row.iter_mut() {
                let here = |uid: &Rc<str>| pods.iter().any(|(n, u)| n == node && u == uid);
                if place.as_ref().is_some_and(|uid| !here(uid)) {
                    *place = None;
                }
            }
            while row.last().is_some_and(Option::is_none) {
                row.pop();
            }
        }
        for (node, uid) in pods {
            let row = self.rows.entry(node.clone()).or_default();
            if row.iter().flatten().any(|u| u == uid) {
                continue;
            }
            match row.iter_mut().find(|place| place.is_none()) {
                Some(free) => *free = Some(uid.clone()),
                None => row.push(Some(uid.clone())),
            }
        }
        self.resize(now);
    }

    fn resize(&mut self, now: Nanos) {
        let need = self.rows.values().map(Vec::len).max().unwrap_or(0).max(2);
        if need >= self.capacity {
            self.crowded = now;
            self.capacity = need;
        } else if now > self.crowded + CALM {
            self.capacity = need;
        }
    }

    /// The place of a Pod.
    pub fn slot(&self, node: &str, uid: &str) -> Option<usize> {
        self.rows.get(node)?.iter().position(|place| place.as_deref() == Some(uid))
    }

    /// Places that each row must have room for.
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pods(uids: &[&str]) -> Vec<(Rc<str>, Rc<str>)> {
        uids.iter().map(|u| ("node-1".into(), (*u).into())).collect()
    }

    #[test]
    fn a_pod_keeps_its_place_and_new_ones_take_free_places() {
        let mut slots = Slots::default();
        slots.update(&pods(&["a", "b", "c"]), 0);
        slots.update(&pods(&["b", "c"]), SECOND);
        assert_eq!([slots.slot("node-1", "b"), slots.slot("node-1", "c")], [Some(1), Some(2)]);
        slots.update(&pods(&["c", "d"]), 2 * SECOND);
        assert_eq!([slots.slot("node-1", "c"), slots.slot("node-1", "d"), slots.slot("node-1", "b")], [Some(2), Some(0), None]);
    }

    #[test]
    fn cards_grow_only_after_a_calm_time() {
        let mut slots = Slots::default();
        slots.update(&pods(&["a", "b", "c", "d"]), 0);
        slots.update(&pods(&["a"]), SECOND);
        assert_eq!(slots.capacity(), 4);
        slots.update(&pods(&["a"]), 10 * SECOND);
        assert_eq!(slots.capacity(), 2);
    }
}
