//! `kubectl label` and `kubectl annotate`.

use super::create::DryRun;
use super::files::{self, FILE_FLAGS};
use super::output::Output;
use crate::api::Object;
use crate::api::meta::StringMap;
use crate::api::validation::names;
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Parsed, Takes};
use crate::kubectl::resources;

pub(super) const FLAGS: &[Flag] = &[
    Flag("overwrite", None, Takes::Bool),
    Flag("all", None, Takes::Bool),
    Flag("all-namespaces", Some('A'), Takes::Bool),
    Flag("selector", Some('l'), Takes::Text),
    Flag("field-selector", None, Takes::Text),
    Flag("filename", Some('f'), Takes::Many),
    Flag("list", None, Takes::Bool),
    Flag("local", None, Takes::Bool),
    Flag("resource-version", None, Takes::Text),
    Flag("output", Some('o'), Takes::Text),
    Flag("dry-run", None, Takes::Optional("unchanged")),
    Flag("field-manager", None, Takes::Text),
];

/// Which of an object's two maps is changed.
#[derive(Clone, Copy, PartialEq)]
enum What {
    Labels,
    Annotations,
}

/// What is to be set, and which keys are to go.
#[derive(Default)]
struct Changes {
    set: StringMap,
    remove: Vec<String>,
}

/// `kubectl label`.
pub fn label(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    change(cx, args, What::Labels, "label")
}

/// `kubectl annotate`.
pub fn annotate(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    change(cx, args, What::Annotations, "annotation")
}

fn change(cx: &mut Cx, args: &[String], what: What, word: &str) -> Result<(), Failure> {
    let command = if what == What::Labels { "label" } else { "annotate" };
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage(command, &why))?;
    let is_change = |w: &String| w.contains('=') || (w.ends_with('-') && !w.is_empty());
    let first = flags.words.iter().position(is_change).unwrap_or(flags.words.len());
    let (words, pairs) = flags.words.split_at(first);
    if words.is_empty() && !flags.has(FILE_FLAGS) {
        return Err(Failure::error("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    let changes = changes(pairs, what, word)?;
    if changes.set.is_empty() && changes.remove.is_empty() && !flags.on("list") {
        return Err(Failure::error(format!("at least one {word} update is required")));
    }
    let named = if flags.has(FILE_FLAGS) { files::named(cx, &flags)? } else { resources::named(words)? };
    let pick = Pick::of(&flags, named.items.first().map(|(k, _)| *k))?;
    if !named.by_name() && !flags.on("all") && pick.labels.is_none() && pick.fields.is_none() {
        return Err(Failure::error("resource(s) were provided, but no name was specified"));
    }
    let own = cx.namespace(&flags);
    let namespace = (!flags.on("all-namespaces")).then_some(own.as_str());
    cx.warn_endpoints(named.items.iter().map(|(k, _)| *k));
    let (found, mut failures) = cx.find(&named, namespace, &pick);
    for object in found {
        if let Err(failure) = one(cx, object, &changes, what, word, &flags) {
            failures.push(failure);
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::join(failures)) }
}

fn changes(pairs: &[String], what: What, word: &str) -> Result<Changes, Failure> {
    let mut changes = Changes::default();
    for pair in pairs {
        if let Some((key, value)) = pair.split_once('=') {
            let problems = if what == What::Labels { names::label_value(value) } else { vec![] };
            if key.is_empty() || !problems.is_empty() {
                let why = if key.is_empty() { String::new() } else { format!(": {}", problems.join("; ")) };
                return Err(Failure::error(format!("invalid {word} value: {pair:?}{why}")));
            }
            changes.set.insert(key.to_string(), value.to_string());
        } else if let Some(key) = pair.strip_suffix('-') {
            changes.remove.push(key.to_string());
        } else {
            return Err(Failure::error(format!("unknown {word} spec: {pair}")));
        }
    }
    if let Some(key) = changes.remove.iter().find(|k| changes.set.contains_key(*k)) {
        return Err(Failure::error(format!("can not both modify and remove a {word} in the same command: {key:?}")));
    }
    Ok(changes)
}

fn map(object: &mut Object, what: What) -> &mut StringMap {
    let meta = object.meta_mut();
    if what == What::Labels { &mut meta.labels } else { &mut meta.annotations }
}

fn one(cx: &mut Cx, object: Object, changes: &Changes, what: What, word: &str, flags: &Parsed) -> Result<(), Failure> {
    let mut changed = object.clone();
    if flags.on("list") {
        let lines: Vec<String> = map(&mut changed, what).iter().map(|(k, v)| format!("{k}={v}")).collect();
        lines.iter().for_each(|l| cx.line(l));
        return Ok(());
    }
    let old = map(&mut changed, what).clone();
    if !flags.on("overwrite") {
        conflicts(&old, changes, what)?;
    }
    for key in changes.remove.iter().filter(|k| what == What::Labels && !old.contains_key(*k)) {
        cx.line(format!("label {key:?} not found."));
    }
    let target = map(&mut changed, what);
    target.extend(changes.set.clone());
    changes.remove.iter().for_each(|k| drop(target.remove(k)));
    let new = target.clone();
    let (kind, name) = (object.kind(), object.meta().name.clone());
    let dry = DryRun::of(flags)?;
    let message = match what {
        What::Annotations => "annotated",
        What::Labels if old == new => "not labeled",
        What::Labels => {
            let gone = old.keys().any(|k| !new.contains_key(k));
            let added = new.iter().any(|(k, v)| old.get(k) != Some(v));
            match (gone, added) {
                (true, true) => "modified",
                (true, false) => "unlabeled",
                _ => "labeled",
            }
        }
    };
    let after = if old != new && dry != DryRun::Client {
        changed.meta_mut().resource_version = String::new();
        cx.backend.api().update(changed, dry == DryRun::Server).map_err(|s| Failure::status(&s))?
    } else {
        changed
    };
    let output = Output::parse(flags.get("output"))?;
    if output.is_table() {
        let _ = word;
        cx.line(format!("{}/{name} {message}{}", kind.qualified(), dry.suffix()));
        Ok(())
    } else {
        output.print(cx, &[after], true)
    }
}

/// Keys that have another value already need `--overwrite`.
fn conflicts(old: &StringMap, changes: &Changes, what: What) -> Result<(), Failure> {
    let texts: Vec<String> = changes
        .set
        .iter()
        .filter_map(|(k, v)| old.get(k).filter(|o| *o != v).map(|o| format!("'{k}' already has a value ({o})")))
        .collect();
    match (texts.as_slice(), what) {
        ([], _) => Ok(()),
        (_, What::Labels) => Err(Failure::error(format!("{}, and --overwrite is false", texts[0]))),
        (_, What::Annotations) => Err(Failure::error(format!(
            "--overwrite is false but found the following declared annotation(s): {}",
            texts.join("; ")
        ))),
    }
}
