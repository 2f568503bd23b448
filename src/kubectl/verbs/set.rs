//! `kubectl set`: image, resources, service account; the rest is in `set_env` and `set_selector`.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/cmd/set`.

use super::create::DryRun;
use super::label::{parse_pairs, resources_and_pairs};
use super::output::Output;
use super::record;
use crate::api::meta::StringMap;
use crate::api::pod::{Container, PodSpec};
use crate::api::quantity::Amount;
use crate::api::{Object, Quantity};
use crate::kubectl::builder::{self, Ask, Found, Info};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, FILES, Flag, Flags, PRINT, Parsed, Takes};
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) const FLAGS: Flags = &[
    PRINT,
    FILES,
    CHANGE,
    &[
        Flag("all", None, Takes::Bool),
        Flag("selector", Some('l'), Takes::Text),
        Flag("local", None, Takes::Bool),
        Flag("containers", Some('c'), Takes::Text),
        Flag("limits", None, Takes::Text),
        Flag("requests", None, Takes::Text),
        Flag("env", Some('e'), Takes::Many),
        Flag("from", None, Takes::Text),
        Flag("keys", None, Takes::List),
        Flag("prefix", None, Takes::Text),
        Flag("list", None, Takes::Bool),
        Flag("resolve", None, Takes::Bool),
        Flag("overwrite", None, Takes::Bool),
        Flag("resource-version", None, Takes::Text),
    ],
];

/// `kubectl set`.
pub fn set(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let Some(sub) = args.first() else { return Err(super::help::of("set")) };
    let parsed = || flags::parse(&args[1..], FLAGS).map_err(|why| Failure::usage(&format!("set {sub}"), &why));
    match sub.as_str() {
        "image" => image(cx, &parsed()?),
        "resources" => resources(cx, &parsed()?),
        "selector" => super::set_selector::selector(cx, &parsed()?),
        "env" => super::set_env::env(cx, &parsed()?),
        "serviceaccount" | "sa" => service_account(cx, &parsed()?),
        "subject" => {
            const OWN: Flags = &[&[
                Flag("user", None, Takes::List),
                Flag("group", None, Takes::List),
                Flag("serviceaccount", None, Takes::List),
            ]];
            let sets = [OWN, FLAGS].concat();
            let flags = flags::parse(&args[1..], &sets).map_err(|why| Failure::usage("set subject", &why))?;
            super::set_subject::subject(cx, &flags)
        }
        _ => Err(super::help::unknown_sub("set", args)),
    }
}

/// The objects that words name, with their Pod templates to change.
pub(super) fn targets(cx: &mut Cx, flags: &Parsed, words: &[String]) -> Result<Found, Failure> {
    if flags.on("local") && !words.is_empty() {
        let help = "Example resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'";
        return Err(Failure::error(format!("error: you must specify resources by --filename when --local is set.\n{help}")));
    }
    let ask = Ask::of(words).kind_alone(flags.on("all")).local(flags.on("local"));
    let mut found = builder::find(cx, flags, &ask)?;
    Failure::result(std::mem::take(&mut found.failures))?;
    Ok(found)
}

/// The Pod spec inside an object, to change; the failure is what is said of objects without one.
pub(super) fn pod_spec(object: &mut Object) -> Result<&mut PodSpec, Failure> {
    let (kind, name) = (object.kind().info(), object.meta().name.clone());
    match object {
        Object::Pod(pod) => Ok(&mut Rc::make_mut(pod).spec),
        Object::Deployment(d) => Ok(&mut Rc::make_mut(d).spec.template.spec),
        Object::ReplicaSet(rs) => Ok(&mut Rc::make_mut(rs).spec.template.spec),
        Object::DaemonSet(set) => Ok(&mut Rc::make_mut(set).spec.template.spec),
        Object::StatefulSet(set) => Ok(&mut Rc::make_mut(set).spec.template.spec),
        Object::Job(job) => Ok(&mut Rc::make_mut(job).spec.template.spec),
        _ => Err(Failure::plain(format!(
            "error: {}/{name} the object is not a pod or does not have a pod template: *v1.{}",
            kind.plural, kind.name
        ))),
    }
}

/// Sends a changed object and says so; nothing changed: nothing is said. `what`: `image`; `to`: how a refusal goes on.
pub(super) fn finish(cx: &mut Cx, info: &Info, after: Object, flags: &Parsed, what: &str) -> Result<(), Failure> {
    let (dry, output) = (DryRun::of(flags)?, Output::of(cx, flags)?);
    if info.object.as_ref() == Some(&after) && what != "selector" {
        return Ok(());
    }
    let after = record::object(cx, after);
    let stored = if dry == DryRun::Client || flags.on("local") {
        after
    } else {
        cx.backend.api().update(after, dry == DryRun::Server).map_err(|s| match what {
            "selector" => Failure::status(&s),
            "serviceaccount" => Failure::error(format!("failed to patch ServiceAccountName {}", s.message)),
            "resource requirements" => Failure::error(format!("failed to patch resources update to pod template {}", s.message)),
            _ => Failure::error(format!("failed to patch {what} update to pod template: {}", s.message)),
        })?
    };
    cx.warn();
    output.done(cx, &stored.to_value(), &format!("{what} updated"), dry)
}

