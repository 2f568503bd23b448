//! `kubectl patch`, and how any command sends a patch.

use super::create::DryRun;
use super::output::Output;
use super::record;
use crate::api::{Key, Kind, Object};
use crate::apiserver::Status;
use crate::apiserver::patch::{self as server_patch, PatchType};
use crate::kubectl::builder::{self, Ask, Info};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, FILES, Flag, Flags, PRINT, Parsed, Takes};
use crate::manifest;
use serde_json::{Value, json};

pub(super) const FLAGS: Flags = &[
    PRINT,
    FILES,
    CHANGE,
    &[
        Flag("patch", Some('p'), Takes::Text),
        Flag("patch-file", None, Takes::Text),
        Flag("type", None, Takes::Text),
        Flag("subresource", None, Takes::Text),
        Flag("local", None, Takes::Bool),
    ],
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
    let (object, warnings) = server_patch::decode(type_, kind, patch, &patched, cx.field_validation)?;
    warnings.iter().for_each(|text| cx.warning(text));
    let object = same_place(object, key)?;
    let object = record::object(cx, object);
    let api = cx.backend.api();
    let after = if status { api.update_status(object, dry_run)? } else { api.update(object, dry_run)? };
    cx.warn();
    Ok((before, after))
}

/// A patch cannot move an object to another name or namespace (`handlers/rest.go`, `checkName`).
fn same_place(mut object: Object, key: &Key) -> Result<Object, Status> {
    let meta = object.meta_mut();
    if meta.namespace.is_empty() {
        meta.namespace = key.namespace.to_string();
    }
    let why = if *meta.namespace != *key.namespace {
        "the namespace of the provided object does not match the namespace sent on the request".into()
    } else if meta.name.is_empty() {
        format!("the name of the object ({} based on URL) was undeterminable: name must be provided", key.name)
    } else if *meta.name != *key.name {
        format!("the name of the object ({}) does not match the name on the URL ({})", meta.name, key.name)
    } else {
        return Ok(object);
    };
    Err(Status::bad_request(why))
}

/// `kubectl patch`.
pub fn patch(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("patch", &why))?;
    let (dry, local) = (DryRun::of(&flags)?, flags.on("local"));
    let type_ = check(&flags, dry)?;
    let file = flags.text("patch-file");
    let text = match file.as_str() {
        "" => flags.text("patch"),
        name => cx
            .session
            .files
            .get(name)
            .cloned()
            .ok_or_else(|| Failure::error(format!("unable to read patch file: open {name}: no such file or directory")))?,
    };
    let value = body(&text, &flags.text("patch"))?;
    let found = builder::find(cx, &flags, &Ask::of(&flags.words).local(local))?;
    let output = Output::of(cx, &flags)?;
    let mut failures = found.failures;
    let count = found.infos.len();
    for info in found.infos {
        let result = match local || dry == DryRun::Client {
            true => at_home(&info, type_, &value, local),
            false => at_server(cx, &info, type_, &value, &flags, dry),
        };
        let printed = result.and_then(|(after, changed)| {
            let word = if changed { "patched" } else { "patched (no change)" };
            // What was only tried is not told of as such.
            output.done(cx, &after, word, DryRun::No)
        });
        failures.extend(printed.err());
    }
    Failure::result(failures)?;
    if count == 0 { Err(Failure::error("no objects passed to patch")) } else { Ok(()) }
}

/// Flags that do not go together; the type of the patch.
fn check(flags: &Parsed, dry: DryRun) -> Result<PatchType, Failure> {
    let (text, file) = (flags.text("patch"), flags.text("patch-file"));
    let fail = |text: &str| Err(Failure::error(text));
    if !text.is_empty() && !file.is_empty() {
        return fail("cannot specify --patch and --patch-file together");
    }
    if text.is_empty() && file.is_empty() {
        return fail("must specify --patch or --patch-file containing the contents of the patch");
    }
    if flags.on("local") && !flags.words.is_empty() {
        return fail("cannot specify --local and server resources");
    }
    if flags.on("local") && dry == DryRun::Server {
        return fail("cannot specify --local and --dry-run=server - did you mean --dry-run=client?");
    }
    match flags.get("type").unwrap_or("strategic").to_lowercase().as_str() {
        "" | "strategic" => Ok(PatchType::Strategic),
        "merge" => Ok(PatchType::Merge),
        "json" => Ok(PatchType::Json),
        _ => fail(&format!("--type must be one of [json merge strategic], not {:?}", flags.text("type"))),
    }
}

