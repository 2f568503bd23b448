//! `ksl svg`: the scene as the page draws it, as an SVG document; one moment, or the telling moments of a run as a strip.

use super::args::{Args, print};
use kube_service_lab::draw::svg;
use kube_service_lab::lab::{Command, History, Lab, presets};
use kube_service_lab::time::parse_span;
use kube_service_lab::view::{Shot, Watcher, moments, shot};
use std::process::ExitCode;

pub const USAGE: &str =
    "svg [--at TIME] [--do 'TIME COMMAND; …'] [--size WxH] [--theme light|dark] [--film N] [--preset NAME] [--seed N]
      prints the scene of a preset as an SVG document, at a moment (simulated time since 0:00, as 2.5s or 1m);
      --do types kubectl lines at their moments, as '3s kubectl delete pod -l app=web; 20s kubectl scale deploy web --replicas=5';
      --film draws up to N telling moments (commands, Pods that come and go) until then below each other
";

pub const FLAGS: &[&str] = &["--at", "--do", "--size", "--theme", "--film", "--preset", "--seed"];

pub fn run(args: &Args) -> Result<ExitCode, String> {
    let time = |text: &str| parse_span(text).ok_or_else(|| format!("{text:?} is no time, as 2.5s or 1m"));
    let at = args.flag("--at").map(time).transpose()?.unwrap_or(0);
    let size = args.flag("--size").map(size).transpose()?.unwrap_or((960.0, 560.0));
    let dark = match args.flag("--theme").unwrap_or("light") {
        "light" => false,
        "dark" => true,
        other => return Err(format!("no theme {other:?}: it is light or dark")),
    };
    let film = args.number("--film")?.unwrap_or(1);
    let preset = args.flag("--preset").unwrap_or(presets::PRESETS[0].name);
    if !presets::PRESETS.iter().any(|p| p.name == preset) {
        let names: Vec<&str> = presets::PRESETS.iter().map(|p| p.name).collect();
        return Err(format!("no preset {preset:?}: there are {}", names.join(", ")));
    }
    let mut history = History::new(Lab::start(preset, args.number("--seed")?.unwrap_or(1)), Watcher::default());
    for part in args.flag("--do").unwrap_or_default().split(';').filter(|p| !p.trim().is_empty()) {
        let (when, line) =
            part.trim().split_once(' ').ok_or_else(|| format!("{part:?}: a time and a command line are wanted"))?;
        let when = time(when)?;
        if when < history.now() {
            return Err(format!("{part:?}: the lines must be in the order of their times"));
        }
        history.seek(when);
        history.apply(Command::Kubectl { line: line.trim().to_string(), stdin: String::new() });
    }
    history.seek(at.max(history.now()));
    let shots: Vec<Shot> = moments(&mut history, film).into_iter().map(|at| shot(&mut history, at, size)).collect();
    print(&svg(&shots, dark));
    Ok(ExitCode::SUCCESS)
}

fn size(text: &str) -> Result<(f32, f32), String> {
    let wrong = || format!("--size {text:?} is no size, as 960x560");
    let (w, h) = text.split_once('x').ok_or_else(wrong)?;
    let side = |text: &str| text.parse::<f32>().ok().filter(|n| (200.0..=8000.0).contains(n)).ok_or_else(wrong);
    Ok((side(w)?, side(h)?))
}
