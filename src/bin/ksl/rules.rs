//! `ksl rules`: what one node's kube-proxy has in force, as the mode's own tool prints it.

use super::args::{Args, print, read};
use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::transcript::{Replay, settle};
use kube_service_lab::lab::{Command, Lab, presets};
use kube_service_lab::node::proxy::{Mode, Settings as Proxy};
use kube_service_lab::time::{Nanos, parse_span};
use std::process::ExitCode;

pub const USAGE: &str = "rules [--mode iptables|nftables|ipvs] [--node NODE] [--at TIME] [--seed N] [--preset NAME | FILE]
      prints a node's live rules as iptables-save, nft list ruleset or ipvsadm would;
      FILE is a recorded session (.transcript: played to its end) or a manifest (applied, then left until nothing changes);
      --at stops there instead (simulated time since the start, as 2.5s or 1m); without FILE: a preset, as the page opens it
";

pub const FLAGS: &[&str] = &["--mode", "--node", "--at", "--seed", "--preset"];

const SEED: u64 = 1;

pub fn run(args: &Args) -> Result<ExitCode, String> {
    let mode = args.flag("--mode").unwrap_or("iptables");
    let mode = Mode::parse(mode).ok_or_else(|| format!("no mode {mode:?}: it is iptables, nftables or ipvs"))?;
    let at = args.flag("--at").map(|text| parse_span(text).ok_or_else(|| format!("--at {text:?} is no time, as 2.5s or 1m")));
    let (at, seed) = (at.transpose()?, args.number("--seed")?.unwrap_or(SEED));
    let lab = match args.file() {
        Ok(file) => from_file(file, mode, at, seed)?,
        Err(_) => from_preset(args.flag("--preset").unwrap_or(presets::PRESETS[0].name), mode, at, seed)?,
    };
    let machines = lab.cluster().machines();
    let names: Vec<&str> = machines.keys().map(|name| &**name).collect();
    let node = args.flag("--node").or(names.first().copied()).unwrap_or_default();
    let machine = machines.get(node).ok_or_else(|| format!("no node {node:?}: there are {}", names.join(", ")))?;
    print(&machine.proxy.print(&machine.conntrack));
    Ok(ExitCode::SUCCESS)
}

fn from_preset(name: &str, mode: Mode, at: Option<Nanos>, seed: u64) -> Result<Lab, String> {
    let names: Vec<&str> = presets::PRESETS.iter().map(|p| p.name).collect();
    if !names.contains(&name) {
        return Err(format!("no preset {name:?}: there are {}", names.join(", ")));
    }
    let mut lab = Lab::start_with(name, seed, |settings| settings.proxy = Proxy::defaults(mode));
    lab.advance(at.unwrap_or(0), u64::MAX);
    Ok(lab)
}

fn from_file(path: &str, mode: Mode, at: Option<Nanos>, seed: u64) -> Result<Lab, String> {
    let text = read(path)?;
    let mut lab = Lab::with_settings(Settings { proxy: Proxy::defaults(mode), ..Settings::default() }, seed);
    if path.ends_with(".transcript") {
        let mut replay = Replay::new(lab);
        replay.stop_at = at;
        replay.play(&text);
        return Ok(replay.into_lab());
    }
    lab.apply(Command::File { name: path.into(), text });
    let id = lab.kubectl(&format!("kubectl apply -f '{path}'"));
    match lab.output(id) {
        Some(run) if run.exit.is_some_and(|code| code != 0) => return Err(run.text.trim_end().to_string()),
        _ => {}
    }
    match at {
        Some(at) => drop(lab.advance(at, u64::MAX)),
        None => settle(&mut lab, None),
    }
    Ok(lab)
}