/// The patched object, and whether the patch changed anything.
fn at_server(
    cx: &mut Cx,
    info: &Info,
    type_: PatchType,
    value: &Value,
    flags: &Parsed,
    dry: DryRun,
) -> Result<(Value, bool), Failure> {
    let on_status = match flags.get("subresource") {
        None | Some("") => false,
        Some("status") => true,
        Some("scale") if matches!(info.kind, Kind::Deployment | Kind::ReplicaSet) => return scale(cx, info, type_, value, dry),
        Some(_) => {
            let text = "the server could not find the requested resource";
            return Err(Failure::plain(format!("Error from server (NotFound): {text}")));
        }
    };
    let (before, after) =
        send(cx, (info.kind, &info.key), type_, value, on_status, dry == DryRun::Server).map_err(|s| Failure::status(&s))?;
    let changed = before != after && !unchanged(&before, &after);
    Ok((after.to_value(), changed))
}

/// A patch of the number of replicas by way of the `scale` subresource.
fn scale(cx: &mut Cx, info: &Info, type_: PatchType, value: &Value, dry: DryRun) -> Result<(Value, bool), Failure> {
    let of = |object: &Object| {
        let (spec, meta) = (object.to_value()["spec"]["replicas"].clone(), object.meta());
        json!({
            "apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": spec},
            "metadata": {"name": meta.name, "namespace": meta.namespace, "uid": meta.uid, "resourceVersion": meta.resource_version},
        })
    };
    let live = cx.get(info.kind, &info.key.namespace, &info.key.name)?;
    let before = of(&live);
    let type_ = if type_ == PatchType::Strategic { PatchType::Merge } else { type_ };
    let wanted = server_patch::apply(type_, info.kind, &before, value).map_err(|s| Failure::status(&s))?;
    let replicas = json!({"spec": {"replicas": wanted["spec"]["replicas"]}});
    let (_, after) = send(cx, (info.kind, &info.key), PatchType::Merge, &replicas, false, dry == DryRun::Server)
        .map_err(|s| Failure::status(&s))?;
    Ok((of(&after), true))
}

/// The same without the server (`--local`, `--dry-run=client`).
fn at_home(info: &Info, type_: PatchType, value: &Value, local: bool) -> Result<(Value, bool), Failure> {
    let live = || info.object.as_ref().map(Object::to_value).unwrap_or_default();
    let before = if local { info.value.clone().unwrap_or_default() } else { live() };
    let after = server_patch::apply(type_, info.kind, &before, value).map_err(|s| Failure::error(s.message))?;
    let changed = before != after;
    Ok((after, changed))
}

fn unchanged(before: &Object, after: &Object) -> bool {
    let mut same = after.clone();
    same.meta_mut().resource_version = before.meta().resource_version.clone();
    same == *before
}

/// The text of a patch: JSON, or YAML that kubectl turns into JSON. `shown`: what `-p` said, for the error.
fn body(text: &str, shown: &str) -> Result<Value, Failure> {
    if text.trim_start().starts_with(['{', '[']) {
        return server_patch::parse(text).map_err(|s| Failure::status(&s));
    }
    let read = manifest::read(text);
    match (read.documents.into_iter().next(), read.problems.first()) {
        (Some(document), None) => Ok(document.value),
        (_, Some(problem)) => Err(Failure::error(format!(
            "unable to parse {shown:?}: {}",
            problem.message.trim_start_matches("error converting YAML to JSON: ")
        ))),
        (None, None) => Ok(Value::Null),
    }
}
