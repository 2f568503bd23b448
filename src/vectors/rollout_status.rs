//! `kubectl rollout status` and `kubectl rollout history`.

use super::Comparison;
use super::input::{list, typed};
use crate::api::{Deployment, ReplicaSet};
use crate::kubectl::rollout;
use serde_json::{Value, json};
use std::rc::Rc;

/// rollout-status: a case with `objects` is about the history, one without about the status.
pub fn run(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let input = &case["in"];
    let got = if input["objects"].is_null() { status(input)? } else { history(input)? };
    found.same("", &case["out"], &got);
    Ok(())
}

fn status(input: &Value) -> Result<Value, String> {
    let deployment: Rc<Deployment> = typed(&json!({
        "metadata": {"name": "web", "annotations": input["annotations"], "generation": input["generation"]},
        "spec": {"replicas": input["spec.replicas"]},
        "status": input["status"],
    }))?;
    Ok(match rollout::status(&deployment, input["revision"].as_i64().unwrap_or(0)) {
        Ok((message, done)) => json!({"message": message, "done": done}),
        Err(error) => json!({"error": error}),
    })
}

fn history(input: &Value) -> Result<Value, String> {
    let (first, rest) = list(input, "objects").split_first().ok_or("no Deployment")?;
    let deployment: Rc<Deployment> = typed(first)?;
    let sets: Vec<Rc<ReplicaSet>> = rest.iter().map(typed).collect::<Result<_, _>>()?;
    let text = match input["revision"].as_i64() {
        None => Ok(rollout::history(&deployment, &sets)),
        Some(revision) => rollout::history_revision(&deployment, &sets, revision),
    };
    Ok(text.map_or_else(|error| json!({"error": error}), |text| json!({"text": text})))
}
