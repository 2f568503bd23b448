//! `kubectl apply`: the declarative loop.

use super::create::DryRun;
use super::files::{self, FILE_FLAGS, Item};
use super::output::Output;
use super::patch;
use crate::api::{Key, Object};
use crate::apiserver::patch::PatchType;
use crate::apiserver::{DeleteOptions, Status};
use crate::kubectl::apply::{LAST_APPLIED, last_applied, three_way, with_last_applied};
use crate::kubectl::cx::{Cx, Pick, key};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Parsed, Takes};
use serde_json::{Map, Value};

pub(super) const FLAGS: &[Flag] = &[
    Flag("filename", Some('f'), Takes::Many),
    Flag("kustomize", Some('k'), Takes::Text),
    Flag("recursive", Some('R'), Takes::Bool),
    Flag("selector", Some('l'), Takes::Text),
    Flag("dry-run", None, Takes::Optional("unchanged")),
    Flag("server-side", None, Takes::Bool),
    Flag("force-conflicts", None, Takes::Bool),
    Flag("field-manager", None, Takes::Text),
    Flag("force", None, Takes::Bool),
    Flag("prune", None, Takes::Bool),
    Flag("all", None, Takes::Bool),
    Flag("prune-allowlist", None, Takes::Many),
    Flag("overwrite", None, Takes::Bool),
    Flag("validate", None, Takes::Optional("strict")),
    Flag("wait", None, Takes::Bool),
    Flag("timeout", None, Takes::Text),
    Flag("grace-period", None, Takes::Int),
    Flag("cascade", None, Takes::Optional("background")),
    Flag("output", Some('o'), Takes::Text),
    Flag("openapi-patch", None, Takes::Bool),
];

/// `kubectl apply`.
pub fn apply(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("apply", &why))?;
    if let Some(word) = flags.words.first() {
        return Err(Failure::plain(format!("error: Unexpected args: [{word}]\nSee 'kubectl apply -h' for help and examples")));
    }
    if !flags.has(FILE_FLAGS) {
        return Err(Failure::error("must specify one of -f and -k"));
    }
    let dry = DryRun::of(&flags)?;
    let (items, mut failures) = files::read(cx, &flags)?;
    if items.is_empty() && failures.is_empty() {
        return Err(Failure::error("no objects passed to apply"));
    }
    let mut done: Vec<Object> = vec![];
    for item in &items {
        match one(cx, item, &flags, dry) {
            Ok(object) => done.extend(object),
            Err(failure) => failures.push(failure),
        }
    }
    if flags.on("prune") && failures.is_empty() {
        prune(cx, &items, &flags, dry)?;
    }
    let output = Output::parse(flags.get("output"))?;
    if !output.is_table() && !matches!(output, Output::Name) && !done.is_empty() {
        output.print(cx, &done, done.len() == 1)?;
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::join(failures)) }
}

/// The object as it is sent: with its namespace.
fn modified(item: &Item) -> Value {
    let mut value = item.value.clone();
    if !item.namespace.is_empty()
        && let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut)
    {
        meta.insert("namespace".into(), Value::String(item.namespace.clone()));
    }
    value
}

/// Puts the annotation that `apply` needs on an object (`create --save-config`).
pub fn set_last_applied(value: &mut Value, namespace: &str) {
    if !namespace.is_empty()
        && let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut)
    {
        meta.insert("namespace".into(), Value::String(namespace.into()));
    }
    *value = with_last_applied(value);
}

