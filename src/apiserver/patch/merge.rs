//! JSON merge patch (RFC 7386): maps are merged, null deletes, everything else replaces.

use serde_json::Value;

/// The document after the patch.
pub fn apply(live: &Value, patch: &Value) -> Value {
    let (Value::Object(live), Value::Object(changes)) = (live, patch) else {
        return without_nulls(patch);
    };
    let mut merged = live.clone();
    for (key, change) in changes {
        match (merged.get(key), change) {
            (_, Value::Null) => drop(merged.remove(key)),
            (Some(old @ Value::Object(_)), Value::Object(_)) => {
                let value = apply(old, change);
                merged.insert(key.clone(), value);
            }
            _ => drop(merged.insert(key.clone(), without_nulls(change))),
        }
    }
    Value::Object(merged)
}

/// The tree without the map entries that are null; nulls in lists stay.
pub fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, v)| !v.is_null());
            Value::Object(kept.map(|(k, v)| (k.clone(), without_nulls(v))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}
