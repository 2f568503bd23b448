//! Which properties of a Pod template a write changed, and so where each of them comes from.

use super::act::template;
use crate::api::pod::{Container, PodSpec};
use crate::api::{Object, Pod};
use crate::apiserver::Change;
use crate::cause::{Cause, Field, Shape};
use crate::node::app::App;
use std::rc::Rc;

/// The shape of the Pods that an object makes (or is) after a write; `known`: the shape before, or that of its owner.
/// `None`: it shapes no Pods.
pub fn shape(change: &Change, write: &Cause, known: Option<&Rc<Shape>>) -> Option<Rc<Shape>> {
    let new = change.new.as_ref()?;
    let spec_of = |object: &'_ Object| -> Option<PodSpec> {
        if let Object::Pod(pod) = object { Some(Pod::clone(pod).spec) } else { template(object).map(|t| t.spec.clone()) }
    };
    // Most writes change nothing of this: they cost a comparison of pointers or of equal specs, no copies.
    if let (Some(known), Some(old)) = (known, &change.old)
        && same_template(old, new)
    {
        return Some(known.clone());
    }
    let spec = spec_of(new)?;
    let old = change.old.as_ref().and_then(spec_of);
    match (known, old) {
        (Some(known), Some(old)) => Some(Rc::new(known.with(write, |field| differs(field, &old, &spec)))),
        (Some(known), None) => Some(known.clone()),
        (None, None) => Some(Rc::new(Shape::all(write))),
        (None, Some(old)) => (old != spec).then(|| Rc::new(Shape::all(write))),
    }
}

fn same_template(old: &Object, new: &Object) -> bool {
    match (old, new) {
        (Object::Pod(a), Object::Pod(b)) => a.spec.containers == b.spec.containers,
        _ => template(old) == template(new),
    }
}

fn differs(field: Field, old: &PodSpec, new: &PodSpec) -> bool {
    if field == Field::Stop && old.termination_grace_period_seconds != new.termination_grace_period_seconds {
        return true;
    }
    let container = |field, a: &Container, b: &Container| {
        let (x, y) = (App::of(a), App::of(b));
        match field {
            Field::Image => a.image != b.image,
            Field::Port => x.port != y.port || a.ports != b.ports,
            Field::Start => (x.start_delay, x.ready_delay) != (y.start_delay, y.ready_delay),
            Field::Unready => x.unready_after != y.unready_after,
            Field::Crash => (x.crash_after, x.exit_code) != (y.crash_after, y.exit_code),
            Field::Errors => x.error_rate != y.error_rate,
            Field::Latency => x.latency != y.latency,
            Field::Stop => x.on_term != y.on_term || a.lifecycle != b.lifecycle,
            Field::Probes => {
                a.readiness_probe != b.readiness_probe
                    || a.liveness_probe != b.liveness_probe
                    || a.startup_probe != b.startup_probe
            }
        }
    };
    old.containers.len() != new.containers.len()
        || old.containers.iter().zip(&new.containers).any(|(a, b)| container(field, a, b))
}
