//! What the API server accepts, and in which words it refuses.
//!
//! Promises: errors come in the server's order; nothing is changed; nothing panics, whatever the object holds.

pub mod field;
pub mod ip;
mod meta;
pub mod names;
pub mod quote;
mod service;
mod service_ips;
mod service_traffic;
mod service_update;
mod warnings;

pub use field::{ErrorKind, FieldError};
pub use service_ips::{cluster_ips, is_v6};

use super::Object;

/// What is wrong with a new object, after defaults, admission and allocation.
pub fn create(object: &Object) -> Vec<FieldError> {
    match object {
        Object::Service(o) => service::create(o),
        other => {
            let mut errors = vec![];
            let rule = name_rule(other);
            meta::create(other.meta(), other.kind().info().namespaced, rule, &mut errors);
            errors
        }
    }
}

/// What is wrong with a changed object.
pub fn update(new: &Object, old: &Object) -> Vec<FieldError> {
    match (new, old) {
        (Object::Service(new), Object::Service(old)) => service::update(new, old),
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
    match new {
        Object::Service(new) => {
            let old = old.and_then(|o| o.as_::<super::Service>());
            warnings::service(new, old.map(|o| &**o))
        }
        _ => vec![],
    }
}

fn name_rule(object: &Object) -> meta::NameRule {
    match object {
        Object::Namespace(_) => names::dns1123_label,
        _ => names::dns1123_subdomain,
    }
}
