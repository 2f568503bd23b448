//! Slices after a reconcile beside the recorded ones. New slices have no name on our side, and where Go's map order decided,
//! only sizes and the endpoints as one set are compared.

use super::Comparison;
use super::input::list;
use super::slices::range;
use crate::api::EndpointSlice;
use crate::api::codec::Json;
use crate::controllers::endpointslice::reconcile::Step;
use serde_json::{Map, Value, json};

/// How many slices a reconcile creates, updates and deletes.
pub fn writes_of(steps: &[Step]) -> Value {
    let sum = |of: fn(&Step) -> usize| steps.iter().map(of).sum::<usize>();
    json!({"create": sum(|s| s.plan.create.len()), "update": sum(|s| s.plan.update.len()), "delete": sum(|s| s.plan.delete.len())})
}

/// The slices after the writes.
pub fn written(mut slices: Vec<EndpointSlice>, steps: Vec<Step>) -> Result<Vec<EndpointSlice>, String> {
    for step in steps {
        for new in step.plan.update {
            let unknown = format!("slice {} is updated, but does not exist", new.meta.name);
            let at = slices.iter().position(|s| s.meta.name == new.meta.name).ok_or(unknown)?;
            slices[at] = new;
        }
        slices.retain(|s| !step.plan.delete.iter().any(|d| d.meta.name == s.meta.name));
        slices.extend(step.plan.create);
    }
    Ok(slices)
}

fn named(slices: &[EndpointSlice], name: &Value) -> bool {
    slices.iter().any(|s| *name == s.meta.name.as_str())
}

fn by_address(endpoint: &Value) -> String {
    endpoint["addresses"].to_string()
}

/// A slice in the words of the recordings; a name only if the slice had one before.
fn told(slice: &EndpointSlice, before: &[EndpointSlice], large: bool) -> Result<Value, String> {
    let own = json!(slice.meta.name);
    let name = if named(before, &own) { own } else { json!("new") };
    if large {
        return Ok(json!({"name": name, "size": slice.endpoints.len(), "pods": pods_of(slice)?}));
    }
    let body = slice.encode();
    let mut endpoints = list(&body, "endpoints").to_vec();
    for target in endpoints.iter_mut().filter_map(|e| e.get_mut("targetRef")?.as_object_mut()) {
        target.remove("namespace");
    }
    endpoints.sort_by_key(by_address);
    let ports = list(&body, "ports");
    Ok(
        json!({"name": name, "addressType": slice.address_type, "labels": slice.meta.labels, "ports": ports, "endpoints": endpoints}),
    )
}

fn pods_of(slice: &EndpointSlice) -> Result<Vec<usize>, String> {
    let names: Vec<&str> = slice.endpoints.iter().filter_map(|e| Some(e.target_ref.as_ref()?.name.as_str())).collect();
    let mut pods = range(&names.join(" "))?;
    pods.sort_unstable();
    Ok(pods)
}

/// A recorded slice in the same words.
fn recorded(slice: &Value, before: &[EndpointSlice], large: bool) -> Result<Value, String> {
    let mut told: Map<String, Value> = slice.as_object().cloned().ok_or("a recorded slice is no object")?;
    if !named(before, &slice["name"]) {
        told.insert("name".into(), json!("new"));
    }
    if large {
        told.insert("pods".into(), json!(range(slice["pods"].as_str().unwrap_or_default())?));
    } else {
        let mut endpoints = list(slice, "endpoints").to_vec();
        endpoints.sort_by_key(by_address);
        told.insert("endpoints".into(), Value::Array(endpoints));
    }
    told.remove("ownerReferences");
    Ok(Value::Object(told))
}

fn sorted(mut values: Vec<Value>) -> Value {
    values.sort_by_key(Value::to_string);
    Value::Array(values)
}

/// Compares the slices of one step.
pub fn compare(
    found: &mut Comparison,
    step: usize,
    out: &Value,
    before: &[EndpointSlice],
    after: &[EndpointSlice],
) -> Result<(), String> {
    let place = |what: &str| format!("step {step}, {what}");
    let large = list(out, "slices").iter().any(|s| s["pods"].is_string());
    let expected: Vec<Value> = list(out, "slices").iter().map(|s| recorded(s, before, large)).collect::<Result<_, _>>()?;
    let got: Vec<Value> = after.iter().map(|slice| told(slice, before, large)).collect::<Result<_, _>>()?;
    if out["nondeterministic"] != true {
        found.same(&place("slices"), &sorted(expected), &sorted(got));
        return Ok(());
    }
    let sizes = sorted(got.iter().map(|slice| size(slice, large)).collect());
    let allowed: Vec<Value> = match out["sizesAnyOf"].as_array() {
        Some(any) => any.iter().map(|sizes| sorted(sizes.as_array().cloned().unwrap_or_default())).collect(),
        None => vec![sorted(list(out, "sizes").to_vec())],
    };
    let nearest = allowed.iter().find(|a| **a == sizes).or(allowed.first()).unwrap_or(&Value::Null);
    found.same(&place("sizes"), nearest, &sizes);
    if out["sameEndpointsInEveryRun"] == true {
        let field = if large { "pods" } else { "endpoints" };
        let all = |slices: &[Value]| sorted(slices.iter().flat_map(|s| list(s, field).to_vec()).collect());
        found.same(&place("endpoints"), &all(&expected), &all(&got));
    }
    Ok(())
}

fn size(slice: &Value, large: bool) -> Value {
    if large {
        return slice["size"].clone();
    }
    json!({"addressType": slice["addressType"], "ports": slice["ports"], "size": list(slice, "endpoints").len()})
}
