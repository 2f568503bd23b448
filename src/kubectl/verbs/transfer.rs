//! `kubectl port-forward` and `kubectl cp`: what they refuse before they would reach a container, which they cannot in the lab.
//!
//! Sources: `staging/src/k8s.io/kubectl/pkg/cmd/{portforward/portforward,cp/cp}.go`.

use super::other::missing;
use super::pods_behind::{kind_and_name, pods_behind};
use crate::api::{Kind, Object, Pod};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, Takes};

pub(super) const PORT_FORWARD: Flags =
    &[&[Flag("address", None, Takes::List), Flag("pod-running-timeout", None, Takes::Duration)]];
pub(super) const CP: Flags =
    &[&[Flag("container", Some('c'), Takes::Text), Flag("no-preserve", None, Takes::Bool), Flag("retries", None, Takes::Int)]];

/// `kubectl port-forward TYPE/NAME [LOCAL:]REMOTE…`
pub fn port_forward(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, PORT_FORWARD).map_err(|why| Failure::usage("port-forward", &why))?;
    let Some((word, ports)) = flags.words.split_first().filter(|(_, ports)| !ports.is_empty()) else {
        return Err(Failure::help("port-forward", "TYPE/NAME and list of ports are required for port-forward"));
    };
    let (kind, name) = kind_and_name(word)?;
    let object = cx.get(kind, &cx.namespace(&flags), name)?;
    let pod = pods_behind(cx, &object, "attach to", true)?.remove(0);
    for port in ports {
        let remote = port.split(':').next_back().unwrap_or_default();
        remote_port(&object, &pod, remote)?;
    }
    if pod.status.phase != "Running" {
        let phase = &pod.status.phase;
        return Err(Failure::error(format!("unable to forward port because pod is not running. Current status={phase}")));
    }
    Err(missing("port-forward"))
}

/// Whether the port that a word means is there: a Service's own ones count, of a Pod only names are looked up.
fn remote_port(object: &Object, pod: &Pod, text: &str) -> Result<(), Failure> {
    let number = text.parse::<i32>().ok();
    if let Object::Service(service) = object {
        let there = service.spec.ports.iter().any(|p| number.map_or(p.name == text, |n| p.port == n));
        let name = &service.meta.name;
        return match (there, number) {
            (true, _) => Ok(()),
            (false, Some(n)) => Err(Failure::error(format!("Service {name} does not have a service port {n}"))),
            (false, None) => Err(Failure::error(format!("Service '{name}' does not have a named port '{text}'"))),
        };
    }
    let named = pod.spec.containers.iter().flat_map(|c| &c.ports).any(|p| p.name == text);
    match number.is_some() || named {
        true => Ok(()),
        false => Err(Failure::error(format!("Pod '{}' does not have a named port '{text}'", pod.meta.name))),
    }
}

/// `kubectl cp SOURCE DESTINATION`, one of them `[NAMESPACE/]POD:PATH`.
pub fn cp(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, CP).map_err(|why| Failure::usage("cp", &why))?;
    let [source, destination] = flags.words.as_slice() else {
        return Err(Failure::error("source and destination are required"));
    };
    let (from, to) = (remote(source), remote(destination));
    let (pod, path) = match (from, to) {
        (Some(_), Some(_)) => return Err(Failure::error("one of src or dest must be a local file specification")),
        (None, None) => return Err(Failure::error("one of src or dest must be a remote file specification")),
        (Some(from), None) => from,
        (None, Some(to)) => to,
    };
    if path.is_empty() || source.is_empty() || destination.is_empty() {
        return Err(Failure::error("filepath can not be empty"));
    }
    if from.is_none() && !cx.session.files.contains_key(source.trim_start_matches("./")) {
        return Err(Failure::error(format!("{source} doesn't exist in local filesystem")));
    }
    let own = cx.namespace(&flags);
    let (namespace, name) = pod.split_once('/').unwrap_or((&own, pod));
    cx.get(Kind::Pod, namespace, name)?;
    Err(missing("cp"))
}

/// The Pod and the path of a place in a container.
fn remote(text: &str) -> Option<(&str, &str)> {
    text.split_once(':')
}
