//! The sentences of diagnoses, each finding's in one place: title, what it was seen by, the lines that show it, ways out.

mod backs;
mod fronts;
mod pods;

pub use backs::*;
pub use fronts::*;
pub use pods::*;

use super::{Cause, Finding, Fix, Weight};
use crate::api::{Key, Pod, Service};
use crate::traffic::{Source, Url};

/// Heads of the blocks in a printed diagnosis.
pub const SEE_IT: &str = "see it:";
/// See [`SEE_IT`].
pub const FIX: &str = "fix:";

/// A finding with its title; what shows it and what mends it follow.
fn finding(cause: Cause, weight: Weight, title: String) -> Finding {
    Finding { cause, weight, title, details: vec![], show: vec![], fixes: vec![] }
}

impl Finding {
    fn seen(mut self, detail: impl Into<String>) -> Finding {
        self.details.push(detail.into());
        self
    }

    fn show(mut self, line: impl Into<String>) -> Finding {
        self.show.push(line.into());
        self
    }

    fn fix(mut self, words: impl Into<String>, command: impl Into<String>) -> Finding {
        self.fixes.push(Fix { words: words.into(), command: command.into() });
        self
    }
}

/// ` -n NAMESPACE` where it is not the default one.
fn at(namespace: &str) -> String {
    if namespace == "default" { String::new() } else { format!(" -n {namespace}") }
}

fn of(service: &Service) -> (&str, String) {
    (&service.meta.name, at(&service.meta.namespace))
}

/// `1 Pod`, `3 Pods`.
fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Names of Pods, the first few.
fn names(pods: &[&Pod]) -> String {
    let shown: Vec<&str> = pods.iter().take(3).map(|p| p.meta.name.as_str()).collect();
    let more = pods.len().saturating_sub(3);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// `a=b,c=d`.
fn labels<'a>(map: impl IntoIterator<Item = (&'a String, &'a String)>) -> String {
    let parts: Vec<String> = map.into_iter().map(|(k, v)| format!("{k}={v}")).collect();
    parts.join(",")
}

/// The line that changes one field of a Service.
fn patch(service: &Service, spec: &str) -> String {
    let (name, at) = of(service);
    format!("kubectl patch service {name}{at} -p '{{\"spec\":{spec}}}'")
}

pub(super) fn source(source: &Source) -> String {
    match source {
        Source::Outside(ip) => format!("a machine outside ({ip})"),
        Source::Pod(key) => format!("Pod {key}"),
    }
}

pub(super) fn endpoints_question(key: &Key) -> String {
    format!("Does Service {key} have endpoints, and if not, why?")
}

pub(super) fn reach_question(from: &Source, url: &Url) -> String {
    format!("Can {} reach {url}, and if not, why?", source(from))
}

pub(super) fn client_question(name: &str, url: &Url) -> String {
    format!("Can {name} reach {url}, and if not, why?")
}

pub(super) fn endpoints_well(service: &Service, ready: usize) -> Finding {
    let (name, at) = of(service);
    finding(
        Cause::Well,
        Weight::Note,
        format!("Service {name} has {}, and each of them takes requests.", counted(ready, "ready endpoint")),
    )
    .show(format!("kubectl get endpointslices{at} -l kubernetes.io/service-name={name}"))
}

/// A question whose findings all weigh something has no use for a sentence that all is well.
pub(super) fn unsaid() -> Finding {
    finding(Cause::Well, Weight::Note, "Nothing was found.".into())
}

pub(super) fn reach_well(from: &Source, url: &Url, ways: usize) -> Finding {
    let title = format!("A request from {} to {url} is answered now: {} it.", source(from), takes(ways));
    finding(Cause::Well, Weight::Note, title)
}

fn takes(ways: usize) -> String {
    if ways == 1 { "1 process takes".into() } else { format!("{ways} processes take") }
}
