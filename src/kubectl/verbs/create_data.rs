//! `kubectl create configmap` and `kubectl create secret` (`…/cmd/create/create_{configmap,secret}*.go`).

use super::create::{MAKE, make};
use crate::api::Kind;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, Flag, PRINT, Parsed, Takes};
use crate::kubectl::generate::{ConfigMapArgs, SecretArgs, config_map, env_name, secret, service_account};

const DATA: &[Flag] = &[
    Flag("from-literal", None, Takes::Many),
    Flag("from-file", None, Takes::List),
    Flag("from-env-file", None, Takes::List),
    Flag("append-hash", None, Takes::Bool),
];

/// `kubectl create configmap`.
pub(super) fn create_config_map(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, &[PRINT, CHANGE, MAKE, DATA]).map_err(|why| Failure::usage("create configmap", &why))?;
    let value = config_map(&data_args(cx, &flags)?).map_err(Failure::error)?;
    make(cx, &flags, Kind::ConfigMap, &value, "failed to create configmap:")
}

/// `kubectl create serviceaccount`.
pub(super) fn create_service_account(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, &[PRINT, CHANGE, MAKE]).map_err(|why| Failure::usage("create serviceaccount", &why))?;
    let value = service_account(&flags.words, &flags.text("namespace")).map_err(Failure::error)?;
    make(cx, &flags, Kind::ServiceAccount, &value, "failed to create serviceaccount:")
}

/// `kubectl create secret generic`.
pub(super) fn create_secret(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    match args.first().map(String::as_str) {
        Some("generic") => {}
        Some(other @ ("docker-registry" | "tls")) => {
            return Err(Failure::error(format!(
                "the lab does not make Secrets of the type that 'kubectl create secret {other}' makes"
            )));
        }
        _ => return Err(super::help::unknown_sub("create secret", args)),
    }
    const TYPE: &[Flag] = &[Flag("type", None, Takes::Text)];
    let flags = flags::parse(&args[1..], &[PRINT, CHANGE, MAKE, DATA, TYPE])
        .map_err(|why| Failure::usage("create secret generic", &why))?;
    let args = SecretArgs { data: data_args(cx, &flags)?, type_: flags.text("type") };
    let value = secret(&args).map_err(Failure::error)?;
    make(cx, &flags, Kind::Secret, &value, "failed to create secret")
}

fn data_args(cx: &Cx, flags: &Parsed) -> Result<ConfigMapArgs, Failure> {
    let mut args = ConfigMapArgs { names: flags.words.clone(), namespace: flags.text("namespace"), ..ConfigMapArgs::default() };
    if flags.has("from-env-file") && (flags.has("from-file") || flags.has("from-literal")) && args.names.len() == 1 {
        return Err(Failure::error("from-env-file cannot be combined with from-file or from-literal"));
    }
    for spec in flags.all("from-file") {
        let (key, path) = source(&spec)?;
        args.files.push((key, file(cx, &path)?));
    }
    for path in flags.all("from-env-file") {
        for line in file(cx, &path)?.lines() {
            args.literals.extend(env_line(line)?);
        }
    }
    args.literals.extend(flags.all("from-literal"));
    Ok(args)
}

fn file(cx: &Cx, path: &str) -> Result<String, Failure> {
    let found = cx.session.files.get(path.trim_start_matches("./")).cloned();
    found.ok_or_else(|| Failure::error(format!("error reading {path}: no such file or directory")))
}

/// `key=path`, or a path whose last part is the key.
fn source(spec: &str) -> Result<(String, String), Failure> {
    let parts: Vec<&str> = spec.split('=').collect();
    match parts.as_slice() {
        [path] => Ok((path.rsplit('/').next().unwrap_or(path).to_string(), path.to_string())),
        [_, ..] if spec.starts_with('=') => {
            Err(Failure::error(format!("key name for file path {} missing", spec.trim_start_matches('='))))
        }
        [_, ..] if spec.ends_with('=') => {
            Err(Failure::error(format!("file path for key name {} missing", spec.trim_end_matches('='))))
        }
        [key, path] => Ok((key.to_string(), path.to_string())),
        _ => Err(Failure::error("key names or file paths cannot contain '='")),
    }
}

/// A line of an environment file: `KEY=value`; comments and empty lines say nothing, a key alone has no value.
fn env_line(line: &str) -> Result<Option<String>, Failure> {
    let line = line.trim_start();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (key, value) = line.split_once('=').unwrap_or((line, ""));
    env_name(key).map_err(|why| Failure::error(format!("{key:?} is not a valid key name: {why}")))?;
    Ok(Some(format!("{key}={value}")))
}
