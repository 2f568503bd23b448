//! A whole cluster under a thousand random commands, valid and not: whenever it has settled, everything that Kubernetes promises
//! of its objects must hold. A failure prints the seed and the shortest list of commands that was found for it.

mod commands;
mod endpoints;
mod identity;
mod owners;
mod proxies;
mod services;
mod workloads;

use commands::Step;
use kube_service_lab::api::{Deployment, Key, Kind, Namespace, Pod, ReplicaSet};
use kube_service_lab::cluster::Settings;
use kube_service_lab::controllers::deployment::{family, fenceposts};
use kube_service_lab::lab::transcript::settle;
use kube_service_lab::lab::{Command, Lab};
use kube_service_lab::node::proxy::Mode;
use kube_service_lab::time::{MILLISECOND, SECOND, Stream};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A command that has not ended by then is left to itself, as one does with Ctrl-C.
const PATIENCE: u64 = 20 * SECOND;
/// How often a failing run is played again to find a shorter one.
const SHORTENINGS: usize = 40;

/// A run under way.
struct Run {
    lab: Lab,
    identity: identity::Memory,
    /// What was typed, as it was typed.
    typed: Vec<String>,
    settled: usize,
    restless: usize,
    refused: usize,
}

/// Whether a namespace is on its way out: nothing can be made in it any more, so its controllers cannot keep their promises.
fn is_going(lab: &Lab, namespace: &str) -> bool {
    lab.cluster().api().get::<Namespace>(&Key::new("", namespace)).is_none_or(|n| n.meta.is_deleting())
}

/// What did not hold, and after what.
struct Failure {
    step: usize,
    what: String,
    typed: Vec<String>,
}

impl Failure {
    /// The first words without names and numbers: a shorter list must fail in the same way.
    fn kind(&self) -> String {
        let words = self.what.split(' ').filter(|w| !w.chars().any(|c| c.is_ascii_digit() || c == '/'));
        words.take(6).collect::<Vec<_>>().join(" ")
    }
}

fn start(seed: u64) -> Run {
    let mode = [Mode::Iptables, Mode::Nftables, Mode::Ipvs][seed as usize % 3];
    let proxy = kube_service_lab::node::proxy::Settings::defaults(mode);
    let lab = Lab::with_settings(Settings { proxy, ..Settings::default() }, seed);
    Run { lab, identity: identity::Memory::default(), typed: vec![], settled: 0, restless: 0, refused: 0 }
}

/// Plays all steps; a panic is a failure like any other.
fn play(seed: u64, steps: &[Step]) -> Result<Run, Failure> {
    let mut run = start(seed);
    for (index, step) in steps.iter().enumerate() {
        let done = catch_unwind(AssertUnwindSafe(|| run.step(step)));
        let what = match done {
            Ok(Ok(())) => continue,
            Ok(Err(what)) => what,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                format!("panic: {}", text.or(panic.downcast_ref::<&str>().map(|t| t.to_string())).unwrap_or_default())
            }
        };
        return Err(Failure { step: index, what, typed: run.typed });
    }
    Ok(run)
}

