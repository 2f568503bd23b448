//! Kubernetes objects as our own small types: their JSON form, defaults, validation with Kubernetes' own messages,
//! labels and selectors, quantities, int-or-percent.
//!
//! Promises: an object that was read and written again is unchanged; messages are the API server's, word for word.
//! Must not know: time, the store, the network, the screen.

pub mod apps;
pub mod batch;
pub mod codec;
pub mod defaults;
pub mod discovery;
pub mod field_selector;
pub mod int_or_percent;
pub mod meta;
pub mod node;
pub mod object;
pub mod plain;
pub mod pod;
pub mod pod_resources;
pub mod policy;
pub mod qos;
pub mod quantity;
pub mod resource_field;
pub mod revision;
pub mod scalar;
pub mod selector;
mod selector_parser;
pub mod service;
mod service_predicates;
pub mod shapes;
pub mod validation;
pub mod well_known;

pub use apps::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
pub use batch::Job;
pub use discovery::EndpointSlice;
pub use node::{Event, Lease, Namespace, Node};
pub use object::{Key, Kind, Object, Resource};
pub use plain::Plain;
pub use pod::Pod;
pub use policy::PodDisruptionBudget;
pub use revision::ControllerRevision;
pub use scalar::{IntOrString, MicroTime, Quantity, Time};
pub use service::{Endpoints, Service};
