//! Recorded sessions: played again in the lab and printed in the same format (`tests/golden/README.md`).
//!
//! Promises: what was typed is echoed as it was; what follows is what the lab answered.

mod requests;
mod settle;
mod snapshot;

pub use settle::settle;
pub use snapshot::snapshot;

use super::{Command, Lab};
use crate::time::{MILLISECOND, Nanos, SECOND, parse_span};
use serde_json::{Value, json};
use snapshot::events;
use std::collections::BTreeMap;

/// What a command line takes to start and end, as on the recorded machine.
const TYPING: Nanos = 130 * MILLISECOND;
/// What reading all objects for a snapshot takes.
const SNAPSHOT: Nanos = 500 * MILLISECOND;
/// A command that waits is given up after this long.
const COMMAND_LIMIT: Nanos = 600 * SECOND;

/// A session under way.
pub struct Replay {
    lab: Lab,
    /// The session so far, in the recorded format.
    pub text: String,
    /// The snapshots so far: `[{"events": […], "name": …, "objects": […]}, …]`.
    pub snapshots: Vec<Value>,
    /// The session is left at this moment (since 0:00), if it has not ended before.
    pub stop_at: Option<Nanos>,
    variables: BTreeMap<String, String>,
    clients: usize,
}

impl Replay {
    /// A session in a fresh cluster.
    pub fn new(lab: Lab) -> Replay {
        Replay { lab, text: String::new(), snapshots: vec![], stop_at: None, variables: BTreeMap::new(), clients: 0 }
    }

    /// Plays a whole session.
    pub fn play(&mut self, session: &str) {
        let mut lines = session.lines().peekable();
        // A recorded output goes on until a blank line: what looks like a comment there is none.
        let mut in_output = false;
        while let Some(line) = lines.next() {
            if self.is_stopped() {
                return;
            }
            in_output = line.starts_with("$ ") || (in_output && !line.is_empty());
            if let Some(name) = line.strip_prefix("@file ") {
                self.echo(line);
                let mut text = String::new();
                for body in lines.by_ref() {
                    self.echo(body);
                    if body == "@end" {
                        break;
                    }
                    text.push_str(body);
                    text.push('\n');
                }
                self.lab.apply(Command::File { name: name.trim().to_string(), text });
            } else if let Some(command) = line.strip_prefix("$ ") {
                self.echo(line);
                self.command(command);
            } else if let Some(step) = line.strip_prefix("! ") {
                self.echo(line);
                self.step(step);
            } else if let Some(rest) = line.strip_prefix("= ") {
                self.echo(line);
                self.variable(rest);
            } else if line.starts_with('#') && !in_output {
                self.echo(line);
            }
        }
    }

    /// The lab as the session left it.
    pub fn into_lab(self) -> Lab {
        self.lab
    }

    fn echo(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// `$NAME` becomes what a `=` line set.
    fn expand(&self, line: &str) -> String {
        let mut line = line.to_string();
        for (name, value) in self.variables.iter().rev() {
            line = line.replace(&format!("${name}"), value);
        }
        line
    }

    /// Runs a command line to its end: its output and exit code.
    fn run(&mut self, line: &str) -> (String, i32) {
        let line = self.expand(line);
        self.pass(TYPING);
        let id = self.lab.kubectl(&line);
        let deadline = self.lab.now() + COMMAND_LIMIT;
        while self.lab.output(id).is_some_and(|r| r.exit.is_none()) && self.lab.now() < deadline && !self.is_stopped() {
            self.pass(50 * MILLISECOND);
        }
        self.lab.output(id).map(|r| (r.text.clone(), r.exit.unwrap_or(1))).unwrap_or_default()
    }

    fn command(&mut self, line: &str) {
        let (text, exit) = self.run(line);
        self.text.push_str(&text);
        if !text.is_empty() && !text.ends_with('\n') {
            self.text.push('\n');
        }
        if exit != 0 {
            self.echo(&format!("[exit {exit}]"));
        }
        self.echo("");
    }

    fn variable(&mut self, rest: &str) {
        let Some((name, line)) = rest.split_once(' ') else { return };
        let (text, _) = self.run(line);
        self.variables.insert(name.to_string(), text.trim().to_string());
    }

    fn pass(&mut self, span: Nanos) {
        let until = self.lab.now() + span;
        self.lab.advance(self.stop_at.map_or(until, |at| until.min(at)), u64::MAX);
    }

    fn is_stopped(&self) -> bool {
        self.stop_at.is_some_and(|at| self.lab.now() >= at)
    }

    fn step(&mut self, step: &str) {
        let words: Vec<String> = self.expand(step).split_whitespace().map(str::to_string).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["settle"] => settle(&mut self.lab, self.stop_at),
            ["sleep", span] => self.pass(parse_span(span).unwrap_or(0)),
            ["snapshot", name] => {
                self.snapshots.push(json!({"events": events(&self.lab), "name": name, "objects": snapshot(&self.lab)}));
                self.pass(SNAPSHOT);
            }
            ["request", from, count, url] => self.request(from, count.parse().unwrap_or(1), url),
            ["background", from, count, url, every, rest @ ..] => {
                self.background(from, count.parse().unwrap_or(1), url, every.parse().unwrap_or(1), rest.contains(&"-k"));
            }
            ["collect"] => self.collect(),
            ["resolve", pod, names @ ..] => self.resolve(pod, names),
            ["node", "down", name] => self.lab.apply(Command::NodeDown(name.to_string())),
            ["node", "up", name] => self.lab.apply(Command::NodeUp(name.to_string())),
            _ => self.echo(&format!("the lab does not know this step: {step}")),
        }
    }
}
