//! A run as a session in the recorded format (`tests/golden/README.md`): what was typed, when, and what it printed. `ksl replay`
//! plays it again; what that format has no word for (clients, settings of the network) stands there as a comment.

use super::{Command, Lab};
use crate::time::{MILLISECOND, Nanos, SECOND};
use std::fmt::Write;

/// The name of the `n`-th text that a line read from standard input.
fn input(n: usize) -> String {
    format!("stdin-{n}.yaml")
}

/// A line that reads standard input, as one that reads a file.
fn from_file(line: &str, file: &str) -> String {
    line.replace("-f -", &format!("-f {file}")).replace("--filename=-", &format!("--filename={file}"))
}

fn file(out: &mut String, name: &str, text: &str) {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let _ = write!(out, "@file {name}\n{text}{end}@end\n");
}

/// The whole run, from the empty cluster on.
pub fn transcript(lab: &Lab) -> String {
    let mut out = format!("# Kube Service Lab, preset {}, seed {}. Times are simulated.\n", lab.preset, lab.seed);
    let (mut last, mut run, mut inputs): (Nanos, u64, usize) = (0, 0, 0);
    let zero = lab.zero().saturating_sub(crate::cluster::BOOT);
    for (i, (at, command)) in lab.log.iter().enumerate() {
        // What a preset did before 0:00 was noted with the time of then.
        let at = if i < lab.prepared { *at } else { *at + zero };
        let gap = at.saturating_sub(last);
        if gap >= SECOND / 10 {
            let _ = writeln!(out, "! sleep {}ms", gap / MILLISECOND);
        }
        last = at;
        match command {
            Command::File { name, text } => file(&mut out, name, text),
            Command::Kubectl { line, stdin } => {
                let mut line = line.clone();
                if !stdin.is_empty() {
                    inputs += 1;
                    file(&mut out, &input(inputs), stdin);
                    line = from_file(&line, &input(inputs));
                }
                run += 1;
                printed(&mut out, lab, run, &line);
            }
            Command::NodeDown(name) => drop(writeln!(out, "! node down {name}")),
            Command::NodeUp(name) => drop(writeln!(out, "! node up {name}")),
            other => drop(writeln!(out, "# {}", other.text())),
        }
    }
    out
}

/// A command line and what it printed, as far as it is still known.
fn printed(out: &mut String, lab: &Lab, run: u64, line: &str) {
    let _ = writeln!(out, "$ {line}");
    let Some(known) = lab.output(run) else { return out.push_str("# (what it printed is no longer kept)\n\n") };
    out.push_str(&known.text);
    if !known.text.is_empty() && !known.text.ends_with('\n') {
        out.push('\n');
    }
    match known.exit {
        Some(0) => {}
        Some(code) => drop(writeln!(out, "[exit {code}]")),
        None => out.push_str("# (it has not ended yet)\n"),
    }
    out.push('\n');
}
