//! `kubectl apply`: the declarative loop.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/cmd/apply/apply.go`.

mod object;
mod prune;
mod server_side;

use super::create::DryRun;
use super::files::{self, FILE_FLAGS};
use super::last_applied::{edit, set, view};
use super::output::Output;
use crate::kubectl::apply::with_last_applied;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, FILES, Flag, Flags, PRINT, Parsed, Takes};
use object::one;
use prune::prune;
use serde_json::{Value, json};

pub(super) const FLAGS: Flags = &[
    PRINT,
    FILES,
    CHANGE,
    &[
        Flag("selector", Some('l'), Takes::Text),
        Flag("server-side", None, Takes::Bool),
        Flag("force-conflicts", None, Takes::Bool),
        Flag("force", None, Takes::Bool),
        Flag("prune", None, Takes::Bool),
        Flag("all", None, Takes::Bool),
        Flag("prune-allowlist", None, Takes::Many),
        Flag("overwrite", None, Takes::Bool),
        Flag("validate", None, Takes::Optional("strict")),
        Flag("wait", None, Takes::Bool),
        Flag("timeout", None, Takes::Text),
        Flag("grace-period", None, Takes::Int),
        Flag("cascade", None, Takes::Optional("background")),
        Flag("openapi-patch", None, Takes::Bool),
        Flag("subresource", None, Takes::Text),
    ],
];

/// `kubectl apply`.
pub fn apply(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    match args.first().map(String::as_str) {
        Some("view-last-applied") => return view(cx, &args[1..]),
        Some("set-last-applied") => return set(cx, &args[1..]),
        Some("edit-last-applied") => return edit(cx, &args[1..]),
        _ => {}
    }
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("apply", &why))?;
    if let Some(word) = flags.words.first() {
        return Err(Failure::plain(format!("error: Unexpected args: [{word}]\nSee 'kubectl apply -h' for help and examples")));
    }
    if !flags.has(FILE_FLAGS) && !flags.has("kustomize") {
        return Err(Failure::error("must specify one of -f and -k"));
    }
    let dry = DryRun::of(&flags)?;
    let output = check(cx, &flags, dry)?;
    cx.field_validation = files::field_validation(&flags)?;
    let (items, mut failures) = files::read(cx, &flags)?;
    if items.is_empty() && failures.is_empty() {
        return Err(Failure::error("no objects passed to apply"));
    }
    let mut done: Vec<Value> = vec![];
    for item in &items {
        match one(cx, item, &flags, dry) {
            Ok(object) => done.push(object),
            Err(failure) => failures.push(failure),
        }
    }
    Failure::result(failures)?;
    if flags.on("prune") {
        prune(cx, &items, &flags, dry)?;
    }
    match (output.is_table() || matches!(output, Output::Name), done.as_slice()) {
        (true, _) | (_, []) => Ok(()),
        (_, [one]) => output.print_value(cx, one),
        (_, many) => {
            let list = json!({"apiVersion": "v1", "items": many, "kind": "List", "metadata": {"resourceVersion": ""}});
            output.print_value(cx, &list)
        }
    }
}

/// Flags that do not go together.
fn check(cx: &Cx, flags: &Parsed, dry: DryRun) -> Result<Output, Failure> {
    let server_side = flags.on("server-side");
    let selected = !flags.text("selector").is_empty();
    let rules = [
        (flags.on("force-conflicts") && !server_side, "--force-conflicts only works with --server-side"),
        (
            dry == DryRun::Client && server_side,
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
        ),
        (flags.on("force") && server_side, "--force cannot be used with --server-side"),
        (dry == DryRun::Server && flags.on("force"), "--dry-run=server cannot be used with --force"),
        (flags.on("all") && selected, "cannot set --all and --selector at the same time"),
        (flags.on("force") && flags.on("prune"), "--force cannot be used with --prune"),
        (
            flags.on("prune") && !flags.on("all") && !selected,
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
        ),
    ];
    match rules.iter().find(|(broken, _)| *broken) {
        Some((_, text)) => Err(Failure::error(text)),
        None => Output::of(cx, flags),
    }
}

/// Puts the annotation that `apply` needs on an object (`create --save-config`).
pub fn set_last_applied(value: &mut Value, namespace: &str) {
    files::set_namespace(value, namespace);
    *value = with_last_applied(value);
}
