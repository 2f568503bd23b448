//! Values while a template runs: JSON's, with Go's types around them.

use super::super::go;
use serde_json::Value;
use std::borrow::Cow;

/// A value, or the lack of one.
#[derive(Debug, Clone)]
pub struct Val<'a> {
    pub data: Data<'a>,
    /// Whether Go would hold it in an `interface {}` (what comes out of a map or list), which some messages show.
    pub wrapped: bool,
}

#[derive(Debug, Clone)]
pub enum Data<'a> {
    /// No value at all (`<no value>`).
    Invalid,
    /// What the object or a function gives; `null` is Go's nil interface.
    Json(Cow<'a, Value>),
    /// A number of the template itself, or a count.
    Int(i64),
}

impl<'a> Val<'a> {
    pub const INVALID: Self = Self { data: Data::Invalid, wrapped: false };

    /// A part of a map or list.
    pub fn part(value: &'a Value) -> Self {
        Self { data: Data::Json(Cow::Borrowed(value)), wrapped: true }
    }

    pub fn int(n: i64) -> Self {
        Self { data: Data::Int(n), wrapped: false }
    }

    pub fn own(value: Value) -> Self {
        Self { data: Data::Json(Cow::Owned(value)), wrapped: false }
    }

    pub fn nil() -> Self {
        Self { data: Data::Json(Cow::Owned(Value::Null)), wrapped: true }
    }

    /// Takes it out of its interface; a nil interface holds nothing.
    pub fn unwrapped(self) -> Self {
        match self.data {
            Data::Json(value) if value.is_null() => Self::INVALID,
            data => Self { data, wrapped: false },
        }
    }

    pub fn json(&self) -> Option<&Value> {
        match &self.data {
            Data::Json(value) => Some(value),
            _ => None,
        }
    }

    /// A whole number, the template's or the object's.
    pub fn as_int(&self) -> Option<i64> {
        match &self.data {
            Data::Int(n) => Some(*n),
            Data::Json(value) => value.as_i64(),
            Data::Invalid => None,
        }
    }

    pub fn is_nil(&self) -> bool {
        self.json().is_some_and(Value::is_null)
    }

    pub fn is_invalid(&self) -> bool {
        matches!(self.data, Data::Invalid)
    }

    /// Neither zero nor empty.
    pub fn truth(&self) -> bool {
        match &self.data {
            Data::Invalid => false,
            Data::Int(n) => *n != 0,
            Data::Json(value) => match value.as_ref() {
                Value::Null => false,
                Value::Bool(b) => *b,
                Value::Number(n) => n.as_f64() != Some(0.0),
                Value::String(s) => !s.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(map) => !map.is_empty(),
            },
        }
    }

    /// `%v`; nothing is `<nil>`.
    pub fn plain(&self) -> String {
        match &self.data {
            Data::Invalid => "<nil>".to_owned(),
            Data::Int(n) => n.to_string(),
            Data::Json(value) => go::plain(value),
        }
    }

    /// The Go type of what it holds.
    pub fn type_name(&self) -> &'static str {
        match &self.data {
            Data::Invalid => "<nil>",
            Data::Int(_) => "int",
            Data::Json(value) => go::type_name(value),
        }
    }

    /// The value's key or element.
    pub fn get(&self, find: impl Fn(&Value) -> Option<&Value>) -> Option<Val<'a>> {
        match &self.data {
            Data::Json(Cow::Borrowed(value)) => find(value).map(Val::part),
            Data::Json(Cow::Owned(value)) => find(value).map(|v| Val { data: Data::Json(Cow::Owned(v.clone())), wrapped: true }),
            _ => None,
        }
    }

    /// Keys (or indexes) and elements of a map or list; none of nothing; `None` for what has no elements.
    pub fn entries(&self) -> Option<Vec<(Val<'a>, Val<'a>)>> {
        let Data::Json(value) = &self.data else {
            return self.is_invalid().then(Vec::new);
        };
        let key = |k: &String| Val::own(Value::String(k.clone()));
        let owned = |v: &Value| Val { data: Data::Json(Cow::Owned(v.clone())), wrapped: true };
        Some(match value {
            Cow::Borrowed(Value::Array(items)) => {
                items.iter().enumerate().map(|(i, v)| (Val::int(i as i64), Val::part(v))).collect()
            }
            Cow::Borrowed(Value::Object(map)) => map.iter().map(|(k, v)| (key(k), Val::part(v))).collect(),
            Cow::Owned(Value::Array(items)) => items.iter().enumerate().map(|(i, v)| (Val::int(i as i64), owned(v))).collect(),
            Cow::Owned(Value::Object(map)) => map.iter().map(|(k, v)| (key(k), owned(v))).collect(),
            value if value.is_null() => Vec::new(),
            _ => return None,
        })
    }
}
