//! The JSON form of what records are made of: texts, numbers, flags, lists, maps and opaque trees.
//!
//! Promises: an element of a list or map that cannot be read is its type's default and keeps its place, as in Go.

use super::{Decoder, Json};
use serde_json::Value;
use std::collections::BTreeMap;

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
            Value::Array(items) => {
                Some(items.iter().enumerate().map(|(i, v)| d.in_item(i, |d| T::decode(v, d)).unwrap_or_default()).collect())
            }
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
            Value::Object(map) => {
                Some(map.iter().map(|(k, v)| (k.clone(), d.in_entry(k, |d| T::decode(v, d)).unwrap_or_default())).collect())
            }
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
