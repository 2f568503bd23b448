//! Connections that are over but not forgotten yet, as numbers: a busy node has tens of thousands of them, and all that anybody
//! can still see of one is that it counts.

use crate::node::proxy::port::Protocol;
use crate::time::{Nanos, SECOND};
use std::collections::BTreeMap;
use std::net::SocketAddrV4;

/// What was asked, and the endpoint that it was sent to.
pub(super) type Way = (Protocol, SocketAddrV4, SocketAddrV4);

/// How many of each way are forgotten in which second.
#[derive(Clone, Debug, Default)]
pub(super) struct Over {
    by_second: BTreeMap<u64, BTreeMap<Way, u32>>,
    total: usize,
}

impl Over {
    /// One more, to be forgotten at `expires` (in the second that begins then or after).
    pub fn add(&mut self, way: Way, expires: Nanos) {
        *self.by_second.entry(expires.div_ceil(SECOND)).or_default().entry(way).or_default() += 1;
        self.total += 1;
    }

    /// Forgets those whose time has run out.
    pub fn expire(&mut self, now: Nanos) {
        while let Some(first) = self.by_second.first_entry().filter(|first| first.key() * SECOND <= now) {
            self.total -= first.remove().values().map(|n| *n as usize).sum::<usize>();
        }
    }

    /// Forgets one of those that would be forgotten next. False when there is none.
    pub fn drop_one(&mut self) -> bool {
        let Some(mut second) = self.by_second.first_entry() else { return false };
        if let Some(mut way) = second.get_mut().first_entry() {
            *way.get_mut() -= 1;
            self.total -= 1;
            if *way.get() == 0 {
                way.remove();
            }
        }
        if second.get().is_empty() {
            second.remove();
        }
        true
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.total
    }

    /// How many there are of a way.
    pub fn count(&self, way: &Way) -> usize {
        self.by_second.values().filter_map(|ways| ways.get(way)).map(|n| *n as usize).sum()
    }
}
