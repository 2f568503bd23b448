//! `kubectl run` and `kubectl expose` (`…/cmd/run/run.go`, `…/cmd/expose/expose.go`).

use super::create::{DryRun, MAKE, send};
use super::output::Output;
use crate::api::codec::Decoder;
use crate::api::{Key, Kind, Object};
use crate::apiserver::patch::{self as server_patch, PatchType};
use crate::kubectl::apply::with_last_applied;
use crate::kubectl::builder::{self, Ask};
use crate::kubectl::cx::Cx;
use crate::kubectl::exec::Attached;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, FILES, Flag, Flags, PRINT, Parsed, TERMINAL, Takes};
use crate::kubectl::generate::{ExposeArgs, RunArgs, expose as expose_object, run as run_object, run_service};
use crate::kubectl::wait::Wait;
use crate::manifest;
use serde_json::Value;

/// Flags that lay fields over a generated object.
const OVERRIDE: &[Flag] = &[Flag("overrides", None, Takes::Text), Flag("override-type", None, Takes::Text)];

pub(super) const RUN: Flags = &[
    PRINT,
    CHANGE,
    MAKE,
    OVERRIDE,
    FILES,
    TERMINAL,
    &[
        Flag("image", None, Takes::Text),
        Flag("port", None, Takes::Text),
        Flag("labels", Some('l'), Takes::Text),
        Flag("env", None, Takes::Many),
        Flag("annotations", None, Takes::Many),
        Flag("restart", None, Takes::Text),
        Flag("image-pull-policy", None, Takes::Text),
        Flag("command", None, Takes::Bool),
        Flag("expose", None, Takes::Bool),
        Flag("rm", None, Takes::Bool),
        Flag("attach", None, Takes::Bool),
        Flag("leave-stdin-open", None, Takes::Bool),
        Flag("privileged", None, Takes::Bool),
        Flag("cascade", None, Takes::Optional("background")),
        Flag("force", None, Takes::Bool),
        Flag("grace-period", None, Takes::Int),
        Flag("timeout", None, Takes::Duration),
        Flag("wait", None, Takes::Bool),
        Flag("detach-keys", None, Takes::Text),
        Flag("pod-running-timeout", None, Takes::Duration),
    ],
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
        namespace: flags.text("namespace"),
    };
    let pod = run_object(&args).map_err(Failure::error)?;
    let (dry, namespace) = (DryRun::of(&flags)?, cx.namespace(&flags));
    Output::of(cx, &flags)?;
    if flags.on_or("attach", flags.on("stdin")) {
        if dry != DryRun::No {
            let what = "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)";
            return Err(Failure::error(what));
        }
        if matches!(args.args.as_slice(), [] | [_] if args.args.iter().all(|a| a.rsplit('/').next().is_some_and(|a| a.ends_with("sh"))))
        {
            let what = "the lab's containers have no terminal: give the command after --, as in -- wget -qO- http://web/";
            return Err(Failure::error(what));
        }
        let pod = overridden(Kind::Pod, pod, &flags)?;
        let mut quiet = std::mem::take(&mut cx.out);
        send(cx, Kind::Pod, &pod, &namespace, &flags, dry, "created")?;
        std::mem::swap(&mut quiet, &mut cx.out);
        let name = args.names.first().map(String::as_str).unwrap_or_default();
        let attached = Attached {
            pod: Key::new(&namespace, name),
            command: args.args,
            quiet: flags.on("quiet"),
            remove: args.remove,
            process: None,
            missed: false,
        };
        cx.wait = Some(Wait::Attached(Box::new(attached)));
        return Ok(());
    }
    let pod = overridden(Kind::Pod, pod, &flags)?;
    let service = run_service(&args).map_err(Failure::error)?;
    let mut failures = vec![];
    send(cx, Kind::Pod, &pod, &namespace, &flags, dry, "created")?;
    if let Some(service) = service {
        let before = cx.out.len();
        match send(cx, Kind::Service, &service, &namespace, &flags, dry, "created") {
            Ok(()) if flags.get("output") == Some("yaml") => cx.out.insert_str(before, "---\n"),
            Ok(()) => {}
            Err(why) => failures.push(Failure::from(why)),
        }
    }
    Failure::result(failures)
}

/// `--overrides`: fields laid over a generated object.
fn overridden(kind: Kind, value: Value, flags: &Parsed) -> Result<Value, Failure> {
    let text = flags.text("overrides");
    if text.is_empty() {
        return Ok(value);
    }
    let type_ = match flags.get("override-type").unwrap_or("merge") {
        "json" => PatchType::Json,
        "merge" => PatchType::Merge,
        "strategic" => PatchType::Strategic,
        other => {
            return Err(Failure::error(format!("invalid override type: {other:?}, allowed values are: json, merge, strategic")));
        }
    };
    let read = manifest::read(&text);
    let patch = match (read.documents.into_iter().next(), read.problems.first()) {
        (Some(document), None) => document.value,
        (_, problem) => {
            let why = problem.map(|p| p.message.clone()).unwrap_or_default();
            return Err(Failure::error(format!("error parsing overrides: {why}")));
        }
    };
    // kubectl reads the result back into its own type: fields that this does not know are gone.
    let patched = server_patch::apply(type_, kind, &value, &patch).map_err(|s| Failure::error(s.message))?;
    let mut decoder = Decoder::default();
    let object = Object::decode(kind, &patched, &mut decoder);
    match (decoder.type_error, object) {
        (None, Some(object)) => Ok(object.to_value()),
        (why, _) => Err(Failure::error(why.unwrap_or_default())),
    }
}

pub(super) const EXPOSE: Flags = &[
    PRINT,
    CHANGE,
    MAKE,
    FILES,
    OVERRIDE,
    &[
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
    ],
];

/// `kubectl expose`.
pub fn expose(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, EXPOSE).map_err(|why| Failure::usage("expose", &why))?;
    let (dry, namespace) = (DryRun::of(&flags)?, cx.namespace(&flags));
    Output::of(cx, &flags)?;
    // `--selector` is the new Service's, and chooses nothing here.
    let mut args = ExposeArgs {
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
        namespace: flags.text("namespace"),
    };
    let found = builder::find(cx, &flags.without("selector"), &Ask::of(&flags.words).as_filed())?;
    let mut failures = found.failures;
    for object in found.infos.into_iter().filter_map(|i| i.object) {
        let made = expose_object(&object, &args);
        args.keep(&object);
        let result = made
            .map_err(Failure::error)
            .and_then(|value| overridden(Kind::Service, value, &flags))
            .map(|value| match flags.on("save-config") && dry != DryRun::Client {
                true => with_last_applied(&value),
                false => value,
            })
            .and_then(|value| Ok(send(cx, Kind::Service, &value, &namespace, &flags, dry, "exposed")?));
        failures.extend(result.err());
    }
    Failure::result(failures)
}
