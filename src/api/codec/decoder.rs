//! What is wrong with a tree, noted while it is being decoded: unknown fields and wrong types, each with its place.
//!
//! Promises: a wrong type is told in the words of each of Go's readers (`encoding/json`, the converter from trees, server-side
//! apply), because which of them reads an object depends on the request; only the first wrong type is kept, as in Go.

use super::kinds;
use serde_json::Value;

/// One step from the root of an object to a field.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Field(String),
    Index(usize),
    Key(String),
}

/// Collects what is wrong with a tree while it is being decoded.
#[derive(Debug, Default)]
pub struct Decoder {
    path: Vec<Step>,
    structs: Vec<&'static str>,
    /// Full texts of unknown fields (`unknown field "spec.foo"`), in order.
    pub unknown: Vec<String>,
    /// The first wrong type, in the words of Go's encoding/json.
    pub type_error: Option<String>,
    /// The same in the words of the converter from trees (`apimachinery/pkg/runtime/converter.go`), which reads
    /// objects that a strategic merge patch has changed.
    pub convert_error: Option<String>,
    /// Where the first wrong type stands (`f:name`, `i:0`), and the words of server-side apply for it.
    pub typed_error: Option<(Vec<String>, String)>,
}

impl Decoder {
    /// Runs `f` with `step` appended to the path.
    fn at<R>(&mut self, step: Step, f: impl FnOnce(&mut Self) -> R) -> R {
        self.path.push(step);
        let result = f(self);
        self.path.pop();
        result
    }

    /// The path with indices and keys (`spec.ports[0].port`), as field errors print it.
    pub fn path(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            match step {
                Step::Field(name) if out.is_empty() => out.push_str(name),
                Step::Field(name) => {
                    out.push('.');
                    out.push_str(name);
                }
                Step::Index(i) => out.push_str(&format!("[{i}]")),
                Step::Key(k) => out.push_str(&format!("[{k}]")),
            }
        }
        out
    }

    /// Whether the object itself is being decoded, and none of its fields.
    pub(super) fn at_root(&self) -> bool {
        self.path.is_empty()
    }

    fn steps(&self) -> Vec<String> {
        let step = |step: &Step| match step {
            Step::Field(name) | Step::Key(name) => format!("f:{name}"),
            Step::Index(i) => format!("i:{i}"),
        };
        self.path.iter().map(step).collect()
    }

    fn field_path(&self) -> String {
        let fields: Vec<&str> =
            self.path.iter().filter_map(|s| if let Step::Field(f) = s { Some(f.as_str()) } else { None }).collect();
        fields.join(".")
    }

    /// Notes that `value` cannot become the Go type `go_type` here. Only the first such note is kept, as in Go.
    pub fn wrong_type(&mut self, value: &Value, go_type: &str) {
        let from = kinds::reflect_kind(value);
        self.wrong(value, go_type, |_| match go_type {
            list if list.starts_with("[]") => format!("cannot restore slice from {from}"),
            map if map.starts_with("map[") => format!("cannot restore map from {from}"),
            "bool" => "unrecognized type: bool".into(),
            "int32" | "int64" if from == "float64" => format!("cannot convert float64 to {go_type}"),
            "int32" | "int64" => format!("unrecognized type: {go_type}"),
            _ if from == "int64" => format!("cannot convert int64 to {go_type}"),
            _ => "unrecognized type: string".into(),
        });
    }

    /// Notes that `value` cannot become a struct.
    pub fn wrong_struct(&mut self, value: &Value, go_type: &str) {
        self.wrong(value, go_type, |_| format!("cannot restore struct from: {}", kinds::reflect_kind(value)));
    }

    /// The same for a type that reads itself (`IntOrString`): the converter, too, has it read JSON.
    pub fn wrong_by_itself(&mut self, value: &Value, go_type: &str) {
        self.wrong(value, go_type, |found| format!("json: cannot unmarshal {found} into Go value of type {go_type}"));
    }

    fn wrong(&mut self, value: &Value, go_type: &str, converter: impl FnOnce(&str) -> String) {
        let found = match value {
            Value::Null => return,
            Value::Number(n) if go_type.starts_with("int") => format!("number {n}"),
            other => kinds::json_type(other).to_string(),
        };
        let place = match self.structs.last() {
            Some(name) if !self.path.is_empty() => format!("Go struct field {name}.{} of type {go_type}", self.field_path()),
            _ => format!("Go value of type {go_type}"),
        };
        if self.typed_error.is_none() {
            self.typed_error = Some((self.steps(), typed_words(value, go_type)));
        }
        self.convert_error.get_or_insert_with(|| converter(&found));
        self.type_error.get_or_insert_with(|| format!("json: cannot unmarshal {found} into {place}"));
    }

    /// Notes an error with a text of its own (times, quantities).
    pub fn fail(&mut self, text: String) {
        self.convert_error.get_or_insert_with(|| text.clone());
        self.type_error.get_or_insert(text);
    }

    /// Runs `f` one field deeper.
    pub fn in_field<R>(&mut self, name: &str, f: impl FnOnce(&mut Self) -> R) -> R {
        self.at(Step::Field(name.to_string()), f)
    }

    /// Runs `f` at an element of a list.
    pub fn in_item<R>(&mut self, index: usize, f: impl FnOnce(&mut Self) -> R) -> R {
        self.at(Step::Index(index), f)
    }

    /// Runs `f` at an entry of a map.
    pub fn in_entry<R>(&mut self, key: &str, f: impl FnOnce(&mut Self) -> R) -> R {
        self.at(Step::Key(key.to_string()), f)
    }

    /// The struct that is being decoded, for error texts; [`leave`](Self::leave) it afterwards.
    pub fn enter(&mut self, go_struct: &'static str) {
        self.structs.push(go_struct);
    }

    /// Back to the struct around.
    pub fn leave(&mut self) {
        self.structs.pop();
    }

    /// Notes that the struct here has no such field.
    pub fn unknown_field(&mut self, key: &str) {
        let text = self.at(Step::Field(key.to_string()), |d| format!("unknown field {:?}", d.path()));
        self.unknown.push(text);
    }
}

/// What a typed value says of another type (`structured-merge-diff/typed/validate.go`).
fn typed_words(value: &Value, go_type: &str) -> String {
    match go_type {
        "int32" | "int64" => format!("expected numeric (int or float), got {}", kinds::reflect_kind(value)),
        "bool" => format!("expected boolean, got &value.valueUnstructured{{Value:{value}}}"),
        "string" => format!("expected string, got &value.valueUnstructured{{Value:{value}}}"),
        list if list.starts_with("[]") => format!("expected list, got &{{{value}}}"),
        _ => format!("expected map, got &{{{}}}", value.as_str().map_or_else(|| value.to_string(), str::to_string)),
    }
}
