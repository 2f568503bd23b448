//! `kubectl apply`: the patch from three objects (last applied, the file, the live one) and the annotation that remembers.
//!
//! Promises: the patch that `strategicpatch.CreateThreeWayMergePatch` computes; `{}` when nothing is to change.
//! Must not know: the server, the file.

use crate::api::Kind;
use crate::apiserver::Status;
use crate::apiserver::patch::schema::{Rule, Shape};
use crate::apiserver::patch::strategic::{self, DELETE_FROM, Mode, PATCH, RETAIN_KEYS, SET_ORDER, Tree};
use crate::apiserver::patch::{go_format, strategic::identity};
use crate::sorting::Arrange;
use serde_json::{Value, json};

pub use crate::api::well_known::LAST_APPLIED;

/// What an object was applied with the last time; `None` without the annotation, an error when it is no JSON.
pub fn last_applied(live: &Value) -> Result<Option<Value>, String> {
    match live["metadata"]["annotations"][LAST_APPLIED].as_str() {
        None => Ok(None),
        Some(text) => serde_json::from_str(text).map(Some).map_err(|_| "invalid JSON document".to_owned()),
    }
}

/// The object with the annotation that holds the object itself (`--save-config`, and what `apply` sends).
pub fn with_last_applied(object: &Value) -> Value {
    let mut plain = object.clone();
    let annotations = plain["metadata"].as_object_mut().map(|meta| {
        let slot = meta.entry("annotations").or_insert_with(|| json!({}));
        if !slot.is_object() {
            *slot = json!({});
        }
        slot
    });
    let Some(Value::Object(annotations)) = annotations else { return plain };
    annotations.remove(LAST_APPLIED);
    let text = format!("{plain}\n");
    plain["metadata"]["annotations"][LAST_APPLIED] = Value::String(text);
    plain
}

/// The strategic merge patch that brings `live` to `modified` and takes away what only `last_applied` has.
pub fn three_way(kind: Kind, last_applied: Option<&Value>, modified: &Value, live: &Value) -> Result<Value, Status> {
    let tree = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let shape = Shape::Root(kind);
    let modified = tree(Some(modified));
    let delta = diff(&tree(Some(live)), &modified, shape, Diff { changes: true, deletions: false, retain_keys: false })?;
    let gone = Diff { changes: false, deletions: true, retain_keys: false };
    let deletions = diff(&tree(last_applied), &modified, shape, gone)?;
    strategic::merge(deletions, delta, shape, Mode::Combine).map(Value::Object)
}

/// What a difference is to contain.
#[derive(Clone, Copy)]
struct Diff {
    /// What is new or other.
    changes: bool,
    /// What is gone.
    deletions: bool,
    /// A `$retainKeys` list for this map.
    retain_keys: bool,
}

fn diff(original: &Tree, modified: &Tree, shape: Shape, what: Diff) -> Result<Tree, Status> {
    let mut patch = Tree::new();
    for (key, new) in modified {
        let rule = shape.field(key);
        match (original.get(key), new) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                let inner = diff(old, new, rule.shape, Diff { retain_keys: rule.retain_keys, ..what })?;
                if !inner.is_empty() {
                    patch.insert(key.clone(), Value::Object(inner));
                }
            }
            (Some(Value::Array(old)), Value::Array(new)) if rule.merge => {
                diff_lists(key, old, new, rule, what, &mut patch)?;
            }
            (Some(old), new) if old == new => {}
            (_, new) if what.changes => drop(patch.insert(key.clone(), new.clone())),
            _ => {}
        }
    }
    let missing = original.iter().filter(|(key, _)| !modified.contains_key(*key));
    if what.deletions {
        patch.extend(missing.clone().map(|(key, _)| (key.clone(), Value::Null)));
    }
    let mut kept: Vec<&String> = modified.iter().filter(|(_, v)| !v.is_null()).map(|(k, _)| k).collect();
    kept.arrange();
    if what.retain_keys && !kept.is_empty() && (!patch.is_empty() || missing.clone().any(|(_, v)| !v.is_null())) {
        patch.insert(RETAIN_KEYS.to_owned(), json!(kept));
    }
    Ok(patch)
}

