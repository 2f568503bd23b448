//! `kubectl delete`: says so at once, then waits until the objects are gone.

use super::create::DryRun;
use super::files::{self, FILE_FLAGS};
use super::span;
use crate::api::Object;
use crate::apiserver::{DeleteOptions, Deleted, Propagation, Status};
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::{Failure, status_text};
use crate::kubectl::flags::{self, Flag, Parsed, Takes};
use crate::kubectl::resources;
use crate::kubectl::wait::{Then, Wait};

pub(super) const FLAGS: &[Flag] = &[
    Flag("filename", Some('f'), Takes::Many),
    Flag("recursive", Some('R'), Takes::Bool),
    Flag("selector", Some('l'), Takes::Text),
    Flag("field-selector", None, Takes::Text),
    Flag("all", None, Takes::Bool),
    Flag("all-namespaces", Some('A'), Takes::Bool),
    Flag("force", None, Takes::Bool),
    Flag("grace-period", None, Takes::Int),
    Flag("now", None, Takes::Bool),
    Flag("cascade", None, Takes::Optional("background")),
    Flag("wait", None, Takes::Bool),
    Flag("timeout", None, Takes::Text),
    Flag("ignore-not-found", None, Takes::Bool),
    Flag("output", Some('o'), Takes::Text),
    Flag("dry-run", None, Takes::Optional("unchanged")),
    Flag("interactive", None, Takes::Bool),
];

/// What commands say that need to be told on what.
pub fn nothing_named() -> Failure {
    Failure::error(
        "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
    )
}

/// What forced deletion warns of.
const FORCED: &str = "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.";

/// `kubectl delete`.
pub fn delete(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("delete", &why))?;
    if flags.words.is_empty() && !flags.has(FILE_FLAGS) {
        return Err(nothing_named());
    }
    let options = options(&flags)?;
    let dry = DryRun::of(&flags)?;
    if options.grace_period_seconds == Some(0) && flags.on("force") && dry == DryRun::No {
        cx.line(FORCED);
    }
    let (targets, mut failures) = targets(cx, &flags)?;
    if targets.is_empty() && failures.is_empty() {
        cx.line("No resources found");
        return Ok(());
    }
    let mut left = vec![];
    for (object, file) in targets {
        match remove(cx, &object, &options, dry) {
            Ok(deleted) => {
                say(cx, &object, &flags, &options, dry);
                if let Deleted::Pending(object) = deleted {
                    left.push((object.kind(), object.key(), object.meta().uid.clone()));
                }
            }
            Err(status) => failures.push(file_failure(&status, file.as_deref())),
        }
    }
    let waits = flags.on_or("wait", true) && dry == DryRun::No && !(flags.on("force") && options.grace_period_seconds == Some(0));
    if waits && !left.is_empty() && failures.is_empty() {
        let deadline = flags.get("timeout").and_then(span).filter(|t| *t > 0).map(|t| cx.backend.read().now() + t);
        cx.wait = Some(Wait::Gone { objects: left, deadline, then: Then::Nothing });
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::join(failures)) }
}

fn file_failure(status: &Status, file: Option<&str>) -> Failure {
    match file {
        Some(file) => Failure::from_file(status, "deleting", file),
        None => Failure::plain(status_text(status)),
    }
}

fn options(flags: &Parsed) -> Result<DeleteOptions, Failure> {
    let grace = flags.int("grace-period");
    let grace = match (grace, flags.on("now"), flags.on("force")) {
        (Some(_), true, _) => return Err(Failure::error("--now and --grace-period cannot be specified together")),
        (None, true, _) => Some(1),
        (None | Some(-1), _, true) => Some(0),
        (Some(0), _, false) => Some(1),
        (Some(n), ..) if n < 0 => None,
        (grace, ..) => grace,
    };
    let propagation = match flags.get("cascade") {
        None | Some("background" | "true") => Propagation::Background,
        Some("foreground") => Propagation::Foreground,
        Some("orphan" | "false") => Propagation::Orphan,
        Some(other) => {
            let text = format!("invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\"");
            return Err(Failure::error(text));
        }
    };
    Ok(DeleteOptions { grace_period_seconds: grace, propagation, ..DeleteOptions::default() })
}

/// What is to be deleted, with the file that named it, and what was not found.
type Targets = (Vec<(Object, Option<String>)>, Vec<Failure>);

fn targets(cx: &mut Cx, flags: &Parsed) -> Result<Targets, Failure> {
    let own = cx.namespace(flags);
    let (mut found, mut failures) = (vec![], vec![]);
    if flags.has(FILE_FLAGS) {
        let (items, problems) = files::read(cx, flags)?;
        cx.warn_endpoints(items.iter().map(|i| i.kind));
        failures.extend(problems);
        for item in items {
            match cx.backend.read().read(item.kind, &crate::kubectl::cx::key(item.kind, &item.namespace, &item.name)) {
                Ok(object) => found.push((object.clone(), Some(item.file))),
                Err(status) => failures.push(file_failure(&status, Some(&item.file))),
            }
        }
    } else {
        let named = resources::named(&flags.words)?;
        cx.warn_endpoints(named.items.iter().map(|(k, _)| *k));
        let pick = Pick::of(flags, named.items.first().map(|(k, _)| *k))?;
        if !named.by_name() && !flags.on("all") && pick.labels.is_none() && pick.fields.is_none() {
            return Err(Failure::error("resource(s) were provided, but no name was specified"));
        }
        if named.by_name() && (flags.on("all") || pick.labels.is_some()) {
            return Err(Failure::error("name cannot be provided when a selector is specified"));
        }
        let namespace = (!flags.on("all-namespaces")).then_some(own.as_str());
        let (objects, problems) = cx.find(&named, namespace, &pick);
        found.extend(objects.into_iter().map(|o| (o, None)));
        failures.extend(problems);
    }
    if flags.on("ignore-not-found") {
        failures.retain(|f| !f.text.starts_with("Error from server (NotFound)"));
    }
    Ok((found, failures))
}

fn remove(cx: &mut Cx, object: &Object, options: &DeleteOptions, dry: DryRun) -> Result<Deleted, Status> {
    if dry == DryRun::Client {
        return Ok(Deleted::Gone(object.clone()));
    }
    let options = DeleteOptions { dry_run: dry == DryRun::Server, ..options.clone() };
    cx.backend.api().delete(object.kind(), &object.key(), &options)
}

fn say(cx: &mut Cx, object: &Object, flags: &Parsed, options: &DeleteOptions, dry: DryRun) {
    let (kind, meta) = (object.kind(), object.meta());
    if flags.get("output") == Some("name") {
        cx.line(format!("{}/{}", kind.qualified(), meta.name));
        return;
    }
    let verb = if options.grace_period_seconds == Some(0) { "force deleted" } else { "deleted" };
    let place = if kind.info().namespaced { format!(" from {} namespace", meta.namespace) } else { String::new() };
    cx.line(format!("{} {:?} {verb}{place}{}", kind.qualified(), meta.name, dry.suffix()));
}
