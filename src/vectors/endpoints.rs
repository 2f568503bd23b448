//! The Endpoints controller and the mirroring of hand-made Endpoints, step by step on a small API server.

use super::Comparison;
use super::bench::Bench;
use super::input::{list, object_in_default, steps, texts};
use crate::api::codec::Json;
use crate::api::{EndpointSlice, Endpoints, Key, Kind};
use crate::apiserver::Change;
use crate::controllers::endpoints::EndpointsController;
use crate::controllers::endpointslice_mirroring::EndpointSliceMirroringController;
use crate::time::SECOND;
use serde_json::{Value, json};

/// `create`, `update` or `delete`.
fn verb(change: &Change) -> &'static str {
    match (&change.old, &change.new) {
        (None, _) => "create",
        (Some(_), Some(_)) => "update",
        (Some(_), None) => "delete",
    }
}

/// What a step changes before the controller runs.
fn apply(bench: &mut Bench, step: &Value) -> Result<(), String> {
    bench.pass(SECOND);
    if step["service"].is_object() {
        bench.put(object_in_default(Kind::Service, &step["service"])?);
    }
    for name in texts(step, "removePods")? {
        bench.delete(Kind::Pod, name)?;
    }
    for pod in list(step, "setPods") {
        bench.put(object_in_default(Kind::Pod, pod)?);
    }
    if step["endpoints"].is_object() {
        bench.put(object_in_default(Kind::Endpoints, &step["endpoints"])?);
    }
    if step["deleteEndpoints"] == true {
        bench.delete(Kind::Endpoints, "web")?;
    }
    Ok(())
}

/// endpoints-controller: the Endpoints object and the writes of each step.
pub fn controller(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let mut bench = Bench::new(vec![Box::new(EndpointsController::default())]);
    bench.put(object_in_default(Kind::Service, &case["in"]["service"])?);
    for (number, step, out) in steps(case)? {
        apply(&mut bench, step)?;
        let writes: Vec<&str> = bench.settle()?.iter().map(verb).collect();
        found.same(&format!("step {number}, writes"), &out["writes"], &json!(writes));
        let got = bench.api.get::<Endpoints>(&Key::new("default", "web")).map_or(Value::Null, |e| told(e));
        let mut expected = out["endpoints"].clone();
        if let Some(subsets) = expected.get_mut("subsets").and_then(Value::as_array_mut) {
            subsets.sort_by_key(Value::to_string);
        }
        found.same(&format!("step {number}, endpoints"), &expected, &got);
    }
    Ok(())
}

/// Removes fields of a reference to a Pod that the recordings leave out.
fn shorten_target(value: &mut Value, fields: &[&str]) {
    if let Some(target) = value.get_mut("targetRef").and_then(Value::as_object_mut) {
        target.retain(|field, _| !fields.contains(&field.as_str()));
    }
}

fn told(endpoints: &Endpoints) -> Value {
    let mut subsets: Vec<Value> = endpoints.subsets.iter().map(Json::encode).collect();
    let lists = subsets.iter_mut().filter_map(Value::as_object_mut).flat_map(|s| s.values_mut());
    for address in lists.filter_map(Value::as_array_mut).flatten() {
        shorten_target(address, &["namespace", "uid"]);
    }
    subsets.sort_by_key(Value::to_string);
    let mut annotations = endpoints.meta.annotations.clone();
    annotations.remove("endpoints.kubernetes.io/last-change-trigger-time");
    json!({"annotations": annotations, "labels": endpoints.meta.labels, "subsets": subsets})
}

/// endpointslice-mirroring: the slices and the number of writes of each step.
pub fn mirroring(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let mut bench = Bench::new(vec![Box::new(EndpointSliceMirroringController::default())]);
    if case["in"]["service"].is_object() {
        bench.put(object_in_default(Kind::Service, &case["in"]["service"])?);
    }
    for (number, step, out) in steps(case)? {
        apply(&mut bench, step)?;
        let writes: Vec<&str> = bench.settle()?.iter().map(verb).collect();
        let count = |verb: &str| writes.iter().filter(|w| **w == verb).count();
        let writes = json!({"create": count("create"), "update": count("update"), "delete": count("delete")});
        found.same(&format!("step {number}, writes"), &out["writes"], &writes);
        let got = bench.list::<EndpointSlice>().iter().map(|slice| told_slice(slice)).collect();
        let expected = list(out, "slices").to_vec();
        found.same(&format!("step {number}, slices"), &sorted(expected), &sorted(got));
    }
    Ok(())
}

fn sorted(mut values: Vec<Value>) -> Value {
    values.sort_by_key(Value::to_string);
    Value::Array(values)
}

fn told_slice(slice: &EndpointSlice) -> Value {
    let mut endpoints: Vec<Value> = slice.endpoints.iter().map(Json::encode).collect();
    endpoints.iter_mut().for_each(|endpoint| shorten_target(endpoint, &["namespace"]));
    let ports: Vec<Value> = slice.ports.iter().map(Json::encode).collect();
    let mut told =
        json!({"addressType": slice.address_type, "labels": slice.meta.labels, "ports": ports, "endpoints": endpoints});
    if !slice.meta.annotations.is_empty() {
        told["annotations"] = json!(slice.meta.annotations);
    }
    told
}
