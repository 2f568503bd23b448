//! Two lists made one: plain values each once, maps by what identifies them.
//!
//! Promises: elements of different types, or without their merge key, are refused in Kubernetes' words.

use super::order::in_order;
use super::refusal::{bad_type, plain, unknown_directive};
use super::{Mode, PATCH, merge};
use crate::apiserver::Status;
use crate::apiserver::patch::schema::Rule;
use crate::apiserver::patch::{go_format, unprocessable};
use serde_json::Value;

pub(super) fn merge_lists(old: Vec<Value>, new: Vec<Value>, rule: Rule, mode: Mode) -> Result<Vec<Value>, Status> {
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
