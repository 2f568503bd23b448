//! `kubectl create` (`…/cmd/create`); ConfigMaps and Secrets are in `create_data`.

use super::create_budget::{create_budget, create_job};
use super::create_data::{create_config_map, create_secret, create_service_account};
use super::files;
use super::output::Output;
use super::record;
use crate::api::Kind;
use crate::apiserver::Status;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, FILES, Flag, Flags, PRINT, Parsed, Takes};
use crate::kubectl::generate::{DeploymentArgs, NamespaceArgs, ServiceArgs, deployment, namespace, service};
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
pub(super) const MAKE: &[Flag] = &[Flag("save-config", None, Takes::Bool), Flag("validate", None, Takes::Optional("strict"))];

/// Flags of `create -f` and of all its subcommands.
pub(super) const FLAGS: Flags = &[PRINT, CHANGE, MAKE, FILES, OWN, DEPLOYMENT, SERVICE];

const OWN: &[Flag] = &[
    Flag("selector", Some('l'), Takes::Text),
    Flag("edit", None, Takes::Bool),
    Flag("raw", None, Takes::Text),
    Flag("windows-line-endings", None, Takes::Bool),
];

const DEPLOYMENT: &[Flag] =
    &[Flag("image", None, Takes::List), Flag("replicas", Some('r'), Takes::Int32), Flag("port", None, Takes::Int32)];

const SERVICE: &[Flag] = &[
    Flag("tcp", None, Takes::List),
    Flag("clusterip", None, Takes::Text),
    Flag("node-port", None, Takes::Int),
    Flag("external-name", None, Takes::Text),
];

/// `kubectl create`.
pub fn create(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    match args.first().map(String::as_str) {
        Some("deployment" | "deploy") => create_deployment(cx, &args[1..]),
        Some("service" | "svc") => create_service(cx, &args[1..]),
        Some("namespace" | "ns") => create_namespace(cx, &args[1..]),
        Some("configmap" | "cm") => create_config_map(cx, &args[1..]),
        Some("serviceaccount" | "sa") => create_service_account(cx, &args[1..]),
        Some("secret") => create_secret(cx, &args[1..]),
        Some("poddisruptionbudget" | "pdb") => create_budget(cx, &args[1..]),
        Some("job") => create_job(cx, &args[1..]),
        Some(other) => {
            let made = super::create_more::create_more(cx, other, &args[1..]);
            made.unwrap_or_else(|| create_from_files(cx, args))
        }
        None => create_from_files(cx, args),
    }
}

fn create_from_files(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, &[PRINT, CHANGE, MAKE, FILES, OWN]).map_err(|why| Failure::usage("create", &why))?;
    if !flags.words.is_empty() {
        return Err(Failure::help("create", &format!("Unexpected args: [{}]", flags.words.join(" "))));
    }
    let dry = DryRun::of(&flags)?;
    Output::of(cx, &flags)?;
    if !flags.has("filename") && !flags.has("kustomize") {
        return Err(Failure::error("must specify one of -f and -k"));
    }
    let (items, mut failures) = (files::read_picked(cx, &flags)?, vec![]);
    if items.is_empty() {
        return Err(Failure::error("no objects passed to create"));
    }
    for item in items {
        let item = match item {
            Ok(item) => item,
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        let mut value = item.value.clone();
        if flags.on("save-config") {
            super::apply::set_last_applied(&mut value, &item.namespace);
        }
        files::set_namespace(&mut value, &item.namespace);
        let result = send(cx, item.kind, &value, &item.namespace, &flags, dry, "created");
        failures.extend(result.err().map(|refusal| match refusal {
            Refusal::Status(status) => Failure::from_file(&status, "creating", &item.file),
            Refusal::Print(failure) => failure,
        }));
    }
    Failure::result(failures)
}

/// Why an object was not sent, or not shown.
pub(super) enum Refusal {
    /// The server refused it.
    Status(Status),
    /// It could not be printed.
    Print(Failure),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        match refusal {
            Refusal::Status(status) => Failure::status(&status),
            Refusal::Print(failure) => failure,
        }
    }
}

