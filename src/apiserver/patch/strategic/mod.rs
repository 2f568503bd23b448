//! Strategic merge patch: lists of maps are merged by a key, with directives for what JSON cannot say.
//!
//! Follows `staging/apimachinery/pkg/util/strategicpatch`: `$patch`, `$retainKeys`, `$setElementOrder/x`, `$deleteFromPrimitiveList/x`.

mod lists;
mod order;
mod refusal;

pub use lists::{element_type, identity};

use super::merge::without_nulls;
use super::schema::Shape;
use crate::apiserver::Status;
use lists::merge_lists;
use order::set_element_orders;
use refusal::unknown_directive;
use serde_json::{Map, Value};

/// A tree's map.
pub type Tree = Map<String, Value>;

/// Says what is to happen to the map it stands in: `delete`, `replace`.
pub const PATCH: &str = "$patch";

/// The keys that stay.
pub const RETAIN_KEYS: &str = "$retainKeys";

/// In front of a list's name: values to take out of it.
pub const DELETE_FROM: &str = "$deleteFromPrimitiveList/";

/// In front of a list's name: the order its elements are to have.
pub const SET_ORDER: &str = "$setElementOrder/";

/// What a patch is merged into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// An object: directives act, null deletes.
    Apply,
    /// Another patch: directives and nulls stay, to act later.
    Combine,
}

/// Merges `patch` into `original`.
pub fn merge(mut original: Tree, mut patch: Tree, shape: Shape, mode: Mode) -> Result<Tree, Status> {
    if let Some(directive) = patch.remove(PATCH) {
        return match directive.as_str() {
            Some("replace") => Ok(patch),
            Some("delete") => Ok(Tree::new()),
            _ => {
                patch.insert(PATCH.to_owned(), directive.clone());
                Err(unknown_directive(&directive, &Value::Object(patch)))
            }
        };
    }
    retain_keys(&mut original, &mut patch, mode)?;
    set_element_orders(&mut original, &mut patch, shape, mode)?;
    for (key, change) in patch {
        match key.strip_prefix(DELETE_FROM) {
            Some(_) if mode == Mode::Combine => drop(original.insert(key, change)),
            Some(list) => delete_from_list(&mut original, list, &change),
            None => merge_field(&mut original, key, change, shape, mode)?,
        }
    }
    Ok(original)
}

fn merge_field(original: &mut Tree, key: String, change: Value, shape: Shape, mode: Mode) -> Result<(), Status> {
    if change.is_null() {
        original.remove(&key);
        if mode == Mode::Combine {
            original.insert(key, Value::Null);
        }
        return Ok(());
    }
    let rule = shape.field(&key);
    let merged = match (original.remove(&key), change) {
        (Some(Value::Object(old)), Value::Object(new)) => Some(Value::Object(merge(old, new, rule.shape, mode)?)),
        (Some(Value::Array(old)), Value::Array(new)) => Some(Value::Array(merge_lists(old, new, rule, mode)?)),
        (Some(Value::Bool(_) | Value::Number(_) | Value::String(_)), new) if !new.is_object() && !new.is_array() => Some(new),
        (_, new) if mode == Mode::Apply => without_directives(without_nulls(&new)),
        (_, new) => without_directives(new),
    };
    if let Some(merged) = merged {
        original.insert(key, merged);
    }
    Ok(())
}

fn delete_from_list(original: &mut Tree, list: &str, values: &Value) {
    if let (Some(Value::Array(old)), Some(gone)) = (original.get_mut(list), values.as_array()) {
        old.retain(|v| !gone.contains(v));
    }
}

/// Leaves only the keys that the patch names in `$retainKeys`.
fn retain_keys(original: &mut Tree, patch: &mut Tree, mode: Mode) -> Result<(), Status> {
    let Some(retain) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    if mode == Mode::Combine {
        original.entry(RETAIN_KEYS).or_insert(retain);
        return Ok(());
    }
    let bad = || Status::bad_request("invalid patch format of retainKeys".to_owned());
    let keys: Vec<&str> = retain.as_array().ok_or_else(bad)?.iter().filter_map(Value::as_str).collect();
    let stray = |key: &String, value: &Value| {
        !value.is_null() && !key.starts_with(DELETE_FROM) && !key.starts_with(SET_ORDER) && !keys.contains(&key.as_str())
    };
    if patch.iter().any(|(key, value)| stray(key, value)) {
        return Err(bad());
    }
    original.retain(|key, _| keys.contains(&key.as_str()));
    Ok(())
}

/// The tree without the maps that carry `$patch`; `None` when it is such a map itself.
fn without_directives(value: Value) -> Option<Value> {
    match value {
        Value::Object(map) if map.contains_key(PATCH) => None,
        Value::Object(map) => {
            Some(Value::Object(map.into_iter().filter_map(|(k, v)| without_directives(v).map(|v| (k, v))).collect()))
        }
        Value::Array(items) => Some(Value::Array(items.into_iter().filter_map(without_directives).collect())),
        other => Some(other),
    }
}
