//! `kubectl logs` and `kubectl exec`: what a container printed, and a command in a container.
//!
//! Sources: `staging/src/k8s.io/kubectl/pkg/cmd/{logs,exec}`, `…/polymorphichelpers/logsforobject.go`.

use crate::api::selector::Selector;
use crate::api::{Deployment, Key, Kind, Object, Pod, ReplicaSet, Service, Time};
use crate::apiserver::Status;
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::exec::{DIAL_TIMEOUT, Executing};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, Parsed, TERMINAL, Takes};
use crate::kubectl::resources;
use crate::kubectl::wait::{Wait, Waited};
use crate::sorting::Arrange;
use crate::time::{Nanos, SECOND};
use std::rc::Rc;

pub(super) const FLAGS: Flags = &[&[
    Flag("follow", Some('f'), Takes::Bool),
    Flag("previous", Some('p'), Takes::Bool),
    Flag("tail", None, Takes::Int),
    Flag("container", Some('c'), Takes::Text),
    Flag("all-containers", None, Takes::Bool),
    Flag("all-pods", None, Takes::Bool),
    Flag("selector", Some('l'), Takes::Text),
    Flag("prefix", None, Takes::Bool),
    Flag("ignore-errors", None, Takes::Bool),
    Flag("max-log-requests", None, Takes::Int),
    Flag("pod-running-timeout", None, Takes::Duration),
    Flag("timestamps", None, Takes::Bool),
    Flag("since", None, Takes::Duration),
    Flag("since-time", None, Takes::Text),
    Flag("limit-bytes", None, Takes::Int),
    Flag("insecure-skip-tls-verify-backend", None, Takes::Bool),
]];

/// Lines that are shown of each container when Pods were picked by labels.
const SELECTOR_TAIL: i64 = 10;

/// Which lines are shown, and how.
#[derive(Clone, Debug, PartialEq)]
struct View {
    /// Only so many lines at the end; negative: all.
    tail: i64,
    /// Only lines printed at this moment or later.
    since: Option<Nanos>,
    /// Only so many bytes of each container.
    limit: Option<i64>,
    timestamps: bool,
    prefix: bool,
    epoch: i64,
}

impl View {
    fn of(cx: &Cx, flags: &Parsed, by_labels: bool) -> Result<View, Failure> {
        let (epoch, now) = (cx.backend.epoch(), cx.backend.read().now());
        let since_time = flags.text("since-time");
        let since = match (since_time.as_str(), flags.span("since")) {
            ("", None | Some(0)) => None,
            ("", Some(span)) => Some(now.saturating_sub(u64::try_from(span).unwrap_or(0))),
            (text, _) => {
                let time = Time::parse(text).ok_or_else(|| {
                    Failure::error(format!(
                        "parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?} as \"2006\""
                    ))
                })?;
                Some(u64::try_from(time.0 - epoch).unwrap_or(0) * SECOND)
            }
        };
        Ok(View {
            tail: flags.int("tail").unwrap_or(if by_labels { SELECTOR_TAIL } else { -1 }),
            since,
            limit: flags.int("limit-bytes").filter(|n| *n != 0),
            timestamps: flags.on("timestamps"),
            prefix: flags.on("prefix") || flags.on("all-pods"),
            epoch,
        })
    }

    /// Values that make no sense.
    fn check(&self, flags: &Parsed) -> Result<(), Failure> {
        let span = flags.span("since").unwrap_or(0);
        let rules = [
            (flags.has("since-time") && span != 0, "at most one of `sinceTime` or `sinceSeconds` may be specified"),
            (self.limit.is_some_and(|n| n < 0), "--limit-bytes must be greater than 0"),
            (span < 0, "--since must be greater than 0"),
            (self.tail < -1, "--tail must be greater than or equal to -1"),
        ];
        match rules.iter().find(|(broken, _)| *broken) {
            Some((_, text)) => Err(Failure::error(text)),
            None => Ok(()),
        }
    }

    /// The text of a container's lines.
    fn text(&self, source: &Source, lines: &[(Nanos, String)]) -> String {
        let mut text = String::new();
        for (at, line) in lines {
            if self.since.is_some_and(|since| *at < since) {
                continue;
            }
            if self.prefix {
                text.push_str(&format!("[pod/{}/{}] ", source.pod.name, source.container));
            }
            if self.timestamps {
                let second = Time(self.epoch + (at / SECOND) as i64).rfc3339();
                text.push_str(&format!("{}.{:09}Z ", second.trim_end_matches('Z'), at % SECOND));
            }
            text.push_str(line);
            text.push('\n');
        }
        if let Some(limit) = self.limit {
            text.truncate((0..=text.len().min(limit as usize)).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0));
        }
        text
    }
}

