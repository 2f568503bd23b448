//! Where a command's requests go: the flags that choose a context, a cluster, a user and a time limit, and what is wrong with them.

use super::global;
use crate::kubectl::config::NAME;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;

/// Commands that ask nobody.
const ALONE: &[&str] = &["alpha", "completion", "config", "help", "kuberc", "kustomize", "options", "plugin"];

/// Commands that make themselves a client before they ask for their namespace: what is unknown is told in other words then.
const CLIENT_FIRST: &[&str] = &[
    "api-resources",
    "api-versions",
    "apply",
    "auth",
    "autoscale",
    "certificate",
    "cluster-info",
    "cordon",
    "create",
    "diff",
    "drain",
    "explain",
    "expose",
    "proxy",
    "replace",
    "run",
    "uncordon",
    "version",
];

/// Whether a command line can reach the lab's one cluster as its one user.
pub fn check(cx: &Cx, command: &str, args: &[String]) -> Result<(), Failure> {
    if ALONE.contains(&command) {
        return Ok(());
    }
    let client_first = CLIENT_FIRST.contains(&command) || command == "get" && global(args, "raw").is_some();
    if let Some(context) = global(args, "context").filter(|name| cx.session.config.context(name).is_none()) {
        return Err(match client_first {
            true => Failure::error(format!("context {context:?} does not exist")),
            false => Failure::plain(format!("Error in configuration: context was not found for specified context: {context}")),
        });
    }
    let other = |flag: &str| global(args, flag).filter(|name| name != NAME);
    if let Some(cluster) = other("cluster") {
        return Err(Failure::error(match client_first {
            true => format!("cluster {cluster:?} does not exist"),
            false => format!("no server found for cluster {cluster:?}"),
        }));
    }
    // Some commands have a flag of this name for themselves.
    let own_user =
        ["create", "set"].contains(&command) && args.iter().any(|word| word.ends_with("rolebinding") || word == "subject");
    if let Some(user) = other("user").filter(|_| !own_user) {
        return Err(Failure::error(format!("auth info {user:?} does not exist")));
    }
    match global(args, "request-timeout") {
        Some(limit) if limit.parse::<i64>().is_err() && crate::time::go_duration(&limit).is_err() => Err(Failure::error(
            "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
        )),
        _ => Ok(()),
    }
}
