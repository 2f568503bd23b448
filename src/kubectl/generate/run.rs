//! `kubectl run`: a single Pod, and with `--expose` a Service in front of it.

use super::checks::{atoi, is_env_name, is_image_reference};
use super::{meta, parse_labels, required};
use crate::api::meta::StringMap;
use crate::api::pod::{Container, ContainerPort, EnvVar, Pod, PodSpec};
use crate::api::service::{Service, ServicePort, ServiceSpec};
use crate::api::{IntOrString, Resource};
use serde_json::{Value, json};
use std::rc::Rc;

/// What the command line of `run` says.
#[derive(Clone, Debug, Default)]
pub struct RunArgs {
    /// The words before `--`; the first is the name, further ones are arguments.
    pub names: Vec<String>,
    /// The words after `--`.
    pub args: Vec<String>,
    /// `--image`
    pub image: Option<String>,
    /// `--port`, "" when it was not given.
    pub port: String,
    /// `--labels`, "" when it was not given.
    pub labels: String,
    /// Every `--env`.
    pub env: Vec<String>,
    /// Every `--annotations`.
    pub annotations: Vec<String>,
    /// `--restart`, `None` when it was not given.
    pub restart: Option<String>,
    /// `--image-pull-policy`, "" when it was not given.
    pub image_pull_policy: String,
    /// `--command`: the arguments are the command.
    pub command: bool,
    /// `--expose`
    pub expose: bool,
    /// `--stdin`
    pub stdin: bool,
    /// `--tty`
    pub tty: bool,
    /// `--rm`
    pub remove: bool,
    /// `--attach`
    pub attach: bool,
    /// `--privileged`
    pub privileged: bool,
    /// `--namespace`, "" when it was not given (used by `--dry-run=client` only).
    pub namespace: String,
}

/// The Pod that would be sent.
pub fn run(args: &RunArgs) -> Result<Value, String> {
    let image = args.image.clone().ok_or_else(|| required("image"))?;
    let annotations = annotations(&args.annotations)?;
    let labels = if args.labels.is_empty() { None } else { Some(parse_labels(&args.labels)?) };
    let env = args.env.iter().map(|e| env_var(e)).collect::<Result<_, _>>()?;
    let restart_policy = restart_policy(args.restart.as_deref().unwrap_or("Always"), args.stdin)?;
    let image_pull_policy = pull_policy(&args.image_pull_policy)?;
    let name = args.names.first().ok_or("NAME is required for run")?;
    check(args, &image)?;
    let arguments: Vec<String> = args.names.iter().skip(1).chain(&args.args).cloned().collect();
    let (command, arguments) = if args.command { (arguments, Vec::new()) } else { (Vec::new(), arguments) };
    let mut container = Container {
        name: name.clone(),
        image,
        env,
        command,
        args: arguments,
        stdin: args.stdin,
        stdin_once: args.stdin,
        tty: args.tty,
        image_pull_policy,
        security_context: args.privileged.then(|| json!({"privileged": true})),
        ..Container::default()
    };
    if !args.port.is_empty() {
        container.ports = vec![ContainerPort { container_port: atoi(&args.port)? as i32, ..ContainerPort::default() }];
    }
    let spec =
        PodSpec { containers: vec![container], dns_policy: "ClusterFirst".to_owned(), restart_policy, ..PodSpec::default() };
    let mut meta = meta(name, &args.namespace, labels.unwrap_or_else(|| run_label(name)));
    meta.annotations = annotations;
    Ok(Rc::new(Pod { meta, spec, ..Pod::default() }).into_object().to_value())
}

/// The Service of `--expose`; `None` without that flag. Call it when [`run`] found nothing wrong.
pub fn run_service(args: &RunArgs) -> Result<Option<Value>, String> {
    let Some(name) = args.names.first().filter(|_| args.expose) else { return Ok(None) };
    let port = atoi(&args.port)? as i32;
    let labels = if args.labels.is_empty() { StringMap::new() } else { parse_labels(&args.labels)? };
    let selector = if labels.is_empty() { run_label(name) } else { labels.clone() };
    let port = ServicePort { port, protocol: "TCP".to_owned(), target_port: IntOrString::Int(port), ..ServicePort::default() };
    let spec = ServiceSpec { selector, ports: vec![port], ..ServiceSpec::default() };
    let service = Service { meta: meta(name, &args.namespace, labels), spec, ..Service::default() };
    Ok(Some(Rc::new(service).into_object().to_value()))
}

fn check(args: &RunArgs, image: &str) -> Result<(), String> {
    if image.is_empty() {
        return Err("--image is required".to_owned());
    }
    if !is_image_reference(image) {
        return Err(format!("invalid image name {image:?}: invalid reference format"));
    }
    if args.tty && !args.stdin {
        return Err("-i/--stdin is required for containers with -t/--tty=true".to_owned());
    }
    if args.expose && args.port.is_empty() {
        return Err("--port must be set when exposing a service".to_owned());
    }
    if !args.port.is_empty() && atoi(&args.port).is_err() {
        return Err("--port must be a number".to_owned());
    }
    if args.remove && !args.attach && !args.stdin {
        return Err("--rm should only be used for attached containers".to_owned());
    }
    Ok(())
}

fn run_label(name: &str) -> StringMap {
    StringMap::from([("run".to_owned(), name.to_owned())])
}

fn annotations(pairs: &[String]) -> Result<StringMap, String> {
    let mut map = StringMap::new();
    let mut bad = Vec::new();
    for pair in pairs {
        match pair.split_once('=') {
            Some((key, value)) if !key.is_empty() => drop(map.insert(key.to_owned(), value.to_owned())),
            _ => bad.push(pair.as_str()),
        }
    }
    if bad.is_empty() { Ok(map) } else { Err(format!("invalid annotations format: {}", bad.join(", "))) }
}

fn env_var(text: &str) -> Result<EnvVar, String> {
    match text.split_once('=') {
        Some((name, value)) if is_env_name(name) => {
            Ok(EnvVar { name: name.to_owned(), value: value.to_owned(), value_from: None })
        }
        _ => Err(format!("invalid env: {text}")),
    }
}

fn restart_policy(text: &str, stdin: bool) -> Result<String, String> {
    match text {
        "" if stdin => Ok("OnFailure".to_owned()),
        "" => Ok("Always".to_owned()),
        "Always" | "Never" | "OnFailure" => Ok(text.to_owned()),
        _ => Err(format!("invalid restart policy: {text}, valid values are: Always, OnFailure, Never")),
    }
}

fn pull_policy(text: &str) -> Result<String, String> {
    match text {
        "" | "Always" | "IfNotPresent" | "Never" => Ok(text.to_owned()),
        _ => Err(format!("invalid image pull policy: {text}, valid values are: Always, IfNotPresent, Never")),
    }
}
