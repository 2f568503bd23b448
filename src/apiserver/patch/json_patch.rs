//! JSON patch (RFC 6902) as Kubernetes applies it (`evanphx/json-patch` v4): negative indices count from the end, and `replace`
//! of a key that is not there adds it.

use super::unprocessable;
use crate::api::codec::kinds::json_type;
use crate::apiserver::Status;
use serde_json::{Map, Value};

/// Most operations a patch may have.
const MAX_OPERATIONS: usize = 10_000;

/// One step of a patch.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    op: String,
    path: String,
    from: String,
    value: Value,
}

/// The operations of a patch, or what Go's decoder says.
pub fn decode(list: &[Value]) -> Result<Vec<Operation>, String> {
    list.iter().map(decode_one).collect()
}

fn decode_one(value: &Value) -> Result<Operation, String> {
    let empty = Map::new();
    let map = match value {
        Value::Object(map) => map,
        Value::Null => &empty,
        other => {
            return Err(format!("json: cannot unmarshal {} into Go value of type handlers.jsonPatchOp", json_type(other)));
        }
    };
    let text = |field: &str| match map.get(field) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => {
            Err(format!("json: cannot unmarshal {} into Go struct field jsonPatchOp.{field} of type string", json_type(other)))
        }
    };
    let value = map.get("value").cloned().unwrap_or_default();
    Ok(Operation { op: text("op")?, path: text("path")?, from: text("from")?, value })
}

/// The document after all operations; the first that fails refuses them all.
pub fn apply(live: &Value, operations: &[Operation]) -> Result<Value, Status> {
    if operations.len() > MAX_OPERATIONS {
        let why = format!("The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {}", operations.len());
        return Err(Status::new(413, "RequestEntityTooLarge", why));
    }
    let mut document = live.clone();
    for operation in operations {
        step(&mut document, operation).ok_or_else(unprocessable)?;
    }
    Ok(document)
}

fn step(document: &mut Value, operation: &Operation) -> Option<()> {
    let Operation { op, path, from, value } = operation;
    match op.as_str() {
        "add" => add(document, path, value.clone()),
        "remove" => remove(document, path).map(drop),
        "replace" if path.is_empty() => {
            *document = Some(value.clone()).filter(|v| v.is_object() || v.is_array())?;
            Some(())
        }
        "replace" => replace(document, path, value.clone()),
        "move" => {
            let value = remove(document, from)?;
            add(document, path, value)
        }
        "copy" => {
            let value = get(document, from)?;
            add(document, path, value)
        }
        "test" if path.is_empty() => (document == value).then_some(()),
        "test" => (get(document, path)? == *value).then_some(()),
        _ => None,
    }
}

/// The map or list that holds what `path` points to, and the last part of the path.
fn holder<'d>(document: &'d mut Value, path: &str) -> Option<(&'d mut Value, String)> {
    let mut parts: Vec<String> = path.split('/').map(|p| p.replace("~1", "/").replace("~0", "~")).collect();
    if parts.len() < 2 {
        return None;
    }
    let last = parts.pop()?;
    let mut at = document;
    for part in &parts[1..] {
        at = match at {
            Value::Object(map) => map.get_mut(part)?,
            Value::Array(list) => {
                let index = index(part, list.len())?;
                list.get_mut(index)?
            }
            _ => return None,
        };
    }
    (at.is_object() || at.is_array()).then_some((at, last))
}

/// An index in a list; negative ones count from `length`.
fn index(text: &str, length: usize) -> Option<usize> {
    let number: i64 = text.parse().ok()?;
    if number < 0 { length.checked_sub(number.unsigned_abs() as usize) } else { usize::try_from(number).ok() }
}

fn get(document: &mut Value, path: &str) -> Option<Value> {
    let (holder, key) = holder(document, path)?;
    match holder {
        Value::Object(map) => Some(map.get(&key).cloned().unwrap_or_default()),
        Value::Array(list) => list.get(index(&key, list.len())?).cloned(),
        _ => None,
    }
}

fn add(document: &mut Value, path: &str, value: Value) -> Option<()> {
    let (holder, key) = holder(document, path)?;
    match holder {
        Value::Object(map) => drop(map.insert(key, value)),
        Value::Array(list) if key == "-" => list.push(value),
        Value::Array(list) => {
            let at = index(&key, list.len() + 1).filter(|at| *at <= list.len())?;
            list.insert(at, value);
        }
        _ => return None,
    }
    Some(())
}

fn replace(document: &mut Value, path: &str, value: Value) -> Option<()> {
    let (holder, key) = holder(document, path)?;
    match holder {
        Value::Object(map) => drop(map.insert(key, value)),
        Value::Array(list) => {
            let at = index(&key, list.len())?;
            *list.get_mut(at)? = value;
        }
        _ => return None,
    }
    Some(())
}

fn remove(document: &mut Value, path: &str) -> Option<Value> {
    let (holder, key) = holder(document, path)?;
    match holder {
        Value::Object(map) => map.remove(&key),
        Value::Array(list) => {
            let at = index(&key, list.len()).filter(|at| *at < list.len())?;
            Some(list.remove(at))
        }
        _ => None,
    }
}
