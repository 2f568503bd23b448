//! The recorded sessions, typed again into the simulator: every step and every snapshot must come out as on the real
//! cluster, save what `compare.rs` forgives.

use crate::compare::{Rules, canonical, parse, project};
use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::Lab;
use kube_service_lab::lab::transcript::Replay;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/transcripts");
/// Sessions that were recorded with `recorder/`.
const MORE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/more");

/// A session's file that ends so.
fn file(name: &str, end: &str) -> Option<String> {
    [FOLDER, MORE].iter().find_map(|folder| fs::read_to_string(format!("{folder}/{name}{end}")).ok())
}

/// Steps and snapshots of a session in which two recordings of the real cluster differed.
fn noise(name: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(format!("{FOLDER}/noise.txt")).unwrap();
    let rows = text.lines().filter(|l| !l.starts_with('#')).map(|l| l.split_whitespace().collect::<Vec<_>>());
    rows.filter(|r| r.len() > 1 && r[0] == name)
        .map(|r| if r[1] == "snapshot:" || r[1] == "snapshot" { format!("snapshot:{}", r[2]) } else { r[1].to_string() })
        .collect()
}

/// Plays a session; `traffic`: whether the steps that send requests count. What differs.
fn play(name: &str, traffic: bool, seed: u64) -> Vec<String> {
    let recorded = file(name, ".transcript").unwrap();
    let mut replay = Replay::new(Lab::with_settings(Settings::default(), seed));
    replay.play(&recorded);
    let (expected, actual) = (parse(&recorded), parse(&replay.text));
    let (rules, noise) = (Rules::new(), noise(name));
    let mut problems = vec![];
    for (i, (command, out)) in expected.steps.iter().enumerate() {
        let counted = !command.starts_with("! ")
            || (traffic && ["request", "collect", "resolve"].iter().any(|w| command[2..].starts_with(w)));
        if !counted || noise.contains(&i.to_string()) {
            continue;
        }
        let Some((typed, found)) = actual.steps.get(i) else {
            problems.push(format!("step {i}: {command}: missing"));
            continue;
        };
        assert_eq!(typed, command);
        let (want, got) = (rules.key(command, out, &expected.typed), rules.key(command, found, &expected.typed));
        if want != got {
            problems.push(format!("step {i}: {command}\n  expected {want:#?}\n  actual   {got:#?}"));
        }
    }
    check_snapshots(name, &replay.snapshots, &expected.typed, &rules, &noise, &mut problems);
    problems
}

fn check(name: &str, traffic: bool) {
    let problems = play(name, traffic, 1);
    assert!(problems.is_empty(), "{name}: {} differences\n{}", problems.len(), problems.join("\n"));
}

/// A session in which one step hinges on which of two things the real cluster happened to finish first (two Pods ready in
/// one look or in two, a Pod ready before the next line was typed): it must come out so with most seeds.
fn check_mostly(name: &str, traffic: bool) {
    let tries: Vec<Vec<String>> = (1..=7).map(|seed| play(name, traffic, seed)).collect();
    let good = tries.iter().filter(|problems| problems.is_empty()).count();
    assert!(good * 2 > tries.len(), "{name}: {good} of {} seeds\n{}", tries.len(), tries.concat().join("\n"));
}

fn check_snapshots(
    name: &str,
    actual: &[Value],
    typed: &str,
    rules: &Rules,
    noise: &BTreeSet<String>,
    problems: &mut Vec<String>,
) {
    let Some(text) = file(name, ".objects.json") else { return };
    let expected: Vec<Value> = serde_json::from_str(&text).unwrap();
    let canon = |snapshot: &Value| -> Vec<String> {
        let objects = snapshot["objects"].as_array().into_iter().flatten().filter(|o| o["metadata"]["name"] != "kubernetes");
        let mut texts: Vec<String> = objects.map(|o| canonical(rules, &project(o), typed)).collect();
        texts.sort();
        texts
    };
    for (i, snapshot) in expected.iter().enumerate() {
        let label = snapshot["name"].as_str().unwrap();
        if noise.contains(&format!("snapshot:{label}")) {
            continue;
        }
        let (want, got) = (canon(snapshot), actual.get(i).map(&canon).unwrap_or_default());
        if want != got {
            let missing: Vec<&String> = want.iter().filter(|w| !got.contains(w)).collect();
            let extra: Vec<&String> = got.iter().filter(|g| !want.contains(g)).collect();
            problems.push(format!("snapshot {label}\n  expected {missing:#?}\n  actual   {extra:#?}"));
        }
    }
}

macro_rules! sessions {
    ($check:ident: $($test:ident $name:literal $traffic:literal;)*) => {
        $(#[test] fn $test() { $check($name, $traffic); })*
    };
}

sessions! { check:
    quickstart "01-quickstart" true;
    pod_churn "02-pod-churn" true;
    scale "03-scale" true;
    nodeport "04-nodeport" true;
    labels "05-labels" true;
    rolling_update "06-rolling-update" true;
    bad_image "07-bad-image" true;
    readiness "08-readiness" true;
    headless_dns "10-headless-dns" true;
    ports "11-ports" true;
    selectorless "12-selectorless" true;
    session_affinity "13-session-affinity" true;
    service_errors "14-service-errors" true;
    kubectl_errors "16-kubectl-errors" true;
    apply_flows "17-apply-flows" true;
    drain "19-drain" true;
    node_failure "20-node-failure" true;
    recreate "23-recreate" true;
    surge_and_min_ready "24-surge-and-min-ready" true;
    owners "25-owners" true;
    canary "26-canary" true;
    namespaces "27-namespaces" true;
    internal_policy "28-internal-policy" true;
    source_ip "29-source-ip" true;
    update_under_load "30-update-under-load" true;
    connections "31-connections" true;
    probes_and_limits "32-probes-and-limits" true;
    same_name_new_service "33-same-name-new-service" true;
    kubectl_variety "34-kubectl-variety" true;
}

sessions! { check_mostly:
    deployment_errors "15-deployment-errors" true;
    type_changes "18-type-changes" true;
    terminating "21-terminating" true;
}

/// Plays all sessions of [`MORE`] whose names begin so.
fn check_more(prefix: &str, least: usize) {
    let mut names: Vec<String> = fs::read_dir(MORE).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with(prefix));
    names.sort();
    assert!(names.len() >= least, "only {names:?}");
    for name in names.iter().filter_map(|name| name.strip_suffix(".transcript")) {
        // Some ask just when a Pod is about to be ready, or where chance leads a single request.
        if !play(name, true, 1).is_empty() {
            check_mostly(name, true);
        }
    }
}

#[test]
fn further_sessions_about_services() {
    check_more("svc-", 10);
}

#[test]
fn further_sessions_about_workloads() {
    check_more("work-", 12);
}

#[test]
fn further_sessions_about_kubectl() {
    check_more("kctl-", 7);
}
