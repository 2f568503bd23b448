//! `kubectl auth`: the lab has one user, who may do everything.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/cmd/auth/cani.go`.

use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, Parsed, Takes};
use crate::kubectl::resources;

pub(super) const AUTH: Flags = &[&[
    Flag("list", None, Takes::Bool),
    Flag("quiet", Some('q'), Takes::Bool),
    Flag("all-namespaces", Some('A'), Takes::Bool),
    Flag("subresource", None, Takes::Text),
    Flag("no-headers", None, Takes::Bool),
]];

/// What can be done with a resource, and with a path.
const VERBS: &[&str] = &[
    "*",
    "approve",
    "attest",
    "bind",
    "create",
    "delete",
    "deletecollection",
    "escalate",
    "get",
    "impersonate",
    "list",
    "patch",
    "sign",
    "update",
    "use",
    "watch",
];
const PATH_VERBS: &[&str] = &["*", "delete", "get", "head", "options", "patch", "post", "put"];

/// `kubectl auth`.
pub fn auth(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    match args.first().map(String::as_str) {
        Some("can-i") => {}
        Some("whoami" | "reconcile") => return Err(Failure::error("the lab has one user, who may do everything")),
        _ => return Err(super::help::unknown_sub("auth", args)),
    }
    let flags = flags::parse(&args[1..], AUTH).map_err(|why| Failure::usage("auth can-i", &why))?;
    if flags.on("list") { list(&flags) } else { can_i(cx, &flags) }
}

fn list(flags: &Parsed) -> Result<(), Failure> {
    if !flags.words.is_empty() {
        return Err(Failure::error("list option must be specified with no arguments"));
    }
    if flags.on("quiet") || flags.on("all-namespaces") || !flags.text("subresource").is_empty() {
        return Err(Failure::error("list option can't be specified with neither quiet, all-namespaces nor subresource options"));
    }
    Err(Failure::error("the lab has one user, who may do everything"))
}

fn can_i(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    let ([verb, target] | [verb, target, _]) = flags.words.as_slice() else {
        let text = "you must specify two arguments: verb resource or verb resource/resourceName.";
        return Err(Failure::error(format!("{text}\nSee 'kubectl auth can-i -h' for help and examples.")));
    };
    if target.starts_with('/') {
        if !flags.text("subresource").is_empty() {
            return Err(Failure::error("--subresource can not be used with NonResourceURL"));
        }
        known_verb(cx, verb, PATH_VERBS);
    } else {
        known_resource(cx, target.split('/').next().unwrap_or_default(), flags);
        known_verb(cx, verb, VERBS);
    }
    if flags.on("no-headers") {
        return Err(Failure::error("--no-headers cannot be set without --list specified"));
    }
    if !flags.on("quiet") {
        cx.line("yes");
    }
    Ok(())
}

fn known_verb(cx: &mut Cx, verb: &str, known: &[&str]) {
    if !known.contains(&verb) {
        cx.line(format!("Warning: verb '{verb}' is not a known verb\n"));
    }
}

/// Warns of a resource that is nowhere, or is in no namespace although the question is about one.
fn known_resource(cx: &mut Cx, resource: &str, flags: &Parsed) {
    if resource == "*" || resource.is_empty() {
        return;
    }
    let (name, group) = resource.split_once('.').unwrap_or((resource, ""));
    let Ok(kind) = resources::mapping(resource) else {
        if !["users", "groups"].contains(&resource) {
            let of = if group.is_empty() { String::new() } else { format!(" in group '{group}'") };
            cx.line(format!("Warning: the server doesn't have a resource type '{name}'{of}\n"));
        }
        return;
    };
    if !kind.namespaced() && !flags.on("all-namespaces") {
        let resource = kind.resource();
        let (name, group) = resource.split_once('.').unwrap_or((&resource, ""));
        let of = if group.is_empty() { String::new() } else { format!(" in group '{group}'") };
        cx.line(format!("Warning: resource '{name}' is not namespace scoped{of}\n"));
    }
}
