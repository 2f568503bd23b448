//! `kubectl rollout`: status, history, undo, pause, resume, restart.

use super::create::DryRun;
use super::files::{self, FILE_FLAGS};
use super::patch;
use super::span;
use crate::api::{Deployment, Key, Kind, Object, ReplicaSet};
use crate::apiserver::patch::PatchType;
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Parsed, Takes};
use crate::kubectl::resources;
use crate::kubectl::rollout::{self as text, Undo};
use crate::kubectl::wait::{Wait, Waited};
use crate::time::Nanos;
use serde_json::json;
use std::rc::Rc;

pub(super) const FLAGS: &[Flag] = &[
    Flag("watch", Some('w'), Takes::Bool),
    Flag("timeout", None, Takes::Text),
    Flag("revision", None, Takes::Int),
    Flag("to-revision", None, Takes::Int),
    Flag("selector", Some('l'), Takes::Text),
    Flag("filename", Some('f'), Takes::Many),
    Flag("recursive", Some('R'), Takes::Bool),
    Flag("output", Some('o'), Takes::Text),
    Flag("dry-run", None, Takes::Optional("unchanged")),
    Flag("field-manager", None, Takes::Text),
];

/// What `kubectl rollout` without a subcommand prints: its commands and how they are used.
const HELP: &str = "Manage the rollout of one or many resources.
        
 Valid resource types include:

  *  deployments
  *  daemonsets
  *  statefulsets

Examples:
  # Rollback to the previous deployment
  kubectl rollout undo deployment/abc
  
  # Check the rollout status of a daemonset
  kubectl rollout status daemonset/foo
  
  # Restart a deployment
  kubectl rollout restart deployment/abc
  
  # Restart deployments with the 'app=nginx' label
  kubectl rollout restart deployment --selector=app=nginx

Available Commands:
  history       View rollout history
  pause         Mark the provided resource as paused
  restart       Restart a resource
  resume        Resume a paused resource
  status        Show the status of the rollout
  undo          Undo a previous rollout

Usage:
  kubectl rollout SUBCOMMAND [options]

Use \"kubectl rollout <command> --help\" for more information about a given command.
Use \"kubectl options\" for a list of global command-line options (applies to all commands).";

/// `kubectl rollout`.
pub fn rollout(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let Some(sub) = args.first() else { return Err(Failure::plain(HELP)) };
    let flags = flags::parse(&args[1..], FLAGS).map_err(|why| Failure::usage(&format!("rollout {sub}"), &why))?;
    let one: fn(&mut Cx, &Object, &Parsed) -> Result<(), Failure> = match sub.as_str() {
        "status" => status,
        "history" => history,
        "undo" => undo,
        "pause" => pause,
        "resume" => resume,
        "restart" => restart,
        _ => return Err(Failure::plain(HELP)),
    };
    if flags.words.is_empty() && !flags.has(FILE_FLAGS) {
        return Err(Failure::error("required resource not specified"));
    }
    let named = if flags.has(FILE_FLAGS) { files::named(cx, &flags)? } else { resources::named(&flags.words)? };
    let pick = Pick::of(&flags, named.items.first().map(|(k, _)| *k))?;
    let namespace = cx.namespace(&flags);
    let (found, mut failures) = cx.find(&named, Some(&namespace), &pick);
    if sub == "status" && found.len() > 1 {
        return Err(Failure::error(
            "rollout status is only supported on individual resources and resource collections - 2 resources were found",
        ));
    }
    for object in &found {
        if let Err(failure) = one(cx, object, &flags) {
            failures.push(failure);
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::join(failures)) }
}

/// The Deployment that an object is; `why` words the refusal of other kinds.
fn deployment<'a>(object: &'a Object, why: &str) -> Result<&'a Rc<Deployment>, Failure> {
    let name = object.kind().info().name;
    object.as_::<Deployment>().ok_or_else(|| Failure::error(why.replace("KIND", name)))
}

fn sets(cx: &Cx, namespace: &str) -> Vec<Rc<ReplicaSet>> {
    cx.backend.read().store().list(Kind::ReplicaSet, Some(namespace)).filter_map(Object::as_).cloned().collect()
}

/// `rollout status` under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Watching {
    key: Key,
    revision: i64,
    deadline: Option<Nanos>,
    said: String,
}

fn status(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    deployment(object, "no status viewer has been implemented for KIND")?;
    let deadline = flags.get("timeout").and_then(span).filter(|t| *t > 0).map(|t| cx.backend.read().now() + t);
    let revision = flags.int("revision").unwrap_or(0);
    let watching = Watching { key: object.key(), revision, deadline, said: String::new() };
    if flags.on_or("watch", true) {
        cx.wait = Some(Wait::Rollout(watching));
        return Ok(());
    }
    match watching.poll(cx) {
        Waited::Failed(failure) => Err(failure),
        _ => Ok(()),
    }
}

