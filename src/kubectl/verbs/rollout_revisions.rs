//! `kubectl rollout history` and `undo` of what keeps its templates as ControllerRevisions: DaemonSets and StatefulSets.
//!
//! Sources: `staging/src/k8s.io/kubectl/pkg/polymorphichelpers/{history,rollback}.go`.

use super::create::DryRun;
use super::output::Output;
use super::patch;
use crate::api::codec::Json;
use crate::api::pod::PodTemplateSpec;
use crate::api::{ControllerRevision, DaemonSet, Kind, Object, StatefulSet};
use crate::apiserver::patch::PatchType;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use crate::kubectl::rollout as text;
use serde_json::json;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Whether a kind keeps its templates so.
pub(super) fn keeps(kind: Kind) -> bool {
    matches!(kind, Kind::DaemonSet | Kind::StatefulSet)
}

/// The revisions that an object controls, by number.
fn of(cx: &Cx, object: &Object) -> BTreeMap<i64, Rc<ControllerRevision>> {
    let meta = object.meta();
    let all = cx.backend.read().store().list(Kind::ControllerRevision, Some(&meta.namespace));
    let own = |r: &&Rc<ControllerRevision>| r.meta.controller().is_some_and(|owner| owner.uid == meta.uid);
    all.filter_map(Object::as_::<ControllerRevision>).filter(own).map(|r| (r.revision, r.clone())).collect()
}

/// The object as it was with the template of a revision.
fn applied(object: &Object, revision: &ControllerRevision) -> Object {
    let mut object = object.clone();
    if let Some(template) = revision.template() {
        match &mut object {
            Object::DaemonSet(set) => Rc::make_mut(set).spec.template = template,
            Object::StatefulSet(set) => Rc::make_mut(set).spec.template = template,
            _ => {}
        }
    }
    object
}

fn template(object: &Object) -> PodTemplateSpec {
    let daemon = object.as_::<DaemonSet>().map(|set| &set.spec.template);
    daemon.or_else(|| object.as_::<StatefulSet>().map(|set| &set.spec.template)).cloned().unwrap_or_default()
}

pub(super) fn history(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    let all = of(cx, object);
    let output = Output::of(cx, flags)?;
    let wanted = flags.int("revision").filter(|r| *r > 0);
    let missing = || Failure::error("unable to find the specified revision");
    let chosen = wanted.map(|revision| all.get(&revision).ok_or_else(missing)).transpose();
    if !output.is_table() {
        let chosen: Vec<Object> = match chosen? {
            Some(revision) => vec![applied(object, revision)],
            None => all.values().map(|revision| applied(object, revision)).collect(),
        };
        for (i, one) in chosen.iter().enumerate() {
            if i > 0 && matches!(output, Output::Yaml) {
                cx.line("---");
            }
            output.print(cx, std::slice::from_ref(one), true)?;
        }
        return Ok(());
    }
    let head = format!("{}/{}", object.kind().qualified(), object.meta().name);
    let (line, body) = match (chosen, wanted) {
        _ if all.is_empty() => (format!("{head} "), "No rollout history found.".to_string()),
        (Ok(Some(revision)), Some(number)) => {
            let body = text::template_text(&template(&applied(object, revision)));
            (format!("{head} with revision #{number}"), body)
        }
        (Err(missing), _) => return Err(missing),
        _ => (format!("{head} "), text::causes(all.iter().map(|(number, revision)| (*number, &revision.meta)))),
    };
    cx.line(line);
    cx.line(body);
    Ok(())
}

pub(super) fn undo(cx: &mut Cx, object: &Object, flags: &Parsed) -> Result<(), Failure> {
    let all = of(cx, object);
    let number = flags.int("to-revision").unwrap_or(0);
    let (dry, output) = (DryRun::of(flags)?, Output::of(cx, flags)?);
    let found = match number {
        0 if all.len() <= 1 => return Err(Failure::error("no last revision to roll back to")),
        0 => all.values().nth_back(1),
        _ => all.get(&number),
    };
    let missing = || Failure::error(format!("unable to find specified revision {number} in history"));
    let old = template(&applied(object, found.ok_or_else(missing)?));
    if dry == DryRun::Client {
        let word = format!("will roll back to {}", text::template_text(&old));
        return output.done(cx, &object.to_value(), &word, dry);
    }
    if old == template(object) {
        let word = format!("skipped rollback (current template already matches revision {number})");
        return output.done(cx, &object.to_value(), &word, dry);
    }
    let change = json!([{"op": "replace", "path": "/spec/template", "value": old.encode()}]);
    patch::send(cx, (object.kind(), &object.key()), PatchType::Json, &change, false, dry == DryRun::Server)
        .map_err(|status| Failure::error(format!("failed restoring revision {number}: {}", status.message)))?;
    output.done(cx, &object.to_value(), "rolled back", dry)
}
