//! What was recorded from a real cluster over whole runs, long random runs, and what walks rules a hundred thousand times: slower
//! than `tests/core`, so apart from it.
#![cfg(not(target_arch = "wasm32"))]

mod causes;
mod compare;
mod endpoints_properties;
mod history;
mod load;
mod proxy_tools;
mod proxy_walk;
mod rollout_properties;
mod rules;
#[path = "../common/bench.rs"]
mod support;
mod timings;
mod transcripts;
mod whole_cluster;
