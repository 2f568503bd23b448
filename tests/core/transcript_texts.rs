//! What `kubectl get` and `kubectl describe` printed beside each snapshot of a recorded session, made again from the snapshot's objects.
//! Ages and blanks between columns are not compared: the snapshot was taken a moment earlier or later.

use kube_service_lab::api::codec::Decoder;
use kube_service_lab::api::selector::Selector;
use kube_service_lab::api::{Event, Kind, MicroTime, Object, Time, object::KINDS};
use kube_service_lab::kubectl::describe::{self, World};
use kube_service_lab::kubectl::print::rows::{self, GetOptions};
use serde_json::Value;
use std::rc::Rc;

struct Snapshot(Vec<Object>);

impl World for Snapshot {
    fn list(&self, kind: Kind, namespace: &str) -> Vec<Object> {
        let fits = |o: &&Object| o.kind() == kind && (namespace.is_empty() || o.meta().namespace == namespace);
        self.0.iter().filter(fits).cloned().collect()
    }
    fn get(&self, kind: Kind, namespace: &str, name: &str) -> Option<Object> {
        self.list(kind, namespace).into_iter().find(|o| o.meta().name == name)
    }
    fn events_of(&self, _: &Object) -> Vec<Rc<Event>> {
        vec![]
    }
}

/// A command with its recorded output.
struct Step {
    command: String,
    output: String,
}

fn kind(word: &str) -> Option<Kind> {
    KINDS.iter().find(|i| i.plural == word || i.singular == word || i.short.contains(&word)).map(|i| i.kind)
}

/// The latest moment that anything in the snapshot tells of.
fn latest(value: &Value) -> i64 {
    match value {
        Value::String(text) => MicroTime::parse(text).map_or(0, |t| t.0 / 1_000_000),
        Value::Array(items) => items.iter().map(latest).max().unwrap_or(0),
        Value::Object(map) => map.values().map(latest).max().unwrap_or(0),
        _ => 0,
    }
}

/// What the command prints, if it is one that this test can run on a snapshot.
fn run(step: &Step, world: &Snapshot, now: Time) -> Option<String> {
    // A variable holds the name of an object, which the output tells.
    let named = step.output.split_whitespace().skip_while(|w| *w != "Name:" && *w != "AGE").nth(1).unwrap_or_default();
    let words: Vec<&str> = step.command.split_whitespace().map(|w| if w.starts_with('$') { named } else { w }).collect();
    let ["kubectl", verb @ ("get" | "describe"), rest @ ..] = &words[..] else { return None };
    let mut options = GetOptions::default();
    let (mut positional, mut selector) = (vec![], Selector::everything());
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match *word {
            "-l" => selector = Selector::parse(rest.next()?).unwrap(),
            "-o" if *rest.next()? == "wide" => options.wide = true,
            "--show-labels" => options.show_labels = true,
            flag if flag.starts_with('-') => return None,
            word => positional.push(word),
        }
    }
    let (kinds, name) = match positional[..] {
        [kinds] => (kinds, None),
        [kinds, name] => (kinds, Some(name)),
        _ => return None,
    };
    let kinds: Vec<Kind> = kinds.split(',').map(kind).collect::<Option<_>>()?;
    if kinds.contains(&Kind::Event) {
        return None;
    }
    options.with_kind = kinds.len() > 1;
    let mut blocks = vec![];
    for kind in kinds {
        let namespace = if kind.info().namespaced { "default" } else { "" };
        let mut objects = world.list(kind, namespace);
        objects.retain(|o| name.is_none_or(|n| o.meta().name == n) && selector.matches(&o.meta().labels));
        // Single lists are in the order of names; several kinds in one block each.
        objects.sort_by(|a, b| a.meta().name.cmp(&b.meta().name));
        blocks.push(match *verb {
            "get" => rows::table(&objects, &options, now),
            _ => describe::describe_all(&objects, world, None, now),
        });
    }
    Some(blocks.join("\n"))
}

