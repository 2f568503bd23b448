//! The last requests, each with its way as a list of stops.

use crate::lab::Lab;
use crate::node::proxy::Verdict;
use crate::sorting::Arrange;
use crate::time::{Nanos, SECOND};
use crate::traffic::{Outcome, Record};
use std::rc::Rc;

use super::alike::reason;
use super::ending::{Ending, ending, plain};
use super::met::drawn;
use super::motion::Fate;
use super::words;

/// Requests that are listed.
const LISTED: usize = 14;

/// A request that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// Its number.
    pub id: u64,
    /// Who asked.
    pub client: Rc<str>,
    /// Seconds since 0:00 at its start.
    pub at: i64,
    /// How it ended.
    pub fate: Fate,
    /// The same in words, as short as can be: `200`, `connection refused`.
    pub words: String,
    /// The same in full.
    pub ending: Ending,
    /// Why it failed, in so few words that many have the same.
    pub reason: Option<String>,
    /// Its stops: where, and what happened there.
    pub stops: Vec<(String, String)>,
}

/// The last requests that ended, the newest first; failed ones are kept longer than answered ones.
pub fn requests(lab: &Lab) -> Vec<RequestLine> {
    let ended = || lab.traffic().records().rev().filter(|r| r.outcome.is_some());
    let bad = ended().filter(|r| Fate::of(r) != Fate::Answered).take(LISTED / 2);
    let mut chosen: Vec<&Record> = bad.collect();
    let room = LISTED - chosen.len();
    chosen.extend(ended().filter(|r| Fate::of(r) == Fate::Answered).take(room));
    chosen.arrange_by_key(|r| std::cmp::Reverse(r.id));
    chosen.into_iter().map(|record| line(record, lab)).collect()
}

fn line(record: &Record, lab: &Lab) -> RequestLine {
    let took = record.ended.map(|end| end - record.started);
    RequestLine {
        id: record.id,
        client: record.client.clone(),
        at: (record.started.saturating_sub(lab.zero()) / SECOND) as i64,
        fate: Fate::of(record),
        words: plain(record.outcome),
        ending: ending(record, lab),
        reason: reason(record),
        stops: stops(record, lab, took),
    }
}

pub(super) fn outcome_words(record: &Record) -> String {
    match record.outcome {
        Some(Outcome::Answered { status }) => status.to_string(),
        Some(Outcome::Failed(failure)) => failure.text().to_string(),
        None => "under way".into(),
    }
}

fn stops(record: &Record, lab: &Lab, took: Option<Nanos>) -> Vec<(String, String)> {
    let mut stops = vec![];
    let url = lab.traffic().client(&record.client).map(|c| c.setting.url.to_string()).unwrap_or_default();
    stops.push((record.client.to_string(), format!("asks for {url}")));
    if let Some(asked) = record.asked
        && !url.contains(&asked.ip().to_string())
    {
        stops.push(("cluster DNS".into(), format!("the name is {}", asked.ip())));
    }
    if let Some(door) = &record.door {
        stops.push((format!("{door}, node port"), record.asked.map(|a| a.to_string()).unwrap_or_default()));
    }
    for hop in &record.hops {
        let what = match hop.verdict {
            Verdict::Dnat { ip, port, masquerade } => {
                let source = if masquerade { ", source becomes the node's" } else { "" };
                format!("{} becomes {ip}:{port}{source}", hop.destination)
            }
            Verdict::Accept { .. } => format!("no rule for {}: it goes straight on", hop.destination),
            Verdict::Reject => format!("{}: no endpoint, refused at once", hop.destination),
            Verdict::Drop => format!("{}: thrown away without a word", hop.destination),
        };
        stops.extend(drawn(&hop.steps).map(|rule| (format!("{} kube-proxy", hop.node), rule)));
        stops.push((format!("{} kube-proxy", hop.node), what));
    }
    let end = format!("{} · {}", outcome_words(record), words::span(took));
    match &record.pod {
        Some((_, name, node)) => stops.push((format!("{name} on {node}"), format!("version {} · {end}", record.version))),
        None => stops.push(("no Pod reached".into(), end)),
    }
    stops
}
