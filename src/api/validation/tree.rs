//! Reading parts that are kept as trees, whose shape the decoder has already made sure of.

use super::field::FieldError;
use serde_json::Value;

/// A text, "" when it is absent.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or("")
}

/// The elements of a list, none when it is absent.
pub(super) fn items<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().map_or(&[], Vec::as_slice)
}

/// The texts of a list.
pub(super) fn texts<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a str> {
    items(value, field).iter().map(|v| v.as_str().unwrap_or(""))
}

/// A part that was given.
pub(super) fn given<'a>(value: &'a Value, field: &str) -> Option<&'a Value> {
    value.get(field).filter(|v| !v.is_null())
}

/// `Required` when the text is empty. Returns the text.
pub(super) fn required<'a>(path: &str, value: &'a Value, field: &str, errors: &mut Vec<FieldError>) -> &'a str {
    let found = text(value, field);
    if found.is_empty() {
        errors.push(FieldError::required(format!("{path}.{field}"), ""));
    }
    found
}

/// A mode of a file must be between 0 and 0777.
pub(super) fn mode(path: &str, value: &Value, field: &str, errors: &mut Vec<FieldError>) {
    if let Some(mode) = value[field].as_i64().filter(|mode| !(0..=0o777).contains(mode)) {
        let detail = "must be a number between 0 and 0777 (octal), both inclusive";
        errors.push(FieldError::invalid(format!("{path}.{field}"), &mode, detail));
    }
}

/// A path below a directory: relative, and never up.
pub(super) fn descending(path: &str, target: &str, errors: &mut Vec<FieldError>) {
    if target.starts_with('/') {
        errors.push(FieldError::invalid(path, target, "must be a relative path"));
    }
    no_backsteps(path, target, errors);
}

/// A path without `..`.
pub(super) fn no_backsteps(path: &str, target: &str, errors: &mut Vec<FieldError>) {
    if target.split('/').any(|part| part == "..") {
        errors.push(FieldError::invalid(path, target, "must not contain '..'"));
    }
}

/// A descending path that does not begin with two dots, which the kubelet keeps for itself.
pub(super) fn not_reserved(path: &str, target: &str, errors: &mut Vec<FieldError>) {
    descending(path, target, errors);
    if target.starts_with("..") && !target.starts_with("../") {
        errors.push(FieldError::invalid(path, target, "must not start with '..'"));
    }
}
