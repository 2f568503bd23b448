//! What a PATCH request does to an object, as trees: strategic merge patch, JSON merge patch (RFC 7386), JSON patch (RFC 6902).
//!
//! Promises: the result and the refusals of `staging/apiserver/pkg/endpoints/handlers/patch.go`; the live object is never changed.
//! Must not know: the store, validation, what the object means.

pub mod json_patch;
pub mod merge;
pub mod schema;
pub mod strategic;

use super::Status;
use super::admission::FieldValidation;
use crate::api::codec::{Decoder, kinds};
use crate::api::{Kind, Object};
use serde_json::Value;

/// What kind of patch a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchType {
    /// `application/strategic-merge-patch+json`, kubectl's default.
    Strategic,
    /// `application/merge-patch+json`
    Merge,
    /// `application/json-patch+json`
    Json,
}

/// The text of a patch as a tree.
pub fn parse(text: &str) -> Result<Value, Status> {
    serde_json::from_str(text).map_err(|_| Status::bad_request("invalid JSON patch".to_owned()))
}

/// The object after the patch. It may be no object of its kind any more: decode it, and see [`undecodable`].
pub fn apply(type_: PatchType, kind: Kind, live: &Value, patch: &Value) -> Result<Value, Status> {
    let map_type = "map[string]interface {}";
    match (type_, patch) {
        (PatchType::Strategic, Value::Object(changes)) => {
            let live = live.as_object().cloned().unwrap_or_default();
            let patched = strategic::merge(live, changes.clone(), schema::Shape::Root(kind), strategic::Mode::Apply)?;
            Ok(Value::Object(patched))
        }
        (PatchType::Strategic, Value::Null) => Ok(live.clone()),
        (PatchType::Strategic, other) => Err(Status::bad_request(wrong_type(other, map_type))),
        (PatchType::Merge, Value::Object(_)) => Ok(merge::apply(live, patch)),
        (PatchType::Merge, Value::Null) => Err(Status::bad_request("Invalid JSON Patch".to_owned())),
        (PatchType::Merge, other) => Err(error_decoding(&wrong_type(other, map_type))),
        (PatchType::Json, Value::Array(operations)) => {
            let operations = json_patch::decode(operations).map_err(|why| error_decoding(&why))?;
            json_patch::apply(live, &operations)
        }
        (PatchType::Json, Value::Null) => Ok(live.clone()),
        (PatchType::Json, other) => Err(error_decoding(&wrong_type(other, "[]handlers.jsonPatchOp"))),
    }
}

/// The object that a patch has made of another, and the warnings: what [`apply`] returned is decoded.
pub fn decode(
    type_: PatchType,
    kind: Kind,
    patch: &Value,
    patched: &Value,
    how: FieldValidation,
) -> Result<(Object, Vec<String>), Status> {
    let mut decoder = Decoder::default();
    let object = Object::decode(kind, patched, &mut decoder);
    if type_ == PatchType::Strategic {
        decoder.unknown = inner_first(decoder.unknown);
    }
    let refuse = |why: &str| Err(undecodable(type_, patch, patched, why));
    // A strategic patch is not printed and read again: the tree is turned into the object.
    let wrong = if type_ == PatchType::Strategic { &decoder.convert_error } else { &decoder.type_error };
    match (wrong, object) {
        (Some(why), _) => refuse(why),
        (None, None) => refuse("json: cannot unmarshal null"),
        (None, Some(_)) if how == FieldValidation::Strict && !decoder.unknown.is_empty() => {
            refuse(&format!("strict decoding error: {}", decoder.unknown.join(", ")))
        }
        (None, Some(object)) if how == FieldValidation::Ignore => Ok((object, vec![])),
        (None, Some(object)) => Ok((object, decoder.unknown)),
    }
}

/// The converter tells of a struct's unknown fields when it has finished with the structs inside.
fn inner_first(unknown: Vec<String>) -> Vec<String> {
    let around = |text: &str| text.rsplit_once('.').map_or(String::new(), |(parent, _)| parent.to_string());
    let mut out: Vec<String> = vec![];
    for text in unknown {
        let own = around(&text);
        let inside = |other: &String| {
            let rest = own.strip_prefix(&around(other));
            rest.is_some_and(|rest| rest.starts_with(['.', '[']))
        };
        let at = out.iter().position(inside).unwrap_or(out.len());
        out.insert(at, text);
    }
    out
}

/// The refusal of a patch whose result cannot be decoded: `why` is the decoder's text (`strict decoding error: unknown field "spec.x"`).
pub fn undecodable(type_: PatchType, patch: &Value, patched: &Value, why: &str) -> Status {
    let shown = if type_ == PatchType::Strategic { go_format(patch) } else { patched.to_string() };
    let causes = vec![super::status::Cause { field: "patch".to_owned(), message: format!("Invalid value: {shown:?}: {why}") }];
    let text = format!(" \"\" is invalid: patch: {}", causes[0].message);
    Status { causes, ..Status::new(422, "Invalid", text) }
}

/// The refusal of a patch that does not fit the object; the server does not say why.
fn unprocessable() -> Status {
    Status::new(422, "Invalid", "the server rejected our request due to an error in our request".to_owned())
}

fn error_decoding(why: &str) -> Status {
    Status::bad_request(format!("error decoding patch: {why}"))
}

fn wrong_type(value: &Value, go_type: &str) -> String {
    format!("json: cannot unmarshal {} into Go value of type {go_type}", kinds::json_type(value))
}

/// A tree as Go's `%v` prints it: `map[a:1 b:[x y]]`.
pub fn go_format(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(go_format).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            let pairs: Vec<String> = map.iter().map(|(k, v)| format!("{k}:{}", go_format(v))).collect();
            format!("map[{}]", pairs.join(" "))
        }
        other => other.to_string(),
    }
}
