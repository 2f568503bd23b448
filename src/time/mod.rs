//! Virtual time: the clock in nanoseconds, the event queue ordered by (time, sequence), and random streams from one seed.
//!
//! Promises: the same seed and the same pushes give the same order, natively and in wasm.
//! Must not know: anything of Kubernetes, any other room, any wall clock.