fn diff_lists(key: &str, old: &[Value], new: &[Value], rule: Rule, what: Diff, patch: &mut Tree) -> Result<(), Status> {
    if old.is_empty() {
        if !new.is_empty() && what.changes {
            patch.insert(key.to_owned(), json!(new));
        }
        return Ok(());
    }
    let of_maps = strategic::element_type(&[old, new])? == Some(true);
    let order_differs;
    let (mut changes, mut gone) = (Vec::new(), Vec::new());
    if of_maps {
        changes = diff_elements(old, new, rule, what, &mut gone)?;
        let same_order = old.len() == new.len() && same_keys(old, new, rule.key)?;
        changes.extend(std::mem::take(&mut gone));
        order_differs = what.changes && (!changes.is_empty() || !same_order) || what.deletions && !changes.is_empty();
    } else {
        if what.changes {
            changes = additions(old, new);
        }
        if what.deletions {
            gone = additions(new, old);
            gone.arrange_by_key(go_format);
            gone.dedup();
        }
        // Upstream compares with the old list as it has sorted it by then: an unsorted one always counts as another order.
        let mut sorted = old.to_vec();
        sorted.arrange_by_key(go_format);
        order_differs = what.deletions && !gone.is_empty() || what.changes && sorted != new;
    }
    if !changes.is_empty() {
        patch.insert(key.to_owned(), Value::Array(changes));
    }
    if !gone.is_empty() {
        patch.insert(format!("{DELETE_FROM}{key}"), Value::Array(gone));
    }
    if order_differs && !new.is_empty() {
        let order = if of_maps { new.iter().map(|e| json!({ rule.key: e[rule.key] })).collect() } else { new.to_vec() };
        patch.insert(format!("{SET_ORDER}{key}"), Value::Array(order));
    }
    Ok(())
}

fn same_keys(old: &[Value], new: &[Value], key: &str) -> Result<bool, Status> {
    for (a, b) in old.iter().zip(new) {
        if identity(a, key)? != identity(b, key)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What `new` has more than `old`, each value as often as it is there more often; in the order of `new`.
fn additions(old: &[Value], new: &[Value]) -> Vec<Value> {
    let mut rest: Vec<&Value> = old.iter().collect();
    let mut added = Vec::new();
    for value in new {
        match rest.iter().position(|r| *r == value) {
            Some(at) => drop(rest.remove(at)),
            None => added.push(value.clone()),
        }
    }
    added
}

/// Patches of the elements that are in both lists and the new ones, in the new order. `gone` gets directives for the others.
fn diff_elements(old: &[Value], new: &[Value], rule: Rule, what: Diff, gone: &mut Vec<Value>) -> Result<Vec<Value>, Status> {
    let by_key = |list: &[Value]| -> Result<Vec<(String, usize)>, Status> {
        let mut all = Vec::new();
        for (i, element) in list.iter().enumerate() {
            all.push((go_format(identity(element, rule.key)?), i));
        }
        all.arrange();
        Ok(all)
    };
    let (mut olds, mut news) = (by_key(old)?.into_iter().peekable(), by_key(new)?.into_iter().peekable());
    let mut found: Vec<(usize, Value)> = Vec::new();
    loop {
        let order = match (olds.peek(), news.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        let before = if order.is_le() { olds.next() } else { None };
        let after = if order.is_ge() { news.next() } else { None };
        match (before, after) {
            (Some((_, a)), Some((_, b))) => {
                let (Value::Object(before), Value::Object(after)) = (&old[a], &new[b]) else { continue };
                let mut inner = diff(before, after, rule.shape, Diff { retain_keys: rule.retain_keys, ..what })?;
                if !inner.is_empty() {
                    inner.insert(rule.key.to_owned(), new[b][rule.key].clone());
                    found.push((b, Value::Object(inner)));
                }
            }
            (None, Some((_, b))) if what.changes => found.push((b, new[b].clone())),
            (Some((_, a)), None) if what.deletions => {
                gone.push(json!({ PATCH: "delete", rule.key: old[a][rule.key] }));
            }
            _ => {}
        }
    }
    found.arrange_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, element)| element).collect())
}
