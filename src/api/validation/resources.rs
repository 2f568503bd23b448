//! Resource requests and limits (`pkg/apis/core/validation/validation.go`, ValidateResourceRequirements).

use super::apps::NOT_NEGATIVE;
use super::field::{FieldError, push_invalid};
use super::names;
use crate::api::Quantity;
use crate::api::pod::ResourceRequirements;
use crate::api::quantity::Amount;
use std::cmp::Ordering;

const FOR_CONTAINERS: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
const STANDARD: [&str; 17] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "storage",
    "pods",
    "services",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
    "requests.cpu",
    "requests.memory",
    "limits.cpu",
    "limits.memory",
];

pub(super) fn requirements(path: &str, resources: &ResourceRequirements, errors: &mut Vec<FieldError>) {
    for (name, limit) in &resources.limits {
        one(&format!("{path}.limits[{name}]"), name, limit, errors);
    }
    for (name, request) in &resources.requests {
        one(&format!("{path}.requests[{name}]"), name, request, errors);
        let limit = resources.limits.get(name);
        let native = !name.contains('/') && !name.starts_with("hugepages-");
        let path = format!("{path}.requests");
        match limit.map(|limit| (limit, compare(request, limit))) {
            Some((limit, order)) if !native && order != Ordering::Equal => {
                let detail = format!("must be equal to {name} limit of {}", limit.0);
                errors.push(FieldError::invalid(path, &request.0, detail));
            }
            Some((limit, Ordering::Greater)) => {
                let detail = format!("must be less than or equal to {name} limit of {}", limit.0);
                errors.push(FieldError::invalid(path, &request.0, detail));
            }
            None if !native => {
                let path = path.replace(".requests", ".limits");
                errors.push(FieldError::required(path, "Limit must be set for non overcommitable resources"));
            }
            _ => {}
        }
    }
}

fn compare(a: &Quantity, b: &Quantity) -> Ordering {
    match (Amount::parse(&a.0), Amount::parse(&b.0)) {
        (Ok(a), Ok(b)) => a.compare(&b),
        _ => Ordering::Equal,
    }
}

fn one(path: &str, name: &str, quantity: &Quantity, errors: &mut Vec<FieldError>) {
    let messages = names::qualified_name(name);
    let plain = !name.contains('/') && !name.starts_with("hugepages-");
    if messages.is_empty() && plain {
        if !STANDARD.contains(&name) {
            errors.push(FieldError::invalid(path, name, "must be a standard resource type or fully qualified"));
        }
        if !FOR_CONTAINERS.contains(&name) {
            errors.push(FieldError::invalid(path, name, "must be a standard resource for containers"));
        }
    }
    push_invalid(errors, path, name, messages);
    if Amount::parse(&quantity.0).is_ok_and(|a| a.sign() < 0) {
        errors.push(FieldError::invalid(path, &quantity.0, NOT_NEGATIVE));
    }
}
