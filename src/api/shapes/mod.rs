//! Parts of objects that the lab keeps as trees: which fields they have in Go, and of which types.
//!
//! Promises: such a part is decoded as strictly as a record (unknown fields and wrong types are found, in Go's words)
//! and comes back as Go would write it: what is empty is left out. As tables they cost a fraction of a record's code.

pub mod affinity;
pub mod base64;
pub mod env;
pub mod networking;
pub mod security;
pub mod spec;
pub mod text;
pub mod volume;

use super::codec::{Decoder, Json};
use super::scalar::{IntOrString, Quantity};
use serde_json::{Map, Value};

/// A Go type.
#[derive(Clone, Copy)]
pub enum Type {
    /// A string; Go's name of the type (`string`, `v1.Protocol`).
    Text(&'static str),
    /// A bool.
    Flag,
    /// An int32.
    Int32,
    /// An int64.
    Int64,
    /// A number or a string.
    IntOrText,
    /// A resource amount.
    Amount,
    /// Bytes, in base64.
    Bytes,
    /// A struct.
    Record(&'static Shape),
    /// A slice.
    List(&'static Type),
    /// A map with string keys.
    Map(&'static Type),
    /// Anything: not looked into.
    Any,
}

/// A Go struct.
pub struct Shape {
    /// Go's name of it, without the package.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

/// JSON name, type, and when it is written.
pub struct Field(pub &'static str, pub Type, pub Kept);

/// When Go writes a field.
#[derive(Clone, Copy, PartialEq)]
pub enum Kept {
    /// When it is not empty (`omitempty` on a value).
    Filled,
    /// When it is set, even to its zero value (`omitempty` on a pointer).
    Set,
    /// Always.
    Always,
}

/// A plain string.
pub const STRING: Type = Type::Text("string");
/// Strings.
pub const STRINGS: Type = Type::List(&STRING);
/// Strings by string.
pub const STRING_MAP: Type = Type::Map(&STRING);

/// A value that is left out when it is empty.
pub(crate) const fn filled(name: &'static str, holds: Type) -> Field {
    Field(name, holds, Kept::Filled)
}

/// A pointer.
pub(crate) const fn set(name: &'static str, holds: Type) -> Field {
    Field(name, holds, Kept::Set)
}

/// A value that is always written.
pub(crate) const fn always(name: &'static str, holds: Type) -> Field {
    Field(name, holds, Kept::Always)
}

impl Type {
    /// Go's name of it.
    fn go(self) -> String {
        match self {
            Type::Text(name) => name.into(),
            Type::Flag => "bool".into(),
            Type::Int32 | Type::IntOrText => "int32".into(),
            Type::Int64 => "int64".into(),
            Type::Amount => "resource.Quantity".into(),
            Type::Bytes => "[]uint8".into(),
            Type::Record(shape) => format!("v1.{}", shape.name),
            Type::List(of) => format!("[]{}", of.go()),
            Type::Map(of) => format!("map[string]{}", of.go()),
            Type::Any => "interface {}".into(),
        }
    }

    /// What stands in Go where nothing was given.
    fn zero(self) -> Value {
        match self {
            Type::Text(_) | Type::Bytes => Value::String(String::new()),
            Type::Flag => Value::Bool(false),
            Type::Int32 | Type::Int64 | Type::IntOrText => Value::from(0),
            Type::Amount => Value::String("0".into()),
            Type::Record(shape) => shape.filled(&mut Map::new()),
            Type::List(_) | Type::Map(_) | Type::Any => Value::Null,
        }
    }

    /// The value as Go keeps it: null when it is absent or of a wrong type, which `d` then knows.
    pub fn decode(self, value: &Value, d: &mut Decoder) -> Value {
        let kept = match (self, value) {
            (_, Value::Null) => return Value::Null,
            (Type::Text(_), Value::String(_)) | (Type::Flag, Value::Bool(_)) | (Type::Any, _) => Some(value.clone()),
            (Type::Int32, Value::Number(n)) => n.as_i64().filter(|n| i32::try_from(*n).is_ok()).map(Value::from),
            (Type::Int64, Value::Number(n)) => n.as_i64().map(Value::from),
            (Type::IntOrText, _) => return IntOrString::decode(value, d).map_or(Value::Null, |v| v.encode()),
            (Type::Amount, _) => return Quantity::decode(value, d).map_or(Value::Null, |v| v.encode()),
            (Type::Bytes, Value::String(text)) => {
                if let Some(at) = base64::illegal_at(text) {
                    d.fail(format!("illegal base64 data at input byte {at}"));
                }
                Some(value.clone())
            }
            (Type::Record(shape), Value::Object(map)) => Some(shape.decode(map, d)),
            (Type::List(of), Value::Array(items)) => {
                let one = |(i, item): (usize, &Value)| or_zero(*of, d.in_item(i, |d| of.decode(item, d)));
                Some(Value::Array(items.iter().enumerate().map(one).collect()))
            }
            (Type::Map(of), Value::Object(map)) => {
                let one = |(key, item): (&String, &Value)| (key.clone(), or_zero(*of, d.in_entry(key, |d| of.decode(item, d))));
                Some(Value::Object(map.iter().map(one).collect()))
            }
            _ => None,
        };
        kept.unwrap_or_else(|| {
            match self {
                Type::Record(_) => d.wrong_struct(value, &self.go()),
                _ => d.wrong_type(value, &self.go()),
            }
            Value::Null
        })
    }
}

fn or_zero(of: Type, value: Value) -> Value {
    if value.is_null() { of.zero() } else { value }
}

impl Shape {
    fn decode(&self, map: &Map<String, Value>, d: &mut Decoder) -> Value {
        let mut found = Map::new();
        d.enter(self.name);
        for (key, value) in map {
            match self.fields.iter().find(|f| f.0 == key) {
                Some(field) => {
                    let value = d.in_field(key, |d| field.1.decode(value, d));
                    found.insert(key.clone(), value);
                }
                None => d.unknown_field(key),
            }
        }
        d.leave();
        self.filled(&mut found)
    }

    /// The struct as Go writes it, of the fields that were given.
    fn filled(&self, found: &mut Map<String, Value>) -> Value {
        let mut out = Map::new();
        for Field(name, holds, kept) in self.fields {
            let value = found.remove(*name).unwrap_or(Value::Null);
            // A struct held by value is never empty for Go.
            let kept =
                if *kept == Kept::Filled && matches!(holds, Type::Record(_) | Type::Amount) { Kept::Always } else { *kept };
            match kept {
                Kept::Always => drop(out.insert((*name).into(), or_zero(*holds, value))),
                Kept::Filled if !is_empty(&value) => drop(out.insert((*name).into(), value)),
                Kept::Set if !value.is_null() => drop(out.insert((*name).into(), value)),
                _ => {}
            }
        }
        Value::Object(out)
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(b) => !b,
        Value::Number(n) => n.as_i64() == Some(0),
        Value::String(s) => s.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}