/// One stream of lines.
#[derive(Clone, Debug, PartialEq)]
struct Source {
    pod: Key,
    uid: String,
    container: String,
    /// Lines printed so far, and of which life of the container.
    seen: usize,
}

/// `logs -f` under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Following {
    sources: Vec<Source>,
    view: View,
}

fn usage(text: &str) -> Failure {
    Failure::error(format!("{text}\nSee 'kubectl logs -h' for help and examples"))
}

/// `kubectl logs`.
pub fn logs(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("logs", &why))?;
    let by_labels = !flags.text("selector").is_empty();
    let expected = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";
    match flags.words.len() {
        0 if !by_labels => return Err(usage(expected)),
        1 if by_labels => return Err(usage("only a selector (-l) or a POD name is allowed")),
        0..=2 => {}
        _ => return Err(usage(expected)),
    }
    let mut container = flags.text("container");
    let view = View::of(cx, &flags, by_labels)?;
    if let Some(word) = flags.words.get(1) {
        if flags.has("container") {
            return Err(Failure::error("only one of -c or an inline [CONTAINER] arg is allowed"));
        }
        container = word.clone();
    }
    // Whether the values make sense is asked once the object is there.
    let object = if by_labels { None } else { Some(named(cx, &flags)?) };
    if flags.on("all-containers") && !container.is_empty() {
        return Err(Failure::error(format!("--all-containers=true should not be specified with container name {container}")));
    }
    view.check(&flags)?;
    let pods = match object {
        Some(object) => pods_behind(cx, &object, "get the logs from", flags.on("all-pods"))?,
        None => labelled(cx, &flags)?,
    };
    let mut sources = vec![];
    for pod in &pods {
        sources.extend(containers(cx, pod, &container, &flags)?.into_iter().map(|name| (pod.clone(), name)));
    }
    print(cx, &sources, &flags, &view)
}

/// The Pods that `-l` picks.
fn labelled(cx: &mut Cx, flags: &Parsed) -> Result<Vec<Rc<Pod>>, Failure> {
    let namespace = cx.namespace(flags);
    let pick = Pick::of(flags, Some(Kind::Pod))?;
    let found = cx.list(Kind::Pod, Some(&namespace), &pick)?;
    if found.is_empty() {
        cx.line(format!("No resources found in {namespace} namespace."));
    }
    Ok(found.iter().filter_map(|o| o.as_::<Pod>().cloned()).collect())
}

/// The object that the command line names.
fn named(cx: &mut Cx, flags: &Parsed) -> Result<Object, Failure> {
    let namespace = cx.namespace(flags);
    let word = flags.words.first().map(String::as_str).unwrap_or_default();
    let (kind, name) = match word.split_once('/') {
        Some((kind, name)) => (resources::kind(kind)?, name),
        None => (Kind::Pod, word),
    };
    cx.get(kind, &namespace, name).map_err(|_| {
        let resource = kind.resource();
        Failure::error(format!("error from server (NotFound): {resource} {name:?} not found in namespace {namespace:?}"))
    })
}

/// A Pod itself, or the Pods that a workload or Service selects: where not `all` are wanted, the one that has been ready for
/// longest. `aim`: what for.
pub(super) fn pods_behind(cx: &mut Cx, object: &Object, aim: &str, all: bool) -> Result<Vec<Rc<Pod>>, Failure> {
    let namespace = object.meta().namespace.clone();
    let selector = match object {
        Object::Pod(pod) => return Ok(vec![pod.clone()]),
        other => selector_of(other, aim)?,
    };
    let mut found: Vec<Rc<Pod>> = cx
        .backend
        .read()
        .store()
        .list(Kind::Pod, Some(&namespace))
        .filter_map(|o| o.as_::<Pod>())
        .filter(|p| selector.matches(&p.meta.labels))
        .cloned()
        .collect();
    found.arrange_by_key(|p| rank(p));
    match found.as_slice() {
        [] => Err(Failure::error("timed out waiting for the condition")),
        [_] => Ok(found),
        many if !all => {
            cx.line(format!("Found {} pods, using pod/{}", many.len(), many[0].meta.name));
            Ok(vec![many[0].clone()])
        }
        _ => Ok(found),
    }
}

