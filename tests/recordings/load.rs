//! The four experiments of session 30 with twenty seeds: how many requests fail, and how, against the repeated runs on the
//! real cluster (`tests/golden/load.json`).

use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::Lab;
use kube_service_lab::lab::transcript::Replay;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// Seeds of each pair of experiments.
const SEEDS: [(&str, u64); 2] = [("web", 20), ("careful", 20)];

/// Kinds of failure by their recorded names, and `failed` for all of them together.
type Counts = BTreeMap<String, u64>;

fn golden(file: &str) -> String {
    fs::read_to_string(format!("{}/tests/golden/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// What each `collect` of a session printed.
fn collected(text: &str) -> Vec<Counts> {
    let mut all = vec![];
    for line in text.lines() {
        if let Some(totals) = line.strip_prefix("requests=") {
            let failed = totals.split("failed=").nth(1).unwrap().parse().unwrap();
            all.push(Counts::from([("failed".to_string(), failed)]));
        } else if let (Some((count, kind)), Some(last)) = (line.trim().split_once(" x ERR "), all.last_mut()) {
            last.insert(kind.to_string(), count.parse().unwrap());
        }
    }
    all
}

/// The part of the session that is about one Deployment; every `background` and `collect` of another one is left out.
fn about(session: &str, name: &str) -> String {
    let mut keep = true;
    let wanted = |line: &&str| {
        if line.starts_with("! background") {
            keep = line.contains(&format!("//{name}/"));
        }
        let apart = ["! background", "! collect", "$ kubectl set", "$ kubectl scale", "$ kubectl delete"];
        keep || !apart.iter().any(|start| line.starts_with(start))
    };
    session.lines().filter(wanted).map(|line| format!("{line}\n")).collect()
}

/// Plays a session with as many seeds, on as many threads as the machine has.
fn play(session: &str, seeds: u64) -> Vec<Vec<Counts>> {
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let run = |seed| {
        let mut replay = Replay::new(Lab::with_settings(Settings::default(), seed));
        replay.play(session);
        collected(&replay.text)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || (1 + first..=seeds).step_by(threads as usize).map(run).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

/// Smallest, median and largest of a kind.
fn spread(runs: &[Counts], kinds: &[&str]) -> (u64, u64, u64) {
    let sum = |run: &Counts| kinds.iter().filter_map(|kind| run.get(*kind)).sum::<u64>();
    let mut found: Vec<u64> = runs.iter().map(sum).collect();
    found.sort_unstable();
    (found[0], found[found.len() / 2], found[found.len() - 1])
}

fn recorded(experiment: &Value) -> Vec<Counts> {
    let run = |run: &Value| {
        let how = run["how"].as_object().unwrap();
        let mut counts: Counts = how.iter().map(|(kind, n)| (kind.clone(), n.as_u64().unwrap())).collect();
        counts.insert("failed".into(), run["failed"].as_u64().unwrap());
        counts
    };
    experiment["runs"].as_array().unwrap().iter().map(run).collect()
}

#[test]
fn updates_lose_what_they_lost_on_the_real_cluster_and_careful_ones_lose_nothing() {
    let load: Value = serde_json::from_str(&golden("load.json")).unwrap();
    let experiments = load["experiments"].as_array().unwrap();
    let session = golden("transcripts/30-update-under-load.transcript");
    let runs = SEEDS.map(|(name, seeds)| (name, play(&about(&session, name), seeds)));
    let mut problems = vec![];
    let mut seen = BTreeMap::new();
    for experiment in experiments {
        let name = experiment["name"].as_str().unwrap();
        let (about, runs) = runs.iter().find(|(about, _)| name.contains(about)).unwrap();
        let place = seen.entry(about).and_modify(|n| *n += 1).or_insert(0);
        let (real, ours) = (recorded(experiment), runs.iter().map(|run| run[*place].clone()).collect::<Vec<_>>());
        let kinds: [&[&str]; 4] = [&["failed"], &["connection refused"], &["Client.Timeout"], &["connection reset", "EOF"]];
        for kinds in kinds {
            let ((low, _, high), (least, median, most)) = (spread(&real, kinds), spread(&ours, kinds));
            println!("{name}: {}: recorded {low} to {high}, simulated {least} to {most}, median {median}", kinds.join(" + "));
            if least > high || most < low || (kinds == ["failed"] && !(low..=high).contains(&median)) {
                problems.push(format!("{name}: {kinds:?}: {least} to {most}, median {median}, not {low} to {high}"));
            }
        }
        let others = ours.iter().flat_map(Counts::keys).filter(|kind| !real.iter().any(|run| run.contains_key(*kind)));
        problems.extend(others.map(|kind| format!("{name}: {kind} was never recorded")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
