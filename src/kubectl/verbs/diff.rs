//! `kubectl diff`: what `apply` would change, as `diff -u` shows it. Exit code 1: there are differences; above: it failed.

use super::files::{self, FILE_FLAGS, Item};
use super::patch;
use crate::api::Kind;
use crate::apiserver::patch::PatchType;
use crate::kubectl::apply::{LAST_APPLIED, last_applied, three_way};
use crate::kubectl::cx::{Cx, key};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, FILES, Flag, Flags, Takes};
use crate::manifest::{self, diff::unified};
use serde_json::{Value, json};

pub(super) const FLAGS: Flags = &[
    FILES,
    &[
        Flag("kustomize", Some('k'), Takes::Text),
        Flag("selector", Some('l'), Takes::Text),
        Flag("server-side", None, Takes::Bool),
        Flag("force-conflicts", None, Takes::Bool),
        Flag("field-manager", None, Takes::Text),
        Flag("concurrency", None, Takes::Int),
        Flag("show-managed-fields", None, Takes::Bool),
    ],
];

/// `kubectl diff`.
pub fn diff(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let failed = |failure: Failure| failure.with_code(2);
    let flags = flags::parse(args, FLAGS).map_err(|why| failed(Failure::usage("diff", &why)))?;
    if let Some(word) = flags.words.first() {
        let text = format!("Unexpected args: [{word}]\nSee 'kubectl diff -h' for help and examples");
        return Err(failed(Failure::error(text)));
    }
    if !flags.has(FILE_FLAGS) && !flags.has("kustomize") {
        return Err(failed(Failure::error("must specify one of -f and -k")));
    }
    let (items, failures) = files::read(cx, &flags).map_err(failed)?;
    if !failures.is_empty() {
        return Err(failed(Failure::join(failures)));
    }
    let mut names = crate::time::Stream::new(cx.backend.read().now(), "diff");
    let (live, merged) = (names.below(1 << 32), names.below(1 << 32));
    let mut text = String::new();
    for item in &items {
        let (before, after) = both(cx, item).map_err(failed)?;
        let name = file_name(item);
        let (old_name, new_name) = (format!("/tmp/LIVE-{live}/{name}"), format!("/tmp/MERGED-{merged}/{name}"));
        let time = stamp(&cx.now().rfc3339());
        let changes = unified(&before, &after, &format!("{old_name}\t{time}"), &format!("{new_name}\t{time}"));
        if !changes.is_empty() {
            text.push_str(&format!("diff -u -N {old_name} {new_name}\n{changes}"));
        }
    }
    if text.is_empty() {
        return Ok(());
    }
    Err(Failure::plain(text.trim_end_matches('\n')))
}

/// The object as it is and as it would be, as YAML; "" for one that is not there.
fn both(cx: &mut Cx, item: &Item) -> Result<(String, String), Failure> {
    cx.warn_endpoints([item.kind]);
    let place = key(item.kind, &item.namespace, &item.name);
    let mut wanted = item.value.clone();
    files::set_namespace(&mut wanted, &item.namespace);
    if let Some(meta) = wanted.get_mut("metadata").and_then(Value::as_object_mut) {
        // As `apply` compares: the file's own annotations, without the note of what was applied last.
        let annotations = meta.entry("annotations").or_insert_with(|| json!({}));
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.remove(LAST_APPLIED);
        }
    }
    let Ok(live) = cx.backend.read().read(item.kind, &place).cloned() else {
        let object = files::decode(item.kind, &wanted, &item.namespace).map_err(|s| Failure::status(&s))?;
        let object = cx.backend.api().create(object, true).map_err(|s| Failure::status(&s))?;
        cx.warn();
        return Ok((String::new(), text_of(item.kind, object.to_value())));
    };
    let tree = live.to_value();
    let last = last_applied(&tree).map_err(Failure::error)?;
    let change = three_way(item.kind, last.as_ref(), &wanted, &tree).map_err(|s| Failure::status(&s))?;
    let (before, after) = patch::send(cx, (item.kind, &place), PatchType::Strategic, &change, false, true)
        .map_err(|s| Failure::from_file(&s, "patching", &item.file))?;
    Ok((text_of(item.kind, before.to_value()), text_of(item.kind, after.to_value())))
}

/// An object's text; the data of Secrets are not shown.
fn text_of(kind: Kind, mut value: Value) -> String {
    if kind == Kind::Secret
        && let Some(data) = value.get_mut("data").and_then(Value::as_object_mut)
    {
        data.values_mut().for_each(|v| *v = Value::String("***".into()));
    }
    manifest::yaml::print(&value)
}

/// `apps.v1.Deployment.default.web`
fn file_name(item: &Item) -> String {
    let info = item.kind.info();
    let group = if info.group.is_empty() { String::new() } else { format!("{}.", info.group) };
    format!("{group}{}.{}.{}.{}", info.version, info.name, item.namespace, item.name)
}

/// A moment as `diff` writes it.
fn stamp(rfc3339: &str) -> String {
    format!("{}.000000000 +0000", rfc3339.replace('T', " ").trim_end_matches('Z'))
}
