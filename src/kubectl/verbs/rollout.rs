//! `kubectl rollout`: status, history, undo, pause, resume, restart.

use super::create::DryRun;
use super::output::Output;
use super::rollout_flags::{HELP, HISTORY, PATCH, STATUS, UNDO};
use super::{patch, rollout_revisions};
use crate::api::{Deployment, Key, Kind, Object, ReplicaSet};
use crate::apiserver::patch::PatchType;
use crate::kubectl::apply::LAST_APPLIED;
use crate::kubectl::builder::{self, Ask, Found, Info};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flags, Parsed};
use crate::kubectl::rollout::{self as text, Undo};
use crate::kubectl::wait::{Wait, Waited};
use crate::time::Nanos;
use serde_json::json;
use std::rc::Rc;

/// `kubectl rollout`.
pub fn rollout(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let Some(sub) = args.first() else { return Err(Failure::plain(HELP)) };
    type One = fn(&mut Cx, &Object, &Parsed) -> Result<(), Failure>;
    let (one, known): (One, Flags) = match sub.as_str() {
        "status" => return status(cx, &args[1..]),
        "history" => (history, HISTORY),
        "undo" => (undo, UNDO),
        "pause" => (pause, PATCH),
        "resume" => (resume, PATCH),
        "restart" => (restart, PATCH),
        _ => return Err(super::help::unknown_sub("rollout", args)),
    };
    let flags = flags::parse(&args[1..], known).map_err(|why| Failure::usage(&format!("rollout {sub}"), &why))?;
    let found = targets(cx, &flags)?;
    Output::of(cx, &flags)?;
    let changes = matches!(sub.as_str(), "pause" | "resume" | "restart");
    if changes && found.infos.is_empty() && found.failures.is_empty() {
        cx.line(format!("No resources found in {} namespace.", cx.namespace(&flags)));
    }
    let mut failures = found.failures;
    for object in found.infos.iter().filter_map(|i| i.object.clone()) {
        failures.extend(one(cx, &object, &flags).err());
    }
    Failure::result(failures)
}

fn targets(cx: &mut Cx, flags: &Parsed) -> Result<Found, Failure> {
    if flags.words.is_empty() && !flags.has("filename") {
        return Err(Failure::error("required resource not specified"));
    }
    if let Some(revision) = flags.int("revision").filter(|r| *r < 0) {
        return Err(Failure::error(format!("revision must be a positive integer: {revision}")));
    }
    builder::find(cx, flags, &Ask::of(&flags.words).kind_alone(true))
}

/// `Deployment.apps`, `Pod`.
fn group_kind(kind: Kind) -> String {
    let info = kind.info();
    if info.group.is_empty() { info.name.to_string() } else { format!("{}.{}", info.name, info.group) }
}

/// The Deployment that an object is; other kinds are refused in the words of what looks for a `what` for `doing`.
fn deployment<'a>(object: &'a Object, doing: &str, what: &str) -> Result<&'a Rc<Deployment>, Failure> {
    let (kind, info) = (group_kind(object.kind()), object.kind().info());
    object.as_::<Deployment>().ok_or_else(|| match object.kind() {
        Kind::Pod | Kind::ReplicaSet | Kind::Job => Failure::error(format!("no {what} has been implemented for {kind:?}")),
        _ => Failure::error(format!(
            "error retrieving {doing} for {kind:?}, no visitor method exists for {{{} {}}}",
            info.group, info.name
        )),
    })
}

fn sets(cx: &Cx, namespace: &str) -> Vec<Rc<ReplicaSet>> {
    cx.backend.read().store().list(Kind::ReplicaSet, Some(namespace)).filter_map(Object::as_).cloned().collect()
}

/// `rollout status` under way: one Deployment after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Watching {
    left: Vec<Result<(Kind, Key), Failure>>,
    failures: Vec<Failure>,
    revision: i64,
    timeout: Option<Nanos>,
    watch: bool,
    began: Nanos,
    said: String,
}

