//! `kubectl set`: image, env, selector.

use super::create::DryRun;
use super::files::{self, FILE_FLAGS};
use super::output::Output;
use crate::api::meta::StringMap;
use crate::api::pod::{Container, EnvVar, PodSpec};
use crate::api::{Kind, Object};
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Parsed, Takes};
use crate::kubectl::resources;
use std::rc::Rc;

pub(super) const FLAGS: &[Flag] = &[
    Flag("all", None, Takes::Bool),
    Flag("selector", Some('l'), Takes::Text),
    Flag("filename", Some('f'), Takes::Many),
    Flag("local", None, Takes::Bool),
    Flag("output", Some('o'), Takes::Text),
    Flag("dry-run", None, Takes::Optional("unchanged")),
    Flag("field-manager", None, Takes::Text),
    Flag("containers", Some('c'), Takes::Text),
    Flag("env", Some('e'), Takes::Many),
    Flag("list", None, Takes::Bool),
    Flag("overwrite", None, Takes::Bool),
    Flag("resource-version", None, Takes::Text),
];

/// `kubectl set`.
pub fn set(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    match args.first().map(String::as_str) {
        Some("image") => image(cx, &args[1..]),
        Some("env") => env(cx, &args[1..]),
        Some("selector") => selector(cx, &args[1..]),
        _ => Err(Failure::error("must specify one of env, image, selector\nSee 'kubectl set -h' for help and examples")),
    }
}

/// The words that name objects, and those that say what to set.
fn split<'a>(words: &'a [String], is_change: &dyn Fn(&str) -> bool) -> (&'a [String], &'a [String]) {
    let first = words.iter().position(|w| is_change(w)).unwrap_or(words.len());
    words.split_at(first)
}

/// The objects that a command line names.
fn targets(cx: &Cx, flags: &Parsed, words: &[String]) -> Result<(Vec<Object>, Vec<Failure>), Failure> {
    if words.is_empty() && !flags.has(FILE_FLAGS) {
        return Err(super::delete::nothing_named());
    }
    let named = if flags.has(FILE_FLAGS) { files::named(cx, flags)? } else { resources::named(words)? };
    let pick = Pick::of(flags, named.items.first().map(|(k, _)| *k))?;
    if !named.by_name() && !flags.on("all") && pick.labels.is_none() {
        return Err(Failure::error("resource(s) were provided, but no name was specified"));
    }
    let namespace = cx.namespace(flags);
    Ok(cx.find(&named, Some(&namespace), &pick))
}

/// The Pod spec inside an object, to change.
fn pod_spec(object: &mut Object) -> Option<&mut PodSpec> {
    match object {
        Object::Pod(pod) => Some(&mut Rc::make_mut(pod).spec),
        Object::Deployment(d) => Some(&mut Rc::make_mut(d).spec.template.spec),
        Object::ReplicaSet(rs) => Some(&mut Rc::make_mut(rs).spec.template.spec),
        _ => None,
    }
}

fn no_template(object: &Object) -> Failure {
    let (kind, name) = (object.kind(), &object.meta().name);
    Failure::error(format!(
        "{}/{name} the object is not a pod or does not have a pod template: *v1.{}",
        kind.info().plural,
        kind.info().name
    ))
}

/// Sends a changed object and says so; nothing changed: nothing is said.
fn finish(cx: &mut Cx, before: &Object, after: Object, flags: &Parsed, what: &str) -> Result<(), Failure> {
    let (dry, output) = (DryRun::of(flags)?, Output::parse(flags.get("output"))?);
    if *before == after && what != "selector" {
        return Ok(());
    }
    let stored = if dry == DryRun::Client || flags.on("local") {
        after
    } else {
        cx.backend.api().update(after, dry == DryRun::Server).map_err(|s| {
            let named = format!("failed to patch {what} update to pod template: {}", s.message);
            if s.reason == "Invalid" { Failure::error(named) } else { Failure::status(&s) }
        })?
    };
    cx.warn();
    if output.is_table() {
        cx.line(format!("{}/{} {what} updated{}", before.kind().qualified(), before.meta().name, dry.suffix()));
        return Ok(());
    }
    output.print(cx, &[stored], true)
}

fn image(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("set image", &why))?;
    let (words, pairs) = split(&flags.words, &|w| w.contains('='));
    if words.is_empty() && !flags.has(FILE_FLAGS) {
        return Err(super::delete::nothing_named());
    }
    if pairs.is_empty() {
        return Err(Failure::error("at least one image update is required"));
    }
    let pairs: Vec<(&str, &str)> = pairs.iter().filter_map(|p| p.split_once('=')).collect();
    if pairs.len() > 1 && pairs.iter().any(|(name, _)| *name == "*") {
        return Err(Failure::error(
            "all containers are already specified by *, but saw more than one container_name=container_image pairs",
        ));
    }
    let (found, mut failures) = targets(cx, &flags, words)?;
    for object in found {
        if let Err(failure) = image_of(cx, &object, &pairs, &flags) {
            failures.push(failure);
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::join(failures)) }
}

