//! `kubectl apply view-last-applied`, `set-last-applied` and `edit-last-applied`: the annotation by which `apply` knows what is gone.

use super::create::DryRun;
use super::output::Output;
use super::{edit, files, patch};
use crate::api::{Key, Kind};
use crate::apiserver::patch::PatchType;
use crate::kubectl::apply::{LAST_APPLIED, last_applied};
use crate::kubectl::builder::{self, Ask};
use crate::kubectl::cx::{Cx, key};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, FILES, Flag, PRINT, Takes};
use crate::manifest;
use serde_json::{Value, json};

const SELECT: &[Flag] =
    &[Flag("output", Some('o'), Takes::Text), Flag("all", None, Takes::Bool), Flag("selector", Some('l'), Takes::Text)];

/// What objects were applied with, as YAML or JSON.
pub(super) fn view(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, &[FILES, SELECT]).map_err(|why| Failure::usage("apply view-last-applied", &why))?;
    let ask = Ask::of(&flags.words).kind_alone(flags.has("namespace")).all(flags.on("all"));
    let found = builder::find(cx, &flags, &ask)?;
    Failure::result(found.failures)?;
    for object in found.infos.iter().filter_map(|i| i.object.as_ref()) {
        let Some(value) = last_applied(&object.to_value()).map_err(Failure::error)? else { continue };
        let text = match flags.get("output") {
            None | Some("yaml") => manifest::yaml::print(&value),
            Some("json") => super::info::json_text(&value),
            Some(other) => {
                let text = format!("Unexpected -o output mode: {other}, the flag 'output' must be one of yaml|json");
                return Err(Failure::help("apply view-last-applied", &text));
            }
        };
        cx.out.push_str(&text);
    }
    Ok(())
}

/// The annotation of objects becomes what files say; the objects stay.
pub(super) fn set(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    const OWN: &[Flag] = &[Flag("create-annotation", None, Takes::Bool)];
    let flags = flags::parse(args, &[PRINT, FILES, CHANGE, OWN]).map_err(|why| Failure::usage("apply set-last-applied", &why))?;
    let (dry, output) = (DryRun::of(&flags)?, Output::of(cx, &flags)?);
    if !flags.has(files::FILE_FLAGS) {
        return Err(Failure::error(builder::NOTHING));
    }
    let (items, failures) = files::read(cx, &flags)?;
    Failure::result(failures)?;
    let mut patches = vec![];
    for item in items {
        let place = key(item.kind, &item.namespace, &item.name);
        let live = cx.get(item.kind, &item.namespace, &item.name)?.to_value();
        let last = last_applied(&live).map_err(Failure::error)?;
        if last.is_none() && !flags.on("create-annotation") {
            return Err(Failure::error(format!(
                "no last-applied-configuration annotation found on resource: {}, to create the annotation, run the command with --create-annotation",
                item.name
            )));
        }
        let mut value = item.value;
        files::set_namespace(&mut value, &item.namespace);
        match last.as_ref() == Some(&value) {
            true => cx.line(format!("set-last-applied {}: no changes required.", item.name)),
            false => patches.push((item.kind, place, value, live)),
        }
    }
    for (kind, place, value, live) in patches {
        let after = if dry == DryRun::Client { live } else { annotate(cx, (kind, &place), &value, dry)? };
        output.done(cx, &after, "configured", dry)?;
    }
    Ok(())
}

/// The annotation goes to an editor.
pub(super) fn edit(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, &[PRINT, FILES, CHANGE]).map_err(|why| Failure::usage("apply edit-last-applied", &why))?;
    let output = Output::of(cx, &flags)?;
    let found = builder::find(cx, &flags, &Ask::of(&flags.words))?;
    Failure::result(found.failures)?;
    for info in found.infos {
        let live = info.object.map(|o| o.to_value()).unwrap_or_default();
        let Some(before) = last_applied(&live).map_err(Failure::error)? else {
            let what = "no last-applied-configuration annotation found on resource:";
            return Err(Failure::error(format!("{what} {}", info.key.name)));
        };
        let text = edit::edited(cx, &manifest::yaml::print(&before))?;
        let value = manifest::read(&text).documents.into_iter().next().map(|d| d.value).unwrap_or_default();
        if value == before {
            cx.line("Edit cancelled, no changes made.");
            continue;
        }
        let after = annotate(cx, (info.kind, &info.key), &value, DryRun::No)?;
        output.done(cx, &after, "edited", DryRun::No)?;
    }
    Ok(())
}

fn annotate(cx: &mut Cx, at: (Kind, &Key), value: &Value, dry: DryRun) -> Result<Value, Failure> {
    let patch = json!({"metadata": {"annotations": {LAST_APPLIED: value.to_string()}}});
    let (_, after) = patch::send(cx, at, PatchType::Merge, &patch, false, dry != DryRun::No).map_err(|s| Failure::status(&s))?;
    Ok(after.to_value())
}
