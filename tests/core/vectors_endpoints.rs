//! Recorded answers of the EndpointSlice reconciler, the Endpoints controller and the mirroring controller.

#[path = "endpoints/controllers.rs"]
mod controllers;
#[path = "endpoints/reconciler.rs"]
mod reconciler;

use kube_service_lab::api::codec::Decoder;
use kube_service_lab::api::{Kind, Object};
use serde_json::Value;

fn file(name: &str) -> Value {
    let path = format!("{}/tests/golden/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()
}

/// A recorded object; recordings leave the namespace of Pods out.
fn decode(kind: Kind, value: &Value) -> Object {
    let mut d = Decoder::default();
    let mut object = Object::decode(kind, value, &mut d).unwrap();
    assert!(d.type_error.is_none(), "{:?} in {value}", d.type_error);
    if kind.info().namespaced {
        object.meta_mut().namespace = "default".into();
    }
    object
}

fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value[field].as_array().into_iter().flatten()
}

/// Runs every case, prints each mismatch, and asserts that there was none.
fn check_all(name: &str, run: impl Fn(&Value) -> Vec<String>) {
    let file = file(name);
    let cases = file["cases"].as_array().unwrap();
    let mut wrong = 0;
    for case in cases {
        let problems = run(case);
        wrong += usize::from(!problems.is_empty());
        for problem in problems {
            println!("== {}\n{problem}", case["name"]);
        }
    }
    assert_eq!(wrong, 0, "{wrong} of {} cases of {name} differ", cases.len());
}

/// A line for each difference.
fn differ(problems: &mut Vec<String>, step: usize, what: &str, expected: &Value, got: &Value) {
    if expected != got {
        problems.push(format!("step {step}: {what}\n-- expected\n{expected:#}\n-- got\n{got:#}"));
    }
}

#[test]
fn endpointslice_reconciler() {
    check_all("endpointslice-reconcile.json", reconciler::check);
}

#[test]
fn endpointslice_reconciler_random() {
    check_all("endpointslice-reconcile-random.json", reconciler::check);
}

#[test]
fn endpointslice_reconciler_large() {
    check_all("endpointslice-reconcile-large.json", reconciler::check);
}

#[test]
fn endpoints_controller() {
    check_all("endpoints-controller.json", controllers::check_endpoints);
}

#[test]
fn endpointslice_mirroring_controller() {
    check_all("endpointslice-mirroring.json", controllers::check_mirroring);
}
