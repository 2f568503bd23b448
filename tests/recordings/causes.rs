//! Every failed request of a stormy hour has a cause chain that ends in a command or a fault, and without that first cause
//! (same seed, same other commands) the same request is answered.

use kube_service_lab::api::{Key, Kind, Object};
use kube_service_lab::cause::{Cause, Deed, Means, What};
use kube_service_lab::cluster::Link;
use kube_service_lab::lab::{Command, Lab, NetworkSetting};
use kube_service_lab::node::proxy::{Mode, Settings as Proxy, SyncCost};
use kube_service_lab::time::{MICROSECOND, MILLISECOND, Nanos, SECOND, Stream};
use kube_service_lab::traffic::{ClientSetting, Habits, Outcome, Pattern, Record, Source, Url};
use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;

/// Length of the run.
const HOUR: Nanos = 3600 * SECOND;
/// Commands whose "before" is kept, to go on from there without them.
const KEPT: usize = 8;
/// Failures of one first cause that are tried without it.
const TRIED: usize = 8;
/// Failures that must have been tried.
const WANTED: usize = 200;

const OBJECTS: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app: shop}}
spec:
  replicas: 4
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: shop
        image: nginx:1.27
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {path: /ready, port: 80}, periodSeconds: 2}
        lifecycle: {preStop: {exec: {command: [sleep, \"2\"]}}}
---
apiVersion: v1
kind: Service
metadata: {name: shop, labels: {app: shop}}
spec: {selector: {app: shop}, ports: [{port: 80}]}
";

/// A failed request: who asked, which one it was, when it ended, and its chain.
#[derive(Clone, Debug)]
struct Failed {
    client: String,
    number: u64,
    ended: Nanos,
    words: String,
}

fn start(seed: u64) -> Lab {
    let mut lab = Lab::start("first", seed);
    lab.apply(Command::File { name: "shop.yaml".into(), text: OBJECTS.into() });
    lab.kubectl("kubectl apply -f shop.yaml");
    for (name, source, url, rate) in [
        ("shopper", Source::Pod(Key::new("default", "curl-1")), "http://shop/", Pattern::Poisson(3 * SECOND / 2)),
        (
            "visitor",
            Source::Outside(Ipv4Addr::new(203, 0, 113, 20)),
            "http://192.0.2.12:30080/",
            Pattern::Poisson(3 * SECOND / 2),
        ),
    ] {
        let url = Url::parse(url).expect("a URL");
        let (name, timeout) = (name.into(), 2 * SECOND);
        lab.apply(Command::AddClient(ClientSetting {
            name,
            source,
            url,
            pattern: rate,
            total: None,
            keep_alive: false,
            timeout,
            stubborn: false,
            holds_name: 0,
            habits: Habits::default(),
        }));
    }
    for (client, rate_milli) in [("browser", 500), ("laptop", 500), ("curl-1", 700), ("stubborn", 50)] {
        lab.apply(Command::SetRate { client: client.into(), rate_milli });
    }
    lab.advance(20 * SECOND, u64::MAX);
    lab
}

/// A Pod of one of the two Deployments.
fn victim(lab: &Lab, whim: &mut Stream) -> String {
    let own = |key: &Key| key.name.starts_with("web-") || key.name.starts_with("shop-");
    let pods: Vec<Key> = lab.cluster().api().store().list(Kind::Pod, Some("default")).map(Object::key).filter(own).collect();
    pods.get(whim.below(pods.len() as u64) as usize).map(|key| key.name.to_string()).unwrap_or("nobody".into())
}

/// A disturbance: what is done, how long it lasts, and what is done against it.
fn disturbance(lab: &Lab, whim: &mut Stream) -> (Vec<Command>, u64, Vec<Command>) {
    let kubectl = |line: &str| Command::Kubectl { line: format!("kubectl {line}"), stdin: String::new() };
    let app = if whim.chance(1, 2) { "web" } else { "shop" };
    let pod = victim(lab, whim);
    let node = format!("node-{}", whim.between(1, 3));
    let hold = whim.between(4, 15);
    let env = |set: &str| vec![kubectl(&format!("set env deployment/{app} {set}"))];
    let patch = |json: &str| vec![kubectl(&format!("patch service {app} -p '{json}'"))];
    let scale = |n: u64| vec![kubectl(&format!("scale deployment {app} --replicas={n}"))];
    let network = |setting: NetworkSetting| Command::Network(setting);
    let kill = || kubectl(&format!("delete pod {pod} --wait=false"));
    match whim.below(30) {
        0 | 1 => (vec![kubectl(&format!("delete pod {pod} --wait=false"))], 1, vec![]),
        2 | 3 => (vec![Command::Crash(Key::new("default", &pod))], 1, vec![]),
        4 => (scale(0), hold, scale(4)),
        5 => (scale(1), hold, scale(5)),
        6 | 7 => (vec![kubectl(&format!("set image deployment/{app} {app}=nginx:1.{}", whim.between(25, 29)))], 5, vec![]),
        8 => (vec![kubectl(&format!("rollout restart deployment/{app}"))], 5, vec![]),
        9 => (
            vec![kubectl(&format!("set image deployment/{app} {app}=nginx:nosuch"))],
            hold,
            vec![kubectl(&format!("rollout undo deployment/{app}"))],
        ),
        10 | 11 => (vec![Command::NodeDown(node.clone())], hold + 5, vec![Command::NodeUp(node)]),
        12 => (
            vec![kubectl(&format!("drain {node} --ignore-daemonsets --force=false"))],
            hold,
            vec![kubectl(&format!("uncordon {node}"))],
        ),
        13 => (
            patch(r#"{"spec":{"ports":[{"port":80,"targetPort":81}]}}"#),
            hold,
            patch(r#"{"spec":{"ports":[{"port":80,"targetPort":80}]}}"#),
        ),
        14 => (
            vec![kubectl(r#"patch service web -p '{"spec":{"externalTrafficPolicy":"Local"}}'"#)],
            hold,
            vec![kubectl(r#"patch service web -p '{"spec":{"externalTrafficPolicy":"Cluster"}}'"#)],
        ),
        15 => (
            patch(r#"{"spec":{"selector":{"app":"nobody"}}}"#),
            hold,
            patch(&format!(r#"{{"spec":{{"selector":{{"app":"{app}"}}}}}}"#)),
        ),
        16 => (env("APP_UNREADY_AFTER=4s"), hold + 6, env("APP_UNREADY_AFTER-")),
        17 => (env("APP_CRASH_AFTER=5s"), hold + 6, env("APP_CRASH_AFTER-")),
        19 => {
            let fails = |fails| network(NetworkSetting::ProxyFails { node: node.clone(), fails });
            (vec![fails(true), kill()], hold, vec![fails(false)])
        }
        20 => {
            let late = |extra| network(NetworkSetting::WatchDelay { node: node.clone(), extra });
            (vec![late(3 * SECOND), kill()], hold, vec![late(0)])
        }
        21 => {
            let slow = |extra| network(NetworkSetting::NodeLatency { node: node.clone(), extra });
            (vec![slow(whim.between(600, 2500) * MILLISECOND)], hold, vec![slow(0)])
        }
        22 => {
            let slow = |median| network(NetworkSetting::Latency { link: Link::BetweenNodes, median });
            (vec![slow(1500 * MILLISECOND)], hold, vec![slow(250 * MICROSECOND)])
        }
        23 => {
            let cost = |per_written_rule| {
                let cost = SyncCost { per_written_rule, ..Proxy::defaults(Mode::Iptables).cost };
                network(NetworkSetting::ProxyCost { node: None, cost })
            };
            (vec![cost(100 * MILLISECOND), kill()], hold, vec![cost(4 * MICROSECOND)])
        }
        24 => {
            let periods = |min_sync| network(NetworkSetting::ProxyPeriods { node: None, min_sync, sync: 30 * SECOND });
            (vec![periods(10 * SECOND), kill()], hold, vec![periods(SECOND)])
        }
        25 => {
            let mode = |mode| network(NetworkSetting::ProxyMode { node: Some(node.clone()), mode });
            let other = if whim.chance(1, 2) { Mode::Nftables } else { Mode::Ipvs };
            (vec![mode(other)], hold, vec![mode(Mode::Iptables)])
        }
        26 => {
            let dns = |n| vec![kubectl(&format!("scale deployment coredns -n kube-system --replicas={n}"))];
            (dns(0), hold + 5, dns(1))
        }
        27 => (vec![kubectl("delete service shop")], hold, vec![kubectl("apply -f shop.yaml")]),
        28 => (vec![kubectl("delete pods --all -n kube-system --wait=false")], 1, vec![]),
        18 => (env("APP_ERROR_RATE=0.3"), hold, env("APP_ERROR_RATE-")),
        _ => (
            vec![kubectl(&format!("label pod {pod} app=other --overwrite"))],
            hold,
            vec![kubectl("delete pod -l app=other --wait=false")],
        ),
    }
}

/// The run, and what is checked on its way.
struct Storm {
    lab: Lab,
    seen: u64,
    before: VecDeque<(usize, Lab)>,
    /// The last command that was tried: a fault whose end is tried now.
    previous: Option<(usize, Lab)>,
    failed: BTreeMap<usize, Vec<Failed>>,
    total: usize,
    problems: Vec<String>,
    tried: usize,
    /// Failures that had two causes at once.
    twice: usize,
    kinds: BTreeMap<String, usize>,
}

impl Storm {
    fn new(lab: Lab) -> Storm {
        let seen = lab.traffic().records().next_back().map_or(0, |r| r.id);
        let (before, previous, failed, problems, kinds) = Default::default();
        Storm { lab, seen, before, previous, failed, total: 0, problems, tried: 0, twice: 0, kinds }
    }

    /// Notes the failures that ended by now.
    fn collect(&mut self) {
        let zero = self.lab.zero();
        while let Some(record) = self.lab.traffic().record(self.seen + 1) {
            let Some(ended) = record.ended else { break };
            self.seen += 1;
            let Some(outcome) = record.outcome.filter(|o| o.is_bad()) else { continue };
            self.total += 1;
            let chain = told(&self.lab, record.because.as_ref());
            let words = format!(
                "{} {} at {} ms: {outcome:?}\n{}",
                record.client,
                record.number,
                (record.started - zero) / 1_000_000,
                chain
            );
            let root = record.because.as_ref().map(|c| &c.root().what);
            match root {
                Some(What::Command { number, means, .. }) => {
                    *self.kinds.entry(format!("{means:?}")).or_insert(0) += 1;
                    let failed = Failed { client: record.client.to_string(), number: record.number, ended: ended - zero, words };
                    // Nobody told the clients to do anything foolish.
                    match means {
                        Means::Client => self.problems.push(format!("the client is blamed: {}", failed.words)),
                        _ => self.failed.entry(*number).or_default().push(failed),
                    }
                }
                _ => self.problems.push(format!("no command at the beginning of it: {words}")),
            }
        }
    }

    fn pass(&mut self, span: Nanos) {
        let end = self.lab.now() + span;
        while self.lab.now() < end {
            let next = (self.lab.now() + 30 * SECOND).min(end);
            self.lab.advance(next, u64::MAX);
            self.collect();
        }
    }

    fn apply(&mut self, command: Command) {
        self.before.push_back((self.lab.log().len(), self.lab.clone()));
        self.lab.apply(command);
        if self.before.len() > KEPT {
            self.try_oldest();
        }
    }

    /// Goes on from before the oldest command that is kept, without it, and looks at the requests that failed because of it.
    fn try_oldest(&mut self) {
        let Some((number, before)) = self.before.pop_front() else { return };
        let oldest = (number, before.clone());
        self.try_without(number, before);
        self.previous = Some(oldest);
    }

    fn try_without(&mut self, number: usize, before: Lab) {
        let failed = self.failed.remove(&number).unwrap_or_default();
        let step = failed.len().div_ceil(TRIED).max(1);
        let failed: Vec<Failed> = failed.into_iter().step_by(step).collect();
        let Some(end) = failed.iter().map(|f| f.ended).max() else { return };
        let other = self.without(before.clone(), &[number], end);
        for one in failed {
            self.tried += 1;
            let Some(second) = self.fails_in(&other, &one) else { continue };
            // Two causes at once, each enough: without the other one as well the request must be answered.
            self.twice += 1;
            if std::env::var("TWICE").is_ok() {
                println!("twice: without {:?}: {}\n  there: {second:?}", self.lab.log()[number].1.text(), one.words);
            }
            let earlier = self.previous.clone().filter(|(n, _)| Some(*n) == second).map(|(_, lab)| lab);
            let alone = second.filter(|second| *second > number || earlier.is_some()).map(|second| {
                let neither = self.without(earlier.unwrap_or(before.clone()), &[number, second], one.ended);
                self.fails_in(&neither, &one).is_none()
            });
            if alone != Some(true) {
                let text = self.lab.log()[number].1.text();
                let there = other.traffic().records().find(|r| one.is(r)).and_then(|r| r.because.as_ref());
                self.problems.push(format!(
                    "fails without its first cause, {text:?}: {}\n  there:\n{}",
                    one.words,
                    told(&other, there)
                ));
            }
        }
    }

    /// The run as it is, from `before` on and up to `end`, without some of its commands.
    fn without(&self, mut before: Lab, numbers: &[usize], end: Nanos) -> Lab {
        let log = self.lab.log().iter().enumerate().skip(before.log().len());
        for (_, (at, command)) in log.filter(|(n, (at, _))| *at <= end && !numbers.contains(n)) {
            before.advance(*at, u64::MAX);
            before.apply(command.clone());
        }
        before.advance(end + 3 * SECOND, u64::MAX);
        before
    }

    /// The first cause of the same request's failure in another run (its place in this run's log, if it is a command of it);
    /// `None`: it does not fail there.
    fn fails_in(&self, other: &Lab, one: &Failed) -> Option<Option<usize>> {
        let record = other.traffic().records().find(|r| one.is(r))?;
        if matches!(record.outcome, Some(Outcome::Answered { status }) if status < 500) {
            return None;
        }
        let What::Command { text, .. } = &record.because.as_ref()?.root().what else { return Some(None) };
        let at = record.because.as_ref()?.root().at.saturating_sub(other.zero());
        Some(self.lab.log().iter().position(|(when, command)| *when == at && command.text() == **text))
    }
}

impl Failed {
    fn is(&self, record: &Record) -> bool {
        *record.client == self.client && record.number == self.number
    }
}

/// A chain, a line each deed.
fn told(lab: &Lab, cause: Option<&Cause>) -> String {
    let line = |deed: &Deed| format!("    {} {:?}", deed.at.saturating_sub(lab.zero()) / MILLISECOND, deed.what);
    cause.into_iter().flat_map(|cause| cause.chain()).map(line).collect::<Vec<String>>().join("\n")
}

#[test]
fn every_failure_of_a_stormy_hour_has_its_first_cause() {
    let seed = std::env::var("STORM").ok().and_then(|s| s.parse().ok()).unwrap_or(11);
    let mut storm = Storm::new(start(seed));
    let mut whim = Stream::new(seed, "storm");
    while storm.lab.now() < HOUR {
        let (faults, hold, undo) = disturbance(&storm.lab, &mut whim);
        faults.into_iter().for_each(|command| storm.apply(command));
        storm.pass(hold * SECOND + whim.below(SECOND));
        undo.into_iter().for_each(|command| storm.apply(command));
        storm.pass(whim.between(18, 40) * SECOND);
    }
    let Storm { total, tried, twice, kinds, .. } = &storm;
    println!("{total} failures ({kinds:?}), {tried} tried without their first cause, {twice} of them had two");
    for problem in storm.problems.iter().take(40) {
        println!("{problem}");
    }
    assert!(storm.problems.is_empty(), "{} problems", storm.problems.len());
    assert!(storm.twice * 20 <= storm.tried, "{} of {} failures had two causes at once", storm.twice, storm.tried);
    assert!(storm.tried >= WANTED, "only {} failures were tried", storm.tried);
}
