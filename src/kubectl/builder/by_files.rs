//! The objects that files hold, as they were written or as the server has them.

use super::words::Words;
use super::{Ask, Found, Info};
use crate::kubectl::cx::{Cx, Pick, key};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use crate::kubectl::resources::Mapping;
use crate::kubectl::verbs::files::{self, FILE_FLAGS};

pub(super) fn missing_files(cx: &Cx, flags: &Parsed) -> Vec<Failure> {
    let mut problems = vec![];
    if flags.all(FILE_FLAGS).iter().filter(|f| *f == "-").count() > 1 {
        problems.push(Failure::error("standard input cannot be used for multiple arguments"));
    }
    problems.extend(files::expand(cx, flags).err().unwrap_or_default());
    problems
}

pub(super) fn by_files(cx: &mut Cx, flags: &Parsed, ask: &Ask, words: &Words) -> Result<Found, Failure> {
    if !words.names.is_empty() || !words.resources.is_empty() {
        let what = "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well";
        return Err(Failure::error(what));
    }
    if !words.tuples.is_empty() {
        return Err(Failure::error("resource/name arguments cannot be provided when a path is specified"));
    }
    let items = files::read_each(cx, flags)?;
    let files = files::expand(cx, flags).unwrap_or_default();
    let single = files.len() == 1 && files[0] != "-" && items.iter().filter(|i| i.is_ok()).count() == 1;
    let mut found = Found { single, by_name: true, ..Found::default() };
    let pick = Pick::of(flags, None)?;
    for item in items {
        let item = match item {
            Ok(item) => item,
            Err(failure) => {
                found.after.push(found.infos.len());
                found.failures.push(failure);
                continue;
            }
        };
        found.note(Mapping::Kind(item.kind));
        let key = key(item.kind, &item.namespace, &item.name);
        let mut info = Info { kind: item.kind, key, object: None, source: Some(item.file), value: Some(item.value) };
        if ask.names_only {
            found.infos.push(info);
            continue;
        }
        let object = if ask.as_filed {
            let value = info.value.clone().unwrap_or_default();
            let namespace = if ask.local { "" } else { &item.namespace };
            files::decode(item.kind, &value, namespace).map_err(|s| Failure::status(&s))
        } else {
            cx.warn_endpoints([item.kind]);
            cx.get(item.kind, &info.key.namespace, &info.key.name)
        };
        match object {
            Ok(object) if pick.labels.as_ref().is_none_or(|s| s.matches(&object.meta().labels)) => {
                info.object = Some(object);
                found.infos.push(info);
            }
            Ok(_) => {}
            Err(failure) => found.failures.push(failure),
        }
    }
    Ok(found)
}
