//! Defaults inside volumes and variables, which are kept as trees (`pkg/apis/core/v1/defaults.go`).

use serde_json::{Value, json};

/// Mode of files that a volume makes: 0644.
const FILE_MODE: i64 = 420;
/// Seconds that a projected token lives.
const TOKEN_SECONDS: i64 = 3600;

/// A volume without a source is an empty directory.
pub(super) fn volume(volume: &mut Value) {
    let Value::Object(map) = volume else { return };
    if map.keys().all(|key| key == "name") {
        map.insert("emptyDir".into(), json!({}));
    }
    for (source, held) in map.iter_mut() {
        match source.as_str() {
            "hostPath" => set(held, "type", json!("")),
            "secret" | "configMap" => set(held, "defaultMode", json!(FILE_MODE)),
            "downwardAPI" => {
                set(held, "defaultMode", json!(FILE_MODE));
                downward_files(held);
            }
            "projected" => {
                set(held, "defaultMode", json!(FILE_MODE));
                each(held, "sources", projection);
            }
            "image" => {
                let latest = super::pod::tag(held["reference"].as_str().unwrap_or_default()) == "latest";
                set(held, "pullPolicy", json!(if latest { "Always" } else { "IfNotPresent" }));
            }
            _ => {}
        }
    }
}

/// The version of the field that a variable or a file shows.
pub(super) fn field_ref(holder: &mut Value) {
    if let Some(reference) = holder.get_mut("fieldRef") {
        set(reference, "apiVersion", json!("v1"));
    }
}

fn projection(source: &mut Value) {
    if let Some(token) = source.get_mut("serviceAccountToken") {
        set(token, "expirationSeconds", json!(TOKEN_SECONDS));
    }
    if let Some(files) = source.get_mut("downwardAPI") {
        downward_files(files);
    }
}

fn downward_files(holder: &mut Value) {
    each(holder, "items", field_ref);
}

fn each(holder: &mut Value, list: &str, change: fn(&mut Value)) {
    if let Some(items) = holder.get_mut(list).and_then(Value::as_array_mut) {
        items.iter_mut().for_each(change);
    }
}

/// Sets a field that is not there.
fn set(holder: &mut Value, field: &str, value: Value) {
    if let Value::Object(map) = holder {
        map.entry(field).or_insert(value);
    }
}
