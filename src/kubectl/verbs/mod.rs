//! kubectl's commands, one file each (or one a family).

pub mod apply;
pub mod config;
pub mod cordon;
pub mod create;
mod create_data;
pub mod delete;
pub mod describe;
pub mod diff;
pub mod drain;
pub mod edit;
pub mod events;
pub mod explain;
pub mod files;
pub mod get;
pub mod help;
pub mod info;
pub mod label;
pub mod logs;
pub mod other;
pub mod output;
pub mod patch;
pub mod replace;
pub mod rollout;
pub mod run;
pub mod scale;
pub mod set;
pub mod set_env;
mod sort;
pub mod taint;
pub mod wait;
pub mod watch;

use super::cx::Cx;
use super::failure::Failure;
use super::flags::Flags;

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
    verb("apply", apply::apply, apply::FLAGS),
    verb("attach", other::attach, &[]),
    group("auth", other::auth, other::AUTH, &["can-i", "reconcile", "whoami"]),
    verb("autoscale", other::autoscale, &[]),
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
    verb("cp", other::cp, &[]),
    group("create", create::create, create::FLAGS, &["configmap", "deployment", "namespace", "secret", "service"]),
    verb("debug", other::debug, &[]),
    verb("delete", delete::delete, delete::FLAGS),
    verb("describe", describe::describe, describe::FLAGS),
    verb("diff", diff::diff, diff::FLAGS),
    verb("drain", drain::drain, drain::FLAGS),
    verb("edit", edit::edit, edit::FLAGS),
    verb("events", events::events, events::FLAGS),
    verb("exec", logs::exec, logs::EXEC_FLAGS),
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
    verb("port-forward", other::port_forward, &[]),
    verb("proxy", other::proxy, &[]),
    verb("replace", replace::replace, replace::FLAGS),
    group("rollout", rollout::rollout, rollout::FLAGS, &["history", "pause", "restart", "resume", "status", "undo"]),
    verb("run", run::run, run::RUN),
    verb("scale", scale::scale, scale::FLAGS),
    group("set", set::set, set::FLAGS, &["env", "image", "resources", "selector"]),
    verb("taint", taint::taint, taint::FLAGS),
    group("top", other::top, &[], &["node", "pod"]),
    verb("uncordon", cordon::uncordon, cordon::FLAGS),
    verb("version", info::version, info::VERSION_FLAGS),
    verb("wait", wait::wait, wait::FLAGS),
];

/// Runs a command line without the word `kubectl`.
pub fn dispatch(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let Some(first) = args.iter().position(|a| !a.starts_with('-')) else { return help::help(cx, &[]) };
    // Flags may stand before the command: `kubectl -n other get pods`.
    let (command, mut rest) = (&args[first], args[first + 1..].to_vec());
    let mut front = args[..first].to_vec();
    let (command, rest) = match front.as_slice() {
        [flag] if matches!(flag.as_str(), "-n" | "--namespace") && first + 1 < args.len() => {
            front.push(command.clone());
            let real = args[first + 1].clone();
            rest = front.into_iter().chain(args[first + 2..].iter().cloned()).collect();
            (real, rest)
        }
        _ => (command.clone(), front.into_iter().chain(rest).collect::<Vec<_>>()),
    };
    let Some(verb) = COMMANDS.iter().find(|v| v.name == command) else { return Err(unknown(&command)) };
    if rest.iter().take_while(|a| *a != "--").any(|a| a == "-h" || a == "--help") {
        return help::help(cx, &[command]);
    }
    (verb.run)(cx, &rest)
}

/// Words that people use for commands of other names.
const MEANT: &[(&str, &str)] = &[("inspect", "describe"), ("list", "get"), ("ls", "get"), ("remove", "delete"), ("rm", "delete")];

/// `unknown command`, with what may have been meant.
fn unknown(command: &str) -> Failure {
    let lower = command.to_lowercase();
    let near =
        |name: &str| super::words::distance(command, name) <= 2 || name.starts_with(&lower) || MEANT.contains(&(&lower, name));
    let mut text = format!("unknown command {command:?} for \"kubectl\"");
    let names: Vec<&str> = COMMANDS.iter().map(|verb| verb.name).filter(|name| near(name)).collect();
    if !names.is_empty() {
        text.push_str("\n\nDid you mean this?");
        names.iter().for_each(|name| text.push_str(&format!("\n\t{name}")));
    }
    Failure::error(text)
}
