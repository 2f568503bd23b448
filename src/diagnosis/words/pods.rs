//! What keeps Pods from being ready, and processes from answering.

use super::*;
use crate::api::IntOrString;
use crate::api::well_known::REVISION;
use crate::cluster::Cluster;
use crate::diagnosis::ports::listening;
use crate::diagnosis::trouble::{self, Trouble};
use crate::node::kubelet::image;
use crate::time::{Nanos, SECOND};
use std::net::SocketAddrV4;

/// A trouble that some of a Service's Pods have.
pub fn trouble(cluster: &Cluster, trouble: &Trouble, pods: &[&Pod], all: usize, weight: Weight) -> Finding {
    let first = pods[0];
    let who = if pods.len() == 1 { first.meta.name.clone() } else { format!("{} of {all} Pods", pods.len()) };
    let is = if pods.len() == 1 { "is" } else { "are" };
    let (pod, at) = (&first.meta.name, at(&first.meta.namespace));
    let about = |cause, title: String| {
        let found = finding(cause, weight, title).show(format!("kubectl describe pod {pod}{at}"));
        if pods.len() > 1 { found.seen(names(pods)) } else { found }
    };
    match trouble {
        Trouble::Unschedulable(words) => {
            uncordon(cluster, about(Cause::Unschedulable, format!("{who} {is} waiting for a node: no node takes it.")))
                .seen(words)
        }
        Trouble::NoImage(image, reason, _) => no_image(
            cluster,
            first,
            image,
            about(Cause::NoImage, format!("{who} cannot start: image {image} does not come ({reason}).")),
        ),
        Trouble::CrashLoop(container, code, reason) => {
            let ended = if reason.is_empty() { String::new() } else { format!(", {reason}") };
            let found =
                about(Cause::CrashLoop, format!("{who}: container {container} ends again and again (exit code {code}{ended})."));
            undo(cluster, first, found.show(format!("kubectl logs {pod}{at} --previous")))
        }
        Trouble::ProbeFails(kind, words) => {
            let title = format!("{who} {is} not ready: the {} probe fails.", kind.to_lowercase());
            probe(cluster, first, about(Cause::ProbeFails, title).seen(words))
        }
        Trouble::ReadinessGate(condition) => about(
            Cause::ReadinessGate,
            format!("{who} {is} not ready: readiness gate {condition} is not True, and nobody sets it."),
        ),
        Trouble::NodeCutOff { node, known } => {
            let seen = if *known {
                "The API server has marked it not ready."
            } else {
                "The API server does not know yet: it waits 50 s for a sign of life."
            };
            about(Cause::NodeCutOff, format!("{who} {is} on {node}, which has no network."))
                .seen(seen)
                .show(format!("kubectl describe node {node}"))
        }
        Trouble::Ended(phase) => about(Cause::Ended, format!("{who} {is} over (phase {phase}): such a Pod is no endpoint.")),
        Trouble::Starting(what) => still_starting(first, &format!("it waits for {what}"), weight),
        Trouble::Ending => about(Cause::Ending, format!("{who} {is} being deleted: it takes no new requests and is gone soon.")),
    }
}

/// Going back, where there is something to go back to.
fn undo(cluster: &Cluster, pod: &Pod, found: Finding) -> Finding {
    let Some(deployment) = trouble::deployment(cluster, pod) else { return found };
    let first = deployment.meta.annotations.get(REVISION).is_none_or(|r| r == "1");
    if first {
        found
    } else {
        found.fix(
            "Go back to the last version",
            format!("kubectl rollout undo deployment/{}{}", deployment.meta.name, at(&deployment.meta.namespace)),
        )
    }
}

fn no_image(cluster: &Cluster, pod: &Pod, wanted: &str, found: Finding) -> Finding {
    let found = undo(cluster, pod, found);
    let (Some(deployment), "nginx") = (trouble::deployment(cluster, pod), image::split(wanted).0) else { return found };
    let name = &deployment.meta.name;
    let container = pod.spec.containers.iter().find(|c| c.image == wanted).map_or("", |c| &c.name);
    found.fix(
        "Set an image that exists",
        format!("kubectl set image deployment/{name} {container}=nginx:1.28{}", at(&pod.meta.namespace)),
    )
}

fn uncordon(cluster: &Cluster, found: Finding) -> Finding {
    let nodes = cluster.api().store().list(crate::api::Kind::Node, None).filter_map(crate::api::Object::as_::<crate::api::Node>);
    match nodes.into_iter().find(|n| n.spec.unschedulable) {
        Some(node) => found.fix("Let Pods go to that node again", format!("kubectl uncordon {}", node.meta.name)),
        None => found,
    }
}

