//! Reading the input of a case: whatever is not there or of another type is a reason, not a panic.

use crate::api::codec::{Decoder, Json};
use crate::api::{Kind, Object, Resource};
use serde_json::Value;
use std::rc::Rc;

/// The text of a field.
pub fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str, String> {
    value[field].as_str().ok_or_else(|| format!("{field} is no text: {}", value[field]))
}

/// The text of a field, empty if there is none.
pub fn text_or_empty<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// The whole number of a field.
pub fn number(value: &Value, field: &str) -> Result<i64, String> {
    value[field].as_i64().ok_or_else(|| format!("{field} is no whole number: {}", value[field]))
}

/// A number of Kubernetes' usual width; none if the field is null or absent.
pub fn int32(value: &Value, field: &str) -> Result<Option<i32>, String> {
    let narrow = |n: i64| i32::try_from(n).map_err(|_| format!("{field} is too large: {n}"));
    if value[field].is_null() { Ok(None) } else { number(value, field).and_then(narrow).map(Some) }
}

/// The elements of a list; an absent list has none.
pub fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().map_or(&[], Vec::as_slice)
}

/// The texts of a list.
pub fn texts<'a>(value: &'a Value, field: &str) -> Result<Vec<&'a str>, String> {
    list(value, field).iter().map(|v| v.as_str().ok_or_else(|| format!("{field}: no text: {v}"))).collect()
}

/// A text parsed as something else.
pub fn parse<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("not readable: {text:?}"))
}

/// Steps and what was recorded of them; there must be as many of the one as of the other.
pub fn steps(case: &Value) -> Result<impl Iterator<Item = (usize, &Value, &Value)>, String> {
    let (steps, outs) = (list(&case["in"], "steps"), list(&case["out"], "steps"));
    if steps.len() != outs.len() {
        return Err(format!("{} steps, but {} outcomes", steps.len(), outs.len()));
    }
    Ok(steps.iter().zip(outs).enumerate().map(|(i, (step, out))| (i + 1, step, out)))
}

/// A value of one of our types.
pub fn value_of<T: Json>(value: &Value) -> Result<T, String> {
    let mut decoder = Decoder::default();
    let decoded = T::decode(value, &mut decoder);
    match decoder.type_error {
        Some(why) => Err(why),
        None => decoded.ok_or_else(|| format!("not readable: {value}")),
    }
}

/// An object of a kind, as it stands (no defaults).
pub fn object(kind: Kind, value: &Value) -> Result<Object, String> {
    let mut decoder = Decoder::default();
    let decoded = Object::decode(kind, value, &mut decoder);
    match decoder.type_error {
        Some(why) => Err(why),
        None => decoded.ok_or_else(|| format!("not readable: {value}")),
    }
}

/// An object of a kind; recordings leave the namespace out where there is only one.
pub fn object_in_default(kind: Kind, value: &Value) -> Result<Object, String> {
    let mut object = object(kind, value)?;
    if kind.info().namespaced {
        object.meta_mut().namespace = "default".into();
    }
    Ok(object)
}

/// The same, of a known type.
pub fn typed<T: Resource>(value: &Value) -> Result<Rc<T>, String> {
    object(T::KIND, value)?.as_::<T>().cloned().ok_or_else(|| format!("not readable: {value}"))
}

/// The same, in the namespace `default`.
pub fn typed_in_default<T: Resource>(value: &Value) -> Result<Rc<T>, String> {
    object_in_default(T::KIND, value)?.as_::<T>().cloned().ok_or_else(|| format!("not readable: {value}"))
}

/// The kind that an object names.
pub fn kind_of(value: &Value) -> Result<Kind, String> {
    let (version, kind) = (text_or_empty(value, "apiVersion"), text_or_empty(value, "kind"));
    Kind::from_manifest(version, kind).ok_or_else(|| format!("no kind {kind:?} of {version:?}"))
}
