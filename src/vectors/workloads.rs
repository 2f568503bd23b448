//! Deployments, Endpoints and EndpointSlices on create and update: defaults, validation, warnings.

use super::Comparison;
use super::admit::{Stop, answer, create, kind_of, old_and_new, sent, update, with_warnings};
use crate::api::{Kind, Object};
use crate::apiserver::{ServiceAllocator, strategy};
use serde_json::{Map, Value, json};

fn created(kind: Kind, input: &Value) -> Result<Value, Stop> {
    let mut object = sent(kind, input)?;
    strategy::prepare_for_create(&mut object);
    let warnings = create(&mut object, &mut ServiceAllocator::default())?;
    Ok(with_warnings(stored(&object), warnings))
}

/// What the files tell of a stored object: generation and spec of a Deployment, all but the metadata of the others.
fn stored(object: &Object) -> Map<String, Value> {
    let mut tree = object.to_value();
    let mut out = Map::new();
    out.insert("accepted".into(), json!(true));
    if object.kind() == Kind::Deployment {
        let mut spec = tree["spec"].take();
        if let Some(meta) = spec.pointer_mut("/template/metadata").and_then(Value::as_object_mut) {
            meta.remove("creationTimestamp");
        }
        out.insert("generation".into(), json!(object.meta().generation));
        out.insert("spec".into(), spec);
    } else {
        if let Some(tree) = tree.as_object_mut() {
            tree.retain(|field, _| !matches!(field.as_str(), "metadata" | "apiVersion" | "kind"));
        }
        out.insert("object".into(), tree);
    }
    out
}

fn updated(kind: Kind, input: &Value) -> Result<Value, Stop> {
    let (old, mut new) = old_and_new(kind, input)?;
    let warnings = update(&mut new, &old, &mut ServiceAllocator::default())?;
    let mut out = Map::new();
    out.insert("accepted".into(), json!(true));
    out.insert("generationBefore".into(), json!(old.meta().generation));
    out.insert("generationAfter".into(), json!(new.meta().generation));
    Ok(with_warnings(out, warnings))
}

fn admitted(input: &Value) -> Result<Value, Stop> {
    if input["new"].is_object() {
        updated(kind_of(&input["new"])?, input)
    } else if input["object"].is_object() {
        created(kind_of(&input["object"])?, input)
    } else {
        // A text that is perhaps not even an object: these are sent to the Deployments' address.
        created(Kind::Deployment, input)
    }
}

/// deployment-validation, endpoints-validation.
pub fn validation(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let got = answer(admitted(&case["in"]))?;
    found.same("", &case["out"], &got);
    Ok(())
}
