//! The way of one request, hop by hop: who decided, by which rule and with which chance, and what became of the addresses.

use super::met::{Stretch, stretches};
use super::request::outcome_words;
use super::words;
use crate::lab::Lab;
use crate::network::Hop;
use crate::network::dns::{Code, Lookup};
use crate::node::proxy::Verdict;
use crate::traffic::Record;

/// One stop of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct HopLine {
    /// Where.
    pub place: String,
    /// What happened there, as a sentence.
    pub text: String,
    /// Source and destination before, and after; `None` where no packet was changed or passed on.
    pub addresses: Option<Addresses>,
    /// The rules that were asked; empty if the connection was known, or if they were not kept.
    pub rules: Vec<Stretch>,
}

/// Source and destination of a packet, before and after a node's decision: `address:port`.
#[derive(Clone, Debug, PartialEq)]
pub struct Addresses {
    /// Source and destination before.
    pub before: (String, String),
    /// Source and destination after; `None`: it went no further.
    pub after: Option<(String, String)>,
}

/// The whole way of a request, as far as it is known.
pub fn trace(record: &Record, lab: &Lab) -> Vec<HopLine> {
    let plain = |place: String, text: String| HopLine { place, text, addresses: None, rules: vec![] };
    let url = lab.traffic().client(&record.client).map(|c| c.setting.url.to_string());
    let asks = url.map_or("Asked; it has gone since.".to_string(), |url| format!("Asks for {url}."));
    let mut lines = vec![plain(record.client.to_string(), asks)];
    if let Some(lookup) = &record.lookup {
        lines.push(plain("cluster DNS".into(), lookup_words(lookup)));
    }
    lines.extend(record.hops.iter().map(|hop| hop_line(hop, record.door.as_ref() == Some(&hop.node))));
    let took = words::span(record.ended.map(|end| end - record.started));
    let end = format!("{}, after {took}.", outcome_words(record));
    lines.push(match &record.pod {
        Some((_, name, node)) => {
            let seen = record.seen.map(|ip| format!(" It saw the client as {ip}.")).unwrap_or_default();
            plain(format!("{name} on {node}"), format!("Version {}.{seen} The client got: {end}", record.version))
        }
        None => plain("no Pod reached".into(), format!("The client got: {end}")),
    });
    lines
}

/// Each question in its order, and what was said to it.
fn lookup_words(lookup: &Lookup) -> String {
    let said = |code: &Option<Code>| match code {
        Some(Code::NoError) => "found",
        Some(_) => "no such name",
        None => "no answer",
    };
    let asked: Vec<String> = lookup.asked.iter().map(|(name, code)| format!("{name}: {}", said(code))).collect();
    let end = match &lookup.found {
        Ok(found) => found.iter().map(ToString::to_string).collect::<Vec<String>>().join(", "),
        Err(why) => why.text().into(),
    };
    format!("Asked for {}; in {} it was {end}.", asked.join(", "), words::span(Some(lookup.took)))
}

fn hop_line(hop: &Hop, door: bool) -> HopLine {
    let (text, to) = match hop.verdict {
        Verdict::Dnat { ip, port, .. } if hop.known => (format!("Known connection: goes on to {ip}:{port}."), Some((ip, port))),
        Verdict::Dnat { ip, port, .. } => (format!("The rules chose {ip}:{port}."), Some((ip, port))),
        Verdict::Accept { .. } => {
            let to = (*hop.destination.ip(), hop.destination.port());
            (format!("No rule for {}: it goes straight on.", hop.destination), Some(to))
        }
        Verdict::Reject => (format!("The rules reject what is for {}.", hop.destination), None),
        Verdict::Drop => (format!("The rules throw away what is for {}.", hop.destination), None),
    };
    let masqueraded = to.is_some() && hop.source_after != hop.source;
    let text = if masqueraded { format!("{text} Its source becomes {}.", hop.source_after) } else { text };
    let after = to.map(|(ip, port)| (hop.source_after.to_string(), format!("{ip}:{port}")));
    HopLine {
        place: if door { format!("{}, node port", hop.node) } else { format!("{} kube-proxy", hop.node) },
        text,
        addresses: Some(Addresses { before: (hop.source.to_string(), hop.destination.to_string()), after }),
        rules: stretches(&hop.steps),
    }
}

/// The way and the cause of a request as text, for the console and for scripts.
pub fn explain(record: &Record, lab: &Lab) -> String {
    let began = words::clock(record.started.saturating_sub(lab.zero()));
    let mut text = format!("request {} of {} at {began}: {}\n", record.number, record.client, outcome_words(record));
    for line in trace(record, lab) {
        text.push_str(&format!("  {}: {}\n", line.place, line.text));
        if let Some(Addresses { before, after }) = &line.addresses {
            let after = after.as_ref().map_or("nothing".into(), |(from, to)| format!("{from} > {to}"));
            text.push_str(&format!("    {} > {} becomes {after}\n", before.0, before.1));
        }
        for rule in line.rules.iter().flat_map(Stretch::lines) {
            let chance = rule.chance.as_ref().map(|c| format!(" [{c}]")).unwrap_or_default();
            let mark = if rule.matched { "+" } else { "-" };
            text.push_str(&format!("    {mark} {} {} {}{chance}\n", rule.table, rule.chain, rule.rule));
        }
    }
    if let Some(chain) = super::cause::chain(record, lab) {
        text.push_str("  because:\n");
        for link in &chain.links {
            text.push_str(&format!("    {}  {}\n", link.clock, link.text));
        }
        for remedy in &chain.remedies {
            text.push_str(&format!("  would have helped: {remedy}\n"));
        }
    }
    text
}
