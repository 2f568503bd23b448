//! `kubectl scale`.

use super::create::DryRun;
use super::files::{self, FILE_FLAGS};
use crate::api::Object;
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Takes};
use crate::kubectl::resources;
use std::rc::Rc;

pub(super) const FLAGS: &[Flag] = &[
    Flag("replicas", None, Takes::Int),
    Flag("current-replicas", None, Takes::Int),
    Flag("resource-version", None, Takes::Text),
    Flag("timeout", None, Takes::Text),
    Flag("selector", Some('l'), Takes::Text),
    Flag("all", None, Takes::Bool),
    Flag("filename", Some('f'), Takes::Many),
    Flag("output", Some('o'), Takes::Text),
    Flag("dry-run", None, Takes::Optional("unchanged")),
];

/// `kubectl scale`.
pub fn scale(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("scale", &why))?;
    let Some(replicas) = flags.int("replicas") else { return Err(Failure::error("required flag(s) \"replicas\" not set")) };
    if replicas < 0 {
        return Err(Failure::error("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"));
    }
    let replicas = i32::try_from(replicas).map_err(|_| {
        Failure::usage("scale", &format!("invalid argument \"{replicas}\" for \"--replicas\" flag: strconv.ParseInt: parsing \"{replicas}\": value out of range"))
    })?;
    let named = if flags.has(FILE_FLAGS) { files::named(cx, &flags)? } else { resources::named(&flags.words)? };
    if named.items.is_empty() {
        return Err(super::delete::nothing_named());
    }
    let pick = Pick::of(&flags, named.items.first().map(|(k, _)| *k))?;
    if !named.by_name() && !flags.on("all") && pick.labels.is_none() {
        return Err(Failure::error("resource(s) were provided, but no name was specified"));
    }
    let namespace = cx.namespace(&flags);
    let (found, mut failures) = cx.find(&named, Some(&namespace), &pick);
    if found.is_empty() && failures.is_empty() {
        return Err(Failure::error("no objects passed to scale"));
    }
    let dry = DryRun::of(&flags)?;
    for object in found {
        if let Err(failure) = one(cx, &object, replicas, flags.int("current-replicas"), dry) {
            failures.push(failure);
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::join(failures)) }
}

fn one(cx: &mut Cx, object: &Object, replicas: i32, expected: Option<i64>, dry: DryRun) -> Result<(), Failure> {
    let current = match object {
        Object::Deployment(d) => d.spec.replicas,
        Object::ReplicaSet(rs) => rs.spec.replicas,
        other => {
            let text = format!("cannot scale {}: the server could not find the requested resource", other.kind().resource());
            return Err(Failure::error(text));
        }
    };
    let current = current.unwrap_or(1);
    if let Some(expected) = expected.filter(|e| *e >= 0 && *e != i64::from(current)) {
        return Err(Failure::error(format!("Expected replicas to be {expected}, was {current}")));
    }
    if dry != DryRun::Client {
        let mut changed = object.clone();
        match &mut changed {
            Object::Deployment(d) => Rc::make_mut(d).spec.replicas = Some(replicas),
            Object::ReplicaSet(rs) => Rc::make_mut(rs).spec.replicas = Some(replicas),
            _ => {}
        }
        cx.backend.api().update(changed, dry == DryRun::Server).map_err(|s| Failure::status(&s))?;
    }
    cx.line(format!("{}/{} scaled{}", object.kind().qualified(), object.meta().name, dry.suffix()));
    Ok(())
}