/// Sends an object and says so, or shows it. A refusal is the caller's to word.
pub(super) fn send(
    cx: &mut Cx,
    kind: Kind,
    value: &Value,
    namespace: &str,
    flags: &Parsed,
    dry: DryRun,
    done: &str,
) -> Result<(), Refusal> {
    let output = Output::of(cx, flags).map_err(Refusal::Print)?;
    cx.field_validation = files::field_validation(flags).map_err(Refusal::Print)?;
    let mut value = value.clone();
    record::tree(cx, &mut value);
    let shown = match dry {
        DryRun::Client => value,
        _ => {
            cx.warn_endpoints([kind]);
            let object = files::receive(cx, kind, &value, namespace).map_err(Refusal::Status)?;
            let object = cx.backend.api().create(object, dry == DryRun::Server).map_err(Refusal::Status)?;
            cx.warn();
            object.to_value()
        }
    };
    output.done(cx, &shown, done, dry).map_err(Refusal::Print)
}

/// Makes one generated object; `failed` is how a refusal begins (`failed to create deployment:`).
pub(super) fn make(cx: &mut Cx, flags: &Parsed, kind: Kind, value: &Value, failed: &str) -> Result<(), Failure> {
    let dry = DryRun::of(flags)?;
    let namespace = cx.namespace(flags);
    let mut value = value.clone();
    if flags.on("save-config") {
        value = crate::kubectl::apply::with_last_applied(&value);
    }
    send(cx, kind, &value, &namespace, flags, dry, "created").map_err(|refusal| match refusal {
        Refusal::Status(status) => Failure::error(format!("{failed} {}", status.message)),
        Refusal::Print(failure) => failure,
    })
}

fn create_deployment(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags =
        flags::parse(args, &[PRINT, CHANGE, MAKE, DEPLOYMENT]).map_err(|why| Failure::usage("create deployment", &why))?;
    let args = DeploymentArgs {
        names: flags.words.clone(),
        command: flags.rest.clone().unwrap_or_default(),
        images: flags.all("image"),
        port: flags.int("port").map(|p| p as i32),
        replicas: flags.int("replicas").map(|r| r as i32),
        namespace: flags.text("namespace"),
    };
    let mut names = crate::time::Stream::new(cx.backend.read().now(), "kubectl");
    let value = deployment(&args, &mut || names.name_suffix()).map_err(Failure::error)?;
    make(cx, &flags, Kind::Deployment, &value, "failed to create deployment:")
}

fn create_service(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let args = &super::subcommand_first(args);
    let (type_, own): (&str, &[&str]) = match args.first().map(String::as_str) {
        Some("clusterip") => ("ClusterIP", &["tcp", "clusterip"]),
        Some("nodeport") => ("NodePort", &["tcp", "node-port"]),
        Some("loadbalancer") => ("LoadBalancer", &["tcp"]),
        Some("externalname") => ("ExternalName", &["tcp", "external-name"]),
        _ => return Err(super::help::unknown_sub("create service", args)),
    };
    let command = format!("create service {}", args[0]);
    let flags = flags::parse(&args[1..], &[PRINT, CHANGE, MAKE, SERVICE]).map_err(|why| Failure::usage(&command, &why))?;
    if let Some(stranger) = SERVICE.iter().find(|f| flags.has(f.0) && !own.contains(&f.0)) {
        return Err(Failure::usage(&command, &format!("unknown flag: --{}", stranger.0)));
    }
    let args = ServiceArgs {
        type_: type_.into(),
        names: flags.words.clone(),
        tcp: flags.all("tcp"),
        cluster_ip: flags.text("clusterip"),
        node_port: flags.int("node-port").unwrap_or(0) as i32,
        external_name: flags.get("external-name").map(str::to_string),
        namespace: flags.text("namespace"),
    };
    let value = service(&args).map_err(Failure::error)?;
    make(cx, &flags, Kind::Service, &value, &format!("failed to create {type_} service:"))
}

fn create_namespace(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, &[PRINT, CHANGE, MAKE]).map_err(|why| Failure::usage("create namespace", &why))?;
    let value = namespace(&NamespaceArgs { names: flags.words.clone() }).map_err(Failure::error)?;
    let dry = DryRun::of(&flags)?;
    Ok(send(cx, Kind::Namespace, &value, "", &flags, dry, "created")?)
}
