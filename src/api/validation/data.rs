//! ConfigMaps and Secrets (`pkg/apis/core/validation/validation.go`, ValidateConfigMap, ValidateSecret).

use super::field::{FieldError, push_invalid};
use super::{meta, names};
use crate::api::meta::{ObjectMeta, StringMap};
use crate::api::node::{ConfigMap, Secret};
use crate::api::shapes::base64;

/// Bytes that one object may hold.
const MAX_BYTES: usize = 1 << 20;
const IMMUTABLE: &str = "field is immutable when `immutable` is set";

pub(super) fn create_config_map(map: &ConfigMap) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(&map.meta, true, names::dns1123_subdomain, &mut errors);
    config_map(map, &mut errors);
    errors
}

pub(super) fn update_config_map(new: &ConfigMap, old: &ConfigMap) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    if old.immutable == Some(true) {
        let changed = [
            ("immutable", new.immutable != Some(true)),
            ("data", new.data != old.data),
            ("binaryData", new.binary_data != old.binary_data),
        ];
        forbid(&changed, &mut errors);
    }
    named(&new.meta, &mut errors);
    config_map(new, &mut errors);
    errors
}

fn forbid(changed: &[(&str, bool)], errors: &mut Vec<FieldError>) {
    errors.extend(changed.iter().filter(|(_, is)| *is).map(|(field, _)| FieldError::forbidden(*field, IMMUTABLE)));
}

/// On update the server checks the metadata once more, as if it were new.
fn named(meta: &ObjectMeta, errors: &mut Vec<FieldError>) {
    super::meta::create(meta, true, names::dns1123_subdomain, errors);
}

fn config_map(map: &ConfigMap, errors: &mut Vec<FieldError>) {
    let mut size = 0;
    for (field, list, other) in [("data", &map.data, &map.binary_data), ("binaryData", &map.binary_data, &map.data)] {
        for (key, value) in list {
            let at = format!("{field}[{key}]");
            push_invalid(errors, &at, key, names::config_map_key(key));
            if other.contains_key(key) {
                let detail =
                    if field == "data" { "duplicate of key present in binaryData" } else { "duplicate of key present in data" };
                errors.push(FieldError::invalid(at, key, detail));
            }
            size += if field == "data" { value.len() } else { base64::length(value) };
        }
    }
    if size > MAX_BYTES {
        errors.push(FieldError::too_long("", MAX_BYTES));
    }
}

pub(super) fn create_secret(secret: &Secret) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(&secret.meta, true, names::dns1123_subdomain, &mut errors);
    secret_data(secret, &mut errors);
    errors
}

pub(super) fn update_secret(new: &Secret, old: &Secret) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    if new.type_ != old.type_ {
        errors.push(FieldError::invalid("type", &new.type_, "field is immutable"));
    }
    if old.immutable == Some(true) {
        let changed = [("immutable", new.immutable != Some(true)), ("data", new.data != old.data)];
        forbid(&changed, &mut errors);
    }
    named(&new.meta, &mut errors);
    secret_data(new, &mut errors);
    errors
}

fn secret_data(secret: &Secret, errors: &mut Vec<FieldError>) {
    let mut size = 0;
    for (key, value) in &secret.data {
        push_invalid(errors, &format!("data[{key}]"), key, names::config_map_key(key));
        size += base64::length(value);
    }
    if size > MAX_BYTES {
        errors.push(FieldError::too_long("data", MAX_BYTES));
    }
    let mut need = |data: &StringMap, keys: &[&str]| {
        for key in keys.iter().filter(|key| !data.contains_key(**key)) {
            errors.push(FieldError::required(format!("data[{key}]"), ""));
        }
    };
    match secret.type_.as_str() {
        "kubernetes.io/service-account-token" => {
            const NAME: &str = "kubernetes.io/service-account.name";
            if secret.meta.annotations.get(NAME).is_none_or(String::is_empty) {
                errors.push(FieldError::required(format!("metadata.annotations[{NAME}]"), ""));
            }
        }
        "kubernetes.io/dockercfg" => need(&secret.data, &[".dockercfg"]),
        "kubernetes.io/dockerconfigjson" => need(&secret.data, &[".dockerconfigjson"]),
        "kubernetes.io/basic-auth" if !["username", "password"].iter().any(|key| secret.data.contains_key(*key)) => {
            need(&secret.data, &["username", "password"]);
        }
        "kubernetes.io/ssh-auth" => need(&secret.data, &["ssh-privatekey"]),
        "kubernetes.io/tls" => need(&secret.data, &["tls.crt", "tls.key"]),
        _ => {}
    }
}
