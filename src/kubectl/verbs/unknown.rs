//! `unknown command`, with the commands that may have been meant.
//!
//! Source: `suggestionsFor` of `github.com/spf13/cobra/command.go`.

use crate::kubectl::failure::Failure;
use crate::kubectl::words;

/// Words that people use for commands of other names.
const MEANT: &[(&str, &str)] = &[("inspect", "describe"), ("list", "get"), ("ls", "get"), ("remove", "delete"), ("rm", "delete")];

/// The commands in the order in which kubectl puts them together.
const ORDER: &[&str] = &[
    "create",
    "expose",
    "run",
    "set",
    "explain",
    "get",
    "edit",
    "delete",
    "rollout",
    "scale",
    "autoscale",
    "certificate",
    "cluster-info",
    "top",
    "cordon",
    "uncordon",
    "drain",
    "taint",
    "describe",
    "logs",
    "attach",
    "exec",
    "port-forward",
    "proxy",
    "cp",
    "auth",
    "debug",
    "events",
    "diff",
    "apply",
    "patch",
    "replace",
    "wait",
    "kustomize",
    "label",
    "annotate",
    "completion",
    "alpha",
    "config",
    "plugin",
    "version",
    "api-versions",
    "api-resources",
    "options",
    "kuberc",
];

/// `unknown command`, with what may have been meant.
pub(super) fn unknown(command: &str) -> Failure {
    let lower = command.to_lowercase();
    let near = |name: &str| words::distance(command, name) <= 2 || name.starts_with(&lower) || MEANT.contains(&(&lower, name));
    let mut text = format!("unknown command {command:?} for \"kubectl\"");
    let names: Vec<&str> = ORDER.iter().copied().filter(|name| near(name)).collect();
    if !names.is_empty() {
        text.push_str("\n\nDid you mean this?");
        names.iter().for_each(|name| text.push_str(&format!("\n\t{name}")));
    }
    Failure::error(text)
}
