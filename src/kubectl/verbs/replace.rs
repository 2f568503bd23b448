//! `kubectl replace`.

use super::create::DryRun;
use super::files::{self, FILE_FLAGS, Item};
use crate::api::Kind;
use crate::apiserver::{DeleteOptions, Deleted};
use crate::kubectl::cx::{Cx, key};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Takes};
use crate::kubectl::wait::{Then, Wait};
use crate::time::{MILLISECOND, Nanos};
use serde_json::Value;

/// kubectl asks three times whether an object is gone, and reads the file again, before it makes the object anew.
const LOOKING: Nanos = 50 * MILLISECOND;

pub(super) const FLAGS: &[Flag] = &[
    Flag("filename", Some('f'), Takes::Many),
    Flag("recursive", Some('R'), Takes::Bool),
    Flag("force", None, Takes::Bool),
    Flag("grace-period", None, Takes::Int),
    Flag("save-config", None, Takes::Bool),
    Flag("cascade", None, Takes::Optional("background")),
    Flag("timeout", None, Takes::Text),
    Flag("wait", None, Takes::Bool),
    Flag("validate", None, Takes::Optional("strict")),
    Flag("subresource", None, Takes::Text),
    Flag("output", Some('o'), Takes::Text),
    Flag("dry-run", None, Takes::Optional("unchanged")),
];

/// `kubectl replace`.
pub fn replace(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("replace", &why))?;
    if !flags.has(FILE_FLAGS) {
        return Err(Failure::error("must specify one of -f and -k"));
    }
    let (items, mut failures) = files::read(cx, &flags)?;
    if items.is_empty() && failures.is_empty() {
        return Err(Failure::error("no objects passed to replace"));
    }
    if flags.on("force") {
        return force(cx, items, failures);
    }
    let dry = DryRun::of(&flags)?;
    for item in &items {
        cx.warn_endpoints([item.kind]);
        let place = key(item.kind, &item.namespace, &item.name);
        let result = cx.backend.read().read(item.kind, &place).cloned().and_then(|live| {
            let mut object = files::decode(item.kind, &item.value, &item.namespace)?;
            if object.meta().resource_version.is_empty() {
                object.meta_mut().resource_version = live.meta().resource_version.clone();
            }
            if dry != DryRun::Client {
                cx.backend.api().update(object, dry == DryRun::Server)?;
                cx.warn();
            }
            Ok(())
        });
        match result {
            Ok(()) => cx.line(format!("{}/{} replaced{}", item.kind.qualified(), item.name, dry.suffix())),
            Err(status) => failures.push(Failure::from_file(&status, "replacing", &item.file)),
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::join(failures)) }
}

/// `--force`: deletes, waits until all are gone, and creates anew.
fn force(cx: &mut Cx, items: Vec<Item>, failures: Vec<Failure>) -> Result<(), Failure> {
    if !failures.is_empty() {
        return Err(Failure::join(failures));
    }
    let mut left = vec![];
    for item in &items {
        let place = key(item.kind, &item.namespace, &item.name);
        let Ok(deleted) = cx.backend.api().delete(item.kind, &place, &DeleteOptions::default()) else { continue };
        let space = if item.namespace.is_empty() { String::new() } else { format!(" from {} namespace", item.namespace) };
        cx.line(format!("{} {:?} deleted{space}", item.kind.qualified(), item.name));
        if let Deleted::Pending(object) = deleted {
            left.push((object.kind(), object.key(), object.meta().uid.clone()));
        }
    }
    let values = items
        .into_iter()
        .map(|mut item| {
            if !item.namespace.is_empty()
                && let Some(meta) = item.value.get_mut("metadata").and_then(Value::as_object_mut)
            {
                meta.insert("namespace".into(), Value::String(item.namespace));
            }
            item.value
        })
        .collect();
    let soonest = cx.backend.read().now() + LOOKING;
    cx.wait = Some(Wait::Gone { objects: left, deadline: None, then: Then::Create { values, soonest } });
    Ok(())
}

/// What follows a forced deletion.
pub fn create_again(cx: &mut Cx, values: Vec<Value>) -> Result<(), Failure> {
    for value in values {
        let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
        let Some(kind) = Kind::from_manifest(text("apiVersion"), text("kind")) else { continue };
        let object = files::decode(kind, &value, "default").map_err(|s| Failure::status(&s))?;
        let object = cx.backend.api().create(object, false).map_err(|s| Failure::status(&s))?;
        cx.line(format!("{}/{} replaced", kind.qualified(), object.meta().name));
    }
    Ok(())
}