/// A probe that asks a port where nobody listens can be told so.
fn probe(cluster: &Cluster, pod: &Pod, found: Finding) -> Finding {
    let found = undo(cluster, pod, found);
    let asked = pod.spec.containers.iter().enumerate().find_map(|(i, c)| {
        let get = c.readiness_probe.as_ref()?.http_get.as_ref()?;
        match get.port {
            IntOrString::Int(port) => Some((i, port)),
            IntOrString::Text(_) => None,
        }
    });
    let listens = listening(cluster, pod);
    let (Some((index, port)), Some(real)) = (asked, listens.first()) else { return found };
    if listens.iter().any(|p| i32::from(*p) == port) {
        return found;
    }
    let found = found.seen(format!("The probe asks port {port}; the process listens on {real}."));
    let Some(deployment) = trouble::deployment(cluster, pod) else { return found };
    let path = format!("/spec/template/spec/containers/{index}/readinessProbe/httpGet/port");
    found.fix(
        format!("Let the probe ask {real}"),
        format!(
            "kubectl patch deployment {}{} --type=json -p '[{{\"op\":\"replace\",\"path\":\"{path}\",\"value\":{real}}}]'",
            deployment.meta.name,
            at(&deployment.meta.namespace)
        ),
    )
}

pub fn still_starting(pod: &Pod, what: &str, weight: Weight) -> Finding {
    let name = &pod.meta.name;
    finding(Cause::Starting, weight, format!("Pod {name} is still starting: {what}."))
        .show(format!("kubectl get pod {name}{}", at(&pod.meta.namespace)))
}

pub fn process_ended(pod: &Pod, code: i32) -> Finding {
    let (name, at) = (&pod.meta.name, at(&pod.meta.namespace));
    finding(
        Cause::CrashLoop,
        Weight::All,
        format!("The process in Pod {name} has ended (exit code {code}); requests are still sent there until everybody knows."),
    )
    .show(format!("kubectl logs {name}{at} --previous"))
}

pub fn process_waits(pod: &Pod, reason: &str) -> Finding {
    let (name, at) = (&pod.meta.name, at(&pod.meta.namespace));
    let cause = if reason == "CrashLoopBackOff" { Cause::CrashLoop } else { Cause::Starting };
    finding(cause, Weight::All, format!("The container in Pod {name} does not run: {reason}."))
        .show(format!("kubectl describe pod {name}{at}"))
}

pub fn wrong_port(pod: &Pod, port: u16, listens: &[u16]) -> Finding {
    let (name, at) = (&pod.meta.name, at(&pod.meta.namespace));
    let on: Vec<String> = listens.iter().map(u16::to_string).collect();
    let seen =
        if on.is_empty() { "Nothing listens there on any port.".into() } else { format!("It listens on {}.", on.join(", ")) };
    let found = finding(
        Cause::NobodyListens,
        Weight::All,
        format!("Nobody in Pod {name} listens on port {port}: the connection is refused."),
    )
    .seen(seen)
    .show(format!("kubectl describe pod {name}{at}"));
    match listens.first() {
        Some(real) => found.fix(format!("Ask for port {real}"), ""),
        None => found,
    }
}

pub fn answers_errors(pod: &Pod, millionths: u64) -> Finding {
    let (name, at) = (&pod.meta.name, at(&pod.meta.namespace));
    let percent = millionths.div_ceil(10_000);
    finding(Cause::AnswersErrors, Weight::Part, format!("Pod {name} answers about {percent} of 100 requests with status 500."))
        .seen("The network is well; the process says so itself (APP_ERROR_RATE).")
        .show(format!("kubectl logs {name}{at}"))
}

pub fn too_slow(pods: &[&Pod], timeout: Nanos, weight: Weight) -> Finding {
    let title = format!(
        "{} {} later than this client waits ({} s).",
        names(pods),
        if pods.len() == 1 { "answers" } else { "answer" },
        timeout / SECOND
    );
    finding(Cause::TooSlow, weight, title)
        .seen("The process takes its time (APP_LATENCY).")
        .show(format!("kubectl logs {}", pods.first().map_or("", |p| &p.meta.name)))
        .fix("Let the client wait longer, or the process be faster", "")
}

pub fn address_passes(pod: &Pod, to: SocketAddrV4) -> Finding {
    let name = &pod.meta.name;
    finding(
        Cause::AddressPasses,
        Weight::All,
        format!("{to} is the address of Pod {name}, which is being deleted and takes no new connections."),
    )
    .seen("A Pod's address goes with the Pod; a Service's stays.")
    .show(format!("kubectl get pods{} -o wide", at(&pod.meta.namespace)))
    .fix("Ask for the Service's name", "")
}

pub fn node_cut_off(node: &str, to: &str, weight: Weight) -> Finding {
    finding(
        Cause::NodeCutOff,
        weight,
        format!("{node} has no network: packets to {to} are lost on the way, and the client waits until its time is over."),
    )
    .seen("kube-controller-manager marks the node NotReady after about 50 s; then its Pods stop being endpoints.")
    .show("kubectl get nodes")
    .show(format!("kubectl describe node {node}"))
    .fix(format!("Bring {node} back"), "")
}

pub fn no_client(key: &Key, why: &str) -> Finding {
    finding(Cause::NoClient, Weight::All, format!("Client Pod {key} sends nothing: {why}.")).show(format!(
        "kubectl get pod {}{}",
        key.name,
        at(&key.namespace)
    ))
}
