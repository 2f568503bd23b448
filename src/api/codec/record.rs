//! Structs with a JSON form: the [`record!`](crate::record) macro that declares them, and the way every such struct is read
//! and written.
//!
//! Promises: fields are decoded in the order of the text and written in the order of the declaration; a field that the struct
//! does not have is noted, but for `apiVersion` and `kind` of the object itself.

use super::Decoder;
use serde_json::{Map, Value};

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
    d.enter(T::GO_NAME);
    for (key, value) in map {
        let known = d.in_field(key, |d| record.set_field(key, value, d));
        if !known && !(d.at_root() && (key == "apiVersion" || key == "kind")) {
            d.unknown_field(key);
        }
    }
    d.leave();
    Some(record)
}

/// Encodes a struct.
pub fn encode_record<T: Record>(record: &T) -> Value {
    let mut out = Map::new();
    record.write_fields(&mut out);
    Value::Object(out)
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
