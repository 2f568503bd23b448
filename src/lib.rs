//! Kube Service Lab: a Kubernetes cluster as a deterministic model, and a page that shows it.
//!
//! Data goes one way: Command → [`lab`] → [`cluster`] → [`view`] → screen (or text, for `ksl`).
//! Each room's module doc says what it promises and what it must not know; `ARCHITECTURE.md` is the map.
#![forbid(unsafe_code)]
#![deny(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod api;
pub mod apiserver;
pub mod cause;
pub mod cluster;
pub mod controllers;
pub mod diagnosis;
pub mod draw;
pub mod kubectl;
pub mod lab;
pub mod manifest;
pub mod network;
pub mod node;
pub mod sorting;
pub mod time;
pub mod traffic;
pub mod view;

#[cfg(not(target_arch = "wasm32"))]
pub mod vectors;

#[cfg(target_arch = "wasm32")]
pub mod ui;
