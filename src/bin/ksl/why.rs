//! `ksl why`: the way of requests, hop by hop, and for failed ones the chain of causes back to a command.

use super::args::{Args, print, read};
use kube_service_lab::lab::transcript::Replay;
use kube_service_lab::lab::{Command, Lab, presets};
use kube_service_lab::time::{Nanos, SECOND, parse_span};
use kube_service_lab::traffic::Record;
use kube_service_lab::view::explain;
use std::process::ExitCode;

pub const USAGE: &str = "why [--request N] [--at TIME] [--seed N] [--preset NAME | SESSION]
      prints the way of each failed request, and why it failed, back to the command that caused it;
      SESSION is a recorded session, played to its end; without it: a preset, for a minute or until --at (as 2.5s or 1m);
      with --request only that one, answered or not
";

pub const FLAGS: &[&str] = &["--request", "--at", "--seed", "--preset"];

const SEED: u64 = 1;
/// Failed requests that are printed.
const PRINTED: usize = 20;

pub fn run(args: &Args) -> Result<ExitCode, String> {
    let at = args.flag("--at").map(|text| parse_span(text).ok_or_else(|| format!("--at {text:?} is no time, as 2.5s or 1m")));
    let (at, seed) = (at.transpose()?, args.number("--seed")?.unwrap_or(SEED));
    let lab = match args.file() {
        Ok(file) => from_session(&read(file)?, at, seed),
        Err(_) => from_preset(args.flag("--preset").unwrap_or(presets::PRESETS[0].name), at, seed)?,
    };
    let number = args.number("--request")?;
    let chosen = |record: &&Record| match number {
        Some(number) => record.id == number,
        None => record.outcome.is_some_and(|outcome| outcome.is_bad()),
    };
    let records: Vec<&Record> = lab.traffic().remembered().filter(chosen).collect();
    if records.is_empty() {
        print("no such request\n");
    }
    for record in records.iter().take(PRINTED) {
        print(&format!("[{}] {}\n", record.id, explain(record, &lab)));
    }
    if records.len() > PRINTED {
        print(&format!("and {} more that failed (--request N shows one)\n", records.len() - PRINTED));
    }
    Ok(ExitCode::SUCCESS)
}

fn from_session(text: &str, at: Option<Nanos>, seed: u64) -> Lab {
    let mut lab = Lab::with_settings(Default::default(), seed);
    lab.apply(Command::Trace(true));
    let mut replay = Replay::new(lab);
    replay.stop_at = at;
    replay.play(text);
    replay.into_lab()
}

fn from_preset(name: &str, at: Option<Nanos>, seed: u64) -> Result<Lab, String> {
    let names: Vec<&str> = presets::PRESETS.iter().map(|p| p.name).collect();
    if !names.contains(&name) {
        return Err(format!("no preset {name:?}: there are {}", names.join(", ")));
    }
    let mut lab = Lab::start(name, seed);
    lab.apply(Command::Trace(true));
    lab.advance(at.unwrap_or(60 * SECOND), u64::MAX);
    Ok(lab)
}