impl Run {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Kubectl { line, stdin } => self.kubectl(&self.filled(line), stdin)?,
            Step::NodeDown(name) => self.apply(Command::NodeDown(name.clone())),
            Step::NodeUp(name) => self.apply(Command::NodeUp(name.clone())),
            Step::Crash(pod) => {
                let name = self.filled(pod);
                self.apply(Command::Crash(Key::new("default", &name)));
            }
            Step::Pass(span) => self.pass(*span),
            Step::Settle => self.settle()?,
            Step::Rollout(name, image) => self.rollout(name, image)?,
        }
        self.identity.look(&self.lab)
    }

    fn apply(&mut self, command: Command) {
        self.typed.push(format!("[{} ms] {command:?}", self.lab.now() / MILLISECOND));
        self.lab.apply(command);
    }

    fn pass(&mut self, span: u64) {
        let until = self.lab.now() + span;
        self.lab.advance(until, u64::MAX);
    }

    /// The line with `{pod:7}` replaced by the name of one of the Pods that there are.
    fn filled(&self, line: &str) -> String {
        let Some((before, rest)) =
            line.split_once('{').filter(|(_, rest)| ["pod:", "rs:", "slice:"].iter().any(|k| rest.starts_with(k)))
        else {
            return line.to_string();
        };
        let (place, after) = rest.split_once('}').unwrap_or((rest, ""));
        let (kind, number) = place.split_once(':').unwrap_or((place, "0"));
        let kind = match kind {
            "pod" => Kind::Pod,
            "rs" => Kind::ReplicaSet,
            _ => Kind::EndpointSlice,
        };
        let names: Vec<String> =
            self.lab.cluster().api().store().list(kind, Some("default")).map(|o| o.meta().name.clone()).collect();
        let number: usize = number.parse().unwrap_or(0);
        let name = names.get(number % names.len().max(1)).map_or("nobody", String::as_str);
        format!("{before}{name}{after}")
    }

    fn kubectl(&mut self, line: &str, stdin: &str) -> Result<(), String> {
        let before = self.lab.cluster().api().store().version();
        self.apply(Command::Kubectl { line: line.into(), stdin: stdin.into() });
        let after = self.lab.cluster().api().store().version();
        let (id, run) = self.lab.outputs().last().ok_or("the line has no output")?;
        if run.exit.is_some_and(|exit| exit != 0) {
            self.refused += 1;
            let alone = !stdin.contains("---") && !line.contains("delete") && !line.contains("--all") && !line.contains("drain");
            if alone && before != after {
                return Err(format!("a refused command changed something: {line}\n{}", run.text));
            }
            if run.text.is_empty() {
                return Err(format!("a refused command says nothing: {line}"));
            }
        }
        let deadline = self.lab.now() + PATIENCE;
        while self.lab.output(id).is_some_and(|r| r.exit.is_none()) && self.lab.now() < deadline {
            self.pass(250 * MILLISECOND);
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), String> {
        let start = self.lab.now();
        settle(&mut self.lab, None);
        // Something flaps all the time: there is no moment at which everybody has heard of everything.
        if self.lab.cluster().now() - self.lab.cluster().last_change() < 4 * SECOND && self.lab.now() > start {
            self.restless += 1;
            return Ok(());
        }
        self.settled += 1;
        for check in [services::check, endpoints::check, owners::check, workloads::check, proxies::check] {
            check(&self.lab).map_err(|what| format!("settled at {} s: {what}", self.lab.now() / SECOND))?;
        }
        Ok(())
    }

    /// Waits until a Deployment is complete, gives it another image, and looks at every moment until it is complete again.
    fn rollout(&mut self, name: &str, image: &str) -> Result<(), String> {
        self.settle()?;
        let key = Key::new("default", name);
        // Pods that fall over by themselves, or with their node, keep no promise.
        let steady =
            |d: &Deployment| d.spec.template.spec.containers.iter().flat_map(|c| &c.env).all(|e| e.name == "APP_READY_DELAY");
        if self.lab.cluster().machines().values().any(|m| !m.connected) {
            return Ok(());
        }
        let healthy = |d: &Deployment| {
            steady(d)
                && d.status.available_replicas == fenceposts::replicas(d)
                && d.status.updated_replicas == fenceposts::replicas(d)
                && d.status.replicas == fenceposts::replicas(d)
                && !d.spec.paused
        };
        let get = |lab: &Lab| lab.cluster().api().get::<Deployment>(&key).cloned();
        let Some(before) = get(&self.lab).filter(|d| healthy(d)) else { return Ok(()) };
        self.kubectl(&format!("kubectl set image deployment/{name} *={image}"), "")?;
        let start = self.lab.cluster().now();
        let mut version = 0;
        while self.lab.cluster().now() - self.lab.cluster().last_change().max(start) < 3 * SECOND
            && self.lab.cluster().now() - start < 60 * SECOND
        {
            let Some(at) = self.lab.next_at() else { break };
            self.lab.advance(at.max(self.lab.now() + 1), 1);
            let now = self.lab.cluster().api().store().version();
            if now != version {
                self.bounds(&before)?;
            }
            version = now;
        }
        Ok(())
    }

    /// The limits of a rolling update, at one moment.
    fn bounds(&self, deployment: &Deployment) -> Result<(), String> {
        let store = self.lab.cluster().api().store();
        let sets: Vec<_> = store.list(Kind::ReplicaSet, Some("default")).filter_map(|o| o.as_::<ReplicaSet>()).collect();
        let own = |uid: &str| {
            sets.iter().any(|rs| rs.meta.uid == uid && rs.meta.controller().is_some_and(|c| c.uid == deployment.meta.uid))
        };
        let sizes: i32 = sets.iter().filter(|rs| own(&rs.meta.uid)).map(|rs| family::size(rs)).sum();
        let most = fenceposts::replicas(deployment) + fenceposts::max_surge(deployment);
        if sizes > most {
            return Err(format!("{}: sizes of {sizes}, but at most {most} are allowed", deployment.meta.name));
        }
        let pods = store.list(Kind::Pod, Some("default")).filter_map(|o| o.as_::<Pod>());
        let pods = pods.filter(|p| p.meta.controller().is_some_and(|c| own(&c.uid)) && p.is_active());
        let (mut active, mut ready) = (0, 0);
        for pod in pods {
            active += 1;
            ready += i32::from(pod.is_ready());
        }
        if active > most {
            return Err(format!("{}: {active} Pods, but at most {most} are allowed", deployment.meta.name));
        }
        let least = fenceposts::min_available(deployment);
        if ready < least && fenceposts::is_rolling(deployment) {
            return Err(format!("{}: {ready} Pods are ready, but {least} are promised", deployment.meta.name));
        }
        Ok(())
    }
}

