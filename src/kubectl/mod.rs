//! The command line: parse, run against the API server, print as kubectl 1.37 prints.
//!
//! Promises: output equals kubectl's byte for byte save what `compare.py` forgives; bad input never panics.
//! Must not know: controllers, kubelets, the network, the screen.

pub mod apply;
pub mod describe;
pub mod generate;
pub mod print;
pub mod rollout;
