//! `kubectl edit`: an object's text goes to an editor, and what comes back is sent.
//!
//! The lab has no editor of its own: the edited text comes as standard input (a here-document), or `KUBE_EDITOR`/`EDITOR` in front of the
//! command line is a `sed` command with `s/old/new/` that the lab carries out itself.

use super::files;
use super::output::Output;
use crate::api::Object;
use crate::kubectl::builder::{self, Ask, Info};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, FILES, Flag, Flags, PRINT, Takes};
use crate::kubectl::verbs::create::DryRun;
use crate::kubectl::words;
use crate::manifest;

pub(super) const FLAGS: Flags = &[
    PRINT,
    FILES,
    CHANGE,
    &[
        Flag("output-patch", None, Takes::Bool),
        Flag("save-config", None, Takes::Bool),
        Flag("subresource", None, Takes::Text),
        Flag("validate", None, Takes::Optional("strict")),
        Flag("windows-line-endings", None, Takes::Bool),
    ],
];

/// `kubectl edit`.
pub fn edit(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("edit", &why))?;
    let output = Output::of(cx, &flags)?;
    let found = builder::find(cx, &flags, &Ask::of(&flags.words))?;
    Failure::result(found.failures)?;
    let mut failures = vec![];
    for info in found.infos {
        failures.extend(one(cx, &info, &output).err());
    }
    Failure::result(failures)
}

fn one(cx: &mut Cx, info: &Info, output: &Output) -> Result<(), Failure> {
    let Some(object) = &info.object else { return Ok(()) };
    let before = manifest::yaml::print(&object.to_value());
    let after = edited(cx, &before)?;
    let read = manifest::read(&after);
    if let Some(problem) = read.problems.first() {
        return Err(cancelled(&format!("The edited file had a syntax error: {}", problem.message)));
    }
    let Some(document) = read.documents.into_iter().next() else {
        return Err(Failure::error("Edit cancelled, saved file was empty."));
    };
    if document.value == object.to_value() {
        cx.line("Edit cancelled, no changes made.");
        return Ok(());
    }
    let stored = files::decode(info.kind, &document.value, &info.key.namespace)
        .and_then(|wanted: Object| cx.backend.api().update(wanted, false))
        .map_err(|status| cancelled(&Failure::status(&status).text))?;
    cx.warn();
    output.done(cx, &stored.to_value(), "edited", DryRun::No)
}

/// What kubectl says when the text that came back could not be sent.
fn cancelled(why: &str) -> Failure {
    Failure::plain(format!("{why}\nerror: Edit cancelled, no valid changes were saved."))
}

/// The text as the editor leaves it.
pub(super) fn edited(cx: &Cx, text: &str) -> Result<String, Failure> {
    let set = |name: &str| cx.environment.get(name).filter(|v| !v.is_empty());
    match set("KUBE_EDITOR").or(set("EDITOR")) {
        Some(editor) => sed(editor, text),
        None if !cx.stdin.is_empty() => Ok(cx.stdin.to_string()),
        None => Err(Failure::error(
            "the lab has no editor: give the edited text as a here-document (kubectl edit TYPE NAME <<EOF), or put KUBE_EDITOR='sed -i s/OLD/NEW/' in front",
        )),
    }
}

/// `sed -i s/old/new/` with any delimiter; `old` is plain text.
fn sed(editor: &str, text: &str) -> Result<String, Failure> {
    let refused = || Failure::error(format!("the lab's editor is sed -i s/OLD/NEW/, not {editor:?}"));
    let parts = words::split(editor).map_err(Failure::error)?;
    if parts.first().is_none_or(|w| w != "sed") {
        return Err(refused());
    }
    let mut text = text.to_string();
    for script in parts[1..].iter().filter(|w| !w.starts_with('-')) {
        let mut chars = script.chars();
        let (Some('s'), Some(delimiter)) = (chars.next(), chars.next()) else { return Err(refused()) };
        let rest: String = chars.collect();
        let fields: Vec<&str> = rest.split(delimiter).collect();
        let [old, new, options] = fields.as_slice() else { return Err(refused()) };
        let old = old.replace("\\.", ".");
        if old.is_empty() {
            return Err(refused());
        }
        let line = |l: &str| if options.contains('g') { l.replace(&old, new) } else { l.replacen(&old, new, 1) };
        text = text.lines().map(|l| line(l) + "\n").collect();
    }
    Ok(text)
}
