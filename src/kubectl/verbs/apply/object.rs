//! `kubectl apply` of one object: made if it is not there, patched by what its file, its last file and the server say.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/cmd/apply/{apply,patcher}.go`. Promises: a file that changes nothing sends nothing.

use super::server_side::server_side;
use crate::api::{Key, Object};
use crate::apiserver::patch::{self as server_patch, PatchType};
use crate::apiserver::{DeleteOptions, Deleted, Status};
use crate::kubectl::apply::{LAST_APPLIED, last_applied, three_way, with_last_applied};
use crate::kubectl::cx::{Cx, key};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use crate::kubectl::verbs::create::DryRun;
use crate::kubectl::verbs::files::{self, Item};
use crate::kubectl::verbs::{patch, record};
use crate::kubectl::wait::{Then, Wait};
use serde_json::{Map, Value};

pub(super) fn one(cx: &mut Cx, item: &Item, flags: &Parsed, dry: DryRun) -> Result<Value, Failure> {
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
    change(cx, item, flags, dry, (&place, value, &live))
}

/// Patches an object that is there: by what its file says now, what it said last, and what the server has.
fn change(
    cx: &mut Cx,
    item: &Item,
    flags: &Parsed,
    dry: DryRun,
    (place, value, live): (&Key, Value, &Object),
) -> Result<Value, Failure> {
    let tree = live.to_value();
    if !live.meta().annotations.contains_key(LAST_APPLIED) {
        let resource = format!("{}/{}", item.kind.info().plural, item.name);
        cx.line(format!("Warning: resource {resource} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically."));
    }
    warn_if_deleting(cx, live);
    let last = last_applied(&tree).map_err(Failure::error)?;
    let patch = three_way(item.kind, last.as_ref(), &value, &tree)
        .map_err(|s| Failure::from_file(&s, "applying patch to", &item.file))?;
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
    let sent = patch::send(cx, (item.kind, place), PatchType::Strategic, &patch, false, dry != DryRun::No);
    let sent = match sent {
        Err(s) if flags.on("force") && matches!(s.reason, "Conflict" | "Invalid") => return anew(cx, item, place, value, live),
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

/// The object as it is sent: with its namespace.
pub(super) fn modified(cx: &Cx, item: &Item) -> Value {
    let mut value = item.value.clone();
    record::tree(cx, &mut value);
    files::set_namespace(&mut value, &item.namespace);
    value
}

pub(super) fn warn_if_deleting(cx: &mut Cx, object: &Object) {
    if object.meta().is_deleting() {
        cx.line(format!("Warning: Detected changes to resource {} which is currently being deleted.", object.meta().name));
    }
}

pub(super) fn say(cx: &mut Cx, item: &Item, flags: &Parsed, dry: DryRun, what: &str) {
    let name = format!("{}/{}", item.kind.qualified(), item.name);
    match flags.get("output") {
        None => cx.line(format!("{name} {what}{}", dry.suffix())),
        Some("name") => cx.line(name),
        Some(_) => {}
    }
}