fn image_of(cx: &mut Cx, object: &Object, pairs: &[(&str, &str)], flags: &Parsed) -> Result<(), Failure> {
    let mut changed = object.clone();
    let Some(spec) = pod_spec(&mut changed) else { return Err(no_template(object)) };
    let mut missing = vec![];
    for (name, image) in pairs {
        let mut hit = false;
        for container in spec.init_containers.iter_mut().chain(&mut spec.containers).filter(|c| *name == "*" || c.name == *name) {
            hit = true;
            if container.image != *image {
                container.image = image.to_string();
            }
        }
        if !hit {
            missing.push(Failure::error(format!("unable to find container named {name:?}")));
        }
    }
    if !missing.is_empty() {
        return Err(Failure::join(missing));
    }
    finish(cx, object, changed, flags, "image")
}

fn env(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("set env", &why))?;
    let (words, pairs) = split(&flags.words, &|w| w.contains('=') || w.ends_with('-'));
    let mut pairs = pairs.to_vec();
    pairs.extend(flags.all("env"));
    if pairs.is_empty() && !flags.on("list") {
        return Err(Failure::error("at least one environment variable must be provided"));
    }
    let (found, mut failures) = targets(cx, &flags, words)?;
    for object in found {
        if let Err(failure) = env_of(cx, &object, &pairs, &flags) {
            failures.push(failure);
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::join(failures)) }
}

fn env_of(cx: &mut Cx, object: &Object, pairs: &[String], flags: &Parsed) -> Result<(), Failure> {
    let mut changed = object.clone();
    let wanted = flags.get("containers").unwrap_or("*").to_string();
    let picks = |c: &Container| wanted == "*" || c.name == wanted;
    let Some(spec) = pod_spec(&mut changed) else { return Err(no_template(object)) };
    if !spec.containers.iter().any(&picks) {
        return Err(Failure::error(format!(
            "warning: {}/{} does not have any containers matching {wanted:?}",
            object.kind().info().plural,
            object.meta().name
        )));
    }
    if flags.on("list") {
        let lines: Vec<String> = spec
            .containers
            .iter()
            .filter(|c| picks(c))
            .flat_map(|c| {
                let head = format!("# {} {}, container {}", object.kind().info().name, object.meta().name, c.name);
                std::iter::once(head).chain(c.env.iter().map(|e| format!("{}={}", e.name, e.value)))
            })
            .collect();
        lines.iter().for_each(|l| cx.line(l));
        return Ok(());
    }
    for container in spec.containers.iter_mut().filter(|c| picks(c)) {
        for pair in pairs {
            change_env(container, pair)?;
        }
    }
    finish(cx, object, changed, flags, "env")
}

/// `NAME=value` sets, `NAME-` removes.
fn change_env(container: &mut Container, pair: &str) -> Result<(), Failure> {
    if let Some((name, value)) = pair.split_once('=') {
        match container.env.iter_mut().find(|e| e.name == name) {
            Some(old) => *old = EnvVar { name: name.into(), value: value.into(), value_from: None },
            None => container.env.push(EnvVar { name: name.into(), value: value.into(), value_from: None }),
        }
    } else if let Some(name) = pair.strip_suffix('-') {
        container.env.retain(|e| e.name != name);
    } else {
        return Err(Failure::error(format!("environment variables must be of the form key=value, but is {pair:?}")));
    }
    Ok(())
}

fn selector(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("set selector", &why))?;
    let (words, pairs) = split(&flags.words, &|w| w.contains('='));
    let Some(text) = pairs.first() else {
        return Err(Failure::error("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    };
    let mut wanted = StringMap::new();
    for part in text.split(',') {
        let Some((key, value)) = part.split_once('=') else {
            return Err(Failure::error(format!("invalid selector: {text:?}; can't understand {part:?}")));
        };
        wanted.insert(key.trim().into(), value.trim_start_matches('=').trim().into());
    }
    let (found, mut failures) = targets(cx, &flags, words)?;
    for object in found {
        let Object::Service(service) = &object else {
            failures.push(Failure::error(format!(
                "setting a selector is only supported for Services, not {}",
                Kind::info(object.kind()).name
            )));
            continue;
        };
        let mut changed = service.clone();
        Rc::make_mut(&mut changed).spec.selector = wanted.clone();
        if let Err(failure) = finish(cx, &object, Object::Service(changed), &flags, "selector") {
            failures.push(failure);
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::join(failures)) }
}
