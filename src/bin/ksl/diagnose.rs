//! `ksl diagnose`: applies a manifest (or plays a session) in a fresh cluster and asks why requests would fail there.

use super::args::{Args, print, read};
use kube_service_lab::api::{Key, Kind, Object};
use kube_service_lab::cluster::Settings;
use kube_service_lab::diagnosis::{self, Diagnosis};
use kube_service_lab::lab::transcript::Replay;
use kube_service_lab::lab::{Command, Lab};
use kube_service_lab::time::SECOND;
use kube_service_lab::traffic::{Source, Url};
use std::net::Ipv4Addr;
use std::process::ExitCode;

pub const USAGE: &str =
    "diagnose FILE [--service NAMESPACE/NAME] [--from NAMESPACE/POD|outside --to URL] [--seconds N] [--seed N]
      applies a manifest (or plays a .transcript) in a fresh cluster, lets N seconds pass (60), and says of every
      Service, or the one that is named, why it has no endpoints; with --to, why a request from there fails.
      Exit code 1 when requests fail by what was found
";

pub const FLAGS: &[&str] = &["--service", "--from", "--to", "--seconds", "--seed"];

pub fn run(args: &Args) -> Result<ExitCode, String> {
    let lab = prepared(args)?;
    let answers = match args.flag("--to") {
        Some(to) => vec![way(&lab, args.flag("--from").unwrap_or("outside"), to)?],
        None => services(&lab, args.flag("--service"))?,
    };
    let texts: Vec<String> = answers.iter().map(diagnosis::text).collect();
    print(&texts.join("\n"));
    Ok(if answers.iter().all(Diagnosis::is_well) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The lab after the file was applied and the time has passed.
fn prepared(args: &Args) -> Result<Lab, String> {
    let file = args.file()?;
    let text = read(file)?;
    let mut lab = Lab::with_settings(Settings::default(), args.number("--seed")?.unwrap_or(1));
    if file.ends_with(".transcript") {
        let mut replay = Replay::new(lab);
        replay.play(&text);
        lab = replay.into_lab();
    } else {
        lab.apply(Command::File { name: file.to_string(), text });
        let id = lab.kubectl(&format!("kubectl apply -f '{file}'"));
        let run = lab.output(id).ok_or("the command left no output")?;
        if run.exit != Some(0) {
            return Err(run.text.clone());
        }
    }
    lab.advance(lab.now() + args.number("--seconds")?.unwrap_or(60) * SECOND, u64::MAX);
    Ok(lab)
}

fn key(text: &str) -> Key {
    let (namespace, name) = text.split_once('/').unwrap_or(("default", text));
    Key::new(namespace, name)
}

fn services(lab: &Lab, named: Option<&str>) -> Result<Vec<Diagnosis>, String> {
    let all = lab.cluster().api().store().list(Kind::Service, None).map(Object::key);
    let own = |k: &Key| !k.namespace.starts_with("kube-") && &*k.name != "kubernetes";
    let keys: Vec<Key> = named.map_or_else(|| all.filter(own).collect(), |name| vec![key(name)]);
    if keys.is_empty() {
        return Err("there is no Service; name one with --service, or ask with --from and --to".into());
    }
    Ok(keys.iter().map(|key| diagnosis::endpoints(lab.cluster(), key)).collect())
}

fn way(lab: &Lab, from: &str, to: &str) -> Result<Diagnosis, String> {
    let url =
        Url::parse(to).ok_or_else(|| format!("{to:?} is no URL that the lab's clients can ask: http://host[:port]/path"))?;
    let source = if from == "outside" { Source::Outside(Ipv4Addr::new(203, 0, 113, 7)) } else { Source::Pod(key(from)) };
    Ok(diagnosis::reach(lab.cluster(), &source, &url))
}
