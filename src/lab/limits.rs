//! The lab's own limits: what Kubernetes would take and one page could not bear. Each says what to do instead.
//! That of Pods is kept by the API server (`apiserver/ceiling.rs`), which hears of every way to ask for them.

pub use crate::traffic::{FAILURES, RECORDS};

/// Pods that one lab may be asked for.
pub const PODS: u64 = 10_000;
/// Nodes of one lab.
pub const NODES: usize = 5_000;
/// Memory for the moments that a run can be taken back to at once, in bytes (an estimate: see `lab::History`). With more
/// than that they lie farther apart, and going back takes longer; every moment can still be reached.
pub const HISTORY_BYTES: usize = 96 << 20;
/// Bytes of one manifest.
pub const MANIFEST: usize = 1 << 20;