fn status(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, STATUS).map_err(|why| Failure::usage("rollout status", &why))?;
    let found = targets(cx, &flags)?;
    if found.infos.is_empty() && found.failures.is_empty() {
        cx.line(format!("No resources found in {} namespace.", cx.namespace(&flags)));
        return Ok(());
    }
    let each = |info: &Info| match info.kind {
        Kind::Deployment | Kind::DaemonSet | Kind::StatefulSet => Ok((info.kind, info.key.clone())),
        kind => Err(Failure::error(format!("no status viewer has been implemented for {}", group_kind(kind)))),
    };
    let watching = Watching {
        left: found.infos.iter().map(each).collect(),
        failures: found.failures,
        revision: flags.int("revision").unwrap_or(0),
        timeout: flags.span("timeout").filter(|t| *t > 0).and_then(|t| u64::try_from(t).ok()),
        watch: flags.on_or("watch", true),
        began: cx.backend.read().now(),
        said: String::new(),
    };
    cx.wait = Some(Wait::Rollout(watching));
    Ok(())
}

impl Watching {
    /// Says how far the rollout is, when that is news.
    pub fn poll(mut self, cx: &mut Cx) -> Waited {
        while let Some(next) = self.left.first().cloned() {
            match next.and_then(|(kind, key)| self.look(cx, kind, &key)) {
                Ok(false) => return Waited::Still(Wait::Rollout(self)),
                Ok(true) => {}
                Err(failure) => self.failures.push(failure),
            }
            drop(self.left.remove(0));
            self.said.clear();
            self.began = cx.backend.read().now();
        }
        match Failure::result(self.failures) {
            Ok(()) => Waited::Done,
            Err(failure) => Waited::Failed(failure),
        }
    }

    /// Whether there is nothing left to wait for at this object.
    fn look(&mut self, cx: &mut Cx, kind: Kind, key: &Key) -> Result<bool, Failure> {
        let found = match cx.backend.read().store().get(kind, key) {
            Some(Object::Deployment(deployment)) => text::status(deployment, self.revision),
            Some(Object::DaemonSet(set)) => text::daemon_set_status(set),
            Some(Object::StatefulSet(set)) => text::stateful_set_status(set),
            _ => Err("object has been deleted".to_string()),
        };
        let (line, done) = found.map_err(Failure::error)?;
        if line != self.said {
            cx.out.push_str(&line);
            self.said = line;
        }
        if done || !self.watch {
            return Ok(true);
        }
        if self.timeout.is_some_and(|t| cx.backend.read().now() >= self.began + t) {
            return Err(Failure::error("timed out waiting for the condition"));
        }
        Ok(false)
    }
}

fn history(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    if rollout_revisions::keeps(object.kind()) {
        return rollout_revisions::history(cx, object, flags);
    }
    let deployment = deployment(object, "history", "history viewer")?;
    let sets = sets(cx, &deployment.meta.namespace);
    let output = Output::of(cx, flags)?;
    let revision = flags.int("revision").filter(|r| *r > 0);
    if !output.is_table() {
        let found = text::history_sets(deployment, &sets);
        if let Some(revision) = revision {
            let set = found.get(&revision).ok_or_else(|| Failure::error("unable to find the specified revision"))?;
            return output.print(cx, &[Object::ReplicaSet(set.clone())], true);
        }
        for (i, set) in found.values().enumerate() {
            if i > 0 && matches!(output, Output::Yaml) {
                cx.line("---");
            }
            output.print(cx, &[Object::ReplicaSet(set.clone())], true)?;
        }
        return Ok(());
    }
    let head = format!("{}/{}", object.kind().qualified(), deployment.meta.name);
    let (line, body) = match revision {
        Some(revision) => {
            let body = text::history_revision(deployment, &sets, revision).map_err(Failure::error)?;
            (format!("{head} with revision #{revision}"), body)
        }
        None => (format!("{head} "), text::history(deployment, &sets)),
    };
    cx.line(line);
    cx.line(body);
    Ok(())
}

