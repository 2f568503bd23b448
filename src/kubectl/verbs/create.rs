//! `kubectl create`, `run` and `expose`.

use super::files::{self, FILE_FLAGS};
use super::output::Output;
use crate::api::{Kind, Object};
use crate::apiserver::Status;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Parsed, Takes};
use crate::kubectl::generate::{
    ConfigMapArgs, DeploymentArgs, ExposeArgs, NamespaceArgs, RunArgs, SecretArgs, ServiceArgs, config_map, deployment,
    expose as expose_object, namespace, run as run_object, run_service, secret, service,
};
use crate::kubectl::resources;
use serde_json::Value;

/// `--dry-run`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DryRun {
    /// It is done.
    No,
    /// kubectl only shows what it would send.
    Client,
    /// The server checks it and does not keep it.
    Server,
}

impl DryRun {
    /// Reads the flag.
    pub fn of(flags: &Parsed) -> Result<DryRun, Failure> {
        match flags.get("dry-run") {
            None | Some("none" | "false") => Ok(DryRun::No),
            Some("client" | "true" | "unchanged") => Ok(DryRun::Client),
            Some("server") => Ok(DryRun::Server),
            Some(other) => {
                let text = format!("Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\".");
                Err(Failure::error(text))
            }
        }
    }

    /// What is said behind a message.
    pub fn suffix(self) -> &'static str {
        match self {
            DryRun::No => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        }
    }
}

/// Flags that all commands which make an object have.
macro_rules! making {
    ($($flag:expr),* $(,)?) => {
        &[
            Flag("dry-run", None, Takes::Optional("unchanged")),
            Flag("output", Some('o'), Takes::Text),
            Flag("save-config", None, Takes::Bool),
            Flag("field-manager", None, Takes::Text),
            Flag("validate", None, Takes::Optional("strict")),
            Flag("show-managed-fields", None, Takes::Bool),
            Flag("template", None, Takes::Text),
            $($flag),*
        ]
    };
}

/// `kubectl create`.
pub fn create(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    match args.first().map(String::as_str) {
        Some("deployment" | "deploy" | "dep") => create_deployment(cx, &args[1..]),
        Some("service" | "svc") => create_service(cx, &args[1..]),
        Some("namespace" | "ns") => create_namespace(cx, &args[1..]),
        Some("configmap" | "cm") => create_config_map(cx, &args[1..]),
        Some("secret") => create_secret(cx, &args[1..]),
        _ => create_from_files(cx, args),
    }
}

pub(super) const FILES: &[Flag] = making![
    Flag("filename", Some('f'), Takes::Many),
    Flag("recursive", Some('R'), Takes::Bool),
    Flag("selector", Some('l'), Takes::Text)
];

fn create_from_files(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FILES).map_err(|why| Failure::usage("create", &why))?;
    if !flags.has(FILE_FLAGS) {
        if let Some(word) = flags.words.first() {
            return Err(Failure::plain(format!(
                "Error: must specify one of -f and -k\n\nerror: unknown command {word:?}\nSee 'kubectl create -h' for help and examples"
            )));
        }
        return Err(Failure::error("must specify one of -f and -k"));
    }
    let (items, mut failures) = files::read(cx, &flags)?;
    if items.is_empty() && failures.is_empty() {
        return Err(Failure::error("no objects passed to create"));
    }
    for item in &items {
        let mut value = item.value.clone();
        if flags.on("save-config") {
            super::apply::set_last_applied(&mut value, &item.namespace);
        }
        let dry = DryRun::of(&flags)?;
        let result = send(cx, item.kind, &value, &item.namespace, &flags, dry, "created");
        if let Err(status) = result {
            failures.push(Failure::from_file(&status, "creating", &item.file));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::join(failures)) }
}

/// Sends an object and says so, or shows it. A refusal is the caller's to word.
fn send(cx: &mut Cx, kind: Kind, value: &Value, namespace: &str, flags: &Parsed, dry: DryRun, done: &str) -> Result<(), Status> {
    cx.warn_endpoints([kind]);
    let (name, shown) = match dry {
        DryRun::Client => (value["metadata"]["name"].as_str().unwrap_or_default().to_string(), value.clone()),
        _ => {
            let object = files::decode(kind, value, namespace)?;
            let object = cx.backend.api().create(object, dry == DryRun::Server)?;
            cx.warn();
            (object.meta().name.clone(), object.to_value())
        }
    };
    match Output::parse(flags.get("output")) {
        Ok(output) if !output.is_table() => {
            let _ = output.print_value(cx, &shown);
        }
        _ => cx.line(format!("{}/{name} {done}{}", kind.qualified(), dry.suffix())),
    }
    Ok(())
}

