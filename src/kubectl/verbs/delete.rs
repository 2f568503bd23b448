//! `kubectl delete`: says so at once, then waits until the objects are gone.

use super::create::DryRun;
use crate::apiserver::{DeleteOptions, Deleted, Propagation, Status};
use crate::kubectl::builder::{self, Ask, Info};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, FILES, Flag, Flags, Parsed, SELECT, Takes};
use crate::kubectl::wait::{Then, Wait};

pub(super) const FLAGS: Flags = &[
    FILES,
    SELECT,
    &[
        Flag("all", None, Takes::Bool),
        Flag("force", None, Takes::Bool),
        Flag("grace-period", None, Takes::Int),
        Flag("now", None, Takes::Bool),
        Flag("cascade", None, Takes::Optional("background")),
        Flag("wait", None, Takes::Bool),
        Flag("timeout", None, Takes::Duration),
        Flag("ignore-not-found", None, Takes::Bool),
        Flag("output", Some('o'), Takes::Text),
        Flag("dry-run", None, Takes::Optional("unchanged")),
        Flag("interactive", Some('i'), Takes::Bool),
        Flag("raw", None, Takes::Text),
    ],
];

/// What forced deletion warns of.
const FORCED: &str = "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.";

/// `kubectl delete`.
pub fn delete(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("delete", &why))?;
    let options = options(&flags)?;
    for (old, new) in [("true", "background"), ("false", "orphan")] {
        if flags.get("cascade") == Some(old) {
            cx.line(format!("warning: --cascade={old} is deprecated (boolean value) and can be replaced with --cascade={new}."));
        }
    }
    let dry = DryRun::of(&flags)?;
    let selected = flags.on("all") || !flags.text("selector").is_empty() || !flags.text("field-selector").is_empty();
    let ask = Ask::of(&flags.words).all(flags.on("all")).names_only();
    let mut found = builder::find(cx, &flags, &ask)?;
    check(cx, &flags, &options)?;
    if flags.on_or("ignore-not-found", selected) {
        found.ignore_not_found();
    }
    // What is wrong with a file's documents is told where they stand.
    let told = if found.after.is_empty() { vec![] } else { std::mem::take(&mut found.failures) };
    let mut told = found.after.into_iter().zip(told).peekable();
    let mut failures = found.failures;
    let (mut left, mut deleted) = (vec![], 0);
    let mut warned = !flags.has("namespace") || flags.on("all-namespaces");
    for info in found.infos {
        failures.extend(std::iter::from_fn(|| told.next_if(|(at, _)| *at <= deleted)).map(|(_, failure)| failure));
        deleted += 1;
        if !warned && !info.kind.info().namespaced {
            cx.line("Warning: deleting cluster-scoped resources, not scoped to the provided namespace");
            warned = true;
        }
        match remove(cx, &info, &options, dry) {
            Ok(gone) => {
                say(cx, &info, &flags, &options, dry);
                if let Some(Deleted::Pending(object)) = gone {
                    left.push((object.kind(), object.key(), object.meta().uid.clone()));
                }
            }
            Err(status) if status.reason == "NotFound" && flags.on_or("ignore-not-found", selected) => {}
            Err(status) => failures.push(match &info.source {
                Some(file) => Failure::from_file(&status, "deleting", file),
                None => Failure::status(&status),
            }),
        }
    }
    failures.extend(told.map(|(_, failure)| failure));
    Failure::result(failures)?;
    if deleted == 0 {
        cx.line("No resources found");
        return Ok(());
    }
    if flags.on_or("wait", true) && dry == DryRun::No && !left.is_empty() {
        let timeout = flags.span("timeout").filter(|t| *t > 0);
        let deadline = timeout.map(|t| cx.backend.read().now() + u64::try_from(t).unwrap_or(0));
        cx.wait = Some(Wait::Gone { objects: left, deadline, then: Then::Nothing });
    }
    Ok(())
}

/// Flags that do not go together, and the warning that forced deletion earns.
fn check(cx: &mut Cx, flags: &Parsed, options: &DeleteOptions) -> Result<(), Failure> {
    let output = flags.text("output");
    if !output.is_empty() && output != "name" {
        return Err(Failure::error(format!("unexpected -o output mode: {output}. We only support '-o name'")));
    }
    if flags.on("force") {
        match options.grace_period_seconds {
            Some(0) => cx.line(FORCED),
            Some(_) => {
                return Err(Failure::error("--force and --grace-period greater than 0 cannot be specified together"));
            }
            None => {}
        }
    }
    Ok(())
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

fn remove(cx: &mut Cx, info: &Info, options: &DeleteOptions, dry: DryRun) -> Result<Option<Deleted>, Status> {
    if dry == DryRun::Client {
        return Ok(None);
    }
    cx.warn_endpoints([info.kind]);
    let options = DeleteOptions { dry_run: dry == DryRun::Server, ..options.clone() };
    cx.backend.api().delete(info.kind, &info.key, &options).map(Some)
}

fn say(cx: &mut Cx, info: &Info, flags: &Parsed, options: &DeleteOptions, dry: DryRun) {
    let (kind, name) = (info.kind, &info.key.name);
    if flags.get("output") == Some("name") {
        cx.line(format!("{}/{name}", kind.qualified()));
        return;
    }
    let verb = if options.grace_period_seconds == Some(0) { "force deleted" } else { "deleted" };
    let place = if kind.info().namespaced { format!(" from {} namespace", info.key.namespace) } else { String::new() };
    cx.line(format!("{} \"{name}\" {verb}{place}{}", kind.qualified(), dry.suffix()));
}
