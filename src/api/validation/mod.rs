//! What the API server accepts, and in which words it refuses.
//!
//! Promises: errors come in the server's order; nothing is changed; nothing panics, whatever the object holds.

mod affinity;
mod apps;
mod autoscale;
mod containers;
mod data;
mod endpoints;
mod env;
pub mod field;
pub mod ip;
mod label_selector;
mod meta;
mod mounts;
pub mod names;
mod networking;
mod node;
mod plain;
mod pod;
mod pod_diff;
mod pod_internal;
mod pod_spec;
mod pod_warnings;
mod policy;
mod probes;
pub mod quote;
mod resources;
mod scheduling;
mod security;
mod service;
mod service_ips;
mod service_traffic;
mod service_update;
mod tree;
mod volumes;
mod warnings;
mod workloads;

pub use field::{ErrorKind, FieldError};
pub use service_ips::{cluster_ips, is_v6};
pub use warnings::ENDPOINTS_DEPRECATED;

use super::Object;

/// What is wrong with a new object, after defaults, admission and allocation.
pub fn create(object: &Object) -> Vec<FieldError> {
    match object {
        Object::Service(o) => service::create(o),
        Object::Pod(o) => pod::create(o),
        Object::Deployment(o) => apps::create_deployment(o),
        Object::ReplicaSet(o) => apps::create_replica_set(o),
        Object::Endpoints(o) => endpoints::create_endpoints(o),
        Object::EndpointSlice(o) => endpoints::create_slice(o),
        Object::Node(o) => node::create(o),
        Object::Namespace(_) => metadata(object, names::dns1123_label),
        Object::ConfigMap(o) => data::create_config_map(o),
        Object::Secret(o) => data::create_secret(o),
        Object::PodDisruptionBudget(o) => policy::create(o),
        Object::DaemonSet(o) => workloads::create_daemon_set(o),
        Object::StatefulSet(o) => workloads::create_stateful_set(o),
        Object::Job(o) => workloads::create_job(o),
        Object::Event(_) | Object::Lease(_) | Object::ServiceAccount(_) | Object::ControllerRevision(_) => {
            metadata(object, names::dns1123_subdomain)
        }
        Object::Plain(o) => plain::create(o),
    }
}

fn metadata(object: &Object, rule: meta::NameRule) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(object.meta(), object.kind().info().namespaced, rule, &mut errors);
    errors
}

/// What is wrong with a changed object.
pub fn update(new: &Object, old: &Object) -> Vec<FieldError> {
    match (new, old) {
        (Object::Service(new), Object::Service(old)) => service::update(new, old),
        (Object::Pod(new), Object::Pod(old)) => pod::update(new, old),
        (Object::Deployment(new), Object::Deployment(old)) => apps::update_deployment(new, old),
        (Object::ReplicaSet(new), Object::ReplicaSet(old)) => apps::update_replica_set(new, old),
        (Object::Endpoints(new), Object::Endpoints(old)) => endpoints::update_endpoints(new, old),
        (Object::EndpointSlice(new), Object::EndpointSlice(old)) => endpoints::update_slice(new, old),
        (Object::Node(new), Object::Node(old)) => node::update(new, old),
        (Object::ConfigMap(new), Object::ConfigMap(old)) => data::update_config_map(new, old),
        (Object::Secret(new), Object::Secret(old)) => data::update_secret(new, old),
        (Object::PodDisruptionBudget(new), Object::PodDisruptionBudget(old)) => policy::update(new, old),
        (Object::DaemonSet(new), Object::DaemonSet(old)) => workloads::update_daemon_set(new, old),
        (Object::StatefulSet(new), Object::StatefulSet(old)) => workloads::update_stateful_set(new, old),
        (Object::Job(new), Object::Job(old)) => workloads::update_job(new, old),
        (Object::Plain(new), Object::Plain(old)) => plain::update(new, old),
        _ => {
            let mut errors = vec![];
            meta::update(new.meta(), old.meta(), &mut errors);
            errors
        }
    }
}

/// What is wrong with a changed status.
pub fn update_status(new: &Object, old: &Object) -> Vec<FieldError> {
    match (new, old) {
        (Object::Service(new), Object::Service(old)) => service_traffic::status(new, old),
        _ => vec![],
    }
}

/// What the server says beside accepting an object.
pub fn warnings(new: &Object, old: Option<&Object>) -> Vec<String> {
    warnings::of(new, old)
}