/// Makes one generated object; `what` is how a failure names it (`deployment`, `ClusterIP service`).
fn make(cx: &mut Cx, flags: &Parsed, kind: Kind, value: &Value, what: &str) -> Result<(), Failure> {
    Output::parse(flags.get("output"))?;
    let dry = DryRun::of(flags)?;
    let namespace = cx.namespace(flags);
    send(cx, kind, value, &namespace, flags, dry, "created")
        .map_err(|status| Failure::error(format!("failed to create {what}: {}", status.message)))
}

fn explicit_namespace(flags: &Parsed) -> String {
    flags.text("namespace")
}

fn create_deployment(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    const FLAGS: &[Flag] =
        making![Flag("image", None, Takes::List), Flag("replicas", Some('r'), Takes::Int), Flag("port", None, Takes::Int)];
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("create deployment", &why))?;
    let args = DeploymentArgs {
        names: flags.words.clone(),
        command: flags.rest.clone().unwrap_or_default(),
        images: flags.all("image"),
        port: flags.int("port").map(|p| p as i32),
        replicas: flags.int("replicas").map(|r| r as i32),
        namespace: explicit_namespace(&flags),
    };
    let mut names = crate::time::Stream::new(cx.backend.read().now(), "kubectl");
    let value = deployment(&args, &mut || names.name_suffix()).map_err(Failure::error)?;
    make(cx, &flags, Kind::Deployment, &value, "deployment")
}

fn create_service(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    const FLAGS: &[Flag] = making![
        Flag("tcp", None, Takes::List),
        Flag("clusterip", None, Takes::Text),
        Flag("node-port", None, Takes::Int),
        Flag("external-name", None, Takes::Text),
    ];
    let type_ = match args.first().map(String::as_str) {
        Some("clusterip") => "ClusterIP",
        Some("nodeport") => "NodePort",
        Some("loadbalancer") => "LoadBalancer",
        Some("externalname") => "ExternalName",
        _ => {
            return Err(Failure::error(
                "must specify one of clusterip, externalname, loadbalancer, nodeport\nSee 'kubectl create service -h' for help and examples",
            ));
        }
    };
    let command = format!("create service {}", type_.to_lowercase());
    let flags = flags::parse(&args[1..], FLAGS).map_err(|why| Failure::usage(&command, &why))?;
    let args = ServiceArgs {
        type_: type_.into(),
        names: flags.words.clone(),
        tcp: flags.all("tcp"),
        cluster_ip: flags.text("clusterip"),
        node_port: flags.int("node-port").unwrap_or(0) as i32,
        external_name: flags.get("external-name").map(str::to_string),
        namespace: explicit_namespace(&flags),
    };
    let value = service(&args).map_err(Failure::error)?;
    make(cx, &flags, Kind::Service, &value, &format!("{type_} service"))
}

fn create_namespace(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, making![]).map_err(|why| Failure::usage("create namespace", &why))?;
    let value = namespace(&NamespaceArgs { names: flags.words.clone() }).map_err(Failure::error)?;
    let dry = DryRun::of(&flags)?;
    send(cx, Kind::Namespace, &value, "", &flags, dry, "created").map_err(|status| Failure::status(&status))
}

const DATA_FLAGS: &[Flag] = making![
    Flag("from-literal", None, Takes::Many),
    Flag("from-file", None, Takes::Many),
    Flag("from-env-file", None, Takes::Many),
    Flag("append-hash", None, Takes::Bool),
    Flag("type", None, Takes::Text),
];

fn data_args(cx: &Cx, flags: &Parsed) -> Result<ConfigMapArgs, Failure> {
    let mut found = vec![];
    for spec in flags.all("from-file") {
        let (key, path) = match spec.split_once('=') {
            Some((key, path)) => (key.to_string(), path.to_string()),
            None => (spec.rsplit('/').next().unwrap_or(&spec).to_string(), spec.clone()),
        };
        let text =
            cx.files.get(&path).ok_or_else(|| Failure::error(format!("error reading {path}: no such file or directory")))?;
        found.push((key, text.clone()));
    }
    Ok(ConfigMapArgs {
        names: flags.words.clone(),
        literals: flags.all("from-literal"),
        files: found,
        namespace: explicit_namespace(flags),
    })
}

fn create_config_map(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, DATA_FLAGS).map_err(|why| Failure::usage("create configmap", &why))?;
    let value = config_map(&data_args(cx, &flags)?).map_err(Failure::error)?;
    make(cx, &flags, Kind::ConfigMap, &value, "configmap")
}

