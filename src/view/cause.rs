//! Why a request failed, as sentences: from the request back to a person's command, and what would have prevented it.

use super::link::Link;
use super::words;
use crate::cause::{Act, Behind, Deed, Doing, Means, Mishap, What};
use crate::lab::{Lab, Way};
use crate::time::{Nanos, SECOND};
use crate::traffic::Record;

/// Seconds by which a preStop hook is made longer for a trial: time for the news to get around.
const LONGER: u64 = 5;

/// Why a request failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// From the request back to its first cause.
    pub links: Vec<Link>,
    /// The first cause's place in the lab's log, if it is a command.
    pub command: Option<usize>,
    /// What would have prevented it, the surest first.
    pub remedies: Vec<&'static str>,
    /// Those of them that the lab can try on this very run.
    pub ways: Vec<Way>,
    /// The moment of the first cause, since 0:00.
    pub since: Nanos,
}

/// The cause chain of a failed request; `None`: it did not fail, or is not remembered.
pub fn chain(record: &Record, lab: &Lab) -> Option<Chain> {
    let deeds = record.because.as_ref()?.chain();
    let mut links = vec![];
    for deed in deeds.iter().filter(|deed| !is_noise(deed)) {
        links.push(link(deed.at, sentence(deed), lab));
        if let What::Request { mishap, .. } = &deed.what
            && let Some(behind) = behind_of(mishap)
        {
            links.push(link(deed.at, behind_words(behind, deed.at, mishap), lab));
        }
    }
    let root = deeds.last()?;
    let command = match &root.what {
        What::Command { number, .. } => Some(*number),
        _ => None,
    };
    let remedies = remedies(&deeds);
    let known = command.is_some() && root.at >= lab.zero();
    let ways = if known { remedies.iter().filter_map(|remedy| way(remedy, &deeds)).collect() } else { vec![] };
    Some(Chain { links, command, remedies, ways, since: root.at.saturating_sub(lab.zero()) })
}

/// A remedy as something that the run can be tried with.
fn way(remedy: &str, deeds: &[&Deed]) -> Option<Way> {
    let hooks = deeds.iter().filter_map(|deed| match &deed.what {
        What::OnNode { doing: Doing::Stopping { hook, .. }, .. } => Some(hook / SECOND),
        _ => None,
    });
    match remedy {
        words::PRE_STOP | words::LONGER_PRE_STOP => Some(Way::PreStop(hooks.max().unwrap_or(0) + LONGER)),
        words::RETRY => Some(Way::Attempts(1)),
        _ => None,
    }
}

/// Writes that only pass something on.
fn is_noise(deed: &Deed) -> bool {
    matches!(deed.what, What::Wrote { act: Act::Other, .. } | What::Boot)
}

fn link(at: Nanos, text: String, lab: &Lab) -> Link {
    let since = at.saturating_sub(lab.zero());
    let seconds = (at / SECOND) as i64 - (lab.zero() / SECOND) as i64;
    let clock = if at < lab.zero() { words::moment(seconds) } else { words::clock(since) };
    Link { at: seconds, clock, text }
}

fn sentence(deed: &Deed) -> String {
    match &deed.what {
        What::Boot => "The cluster came up.".into(),
        What::Command { text, means, .. } => match means {
            Means::Kubectl => format!("A person ran: {text}"),
            Means::Fault => format!("A fault was switched on: {text}."),
            Means::Client => format!("The client was told so: {text}."),
        },
        What::Wrote { by, kind, key, act, .. } => wrote(by, kind.info().name, &key.name, act),
        What::OnNode { node, pod, doing } => on_node(node, pod, doing),
        What::Rules { node, service, heard, began } => format!(
            "kube-proxy on {node} put new rules for Service {} in force: it had heard of the change {} before, and began to write {} before.",
            service.name,
            ago(deed.at, *heard),
            ago(deed.at, *began)
        ),
        What::Cut { node } => {
            format!("{node} lost its network: nothing gets in or out, and its kubelet and kube-proxy hear nothing.")
        }
        What::Request { client, number, mishap } => format!("Request {number} of {client}: {}", mishap_words(mishap)),
    }
}

