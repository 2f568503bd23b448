//! `kubectl wait`.

use super::files::{self, FILE_FLAGS};
use super::span;
use crate::api::{Key, Kind, Object};
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Takes};
use crate::kubectl::print::jsonpath::{JsonPath, relaxed};
use crate::kubectl::resources;
use crate::kubectl::wait::{Wait, Waited};
use crate::time::{Nanos, SECOND};
use serde_json::Value;

pub(super) const FLAGS: &[Flag] = &[
    Flag("for", None, Takes::Many),
    Flag("timeout", None, Takes::Text),
    Flag("selector", Some('l'), Takes::Text),
    Flag("field-selector", None, Takes::Text),
    Flag("all", None, Takes::Bool),
    Flag("all-namespaces", Some('A'), Takes::Bool),
    Flag("filename", Some('f'), Takes::Many),
    Flag("output", Some('o'), Takes::Text),
];

/// What is waited for.
#[derive(Clone, Debug)]
enum For {
    /// A condition of this type (lower case) has this status (lower case).
    Condition(String, String),
    /// The object is gone.
    Delete,
    /// The object is there.
    Create,
    /// A JSONPath gives this value (any, if `None`).
    Path(Box<JsonPath>, Option<String>),
}

/// A wait under way: objects in order, the first is looked at.
#[derive(Clone, Debug)]
pub struct Waiting {
    objects: Vec<(Kind, Key, String)>,
    what: For,
    deadline: Nanos,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.objects == other.objects && self.deadline == other.deadline
    }
}

/// `kubectl wait`.
pub fn wait(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("wait", &why))?;
    let Some(text) = flags.get("for") else { return Err(Failure::error("required flag(s) \"for\" not set")) };
    let what = parse(text)?;
    if flags.words.is_empty() && !flags.has(FILE_FLAGS) {
        return Err(Failure::error("no resources specified"));
    }
    let named = if flags.has(FILE_FLAGS) { files::named(cx, &flags)? } else { resources::named(&flags.words)? };
    let pick = Pick::of(&flags, named.items.first().map(|(k, _)| *k))?;
    if !named.by_name() && !flags.on("all") && pick.labels.is_none() && pick.fields.is_none() {
        return Err(Failure::error("resource(s) were provided, but no name was specified"));
    }
    let own = cx.namespace(&flags);
    let namespace = (!flags.on("all-namespaces")).then_some(own.as_str());
    let (found, failures) = cx.find(&named, namespace, &pick);
    let missing_is_fine = matches!(what, For::Delete) && named.by_name();
    if !failures.is_empty() && !missing_is_fine && !matches!(what, For::Create) {
        return Err(Failure::join(failures));
    }
    let mut objects: Vec<(Kind, Key, String)> = found.iter().map(|o| (o.kind(), o.key(), o.meta().uid.clone())).collect();
    if matches!(what, For::Create) {
        objects = named
            .items
            .iter()
            .filter_map(|(k, n)| Some((*k, crate::kubectl::cx::key(*k, &own, n.as_ref()?), String::new())))
            .collect();
    }
    if objects.is_empty() {
        return if matches!(what, For::Delete) { Ok(()) } else { Err(Failure::error("no matching resources found")) };
    }
    let timeout = match flags.get("timeout") {
        None => 30 * SECOND,
        Some(text) if text.starts_with('-') => 7 * 24 * 3600 * SECOND,
        Some(text) => span(text).ok_or_else(|| {
            Failure::usage("wait", &format!("invalid argument {text:?} for \"--timeout\" flag: time: invalid duration {text:?}"))
        })?,
    };
    let deadline = cx.backend.read().now() + timeout;
    cx.wait = Some(Wait::Condition(Waiting { objects, what, deadline }));
    Ok(())
}

fn parse(text: &str) -> Result<For, Failure> {
    if text.eq_ignore_ascii_case("delete") {
        return Ok(For::Delete);
    }
    if text.eq_ignore_ascii_case("create") {
        return Ok(For::Create);
    }
    if let Some(rest) = text.strip_prefix("condition=") {
        let (type_, status) = rest.split_once('=').unwrap_or((rest, "true"));
        return Ok(For::Condition(type_.to_lowercase(), status.to_lowercase()));
    }
    if let Some(rest) = text.strip_prefix("jsonpath=") {
        let end = rest.rfind('}').map_or(rest.len(), |i| i + 1);
        let (path, value) = rest.split_at(end);
        let value = value.strip_prefix('=').map(|v| v.trim_matches(['\'', '"']).to_string());
        let path = relaxed(path.trim_matches(['\'', '"'])).map_err(Failure::error)?;
        let path = JsonPath::parse(&path).map_err(Failure::error)?;
        return Ok(For::Path(Box::new(path), value));
    }
    Err(Failure::error(format!("unrecognized condition: {text:?}")))
}

impl Waiting {
    /// Looks at the objects one after the other; each that is there is said.
    pub fn poll(mut self, cx: &mut Cx) -> Waited {
        while let Some((kind, key, uid)) = self.objects.first().cloned() {
            let live = cx.backend.read().store().get(kind, &key).cloned();
            let name = format!("{}/{}", kind.qualified(), key.name);
            match self.met(live.as_ref(), &uid) {
                Ok(true) => {
                    let word = if matches!(self.what, For::Delete) { "deleted" } else { "condition met" };
                    cx.line(format!("{name} {word}"));
                    self.objects.remove(0);
                }
                Ok(false) if cx.backend.read().now() >= self.deadline => {
                    let text = format!("timed out waiting for the condition on {}/{}", kind.info().plural, key.name);
                    return Waited::Failed(Failure::error(text));
                }
                Ok(false) => return Waited::Still(Wait::Condition(self)),
                Err(failure) => return Waited::Failed(failure),
            }
        }
        Waited::Done
    }

    fn met(&self, live: Option<&Object>, uid: &str) -> Result<bool, Failure> {
        let Some(object) = live else { return Ok(matches!(self.what, For::Delete)) };
        match &self.what {
            For::Delete => Ok(object.meta().uid != uid),
            For::Create => Ok(true),
            For::Condition(type_, wanted) => {
                let value = object.to_value();
                let text = |c: &Value, field: &str| c[field].as_str().unwrap_or_default().to_lowercase();
                let conditions = value["status"]["conditions"].as_array();
                let behind = value["status"]["observedGeneration"].as_i64().is_some_and(|o| o < object.meta().generation);
                Ok(!behind && conditions.into_iter().flatten().any(|c| text(c, "type") == *type_ && text(c, "status") == *wanted))
            }
            For::Path(path, wanted) => {
                let found = path.print(&object.to_value()).map_err(Failure::error)?;
                Ok(wanted.as_ref().map_or(!found.is_empty(), |w| *w == found))
            }
        }
    }
}
