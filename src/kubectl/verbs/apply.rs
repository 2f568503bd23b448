//! `kubectl apply`: the declarative loop.

use super::create::DryRun;
use super::files::{self, FILE_FLAGS, Item};
use super::last_applied::{edit, set, view};
use super::output::Output;
use super::patch;
use super::record;
use crate::api::{Key, Object};
use crate::apiserver::patch::{self as server_patch, PatchType};
use crate::apiserver::{DeleteOptions, Deleted, Status};
use crate::kubectl::apply::{LAST_APPLIED, last_applied, three_way, with_last_applied};
use crate::kubectl::cx::{Cx, Pick, key};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, FILES, Flag, Flags, PRINT, Parsed, Takes};
use crate::kubectl::wait::{Then, Wait};
use serde_json::{Map, Value, json};

pub(super) const FLAGS: Flags = &[
    PRINT,
    FILES,
    CHANGE,
    &[
        Flag("selector", Some('l'), Takes::Text),
        Flag("server-side", None, Takes::Bool),
        Flag("force-conflicts", None, Takes::Bool),
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
        Flag("openapi-patch", None, Takes::Bool),
        Flag("subresource", None, Takes::Text),
    ],
];

/// `kubectl apply`.
pub fn apply(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    match args.first().map(String::as_str) {
        Some("view-last-applied") => return view(cx, &args[1..]),
        Some("set-last-applied") => return set(cx, &args[1..]),
        Some("edit-last-applied") => return edit(cx, &args[1..]),
        _ => {}
    }
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("apply", &why))?;
    if let Some(word) = flags.words.first() {
        return Err(Failure::plain(format!("error: Unexpected args: [{word}]\nSee 'kubectl apply -h' for help and examples")));
    }
    if !flags.has(FILE_FLAGS) && !flags.has("kustomize") {
        return Err(Failure::error("must specify one of -f and -k"));
    }
    let dry = DryRun::of(&flags)?;
    let output = check(cx, &flags, dry)?;
    cx.field_validation = files::field_validation(&flags)?;
    let (items, mut failures) = files::read(cx, &flags)?;
    if items.is_empty() && failures.is_empty() {
        return Err(Failure::error("no objects passed to apply"));
    }
    let mut done: Vec<Value> = vec![];
    for item in &items {
        match one(cx, item, &flags, dry) {
            Ok(object) => done.push(object),
            Err(failure) => failures.push(failure),
        }
    }
    Failure::result(failures)?;
    if flags.on("prune") {
        prune(cx, &items, &flags, dry)?;
    }
    match (output.is_table() || matches!(output, Output::Name), done.as_slice()) {
        (true, _) | (_, []) => Ok(()),
        (_, [one]) => output.print_value(cx, one),
        (_, many) => {
            let list = json!({"apiVersion": "v1", "items": many, "kind": "List", "metadata": {"resourceVersion": ""}});
            output.print_value(cx, &list)
        }
    }
}

/// Flags that do not go together.
fn check(cx: &Cx, flags: &Parsed, dry: DryRun) -> Result<Output, Failure> {
    let server_side = flags.on("server-side");
    let selected = !flags.text("selector").is_empty();
    let rules = [
        (flags.on("force-conflicts") && !server_side, "--force-conflicts only works with --server-side"),
        (
            dry == DryRun::Client && server_side,
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
        ),
        (flags.on("force") && server_side, "--force cannot be used with --server-side"),
        (dry == DryRun::Server && flags.on("force"), "--dry-run=server cannot be used with --force"),
        (flags.on("all") && selected, "cannot set --all and --selector at the same time"),
        (flags.on("force") && flags.on("prune"), "--force cannot be used with --prune"),
        (
            flags.on("prune") && !flags.on("all") && !selected,
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
        ),
    ];
    match rules.iter().find(|(broken, _)| *broken) {
        Some((_, text)) => Err(Failure::error(text)),
        None => Output::of(cx, flags),
    }
}