/// Whether a name fits a pattern with `*`.
pub(super) fn picks(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some(("", "")) => true,
        Some((head, tail)) => {
            let rest = name.strip_prefix(head);
            rest.is_some_and(|r| tail.is_empty() || (0..=r.len()).any(|i| r.is_char_boundary(i) && picks(tail, &r[i..])))
        }
    }
}

/// The containers that `-c` picks, init containers last.
pub(super) fn picked<'a>(spec: &'a mut PodSpec, flags: &Parsed) -> Vec<&'a mut Container> {
    let pattern = flags.get("containers").unwrap_or("*").to_string();
    let all = spec.containers.iter_mut().chain(&mut spec.init_containers);
    all.filter(|c| picks(&pattern, &c.name)).collect()
}

fn image(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    let (words, pairs) = resources_and_pairs(&flags.words, "image")?;
    let (images, _) = parse_pairs(&pairs, "image", false)?;
    let found = targets(cx, flags, &words)?;
    let mut failures = vec![];
    if flags.on("all") && !flags.text("selector").is_empty() {
        failures.push(Failure::error("cannot set --all and --selector at the same time"));
    }
    if images.is_empty() {
        failures.push(Failure::error("at least one image update is required"));
    } else if images.len() > 1 && images.contains_key("*") {
        failures.push(Failure::error(
            "all containers are already specified by *, but saw more than one container_name=container_image pairs",
        ));
    }
    Failure::result(failures)?;
    let (mut failures, mut late) = (vec![], vec![]);
    for info in found.infos {
        let Some(mut object) = info.object.clone() else { continue };
        match pod_spec(&mut object) {
            Ok(spec) => failures.extend(set_images(spec, &images)),
            Err(failure) => {
                late.push(failure);
                continue;
            }
        }
        late.extend(finish(cx, &info, object, flags, "image").err());
    }
    failures.extend(late);
    Failure::result(failures)
}

/// `kubectl set serviceaccount TYPE NAME ACCOUNT`: the last word is the account.
fn service_account(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    let Some((account, words)) = flags.words.split_last() else { return Err(Failure::error("serviceaccount is required")) };
    let found = targets(cx, flags, words)?;
    let mut failures = vec![];
    for info in found.infos {
        let Some(mut object) = info.object.clone() else { continue };
        match pod_spec(&mut object) {
            Ok(spec) => spec.service_account_name = account.clone(),
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        }
        failures.extend(finish(cx, &info, object, flags, "serviceaccount").err());
    }
    Failure::result(failures)
}

/// Sets images by container name; what names no container comes back.
fn set_images(spec: &mut PodSpec, images: &StringMap) -> Vec<Failure> {
    let mut failures = vec![];
    for (name, image) in images {
        let mut hit = false;
        let all = spec.init_containers.iter_mut().chain(&mut spec.containers);
        for container in all.filter(|c| name == "*" || c.name == *name) {
            hit = true;
            container.image = image.clone();
        }
        if !hit {
            failures.push(Failure::plain(format!("error: unable to find container named {name:?}")));
        }
    }
    failures
}

fn resources(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    let found = targets(cx, flags, &flags.words)?;
    if flags.on("all") && !flags.text("selector").is_empty() {
        return Err(Failure::error("cannot set --all and --selector at the same time"));
    }
    let (limits, requests) = (flags.text("limits"), flags.text("requests"));
    if limits.is_empty() && requests.is_empty() {
        let text = "you must specify an update to requests or limits (in the form of --requests/--limits)";
        return Err(Failure::error(text));
    }
    let (limits, requests) = (quantities(&limits)?, quantities(&requests)?);
    let (mut failures, mut late) = (vec![], vec![]);
    for info in found.infos {
        let Some(mut object) = info.object.clone() else { continue };
        let spec = match pod_spec(&mut object) {
            Ok(spec) => spec,
            Err(failure) => {
                late.push(failure);
                continue;
            }
        };
        let containers = picked(spec, flags);
        if containers.is_empty() {
            let name = flags.text("containers");
            failures.push(Failure::plain(format!("error: unable to find container named {name}")));
            continue;
        }
        for container in containers {
            container.resources.limits.extend(limits.clone());
            container.resources.requests.extend(requests.clone());
        }
        late.extend(finish(cx, &info, object, flags, "resource requirements").err());
    }
    failures.extend(late);
    Failure::result(failures)
}

/// `cpu=100m,memory=256Mi`.
fn quantities(text: &str) -> Result<BTreeMap<String, Quantity>, Failure> {
    let mut found = BTreeMap::new();
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let halves: Vec<&str> = part.split('=').collect();
        let [name, amount] = halves.as_slice() else {
            return Err(Failure::error(format!("invalid argument syntax {part}, expected <resource>=<value>")));
        };
        found.insert(name.to_string(), Quantity(Amount::parse(amount).map_err(Failure::error)?.canonical()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::picks;

    #[test]
    fn names_fit_patterns() {
        assert!(picks("*", "web") && picks("we*", "web") && picks("*b", "web") && picks("w*b", "web") && picks("web", "web"));
        assert!(!picks("we", "web") && !picks("a*", "web") && !picks("*a", "web"));
    }
}
