//! kubectl's commands, one file each (or one a family).

pub mod apply;
mod attach;
mod auth;
pub mod autoscale;
mod before;
mod commands;
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
mod unknown;
pub mod wait;
pub mod watch;

pub use commands::{COMMANDS, Verb};

use super::cx::Cx;
use super::failure::Failure;
use crate::apiserver::managed_fields::Client;
use before::{command_at, global, subcommand_first};
use unknown::unknown;

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
