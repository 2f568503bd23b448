//! Zones of nodes: how many of them are silent decides how fast their Pods may be driven out.
//!
//! Sources: `pkg/controller/nodelifecycle/node_lifecycle_controller.go` (handleDisruption, ComputeZoneState),
//! `pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go`.

use crate::time::{Nanos, SECOND};
use std::collections::BTreeMap;

/// One node every 10 s.
const HEALTHY: Nanos = 10 * SECOND;
/// One node every 100 s in a large zone of which most is silent.
const REDUCED: Nanos = 100 * SECOND;
/// A zone with more nodes than this is large.
const LARGE: usize = 50;

/// How a zone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not judged yet.
    Initial,
    /// Most nodes are ready.
    Normal,
    /// More than two nodes, and at least 55 % of all, are not ready.
    Partial,
    /// No node is ready.
    Full,
}

impl State {
    /// The state of a zone with so many ready and other nodes.
    pub fn of(ready: usize, other: usize) -> State {
        if ready == 0 && other > 0 {
            State::Full
        } else if other > 2 && other * 100 >= (ready + other) * 55 {
            State::Partial
        } else {
            State::Normal
        }
    }

    /// The span between two nodes that are given up; `None`: never.
    fn interval(self, nodes: usize) -> Option<Nanos> {
        match self {
            State::Partial if nodes > LARGE => Some(REDUCED),
            State::Partial => None,
            _ => Some(HEALTHY),
        }
    }
}

/// One zone: its nodes that wait to be given up, and how fast that goes.
#[derive(Clone, Debug)]
pub struct Zone {
    state: State,
    interval: Option<Nanos>,
    next: Nanos,
    /// Nodes that wait for their NoExecute taint, first come first served.
    waiting: Vec<String>,
}

impl Default for Zone {
    fn default() -> Self {
        Zone { state: State::Initial, interval: Some(HEALTHY), next: 0, waiting: vec![] }
    }
}

impl Zone {
    /// Puts a node into the line, if it does not stand there.
    pub fn add(&mut self, node: &str) {
        if !self.waiting.iter().any(|n| n == node) {
            self.waiting.push(node.into());
        }
    }

    /// Takes a node out of the line.
    pub fn remove(&mut self, node: &str) {
        self.waiting.retain(|n| n != node);
    }

    /// The next node whose turn it is.
    pub fn pop(&mut self, now: Nanos) -> Option<String> {
        let interval = self.interval.filter(|_| now >= self.next && !self.waiting.is_empty())?;
        self.next = now + interval;
        Some(self.waiting.remove(0))
    }

    /// When somebody's turn comes.
    pub fn next_at(&self) -> Option<Nanos> {
        self.interval.filter(|_| !self.waiting.is_empty()).map(|_| self.next)
    }
}

/// What a pass over all zones found beyond the zones themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing of note.
    None,
    /// Now no node is ready anywhere: the fault is probably the controller's own, so nobody is driven out.
    AllDown,
    /// The first nodes are ready again.
    Recovered,
}

/// Judges all zones by their numbers of ready and other nodes, and sets their speeds.
pub fn judge(zones: &mut BTreeMap<String, Zone>, counts: &BTreeMap<String, (usize, usize)>) -> Turn {
    zones.retain(|name, zone| counts.contains_key(name) || !zone.waiting.is_empty());
    let all_were = !zones.is_empty() && zones.values().all(|zone| zone.state == State::Full);
    let states = counts.iter().map(|(name, (ready, other))| (name, ready + other, State::of(*ready, *other)));
    let states: Vec<_> = states.collect();
    let all_are = !states.is_empty() && states.iter().all(|(_, _, state)| *state == State::Full);
    if all_are && all_were {
        return Turn::None;
    }
    for (name, nodes, state) in states {
        let zone = zones.entry(name.clone()).or_default();
        zone.state = state;
        zone.interval = if all_are { None } else { state.interval(nodes) };
    }
    match (all_are, all_were) {
        (true, _) => Turn::AllDown,
        (_, true) => Turn::Recovered,
        _ => Turn::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_silent_nodes_sets_the_speed() {
        let states = [(3, 0), (2, 1), (0, 1), (1, 2), (2, 3), (45, 55), (46, 54)].map(|(ready, other)| State::of(ready, other));
        use State::*;
        assert_eq!(states, [Normal, Normal, Full, Normal, Partial, Partial, Normal]);
        assert_eq!((Partial.interval(50), Partial.interval(51), Full.interval(9)), (None, Some(REDUCED), Some(HEALTHY)));
    }

    #[test]
    fn one_node_at_a_time_is_given_up() {
        let mut zone = Zone::default();
        for node in ["a", "b", "a"] {
            zone.add(node);
        }
        assert_eq!(zone.pop(5), Some("a".into()));
        assert_eq!((zone.pop(5), zone.next_at()), (None, Some(5 + HEALTHY)));
        assert_eq!(zone.pop(5 + HEALTHY), Some("b".into()));
        assert_eq!(zone.next_at(), None);
    }

    #[test]
    fn when_all_are_down_nobody_is_given_up() {
        let mut zones = BTreeMap::from([("a".to_string(), Zone::default()), ("b".to_string(), Zone::default())]);
        let mut counts = BTreeMap::from([("a".to_string(), (2, 0)), ("b".to_string(), (0, 1))]);
        assert_eq!(judge(&mut zones, &counts), Turn::None);
        counts.insert("a".into(), (0, 2));
        assert_eq!(judge(&mut zones, &counts), Turn::AllDown);
        zones.get_mut("a").unwrap().add("node");
        assert_eq!(zones.get_mut("a").unwrap().pop(0), None);
        assert_eq!(judge(&mut zones, &counts), Turn::None);
        counts.insert("b".into(), (1, 0));
        assert_eq!(judge(&mut zones, &counts), Turn::Recovered);
        assert_eq!(zones.get_mut("a").unwrap().pop(0), Some("node".into()));
    }
}
