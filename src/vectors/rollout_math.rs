//! The arithmetic of a rollout: limits, sizes, proportions, which ReplicaSet is the new one, whether it is complete.

use super::Comparison;
use super::input::{int32, list, number, text, typed, value_of};
use crate::api::apps::{DeploymentCondition, DeploymentStatus};
use crate::api::pod::PodTemplateSpec;
use crate::api::well_known::{DESIRED_REPLICAS, MAX_REPLICAS};
use crate::api::{Deployment, ReplicaSet, Time};
use crate::controllers::clock::start_of;
use crate::controllers::deployment::family::{Family, active, size};
use crate::controllers::deployment::plan::{self, Resize};
use crate::controllers::deployment::{annotations, conditions, fenceposts};
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// The clock of the cases, seconds since 1970.
const NOW: i64 = 1_800_000_000;

/// A template with one container.
pub fn template(image: &str) -> Result<PodTemplateSpec, String> {
    value_of(&json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image}]}}))
}

/// The Deployment `web` of a case: size, strategy and its numbers; the rest is as the API server completes it.
pub fn deployment(input: &Value) -> Result<Deployment, String> {
    let mut rolling = Map::new();
    for field in ["maxSurge", "maxUnavailable"] {
        if !input[field].is_null() {
            rolling.insert(field.into(), input[field].clone());
        }
    }
    let strategy = input["strategy"].as_str().unwrap_or("RollingUpdate");
    let decoded: Rc<Deployment> = typed(&json!({
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": input["replicas"],
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {}, "spec": {"containers": []}},
            "strategy": {"type": strategy, "rollingUpdate": rolling},
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
        },
        "status": {"replicas": input["statusReplicas"].as_i64().unwrap_or(0)},
    }))?;
    let mut deployment = Deployment::clone(&decoded);
    deployment.spec.template = template("web:v1")?;
    Ok(deployment)
}

fn replica_set(input: &Value, name: &str) -> Result<Option<Rc<ReplicaSet>>, String> {
    let decoded: Rc<ReplicaSet> = match input {
        Value::Null => return Ok(None),
        Value::Number(n) => typed(&json!({"metadata": {"name": name}, "spec": {"replicas": n}}))?,
        _ => typed(&json!({
            "metadata": {"name": input["name"], "annotations": input["annotations"]},
            "spec": {"replicas": input["replicas"]},
            "status": input["status"],
        }))?,
    };
    let mut rs = ReplicaSet::clone(&decoded);
    rs.meta.uid = format!("uid-{}", rs.meta.name);
    rs.meta.creation_timestamp = Time(NOW + input["createdAfterSeconds"].as_i64().unwrap_or(0));
    if let Some(image) = input["templateImage"].as_str() {
        rs.spec.template = template(image)?;
    }
    Ok(Some(Rc::new(rs)))
}

fn family(input: &Value) -> Result<Family, String> {
    let new = replica_set(&input["newRS"], "new")?;
    let mut old = Vec::new();
    for (i, rs) in list(input, "oldRSs").iter().enumerate() {
        old.extend(replica_set(rs, &format!("old{i}"))?);
    }
    Ok(Family { new, old })
}

fn events(steps: &[Resize]) -> Value {
    steps.iter().filter_map(Resize::message).map(|m| format!("Normal ScalingReplicaSet {m}")).collect()
}

/// Sizes and noted sizes after some steps.
fn after(deployment: &Deployment, family: &Family, steps: &[Resize]) -> (Value, Value) {
    let (mut sizes, mut noted) = (Map::new(), Map::new());
    for rs in family.all() {
        let mut rs = ReplicaSet::clone(&rs);
        let name = rs.meta.name.clone();
        for step in steps.iter().filter(|s| s.replica_set.meta.name == name) {
            rs.spec.replicas = Some(step.to);
            annotations::set_sizes(deployment, &mut rs);
        }
        let note = |key| rs.meta.annotations.get(key).cloned().unwrap_or_default();
        let notes = json!({"desired-replicas": note(DESIRED_REPLICAS), "max-replicas": note(MAX_REPLICAS)});
        sizes.insert(name.clone(), json!(size(&rs)));
        noted.insert(name, notes);
    }
    (Value::Object(sizes), Value::Object(noted))
}

/// Names without their order, which the recordings do not fix.
fn names(replica_sets: &[Rc<ReplicaSet>]) -> Value {
    let mut names: Vec<&str> = replica_sets.iter().map(|rs| rs.meta.name.as_str()).collect();
    names.sort_unstable();
    json!(names)
}

