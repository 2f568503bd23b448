//! Requests that failed in the same way, counted by the reason.

use super::ending::plain;
use super::motion::Fate;
use crate::cause::{Cause, Doing, Mishap, What};
use crate::lab::Lab;
use crate::sorting::Arrange;
use crate::time::SECOND;
use crate::traffic::{Failure, Outcome, Record};
use std::collections::BTreeMap;

/// The seconds that are looked back.
const LATELY: u64 = 60;

/// How requests failed lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// Reasons and how often each was one, the most frequent first.
    pub counts: Vec<(String, usize)>,
    /// Failures that nothing but their number is remembered of.
    pub forgotten: usize,
}

/// How requests failed in the last minute.
pub fn failures_lately(lab: &Lab) -> Lately {
    let now = lab.cluster().now();
    let from = now.saturating_sub(LATELY * SECOND);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let ended = lab.traffic().remembered().filter(|r| r.ended.is_some_and(|end| end >= from));
    for reason in ended.filter_map(reason) {
        *counts.entry(reason).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.arrange_by_key(|(_, n)| std::cmp::Reverse(*n));
    let known: usize = counts.iter().map(|(_, n)| n).sum();
    // A second that is half inside the minute counts only as far as it is remembered.
    let seconds = lab.traffic().clients().flat_map(|c| c.stats.seconds.iter().rev());
    let all: u32 = seconds.filter(|s| s.second > from / SECOND).map(|s| s.failed).sum();
    Lately { counts, forgotten: (all as usize).saturating_sub(known) }
}

/// Why a request failed, in so few words that many have the same: `refused by a Pod that had stopped`. `None`: it did not.
pub fn reason(record: &Record) -> Option<String> {
    let outcome = record.outcome.filter(|_| Fate::of(record) != Fate::Answered)?;
    let how = how(outcome);
    let because = record.because.as_ref();
    let Some(What::Request { mishap, .. }) = because.map(|cause| &cause.what) else { return Some(how) };
    let why = match mishap {
        Mishap::NotListening { .. } if because.is_some_and(had_stopped) => " by a Pod that had stopped",
        Mishap::NotListening { .. } => ", nothing listened on the port",
        Mishap::PodGone { behind: None, .. } => ", the Pod it held on to was gone",
        Mishap::PodGone { .. } => ", the Pod was gone",
        Mishap::Cut { .. } => ", a node without network",
        Mishap::NoEndpoints { .. } => ", no endpoint",
        Mishap::NoLocalEndpoints { .. } => ", no endpoint on the node",
        Mishap::NobodyThere => ", nobody has the address",
        Mishap::NoDns => ", cluster DNS not reached",
        Mishap::SlowNetwork { .. } => ", slow network",
        Mishap::TooSlow { .. } => ", slow Pod",
        Mishap::Broken { .. } | Mishap::Error { .. } | Mishap::NoSuchName(_) | Mishap::NoTls => "",
    };
    Some(format!("{how}{why}"))
}

fn how(outcome: Outcome) -> String {
    match outcome {
        Outcome::Answered { status } => format!("answered {status}"),
        Outcome::Failed(Failure::Refused) => "refused".into(),
        Outcome::Failed(Failure::Timeout) => "timed out".into(),
        Outcome::Failed(Failure::Reset) => "reset in mid-answer".into(),
        Outcome::Failed(Failure::Closed) => "closed in mid-answer".into(),
        Outcome::Failed(Failure::NoRoute) => "no route".into(),
        Outcome::Failed(_) => plain(Some(outcome)),
    }
}

/// Whether the process that was asked was told to stop, or had ended.
fn had_stopped(cause: &Cause) -> bool {
    cause.chain().iter().any(|deed| {
        matches!(
            &deed.what,
            What::OnNode { doing: Doing::Stopping { .. } | Doing::Exited(_) | Doing::Unhealthy | Doing::Changed, .. }
        )
    })
}