fn selector_of(object: &Object, aim: &str) -> Result<Selector, Failure> {
    let (kind, name) = (object.kind().info().name, &object.meta().name);
    let of = match object {
        Object::Deployment(d) => Deployment::clone(d).spec.selector,
        Object::ReplicaSet(rs) => ReplicaSet::clone(rs).spec.selector,
        Object::DaemonSet(set) => set.spec.selector.clone(),
        Object::StatefulSet(set) => set.spec.selector.clone(),
        Object::Job(job) => job.spec.selector.clone(),
        Object::Service(service) if Service::clone(service).spec.selector.is_empty() => {
            let why = format!("invalid service '{name}': Service is defined without a selector");
            return Err(Failure::error(format!("cannot {aim} *v1.Service: {why}")));
        }
        Object::Service(service) => {
            let labels = service.spec.selector.clone();
            Some(crate::api::meta::LabelSelector { match_labels: labels, ..Default::default() })
        }
        _ => {
            let why = format!("selector for *v1.{kind} not implemented");
            return Err(Failure::error(format!("cannot {aim} *v1.{kind}: {why}")));
        }
    };
    Selector::from_label_selector(&of.unwrap_or_default()).map_err(Failure::error)
}

/// Pods whose logs say most come first.
fn rank(pod: &Pod) -> (bool, u8, bool, i64, i32, i64) {
    let phase = match pod.status.phase.as_str() {
        "Running" => 0,
        "Pending" => 2,
        _ => 1,
    };
    let ready = pod.status.conditions.iter().find(|c| c.type_ == "Ready" && c.status == "True");
    let restarts = pod.status.container_statuses.iter().map(|c| c.restart_count).max().unwrap_or(0);
    let since = ready.map_or(0, |c| c.last_transition_time.0);
    let created = pod.meta.creation_timestamp.0;
    (pod.spec.node_name.is_empty(), phase, ready.is_none(), since, -restarts, created)
}

fn all_names(pod: &Pod) -> String {
    let plain = pod.spec.containers.iter().map(|c| c.name.clone());
    let init = pod.spec.init_containers.iter().map(|c| format!("{} (init)", c.name));
    plain.chain(init).collect::<Vec<_>>().join(", ")
}

/// The container that is meant when none is named, or the named one if the Pod has it.
fn container(cx: &mut Cx, pod: &Pod, wanted: &str, quiet: bool) -> Result<String, String> {
    let has = |name: &str| pod.spec.init_containers.iter().chain(&pod.spec.containers).any(|c| c.name == name);
    if !wanted.is_empty() {
        let why = || format!("container {wanted} is not valid for pod {} out of: {}", pod.meta.name, all_names(pod));
        return if has(wanted) { Ok(wanted.into()) } else { Err(why()) };
    }
    if let Some(name) = pod.meta.annotations.get("kubectl.kubernetes.io/default-container").filter(|n| has(n)) {
        return Ok(name.clone());
    }
    let first = pod.spec.containers.first().map(|c| c.name.clone()).unwrap_or_default();
    if !quiet && pod.spec.containers.len() + pod.spec.init_containers.len() > 1 {
        cx.line(format!("Defaulted container {first:?} out of: {}", all_names(pod)));
    }
    Ok(first)
}

fn containers(cx: &mut Cx, pod: &Pod, wanted: &str, flags: &Parsed) -> Result<Vec<String>, Failure> {
    if flags.on("all-containers") {
        return Ok(pod.spec.init_containers.iter().chain(&pod.spec.containers).map(|c| c.name.clone()).collect());
    }
    Ok(vec![container(cx, pod, wanted, flags.on("all-pods")).map_err(Failure::error)?])
}

fn print(cx: &mut Cx, sources: &[(Rc<Pod>, String)], flags: &Parsed, view: &View) -> Result<(), Failure> {
    let follow = flags.on("follow");
    let most = flags.int("max-log-requests").unwrap_or(5);
    if follow && sources.len() > 1 && sources.len() as i64 > most {
        return Err(Failure::error(format!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is {most}, use --max-log-requests to increase the limit",
            sources.len()
        )));
    }
    let mut followed = vec![];
    for (pod, name) in sources {
        let lines = match cx.backend.logs(pod, name, flags.on("previous")) {
            Ok(lines) => lines,
            Err(why) if flags.on("ignore-errors") => {
                cx.line(format!("error: {why}"));
                continue;
            }
            Err(why) => return refused(cx, (pod, name), &why),
        };
        let source = Source {
            pod: Key::new(&pod.meta.namespace, &pod.meta.name),
            uid: pod.meta.uid.clone(),
            container: name.clone(),
            seen: lines.len(),
        };
        let skip = usize::try_from(view.tail).map_or(0, |tail| lines.len().saturating_sub(tail));
        cx.out.push_str(&view.text(&source, &lines[skip..]));
        followed.push(source);
    }
    if follow && !flags.on("previous") {
        cx.wait = Some(Wait::Logs(Following { sources: followed, view: view.clone() }));
    }
    Ok(())
}

