//! The store and its rules: names, uids, resourceVersions, conflicts, allocation of ClusterIPs and node ports,
//! admission, patch, deletion, and the changes that watchers will be told of.
//!
//! Promises: a request that is refused changes nothing; every change has one resourceVersion, higher than all before.
//! Must not know: controllers, kubelets, proxies, clients, the screen.

pub mod admission;
mod admit;
pub mod allocator;
mod ceiling;
pub mod duplicates;
mod eviction;
mod ingress_class;
mod ip_addresses;
mod limit_ranger;
pub mod managed_fields;
pub mod patch;
mod pod_admission;
mod quota;
pub mod recorder;
mod server;
mod status;
mod store;
pub mod strategy;

pub use allocator::ServiceAllocator;
pub use recorder::Recorder;
pub use server::{ApiServer, DeleteOptions, Deleted, Propagation};
pub use status::{Cause, Status};
pub use store::{Change, Store};