impl Watching {
    /// Says how far the rollout is, when that is news.
    pub fn poll(mut self, cx: &mut Cx) -> Waited {
        let Some(deployment) = cx.backend.read().get::<Deployment>(&self.key).cloned() else {
            return Waited::Failed(Failure::error("object has been deleted"));
        };
        match text::status(&deployment, self.revision) {
            Err(why) => return Waited::Failed(Failure::error(why)),
            Ok((line, done)) => {
                if line != self.said {
                    cx.out.push_str(&line);
                    self.said = line;
                }
                if done {
                    return Waited::Done;
                }
            }
        }
        if self.deadline.is_some_and(|at| cx.backend.read().now() >= at) {
            return Waited::Failed(Failure::error("timed out waiting for the condition"));
        }
        Waited::Still(Wait::Rollout(self))
    }
}

fn history(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    let name = object.kind().info().name;
    let why = format!("error retrieving history for {name:?}, no visitor method exists for {{ {name}}}");
    let deployment = deployment(object, &why)?;
    let sets = sets(cx, &deployment.meta.namespace);
    let head = format!("{}/{}", object.kind().qualified(), deployment.meta.name);
    match flags.int("revision").filter(|r| *r > 0) {
        Some(revision) => {
            let body = text::history_revision(deployment, &sets, revision).map_err(Failure::error)?;
            cx.line(format!("{head} with revision #{revision}"));
            cx.out.push_str(&body);
        }
        None => {
            cx.line(format!("{head} "));
            let body = text::history(deployment, &sets);
            cx.out.push_str(&body);
        }
    }
    Ok(())
}

fn undo(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    let deployment = deployment(object, "no rollbacker has been implemented for \"KIND\"")?;
    let sets = sets(cx, &deployment.meta.namespace);
    let revision = flags.int("to-revision").unwrap_or(0);
    let dry = DryRun::of(flags)?;
    let name = format!("{}/{}", object.kind().qualified(), deployment.meta.name);
    if deployment.meta.annotations.contains_key(crate::kubectl::apply::LAST_APPLIED) {
        cx.line(format!(
            "Warning: resource deployments/{} was previously managed with 'kubectl apply'. Rolling back will not update the {} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
            deployment.meta.name,
            crate::kubectl::apply::LAST_APPLIED
        ));
    }
    match text::undo(deployment, &sets, revision).map_err(Failure::error)? {
        Undo::Skip(why) => cx.line(format!("{name} {why}")),
        Undo::Patch(value) => {
            if dry != DryRun::Client {
                let target = (Kind::Deployment, &object.key());
                patch::send(cx, target, PatchType::Json, &value, false, dry == DryRun::Server)
                    .map_err(|s| Failure::error(format!("failed restoring revision {revision}: {}", s.message)))?;
            }
            cx.line(format!("{name} rolled back{}", dry.suffix()));
        }
    }
    Ok(())
}

/// Sends a change and says it.
fn send(cx: &mut Cx, object: &Object, value: &serde_json::Value, word: &str, dry: DryRun) -> Result<(), Failure> {
    if dry != DryRun::Client {
        let target = (object.kind(), &object.key());
        patch::send(cx, target, PatchType::Strategic, value, false, dry == DryRun::Server).map_err(|s| Failure::status(&s))?;
    }
    cx.line(format!("{}/{} {word}{}", object.kind().qualified(), object.meta().name, dry.suffix()));
    Ok(())
}

fn pause(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    let resource = format!("{} {:?}", object.kind().resource(), object.meta().name);
    let deployment = deployment(object, &format!("{resource} pausing is not supported"))?;
    if deployment.spec.paused {
        return Err(Failure::error(format!("{resource} is already paused")));
    }
    send(cx, object, &json!({"spec": {"paused": true}}), "paused", DryRun::of(flags)?)
}

fn resume(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    let resource = format!("{} {:?}", object.kind().resource(), object.meta().name);
    let deployment = deployment(object, &format!("{resource} resuming is not supported"))?;
    if !deployment.spec.paused {
        return Err(Failure::error(format!("{resource} is not paused")));
    }
    send(cx, object, &json!({"spec": {"paused": null}}), "resumed", DryRun::of(flags)?)
}

fn restart(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    let resource = format!("{} {:?}", object.kind().resource(), object.meta().name);
    let deployment = deployment(object, &format!("{resource} restarting is not supported"))?;
    let value = text::restart(deployment, &cx.now().rfc3339()).map_err(|why| Failure::error(format!("{resource} {why}")))?;
    send(cx, object, &value, "restarted", DryRun::of(flags)?)
}
