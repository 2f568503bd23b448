//! Recorded sessions: played again in the lab and printed in the same format (`tests/golden/README.md`).
//!
//! Promises: what was typed is echoed as it was; what follows is what the lab answered.

use super::{Command, Lab};
use crate::api::{Event, Key, Kind, Object};
use crate::cluster::DNS_ADDRESS;
use crate::time::parse_span;
use crate::time::{MILLISECOND, Nanos, SECOND};
use crate::traffic::{ClientSetting, Habits, Outcome, Pattern, Record, Source, Url};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// What a command line takes to start and end, as on the recorded machine.
const TYPING: Nanos = 130 * MILLISECOND;
/// What reading all objects for a snapshot takes.
const SNAPSHOT: Nanos = 500 * MILLISECOND;
/// `settle`: the recorder looks at all objects this often…
const LOOK: Nanos = 500 * MILLISECOND;
/// …until it has seen nothing change for this long…
const QUIET: Nanos = 4 * SECOND;
/// …or this long has passed.
const PATIENCE: Nanos = 90 * SECOND;
/// The machine outside of the recordings.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 5);
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

    fn client(&mut self, from: &str, count: u64, url: &str, pattern: Pattern, keep_alive: bool) -> Option<String> {
        self.clients += 1;
        let name = format!("session-{}", self.clients);
        let source = if from == "outside" { Source::Outside(OUTSIDE) } else { Source::Pod(pod_key(from)) };
        let setting = ClientSetting {
            name: name.clone(),
            source,
            url: Url::parse(url)?,
            pattern,
            total: Some(count),
            keep_alive,
            timeout: 2 * SECOND,
            holds_name: 0,
            stubborn: false,
            habits: Habits::default(),
        };
        self.lab.apply(Command::AddClient(setting));
        Some(name)
    }

    /// Lets time pass until a client has sent all and every request has ended.
    fn finish(&mut self, name: &str, count: u64, every: Nanos) {
        let deadline = self.lab.now() + count * (every + 3 * SECOND) + 60 * SECOND;
        while self.lab.traffic().client(name).is_some_and(|c| !c.is_done()) && self.lab.now() < deadline && !self.is_stopped() {
            self.pass(MILLISECOND);
        }
    }

    fn request(&mut self, from: &str, count: u64, url: &str) {
        self.pass(TYPING);
        let first = self.lab.traffic().records().next_back().map_or(0, |r| r.id);
        let Some(name) = self.client(from, count, url, Pattern::Sequence, false) else {
            self.echo(&format!("the lab cannot ask for {url}"));
            return;
        };
        self.finish(&name, count, 0);
        let own = |r: &&Record| r.id > first && *r.client == *name;
        let records: Vec<Record> = self.lab.traffic().records().filter(own).cloned().collect();
        let start = records.first().map_or(0, |r| r.started);
        for record in &records {
            let line = line_of(record, start);
            self.echo(&line);
        }
        self.lab.apply(Command::RemoveClient(name));
        self.echo("");
    }

    fn background(&mut self, from: &str, count: u64, url: &str, every: u64, keep_alive: bool) {
        self.pass(TYPING);
        let _ = self.client(from, count, url, Pattern::Every(every * MILLISECOND), keep_alive);
    }

    fn collect(&mut self) {
        let name = format!("session-{}", self.clients);
        let Some(client) = self.lab.traffic().client(&name) else { return };
        let count = client.setting.total.unwrap_or(0);
        self.finish(&name, count, 10 * MILLISECOND);
        let Some(client) = self.lab.traffic().client(&name) else { return };
        let stats = client.stats.clone();
        let mut lines = vec![format!("requests={} ok={} failed={}", stats.sent, stats.answered, stats.bad())];
        lines.extend(stats.failed.iter().map(|(kind, n)| format!("  {n} x ERR {}", kind.text())));
        if stats.errors > 0 {
            lines.push(format!("  {} x 500", stats.errors));
        }
        lines.extend(stats.by_pod.iter().map(|(pod, n)| format!("  {n} from {pod}")));
        lines.iter().for_each(|l| self.echo(l));
        self.lab.apply(Command::RemoveClient(name));
        self.echo("");
    }

    fn resolve(&mut self, pod: &str, names: &[&str]) {
        self.pass(TYPING);
        for name in names {
            let Some(lookup) = self.lab.resolve(&pod_key(pod), name) else {
                self.echo(&format!("{name} [] the Pod {pod} does not run"));
                continue;
            };
            let list: Vec<String> = lookup.found.iter().flatten().map(ToString::to_string).collect();
            let end = match lookup.found {
                Ok(_) => "<nil>".to_string(),
                Err(why) => format!("lookup {name} on {DNS_ADDRESS}:53: {}", why.text()),
            };
            self.echo(&format!("{name} [{}] {end}", list.join(" ")));
            self.pass(lookup.took);
        }
        self.echo("");
    }
}

