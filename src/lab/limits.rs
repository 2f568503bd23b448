//! The lab's own limits: what Kubernetes would take and one page could not bear. Each says what to do instead.

use super::Lab;
use crate::api::{Kind, Object};
use crate::kubectl::words;

pub use crate::traffic::{FAILURES, RECORDS};

/// Pods that one lab may be asked for.
pub const PODS: u64 = 10_000;
/// Nodes of one lab.
pub const NODES: usize = 5_000;
/// Memory for the moments that a run can be taken back to at once, in bytes (an estimate: see `lab::History`). With more
/// than that they lie farther apart, and going back takes longer; every moment can still be reached.
pub const HISTORY_BYTES: usize = 96 << 20;
/// Bytes of one manifest.
pub const MANIFEST: usize = 1 << 20;

/// What the lab says to a command line that asks for more than its limits; `None` when it is within them.
pub fn refusal(lab: &Lab, line: &str) -> Option<String> {
    let words = words::split(line).ok()?;
    let value = |flag: &str| {
        let inline = words.iter().find_map(|w| w.strip_prefix(&format!("--{flag}=")).map(str::to_string));
        inline.or_else(|| words.iter().position(|w| *w == format!("--{flag}")).and_then(|i| words.get(i + 1).cloned()))
    };
    let asked: u64 = value("replicas").or_else(|| value("r")).and_then(|v| v.parse().ok())?;
    let others: u64 = lab
        .cluster()
        .api()
        .store()
        .list(Kind::Deployment, None)
        .filter_map(|o| match o {
            Object::Deployment(d) if !words.iter().any(|w| w.rsplit('/').next() == Some(d.meta.name.as_str())) => d.spec.replicas,
            _ => None,
        })
        .map(|r| r.max(0) as u64)
        .sum();
    if asked.saturating_add(others) <= PODS {
        return None;
    }
    let left = PODS.saturating_sub(others);
    Some(format!(
        "lab limit: {asked} replicas are more than one page can hold. Kubernetes would take the number; this lab runs at most {PODS} Pods, so ask for {left} or fewer."
    ))
}