fn create_secret(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    if args.first().map(String::as_str) != Some("generic") {
        return Err(Failure::error("must specify one of docker-registry, generic, or tls; the lab has generic only"));
    }
    let flags = flags::parse(&args[1..], DATA_FLAGS).map_err(|why| Failure::usage("create secret generic", &why))?;
    let args = SecretArgs { data: data_args(cx, &flags)?, type_: flags.text("type") };
    let value = secret(&args).map_err(Failure::error)?;
    make(cx, &flags, Kind::Secret, &value, "secret")
}

pub(super) const RUN: &[Flag] = making![
    Flag("image", None, Takes::Text),
    Flag("port", None, Takes::Text),
    Flag("labels", Some('l'), Takes::Text),
    Flag("env", None, Takes::Many),
    Flag("annotations", None, Takes::Many),
    Flag("restart", None, Takes::Text),
    Flag("image-pull-policy", None, Takes::Text),
    Flag("command", None, Takes::Bool),
    Flag("expose", None, Takes::Bool),
    Flag("stdin", Some('i'), Takes::Bool),
    Flag("tty", Some('t'), Takes::Bool),
    Flag("rm", None, Takes::Bool),
    Flag("attach", None, Takes::Bool),
    Flag("privileged", None, Takes::Bool),
    Flag("quiet", Some('q'), Takes::Bool),
    Flag("overrides", None, Takes::Text),
];

/// `kubectl run`.
pub fn run(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, RUN).map_err(|why| Failure::usage("run", &why))?;
    let args = RunArgs {
        names: flags.words.clone(),
        args: flags.rest.clone().unwrap_or_default(),
        image: flags.get("image").map(str::to_string),
        port: flags.text("port"),
        labels: flags.text("labels"),
        env: flags.all("env"),
        annotations: flags.all("annotations"),
        restart: flags.get("restart").map(str::to_string),
        image_pull_policy: flags.text("image-pull-policy"),
        command: flags.on("command"),
        expose: flags.on("expose"),
        stdin: flags.on("stdin"),
        tty: flags.on("tty"),
        remove: flags.on("rm"),
        attach: flags.on("attach"),
        privileged: flags.on("privileged"),
        namespace: explicit_namespace(&flags),
    };
    let pod = run_object(&args).map_err(Failure::error)?;
    let service = run_service(&args).map_err(Failure::error)?;
    let (dry, namespace) = (DryRun::of(&flags)?, cx.namespace(&flags));
    send(cx, Kind::Pod, &pod, &namespace, &flags, dry, "created").map_err(|s| Failure::status(&s))?;
    if let Some(service) = service {
        send(cx, Kind::Service, &service, &namespace, &flags, dry, "created").map_err(|s| Failure::status(&s))?;
    }
    Ok(())
}

pub(super) const EXPOSE: &[Flag] = making![
    Flag("name", None, Takes::Text),
    Flag("port", None, Takes::Text),
    Flag("target-port", None, Takes::Text),
    Flag("protocol", None, Takes::Text),
    Flag("type", None, Takes::Text),
    Flag("selector", None, Takes::Text),
    Flag("labels", Some('l'), Takes::Text),
    Flag("external-ip", None, Takes::Text),
    Flag("load-balancer-ip", None, Takes::Text),
    Flag("session-affinity", None, Takes::Text),
    Flag("cluster-ip", None, Takes::Text),
    Flag("filename", Some('f'), Takes::Many),
];

/// `kubectl expose`.
pub fn expose(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, EXPOSE).map_err(|why| Failure::usage("expose", &why))?;
    let named = if flags.has(FILE_FLAGS) { files::named(cx, &flags)? } else { resources::named(&flags.words)? };
    if named.items.is_empty() {
        return Err(super::delete::nothing_named());
    }
    if !named.by_name() {
        return Err(Failure::error("resource(s) were provided, but no name was specified"));
    }
    let namespace = cx.namespace(&flags);
    let args = ExposeArgs {
        name: flags.text("name"),
        port: flags.text("port"),
        target_port: flags.text("target-port"),
        protocol: flags.text("protocol"),
        type_: flags.text("type"),
        selector: flags.text("selector"),
        labels: flags.text("labels"),
        external_ip: flags.text("external-ip"),
        load_balancer_ip: flags.text("load-balancer-ip"),
        session_affinity: flags.text("session-affinity"),
        cluster_ip: flags.text("cluster-ip"),
        namespace: explicit_namespace(&flags),
    };
    let dry = DryRun::of(&flags)?;
    for (kind, name) in &named.items {
        let object: Object = cx.get(*kind, &namespace, name.as_deref().unwrap_or_default())?;
        let value = expose_object(&object, &args).map_err(Failure::error)?;
        send(cx, Kind::Service, &value, &namespace, &flags, dry, "exposed").map_err(|s| Failure::status(&s))?;
    }
    Ok(())
}
