//! How typed objects become JSON trees and come back, as Go's decoder with strict field checking would do it.
//!
//! Promises: decoding never panics; unknown fields are collected in the order of the text; the first wrong type
//! is reported in Go's words; a value that was decoded and encoded again is the same but for Go's `omitempty`.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

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
        let from = kind_in_tree(value);
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
        self.wrong(value, go_type, |_| format!("cannot restore struct from: {}", kind_in_tree(value)));
    }

    /// The same for a type that reads itself (`IntOrString`): the converter, too, has it read JSON.
    pub fn wrong_by_itself(&mut self, value: &Value, go_type: &str) {
        self.wrong(value, go_type, |found| format!("json: cannot unmarshal {found} into Go value of type {go_type}"));
    }

    fn wrong(&mut self, value: &Value, go_type: &str, converter: impl FnOnce(&str) -> String) {
        let found = match value {
            Value::String(_) => "string".to_string(),
            Value::Number(n) if go_type.starts_with("int") => format!("number {n}"),
            Value::Number(_) => "number".to_string(),
            Value::Bool(_) => "bool".to_string(),
            Value::Array(_) => "array".to_string(),
            Value::Object(_) => "object".to_string(),
            Value::Null => return,
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
        "int32" | "int64" => format!("expected numeric (int or float), got {}", kind_in_tree(value)),
        "bool" => format!("expected boolean, got &value.valueUnstructured{{Value:{value}}}"),
        "string" => format!("expected string, got &value.valueUnstructured{{Value:{value}}}"),
        list if list.starts_with("[]") => format!("expected list, got &{{{value}}}"),
        _ => format!("expected map, got &{{{}}}", value.as_str().map_or_else(|| value.to_string(), str::to_string)),
    }
}

/// Go's name for what a value of a tree is kept as.
fn kind_in_tree(value: &Value) -> &'static str {
    match value {
        Value::Null => "invalid",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "slice",
        Value::Object(_) => "map",
    }
}

/// A type with a JSON form.
pub trait Json: Sized {
    /// Go's name of the type, for error texts.
    fn go_type() -> String;
    /// `None` when the value is null or of a wrong type (which `d` then knows).
    fn decode(value: &Value, d: &mut Decoder) -> Option<Self>;
    /// The JSON form.
    fn encode(&self) -> Value;
    /// Whether Go's `omitempty` would leave it out.
    fn is_empty(&self) -> bool {
        false
    }
}

/// A struct whose fields the [`record!`](crate::record) macro listed.
pub trait Record: Default {
    /// The Go struct's name.
    const GO_NAME: &'static str;
    /// Decodes one field; false when there is no field of that name.
    fn set_field(&mut self, key: &str, value: &Value, d: &mut Decoder) -> bool;
    /// Writes all fields that are not left out.
    fn write_fields(&self, out: &mut Map<String, Value>);
}

/// Decodes a struct field by field, in the order of the text.
pub fn decode_record<T: Record>(value: &Value, d: &mut Decoder) -> Option<T> {
    let map = match value {
        Value::Object(map) => map,
        Value::Null => return None,
        other => {
            d.wrong_struct(other, &format!("v1.{}", T::GO_NAME));
            return None;
        }
    };
    let mut record = T::default();
    d.structs.push(T::GO_NAME);
    for (key, value) in map {
        let known = d.at(Step::Field(key.clone()), |d| record.set_field(key, value, d));
        if !known && !(d.path.is_empty() && (key == "apiVersion" || key == "kind")) {
            d.unknown_field(key);
        }
    }
    d.structs.pop();
    Some(record)
}

/// Encodes a struct.
pub fn encode_record<T: Record>(record: &T) -> Value {
    let mut out = Map::new();
    record.write_fields(&mut out);
    Value::Object(out)
}

impl Json for String {
    fn go_type() -> String {
        "string".into()
    }
    fn decode(value: &Value, d: &mut Decoder) -> Option<Self> {
        match value {
            Value::String(s) => Some(s.clone()),
            other => {
                d.wrong_type(other, "string");
                None
            }
        }
    }
    fn encode(&self) -> Value {
        Value::String(self.clone())
    }
    fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }
}

impl Json for bool {
    fn go_type() -> String {
        "bool".into()
    }
    fn decode(value: &Value, d: &mut Decoder) -> Option<Self> {
        match value {
            Value::Bool(b) => Some(*b),
            other => {
                d.wrong_type(other, "bool");
                None
            }
        }
    }
    fn encode(&self) -> Value {
        Value::Bool(*self)
    }
    fn is_empty(&self) -> bool {
        !self
    }
}

macro_rules! json_int {
    ($ty:ty, $go:literal) => {
        impl Json for $ty {
            fn go_type() -> String {
                $go.into()
            }
            fn decode(value: &Value, d: &mut Decoder) -> Option<Self> {
                let number = value.as_i64().and_then(|n| <$ty>::try_from(n).ok());
                if number.is_none() {
                    d.wrong_type(value, $go);
                }
                number
            }
            fn encode(&self) -> Value {
                Value::from(*self)
            }
            fn is_empty(&self) -> bool {
                *self == 0
            }
        }
    };
}
json_int!(i32, "int32");
json_int!(i64, "int64");