fn limits(deployment: &Deployment) -> Value {
    json!({
        "MaxSurge": fenceposts::max_surge(deployment),
        "MaxUnavailable": fenceposts::max_unavailable(deployment),
        "MinAvailable": fenceposts::min_available(deployment),
    })
}

fn resolve(deployment: &Deployment) -> Result<Value, String> {
    let update = deployment.spec.strategy.rolling_update.as_ref().ok_or("no rollingUpdate")?;
    let replicas = fenceposts::replicas(deployment);
    Ok(match fenceposts::resolve(update.max_surge.as_ref(), update.max_unavailable.as_ref(), replicas) {
        Err(error) => json!({"error": error}),
        Ok((surge, unavailable)) => {
            let mut out = limits(deployment);
            out["surge"] = json!(surge);
            out["unavailable"] = json!(unavailable);
            out
        }
    })
}

fn step(deployment: &Deployment, family: &Family) -> Result<Value, String> {
    let new: Vec<Resize> = plan::resize_new(deployment, family)?.into_iter().collect();
    let old = if new.is_empty() { plan::shrink_old(deployment, family)? } else { vec![] };
    let (new_scaled, old_scaled) = (!new.is_empty(), !old.is_empty());
    let steps = [new, old].concat();
    let sizes = after(deployment, family, &steps).0;
    Ok(json!({"events": events(&steps), "newScaled": new_scaled, "oldScaled": old_scaled, "replicas": sizes}))
}

fn find_new(mut deployment: Deployment, input: &Value) -> Result<Value, String> {
    deployment.spec.template = template(text(input, "deploymentTemplateImage")?)?;
    let mut all = Vec::new();
    for rs in list(input, "replicaSets") {
        all.extend(replica_set(rs, "")?);
    }
    let family = Family::of(&deployment, &all);
    let new = family.new.as_ref().map(|rs| rs.meta.name.clone());
    Ok(json!({"newRS": new, "oldActive": names(&active(&family.old)), "oldAll": names(&family.old)}))
}

fn complete(mut deployment: Deployment, input: &Value) -> Result<Value, String> {
    let status = |field: &str| value_of::<DeploymentStatus>(&input[field]);
    deployment.meta.generation = number(input, "generation")?;
    deployment.status = status("status")?;
    let new = status("newStatus")?;
    Ok(json!({
        "DeploymentComplete": conditions::complete(&deployment, &new),
        "DeploymentProgressing": conditions::progressing(&deployment, &new),
    }))
}

fn timed_out(mut deployment: Deployment, input: &Value) -> Result<Value, String> {
    deployment.spec.progress_deadline_seconds = int32(input, "progressDeadlineSeconds")?;
    let given = &input["progressingCondition"];
    let mut status = DeploymentStatus::default();
    if !given.is_null() {
        status.conditions.push(DeploymentCondition {
            type_: "Progressing".into(),
            status: text(given, "status")?.into(),
            reason: text(given, "reason")?.into(),
            last_update_time: Time(NOW - number(given, "lastUpdateSecondsAgo")?),
            ..DeploymentCondition::default()
        });
    }
    Ok(json!({
        "DeploymentTimedOut": conditions::timed_out(&deployment, &status, start_of(Time(NOW))),
        "HasProgressDeadline": conditions::has_deadline(&deployment.spec),
    }))
}

/// The answer of the function that a case calls, with the field names of the recording.
fn answer(call: &str, input: &Value) -> Result<Value, String> {
    let deployment = deployment(input)?;
    match call {
        "ResolveFenceposts" => resolve(&deployment),
        "MaxSurge" => Ok(limits(&deployment)),
        "NewRSNewReplicas" => {
            let family = family(input)?;
            let new = family.new.clone().ok_or("no newRS")?;
            Ok(json!({"newRSReplicas": plan::new_size(&deployment, &family.all(), &new)?}))
        }
        "rolloutRolling step" => step(&deployment, &family(input)?),
        "scale" => {
            let family = family(input)?;
            let steps = plan::scale(&deployment, &family);
            let (sizes, noted) = after(&deployment, &family, &steps);
            Ok(json!({"events": events(&steps), "replicas": sizes, "annotations": noted}))
        }
        "FindNewReplicaSet" => find_new(deployment, input),
        "DeploymentComplete" => complete(deployment, input),
        "DeploymentTimedOut" => timed_out(deployment, input),
        other => Err(format!("no function {other:?}")),
    }
}

/// rollout-math.
pub fn run(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let mut expected = case["out"].clone();
    for field in ["oldActive", "oldAll"] {
        if let Some(names) = expected.get_mut(field).and_then(Value::as_array_mut) {
            names.sort_by_key(Value::to_string);
        }
    }
    found.same("", &expected, &answer(text(case, "call")?, &case["in"])?);
    Ok(())
}
