//! Who did what because of what: every write, every rule in force and every failed request gets its cause, as it happens.
//!
//! Promises: a cause is worked out from what its author knew at that moment (a controller from what its watches had told it,
//! a node from what its kube-proxy had put in force), never afterwards; nothing that happens depends on it.

mod act;
mod bios;
mod blame;
mod fields;
mod recorder;

pub use bios::{Bios, Fact};
pub(super) use blame::Scene;
pub(super) use recorder::Why;