fn one(cx: &mut Cx, item: &Item, flags: &Parsed, dry: DryRun) -> Result<Option<Object>, Failure> {
    cx.warn_endpoints([item.kind]);
    let place = key(item.kind, &item.namespace, &item.name);
    let wrap = |status: &Status, verb: &str| Failure::from_file(status, verb, &item.file);
    if flags.on("server-side") {
        return server_side(cx, item, &place, flags, dry).map(Some);
    }
    let value = with_last_applied(&modified(item));
    let Ok(live) = cx.backend.read().read(item.kind, &place).cloned() else {
        let object = files::decode(item.kind, &value, &item.namespace).map_err(|s| wrap(&s, "creating"))?;
        let object = match dry {
            DryRun::Client => object,
            _ => cx.backend.api().create(object, dry == DryRun::Server).map_err(|s| wrap(&s, "creating"))?,
        };
        cx.warn();
        say(cx, item, flags, dry, "created");
        return Ok(Some(object));
    };
    let tree = live.to_value();
    if !live.meta().annotations.contains_key(LAST_APPLIED) {
        let resource = format!("{}/{}", item.kind.info().plural, item.name);
        cx.line(format!("Warning: resource {resource} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically."));
    }
    if live.meta().is_deleting() {
        cx.line(format!("Warning: Detected changes to resource {} which is currently being deleted.", item.name));
    }
    let last = last_applied(&tree).map_err(Failure::error)?;
    let patch = three_way(item.kind, last.as_ref(), &value, &tree).map_err(|s| wrap(&s, "applying patch to"))?;
    if patch.as_object().is_some_and(Map::is_empty) {
        say(cx, item, flags, dry, "unchanged");
        return Ok(Some(live));
    }
    let (before, after) = patch::send(cx, (item.kind, &place), PatchType::Strategic, &patch, false, dry != DryRun::No).map_err(|s| {
        let resource = format!("{}/{}, Resource={}", item.kind.info().group, item.kind.info().version, item.kind.info().plural);
        let why = format!(
            "applying patch:\n{patch}\nto:\nResource: {resource:?}, GroupVersionKind: \"{}/{}, Kind={}\"\nName: {:?}, Namespace: {:?}\nfor: {:?}: error when patching {:?}",
            item.kind.info().group, item.kind.info().version, item.kind.info().name, item.name, item.namespace, item.file, item.file
        );
        if s.reason == "Invalid" { Failure::status(&s) } else { Failure::status(&Status { message: format!("error when {why}: {}", s.message), ..s.clone() }) }
    })?;
    let same = before.meta().resource_version == after.meta().resource_version && dry == DryRun::No;
    say(cx, item, flags, dry, if same { "unchanged" } else { "configured" });
    Ok(Some(after))
}

/// Server-side apply, without ownership of fields: what the file says is merged in.
fn server_side(cx: &mut Cx, item: &Item, place: &Key, flags: &Parsed, dry: DryRun) -> Result<Object, Failure> {
    let wrap = |status: &Status| Failure::from_file(status, "applying", &item.file);
    let value = modified(item);
    let object = if cx.backend.read().read(item.kind, place).is_ok() {
        patch::send(cx, (item.kind, place), PatchType::Strategic, &value, false, dry != DryRun::No).map_err(|s| wrap(&s))?.1
    } else {
        let object = files::decode(item.kind, &value, &item.namespace).map_err(|s| wrap(&s))?;
        cx.backend.api().create(object, dry != DryRun::No).map_err(|s| wrap(&s))?
    };
    say(cx, item, flags, dry, "serverside-applied");
    Ok(object)
}

fn say(cx: &mut Cx, item: &Item, flags: &Parsed, dry: DryRun, what: &str) {
    let name = format!("{}/{}", item.kind.qualified(), item.name);
    match flags.get("output") {
        None => cx.line(format!("{name} {what}{}", dry.suffix())),
        Some("name") => cx.line(name),
        Some(_) => {}
    }
}

/// `--prune`: objects that were applied once, match the selector and are in no file any more.
fn prune(cx: &mut Cx, items: &[Item], flags: &Parsed, dry: DryRun) -> Result<(), Failure> {
    let pick = Pick::of(flags, None)?;
    if pick.labels.is_none() && !flags.on("all") {
        return Err(Failure::error(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
        ));
    }
    let mut namespaces: Vec<&str> = items.iter().map(|i| i.namespace.as_str()).collect();
    namespaces.dedup();
    use crate::api::Kind::{ConfigMap, Deployment, Endpoints, Pod, ReplicaSet, Secret, Service};
    for namespace in namespaces {
        for kind in [ConfigMap, Endpoints, Pod, Secret, Service, Deployment, ReplicaSet] {
            for object in cx.list(kind, Some(namespace), &pick)? {
                let kept = items.iter().any(|i| i.kind == kind && i.name == object.meta().name);
                if kept || !object.meta().annotations.contains_key(LAST_APPLIED) {
                    continue;
                }
                if dry == DryRun::No {
                    cx.backend.api().delete(kind, &object.key(), &DeleteOptions::default()).map_err(|s| Failure::status(&s))?;
                }
                cx.line(format!("{}/{} pruned{}", kind.qualified(), object.meta().name, dry.suffix()));
            }
        }
    }
    Ok(())
}
