//! What is wrong with a field, in the API server's words (`staging/apimachinery/pkg/util/validation/field/errors.go`).

use super::quote::go_quote;
use crate::api::codec::Json;
use serde_json::Value;

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ErrorKind {
    Required,
    Invalid,
    Duplicate,
    NotSupported,
    NotFound,
    Forbidden,
    TooLong,
    TooMany,
    Internal,
}

impl ErrorKind {
    /// How the API server begins the error.
    pub fn text(self) -> &'static str {
        match self {
            ErrorKind::Required => "Required value",
            ErrorKind::Invalid => "Invalid value",
            ErrorKind::Duplicate => "Duplicate value",
            ErrorKind::NotSupported => "Unsupported value",
            ErrorKind::NotFound => "Not found",
            ErrorKind::Forbidden => "Forbidden",
            ErrorKind::TooLong => "Too long",
            ErrorKind::TooMany => "Too many",
            ErrorKind::Internal => "Internal error",
        }
    }

    fn shows_value(self) -> bool {
        use ErrorKind::*;
        matches!(self, Invalid | Duplicate | NotSupported | NotFound | TooMany)
    }
}

/// One error at one field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldError {
    /// What kind of error.
    pub kind: ErrorKind,
    /// Where: `spec.ports[0].port`. "" prints as `<nil>`, as Go prints a nil path.
    pub path: String,
    /// The bad value as the server prints it (`"x"`, `80`, `{"app":"web"}`); "" when the kind shows none.
    pub value: String,
    /// What is wrong; may be "".
    pub detail: String,
}

/// A value as field errors print it: strings quoted as in Go, numbers plain, everything else as JSON.
pub trait Shown {
    /// The printed value.
    fn shown(&self) -> String;
}

impl Shown for str {
    fn shown(&self) -> String {
        go_quote(self)
    }
}

impl Shown for String {
    fn shown(&self) -> String {
        go_quote(self)
    }
}

macro_rules! shown_plain {
    ($($ty:ty)*) => { $(impl Shown for $ty { fn shown(&self) -> String { self.to_string() } })* };
}
shown_plain!(i32 i64 usize bool);

impl Shown for Value {
    fn shown(&self) -> String {
        match self {
            Value::String(s) => go_quote(s),
            other => other.to_string(),
        }
    }
}

/// Prints a record, list or map as Go's JSON would (with `omitempty`).
pub struct AsJson<'a, T: Json>(pub &'a T);

impl<T: Json> Shown for AsJson<'_, T> {
    fn shown(&self) -> String {
        self.0.encode().shown()
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> String {
        self.as_ref().map_or("null".into(), Shown::shown)
    }
}

/// Already printed.
pub struct Printed(pub String);

impl Shown for Printed {
    fn shown(&self) -> String {
        self.0.clone()
    }
}

impl FieldError {
    fn new(kind: ErrorKind, path: impl Into<String>, value: String, detail: impl Into<String>) -> FieldError {
        FieldError { kind, path: path.into(), value, detail: detail.into() }
    }

    /// A value is missing.
    pub fn required(path: impl Into<String>, detail: impl Into<String>) -> FieldError {
        FieldError::new(ErrorKind::Required, path, String::new(), detail)
    }

    /// A value is wrong.
    pub fn invalid<V: Shown + ?Sized>(path: impl Into<String>, value: &V, detail: impl Into<String>) -> FieldError {
        FieldError::new(ErrorKind::Invalid, path, value.shown(), detail)
    }

    /// A value was there before.
    pub fn duplicate<V: Shown + ?Sized>(path: impl Into<String>, value: &V) -> FieldError {
        FieldError::new(ErrorKind::Duplicate, path, value.shown(), "")
    }

    /// A value is none of a list. The list is printed in the given order.
    pub fn not_supported<V: Shown + ?Sized>(path: impl Into<String>, value: &V, supported: &[&str]) -> FieldError {
        let list: Vec<String> = supported.iter().map(|s| go_quote(s)).collect();
        let detail = if list.is_empty() { String::new() } else { format!("supported values: {}", list.join(", ")) };
        FieldError::new(ErrorKind::NotSupported, path, value.shown(), detail)
    }

    /// A reference points to nothing.
    pub fn not_found<V: Shown + ?Sized>(path: impl Into<String>, value: &V) -> FieldError {
        FieldError::new(ErrorKind::NotFound, path, value.shown(), "")
    }

    /// The field may not be set like this.
    pub fn forbidden(path: impl Into<String>, detail: impl Into<String>) -> FieldError {
        FieldError::new(ErrorKind::Forbidden, path, String::new(), detail)
    }

    /// A value has more than `max` bytes.
    pub fn too_long(path: impl Into<String>, max: usize) -> FieldError {
        FieldError::new(ErrorKind::TooLong, path, String::new(), format!("may not be more than {max} bytes"))
    }

    /// A list has more than `max` items.
    pub fn too_many(path: impl Into<String>, actual: usize, max: usize) -> FieldError {
        let items = if max == 1 { "item" } else { "items" };
        FieldError::new(ErrorKind::TooMany, path, actual.shown(), format!("must have at most {max} {items}"))
    }

    /// Something failed inside the server.
    pub fn internal(path: impl Into<String>, detail: impl Into<String>) -> FieldError {
        FieldError::new(ErrorKind::Internal, path, String::new(), detail)
    }

    /// The error without its path: `Invalid value: 0: must be between 1 and 65535, inclusive`.
    pub fn body(&self) -> String {
        let mut out = self.kind.text().to_string();
        if self.kind.shows_value() {
            out.push_str(": ");
            out.push_str(&self.value);
        }
        if !self.detail.is_empty() {
            out.push_str(": ");
            out.push_str(&self.detail);
        }
        out
    }

    /// The whole error: `spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive`.
    pub fn text(&self) -> String {
        let path = if self.path.is_empty() { "<nil>" } else { &self.path };
        format!("{path}: {}", self.body())
    }
}

/// One `Invalid` for each message.
pub fn push_invalid(errors: &mut Vec<FieldError>, path: &str, value: &str, messages: Vec<String>) {
    errors.extend(messages.into_iter().map(|m| FieldError::invalid(path, value, m)));
}

/// The texts of errors as Go prints an aggregate: one as it is, several in brackets, equal ones once.
pub fn aggregate(errors: &[FieldError]) -> String {
    let mut texts: Vec<String> = vec![];
    for error in errors {
        let text = error.text();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    if texts.len() == 1 { texts.remove(0) } else { format!("[{}]", texts.join(", ")) }
}
