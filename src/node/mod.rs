//! What runs on a node: `kubelet` (Pod lifecycle, probes, back-off, shutdown), `app` (how a simulated container behaves),
//! `proxy` (kube-proxy).
//!
//! Promises: a node knows the cluster only through its own watches.
//! Must not know: controllers, clients, the screen.

pub mod app;
pub mod command;
pub mod kubelet;
mod ledger;
mod machine;
pub mod proxy;

pub use ledger::{Facts, Ledger};
pub use machine::Machine;
