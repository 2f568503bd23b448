//! Spans between the moments that objects carry (whole seconds) and now (nanoseconds).

use super::Context;
use crate::api::Time;
use crate::time::SECOND;

/// A moment of the cluster's wall clock in nanoseconds since 1970.
pub type Wall = i64;

/// Now.
pub fn wall(context: &Context) -> Wall {
    start_of(context.clock) + (context.now % SECOND) as i64
}

/// The moment that an object carries.
pub fn start_of(time: Time) -> Wall {
    time.0.saturating_mul(SECOND as i64)
}

/// Seconds as nanoseconds.
pub fn seconds(n: i32) -> i64 {
    i64::from(n) * SECOND as i64
}
