//! `kubectl taint`.

use super::create::DryRun;
use super::output::Output;
use crate::api::node::Taint;
use crate::api::validation::names;
use crate::api::{Kind, Node, Object};
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, Parsed, Takes};
use crate::kubectl::resources;
use std::rc::Rc;

pub(super) const FLAGS: Flags = &[&[
    Flag("selector", Some('l'), Takes::Text),
    Flag("all", None, Takes::Bool),
    Flag("overwrite", None, Takes::Bool),
    Flag("validate", None, Takes::Optional("strict")),
    Flag("output", Some('o'), Takes::Text),
    Flag("template", None, Takes::Text),
    Flag("no-headers", None, Takes::Bool),
    Flag("dry-run", None, Takes::Optional("unchanged")),
    Flag("field-manager", None, Takes::Text),
]];

/// What a command line asks of a node's taints.
struct Changes {
    add: Vec<Taint>,
    /// With no effect: all taints of the key.
    remove: Vec<Taint>,
}

/// `kubectl taint`.
pub fn taint(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("taint", &why))?;
    let is_taint = |w: &String| w.contains(['=', ':']) || w.ends_with('-');
    let first = flags.words.iter().position(is_taint).unwrap_or(flags.words.len());
    let (words, taints) = flags.words.split_at(first);
    if let Some(late) = taints.iter().find(|w| !is_taint(w)) {
        return Err(Failure::error(format!("all resources must be specified before taint changes: {late}")));
    }
    let Some(resource) = words.first() else {
        return Err(Failure::error("one or more resources must be specified as <resource> <name>"));
    };
    if taints.is_empty() {
        return Err(Failure::error("at least one taint update is required"));
    }
    let changes =
        changes(taints).map_err(|why| Failure::plain(format!("error: {why}\nSee 'kubectl taint -h' for help and examples")))?;
    if resources::kind(resource)? != Kind::Node {
        let text = format!("invalid resource type {}, only node types are supported", resource.to_lowercase());
        return Err(Failure::error(text));
    }
    conflicts(&changes)?;
    let (found, mut failures) = targets(cx, &flags, &words[1..])?;
    for object in &found {
        if let Err(failure) = one(cx, object, &changes, &flags) {
            failures.push(failure);
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::join(failures)) }
}

fn targets(cx: &Cx, flags: &Parsed, names: &[String]) -> Result<(Vec<Object>, Vec<Failure>), Failure> {
    let pick = Pick::of(flags, Some(Kind::Node))?;
    if flags.on("all") && pick.labels.is_some() {
        return Err(Failure::error("setting 'all' parameter with a non empty selector is prohibited"));
    }
    if flags.on("all") || pick.labels.is_some() {
        return Ok((cx.list(Kind::Node, None, &pick)?, vec![]));
    }
    if names.is_empty() {
        return Err(Failure::error("at least one resource name must be specified since 'all' parameter is not set"));
    }
    let (mut found, mut failures) = (vec![], vec![]);
    for name in names {
        match cx.get(Kind::Node, "", name) {
            Ok(object) => found.push(object),
            Err(failure) => failures.push(failure),
        }
    }
    Ok((found, failures))
}

/// `key=value:effect`, `key:effect`, or `key` (only to remove).
fn parse(text: &str) -> Result<Taint, String> {
    let invalid = || format!("invalid taint spec: {text}");
    let parts: Vec<&str> = text.split(':').collect();
    let (pair, effect) = match parts.as_slice() {
        [pair] => (*pair, ""),
        [pair, effect] => (*pair, *effect),
        _ => return Err(invalid()),
    };
    if parts.len() == 2 && !["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect) {
        return Err(format!("invalid taint effect: {effect}, unsupported taint effect"));
    }
    // Without an effect there is no value, either: all of it is the key.
    let halves: Vec<&str> = if parts.len() == 1 { vec![pair] } else { pair.split('=').collect() };
    let (key, value) = match halves.as_slice() {
        [key] => (*key, ""),
        [key, value] => (*key, *value),
        _ => return Err(invalid()),
    };
    let problems = names::label_value(value);
    if !problems.is_empty() {
        return Err(format!("invalid taint spec: {text}, {}", problems.join("; ")));
    }
    let problems = names::qualified_name(key);
    if !problems.is_empty() {
        return Err(format!("invalid taint spec: {text}, {}", problems.join("; ")));
    }
    Ok(Taint { key: key.into(), value: value.into(), effect: effect.into(), time_added: None })
}

