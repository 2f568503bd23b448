//! How a request ended, in plain words, and who had asked whom.

use super::words;
use crate::lab::Lab;
use crate::traffic::{Failure, Outcome, Record};

/// How a request ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// `connection refused after 0.6 ms`, `no answer in 3 s`, `200 after 4.5 ms`.
    pub words: String,
    /// What the client called it, where that is something else: `Client.Timeout`.
    pub own: Option<&'static str>,
    /// Who asked for what, and whose rules decided: `laptop → 192.0.2.58:30080, on node-48`.
    pub whom: String,
}

/// The end of a request.
pub fn ending(record: &Record, lab: &Lab) -> Ending {
    let took = words::span(record.ended.map(|end| end - record.started));
    let plain = plain(record.outcome);
    let words = match record.outcome {
        None => plain,
        Some(Outcome::Failed(Failure::Timeout)) => format!("{plain} in {took}"),
        Some(_) => format!("{plain} after {took}"),
    };
    let own = match record.outcome {
        Some(Outcome::Failed(failure)) => Some(failure.text()).filter(|own| !words.starts_with(own)),
        _ => None,
    };
    Ending { words, own, whom: whom(record, lab) }
}

/// How it ended, without the time it took.
pub(super) fn plain(outcome: Option<Outcome>) -> String {
    match outcome {
        None => "under way".into(),
        Some(Outcome::Answered { status }) => status.to_string(),
        Some(Outcome::Failed(failure)) => failed(failure).into(),
    }
}

fn failed(failure: Failure) -> &'static str {
    match failure {
        Failure::Timeout => "no answer",
        Failure::Closed => "connection closed without an answer",
        Failure::NoSuchHost => "no such host",
        Failure::NotTls => "plain HTTP where TLS was wanted",
        Failure::Untrusted => "certificate not trusted",
        Failure::Refused | Failure::Reset | Failure::NoRoute => failure.text(),
    }
}

/// Who asked for what, and whose rules decided. What a client asks for may have changed since: then the address stands for it.
fn whom(record: &Record, lab: &Lab) -> String {
    let url = lab.traffic().client(&record.client).map(|c| &c.setting.url);
    let by_name = |host: &str| record.lookup.as_ref().is_some_and(|l| l.asked.iter().any(|(name, _)| name.starts_with(host)));
    let asked = match (url, record.asked) {
        (Some(url), asked) if asked.is_none() || by_name(&url.host) => Some(format!("{}:{}", url.host, url.port)),
        (_, asked) => asked.map(|asked| asked.to_string()),
    };
    let to = asked.map(|asked| format!(" → {asked}")).unwrap_or_default();
    let on = record.node.as_ref().map(|node| format!(", on {node}")).unwrap_or_default();
    format!("{}{to}{on}", record.client)
}
