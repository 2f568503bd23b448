//! `kubectl replace`.

use super::create::DryRun;
use super::files::{self, FILE_FLAGS, Item};
use super::output::Output;
use super::record;
use crate::api::{Key, Kind};
use crate::apiserver::managed_fields::Client;
use crate::apiserver::{DeleteOptions, Deleted, Status};
use crate::kubectl::cx::{Cx, key};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, FILES, Flag, Flags, PRINT, Parsed, Takes};
use crate::kubectl::wait::{Then, Wait};
use crate::time::{MILLISECOND, Nanos};
use serde_json::Value;

/// kubectl asks three times whether an object is gone, and reads the file again, before it makes the object anew.
const LOOKING: Nanos = 100 * MILLISECOND;

pub(super) const FLAGS: Flags = &[
    PRINT,
    FILES,
    CHANGE,
    &[
        Flag("force", None, Takes::Bool),
        Flag("grace-period", None, Takes::Int),
        Flag("save-config", None, Takes::Bool),
        Flag("cascade", None, Takes::Optional("background")),
        Flag("timeout", None, Takes::Text),
        Flag("wait", None, Takes::Bool),
        Flag("validate", None, Takes::Optional("strict")),
        Flag("subresource", None, Takes::Text),
    ],
];

/// `kubectl replace`.
pub fn replace(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("replace", &why))?;
    if !flags.has(FILE_FLAGS) && !flags.has("kustomize") {
        return Err(Failure::error("must specify one of -f and -k"));
    }
    let (dry, output) = (DryRun::of(&flags)?, Output::of(cx, &flags)?);
    check(&flags, dry)?;
    cx.field_validation = files::field_validation(&flags)?;
    if flags.on("force") {
        let (items, failures) = files::read(cx, &flags)?;
        return force(cx, items, failures);
    }
    let (items, mut failures) = (files::read_each(cx, &flags)?, vec![]);
    if items.is_empty() {
        return Err(Failure::error("no objects passed to replace"));
    }
    for item in &items {
        let item = match item {
            Ok(item) => item,
            Err(failure) => {
                failures.push(failure.clone());
                continue;
            }
        };
        cx.warn_endpoints([item.kind]);
        let place = key(item.kind, &item.namespace, &item.name);
        let result = match dry {
            DryRun::Client => {
                let mut value = item.value.clone();
                files::set_namespace(&mut value, &item.namespace);
                Ok(value)
            }
            _ => send(cx, item, &place, dry),
        };
        let printed = match result {
            Ok(value) => output.done(cx, &value, "replaced", dry),
            Err(status) => Err(Failure::from_file(&status, "replacing", &item.file)),
        };
        failures.extend(printed.err());
    }
    Failure::result(failures)
}

/// Objects of some kinds are made by a PUT when they are not there (`AllowCreateOnUpdate`).
fn made_by_put(kind: Kind) -> bool {
    use Kind::{ClusterRole, ClusterRoleBinding, Endpoints, Event, Lease, LimitRange, Role, RoleBinding, Service};
    matches!(kind, Service | Endpoints | Event | Lease | LimitRange | Role | RoleBinding | ClusterRole | ClusterRoleBinding)
}

/// A PUT of the object as the file has it.
fn send(cx: &mut Cx, item: &Item, place: &Key, dry: DryRun) -> Result<Value, Status> {
    let live = cx.backend.read().read(item.kind, place).cloned();
    let mut object = files::receive(cx, item.kind, &item.value, &item.namespace)?;
    let live = match live {
        Err(_) if made_by_put(item.kind) => {
            let object = record::object(cx, object);
            let stored = cx.backend.api().create(object, dry == DryRun::Server)?;
            cx.warn();
            return Ok(stored.to_value());
        }
        live => live?,
    };
    if object.meta().resource_version.is_empty() {
        object.meta_mut().resource_version = live.meta().resource_version.clone();
    }
    let object = record::object(cx, object);
    let stored = cx.backend.api().update(object, dry == DryRun::Server)?;
    cx.warn();
    Ok(stored.to_value())
}

/// Flags that do not go together.
fn check(flags: &Parsed, dry: DryRun) -> Result<(), Failure> {
    let force = flags.on("force");
    let rules = [
        (flags.int("grace-period").is_some_and(|g| g >= 0) && !force, "--grace-period must have --force specified"),
        (flags.span("timeout").is_some_and(|t| t != 0) && !force, "--timeout must have --force specified"),
        (force && dry != DryRun::No, "--dry-run can not be used when --force is set"),
    ];
    match rules.iter().find(|(broken, _)| *broken) {
        Some((_, text)) => Err(Failure::error(text)),
        None => Ok(()),
    }
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
            files::set_namespace(&mut item.value, &item.namespace);
            item.value
        })
        .collect();
    let soonest = cx.backend.read().now() + LOOKING;
    cx.wait = Some(Wait::Gone { objects: left, deadline: None, then: Then::Create { values, soonest, done: "replaced" } });
    Ok(())
}

/// What follows a forced deletion.
pub fn create_again(cx: &mut Cx, values: Vec<Value>, done: &str) -> Result<(), Failure> {
    cx.backend.api().set_client(Some(Client { manager: "kubectl-replace".into(), subresource: "" }));
    let result = create_each(cx, values, done);
    cx.backend.api().set_client(None);
    result
}

fn create_each(cx: &mut Cx, values: Vec<Value>, done: &str) -> Result<(), Failure> {
    for value in values {
        let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
        let Some(kind) = Kind::from_manifest(text("apiVersion"), text("kind")) else { continue };
        let object = files::decode(kind, &value, "default").map_err(|s| Failure::status(&s))?;
        let object = cx.backend.api().create(object, false).map_err(|s| Failure::status(&s))?;
        cx.line(format!("{}/{} {done}", kind.qualified(), object.meta().name));
    }
    Ok(())
}
