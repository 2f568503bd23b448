//! kubectl's commands, one file each (or one a family).

pub mod apply;
pub mod cordon;
pub mod create;
pub mod delete;
pub mod describe;
pub mod diff;
pub mod drain;
pub mod explain;
pub mod files;
pub mod get;
pub mod help;
pub mod info;
pub mod label;
pub mod logs;
pub mod output;
pub mod patch;
pub mod replace;
pub mod rollout;
pub mod scale;
pub mod set;
pub mod taint;
pub mod wait;

use super::cx::Cx;
use super::failure::Failure;
use super::flags::Flag;
use crate::sorting::Arrange;

/// What a command is run by: the words after it.
type Command = fn(&mut Cx, &[String]) -> Result<(), Failure>;

/// One of kubectl's commands.
pub struct Verb {
    /// Its name.
    pub name: &'static str,
    run: Command,
    /// Its flags (those of all its subcommands together).
    pub flags: &'static [Flag],
    /// Its subcommands.
    pub subs: &'static [&'static str],
}

const fn verb(name: &'static str, run: Command, flags: &'static [Flag]) -> Verb {
    Verb { name, run, flags, subs: &[] }
}

const fn group(name: &'static str, run: Command, flags: &'static [Flag], subs: &'static [&'static str]) -> Verb {
    Verb { name, run, flags, subs }
}

/// All commands, by name.
pub const COMMANDS: &[Verb] = &[
    verb("annotate", label::annotate, label::FLAGS),
    verb("api-resources", info::api_resources, info::RESOURCES),
    verb("apply", apply::apply, apply::FLAGS),
    verb("cluster-info", info::cluster_info, &[]),
    group("config", info::config, &[], &["current-context", "get-clusters", "get-contexts", "get-users", "use-context", "view"]),
    verb("cordon", cordon::cordon, cordon::FLAGS),
    group("create", create::create, create::FILES, &["configmap", "deployment", "namespace", "secret", "service"]),
    verb("delete", delete::delete, delete::FLAGS),
    verb("describe", describe::describe, describe::FLAGS),
    verb("diff", diff::diff, diff::FLAGS),
    verb("drain", drain::drain, drain::FLAGS),
    verb("events", get::events, get::EVENTS),
    verb("exec", logs::exec, logs::EXEC_FLAGS),
    verb("explain", explain::explain, explain::FLAGS),
    verb("expose", create::expose, create::EXPOSE),
    verb("get", get::get, get::FLAGS),
    verb("help", help::help, &[]),
    verb("label", label::label, label::FLAGS),
    verb("logs", logs::logs, logs::FLAGS),
    verb("patch", patch::patch, patch::FLAGS),
    verb("replace", replace::replace, replace::FLAGS),
    group("rollout", rollout::rollout, rollout::FLAGS, &["history", "pause", "restart", "resume", "status", "undo"]),
    verb("run", create::run, create::RUN),
    verb("scale", scale::scale, scale::FLAGS),
    group("set", set::set, set::FLAGS, &["env", "image", "selector"]),
    verb("taint", taint::taint, taint::FLAGS),
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

/// A span as flags have it: `30s`, `1m`, or plain seconds.
pub fn span(text: &str) -> Option<crate::time::Nanos> {
    text.parse::<u64>().map(|s| s * crate::time::SECOND).ok().or_else(|| crate::time::parse_span(text))
}

/// `unknown command`, with what may have been meant.
fn unknown(command: &str) -> Failure {
    let mut near: Vec<&str> = COMMANDS
        .iter()
        .map(|verb| verb.name)
        .filter(|name| crate::kubectl::words::distance(command, name) <= 2 || name.starts_with(&command.to_lowercase()))
        .collect();
    near.arrange();
    let mut text = format!("unknown command {command:?} for \"kubectl\"");
    if !near.is_empty() {
        text.push_str("\n\nDid you mean this?");
        near.iter().for_each(|name| text.push_str(&format!("\n\t{name}")));
    }
    Failure::error(text)
}
