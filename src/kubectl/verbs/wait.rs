//! `kubectl wait` (`…/cmd/wait/{wait,condition,json,delete}.go`).

use crate::api::{Key, Kind, Object};
use crate::kubectl::builder::{self, Ask};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, FILES, Flag, Flags, PRINT, Parsed, SELECT, Takes};
use crate::kubectl::print::go;
use crate::kubectl::print::jsonpath::{JsonPath, relaxed};
use crate::kubectl::verbs::output::Output;
use crate::kubectl::wait::{Wait, Waited};
use crate::time::{MILLISECOND, Nanos, SECOND};
use serde_json::{Value, json};

pub(super) const FLAGS: Flags = &[
    PRINT,
    SELECT,
    FILES,
    &[
        Flag("for", None, Takes::Many),
        Flag("timeout", None, Takes::Duration),
        Flag("all", None, Takes::Bool),
        Flag("local", None, Takes::Bool),
    ],
];

/// What is waited for.
#[derive(Clone, Debug)]
enum For {
    /// A condition of this type has this status (without regard to case).
    Condition(String, String),
    /// The object is gone.
    Delete,
    /// The object is there.
    Create,
    /// A JSONPath gives this value (any, if empty).
    Path(Box<JsonPath>, String),
}

/// A wait under way.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Objects in order; the first is looked at.
    left: Vec<(Kind, Key, String)>,
    /// For the first object: which conditions have come.
    met: usize,
    what: Vec<For>,
    failures: Vec<Failure>,
    /// `None`: it is looked at once.
    deadline: Option<Nanos>,
    output: Output,
    /// The time is over: nothing is looked at any more.
    over: bool,
    /// `--for=create`: nothing has been found yet.
    asked: Option<Parsed>,
    next_ask: Nanos,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.left == other.left && self.deadline == other.deadline && self.met == other.met
    }
}

/// `kubectl wait`.
pub fn wait(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("wait", &why))?;
    let texts = flags.all("for");
    if texts.is_empty() {
        return Err(Failure::error("unrecognized condition: []"));
    }
    let output = Output::of(cx, &flags)?;
    let what = texts.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?;
    let timeout = match flags.span("timeout").unwrap_or(i128::from(30 * SECOND)) {
        0 => None,
        span if span < 0 => Some(7 * 24 * 3600 * SECOND),
        span => Some(u64::try_from(span).unwrap_or(u64::MAX / 4)),
    };
    let now = cx.backend.read().now();
    let mut waiting = Waiting {
        left: vec![],
        met: 0,
        what,
        failures: vec![],
        deadline: timeout.map(|t| now + t),
        output,
        over: false,
        asked: Some(flags),
        next_ask: now,
    };
    if !waiting.is_for_create() {
        waiting.ask(cx)?;
    }
    cx.wait = Some(Wait::Condition(Box::new(waiting)));
    Ok(())
}

fn parse(text: &str) -> Result<For, Failure> {
    let lower = text.to_lowercase();
    if lower == "delete" {
        return Ok(For::Delete);
    }
    if lower == "create" {
        return Ok(For::Create);
    }
    if let Some(rest) = text.strip_prefix("condition=") {
        let (type_, status) = rest.split_once('=').unwrap_or((rest, "true"));
        return Ok(For::Condition(type_.to_string(), status.to_string()));
    }
    if let Some(rest) = text.strip_prefix("jsonpath=") {
        return jsonpath(rest);
    }
    Err(Failure::error(format!("unrecognized condition: {text:?}")))
}

/// `{.status.phase}=Running`, or only the path. `==` inside the path is no end of it.
fn jsonpath(text: &str) -> Result<For, Failure> {
    let marked = text.replace("==", "\u{1}");
    let parts: Vec<String> = marked.split('=').map(|p| p.replace('\u{1}', "==")).collect();
    if parts.len() > 2 {
        let text =
            "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'";
        return Err(Failure::error(text));
    }
    let path = relaxed(&parts[0]).map_err(Failure::error)?;
    let value = match parts.get(1) {
        None => String::new(),
        Some(value) => match value.trim_matches(['\'', '"']) {
            "" => {
                let text = "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3";
                return Err(Failure::error(text));
            }
            value => value.to_string(),
        },
    };
    if path.is_empty() {
        return Err(Failure::error("jsonpath expression cannot be empty"));
    }
    let path = JsonPath::parse(&path).map_err(Failure::error)?;
    Ok(For::Path(Box::new(path), value))
}

impl Waiting {
    fn is_for_create(&self) -> bool {
        self.what.iter().any(|w| matches!(w, For::Create))
    }

    fn is_for_delete(&self) -> bool {
        self.what.iter().any(|w| matches!(w, For::Delete))
    }

