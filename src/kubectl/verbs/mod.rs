//! kubectl's commands, one file each (or one a family).

pub mod apply;
pub mod create;
pub mod delete;
pub mod describe;
pub mod explain;
pub mod files;
pub mod get;
pub mod label;
pub mod output;
pub mod patch;
pub mod replace;
pub mod rollout;
pub mod scale;
pub mod set;
pub mod wait;

use super::cx::Cx;
use super::failure::Failure;

/// What a command is run by: the words after it.
type Command = fn(&mut Cx, &[String]) -> Result<(), Failure>;

/// All commands, by name.
pub const COMMANDS: &[(&str, Command)] = &[
    ("annotate", label::annotate),
    ("apply", apply::apply),
    ("create", create::create),
    ("delete", delete::delete),
    ("describe", describe::describe),
    ("events", get::events),
    ("explain", explain::explain),
    ("expose", create::expose),
    ("get", get::get),
    ("label", label::label),
    ("patch", patch::patch),
    ("replace", replace::replace),
    ("rollout", rollout::rollout),
    ("run", create::run),
    ("scale", scale::scale),
    ("set", set::set),
    ("wait", wait::wait),
];

/// Runs a command line without the word `kubectl`.
pub fn dispatch(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let Some(first) = args.iter().position(|a| !a.starts_with('-')) else { return Err(Failure::error("no command")) };
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
    match COMMANDS.iter().find(|(name, _)| *name == command) {
        Some((_, run)) => run(cx, &rest),
        None => Err(unknown(&command)),
    }
}

/// A span as flags have it: `30s`, `1m`, or plain seconds.
pub fn span(text: &str) -> Option<crate::time::Nanos> {
    text.parse::<u64>().map(|s| s * crate::time::SECOND).ok().or_else(|| crate::time::parse_span(text))
}

/// `unknown command`, with what may have been meant.
fn unknown(command: &str) -> Failure {
    let mut near: Vec<&str> = COMMANDS
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| distance(command, name) <= 2 || name.starts_with(&command.to_lowercase()))
        .collect();
    near.sort_unstable();
    let mut text = format!("unknown command {command:?} for \"kubectl\"");
    if !near.is_empty() {
        text.push_str("\n\nDid you mean this?");
        near.iter().for_each(|name| text.push_str(&format!("\n\t{name}")));
    }
    Failure::error(text)
}

/// Levenshtein's distance, without regard to case.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.to_lowercase().chars().take(40).collect(), b.to_lowercase().chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
