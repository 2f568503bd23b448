//! kubectl's commands by name: what runs each, which flags it takes, which subcommands it has.

use super::*;
use crate::kubectl::flags::Flags;

/// What a command is run by: the words after it.
type Command = fn(&mut Cx, &[String]) -> Result<(), Failure>;

/// One of kubectl's commands.
pub struct Verb {
    /// Its name.
    pub name: &'static str,
    pub(super) run: Command,
    /// Its flags (those of all its subcommands together).
    pub flags: Flags,
    /// Its subcommands.
    pub subs: &'static [&'static str],
}

const fn verb(name: &'static str, run: Command, flags: Flags) -> Verb {
    Verb { name, run, flags, subs: &[] }
}

const fn group(name: &'static str, run: Command, flags: Flags, subs: &'static [&'static str]) -> Verb {
    Verb { name, run, flags, subs }
}

/// All commands, by name.
pub const COMMANDS: &[Verb] = &[
    verb("alpha", other::alpha, &[]),
    verb("annotate", label::annotate, label::FLAGS),
    verb("api-resources", info::api_resources, info::RESOURCES),
    verb("api-versions", info::api_versions, &[]),
    group("apply", apply::apply, apply::FLAGS, &["edit-last-applied", "set-last-applied", "view-last-applied"]),
    verb("attach", attach::attach, attach::ATTACH),
    group("auth", auth::auth, auth::AUTH, &["can-i", "reconcile", "whoami"]),
    verb("autoscale", autoscale::autoscale, autoscale::FLAGS),
    verb("certificate", other::certificate, &[]),
    verb("cluster-info", info::cluster_info, &[]),
    verb("completion", other::completion, &[]),
    group(
        "config",
        config::config,
        config::FLAGS,
        &[
            "current-context",
            "delete-context",
            "get-clusters",
            "get-contexts",
            "get-users",
            "rename-context",
            "set-context",
            "use-context",
            "view",
        ],
    ),
    verb("cordon", cordon::cordon, cordon::FLAGS),
    verb("cp", transfer::cp, transfer::CP),
    group(
        "create",
        create::create,
        create::FLAGS,
        &[
            "clusterrole",
            "clusterrolebinding",
            "configmap",
            "cronjob",
            "deployment",
            "ingress",
            "job",
            "namespace",
            "poddisruptionbudget",
            "priorityclass",
            "quota",
            "role",
            "rolebinding",
            "secret",
            "service",
            "serviceaccount",
            "token",
        ],
    ),
    verb("debug", attach::debug, attach::DEBUG),
    verb("delete", delete::delete, delete::FLAGS),
    verb("describe", describe::describe, describe::FLAGS),
    verb("diff", diff::diff, diff::FLAGS),
    verb("drain", drain::drain, drain::FLAGS),
    verb("edit", edit::edit, edit::FLAGS),
    verb("events", events::events, events::FLAGS),
    verb("exec", exec::exec, exec::FLAGS),
    verb("explain", explain::explain, explain::FLAGS),
    verb("expose", run::expose, run::EXPOSE),
    verb("get", get::get, get::FLAGS),
    verb("help", help::help, &[]),
    verb("kuberc", other::kuberc, &[]),
    verb("kustomize", other::kustomize, &[]),
    verb("label", label::label, label::FLAGS),
    verb("logs", logs::logs, logs::FLAGS),
    verb("options", other::options, &[]),
    verb("patch", patch::patch, patch::FLAGS),
    verb("plugin", other::plugin, &[]),
    verb("port-forward", transfer::port_forward, transfer::PORT_FORWARD),
    verb("proxy", other::proxy, &[]),
    verb("replace", replace::replace, replace::FLAGS),
    group("rollout", rollout::rollout, rollout_flags::FLAGS, &["history", "pause", "restart", "resume", "status", "undo"]),
    verb("run", run::run, run::RUN),
    verb("scale", scale::scale, scale::FLAGS),
    group("set", set::set, set::FLAGS, &["env", "image", "resources", "selector", "serviceaccount", "subject"]),
    verb("taint", taint::taint, taint::FLAGS),
    group("top", other::top, other::TOP, &["node", "pod"]),
    verb("uncordon", cordon::uncordon, cordon::FLAGS),
    verb("version", info::version, info::VERSION_FLAGS),
    verb("wait", wait::wait, wait::FLAGS),
];