fn ago(now: Nanos, then: Nanos) -> String {
    words::span(Some(now.saturating_sub(then)))
}

fn wrote(by: &str, kind: &str, name: &str, act: &Act) -> String {
    let list = |names: &[std::rc::Rc<str>]| names.iter().map(|n| n.to_string()).collect::<Vec<String>>().join(", ");
    match act {
        Act::Created => format!("{by} created {kind} {name}."),
        Act::Removed => format!("{by} removed {kind} {name}."),
        Act::Ending(grace) => format!("{by} asked for the deletion of {kind} {name}, with {grace} s of grace."),
        Act::Scaled { from, to } => format!("{by} changed {kind} {name} from {from} to {to} replicas."),
        Act::Template => format!("{by} gave {kind} {name} another Pod template: a rollout began."),
        Act::Spec => format!("{by} changed the spec of {kind} {name}."),
        Act::Bound(node) => format!("{by} chose {node} for {kind} {name}."),
        Act::Ready => format!("{by} reported {kind} {name} Ready."),
        Act::Unready => format!("{by} reported {kind} {name} not Ready."),
        Act::Labels => format!("{by} changed the labels of {kind} {name}."),
        Act::Endpoints { left, came, .. } if left.is_empty() && came.is_empty() => format!("{by} changed {kind} {name}."),
        Act::Endpoints { left, came, .. } if left.is_empty() => format!("{by} listed {} in {kind} {name}.", list(came)),
        Act::Endpoints { left, .. } => format!("{by} took {} out of {kind} {name} (or marked it unready).", list(left)),
        Act::Node => format!("{by} changed taints or readiness of {kind} {name}."),
        Act::Other => format!("{by} wrote {kind} {name}."),
    }
}

fn on_node(node: &str, pod: &str, doing: &Doing) -> String {
    match doing {
        Doing::Stopping { grace, hook: 0, .. } => {
            format!("The kubelet on {node} began to stop {pod}: SIGTERM at once, SIGKILL after {grace} s; no preStop hook.")
        }
        Doing::Stopping { grace, hook, .. } => format!(
            "The kubelet on {node} began to stop {pod}: preStop hook for {}, then SIGTERM; SIGKILL after {grace} s.",
            words::span(Some(*hook))
        ),
        Doing::Exited(code) => format!("The container of {pod} on {node} ended with exit code {code}."),
        Doing::Unready => format!("The readiness probe of {pod} on {node} failed."),
        Doing::Unhealthy => format!("The kubelet on {node} restarted the container of {pod}: its probe failed."),
        Doing::Changed => format!("The kubelet on {node} restarted the container of {pod}: its image was changed."),
    }
}

fn mishap_words(mishap: &Mishap) -> String {
    match mishap {
        Mishap::NoSuchName(name) => format!("cluster DNS has no address for {name}."),
        Mishap::NoDns => "cluster DNS was not to be reached.".into(),
        Mishap::NoEndpoints { node, service } => {
            format!("the rules of {node} had no endpoint for Service {}: refused.", service.name)
        }
        Mishap::NoLocalEndpoints { node, service } => {
            format!("Service {} asks for an endpoint on {node} itself, and there was none: thrown away.", service.name)
        }
        Mishap::NobodyThere => "nobody has that address.".into(),
        Mishap::PodGone { pod, .. } => format!("it was sent to {pod}, which was gone."),
        Mishap::NotListening { pod, port, .. } => format!("it was sent to {pod}, where nothing listened on port {port}."),
        Mishap::Broken { pod } => format!("the process in {pod} ended before it had answered."),
        Mishap::Cut { node } => format!("it was lost: {node} had no network."),
        Mishap::Error { pod, status } => format!("{pod} answered {status}."),
        Mishap::NoTls => "it asked with https, and the other side speaks plain HTTP (or its certificate is signed by nobody whom the client trusts).".into(),
        Mishap::SlowNetwork { node: Some(node) } => format!("packets to and from {node} took longer than the client waits."),
        Mishap::SlowNetwork { node: None } => "packets took longer on their way than the client waits.".into(),
        Mishap::TooSlow { pod } => format!("{pod} needed longer than the client waits."),
    }
}

