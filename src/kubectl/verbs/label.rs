//! `kubectl label` and `kubectl annotate` (`…/cmd/label/label.go`, `…/cmd/annotate/annotate.go`).

use super::create::DryRun;
use super::output::Output;
use super::record;
use crate::api::Object;
use crate::api::meta::StringMap;
use crate::api::validation::names;
use crate::kubectl::builder::{self, Ask, Info};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, FILES, Flag, Flags, PRINT, Parsed, SELECT, Takes};
use crate::kubectl::rollout::CHANGE_CAUSE;
use serde_json::json;

pub(super) const FLAGS: Flags = &[
    PRINT,
    SELECT,
    FILES,
    CHANGE,
    &[
        Flag("overwrite", None, Takes::Bool),
        Flag("all", None, Takes::Bool),
        Flag("list", None, Takes::Bool),
        Flag("local", None, Takes::Bool),
        Flag("resource-version", None, Takes::Text),
    ],
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
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("label", &why))?;
    let (words, pairs) = resources_and_pairs(&flags.words, "label")?;
    let changes = labels(&pairs)?;
    change(cx, &flags, &words, &changes, What::Labels)
}

/// `kubectl annotate`.
pub fn annotate(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("annotate", &why))?;
    let (words, pairs) = resources_and_pairs(&flags.words, "annotation")?;
    let (set, remove) = parse_pairs(&pairs, "annotation", true)?;
    change(cx, &flags, &words, &Changes { set, remove }, What::Annotations)
}

/// The words that name objects, and those that say what to change (`GetResourcesAndPairs`).
pub(super) fn resources_and_pairs(words: &[String], what: &str) -> Result<(Vec<String>, Vec<String>), Failure> {
    let is_pair = |w: &String| (w.contains('=') && !w.starts_with('=')) || (w.ends_with('-') && w != "-");
    let first = words.iter().position(is_pair).unwrap_or(words.len());
    if let Some(late) = words[first..].iter().find(|w| !is_pair(w)) {
        return Err(Failure::error(format!("all resources must be specified before {what} changes: {late}")));
    }
    Ok((words[..first].to_vec(), words[first..].to_vec()))
}

/// `KEY=VALUE` and `KEY-` (`ParsePairs`).
pub(super) fn parse_pairs(pairs: &[String], what: &str, remove: bool) -> Result<(StringMap, Vec<String>), Failure> {
    let (mut set, mut gone, mut bad) = (StringMap::new(), vec![], vec![]);
    for pair in pairs {
        match pair.split_once('=').filter(|(key, _)| !key.is_empty()) {
            Some((key, value)) => drop(set.insert(key.to_string(), value.to_string())),
            None => match pair.strip_suffix('-').filter(|key| remove && !key.is_empty()) {
                Some(key) => gone.push(key.to_string()),
                None => bad.push(pair.as_str()),
            },
        }
    }
    if bad.is_empty() { Ok((set, gone)) } else { Err(Failure::error(format!("invalid {what} format: {}", bad.join(", ")))) }
}

fn labels(pairs: &[String]) -> Result<Changes, Failure> {
    let mut changes = Changes::default();
    for pair in pairs {
        let parts: Vec<&str> = pair.split('=').collect();
        match parts.as_slice() {
            [key, value] => {
                let problems = names::label_value(value);
                if !problems.is_empty() {
                    return Err(Failure::error(format!("invalid label value: {pair:?}: {}", problems.join(";"))));
                }
                changes.set.insert(key.to_string(), value.to_string());
            }
            [key] if key.ends_with('-') => changes.remove.push(key[..key.len() - 1].to_string()),
            [_] => return Err(Failure::error(format!("unknown label spec: {pair}"))),
            _ => return Err(Failure::error(format!("invalid label spec: {pair}"))),
        }
    }
    if changes.remove.iter().any(|key| changes.set.contains_key(key)) {
        return Err(Failure::error("can not both modify and remove a label in the same command"));
    }
    Ok(changes)
}

/// Flags that do not go together, and what is missing.
fn check(flags: &Parsed, words: &[String], changes: &Changes, what: What) -> Result<(), Failure> {
    let fail = |text: String| Err(Failure::error(text));
    if flags.on("list") && !flags.text("output").is_empty() {
        return fail("--list and --output may not be specified together".into());
    }
    for selector in ["selector", "field-selector"] {
        if flags.on("all") && !flags.text(selector).is_empty() {
            return fail(format!("cannot set --all and --{selector} at the same time"));
        }
    }
    if flags.on("local") {
        let name = if what == What::Labels { "pod" } else { "rsrc" };
        if DryRun::of(flags)? == DryRun::Server {
            return fail("cannot specify --local and --dry-run=server - did you mean --dry-run=client?".into());
        }
        if !words.is_empty() {
            return fail(format!(
                "can only use local files by -f {name}.yaml or --filename={name}.json when --local=true is set"
            ));
        }
        if !flags.has("filename") {
            return fail(format!("one or more files must be specified as -f {name}.yaml or --filename={name}.json"));
        }
    } else if words.is_empty() && !flags.has("filename") {
        return fail("one or more resources must be specified as <resource> <name> or <resource>/<name>".into());
    }
    let word = if what == What::Labels { "label" } else { "annotation" };
    if changes.set.is_empty() && changes.remove.is_empty() && !flags.on("list") {
        return fail(format!("at least one {word} update is required"));
    }
    let both: Vec<&str> = changes.remove.iter().filter(|k| changes.set.contains_key(*k)).map(String::as_str).collect();
    if !both.is_empty() {
        let list = both.join(", ");
        return fail(format!("can not both modify and remove the following annotation(s) in the same command: {list}"));
    }
    Ok(())
}

