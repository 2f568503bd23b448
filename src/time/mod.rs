//! Virtual time: the clock in nanoseconds, the event queue ordered by (time, sequence), and random streams from one seed.
//!
//! Promises: the same seed and the same pushes give the same order, natively and in wasm.
//! Must not know: anything of Kubernetes, any other room, any wall clock.

mod queue;
mod random;
mod span;

pub use queue::Queue;
pub use random::Stream;
pub use span::{decimal, go_duration, parse_span, print_span};

/// A moment or a span of virtual time in nanoseconds since the run began.
pub type Nanos = u64;

/// One microsecond.
pub const MICROSECOND: Nanos = 1_000;
/// One millisecond.
pub const MILLISECOND: Nanos = 1_000_000;
/// One second.
pub const SECOND: Nanos = 1_000_000_000;