fn behind_of(mishap: &Mishap) -> Option<&Behind> {
    match mishap {
        Mishap::PodGone { behind, .. } | Mishap::NotListening { behind, .. } => behind.as_ref(),
        _ => None,
    }
}

/// How old the rules were, and where the news was held up.
fn behind_words(behind: &Behind, now: Nanos, mishap: &Mishap) -> String {
    let node = &behind.node;
    let head = format!("The rules of {node} that chose it were {} old", ago(now, behind.since));
    let late = match (behind.written, behind.heard, behind.began) {
        (_, Some(heard), Some(began)) => {
            format!(
                "; kube-proxy had heard {} ago that it is to go, and was writing new rules since {}",
                ago(now, heard),
                ago(now, began)
            )
        }
        (_, Some(heard), None) => {
            format!("; kube-proxy had heard {} ago that it is to go, and waited for its next sync", ago(now, heard))
        }
        (Some(written), None, _) => {
            format!("; the EndpointSlice without it was written {} ago, and {node} had not heard of it yet", ago(now, written))
        }
        (None, None, _) if matches!(mishap, Mishap::NotListening { .. }) => "; its EndpointSlice listed it as ready".into(),
        (None, None, _) => "; no EndpointSlice without it had been written yet".into(),
    };
    format!("{head}{late}.")
}

/// What would have prevented it: read from the deeds of the chain.
fn remedies(deeds: &[&Deed]) -> Vec<&'static str> {
    let mut found = vec![];
    let Some(What::Request { mishap, .. }) =
        deeds.iter().rev().find_map(|d| matches!(d.what, What::Request { .. }).then_some(&d.what))
    else {
        return found;
    };
    let stopping = deeds.iter().find_map(|d| match &d.what {
        What::OnNode { doing: doing @ Doing::Stopping { .. }, .. } => Some(doing),
        _ => None,
    });
    let exited = deeds.iter().any(|d| matches!(d.what, What::OnNode { doing: Doing::Exited(_) | Doing::Unhealthy, .. }));
    match (mishap, stopping) {
        (Mishap::PodGone { behind: None, .. }, _) => found.push(words::ASK_THE_SERVICE),
        (
            Mishap::PodGone { .. } | Mishap::NotListening { .. } | Mishap::Broken { .. },
            Some(Doing::Stopping { hook, drains, .. }),
        ) => {
            found.push(if *hook == 0 { words::PRE_STOP } else { words::LONGER_PRE_STOP });
            if !drains {
                found.push(words::DRAIN);
            }
        }
        (Mishap::NotListening { .. } | Mishap::Broken { .. } | Mishap::PodGone { .. }, _) if exited => found.push(words::CRASH),
        (Mishap::NotListening { .. }, _) if deeds.iter().any(|d| is_spec_of_service(d)) => found.push(words::TARGET_PORT),
        (Mishap::NotListening { .. }, _) => found.push(words::READINESS),
        (Mishap::NoEndpoints { .. } | Mishap::NoSuchName(_), _) => found.push(words::KEEP_ONE),
        (Mishap::NoLocalEndpoints { .. }, _) => found.push(words::LOCAL),
        (Mishap::Cut { .. }, _) => found.push(words::SPREAD),
        (Mishap::Error { .. }, _) => found.push(words::ERRORS),
        (Mishap::TooSlow { .. }, _) => found.push(words::SLOW),
        (Mishap::SlowNetwork { .. }, _) => return vec![words::PATIENCE],
        (Mishap::NoTls, _) => return vec![words::PLAIN_HTTP],
        _ => {}
    }
    if deeds.iter().any(|d| matches!(d.what, What::Wrote { act: Act::Template, .. })) {
        found.push(words::ROLLOUT);
    }
    if !matches!(mishap, Mishap::NoSuchName(_) | Mishap::NoEndpoints { .. } | Mishap::TooSlow { .. }) {
        found.push(words::RETRY);
    }
    found
}

fn is_spec_of_service(deed: &Deed) -> bool {
    matches!(&deed.what, What::Wrote { kind: crate::api::Kind::Service, act: Act::Spec | Act::Created, .. })
}
