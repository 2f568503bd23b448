//! Steps that send: requests of a session's clients, and look-ups of names, with the lines that the recorder wrote of them.

use super::{Replay, TYPING};
use crate::api::Key;
use crate::cluster::DNS_ADDRESS;
use crate::lab::Command;
use crate::time::{MILLISECOND, Nanos, SECOND};
use crate::traffic::{ClientSetting, Habits, Outcome, Pattern, Record, Source, Url};
use std::net::Ipv4Addr;

/// The machine outside of the recordings.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 5);

impl Replay {
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

    pub(super) fn request(&mut self, from: &str, count: u64, url: &str) {
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

    pub(super) fn background(&mut self, from: &str, count: u64, url: &str, every: u64, keep_alive: bool) {
        self.pass(TYPING);
        let _ = self.client(from, count, url, Pattern::Every(every * MILLISECOND), keep_alive);
    }

    pub(super) fn collect(&mut self) {
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

    pub(super) fn resolve(&mut self, pod: &str, names: &[&str]) {
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