/// The object as it is sent: with its namespace.
fn modified(cx: &Cx, item: &Item) -> Value {
    let mut value = item.value.clone();
    record::tree(cx, &mut value);
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

fn one(cx: &mut Cx, item: &Item, flags: &Parsed, dry: DryRun) -> Result<Value, Failure> {
    cx.warn_endpoints([item.kind]);
    if item.name.is_empty()
        && let Some(prefix) = item.value["metadata"]["generateName"].as_str()
    {
        return Err(Failure::error(format!("from {prefix}: cannot use generate name with apply")));
    }
    if item.name.is_empty() {
        let why = "resource name may not be empty";
        let what = format!("retrieving current configuration of:\n{}\nfrom server for:", described(item));
        return Err(Failure::error(format!("error when {what} {:?}: {why}", item.file)));
    }
    let place = key(item.kind, &item.namespace, &item.name);
    let wrap = |status: &Status, verb: &str| Failure::from_file(status, verb, &item.file);
    if flags.on("server-side") {
        return server_side(cx, item, &place, flags, dry).map(|object| object.to_value());
    }
    let value = with_last_applied(&modified(cx, item));
    let Ok(live) = cx.backend.read().read(item.kind, &place).cloned() else {
        let object = files::receive(cx, item.kind, &value, &item.namespace).map_err(|s| wrap(&s, "creating"))?;
        let shown = match dry {
            DryRun::Client => value,
            _ => {
                let created = cx.backend.api().create(object, dry == DryRun::Server);
                created.map_err(|s| wrap(&s, "creating"))?.to_value()
            }
        };
        cx.warn();
        say(cx, item, flags, dry, "created");
        return Ok(shown);
    };
    let tree = live.to_value();
    if !live.meta().annotations.contains_key(LAST_APPLIED) {
        let resource = format!("{}/{}", item.kind.info().plural, item.name);
        cx.line(format!("Warning: resource {resource} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically."));
    }
    warn_if_deleting(cx, &live);
    let last = last_applied(&tree).map_err(Failure::error)?;
    let patch = three_way(item.kind, last.as_ref(), &value, &tree).map_err(|s| wrap(&s, "applying patch to"))?;
    if patch.as_object().is_some_and(Map::is_empty) {
        say(cx, item, flags, dry, "unchanged");
        return Ok(tree);
    }
    if dry == DryRun::Client {
        // Nobody fills in what is left out.
        let patched = server_patch::apply(PatchType::Strategic, item.kind, &tree, &patch).map_err(|s| Failure::status(&s))?;
        say(cx, item, flags, dry, "configured");
        return Ok(patched);
    }
    let sent = patch::send(cx, (item.kind, &place), PatchType::Strategic, &patch, false, dry != DryRun::No);
    let sent = match sent {
        Err(s) if flags.on("force") && matches!(s.reason, "Conflict" | "Invalid") => return anew(cx, item, &place, value, &live),
        sent => sent,
    };
    let (_, after) = sent.map_err(|s| {
        let why = format!(
            "applying patch:\n{patch}\nto:\n{}\nfor: {:?}: error when patching {:?}",
            described(item),
            item.file,
            item.file
        );
        if s.reason == "Invalid" {
            Failure::status(&s)
        } else {
            Failure::status(&Status { message: format!("error when {why}: {}", s.message), ..s.clone() })
        }
    })?;
    say(cx, item, flags, dry, "configured");
    Ok(after.to_value())
}

/// `--force`: an object that cannot be changed so is deleted and made anew.
fn anew(cx: &mut Cx, item: &Item, place: &Key, value: Value, live: &Object) -> Result<Value, Failure> {
    let deleted = cx.backend.api().delete(item.kind, place, &DeleteOptions::default()).map_err(|s| Failure::status(&s))?;
    if matches!(deleted, Deleted::Gone(_)) {
        let object = files::receive(cx, item.kind, &value, &item.namespace);
        let made = object.and_then(|object| cx.backend.api().create(object, false)).map_err(|s| Failure::status(&s))?;
        cx.line(format!("{}/{} configured", item.kind.qualified(), item.name));
        return Ok(made.to_value());
    }
    let objects = vec![(item.kind, place.clone(), live.meta().uid.clone())];
    let then = Then::Create { values: vec![value], soonest: 0, done: "configured" };
    cx.wait = Some(Wait::Gone { objects, deadline: None, then });
    Ok(live.to_value())
}

/// Which object it is, as kubectl's errors tell it.
fn described(item: &Item) -> String {
    let info = item.kind.info();
    let version = format!("{}/{}", info.group, info.version);
    format!(
        "Resource: {:?}, GroupVersionKind: \"{version}, Kind={}\"\nName: {:?}, Namespace: {:?}",
        format!("{version}, Resource={}", info.plural),
        info.name,
        item.name,
        item.namespace
    )
}

/// What kubectl advises when others own what the file would change.
const CONFLICT: &str = "Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

/// Server-side apply. What `kubectl apply` without the server has made goes over to the server's way of it.
fn server_side(cx: &mut Cx, item: &Item, place: &Key, flags: &Parsed, dry: DryRun) -> Result<Object, Failure> {
    let (value, force) = (modified(cx, item), flags.on("force-conflicts"));
    let send = |cx: &mut Cx| {
        let object = cx.backend.api().apply(item.kind, place, &value, force, dry != DryRun::No);
        object.map_err(|s| match s.reason {
            "Conflict" if s.message.starts_with("Apply failed") => Failure::error(format!("{}\n{CONFLICT}", s.message)),
            _ => Failure::status(&s),
        })
    };
    let mut object = send(cx)?;
    if dry == DryRun::No && cx.backend.api().take_over(&object.meta().uid) {
        object = send(cx)?;
    }
    cx.warn();
    warn_if_deleting(cx, &object);
    say(cx, item, flags, dry, "serverside-applied");
    Ok(object)
}

fn warn_if_deleting(cx: &mut Cx, object: &Object) {
    if object.meta().is_deleting() {
        cx.line(format!("Warning: Detected changes to resource {} which is currently being deleted.", object.meta().name));
    }
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
    let mut namespaces: Vec<&str> = items.iter().map(|i| i.namespace.as_str()).collect();
    namespaces.dedup();
    use crate::api::Kind::{
        ConfigMap, CronJob, DaemonSet, Deployment, Endpoints, Ingress, Job, Namespace, Pod, ReplicaSet, Secret, Service,
        StatefulSet,
    };
    namespaces.retain(|n| !n.is_empty());
    let namespaced =
        [ConfigMap, Endpoints, Pod, Secret, Service, Job, CronJob, Ingress, DaemonSet, Deployment, ReplicaSet, StatefulSet];
    let passes = namespaces.into_iter().map(|n| (n, &namespaced[..])).chain([("", &[Namespace][..])]);
    for (namespace, kinds) in passes {
        for kind in kinds.iter().copied() {
            cx.warn_endpoints([kind]);
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
