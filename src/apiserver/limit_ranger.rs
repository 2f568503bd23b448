//! LimitRanges: what containers get that ask for nothing, and how much they may ask for (`plugin/…/admission/limitranger`).

use super::{ApiServer, Status};
use crate::api::plain::Plain;
use crate::api::pod::{Container, ResourceRequirements};
use crate::api::quantity::Amount;
use crate::api::{Kind, Object, Pod, Quantity, pod_resources};
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Where a Pod says what it was given.
const ANNOTATION: &str = "kubernetes.io/limit-ranger";

impl ApiServer {
    fn limit_ranges(&self, namespace: &str) -> Vec<Rc<Plain>> {
        let plain = |o: &Object| if let Object::Plain(plain) = o { Some(plain.clone()) } else { None };
        self.store().list(Kind::LimitRange, Some(namespace)).filter_map(plain).collect()
    }

    /// Gives a new Pod's containers what they did not ask for.
    pub(super) fn set_limits(&self, pod: &mut Pod) {
        for range in self.limit_ranges(&pod.meta.namespace) {
            let mut told = vec![];
            for limit in items(&range).filter(|limit| limit["type"] == "Container") {
                for container in &mut pod.spec.containers {
                    fill(container, limit, "container", &mut told);
                }
                for container in &mut pod.spec.init_containers {
                    fill(container, limit, "init container", &mut told);
                }
            }
            if !told.is_empty() {
                pod.meta.annotations.insert(ANNOTATION.into(), format!("LimitRanger plugin set: {}", told.join("; ")));
            }
        }
    }

    /// Refuses a Pod that asks for more, or for less, than a namespace allows.
    pub(super) fn check_limits(&self, pod: &Pod) -> Result<(), Status> {
        for range in self.limit_ranges(&pod.meta.namespace) {
            let mut errors = vec![];
            for limit in items(&range) {
                match limit["type"].as_str() {
                    Some("Container") => {
                        for container in pod.spec.containers.iter().chain(&pod.spec.init_containers) {
                            check(&container.resources, limit, "Container", &mut errors);
                        }
                    }
                    Some("Pod") => check(&total(pod), limit, "Pod", &mut errors),
                    _ => {}
                }
            }
            let why = match errors.as_slice() {
                [] => continue,
                [one] => one.clone(),
                many => format!("[{}]", many.join(", ")),
            };
            return Err(Status::forbidden(Kind::Pod, &pod.meta.name, &why));
        }
        Ok(())
    }
}

fn items(range: &Plain) -> impl Iterator<Item = &Value> {
    range.at(&["spec", "limits"]).as_array().into_iter().flatten()
}

fn entries<'a>(limit: &'a Value, field: &str) -> impl Iterator<Item = (&'a String, &'a str)> {
    limit[field].as_object().into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_str()?)))
}

fn fill(container: &mut Container, limit: &Value, what: &str, told: &mut Vec<String>) {
    let resources = &mut container.resources;
    // Who limits a resource asks for as much, unless they say otherwise.
    for (name, quantity) in &resources.limits {
        resources.requests.entry(name.clone()).or_insert_with(|| quantity.clone());
    }
    for (field, of, wanted) in
        [("defaultRequest", &mut resources.requests, "request"), ("default", &mut resources.limits, "limit")]
    {
        let mut set: Vec<&str> = vec![];
        for (name, value) in entries(limit, field) {
            if !of.contains_key(name) {
                of.insert(name.clone(), Quantity(value.into()));
                set.push(name);
            }
        }
        if !set.is_empty() {
            told.push(format!("{} {wanted} for {what} {}", set.join(", "), container.name));
        }
    }
}

/// What the containers of a Pod want together.
fn total(pod: &Pod) -> ResourceRequirements {
    let sum = |side: fn(&ResourceRequirements) -> &BTreeMap<String, Quantity>| {
        pod_resources::stored(pod_resources::of_containers(pod, |resources| pod_resources::parsed(side(resources))))
    };
    ResourceRequirements { requests: sum(|r| &r.requests), limits: sum(|r| &r.limits), ..Default::default() }
}

fn check(resources: &ResourceRequirements, limit: &Value, type_: &str, errors: &mut Vec<String>) {
    let (requests, limits) = (&resources.requests, &resources.limits);
    let beyond = |quantity: &Quantity, bound: &str, side: std::cmp::Ordering| {
        let (Ok(amount), Ok(bound)) = (Amount::parse(&quantity.0), Amount::parse(bound)) else { return false };
        amount.compare(&bound) == side
    };
    let rules = [
        ("min", "minimum", ("request", requests), ("limit", limits), std::cmp::Ordering::Less),
        ("max", "maximum", ("limit", limits), ("request", requests), std::cmp::Ordering::Greater),
    ];
    for (field, word, (first_name, first), (second_name, second), side) in rules {
        for (name, bound) in entries(limit, field) {
            let head = format!("{word} {name} usage per {type_} is {bound}");
            match (first.get(name), second.get(name)) {
                (None, _) => errors.push(format!("{head}.  No {first_name} is specified")),
                (Some(q), _) if beyond(q, bound, side) => errors.push(format!("{head}, but {first_name} is {}", q.0)),
                (_, Some(q)) if beyond(q, bound, side) => errors.push(format!("{head}, but {second_name} is {}", q.0)),
                _ => {}
            }
        }
    }
}
