//! `kubectl set env` (`…/cmd/set/set_env.go`, `…/cmd/set/env`).

use super::label::resources_and_pairs;
use super::set::{finish, picked, pod_spec, targets};
use crate::api::pod::{Container, EnvVar};
use crate::api::shapes::base64;
use crate::api::{Key, Kind, Object};
use crate::kubectl::builder::{self, Ask, Info};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use crate::kubectl::generate::env_name;
use crate::sorting::Arrange;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is to be set, and which names are to go.
struct Changes {
    set: Vec<EnvVar>,
    remove: Vec<String>,
}

/// `kubectl set env`.
pub fn env(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    if flags.on("all") && !flags.text("selector").is_empty() {
        return Err(Failure::error("cannot set --all and --selector at the same time"));
    }
    let Ok((words, pairs)) = resources_and_pairs(&flags.words, "environment") else {
        let text = format!("all resources must be specified before environment changes: {}", flags.words.join(" "));
        return Err(Failure::error(text));
    };
    if words.is_empty() && !flags.has("filename") {
        let text = "one or more resources must be specified as <resource> <name> or <resource>/<name>";
        return Err(Failure::error(text));
    }
    if flags.on("list") && !flags.text("output").is_empty() {
        return Err(Failure::error("--list and --output may not be specified together"));
    }
    if flags.has("keys") && flags.text("from").is_empty() {
        return Err(Failure::error("when specifying --keys, a configmap or secret must be provided with --from"));
    }
    let mut changes = parse(flags.all("env").iter().chain(&pairs))?;
    if !flags.text("from").is_empty() {
        let more = from(cx, flags)?;
        changes.set.extend(more);
    }
    let prefix = flags.text("prefix");
    changes.set.iter_mut().for_each(|var| var.name.insert_str(0, &prefix));
    let found = targets(cx, flags, &words)?;
    let mut failures = vec![];
    for info in found.infos {
        failures.extend(one(cx, &info, &changes, flags).err());
    }
    Failure::result(if flags.on("list") { vec![] } else { failures })
}

/// `NAME=value` sets, `NAME-` removes.
fn parse<'a>(pairs: impl Iterator<Item = &'a String>) -> Result<Changes, Failure> {
    let mut changes = Changes { set: vec![], remove: vec![] };
    for pair in pairs {
        match (pair.split_once('='), pair.strip_suffix('-')) {
            (Some((name, value)), _) => {
                env_name(name).map_err(|why| Failure::error(format!("{name:?} is not a valid key name: {why}")))?;
                changes.set.push(EnvVar { name: name.into(), value: value.into(), value_from: None });
            }
            (None, Some(name)) => changes.remove.push(name.into()),
            (None, None) => return Err(Failure::error(format!("unknown environment variable: {pair}"))),
        }
    }
    if changes.remove.iter().any(|name| changes.set.iter().any(|v| v.name == *name)) {
        return Err(Failure::error("can not both modify and remove the same environment variable in the same command"));
    }
    Ok(changes)
}

/// `--from`: a variable for every key of a ConfigMap or Secret.
fn from(cx: &mut Cx, flags: &Parsed) -> Result<Vec<EnvVar>, Failure> {
    let words = [flags.text("from")];
    let found = builder::find(cx, flags, &Ask::of(&words))?;
    Failure::result(found.failures)?;
    let (mut variables, only) = (vec![], flags.all("keys"));
    for info in found.infos {
        let (keys, field): (Vec<String>, &str) = match &info.object {
            Some(Object::ConfigMap(map)) => (map.data.keys().cloned().collect(), "configMapKeyRef"),
            Some(Object::Secret(secret)) => (secret.data.keys().cloned().collect(), "secretKeyRef"),
            _ => return Err(Failure::error("unsupported resource specified in --from")),
        };
        for key in keys.into_iter().filter(|k| only.is_empty() || only.contains(k)) {
            let name: String =
                key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
            if name != key {
                cx.line(format!("Warning: key {key} transferred to {name}"));
            }
            let source = json!({field: {"name": &*info.key.name, "key": key}});
            variables.push(EnvVar { name, value: String::new(), value_from: Some(source) });
        }
    }
    Ok(variables)
}

