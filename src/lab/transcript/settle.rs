//! `settle`: the recorder's way of waiting until a cluster has come to rest.

use crate::lab::Lab;
use crate::time::{MILLISECOND, Nanos, SECOND};

/// `settle`: the recorder looks at all objects this often…
const LOOK: Nanos = 500 * MILLISECOND;
/// …until it has seen nothing change for this long…
const QUIET: Nanos = 4 * SECOND;
/// …or this long has passed.
const PATIENCE: Nanos = 90 * SECOND;

/// Lets time pass until nothing has been seen to change for a while; never beyond `stop_at` (since 0:00).
pub fn settle(lab: &mut Lab, stop_at: Option<Nanos>) {
    let start = lab.now();
    let (mut looked, mut changed) = (start, start);
    while looked - changed < QUIET && looked - start < PATIENCE && stop_at.is_none_or(|at| looked < at) {
        let until = lab.now() + LOOK;
        lab.advance(stop_at.map_or(until, |at| until.min(at)), u64::MAX);
        if lab.cluster().last_change() > looked + lab.zero() {
            changed = lab.now();
        }
        looked = lab.now();
    }
}
