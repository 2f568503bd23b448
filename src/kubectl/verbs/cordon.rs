//! `kubectl cordon` and `uncordon`: whether new Pods may come to a node.

use super::create::DryRun;
use crate::api::{Kind, Node, Object};
use crate::kubectl::builder::{self, Ask};
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

/// The nodes that a command line names: by name (`node/x` is fine, too) or by labels. The first that is not there ends it.
pub fn nodes(cx: &mut Cx, flags: &Parsed, command: &str) -> Result<Vec<String>, Failure> {
    if flags.words.is_empty() && !flags.has("selector") {
        return Err(Failure::help(command, &format!("USAGE: {command} NODE [flags]")));
    }
    if !flags.words.is_empty() && !flags.text("selector").is_empty() {
        return Err(Failure::help(command, "error: cannot specify both a node name and a --selector option"));
    }
    if flags.words.is_empty() {
        let pick = Pick::of(flags, Some(Kind::Node))?;
        return Ok(cx.list(Kind::Node, None, &pick)?.iter().map(|o| o.meta().name.clone()).collect());
    }
    let words: Vec<String> = flags.words.iter().map(|w| if w.contains('/') { w.clone() } else { format!("nodes/{w}") }).collect();
    let found = builder::find(cx, &flags.without("selector"), &Ask::of(&words).single_type())?;
    if let Some(failure) = found.failures.into_iter().next() {
        return Err(failure);
    }
    match found.infos.iter().find(|i| i.kind != Kind::Node) {
        Some(other) => {
            let info = other.kind.info();
            let resource = format!("{}/{}, Resource={}", info.group, info.version, info.plural);
            Err(Failure::error(format!("error: expected resource of type node, got {resource:?}")))
        }
        None => Ok(found.infos.iter().map(|i| i.key.name.to_string()).collect()),
    }
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
