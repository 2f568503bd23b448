//! `kubectl patch`, and how any command sends a patch.

use super::create::DryRun;
use super::files::{self, FILE_FLAGS};
use super::output::Output;
use crate::api::{Key, Kind, Object};
use crate::apiserver::Status;
use crate::apiserver::patch::{self as server_patch, PatchType};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Takes};
use crate::kubectl::resources;
use crate::manifest;
use serde_json::Value;

pub(super) const FLAGS: &[Flag] = &[
    Flag("patch", Some('p'), Takes::Text),
    Flag("patch-file", None, Takes::Text),
    Flag("type", None, Takes::Text),
    Flag("subresource", None, Takes::Text),
    Flag("local", None, Takes::Bool),
    Flag("filename", Some('f'), Takes::Many),
    Flag("output", Some('o'), Takes::Text),
    Flag("dry-run", None, Takes::Optional("unchanged")),
    Flag("field-manager", None, Takes::Text),
];

/// A PATCH request: the object before and after.
pub fn send(
    cx: &mut Cx,
    (kind, key): (Kind, &Key),
    type_: PatchType,
    patch: &Value,
    status: bool,
    dry_run: bool,
) -> Result<(Object, Object), Status> {
    let before = cx.backend.read().read(kind, key)?.clone();
    let patched = server_patch::apply(type_, kind, &before.to_value(), patch)?;
    let object = files::decode(kind, &patched, &key.namespace).map_err(|why| {
        let why = why.message.split_once(": ").map_or(why.message.clone(), |(_, w)| w.to_string());
        server_patch::undecodable(type_, patch, &patched, &why)
    })?;
    let api = cx.backend.api();
    let after = if status { api.update_status(object, dry_run)? } else { api.update(object, dry_run)? };
    cx.warn();
    Ok((before, after))
}

/// `kubectl patch`.
pub fn patch(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("patch", &why))?;
    let text = match (flags.get("patch"), flags.get("patch-file")) {
        (Some(_), Some(_)) => return Err(Failure::error("cannot specify --patch and --patch-file together")),
        (Some(text), None) => text.to_string(),
        (None, Some(name)) => cx
            .files
            .get(name)
            .cloned()
            .ok_or_else(|| Failure::error(format!("unable to read patch file: open {name}: no such file or directory")))?,
        (None, None) => return Err(Failure::error("must specify --patch or --patch-file containing the contents of the patch")),
    };
    let type_ = match flags.get("type").unwrap_or("strategic") {
        "strategic" => PatchType::Strategic,
        "merge" => PatchType::Merge,
        "json" => PatchType::Json,
        other => return Err(Failure::error(format!("--type must be one of [json merge strategic], not {other:?}"))),
    };
    let named = if flags.has(FILE_FLAGS) { files::named(cx, &flags)? } else { resources::named(&flags.words)? };
    if named.items.is_empty() {
        return Err(super::delete::nothing_named());
    }
    if !named.by_name() {
        return Err(Failure::error("resource(s) were provided, but no name was specified"));
    }
    let value = body(&text)?;
    let (namespace, dry, output) = (cx.namespace(&flags), DryRun::of(&flags)?, Output::parse(flags.get("output"))?);
    cx.warn_endpoints(named.items.iter().map(|(k, _)| *k));
    for (kind, name) in &named.items {
        let key = crate::kubectl::cx::key(*kind, &namespace, name.as_deref().unwrap_or_default());
        let on_status = flags.get("subresource") == Some("status");
        let (before, after) =
            send(cx, (*kind, &key), type_, &value, on_status, dry != DryRun::No).map_err(|s| Failure::status(&s))?;
        if output.is_table() {
            let nothing = if before == after || unchanged(&before, &after) { " (no change)" } else { "" };
            cx.line(format!("{}/{} patched{}{nothing}", kind.qualified(), key.name, dry.suffix()));
        } else {
            output.print(cx, &[after], true)?;
        }
    }
    Ok(())
}

fn unchanged(before: &Object, after: &Object) -> bool {
    let mut same = after.clone();
    same.meta_mut().resource_version = before.meta().resource_version.clone();
    same == *before
}

/// The text of a patch: JSON, or YAML that kubectl turns into JSON.
fn body(text: &str) -> Result<Value, Failure> {
    if text.trim_start().starts_with(['{', '[']) {
        return server_patch::parse(text).map_err(|s| Failure::status(&s));
    }
    let read = manifest::read(text);
    match (read.documents.into_iter().next(), read.problems.first()) {
        (Some(document), None) => Ok(document.value),
        (_, Some(problem)) => Err(Failure::error(format!("unable to parse {text:?}: {}", problem.message))),
        (None, None) => Ok(Value::Null),
    }
}
