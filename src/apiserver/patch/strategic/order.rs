//! The order of a merged list's elements: as the patch wants it, and for the rest as it was.
//!
//! Promises: a list that has a `$setElementOrder` is merged at once with its order, and the patch's own elements must stand in it.

use super::lists::{identity, merge_lists};
use super::refusal::{bad_order, bad_type, plain};
use super::{Mode, PATCH, SET_ORDER, Tree, without_directives};
use crate::apiserver::Status;
use crate::apiserver::patch::go_format;
use crate::apiserver::patch::schema::Shape;
use crate::sorting::Arrange;
use serde_json::Value;

/// Merges every list that has a `$setElementOrder` at once with its order.
pub(super) fn set_element_orders(original: &mut Tree, patch: &mut Tree, shape: Shape, mode: Mode) -> Result<(), Status> {
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

/// Puts the elements that `wanted` names in its order, the others in the order they had, and weaves the two together so that
/// an element stays in front of those that it was in front of, where that is possible.
pub(super) fn in_order(all: Vec<Value>, wanted: &[Value], had: &[Value], key: &str) -> Result<Vec<Value>, Status> {
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
