//! `kubectl scale` (`…/cmd/scale/scale.go`, `…/pkg/scale/scale.go`).

use super::create::DryRun;
use super::output::Output;
use super::record;
use crate::api::{Key, Kind, Object};
use crate::kubectl::builder::{self, Ask, Info};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, FILES, Flag, Flags, PRINT, Parsed, Takes};
use crate::kubectl::wait::{Wait, Waited};
use crate::time::Nanos;
use std::rc::Rc;

pub(super) const FLAGS: Flags = &[
    PRINT,
    FILES,
    CHANGE,
    &[
        Flag("replicas", None, Takes::Int),
        Flag("current-replicas", None, Takes::Int),
        Flag("resource-version", None, Takes::Text),
        Flag("timeout", None, Takes::Duration),
        Flag("selector", Some('l'), Takes::Text),
        Flag("all", None, Takes::Bool),
    ],
];

/// `--timeout`: until the objects have as many Pods as they shall have.
#[derive(Clone, Debug)]
pub struct Scaling {
    /// What is waited for, one after the other, with the number of replicas.
    left: Vec<(Kind, Key, i32)>,
    deadline: Nanos,
    /// Lines to print, one for each.
    lines: Vec<String>,
}

impl PartialEq for Scaling {
    fn eq(&self, other: &Self) -> bool {
        self.left == other.left && self.deadline == other.deadline
    }
}

/// `kubectl scale`.
pub fn scale(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("scale", &why))?;
    let Some(replicas) = flags.int("replicas") else { return Err(Failure::error("required flag(s) \"replicas\" not set")) };
    let (dry, output) = (DryRun::of(&flags)?, Output::of(cx, &flags)?);
    if replicas < 0 {
        return Err(Failure::error("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"));
    }
    if flags.int("current-replicas").is_some_and(|r| r < -1) {
        return Err(Failure::error("The --current-replicas must specify an integer of -1 or greater"));
    }
    let ask = Ask::of(&flags.words).kind_alone(flags.on("all"));
    let found = builder::find(cx, &flags, &ask)?;
    if !flags.text("resource-version").is_empty() && found.infos.len() > 1 {
        return Err(Failure::error("cannot use --resource-version with multiple resources"));
    }
    if found.infos.is_empty() {
        Failure::result(found.failures)?;
        return Err(Failure::error("no objects passed to scale"));
    }
    let timeout = flags.span("timeout").filter(|t| *t > 0 && dry == DryRun::No).and_then(|t| u64::try_from(t).ok());
    let mut scaling = Scaling { left: vec![], deadline: cx.backend.read().now() + timeout.unwrap_or(0), lines: vec![] };
    for info in found.infos {
        let done = one(cx, &info, replicas, &flags, dry)?;
        if timeout.is_some() {
            scaling.left.push((info.kind, info.key.clone(), replicas as i32));
            scaling.lines.push(format!("{}/{} scaled", info.kind.qualified(), info.key.name));
            continue;
        }
        output.done(cx, &done.to_value(), "scaled", dry)?;
    }
    if timeout.is_some() {
        cx.wait = Some(Wait::Scale(scaling));
    }
    Failure::result(found.failures)
}

/// Sets the number of replicas: the object after that.
fn one(cx: &mut Cx, info: &Info, replicas: i64, flags: &Parsed, dry: DryRun) -> Result<Object, Failure> {
    let object = info.object.clone().ok_or_else(|| Failure::error("no objects passed to scale"))?;
    let current = match &object {
        Object::Deployment(d) => d.spec.replicas.unwrap_or(1),
        Object::ReplicaSet(rs) => rs.spec.replicas.unwrap_or(1),
        Object::StatefulSet(set) => set.spec.replicas.unwrap_or(1),
        _ if dry == DryRun::Client => return Ok(object),
        _ => return Err(Failure::plain("Error from server (NotFound): the server could not find the requested resource")),
    };
    if dry != DryRun::Client {
        let version = flags.text("resource-version");
        if let Some(expected) = flags.int("current-replicas").filter(|e| *e >= 0 && *e != i64::from(current)) {
            return Err(Failure::error(format!("Expected replicas to be {expected}, was {current}")));
        }
        let own = &object.meta().resource_version;
        if !version.is_empty() && version != *own {
            return Err(Failure::error(format!("Expected resource version to be {version}, was {own}")));
        }
    }
    let mut changed = record::object(cx, object.clone());
    let replicas = i32::try_from(replicas).unwrap_or(i32::MAX);
    match &mut changed {
        Object::Deployment(d) => Rc::make_mut(d).spec.replicas = Some(replicas),
        Object::ReplicaSet(rs) => Rc::make_mut(rs).spec.replicas = Some(replicas),
        Object::StatefulSet(set) => Rc::make_mut(set).spec.replicas = Some(replicas),
        _ => {}
    }
    if dry == DryRun::Client {
        return Ok(changed);
    }
    cx.backend.api().update(changed, dry == DryRun::Server).map_err(|s| Failure::status(&s))
}

impl Scaling {
    /// Looks whether the first object has its Pods.
    pub fn poll(mut self, cx: &mut Cx) -> Waited {
        while let Some((kind, key, replicas)) = self.left.first().cloned() {
            let there = cx.backend.read().store().get(kind, &key).is_none_or(|object| match object {
                Object::Deployment(d) => d.status.observed_generation >= d.meta.generation && d.status.replicas == replicas,
                Object::ReplicaSet(rs) => rs.status.observed_generation >= rs.meta.generation && rs.status.replicas == replicas,
                _ => true,
            });
            if !there && cx.backend.read().now() < self.deadline {
                return Waited::Still(Wait::Scale(self));
            }
            if !there {
                return Waited::Failed(Failure::error("context deadline exceeded"));
            }
            cx.line(self.lines.remove(0));
            self.left.remove(0);
        }
        Waited::Done
    }
}
