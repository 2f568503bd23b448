//! kubectl's commands, one file each (or one a family).

pub mod apply;
mod attach;
mod auth;
pub mod autoscale;
pub mod config;
mod connection;
pub mod cordon;
pub mod create;
mod create_budget;
mod create_data;
mod create_more;
pub mod delete;
pub mod describe;
pub mod diff;
pub mod drain;
pub mod edit;
pub mod events;
mod exec;
pub mod explain;
pub mod files;
pub mod get;
mod groups;
pub mod help;
pub mod info;
pub mod label;
mod last_applied;
pub mod logs;
mod logs_lines;
pub mod other;
pub mod output;
pub mod patch;
mod pods_behind;
mod raw;
mod record;
pub mod replace;
pub mod rollout;
mod rollout_flags;
mod rollout_revisions;
pub mod run;
pub mod scale;
pub mod set;
pub mod set_env;
pub mod set_selector;
mod set_subject;
mod sort;
mod subresource;
pub mod taint;
mod transfer;
pub mod wait;
pub mod watch;

use super::cx::Cx;
use super::failure::Failure;
use super::flags::{Flag, Flags, GLOBAL, PRINT, Takes};
use crate::apiserver::managed_fields::Client;

/// What a command is run by: the words after it.
type Command = fn(&mut Cx, &[String]) -> Result<(), Failure>;

/// One of kubectl's commands.
pub struct Verb {
    /// Its name.
    pub name: &'static str,
    run: Command,
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

/// Runs a command line without the word `kubectl`.
pub fn dispatch(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let Some(first) = command_at(args) else { return help::help(cx, &[]) };
    let (front, command, behind) = (&args[..first], &args[first], &args[first + 1..]);
    let Some(verb) = COMMANDS.iter().find(|v| v.name == command) else { return Err(unknown(command)) };
    let typed: Vec<String> = front.iter().chain(behind).cloned().collect();
    let rest = if verb.subs.is_empty() { typed.clone() } else { subcommand_first(&typed) };
    if rest.iter().take_while(|a| *a != "--").any(|a| a == "-h" || a == "--help") {
        return help::asked(cx, command, rest.iter().find(|a| !a.starts_with('-')));
    }
    connection::check(cx, command, &rest)?;
    record::begin(cx, verb, &typed);
    let Some(context) = global(&rest, "context") else { return (verb.run)(cx, &rest) };
    if cx.session.config.context(&context).is_none() {
        return (verb.run)(cx, &rest);
    }
    // One command in another context: its namespace is the command's, unless that changes the current context itself.
    let own = std::mem::replace(&mut cx.session.config.current, context.clone());
    let result = (verb.run)(cx, &rest);
    if cx.session.config.current == context {
        cx.session.config.current = own;
    }
    result
}

/// Where the command stands: flags that every command has may come first, `kubectl -n other get pods`.
fn command_at(args: &[String]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = args.get(at).filter(|word| word.starts_with('-')) {
        // Of a flag that only the command knows, cobra thinks here that it takes the next word.
        let alone = word.contains('=') || !word.starts_with("--") && word.len() > 2;
        at += own_words(word).unwrap_or(if alone { 1 } else { 2 });
    }
    (at < args.len()).then_some(at)
}

/// How many words a flag takes that stands before the command, with its value: those of every command, and `-o`.
fn own_words(word: &str) -> Option<usize> {
    let named = |f: &&Flag| word.strip_prefix("--") == Some(f.0) || f.1.is_some_and(|c| word == format!("-{c}"));
    GLOBAL.iter().chain(&PRINT[..1]).find(named).map(|f| if f.2 == Takes::Bool { 1 } else { 2 })
}

/// The same words with the flags that stand before a subcommand behind it: `rollout -n other status web`.
pub(super) fn subcommand_first(args: &[String]) -> Vec<String> {
    let mut at = 0;
    while let Some(word) = args.get(at).filter(|word| word.starts_with('-') && *word != "--") {
        match own_words(word) {
            Some(words) => at += words,
            None if word.contains('=') => at += 1,
            None => break,
        }
    }
    let (flags, words) = args.split_at(at.min(args.len()));
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    [&words[..end], flags, &words[end..]].concat()
}

/// The value of a text flag that every command has, if it is not empty.
pub(super) fn global(args: &[String], flag: &str) -> Option<String> {
    let mut words = args.iter().take_while(|a| *a != "--");
    let mut found = None;
    while let Some(word) = words.next() {
        match word.strip_prefix("--").and_then(|w| w.strip_prefix(flag)) {
            Some("") => found = words.next().cloned(),
            Some(value) => found = value.strip_prefix('=').map(str::to_string).or(found),
            None => {}
        }
    }
    found.filter(|value| !value.is_empty())
}

/// As whom a command sends its requests: `--field-manager`, or a name that goes with the command.
pub fn client(args: &[String]) -> Client {
    let after = |flag: &str| {
        let at = args.iter().position(|a| a == flag).map(|i| args.get(i + 1).cloned().unwrap_or_default());
        at.or_else(|| args.iter().find_map(|a| a.strip_prefix(flag)?.strip_prefix('=').map(str::to_string)))
    };
    let verb = args.iter().find(|a| COMMANDS.iter().any(|v| v.name == **a)).map_or("", String::as_str);
    let server_side = args.iter().any(|a| matches!(a.as_str(), "--server-side" | "--server-side=true"));
    let own = match verb {
        "apply" if server_side => "kubectl".to_string(),
        "apply" => "kubectl-client-side-apply".to_string(),
        "scale" | "cordon" | "uncordon" | "drain" | "delete" => "kubectl".to_string(),
        verb => format!("kubectl-{verb}"),
    };
    let scaled = verb == "scale" || after("--subresource").is_some_and(|s| s == "scale");
    Client { manager: after("--field-manager").unwrap_or(own), subresource: if scaled { "scale" } else { "" } }
}

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
fn unknown(command: &str) -> Failure {
    let lower = command.to_lowercase();
    let near =
        |name: &str| super::words::distance(command, name) <= 2 || name.starts_with(&lower) || MEANT.contains(&(&lower, name));
    let mut text = format!("unknown command {command:?} for \"kubectl\"");
    let names: Vec<&str> = ORDER.iter().copied().filter(|name| near(name)).collect();
    if !names.is_empty() {
        text.push_str("\n\nDid you mean this?");
        names.iter().for_each(|name| text.push_str(&format!("\n\t{name}")));
    }
    Failure::error(text)
}