fn one(cx: &mut Cx, info: &Info, changes: &Changes, flags: &Parsed) -> Result<(), Failure> {
    let Some(mut object) = info.object.clone() else { return Ok(()) };
    let (kind, name) = (info.kind, info.key.name.clone());
    let spec = pod_spec(&mut object)?;
    let containers = picked(spec, flags);
    if containers.is_empty() {
        let pattern = flags.text("containers");
        cx.line(format!("Warning: {}/{name} does not have any containers matching {pattern:?}", kind.info().name));
        return Ok(());
    }
    for container in containers {
        if !flags.on_or("overwrite", true) {
            taken(container, changes).map_err(|why| Failure::plain(format!("error: {}/{name} {why}", kind.info().plural)))?;
        }
        change(container, changes);
        if flags.on("list") {
            list(cx, (kind, &name), container, flags);
        }
    }
    if flags.on("list") { Ok(()) } else { finish(cx, info, object, flags, "env") }
}

/// `--overwrite=false`: names that have another value already.
fn taken(container: &Container, changes: &Changes) -> Result<(), String> {
    let other = |var: &&EnvVar| container.env.iter().any(|e| e.name == var.name && e.value != var.value);
    match changes.set.iter().find(other) {
        Some(var) => {
            let old = container.env.iter().find(|e| e.name == var.name).map(|e| e.value.as_str()).unwrap_or_default();
            Err(format!("'{}' already has a value ({old}), and --overwrite is false", var.name))
        }
        None => Ok(()),
    }
}

fn change(container: &mut Container, changes: &Changes) {
    for var in &changes.set {
        match container.env.iter_mut().find(|e| e.name == var.name) {
            Some(old) => *old = var.clone(),
            None => container.env.push(var.clone()),
        }
    }
    container.env.retain(|e| !changes.remove.contains(&e.name));
}

/// The variables of a container; with `--resolve` those that are taken from elsewhere with their values, too.
fn list(cx: &mut Cx, (kind, name): (Kind, &str), container: &Container, flags: &Parsed) {
    cx.line(format!("# {} {name}, container {}", kind.info().name, container.name));
    let namespace = cx.namespace(flags);
    let mut lacking: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for var in &container.env {
        let Some(source) = &var.value_from else {
            cx.line(format!("{}={}", var.name, var.value));
            continue;
        };
        match flags.on("resolve").then(|| resolved(cx, &namespace, source)) {
            Some(Ok(value)) => cx.line(format!("{}={value}", var.name)),
            found => {
                cx.line(format!("# {} from {}", var.name, source_text(source)));
                if let Some(Err(why)) = found {
                    lacking.entry(why).or_default().push(&var.name);
                }
            }
        }
    }
    for (why, mut names) in lacking {
        names.arrange();
        cx.line(format!("error retrieving reference for {}: {why}", names.join(", ")));
    }
}

/// The value of a variable that a ConfigMap or a Secret holds.
fn resolved(cx: &Cx, namespace: &str, source: &Value) -> Result<String, String> {
    let text = |field: &Value| field.as_str().unwrap_or_default().to_string();
    let places = [("configMapKeyRef", Kind::ConfigMap, "config map"), ("secretKeyRef", Kind::Secret, "secret")];
    let place = places.iter().find(|(field, ..)| source.get(field).is_some());
    let Some((field, kind, shown)) = place else { return Err(format!("{} cannot be resolved", source_text(source))) };
    let (name, key) = (text(&source[field]["name"]), text(&source[field]["key"]));
    let object = cx.backend.read().read(*kind, &Key::new(namespace, &name)).map_err(|status| status.message)?;
    let value = match object {
        Object::ConfigMap(map) => map.data.get(&key).cloned(),
        Object::Secret(secret) => secret.data.get(&key).map(|coded| base64::decode(coded)),
        _ => None,
    };
    value.ok_or_else(|| format!("key {key} not found in {shown} {name}"))
}

/// What a variable's value is taken from, in words.
fn source_text(source: &Value) -> String {
    let text = |field: &Value| field.as_str().unwrap_or_default().to_string();
    for (field, word) in [("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")] {
        if let Some(of) = source.get(field) {
            return format!("{word} {}, key {}", text(&of["name"]), text(&of["key"]));
        }
    }
    if let Some(of) = source.get("fieldRef") {
        return format!("field path {}", text(&of["fieldPath"]));
    }
    match source.get("resourceFieldRef") {
        Some(of) => {
            let container = text(&of["containerName"]);
            let prefix = if container.is_empty() { String::new() } else { format!("{container}/") };
            format!("resource field {prefix}{}", text(&of["resource"]))
        }
        None => "invalid valueFrom".into(),
    }
}
