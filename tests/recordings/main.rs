//! What was recorded from a real cluster over whole runs, long random runs, and what walks rules a hundred thousand times: slower
//! than `tests/core`, so apart from it.
#![cfg(not(target_arch = "wasm32"))]

mod causes;
mod clients;
mod compare;
mod diagnosis_properties;
mod endpoints_properties;
mod history;
mod load;
mod properties_lines;
mod properties_text;
mod proxy_tools;
mod proxy_walk;
mod rollout_properties;
mod rules;
mod selector_properties;
#[path = "../common/bench.rs"]
mod support;
mod timings;
mod transcripts;
mod whole_cluster;