/// Lets time pass until nothing has been seen to change for a while; never beyond `stop_at` (since 0:00).
pub fn settle(lab: &mut Lab, stop_at: Option<Nanos>) {
    let start = lab.now();
    let (mut looked, mut changed) = (start, start);
    while looked - changed < QUIET && looked - start < PATIENCE && stop_at.is_none_or(|at| looked < at) {
        let until = lab.now() + LOOK;
        lab.advance(stop_at.map_or(until, |at| until.min(at)), u64::MAX);
        if lab.cluster().last_change() > looked + lab.zero() {
            changed = lab.now();
        }
        looked = lab.now();
    }
}

/// A Pod as a step names it: in the namespace `default`, unless it says `NAMESPACE/NAME`.
fn pod_key(name: &str) -> Key {
    let (namespace, name) = name.split_once('/').unwrap_or(("default", name));
    Key::new(namespace, name)
}

/// `start duration status body` of one request.
fn line_of(record: &Record, start: Nanos) -> String {
    let began = (record.started - start) / MILLISECOND;
    let took = record.ended.map_or(0, |e| (e - record.started) / MILLISECOND);
    let pod = record.pod.as_ref().map(|(_, name, _)| name.to_string()).unwrap_or_default();
    let seen = record.seen.map(|s| s.to_string()).unwrap_or_default();
    let words = |body: &str| body.split_whitespace().collect::<Vec<_>>().join(" ");
    match record.outcome {
        Some(Outcome::Answered { status }) if record.body.is_some() => {
            format!("{began} {took} {status} {}", record.body.as_deref().map(words).unwrap_or_default())
        }
        Some(Outcome::Answered { status }) => format!("{began} {took} {status} pod={pod} version={} from={seen}", record.version),
        Some(Outcome::Failed(kind)) => format!("{began} {took} ERR {}", kind.text()),
        None => format!("{began} {took} ERR unfinished"),
    }
}

/// The objects that a recorded snapshot holds: those of all namespaces but the system's, and the nodes.
pub fn snapshot(lab: &Lab) -> Vec<Value> {
    const KINDS: [Kind; 7] =
        [Kind::Pod, Kind::Service, Kind::EndpointSlice, Kind::ReplicaSet, Kind::Deployment, Kind::Node, Kind::Endpoints];
    let store = lab.cluster().api().store();
    let own = |o: &&Object| !o.meta().namespace.starts_with("kube-");
    KINDS.iter().flat_map(|kind| store.list(*kind, None).filter(own).map(Object::to_value)).collect()
}

/// The events of all namespaces, as a recorded snapshot sums them up.
fn events(lab: &Lab) -> Vec<Value> {
    let all = lab.cluster().api().store().list(Kind::Event, None).filter_map(Object::as_::<Event>);
    let one = |e: &Rc<Event>| {
        let (about, count) = (&e.involved_object, e.series().map_or(i64::from(e.count).max(1), |(n, _)| n));
        let object = format!("{}/{}", about.kind, about.name);
        json!({"count": count, "message": e.message, "object": object, "reason": e.reason, "type": e.type_})
    };
    all.map(one).collect()
}