    /// Finds the objects that are meant.
    fn ask(&mut self, cx: &mut Cx) -> Result<(), Failure> {
        let Some(flags) = self.asked.take() else { return Ok(()) };
        let found = builder::find(cx, &flags, &Ask::of(&flags.words).kind_alone(flags.on("all")));
        let mut found = match found {
            Ok(found) => found,
            Err(failure) => {
                self.asked = Some(flags);
                return Err(failure);
            }
        };
        if self.is_for_delete() {
            found.ignore_not_found();
        }
        let waits_on = self.is_for_create() && found.infos.is_empty() && found.failures.iter().all(|f| f.not_found);
        if waits_on {
            self.asked = Some(flags);
            return Ok(());
        }
        let uid = |o: &Option<Object>| o.as_ref().map(|o| o.meta().uid.clone()).unwrap_or_default();
        self.left = found.infos.iter().map(|i| (i.kind, i.key.clone(), uid(&i.object))).collect();
        self.failures = found.failures;
        if self.left.is_empty() && self.failures.is_empty() && !self.is_for_delete() {
            return Err(Failure::error("no matching resources found"));
        }
        Ok(())
    }

    /// Looks at the objects one after the other; each that is there is said.
    pub fn poll(mut self, cx: &mut Cx) -> Waited {
        let now = cx.backend.read().now();
        if self.asked.is_some() {
            if now >= self.next_ask {
                self.next_ask = now + 500 * MILLISECOND;
                if let Err(failure) = self.ask(cx) {
                    return Waited::Failed(failure);
                }
            }
            if self.asked.is_some() {
                return match self.deadline {
                    Some(at) if now < at => Waited::Still(Wait::Condition(Box::new(self))),
                    _ => Waited::Failed(Failure::error("timed out waiting for the condition")),
                };
            }
        }
        while let Some((kind, key, uid)) = self.left.first().cloned() {
            match self.look(cx, kind, &key, &uid) {
                Ok(false) => return Waited::Still(Wait::Condition(Box::new(self))),
                Ok(true) => {}
                Err(failure) => self.failures.push(failure),
            }
            self.left.remove(0);
            self.met = 0;
        }
        match Failure::result(self.failures) {
            Ok(()) => Waited::Done,
            Err(failure) => Waited::Failed(failure),
        }
    }

    /// Whether all that is waited for at this object has come.
    fn look(&mut self, cx: &mut Cx, kind: Kind, key: &Key, uid: &str) -> Result<bool, Failure> {
        let name = format!("{}/{}", kind.info().plural, key.name);
        let timed_out = || Failure::error(format!("timed out waiting for the condition on {name}"));
        if self.over {
            return Err(timed_out());
        }
        while let Some(what) = self.what.get(self.met).cloned() {
            let live = cx.backend.read().store().get(kind, key).cloned();
            if met(&what, live.as_ref(), kind, key, uid)? {
                self.say(cx, live.as_ref(), (kind, key))?;
                self.met += 1;
                continue;
            }
            return match self.deadline {
                None => Err(Failure::error(format!("condition not met for {name}"))),
                Some(at) if cx.backend.read().now() >= at => {
                    self.over = true;
                    Err(timed_out())
                }
                Some(_) => Ok(false),
            };
        }
        Ok(true)
    }

    fn say(&self, cx: &mut Cx, object: Option<&Object>, (kind, key): (Kind, &Key)) -> Result<(), Failure> {
        let bare = json!({"apiVersion": kind.api_version(), "kind": kind.info().name, "metadata": {"name": &*key.name}});
        let value = object.map_or(bare, Object::to_value);
        self.output.done(cx, &value, "condition met", super::create::DryRun::No)
    }
}

fn met(what: &For, live: Option<&Object>, kind: Kind, key: &Key, uid: &str) -> Result<bool, Failure> {
    let object = match (live, what) {
        (None, For::Delete) => return Ok(true),
        (None, _) => return Err(Failure::not_there(&kind.resource(), &key.name)),
        (Some(object), _) => object,
    };
    match what {
        For::Delete => Ok(object.meta().uid != uid),
        For::Create => Ok(true),
        For::Condition(type_, wanted) => Ok(condition(&object.to_value(), object.meta().generation, type_, wanted)),
        For::Path(path, wanted) => found(path, &object.to_value(), wanted),
    }
}

/// Whether a condition has a status; one that was set for an older generation does not count.
fn condition(value: &Value, generation: i64, type_: &str, wanted: &str) -> bool {
    let text = |c: &Value, field: &str| c[field].as_str().unwrap_or_default().to_string();
    let conditions = value["status"]["conditions"].as_array();
    let Some(condition) = conditions.into_iter().flatten().find(|c| text(c, "type").eq_ignore_ascii_case(type_)) else {
        return false;
    };
    let observed = condition["observedGeneration"].as_i64().or(value["status"]["observedGeneration"].as_i64());
    if observed.is_some_and(|o| o < generation) {
        return false;
    }
    text(condition, "status").eq_ignore_ascii_case(wanted)
}

/// Whether a path leads to one plain value, and to the wanted one.
fn found(path: &JsonPath, value: &Value, wanted: &str) -> Result<bool, Failure> {
    let found = path.find(value).map_err(Failure::error)?;
    let Some(first) = found.first().filter(|f| !f.is_empty()) else { return Ok(false) };
    if found.len() > 1 {
        return Err(Failure::error("given jsonpath expression matches more than one list"));
    }
    if first.len() > 1 {
        return Err(Failure::error("given jsonpath expression matches more than one value"));
    }
    if wanted.is_empty() {
        return Ok(true);
    }
    if first[0].is_array() || first[0].is_object() {
        return Err(Failure::error("jsonpath leads to a nested object or list which is not supported"));
    }
    Ok(go::plain(&first[0]).trim() == wanted.trim())
}
