//! `--sort-by`: objects in the order of the value that a JSONPath finds (`…/cmd/get/sorter.go`).

use crate::api::Object;
use crate::api::quantity::Amount;
use crate::kubectl::failure::Failure;
use crate::kubectl::print::jsonpath::{JsonPath, relaxed};
use serde_json::Value;

/// Sorts objects; a path that no object has is an error.
pub fn sort(objects: &mut [Object], path: &str) -> Result<(), Failure> {
    let template = relaxed(path).unwrap_or_else(|_| path.to_string());
    let parsed = JsonPath::parse(&template).map_err(|why| Failure::error(format!("sorting error: {why}")))?;
    let mut keyed: Vec<(Option<Value>, Object)> = vec![];
    for object in objects.iter() {
        let found = parsed.find(&object.to_value()).map_err(Failure::error)?;
        keyed.push((found.into_iter().next().and_then(|items| items.into_iter().next()), object.clone()));
    }
    if !keyed.is_empty() && keyed.iter().all(|(value, _)| value.is_none()) {
        return Err(Failure::error(format!("couldn't find any field with path {template:?} in the list of objects")));
    }
    // Go sorts short lists by insertion; what has no value is less than anything, also than what has none either.
    for i in 1..keyed.len() {
        let mut j = i;
        while j > 0 && less(keyed[j].0.as_ref(), keyed[j - 1].0.as_ref()) {
            keyed.swap(j, j - 1);
            j -= 1;
        }
    }
    for (place, (_, object)) in objects.iter_mut().zip(keyed) {
        *place = object;
    }
    Ok(())
}

fn less(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (None, _) => true,
        (_, None) => false,
        (Some(Value::Number(a)), Some(Value::Number(b))) => a.as_i64() < b.as_i64(),
        (Some(Value::String(a)), Some(Value::String(b))) => match (Amount::parse(a), Amount::parse(b)) {
            (Ok(a), Ok(b)) => a.compare(&b).is_lt(),
            _ => a < b,
        },
        _ => false,
    }
}
