//! The quick tests of the model and its rooms, one module a concern: run these after every edit (`make test-core`).
//! One binary, because linking one a concern took longer than all the tests.
#![cfg(not(target_arch = "wasm32"))]

mod api_refusals;
mod api_words;
mod diagnosis;
mod exec;
mod explain;
mod garbage;
mod generate;
mod goals;
mod kubectl_client;
mod kubectl_reads;
mod kubectl_verbs;
mod kubectl_words;
mod layering;
mod manifest_tools;
mod manifest_yaml;
mod network;
mod nodes;
mod objects;
mod panels;
mod patches;
mod plain_kinds;
mod pod_ends;
mod pod_network;
mod print_go_template;
mod print_jsonpath;
mod recorded_vectors;
mod request_panel;
mod scheduler;
mod server_side_apply;
mod simulated;
#[path = "../common/bench.rs"]
mod support;
mod transcript_texts;
mod trial;
mod validation_rules;
mod view;
mod workloads;