fn changes(texts: &[String]) -> Result<Changes, String> {
    let mut changes = Changes { add: vec![], remove: vec![] };
    for text in texts {
        if let Some(spec) = text.strip_suffix('-') {
            changes.remove.push(parse(spec)?);
            continue;
        }
        let taint = parse(text)?;
        if taint.effect.is_empty() {
            return Err(format!("invalid taint spec: {text}"));
        }
        if changes.add.iter().any(|t| same(t, &taint)) {
            let Taint { key, value, effect, .. } = &taint;
            return Err(format!("duplicated taints with the same key and effect: {{{key} {value} {effect} <nil>}}"));
        }
        changes.add.push(taint);
    }
    Ok(changes)
}

fn same(a: &Taint, b: &Taint) -> bool {
    a.key == b.key && a.effect == b.effect
}

fn show(taint: &Taint) -> String {
    match (taint.value.as_str(), taint.effect.as_str()) {
        ("", "") => taint.key.clone(),
        ("", effect) => format!("{}:{effect}", taint.key),
        (value, "") => format!("{}={value}:", taint.key),
        (value, effect) => format!("{}={value}:{effect}", taint.key),
    }
}

fn conflicts(changes: &Changes) -> Result<(), Failure> {
    let mut texts = vec![];
    for add in &changes.add {
        for gone in changes.remove.iter().filter(|r| r.key == add.key && (r.effect.is_empty() || r.effect == add.effect)) {
            texts.push(format!("{}={}", gone.key, gone.effect));
        }
    }
    if texts.is_empty() {
        return Ok(());
    }
    let list = texts.join(", ");
    Err(Failure::error(format!("can not both modify and remove the following taint(s) in the same command: {list}")))
}

fn one(cx: &mut Cx, object: &Object, changes: &Changes, flags: &Parsed) -> Result<(), Failure> {
    let Some(node) = object.as_::<Node>() else { return Ok(()) };
    let (name, old, overwrite) = (node.meta.name.clone(), &node.spec.taints, flags.on("overwrite"));
    let exists: Vec<&str> = changes.add.iter().filter(|t| old.iter().any(|o| same(o, t))).map(|t| t.key.as_str()).collect();
    if !overwrite && !exists.is_empty() {
        return Err(Failure::error(format!(
            "node {name} already has {} taint(s) with same effect(s) and --overwrite is false",
            exists.join(",")
        )));
    }
    let mut taints = changes.add.clone();
    taints.extend(old.iter().filter(|o| !changes.add.iter().any(|t| same(o, t))).cloned());
    let added = taints.len() != old.len();
    let (mut removed, mut failures) = (false, vec![]);
    for gone in &changes.remove {
        let before = taints.len();
        taints.retain(|t| t.key != gone.key || (!gone.effect.is_empty() && t.effect != gone.effect));
        removed = taints.len() != before;
        if !removed {
            failures.push(Failure::error(format!("taint {:?} not found", show(gone))));
        }
    }
    if !failures.is_empty() {
        return Err(Failure::join(failures));
    }
    let word = match (added, removed) {
        (true, true) => "modified",
        _ if overwrite => "modified",
        (true, false) => "tainted",
        _ => "untainted",
    };
    let dry = DryRun::of(flags)?;
    let mut changed = Node::clone(node);
    changed.spec.taints = taints;
    let mut changed = Object::Node(Rc::new(changed));
    if dry != DryRun::Client {
        changed = cx.backend.api().update(changed, dry == DryRun::Server).map_err(|s| Failure::status(&s))?;
    }
    Output::of(cx, flags)?.done(cx, &changed.to_value(), word, dry)
}