/// An opaque tree: kept as it is, never looked into.
impl Json for Value {
    fn go_type() -> String {
        "interface {}".into()
    }
    fn decode(value: &Value, _d: &mut Decoder) -> Option<Self> {
        Some(value.clone())
    }
    fn encode(&self) -> Value {
        self.clone()
    }
    fn is_empty(&self) -> bool {
        self.is_null()
    }
}

impl<T: Json> Json for Option<T> {
    fn go_type() -> String {
        T::go_type()
    }
    fn decode(value: &Value, d: &mut Decoder) -> Option<Self> {
        if value.is_null() { None } else { T::decode(value, d).map(Some) }
    }
    fn encode(&self) -> Value {
        self.as_ref().map_or(Value::Null, Json::encode)
    }
    fn is_empty(&self) -> bool {
        self.is_none()
    }
}

impl<T: Json + Default> Json for Vec<T> {
    fn go_type() -> String {
        format!("[]{}", T::go_type())
    }
    fn decode(value: &Value, d: &mut Decoder) -> Option<Self> {
        match value {
            Value::Array(items) => Some(
                items.iter().enumerate().map(|(i, v)| d.at(Step::Index(i), |d| T::decode(v, d)).unwrap_or_default()).collect(),
            ),
            other => {
                d.wrong_type(other, &Self::go_type());
                None
            }
        }
    }
    fn encode(&self) -> Value {
        Value::Array(self.iter().map(Json::encode).collect())
    }
    fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl<T: Json + Default> Json for BTreeMap<String, T> {
    fn go_type() -> String {
        format!("map[string]{}", T::go_type())
    }
    fn decode(value: &Value, d: &mut Decoder) -> Option<Self> {
        match value {
            Value::Object(map) => Some(
                map.iter()
                    .map(|(k, v)| (k.clone(), d.at(Step::Key(k.clone()), |d| T::decode(v, d)).unwrap_or_default()))
                    .collect(),
            ),
            other => {
                d.wrong_type(other, &Self::go_type());
                None
            }
        }
    }
    fn encode(&self) -> Value {
        Value::Object(self.iter().map(|(k, v)| (k.clone(), v.encode())).collect())
    }
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Declares a struct with its JSON form. A line is `"jsonName" rust_name: Type,`; `= always` behind the type means
/// that Go has no `omitempty` there (structs held by value are always written, too: mark them); `= nil` the same for a
/// list that Go writes as null when it is empty. `as SHAPE` behind the type: the value is what Go's type of that
/// [shape](crate::api::shapes) holds. `named "X"` behind the struct's name: Go's name is X.
#[macro_export]
macro_rules! record {
    ($(#[$doc:meta])* pub struct $name:ident $(named $go:literal)? { $($(#[$fdoc:meta])* $json:literal $field:ident : $ty:ty $(as $shape:ident)? $(= $mode:ident)?),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name { $($(#[$fdoc])* #[doc = concat!("`", $json, "`")] pub $field: $ty),* }

        impl $crate::api::codec::Record for $name {
            const GO_NAME: &'static str = $crate::record!(@name $name $($go)?);
            fn set_field(&mut self, key: &str, value: &serde_json::Value, d: &mut $crate::api::codec::Decoder) -> bool {
                match key {
                    $($json => {
                        $(let value = &$crate::api::shapes::Type::decode($shape, value, d);)?
                        if let Some(v) = <$ty as $crate::api::codec::Json>::decode(value, d) { self.$field = v; }
                    })*
                    _ => return false,
                }
                true
            }
            fn write_fields(&self, out: &mut serde_json::Map<String, serde_json::Value>) {
                $($crate::record!(@write self, out, $json, $field $(, $mode)?);)*
            }
        }

        impl $crate::api::codec::Json for $name {
            fn go_type() -> String { concat!("v1.", $crate::record!(@name $name $($go)?)).into() }
            fn decode(value: &serde_json::Value, d: &mut $crate::api::codec::Decoder) -> Option<Self> {
                $crate::api::codec::decode_record(value, d)
            }
            fn encode(&self) -> serde_json::Value { $crate::api::codec::encode_record(self) }
        }
    };
    (@name $name:ident) => { stringify!($name) };
    (@name $name:ident $go:literal) => { $go };
    (@write $self:ident, $out:ident, $json:literal, $field:ident, always) => {
        $out.insert($json.to_string(), $crate::api::codec::Json::encode(&$self.$field));
    };
    (@write $self:ident, $out:ident, $json:literal, $field:ident, nil) => {
        let value = &$self.$field;
        let empty = $crate::api::codec::Json::is_empty(value);
        $out.insert($json.to_string(), if empty { serde_json::Value::Null } else { $crate::api::codec::Json::encode(value) });
    };
    (@write $self:ident, $out:ident, $json:literal, $field:ident) => {
        if !$crate::api::codec::Json::is_empty(&$self.$field) {
            $out.insert($json.to_string(), $crate::api::codec::Json::encode(&$self.$field));
        }
    };
}
