//! `kubectl cordon` and `uncordon`: whether new Pods may come to a node.

use super::create::DryRun;
use crate::api::{Kind, Node, Object};
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, Parsed, Takes};
use std::rc::Rc;

pub(super) const FLAGS: Flags =
    &[&[Flag("selector", Some('l'), Takes::Text), Flag("dry-run", None, Takes::Optional("unchanged"))]];

/// `kubectl cordon`.
pub fn cordon(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("cordon", &why))?;
    let nodes = nodes(cx, &flags, "cordon")?;
    set_all(cx, &nodes, true, DryRun::of(&flags)?)
}

/// `kubectl uncordon`.
pub fn uncordon(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("uncordon", &why))?;
    let nodes = nodes(cx, &flags, "uncordon")?;
    set_all(cx, &nodes, false, DryRun::of(&flags)?)
}

/// The nodes that a command line names: by name (`node/x` is fine, too) or by labels.
pub fn nodes(cx: &Cx, flags: &Parsed, command: &str) -> Result<Vec<String>, Failure> {
    let usage = |text: String| Failure::plain(format!("error: {text}\nSee 'kubectl {command} -h' for help and examples"));
    if flags.words.is_empty() && !flags.has("selector") {
        return Err(usage(format!("USAGE: {command} NODE [flags]")));
    }
    if !flags.words.is_empty() && !flags.text("selector").is_empty() {
        return Err(usage("error: cannot specify both a node name and a --selector option".into()));
    }
    let mut found = vec![];
    if flags.words.is_empty() {
        let pick = Pick::of(flags, Some(Kind::Node))?;
        found.extend(cx.list(Kind::Node, None, &pick)?.iter().map(|o| o.meta().name.clone()));
    }
    let mut failures = vec![];
    for word in &flags.words {
        let name = match word.split_once('/') {
            Some((kind, _)) if crate::kubectl::resources::kind(kind)? != Kind::Node => {
                return Err(Failure::error(format!("error: expected resource of type node, got {word:?}")));
            }
            Some((_, name)) => name,
            None => word,
        };
        match cx.get(Kind::Node, "", name) {
            Ok(_) => found.push(name.to_string()),
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(found) } else { Err(Failure::join(failures)) }
}

/// Sets `spec.unschedulable` of nodes and says what became of each.
pub fn set_all(cx: &mut Cx, nodes: &[String], wanted: bool, dry: DryRun) -> Result<(), Failure> {
    let word = if wanted { "cordoned" } else { "uncordoned" };
    for name in nodes {
        let object = cx.get(Kind::Node, "", name)?;
        let Some(node) = object.as_::<Node>() else { continue };
        if node.spec.unschedulable == wanted {
            cx.line(format!("node/{name} already {word}{}", dry.suffix()));
            continue;
        }
        if dry != DryRun::Client {
            let mut node = Node::clone(node);
            node.spec.unschedulable = wanted;
            if let Err(status) = cx.backend.api().update(Object::Node(Rc::new(node)), dry == DryRun::Server) {
                let verb = if wanted { "cordon" } else { "uncordon" };
                cx.line(format!("error: unable to {verb} node {name:?}: {}", status.message));
                continue;
            }
        }
        cx.line(format!("node/{name} {word}{}", dry.suffix()));
    }
    Ok(())
}
