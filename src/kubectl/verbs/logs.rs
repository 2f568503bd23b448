//! `kubectl logs`: what containers printed.
//!
//! Sources: `staging/src/k8s.io/kubectl/pkg/cmd/logs/logs.go`, `…/polymorphichelpers/logsforobject.go`.

pub use super::logs_lines::Following;
use super::logs_lines::{Source, View};
use super::pods_behind::{container, kind_and_name, pods_behind};
use crate::api::{Key, Kind, Object, Pod};
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::exec::DIAL_TIMEOUT;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, Parsed, Takes};
use crate::kubectl::wait::Wait;
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
    let (kind, name) = kind_and_name(word)?;
    cx.get(kind, &namespace, name).map_err(|_| {
        let resource = kind.resource();
        Failure::error(format!("error from server (NotFound): {resource} {name:?} not found in namespace {namespace:?}"))
    })
}

fn containers(cx: &mut Cx, pod: &Pod, wanted: &str, flags: &Parsed) -> Result<Vec<String>, Failure> {
    if flags.on("all-containers") {
        return Ok(pod.spec.all_containers().map(|c| c.name.clone()).collect());
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
