//! A range of numbers with a part for people (static band) and a part that is handed out at random first.
//!
//! Sources: `pkg/registry/core/service/ipallocator/ipallocator.go`, `…/portallocator/allocator.go`.

use super::Random;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The numbers `first..=last` (none when `last` is below `first`), and which are taken. Cloning is cheap.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    first: u128,
    last: u128,
    band: u128,
    taken: Rc<BTreeSet<u128>>,
}

impl Pool {
    /// `band`: how many numbers at the lower end are left to people as long as others are free.
    pub fn new(first: u128, last: u128, band: u128) -> Pool {
        Pool { first, last, band, taken: Rc::default() }
    }

    /// The first number that is handed out at random.
    pub fn dynamic_first(&self) -> u128 {
        self.first + self.band
    }

    /// Whether the number lies in the range.
    pub fn contains(&self, number: u128) -> bool {
        (self.first..=self.last).contains(&number)
    }

    /// Whether it is taken.
    pub fn is_taken(&self, number: u128) -> bool {
        self.taken.contains(&number)
    }

    /// Takes a number; false when it is taken already.
    pub fn take(&mut self, number: u128) -> bool {
        Rc::make_mut(&mut self.taken).insert(number)
    }

    /// Gives a number back.
    pub fn release(&mut self, number: u128) {
        if self.taken.contains(&number) {
            Rc::make_mut(&mut self.taken).remove(&number);
        }
    }

    /// Takes a free number: from a random start upwards and around, first in the dynamic part, then in the static band.
    pub fn take_next(&mut self, random: &mut dyn Random) -> Option<u128> {
        let border = self.dynamic_first();
        let number = self.free_within(border, self.last, random).or_else(|| {
            let upper = border.checked_sub(1)?;
            self.free_within(self.first, upper.min(self.last), random)
        })?;
        self.take(number);
        Some(number)
    }

    fn free_within(&self, low: u128, high: u128, random: &mut dyn Random) -> Option<u128> {
        let size = high.checked_sub(low)?.checked_add(1)?;
        let start = low + u128::from(random.below(u64::try_from(size).unwrap_or(u64::MAX)));
        self.first_free(start, high).or_else(|| self.first_free(low, start.checked_sub(1)?))
    }

    /// The lowest free number of `low..=high`; walks over what is taken only.
    fn first_free(&self, low: u128, high: u128) -> Option<u128> {
        if low > high {
            return None;
        }
        let mut next = low;
        for taken in self.taken.range(low..=high) {
            if *taken > next {
                break;
            }
            next = taken + 1;
        }
        (next <= high).then_some(next)
    }
}
