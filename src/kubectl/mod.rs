//! The command line: parse, run against the API server, print as kubectl 1.37 prints.
//!
//! Promises: output equals kubectl's byte for byte save what `compare.py` forgives; bad input never panics.
//! Must not know: controllers, kubelets, the network, the screen.

pub mod apply;
pub mod builder;
mod complete;
pub mod config;
mod cx;
pub mod describe;
pub mod exec;
pub mod explain;
pub mod failure;
pub mod flags;
pub mod generate;
pub mod print;
pub mod resources;
pub mod rollout;
mod run;
pub mod verbs;
mod wait;
pub mod words;

pub use complete::complete;
pub use cx::{Backend, Cx, Files, Session};
pub use run::Run;
