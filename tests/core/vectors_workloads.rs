//! Deployments, Endpoints and EndpointSlices: defaults, validation and warnings, as the real API server answers.

use crate::vectors::{check, kind_of, old_and_new, refused, sent};
use kube_service_lab::api::{Kind, Object};
use kube_service_lab::apiserver::strategy::{self, Part};
use kube_service_lab::apiserver::{ServiceAllocator, Status, admission};
use kube_service_lab::time::Stream;
use serde_json::{Value, json};

fn create(kind: Kind, input: &Value, want: &Value) -> Result<Value, Status> {
    let mut object = sent(kind, input)?;
    strategy::prepare_for_create(&mut object);
    let mut random = Stream::new(1, "test");
    let warnings = admission::create(&mut object, &mut ServiceAllocator::default(), &mut random, false)?;
    let mut got = object.to_value();
    let mut out = json!({"accepted": true});
    if want["generation"].is_number() {
        out["generation"] = json!(object.meta().generation);
        out["spec"] = got["spec"].take();
        if let Some(meta) = out.pointer_mut("/spec/template/metadata") {
            meta.as_object_mut().unwrap().remove("creationTimestamp");
        }
    } else {
        for field in ["metadata", "apiVersion", "kind"] {
            got.as_object_mut().unwrap().remove(field);
        }
        out["object"] = got;
    }
    Ok(with_warnings(out, warnings))
}

fn with_warnings(mut out: Value, warnings: Vec<String>) -> Value {
    if !warnings.is_empty() {
        out["warnings"] = json!(warnings);
    }
    out
}

fn update(kind: Kind, input: &Value) -> Result<Value, Status> {
    let (old, mut new): (Object, Object) = old_and_new(kind, input)?;
    let mut random = Stream::new(1, "test");
    let mut pools = ServiceAllocator::default();
    let warnings = admission::update(&mut new, &old, Part::Spec, &mut pools, &mut random, false)?;
    let (before, after) = (old.meta().generation, new.meta().generation);
    Ok(with_warnings(json!({"accepted": true, "generationBefore": before, "generationAfter": after}), warnings))
}

fn run(input: &Value, want: &Value) -> Value {
    let result = match ["object", "new"].iter().find(|f| input[**f].is_object()) {
        Some(&"object") => create(kind_of(&input["object"]), input, want),
        Some(_) => update(kind_of(&input["new"]), input),
        None => create(Kind::Deployment, input, want),
    };
    result.unwrap_or_else(|status| refused(&status, want))
}

#[test]
fn deployments() {
    check("deployment-validation", run);
}

#[test]
fn endpoints_and_slices() {
    check("endpoints-validation", run);
}
