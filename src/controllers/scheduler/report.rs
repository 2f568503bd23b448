//! Why a Pod fits nowhere, in one sentence.
//!
//! Source: `pkg/scheduler/framework/types.go` (FitError), `pkg/scheduler/framework/preemption/preemption.go`. Since 1.37 the plugin for
//! resource claims adds nothing (kubernetes/kubernetes#140222).

use super::filters::Rejection;
use crate::sorting::Arrange;
use std::collections::BTreeMap;

/// The message of the event and of the condition.
pub fn message(rejections: &[Rejection]) -> String {
    if rejections.is_empty() {
        return "no nodes available to schedule pods".into();
    }
    let count = rejections.len();
    let reasons = match rejections.iter().find(|r| r.of_pod) {
        Some(said) => said.reasons.join(", "),
        None => histogram(rejections.iter().flat_map(|r| r.reasons.iter().map(String::as_str))),
    };
    let preemption = histogram(rejections.iter().map(|r| match r.resolvable {
        true => "No preemption victims found for incoming pod",
        false => "Preemption is not helpful for scheduling",
    }));
    let available = format!("0/{count} nodes are available");
    format!("{available}: {reasons}. preemption: {available}: {preemption}.")
}

/// How often each reason was given, sorted as text.
fn histogram<'a>(reasons: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    let mut parts: Vec<String> = counts.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    parts.arrange();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_and_sorted_as_text() {
        let no = |reason: &str, resolvable| Rejection { plugin: "", reasons: vec![reason.into()], resolvable, of_pod: false };
        let taint = "node(s) had untolerated taint(s)";
        assert_eq!(
            message(&[no(taint, false), no("Insufficient cpu", true), no("Insufficient cpu", true)]),
            "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. \
             preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for \
             incoming pod."
        );
    }
}
