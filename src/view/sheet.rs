//! An object as YAML to edit: what it is without what the server wrote into it, the problems of a text line by line, and what
//! an edit changes.

use super::NAMESPACE;
use crate::api::{Key, Kind, Object};
use crate::kubectl::describe::describe;
use crate::lab::Lab;
use crate::manifest::diff::{Change, diff};
use crate::manifest::{read, yaml};
use serde_json::Value;

/// Kinds that can be chosen, in this order.
const KINDS: [Kind; 6] = [Kind::Deployment, Kind::Service, Kind::Pod, Kind::EndpointSlice, Kind::ReplicaSet, Kind::Node];
/// Objects of a kind that are offered.
const LISTED: usize = 100;
/// What the server writes and nobody edits.
const SERVERS_OWN: [&str; 6] =
    ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "deletionGracePeriodSeconds"];
/// Annotations that tools keep for themselves.
const TOOLS_OWN: [&str; 2] = ["kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision"];

/// An object that can be chosen: `deployment/web`.
pub fn choices(lab: &Lab) -> Vec<String> {
    let store = lab.cluster().api().store();
    let of = |kind: &Kind| {
        let namespace = kind.info().namespaced.then_some(NAMESPACE);
        let singular = kind.info().singular;
        store.list(*kind, namespace).take(LISTED).map(|o| format!("{singular}/{}", o.meta().name)).collect::<Vec<_>>()
    };
    KINDS.iter().flat_map(of).filter(|c| c != "service/kubernetes" && c != "endpointslice/kubernetes").collect()
}

/// The object of a choice, if it is still there.
pub fn object<'a>(lab: &'a Lab, choice: &str) -> Option<&'a Object> {
    let (singular, name) = choice.split_once('/')?;
    let kind = KINDS.iter().find(|k| k.info().singular == singular)?;
    let namespace = if kind.info().namespaced { NAMESPACE } else { "" };
    lab.cluster().api().store().get(*kind, &Key::new(namespace, name))
}

/// Its YAML, without what the server wrote.
pub fn text(lab: &Lab, choice: &str) -> Option<String> {
    let mut value = object(lab, choice)?.to_value();
    strip(&mut value);
    Some(yaml::print(&value))
}

fn strip(value: &mut Value) {
    let Some(map) = value.as_object_mut() else { return };
    map.remove("status");
    let Some(meta) = map.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    SERVERS_OWN.iter().for_each(|key| drop(meta.remove(*key)));
    if let Some(notes) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
        TOOLS_OWN.iter().for_each(|key| drop(notes.remove(*key)));
        if notes.is_empty() {
            meta.remove("annotations");
        }
    }
}

/// Something that is wrong with a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Counted from 1; 0: of no line.
    pub line: usize,
    /// Kubernetes' words.
    pub message: String,
}

/// What a reader stumbles on before any server sees the text.
pub fn problems(text: &str) -> Vec<Problem> {
    let read = read(text);
    let all = read.problems.iter().chain(&read.hints);
    all.map(|p| Problem { line: p.line, message: p.message.clone() }).collect()
}

/// What the server said of a text: each sentence at the line of the field that it names.
pub fn refusals(text: &str, message: &str) -> Vec<Problem> {
    let read = read(text);
    if let Some(problem) = read.problems.first() {
        return vec![Problem { line: problem.line, message: message.trim().into() }];
    }
    let place = |sentence: &str| {
        let paths = sentence.split_whitespace().filter_map(|word| word.trim_start_matches('[').strip_suffix(':'));
        let found = paths.filter(|p| p.contains('.')).find_map(|p| read.documents.iter().find_map(|d| d.position(p)));
        found.map_or(0, |(line, _)| line)
    };
    message.lines().filter(|l| !l.trim().is_empty()).map(|l| Problem { line: place(l), message: l.trim().into() }).collect()
}

/// One line of what an edit changes.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedLine {
    /// `-`, `+` or a blank.
    pub sign: char,
    /// Without its line break.
    pub text: String,
}

/// What an edit changes: changed lines with one line around them; empty if nothing changed.
pub fn changes(old: &str, new: &str) -> Vec<ChangedLine> {
    let lines = diff(old, new);
    let changed = |i: usize| lines.get(i).is_some_and(|(c, _)| *c != Change::Same);
    let near = |i: usize| changed(i) || changed(i + 1) || (i > 0 && changed(i - 1));
    let shown = lines.iter().enumerate().filter(|(i, _)| near(*i));
    let line = |(_, (change, text)): (usize, &(Change, &str))| ChangedLine {
        sign: match change {
            Change::Removed => '-',
            Change::Added => '+',
            Change::Same => ' ',
        },
        text: text.trim_end_matches(['\n', '\r']).to_string(),
    };
    shown.map(line).collect()
}

/// What `kubectl describe` says of a choice.
pub fn described(lab: &Lab, choice: &str) -> Option<String> {
    let object = object(lab, choice)?;
    Some(describe(object, lab.cluster().api(), lab.cluster().clock()))
}
