//! When kube-proxy writes rules: changes are coalesced, with a least and a longest time between syncs.
//! Follows `pkg/proxy/runner/bounded_frequency_runner.go`: the least time counts from the end of one run to the start of the next.
//!
//! Must not know: rules, Services; only times.

use super::settings::Settings;
use crate::time::{Nanos, SECOND};

/// A full sync at least this often, except in large clusters.
pub const FULL_SYNC_PERIOD: Nanos = 3600 * SECOND;

/// A sync that is to start now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// Everything is written, not only what changed.
    pub full: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// The watches have not delivered everything yet: nothing is programmed.
    Waiting,
    /// The first sync, at once, outside of the runner's intervals.
    First,
    /// Between runs. `after`: the earliest start; `latest`: a run starts then even without a change.
    Idle { after: Nanos, latest: Nanos },
    /// Writing; done at `ends`.
    Running { full: bool, ends: Nanos, first: bool },
}

/// The timing of syncs, in virtual time.
#[derive(Clone, Debug)]
pub struct Runner {
    min_period: Nanos,
    period: Nanos,
    state: State,
    requested: bool,
    retry_at: Option<Nanos>,
    need_full: bool,
    last_full: Nanos,
    /// Since when there is a change that no sync has begun to write.
    unseen_since: Option<Nanos>,
    /// Since when there is a change that the running sync writes.
    writing_since: Option<Nanos>,
}

impl Runner {
    /// A runner that waits for the first complete view.
    pub fn new(settings: &Settings) -> Runner {
        Runner {
            min_period: settings.min_sync_period,
            period: settings.sync_period.max(settings.min_sync_period),
            state: State::Waiting,
            requested: false,
            retry_at: None,
            need_full: true,
            last_full: 0,
            unseen_since: None,
            writing_since: None,
        }
    }

    /// Other periods, from now on.
    pub fn set_periods(&mut self, min_period: Nanos, period: Nanos) {
        self.min_period = min_period;
        self.period = period.max(min_period);
    }

    /// Both watches have delivered everything: the first sync starts at once.
    pub fn synced(&mut self) {
        if self.state == State::Waiting {
            self.state = State::First;
        }
    }

    /// Something changed. When the sync that writes it will start, if that is known.
    pub fn changed(&mut self, now: Nanos) -> Option<Nanos> {
        // Before the first sync nothing is asked of the runner: that sync writes everything.
        self.requested |= !matches!(self.state, State::Waiting | State::First);
        self.unseen_since.get_or_insert(now);
        match self.state {
            State::Idle { .. } => self.next().map(|at| at.max(now)),
            _ => None,
        }
    }

    /// When a run starts or ends next.
    pub fn next(&self) -> Option<Nanos> {
        match self.state {
            State::Waiting => None,
            State::First => Some(0),
            State::Idle { after, .. } if self.requested => Some(after),
            State::Idle { after, latest } => Some(self.retry_at.map_or(latest, |at| at.min(latest)).max(after)),
            State::Running { ends, .. } => Some(ends),
        }
    }

    /// Whether a run is to start now, and which. `large`: a large cluster.
    pub fn start(&mut self, now: Nanos, large: bool) -> Option<Start> {
        let due = self.next().is_some_and(|at| at <= now) && !matches!(self.state, State::Running { .. });
        due.then(|| {
            let hourly = !large && now.saturating_sub(self.last_full) >= FULL_SYNC_PERIOD;
            Start { full: self.need_full || hourly }
        })
    }

    /// The run that [`Runner::start`] announced takes until `ends`.
    pub fn running(&mut self, start: Start, now: Nanos, ends: Nanos) {
        let first = self.state == State::First;
        self.requested = false;
        self.writing_since = self.unseen_since.take();
        self.state = State::Running { full: start.full, ends: ends.max(now), first };
    }

