//! Strategic merge patch: lists of maps are merged by a key, with directives for what JSON cannot say.
//!
//! Follows `staging/apimachinery/pkg/util/strategicpatch`: `$patch`, `$retainKeys`, `$setElementOrder/x`, `$deleteFromPrimitiveList/x`.

use super::schema::{Rule, Shape};
use super::{go_format, unprocessable};
use crate::apiserver::Status;
use crate::sorting::Arrange;
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
        (_, new) if mode == Mode::Apply => without_directives(super::merge::without_nulls(&new)),
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

/// Merges every list that has a `$setElementOrder` at once with its order.
fn set_element_orders(original: &mut Tree, patch: &mut Tree, shape: Shape, mode: Mode) -> Result<(), Status> {
    let directives: Vec<String> = patch.keys().filter(|k| k.starts_with(SET_ORDER)).cloned().collect();
    for directive in directives {
        let order = patch.remove(&directive).unwrap_or_default();
        if mode == Mode::Combine {
            let kept = original.entry(directive.clone()).or_insert_with(|| order.clone());
            if *kept != order {
                return Err(bad_order());
            }
        }
        let Value::Array(order) = order else { return Err(bad_type("[]interface {}", &order)) };
        let key = directive.strip_prefix(SET_ORDER).unwrap_or_default();
        let rule = shape.field(key);
        let old = take_list(original, key)?;
        let new = take_list(patch, key)?;
        check_order(new.as_deref().unwrap_or_default(), &order, rule.key)?;
        let merged = match (&old, new) {
            (Some(old), None) => old.clone(),
            (None, Some(new)) => match without_directives(Value::Array(new)) {
                Some(Value::Array(new)) => new,
                _ => continue,
            },
            (Some(old), Some(new)) => merge_lists(old.clone(), new, rule, mode)?,
            (None, None) => continue,
        };
        let ordered = in_order(merged, &order, old.as_deref().unwrap_or_default(), rule.key)?;
        original.insert(key.to_owned(), Value::Array(ordered));
    }
    Ok(())
}

fn take_list(tree: &mut Tree, key: &str) -> Result<Option<Vec<Value>>, Status> {
    match tree.remove(key) {
        None => Ok(None),
        Some(Value::Array(list)) => Ok(Some(list)),
        Some(other) => Err(bad_type("[]interface {}", &other)),
    }
}

/// The elements of a patch must stand in the order that it asks for.
fn check_order(patch: &[Value], order: &[Value], key: &str) -> Result<(), Status> {
    if order.is_empty() || patch.is_empty() {
        return Ok(());
    }
    let mut rest = order.iter();
    for element in patch.iter().filter(|e| e.get(PATCH).is_none()) {
        let mut found = false;
        for wanted in rest.by_ref() {
            if identity(element, key)? == identity(wanted, key)? {
                found = true;
                break;
            }
        }
        if !found {
            let (patch, order) = (Value::Array(patch.to_vec()), Value::Array(order.to_vec()));
            let text = format!(
                "The order in patch list:\n{}\n doesn't match $setElementOrder list:\n{}\n",
                go_format(&patch),
                go_format(&order)
            );
            return Err(plain(text));
        }
    }
    Ok(())
}

fn merge_lists(old: Vec<Value>, new: Vec<Value>, rule: Rule, mode: Mode) -> Result<Vec<Value>, Status> {
    if !rule.merge {
        return Ok(new);
    }
    let Some(of_maps) = element_type(&[&old, &new])? else { return Ok(old) };
    if !of_maps {
        let mut merged = Vec::new();
        for value in old.iter().chain(&new) {
            if !merged.contains(value) {
                merged.push(value.clone());
            }
        }
        return in_order(merged, &new, &old, "");
    }
    if rule.key.is_empty() {
        return Err(plain(format!("cannot merge lists without merge key for {:?}", rule.shape)));
    }
    let (old, new) = act_on_elements(old, new, rule.key)?;
    let mut merged = old.clone();
    for element in &new {
        let id = identity(element, rule.key)?;
        match find(&merged, rule.key, id)? {
            Some(at) => {
                let (Value::Object(into), Value::Object(change)) = (merged[at].take(), element.clone()) else { continue };
                merged[at] = Value::Object(merge(into, change, rule.shape, mode)?);
            }
            None => merged.push(element.clone()),
        }
    }
    in_order(merged, &new, &old, rule.key)
}

