//! `kubectl create namespace|configmap|secret generic`.

use super::checks::config_key;
use super::{meta, one_name};
use crate::api::Resource;
use crate::api::meta::StringMap;
use crate::api::node::{ConfigMap, Namespace, Secret, ServiceAccount};
use serde_json::Value;
use std::rc::Rc;

/// What the command line of `create namespace` says.
#[derive(Clone, Debug, Default)]
pub struct NamespaceArgs {
    /// The words without a dash.
    pub names: Vec<String>,
}

/// The Namespace that would be sent.
pub fn namespace(args: &NamespaceArgs) -> Result<Value, String> {
    let name = one_name("create namespace", &args.names)?;
    let namespace = Namespace { meta: meta(&name, "", StringMap::new()), ..Namespace::default() };
    Ok(Rc::new(namespace).into_object().to_value())
}

/// The ServiceAccount that `create serviceaccount` would send; `namespace`: `--namespace`, "" when it was not given.
pub fn service_account(names: &[String], namespace: &str) -> Result<Value, String> {
    let name = one_name("create serviceaccount", names)?;
    let account = ServiceAccount { meta: meta(&name, namespace, StringMap::new()), ..ServiceAccount::default() };
    Ok(Rc::new(account).into_object().to_value())
}

/// What the command line of `create configmap` says; files were read already.
#[derive(Clone, Debug, Default)]
pub struct ConfigMapArgs {
    /// The words without a dash.
    pub names: Vec<String>,
    /// Every `--from-literal`.
    pub literals: Vec<String>,
    /// Key and content of every `--from-file`.
    pub files: Vec<(String, String)>,
    /// `--namespace`, "" when it was not given.
    pub namespace: String,
}

/// The ConfigMap that would be sent.
pub fn config_map(args: &ConfigMapArgs) -> Result<Value, String> {
    let name = one_name("create configmap", &args.names)?;
    let data = data(&name, "ConfigMap", &args.files, &args.literals)?;
    let map = ConfigMap { meta: meta(&name, &args.namespace, StringMap::new()), data, ..ConfigMap::default() };
    Ok(Rc::new(map).into_object().to_value())
}

/// What the command line of `create secret generic` says; files were read already.
#[derive(Clone, Debug, Default)]
pub struct SecretArgs {
    /// The same as for a ConfigMap.
    pub data: ConfigMapArgs,
    /// `--type`, "" when it was not given.
    pub type_: String,
}

/// The Secret that would be sent.
pub fn secret(args: &SecretArgs) -> Result<Value, String> {
    let name = one_name("create secret generic", &args.data.names)?;
    let plain = data(&name, "Secret", &args.data.files, &args.data.literals)?;
    let data = plain.into_iter().map(|(key, value)| (key, base64(value.as_bytes()))).collect();
    let meta = meta(&name, &args.data.namespace, StringMap::new());
    let secret = Secret { meta, data, type_: args.type_.clone(), ..Secret::default() };
    Ok(Rc::new(secret).into_object().to_value())
}

fn data(name: &str, kind: &str, files: &[(String, String)], literals: &[String]) -> Result<StringMap, String> {
    let mut pairs = files.to_vec();
    for literal in literals {
        match literal.split_once('=') {
            Some((key, value)) if !key.is_empty() => pairs.push((key.to_owned(), value.to_owned())),
            _ => return Err(format!("invalid literal source {literal}, expected key=value")),
        }
    }
    let mut data = StringMap::new();
    for (key, value) in pairs {
        let taken = data.contains_key(&key);
        match (config_key(&key), kind) {
            (Err(why), "Secret") => return Err(format!("{key:?} is not valid key name for a Secret {why}")),
            (Err(why), _) => return Err(format!("{key:?} is not a valid key name for a {kind}: {why}")),
            (Ok(()), "Secret") if taken => return Err(format!("cannot add key {key}, another key by that name already exists")),
            (Ok(()), _) if taken => {
                return Err(format!(
                    "cannot add key {key:?}, another key by that name already exists in Data for {kind} {name:?}"
                ));
            }
            (Ok(()), _) => drop(data.insert(key, value)),
        }
    }
    Ok(data)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().enumerate().fold(0u32, |all, (i, b)| all | u32::from(*b) << (16 - 8 * i));
        for i in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= chunk.len() { digit as char } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_is_padded() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(super::base64(plain.as_bytes()), coded);
        }
    }
}