/// Words of each line, ages made alike; without what snapshots do not have (events as objects, leases).
fn comparable(text: &str) -> Vec<String> {
    const NOT_IN_SNAPSHOTS: [&str; 5] = ["Warning: ", "Lease:", "HolderIdentity:", "AcquireTime:", "RenewTime:"];
    let kept = |l: &&str| !NOT_IN_SNAPSHOTS.iter().any(|start| l.trim_start().starts_with(start));
    let lines = text.trim_end().lines().take_while(|l| !l.starts_with("Events:")).filter(kept);
    lines.map(|l| l.split_whitespace().map(mask).collect::<Vec<_>>().join(" ")).collect()
}

fn mask(word: &str) -> String {
    let bare = word.trim_matches(|c| c == '(' || c == ')');
    let units = bare.matches(|c| "smhd".contains(c)).count();
    let is_age = bare.starts_with(|c: char| c.is_ascii_digit())
        && bare.ends_with(|c| "smhd".contains(c))
        && bare.chars().all(|c| c.is_ascii_digit() || "smhd".contains(c))
        && units <= 2;
    if is_age { word.replace(bare, "AGE") } else { word.to_owned() }
}

/// The commands beside each snapshot: only reading ones stand between them and it.
fn beside_snapshots(transcript: &str) -> Vec<(String, Vec<Step>)> {
    let mut found: Vec<(String, Vec<Step>)> = vec![];
    let mut before: Vec<Step> = vec![];
    let mut after = false;
    let mut lines = transcript.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("! snapshot ") {
            found.push((name.to_owned(), std::mem::take(&mut before)));
            after = true;
        } else if let Some(command) = line.strip_prefix("$ ") {
            let mut output = String::new();
            while let Some(line) = lines.next_if(|l| !l.starts_with("$ ") && !l.starts_with("! ") && !l.starts_with("= ")) {
                output.push_str(line);
                output.push('\n');
            }
            let reads = command.starts_with("kubectl get") || command.starts_with("kubectl describe");
            if !reads {
                (before, after) = (vec![], false);
                continue;
            }
            let step = || Step { command: command.to_owned(), output: output.clone() };
            if let (true, Some((_, steps))) = (after, found.last_mut()) {
                steps.push(step());
            }
            before.push(step());
        } else if line.starts_with("! ") {
            (before, after) = (vec![], false);
        }
    }
    found
}

#[test]
fn texts_beside_the_snapshots() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/transcripts");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let (mut compared, mut wrong) = (0, 0);
    for path in files.iter().filter(|p| p.extension().is_some_and(|e| e == "transcript")) {
        let Ok(snapshots) = std::fs::read_to_string(path.with_extension("objects.json")) else { continue };
        let snapshots: Value = serde_json::from_str(&snapshots).unwrap();
        for (name, steps) in beside_snapshots(&std::fs::read_to_string(path).unwrap()) {
            let Some(snapshot) = snapshots.as_array().unwrap().iter().find(|s| s["name"] == *name) else { continue };
            let objects = snapshot["objects"].as_array().unwrap().iter().map(|value| {
                let text = |field: &str| value[field].as_str().unwrap();
                Object::decode(Kind::from_manifest(text("apiVersion"), text("kind")).unwrap(), value, &mut Decoder::default())
                    .unwrap()
            });
            let world = Snapshot(objects.collect());
            for step in steps {
                let Some(got) = run(&step, &world, Time(latest(snapshot))) else { continue };
                compared += 1;
                let (expected, got) = (comparable(&step.output), comparable(&got));
                let differ: Vec<_> = expected.iter().filter(|l| !got.contains(l)).map(|l| format!("- {l}")).collect();
                let extra: Vec<_> = got.iter().filter(|l| !expected.contains(l)).map(|l| format!("+ {l}")).collect();
                if !differ.is_empty() || !extra.is_empty() {
                    wrong += 1;
                    let file = path.file_stem().unwrap().to_string_lossy();
                    println!("== {file}, snapshot {name}: {}\n{}\n{}", step.command, differ.join("\n"), extra.join("\n"));
                }
            }
        }
    }
    assert_eq!(wrong, 0, "{wrong} of {compared} texts differ");
    assert!(compared > 60, "only {compared} texts stand beside a snapshot");
}