fn undo(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    if object.meta().annotations.contains_key(LAST_APPLIED) {
        cx.line(format!(
            "Warning: resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
            object.kind().info().plural,
            object.meta().name,
        ));
    }
    if rollout_revisions::keeps(object.kind()) {
        return rollout_revisions::undo(cx, object, flags);
    }
    let deployment = deployment(object, "rollbacker", "rollbacker")?;
    let sets = sets(cx, &deployment.meta.namespace);
    let revision = flags.int("to-revision").unwrap_or(0);
    let (dry, output) = (DryRun::of(flags)?, Output::of(cx, flags)?);
    if dry == DryRun::Client {
        let set = text::undo_target(deployment, &sets, revision).map_err(Failure::error)?;
        let template = text::template_text(&set.spec.template);
        return output.done(cx, &object.to_value(), &template, dry);
    }
    let word = match text::undo(deployment, &sets, revision).map_err(Failure::error)? {
        Undo::Skip(why) => why,
        Undo::Patch(value) => {
            let target = (Kind::Deployment, &object.key());
            patch::send(cx, target, PatchType::Json, &value, false, dry == DryRun::Server)
                .map_err(|s| Failure::error(format!("failed restoring revision {revision}: {}", s.message)))?;
            "rolled back".to_string()
        }
    };
    output.done(cx, &object.to_value(), &word, dry)
}

/// Sends a change and says it.
fn send(cx: &mut Cx, object: &Object, value: &serde_json::Value, word: &str, flags: &Parsed) -> Result<(), Failure> {
    let (dry, output) = (DryRun::of(flags)?, Output::of(cx, flags)?);
    let target = (object.kind(), &object.key());
    let (_, after) = patch::send(cx, target, PatchType::Strategic, value, false, dry == DryRun::Server)
        .map_err(|s| Failure::error(format!("failed to patch: {}", s.message)))?;
    output.done(cx, &after.to_value(), word, dry)
}

/// The Deployment that an object is; of other kinds it is said that they do not support this.
fn supported<'a>(object: &'a Object, doing: &str) -> Result<(&'a Rc<Deployment>, String), Failure> {
    let resource = format!("error: {} {:?}", object.kind().resource(), object.meta().name);
    match object.as_::<Deployment>() {
        Some(deployment) => Ok((deployment, resource)),
        None => Err(Failure::plain(format!("{resource} {doing} is not supported"))),
    }
}

fn pause(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    let (deployment, resource) = supported(object, "pausing")?;
    if deployment.spec.paused {
        return Err(Failure::plain(format!("{resource} is already paused")));
    }
    send(cx, object, &json!({"spec": {"paused": true}}), "paused", flags)
}

fn resume(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    let (deployment, resource) = supported(object, "resuming")?;
    if !deployment.spec.paused {
        return Err(Failure::plain(format!("{resource} is not paused")));
    }
    send(cx, object, &json!({"spec": {"paused": null}}), "resumed", flags)
}

fn restart(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    if matches!(object.kind(), Kind::DaemonSet | Kind::StatefulSet) {
        return send(cx, object, &text::restarted(&cx.now().rfc3339()), "restarted", flags);
    }
    let (deployment, resource) = supported(object, "restarting")?;
    let now = cx.now().rfc3339();
    let value = text::restart(deployment, &now).map_err(|why| Failure::plain(format!("{resource} {why}")))?;
    let last = deployment.spec.template.meta.annotations.get("kubectl.kubernetes.io/restartedAt");
    if last.is_some_and(|at| *at == now) {
        return Err(Failure::error(format!(
            "failed to create patch for {}: if restart has already been triggered within the past second, please wait before attempting to trigger another",
            deployment.meta.name
        )));
    }
    send(cx, object, &value, "restarted", flags)
}