/// Leaves out what is not needed for the failure: halves, quarters… down to single steps.
fn shorten(seed: u64, mut steps: Vec<Step>, mut failure: Failure) -> Failure {
    let mut chunk = steps.len().div_ceil(2).max(1);
    let mut tries = 0;
    while tries < SHORTENINGS {
        let mut at = 0;
        let mut shorter = false;
        while at < steps.len() && tries < SHORTENINGS {
            let mut fewer = steps.clone();
            fewer.drain(at..(at + chunk).min(steps.len()));
            tries += 1;
            match play(seed, &fewer) {
                Err(other) if other.kind() == failure.kind() => {
                    fewer.truncate(other.step + 1);
                    (steps, failure, shorter) = (fewer, other, true);
                }
                _ => at += chunk,
            }
        }
        if chunk == 1 && !shorter {
            break;
        }
        chunk = (chunk / 2).max(1);
    }
    failure
}

fn a_run_of(seed: u64, count: usize) {
    let steps = commands::steps(&mut Stream::new(seed, "whole cluster"), count);
    let run = play(seed, &steps).unwrap_or_else(|failure| {
        let first = failure.what.clone();
        println!("seed {seed}, step {}: {first}\nlooking for a shorter list of commands…", failure.step);
        let shortest = shorten(seed, steps[..=failure.step].to_vec(), failure);
        panic!("seed {seed}: {first}\nshortest list found, which gives: {}\n{}", shortest.what, shortest.typed.join("\n"));
    });
    println!(
        "seed {seed}: {count} commands, {} refused; settled {} times, restless {} times; {} s simulated, {} events",
        run.refused,
        run.settled,
        run.restless,
        run.lab.now() / SECOND,
        run.lab.cluster().events()
    );
    assert!(run.settled > count / 40, "seed {seed}: settled only {} times", run.settled);
    services::check_released(run.lab).unwrap_or_else(|what| panic!("seed {seed}, at the end: {what}"));
}

/// More runs on request: `WHOLE_CLUSTER_SEEDS=100 cargo test --test recordings whole_cluster`.
fn more_seeds() -> u64 {
    std::env::var("WHOLE_CLUSTER_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(0)
}

#[test]
fn a_thousand_commands_break_no_promise() {
    a_run_of(1, 1000);
    // The other proxy modes, more briefly.
    a_run_of(2, 200);
    a_run_of(3, 200);
    (100..100 + more_seeds()).for_each(|seed| a_run_of(seed, 1000));
}
