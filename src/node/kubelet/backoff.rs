//! Growing waits before a container is started or an image is pulled again (client-go `flowcontrol/backoff.go`).

use crate::time::{Nanos, SECOND};

const FIRST: Nanos = 10 * SECOND;
const CEILING: Nanos = 300 * SECOND;

/// The back-off of one container or one image of one Pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backoff {
    /// The wait in force; 0 before the first failure.
    pub wait: Nanos,
    last_update: Nanos,
}

impl Backoff {
    /// Whether a new try at `now` is too early for a failure at `since`.
    pub fn holds(&self, since: Nanos, now: Nanos) -> bool {
        !self.expired(now) && now < since + self.wait
    }

    /// A new try is made: the next one waits longer. Returns the wait of that next one.
    pub fn next(&mut self, now: Nanos) -> Nanos {
        self.wait = if self.wait == 0 || self.expired(now) { FIRST } else { (self.wait * 2).min(CEILING) };
        self.last_update = now;
        self.wait
    }

    /// Ten minutes without a failure: forgotten.
    fn expired(&self, now: Nanos) -> bool {
        now > self.last_update + 2 * CEILING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes_and_are_forgotten_after_ten() {
        let mut backoff = Backoff::default();
        let mut now = 0;
        let mut waits = vec![];
        for _ in 0..8 {
            waits.push(backoff.next(now) / SECOND);
            now += SECOND;
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300, 300]);
        assert!(backoff.holds(now, now + 299 * SECOND));
        assert_eq!(backoff.next(now + 601 * SECOND) / SECOND, 10);
    }
}