    /// Whether the run ends now; `ok`: it worked. A failed one is repeated after the sync period, in full.
    pub fn finish(&mut self, now: Nanos, ok: bool) -> bool {
        let State::Running { full, ends, first } = self.state else { return false };
        if ends > now {
            return false;
        }
        self.state = State::Idle { after: if first { now } else { now + self.min_period }, latest: now + self.period };
        self.retry_at = (!ok).then_some(now + self.period);
        self.need_full = !ok;
        if ok {
            self.writing_since = None;
            if full {
                self.last_full = now;
            }
        } else {
            self.unseen_since = self.writing_since.take().or(self.unseen_since);
        }
        true
    }

    /// Since when there has been a change that is not in force; `None`: the rules are up to date.
    pub fn behind_since(&self) -> Option<Nanos> {
        self.writing_since.or(self.unseen_since)
    }

    /// For how long there has been a change that is not in force; 0: the rules are up to date.
    pub fn lag(&self, now: Nanos) -> Nanos {
        self.behind_since().map_or(0, |since| now.saturating_sub(since))
    }

    /// Whether rules are being written at this moment.
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::Mode;
    use super::*;
    use crate::time::MILLISECOND;

    fn runner() -> Runner {
        let mut r = Runner::new(&Settings::defaults(Mode::Iptables));
        assert_eq!(r.next(), None);
        r.synced();
        run(&mut r, 0, 100 * MILLISECOND);
        r
    }

    /// Runs a sync that starts at `at` and returns whether it was full.
    fn run(r: &mut Runner, at: Nanos, takes: Nanos) -> bool {
        let start = r.start(at, false).unwrap();
        r.running(start, at, at + takes);
        assert!(!r.finish(at + takes - 1, true) && r.finish(at + takes, true));
        start.full
    }

    #[test]
    fn changes_are_coalesced_and_the_pause_counts_from_the_end() {
        let mut r = runner();
        // The first change after the first sync runs at once, the next waits for the least period.
        assert_eq!(r.changed(2 * SECOND), Some(2 * SECOND));
        assert_eq!(r.lag(2 * SECOND + 5), 5);
        assert!(!run(&mut r, 2 * SECOND, 50 * MILLISECOND));
        assert_eq!(r.lag(3 * SECOND), 0);
        let next = 3 * SECOND + 50 * MILLISECOND;
        assert_eq!(r.changed(2 * SECOND + 60 * MILLISECOND), Some(next));
        assert_eq!(r.changed(2 * SECOND + 70 * MILLISECOND), Some(next));
        assert_eq!(r.start(next - 1, false), None);
        assert!(!run(&mut r, next, 50 * MILLISECOND));
        // Without a change the next run comes after the sync period.
        assert_eq!(r.next(), Some(next + 50 * MILLISECOND + 30 * SECOND));
    }

    #[test]
    fn a_change_during_a_run_waits_for_the_next() {
        let mut r = runner();
        r.changed(SECOND);
        let start = r.start(SECOND, false).unwrap();
        r.running(start, SECOND, SECOND + 100);
        assert_eq!(r.changed(SECOND + 50), None);
        assert!(r.finish(SECOND + 100, true));
        assert_eq!((r.lag(SECOND + 150), r.next()), (100, Some(2 * SECOND + 100)));
    }

    #[test]
    fn a_failed_run_is_repeated_in_full_after_the_sync_period() {
        let mut r = runner();
        r.changed(SECOND);
        let start = r.start(SECOND, false).unwrap();
        r.running(start, SECOND, SECOND + 100);
        assert!(r.finish(SECOND + 100, false));
        assert_eq!(r.next(), Some(31 * SECOND + 100));
        assert_eq!(r.lag(31 * SECOND), 30 * SECOND);
        assert!(run(&mut r, 31 * SECOND + 100, 100));
    }

    #[test]
    fn a_full_sync_comes_every_hour() {
        let mut r = runner();
        let mut now = r.next().unwrap();
        let mut full = Vec::new();
        while now < 2 * FULL_SYNC_PERIOD {
            if run(&mut r, now, 100 * MILLISECOND) {
                full.push(now / SECOND);
            }
            now = r.next().unwrap();
        }
        assert_eq!(full.len(), 1);
        assert!((3600..3631).contains(&full[0]));
    }
}
