//! Objects of kinds that nobody in the lab acts on: kept as they were sent, with their defaults.

use super::codec::{Decoder, Json};
use super::meta::ObjectMeta;
use super::object::Kind;
use super::shapes::{Type, networking};
use serde_json::{Map, Value};

/// An object whose fields beside its metadata are a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Plain {
    /// Its kind.
    pub kind: Kind,
    /// Its metadata.
    pub meta: ObjectMeta,
    /// Its other fields by name: `spec`, `status`, `rules`…
    pub body: Map<String, Value>,
}

impl Plain {
    /// Reads an object. Problems are left in `d`.
    pub fn decode(kind: Kind, value: &Value, d: &mut Decoder) -> Option<Plain> {
        let Value::Object(map) = value else {
            d.wrong_struct(value, &format!("v1.{}", kind.info().name));
            return None;
        };
        let mut plain = Plain { kind, meta: ObjectMeta::default(), body: Map::new() };
        d.enter(kind.info().name);
        for (key, value) in map {
            match key.as_str() {
                "apiVersion" | "kind" => {}
                "metadata" => plain.meta = d.in_field(key, |d| ObjectMeta::decode(value, d)).unwrap_or_default(),
                key if fields(kind).contains(&key) => {
                    let kept = match shape(kind, key) {
                        Some(shape) => d.in_field(key, |d| shape.decode(value, d)),
                        None => value.clone(),
                    };
                    if !kept.is_null() {
                        plain.body.insert(key.into(), kept);
                    }
                }
                key => d.unknown_field(key),
            }
        }
        d.leave();
        Some(plain)
    }

    /// Writes it.
    pub fn encode(&self) -> Value {
        let mut map = self.body.clone();
        map.insert("metadata".into(), self.meta.encode());
        Value::Object(map)
    }

    /// A field by its path; null when there is none.
    pub fn at(&self, path: &[&str]) -> &Value {
        let mut value = self.body.get(path[0]).unwrap_or(&Value::Null);
        for name in &path[1..] {
            value = &value[*name];
        }
        value
    }

    /// The texts of a map: quantities by resource, labels.
    pub fn texts(&self, path: &[&str]) -> Vec<(&str, String)> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
        self.at(path).as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), text(value))).collect()
    }
}

/// The fields that an object of a kind has beside its metadata.
fn fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::LimitRange | Kind::NetworkPolicy | Kind::IngressClass | Kind::IPAddress => &["spec"],
        Kind::Role => &["rules"],
        Kind::ClusterRole => &["rules", "aggregationRule"],
        Kind::RoleBinding | Kind::ClusterRoleBinding => &["roleRef", "subjects"],
        Kind::PriorityClass => &["value", "globalDefault", "description", "preemptionPolicy"],
        _ => &["spec", "status"],
    }
}

/// What a field holds, where the lab knows it.
fn shape(kind: Kind, field: &str) -> Option<Type> {
    match (kind, field) {
        (Kind::Ingress, "spec") => Some(networking::INGRESS_SPEC),
        (Kind::Ingress, "status") => Some(networking::INGRESS_STATUS),
        (Kind::IngressClass, "spec") => Some(networking::INGRESS_CLASS_SPEC),
        (Kind::NetworkPolicy, "spec") => Some(networking::NETWORK_POLICY_SPEC),
        _ => None,
    }
}

/// A part of a tree as a type; what does not fit is left out.
pub fn typed<T: Json + Default>(value: &Value) -> T {
    T::decode(value, &mut Decoder::default()).unwrap_or_default()
}
