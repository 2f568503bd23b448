//! A Pod's spec as the API server's own (internal) types would print it as JSON: Go's field names in Go's order, and
//! every field, set or not (`pkg/apis/core/types.go`). Only the text of a refused Pod update needs it.
//!
//! Published outputs of 1.37 count four lines more in the token's volume than the fields known to us by name, and one
//! more between a container's resources and the end of the containers. [`NEWER`] keeps their places: line numbers are
//! right, and a change next to such a line shows it under that name.

mod container;
mod spec;
mod volume;

use container::SECURITY;
use serde_json::Value;
use spec::POD_SPEC;

/// What a field holds.
#[derive(Clone, Copy)]
enum Holds {
    /// Pointer, list or map that is printed as it is: null when unset.
    Any,
    Text,
    Number,
    Flag,
    /// A struct by value.
    Struct(Shape),
    /// A pointer to a struct.
    Pointer(Shape),
    /// A list of structs.
    List(Shape),
}
use Holds::*;

/// Go name, JSON name, and what it holds. An empty JSON name: the field is taken from the same object.
type Shape = &'static [(&'static str, &'static str, Holds)];

/// A field of 1.37 whose name we could not learn.
const NEWER: (&str, &str, Holds) = ("Newer", "newer", Any);

/// The lines of the spec's internal form, indented by one space.
pub(super) fn lines(spec: &Value) -> Vec<String> {
    let mut out = Lines::default();
    out.shape(spec, POD_SPEC, "", "");
    out.0
}

/// A container's security context as the server prints its internal form, on one line.
pub(super) fn security_context(context: &Value) -> String {
    let mut out = Lines::default();
    out.shape(context, SECURITY, "", "");
    out.0.iter().map(|line| line.trim().replacen("\": ", "\":", 1)).collect()
}

#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn block<T>(&mut self, pad: &str, lead: &str, brackets: [&str; 2], parts: &[T], mut each: impl FnMut(&mut Lines, &str, &T)) {
        if parts.is_empty() {
            self.0.push(format!("{pad}{lead}{}{}", brackets[0], brackets[1]));
            return;
        }
        self.0.push(format!("{pad}{lead}{}", brackets[0]));
        let inner = format!("{pad} ");
        for (i, part) in parts.iter().enumerate() {
            each(self, &inner, part);
            if i + 1 < parts.len()
                && let Some(last) = self.0.last_mut()
            {
                last.push(',');
            }
        }
        self.0.push(format!("{pad}{}", brackets[1]));
    }

    fn shape(&mut self, value: &Value, shape: Shape, pad: &str, lead: &str) {
        self.block(pad, lead, ["{", "}"], shape, |out, pad, (name, json, holds)| {
            let field = json.split('/').filter(|part| !part.is_empty()).fold(value, |value, part| &value[part]);
            out.field(field, *holds, pad, &format!("\"{name}\": "));
        });
    }

    fn field(&mut self, value: &Value, holds: Holds, pad: &str, lead: &str) {
        match (holds, value) {
            (Struct(shape), value) | (Pointer(shape), value @ Value::Object(_)) => self.shape(value, shape, pad, lead),
            (List(shape), Value::Array(items)) if !items.is_empty() => {
                self.block(pad, lead, ["[", "]"], items, |out, pad, item| out.shape(item, shape, pad, ""));
            }
            (Text, Value::Null) => self.0.push(format!("{pad}{lead}\"\"")),
            (Number, Value::Null) => self.0.push(format!("{pad}{lead}0")),
            (Flag, Value::Null) => self.0.push(format!("{pad}{lead}false")),
            _ => self.plain(value, pad, lead),
        }
    }

    fn plain(&mut self, value: &Value, pad: &str, lead: &str) {
        match value {
            Value::Object(map) => {
                let parts: Vec<(&String, &Value)> = map.iter().collect();
                self.block(pad, lead, ["{", "}"], &parts, |out, pad, (key, value)| {
                    out.plain(value, pad, &format!("{}: ", Value::from(key.as_str())));
                });
            }
            Value::Array(items) => self.block(pad, lead, ["[", "]"], items, |out, pad, item| out.plain(item, pad, "")),
            other => self.0.push(format!("{pad}{lead}{other}")),
        }
    }
}
