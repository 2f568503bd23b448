//! Recorded answers of `kubectl rollout status` and `kubectl rollout history`.

use kube_service_lab::api::codec::{Decoder, Json};
use kube_service_lab::api::{Deployment, ReplicaSet};
use kube_service_lab::kubectl::rollout;
use serde_json::{Value, json};
use std::rc::Rc;

fn decode<T: Json>(value: &Value) -> T {
    T::decode(value, &mut Decoder::default()).unwrap_or_else(|| panic!("not decodable: {value}"))
}

fn status(input: &Value) -> Value {
    let deployment: Deployment = decode(&json!({
        "metadata": {"name": "web", "annotations": input["annotations"], "generation": input["generation"]},
        "spec": {"replicas": input["spec.replicas"]},
        "status": input["status"],
    }));
    match rollout::status(&deployment, input["revision"].as_i64().unwrap_or(0)) {
        Ok((message, done)) => json!({"message": message, "done": done}),
        Err(error) => json!({"error": error}),
    }
}

fn history(input: &Value) -> Value {
    let objects = input["objects"].as_array().unwrap();
    let deployment: Deployment = decode(&objects[0]);
    let sets: Vec<Rc<ReplicaSet>> = objects[1..].iter().map(|o| Rc::new(decode(o))).collect();
    match input["revision"].as_i64() {
        None => json!({"text": rollout::history(&deployment, &sets)}),
        Some(revision) => match rollout::history_revision(&deployment, &sets, revision) {
            Ok(text) => json!({"text": text}),
            Err(error) => json!({"error": error}),
        },
    }
}

#[test]
fn rollout_status_and_history() {
    let path = format!("{}/tests/golden/vectors/rollout-status.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let mut wrong = 0;
    for case in cases {
        let input = &case["in"];
        let got = if input["objects"].is_null() { status(input) } else { history(input) };
        if got != case["out"] {
            wrong += 1;
            println!("{}:\n expected {}\n got      {got}", case["name"], case["out"]);
        }
    }
    assert_eq!(wrong, 0, "{wrong} of {} cases differ", cases.len());
}
