//! `kubectl create configmap` and `kubectl create secret` (`…/cmd/create/create_{configmap,secret}*.go`).

use super::create::{MAKE, make};
use crate::api::Kind;
use crate::api::shapes::base64;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, Flag, PRINT, Parsed, Takes};
use crate::kubectl::generate::{ConfigMapArgs, SecretArgs, config_map, env_name, secret, service_account};
use serde_json::Value;

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
    let args = &super::subcommand_first(args);
    match args.first().map(String::as_str) {
        Some("generic") => {}
        Some("docker-registry") => return create_registry(cx, &args[1..]),
        Some("tls") => return create_tls(cx, &args[1..]),
        _ => return Err(super::help::unknown_sub("create secret", args)),
    }
    const TYPE: &[Flag] = &[Flag("type", None, Takes::Text)];
    let flags = flags::parse(&args[1..], &[PRINT, CHANGE, MAKE, DATA, TYPE])
        .map_err(|why| Failure::usage("create secret generic", &why))?;
    let args = SecretArgs { data: data_args(cx, &flags)?, type_: flags.text("type") };
    let value = secret(&args).map_err(Failure::error)?;
    make(cx, &flags, Kind::Secret, &value, "failed to create secret")
}

/// `kubectl create secret docker-registry`.
fn create_registry(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    const OWN: &[Flag] = &[
        Flag("docker-server", None, Takes::Text),
        Flag("docker-username", None, Takes::Text),
        Flag("docker-password", None, Takes::Text),
        Flag("docker-email", None, Takes::Text),
        Flag("from-file", None, Takes::List),
        Flag("append-hash", None, Takes::Bool),
    ];
    let flags =
        flags::parse(args, &[PRINT, CHANGE, MAKE, OWN]).map_err(|why| Failure::usage("create secret docker-registry", &why))?;
    let of = |name: &str| flags.text(&format!("docker-{name}"));
    let text = match flags.all("from-file").first() {
        Some(path) => file(cx, path.split_once('=').map_or(path, |(_, p)| p))?,
        None if flags.words.len() == 1 && (of("username").is_empty() || of("password").is_empty()) => {
            return Err(Failure::error(
                "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
            ));
        }
        None => {
            let server = flags.get("docker-server").unwrap_or("https://index.docker.io/v1/").to_string();
            let auth = base64::encode(&format!("{}:{}", of("username"), of("password")));
            let quoted = |text: &str| Value::String(text.into()).to_string();
            let email = if of("email").is_empty() { String::new() } else { format!("\"email\":{},", quoted(&of("email"))) };
            format!(
                "{{\"auths\":{{{}:{{\"username\":{},\"password\":{},{email}\"auth\":{}}}}}}}",
                quoted(&server),
                quoted(&of("username")),
                quoted(&of("password")),
                quoted(&auth)
            )
        }
    };
    let files = vec![(".dockerconfigjson".to_string(), text)];
    typed(cx, &flags, "docker-registry", files, "kubernetes.io/dockerconfigjson")
}

/// `kubectl create secret tls`. Whether the key fits the certificate is not checked.
fn create_tls(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    const OWN: &[Flag] =
        &[Flag("cert", None, Takes::Text), Flag("key", None, Takes::Text), Flag("append-hash", None, Takes::Bool)];
    let flags = flags::parse(args, &[PRINT, CHANGE, MAKE, OWN]).map_err(|why| Failure::usage("create secret tls", &why))?;
    if flags.words.len() == 1 && (flags.text("cert").is_empty() || flags.text("key").is_empty()) {
        return Err(Failure::error("key and cert must be specified"));
    }
    let mut files = vec![];
    for (flag, key, what) in [("cert", "tls.crt", "certificate"), ("key", "tls.key", "key")] {
        let path = flags.text(flag);
        let Some(text) = cx.session.files.get(path.trim_start_matches("./")).cloned() else {
            return Err(Failure::error(format!("open {path}: no such file or directory")));
        };
        if !text.contains("-----BEGIN ") {
            return Err(Failure::error(format!("tls: failed to find any PEM data in {what} input")));
        }
        files.push((key.to_string(), text));
    }
    typed(cx, &flags, "tls", files, "kubernetes.io/tls")
}

fn typed(cx: &mut Cx, flags: &Parsed, sub: &str, files: Vec<(String, String)>, type_: &str) -> Result<(), Failure> {
    let data =
        ConfigMapArgs { names: flags.words.clone(), files, namespace: flags.text("namespace"), ..ConfigMapArgs::default() };
    let value = secret(&SecretArgs { data, type_: type_.into() })
        .map_err(|why| Failure::error(why.replace("create secret generic", &format!("create secret {sub}"))))?;
    make(cx, flags, Kind::Secret, &value, "failed to create secret")
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