fn change(cx: &mut Cx, flags: &Parsed, words: &[String], changes: &Changes, what: What) -> Result<(), Failure> {
    check(flags, words, changes, what)?;
    let output = Output::of(cx, flags)?;
    let ask = Ask::of(words).kind_alone(flags.on("all")).local(flags.on("local"));
    let found = builder::find(cx, flags, &ask)?;
    if !found.single && !flags.text("resource-version").is_empty() {
        return Err(Failure::error("--resource-version may only be used with a single resource"));
    }
    let mut failures = found.failures;
    for info in found.infos {
        let result = match flags.on("list") {
            true => list(cx, &info, changes, what, found.single),
            false => one(cx, info, changes, what, flags, &output),
        };
        failures.extend(result.err());
    }
    Failure::result(failures)
}

fn map(object: &mut Object, what: What) -> &mut StringMap {
    let meta = object.meta_mut();
    if what == What::Labels { &mut meta.labels } else { &mut meta.annotations }
}

/// The object with the changes, and whether keys were set and removed.
fn changed(object: &Object, changes: &Changes, what: What, overwrite: bool) -> Result<(Object, bool, bool), Failure> {
    let mut object = object.clone();
    let target = map(&mut object, what);
    if !overwrite {
        conflicts(target, changes, what)?;
    }
    let set = changes.set.iter().any(|(k, v)| target.get(k) != Some(v));
    target.extend(changes.set.clone());
    let before = target.len();
    changes.remove.iter().for_each(|k| drop(target.remove(k)));
    let removed = target.len() != before;
    Ok((object, set, removed))
}

/// `--list`: the keys and values, as they would be.
fn list(cx: &mut Cx, info: &Info, changes: &Changes, what: What, single: bool) -> Result<(), Failure> {
    let Some(object) = &info.object else { return Ok(()) };
    let (mut object, ..) = changed(object, changes, what, false)?;
    let indent = if single { "" } else { " " };
    if !single {
        let word = if what == What::Labels { "labels" } else { "annotations" };
        let kind = info.kind.info();
        cx.line(format!("Listing {word} for {}.{}/{}:", kind.name, kind.group, info.key.name));
    }
    let lines: Vec<String> = map(&mut object, what).iter().map(|(k, v)| format!("{indent}{k}={v}")).collect();
    lines.iter().for_each(|l| cx.line(l));
    Ok(())
}

fn one(cx: &mut Cx, info: Info, changes: &Changes, what: What, flags: &Parsed, output: &Output) -> Result<(), Failure> {
    let Some(object) = info.object else { return Ok(()) };
    let (dry, local) = (DryRun::of(flags)?, flags.on("local"));
    let labels = what == What::Labels;
    if labels && dry != DryRun::Client && !local {
        for key in changes.remove.iter().filter(|k| !object.meta().labels.contains_key(*k)) {
            cx.line(format!("label {key:?} not found."));
        }
    }
    let (mut new, set, removed) = changed(&object, changes, what, flags.on("overwrite"))?;
    let word = match (labels, set, removed) {
        (false, ..) => "annotated",
        (_, true, true) => "modified",
        (_, true, false) => "labeled",
        (_, false, true) => "unlabeled",
        _ => "not labeled",
    };
    if (set || removed) && dry != DryRun::Client && !local {
        new = record::object(cx, new);
        new.meta_mut().resource_version = flags.text("resource-version");
        new = cx.backend.api().update(new, dry == DryRun::Server).map_err(|s| Failure::status(&s))?;
        cx.warn();
    }
    let shown = match info.value.filter(|_| local) {
        Some(mut filed) => {
            let field = if labels { "labels" } else { "annotations" };
            if set || removed {
                filed["metadata"][field] = json!(map(&mut new, what));
            }
            filed
        }
        None => new.to_value(),
    };
    output.done(cx, &shown, word, dry)
}

/// Keys that have another value already need `--overwrite`.
fn conflicts(old: &StringMap, changes: &Changes, what: What) -> Result<(), Failure> {
    let texts: Vec<String> = changes
        .set
        .iter()
        .filter(|(k, _)| what == What::Labels || *k != CHANGE_CAUSE)
        .filter_map(|(k, v)| old.get(k).filter(|o| *o != v).map(|o| format!("'{k}' already has a value ({o})")))
        .collect();
    match (texts.as_slice(), what) {
        ([], _) => Ok(()),
        (_, What::Labels) => {
            let failures = texts.iter().map(|t| Failure::error(format!("{t}, and --overwrite is false"))).collect();
            Err(Failure::join(failures))
        }
        (_, What::Annotations) => Err(Failure::error(format!(
            "--overwrite is false but found the following declared annotation(s): {}",
            texts.join("; ")
        ))),
    }
}
