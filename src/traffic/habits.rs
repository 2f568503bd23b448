//! What a client does beyond sending: second attempts, hedging, and how many requests share a connection.
//! Defaults are those of a plain client: none of it.

use crate::time::{MILLISECOND, Nanos, SECOND};

/// How a client tries again.
#[derive(Clone, Debug, PartialEq)]
pub struct Retries {
    /// Further attempts at most; 0: none.
    pub most: u32,
    /// The wait before the first further attempt; it doubles with each, and each draw lies between nothing and all of it.
    pub backoff: Nanos,
    /// The longest wait.
    pub ceiling: Nanos,
    /// Further attempts, in percent of the calls of the last ten seconds…
    pub budget_percent: u32,
    /// …and beside them so many a second.
    pub budget_per_second: u32,
}

impl Default for Retries {
    /// None. The waits and the budget are what proxies commonly begin with: 25 ms doubling to 250 ms, a fifth of the calls, ten a second.
    fn default() -> Retries {
        Retries { most: 0, backoff: 25 * MILLISECOND, ceiling: 250 * MILLISECOND, budget_percent: 20, budget_per_second: 10 }
    }
}

/// What a client does beyond sending.
#[derive(Clone, Debug, PartialEq)]
pub struct Habits {
    /// Second attempts. Each has the client's time-out for itself.
    pub retries: Retries,
    /// A second attempt beside the first one if that has not been answered after this time; the first answer counts.
    pub hedge_after: Option<Nanos>,
    /// Requests that may be under way on a kept connection at once: 1 as in HTTP/1.1; more as in HTTP/2, where all share one
    /// connection and so go to one Pod.
    pub streams: u32,
}

impl Default for Habits {
    fn default() -> Habits {
        Habits { retries: Retries::default(), hedge_after: None, streams: 1 }
    }
}

/// Over so many seconds the budget is reckoned.
const WINDOW: u64 = 10;

/// How many further attempts a client may still make: what its calls of the last seconds paid in and what it took out again,
/// and beside it so many for each of these seconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Budget {
    /// For each second of the window, by its number: what was paid in less what was taken out, in hundredths of an attempt.
    slices: [(u64, i64); WINDOW as usize],
}

impl Budget {
    /// What belongs to this second; what was there before the window is forgotten.
    fn slice(&mut self, now: Nanos) -> &mut i64 {
        let second = now / SECOND;
        let slice = &mut self.slices[(second % WINDOW) as usize];
        if slice.0 != second {
            *slice = (second, 0);
        }
        &mut slice.1
    }

    /// A call was made.
    pub fn pay_in(&mut self, retries: &Retries, now: Nanos) {
        *self.slice(now) += i64::from(retries.budget_percent);
    }

    /// Whether there is enough for one more attempt, which is then paid.
    pub fn pay(&mut self, retries: &Retries, now: Nanos) -> bool {
        let oldest = (now / SECOND).saturating_sub(WINDOW - 1);
        let reserve = i64::from(retries.budget_per_second) * WINDOW as i64 * 100;
        let left: i64 = self.slices.iter().filter(|slice| slice.0 >= oldest).map(|slice| slice.1).sum();
        let enough = reserve + left >= 100;
        *self.slice(now) -= if enough { 100 } else { 0 };
        enough
    }
}

impl Retries {
    /// The longest that the `n`-th further attempt (from 1) waits.
    pub(super) fn wait(&self, n: u32) -> Nanos {
        self.backoff.saturating_mul(1u64.checked_shl(n.saturating_sub(1)).unwrap_or(u64::MAX)).min(self.ceiling)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_a_share_of_the_calls() {
        let retries = Retries { most: 3, budget_percent: 20, budget_per_second: 0, ..Retries::default() };
        let mut budget = Budget::default();
        (0..50).for_each(|_| budget.pay_in(&retries, SECOND));
        let paid = (0..50).filter(|_| budget.pay(&retries, SECOND)).count();
        assert_eq!(paid, 10);
    }

    #[test]
    fn a_budget_has_so_many_a_second_beside_and_forgets_after_ten() {
        let retries = Retries { most: 3, budget_percent: 20, budget_per_second: 2, ..Retries::default() };
        let mut budget = Budget::default();
        let paid = |budget: &mut Budget, second| (0..50).filter(|_| budget.pay(&retries, second * SECOND)).count();
        (0..50).for_each(|_| budget.pay_in(&retries, SECOND));
        assert_eq!(paid(&mut budget, 1), 10 + 20, "a fifth of 50 calls, and two for each of ten seconds");
        assert_eq!(paid(&mut budget, 10), 0, "all of it is taken out");
        assert_eq!(paid(&mut budget, 11), 20, "what was taken out ten seconds ago is forgotten, as are the calls");
    }

    #[test]
    fn waits_double_up_to_a_ceiling() {
        let retries = Retries::default();
        let waits: Vec<u64> = (1..=6).map(|n| retries.wait(n) / MILLISECOND).collect();
        assert_eq!(waits, [25, 50, 100, 200, 250, 250]);
    }
}
