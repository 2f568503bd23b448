//! What a person sees, as plain data: scene positions, timeline lanes, shares, sentences.
//!
//! Promises: everything that can be decided without a browser is decided (and tested) here.
//! Must not know: pixels, HTML, a browser.

pub mod actions;
mod alike;
mod cards;
mod cause;
mod cells;
mod choice;
mod commands;
mod ending;
mod endpoints;
mod events;
mod film;
mod goals;
pub mod habits;
mod kept;
mod lanes;
mod layout;
mod link;
mod met;
mod motion;
pub mod network;
mod panel;
mod pod;
mod request;
pub mod rules;
mod samples;
mod scene;
pub mod sheet;
mod slots;
mod state_json;
mod still;
mod timeline;
mod trace;
mod watcher;
mod way;
pub mod why;
mod wires;
pub mod words;

pub use alike::{Lately, failures_lately};
pub use cause::{Chain, chain};
pub use cells::{Cell, NodeBox, Shape, Sync, boxes, cells, sync};
pub use choice::Choice;
pub use commands::{Field, field_of_error, quote};
pub use ending::Ending;
pub use endpoints::{Behind, endpoints_of, service_key_of};
pub use events::{EventLine, events};
pub use film::{Shot, film, moments, shot};
pub use goals::GoalLine;
pub use lanes::{Lane, Lanes, Phase};
pub use layout::{CardSize, Counts, LOW, Layout, Point, ROWS, Rect, SLICE};
pub use link::Link;
pub use met::{PassedOver, RuleLine, Stretch};
pub use motion::{FLIGHT_MS, Fate, Flight, Mark, Motion, client_box};
pub use panel::{DeploymentPanel, EndpointRow, Last60, ServicePanel};
pub use pod::{PodCard, PodState};
pub use request::{RequestLine, requests};
pub use samples::{Fared, KEPT as SECONDS_KEPT, Sample, Samples};
pub use scene::{Bar, ClientCard, Dot, Listed, NodeRow, Scene, Slice};
pub use state_json::state_json;
pub use still::Still;
pub use timeline::{Chart, Column, Deed, Moment, Row, Strip, Timeline};
pub use trace::{Addresses, HopLine, explain, trace};
pub use watcher::{View, Watcher};
pub use wires::{Wire, ends, wires};

/// The namespace that the scene shows.
pub const NAMESPACE: &str = "default";