/// What the kubelet answered instead of lines; if it cannot be reached, the server tries for a while before it says so.
fn refused(cx: &mut Cx, (pod, container): (&Pod, &str), why: &str) -> Result<(), Failure> {
    if !why.starts_with("dial ") {
        return Err(Failure::plain(format!("Error from server (BadRequest): {why}")));
    }
    let address = why.split(' ').nth(2).unwrap_or_default().trim_end_matches(':');
    let url = format!("https://{address}/containerLogs/{}/{}/{container}", pod.meta.namespace, pod.meta.name);
    let until = cx.backend.read().now() + DIAL_TIMEOUT;
    let failure = Failure::plain(format!("Error from server: Get {url:?}: {why}"));
    cx.wait = Some(Wait::Dialing { until, failure });
    Ok(())
}

impl Following {
    /// Prints what was added since the last look; ends when no container is left that could add more.
    pub fn poll(mut self, cx: &mut Cx) -> Waited {
        let view = self.view.clone();
        self.sources.retain_mut(|source| {
            let Some(pod) = cx.backend.read().get::<Pod>(&source.pod).filter(|p| p.meta.uid == source.uid).cloned() else {
                return false;
            };
            let Ok(lines) = cx.backend.logs(&pod, &source.container, false) else { return false };
            if lines.len() < source.seen {
                // Another life of the container: the stream of the old one has ended.
                return false;
            }
            cx.out.push_str(&view.text(source, &lines[source.seen..]));
            source.seen = lines.len();
            let ended = |state: &crate::api::pod::ContainerState| state.terminated.is_some() || state.waiting.is_some();
            let statuses = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
            !statuses.filter(|s| s.name == source.container).any(|s| ended(&s.state))
        });
        if self.sources.is_empty() { Waited::Done } else { Waited::Still(Wait::Logs(self)) }
    }
}

pub(super) const EXEC_FLAGS: Flags =
    &[TERMINAL, &[Flag("container", Some('c'), Takes::Text), Flag("pod-running-timeout", None, Takes::Text)]];

/// `kubectl exec`.
pub fn exec(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, EXEC_FLAGS).map_err(|why| Failure::usage("exec", &why))?;
    let help = "\nSee 'kubectl exec -h' for help and examples";
    let Some(word) = flags.words.first() else {
        return Err(Failure::error("pod, type/name or --filename must be specified"));
    };
    let command = match &flags.rest {
        Some(command) if !command.is_empty() => command.clone(),
        _ if flags.words.len() > 1 => {
            let text = "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead";
            return Err(Failure::error(format!("{text}{help}")));
        }
        _ => return Err(Failure::error("you must specify at least one command for the container")),
    };
    let (kind, name) = match word.split_once('/') {
        Some((kind, name)) => (resources::kind(kind)?, name),
        None => (Kind::Pod, word.as_str()),
    };
    let object = cx.get(kind, &cx.namespace(&flags), name)?;
    let mut found = match &object {
        Object::Pod(pod) => vec![pod.clone()],
        other => {
            let quiet = std::mem::take(&mut cx.out);
            let found = pods_behind(cx, other, "attach to", true);
            cx.out = quiet;
            found?
        }
    };
    let pod = found.remove(0);
    if matches!(pod.status.phase.as_str(), "Succeeded" | "Failed") {
        let phase = &pod.status.phase;
        return Err(Failure::error(format!("cannot exec into a container in a completed pod; current phase is {phase}")));
    }
    let wanted = flags.text("container");
    let container = container(cx, &pod, &wanted, flags.on("quiet")).map_err(Failure::error)?;
    if pod.spec.node_name.is_empty() {
        return Err(Failure::status(&Status::bad_request(format!("pod {} does not have a host assigned", pod.meta.name))));
    }
    if flags.on("stdin") && flags.on("tty") && !flags.on("quiet") {
        cx.line("Unable to use a TTY - input is not a terminal or the right kind of file");
    }
    cx.wait = Some(Wait::Exec(Box::new(Executing::new(&pod, &container, &command))));
    Ok(())
}