/// Carries out `$patch: delete` and `$patch: replace` that stand in a list's elements.
fn act_on_elements(mut old: Vec<Value>, new: Vec<Value>, key: &str) -> Result<(Vec<Value>, Vec<Value>), Status> {
    let mut plain_elements = Vec::new();
    let mut replaces = false;
    for element in new {
        match element.get(PATCH) {
            None => plain_elements.push(element),
            Some(Value::String(d)) if d == "delete" => {
                let id = identity(&element, key)?;
                while let Some(at) = find(&old, key, id)? {
                    old.remove(at);
                }
            }
            Some(Value::String(d)) if d == "replace" => replaces = true,
            Some(Value::String(d)) if d == "merge" => {
                return Err(plain("merging lists cannot yet be specified in the patch".to_owned()));
            }
            Some(directive) => return Err(unknown_directive(directive, &element)),
        }
    }
    if replaces { Ok((plain_elements, Vec::new())) } else { Ok((old, plain_elements)) }
}

/// Puts the elements that `wanted` names in its order, the others in the order they had, and weaves the two together so that
/// an element stays in front of those that it was in front of, where that is possible.
fn in_order(all: Vec<Value>, wanted: &[Value], had: &[Value], key: &str) -> Result<Vec<Value>, Status> {
    let place = |list: &[Value], element: &Value| -> Result<Option<usize>, Status> {
        let id = identity(element, key)?;
        for (i, other) in list.iter().enumerate() {
            if identity(other, key)? == id {
                return Ok(Some(i));
            }
        }
        Ok(None)
    };
    let (mut named, mut others) = (Vec::new(), Vec::new());
    for element in all {
        match place(wanted, &element)? {
            Some(at) => named.push((at, element)),
            None => others.push((place(had, &element)?.unwrap_or(usize::MAX), element)),
        }
    }
    let last = |element: &Value| element.get(PATCH).and_then(Value::as_str) == Some("delete");
    named.arrange_by_key(|(at, e)| (last(e), *at));
    others.arrange_by_key(|(at, e)| (last(e), *at));
    let mut named = named.into_iter().map(|(_, e)| e).peekable();
    let mut result = Vec::new();
    for (at, element) in others {
        while let Some(next) = named.peek() {
            if place(had, next)?.is_some_and(|there| at < there) {
                break;
            }
            result.extend(named.next());
        }
        result.push(element);
    }
    result.extend(named);
    Ok(result)
}

/// Whether the elements are maps; `None` when there are none. They must all be of one type, and not lists.
pub fn element_type(lists: &[&[Value]]) -> Result<Option<bool>, Status> {
    let rank = |v: &Value| match v {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    };
    let mut first = None;
    for value in lists.iter().flat_map(|l| l.iter()) {
        let kind = rank(value);
        if kind == 4 && first.is_none() {
            return Err(unprocessable());
        }
        if *first.get_or_insert(kind) != kind {
            let shown: Vec<String> = lists.iter().map(|l| go_format(&Value::Array(l.to_vec()))).collect();
            return Err(plain(format!("list element types are not identical: [{}]", shown.join(" "))));
        }
    }
    Ok(first.map(|kind| kind == 5))
}

/// What identifies an element: its merge key's value, or (without a key) itself.
pub fn identity<'v>(element: &'v Value, key: &str) -> Result<&'v Value, Status> {
    if key.is_empty() {
        return Ok(element);
    }
    let Value::Object(map) = element else { return Err(bad_type("map[string]interface {}", element)) };
    map.get(key).ok_or_else(|| plain(format!("map: {} does not contain declared merge key: {key}", go_format(element))))
}

fn find(list: &[Value], key: &str, id: &Value) -> Result<Option<usize>, Status> {
    for (i, element) in list.iter().enumerate() {
        let Value::Object(map) = element else { return Err(plain(format!("value for key {i} is not a map"))) };
        if map.get(key) == Some(id) {
            return Ok(Some(i));
        }
    }
    Ok(None)
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

/// An error without a Kubernetes reason: kubectl prints it behind `Error from server: `.
fn plain(text: String) -> Status {
    Status::new(500, "", text)
}

fn bad_order() -> Status {
    Status::bad_request("invalid patch format of setElementOrder list".to_owned())
}

fn unknown_directive(directive: &Value, map: &Value) -> Status {
    plain(format!("unknown patch type: {} in map: {}", go_format(directive), go_format(map)))
}

fn bad_type(expected: &str, found: &Value) -> Status {
    let found = match found {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    };
    plain(format!("expected a {expected}, but received a {found}"))
}
