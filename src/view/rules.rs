//! One node's live rules as the mode's own tool prints them, cut down to one Service, with the way of one request lit.

use crate::api::Key;
use crate::lab::Lab;
use crate::node::proxy::{Mode, Step};
use crate::traffic::Record;

/// Lines that are shown at most.
const LINES: usize = 400;

/// A line of a node's rules.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleLine {
    /// As printed.
    pub text: String,
    /// Without its comment, and long chain names cut.
    pub short: String,
    /// The chosen request met it and it applied.
    pub taken: bool,
}

/// A node's rules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RulesPanel {
    /// `iptables-save`, `nft list table ip kube-proxy`, `ipvsadm -Ln`.
    pub tool: &'static str,
    /// Lines of all rules of the node.
    pub all: usize,
    /// The lines to show.
    pub lines: Vec<RuleLine>,
    /// Lines that are left out because they are too many.
    pub left_out: usize,
    /// For how long a change has waited to be written, in nanoseconds; 0: in sync.
    pub lag: u64,
}

/// The rules of a node; of one Service only, if one is named. `request`: whose way is lit.
pub fn rules(lab: &Lab, node: &str, service: Option<&Key>, request: Option<&Record>) -> Option<RulesPanel> {
    let machine = lab.cluster().machines().get(node)?;
    let text = machine.proxy.print(&machine.conntrack);
    let hops = request.into_iter().flat_map(|r| &r.hops).filter(|h| *h.node == *node);
    let steps: Vec<Step> = hops.flat_map(|h| h.steps.iter()).filter(|s| s.matched).collect();
    let mut chain = "";
    let mut shown = vec![];
    let about = |line: &str, chain: &str| service.is_none_or(|key| is_about(line, chain, &key.to_string()));
    for line in text.lines() {
        chain = line.trim().strip_prefix("chain ").map_or(chain, |rest| rest.trim_end_matches(" {"));
        let taken = steps.iter().any(|s| is_step(line, chain, s));
        if taken || about(line, chain) {
            shown.push(RuleLine { text: line.to_string(), short: short(line), taken });
        }
    }
    let left_out = shown.len().saturating_sub(LINES);
    shown.truncate(LINES);
    let tool = match machine.proxy.rules().mode() {
        Mode::Iptables => "iptables-save",
        Mode::Nftables => "nft list table ip kube-proxy",
        Mode::Ipvs => "ipvsadm -Ln",
    };
    Some(RulesPanel { tool, all: text.lines().count(), lines: shown, left_out, lag: machine.proxy.lag(lab.cluster().now()) })
}

/// A rule without its comment, with `KUBE-SVC-LOLE4ISW44XBNF3G` cut to `KUBE-SVC-LOLE…`.
fn short(line: &str) -> String {
    let mut words = vec![];
    let mut rest = line.trim_end().split(' ').peekable();
    while let Some(word) = rest.next() {
        match (word, rest.peek()) {
            ("-m", Some(&"comment")) => drop(rest.next()),
            ("--comment" | "comment", Some(first)) => {
                // The comment is one word, or several between quotes.
                let quoted = first.starts_with('"');
                for part in rest.by_ref() {
                    if !quoted || (part.ends_with('"') && part.len() > 1) {
                        break;
                    }
                }
            }
            _ => words.push(cut(word)),
        }
    }
    words.join(" ")
}

fn cut(word: &str) -> String {
    match word.rsplit_once('-') {
        Some((head, hash)) if head.starts_with("KUBE-") && hash.len() == 16 => format!("{head}-{}…", &hash[..4]),
        _ => word.to_string(),
    }
}

/// Rules name their Service in a comment (iptables) or in their chain and elements (nftables).
fn is_about(line: &str, chain: &str, service: &str) -> bool {
    let names = |text: &str| {
        text.match_indices(service)
            .any(|(at, _)| !text[at + service.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-'))
    };
    names(line) || (names(chain) && !line.trim().is_empty())
}

/// Whether a printed line is the rule that a step applied.
fn is_step(line: &str, chain: &str, step: &Step) -> bool {
    let line = line.trim();
    match line.strip_prefix("-A ").and_then(|rest| rest.split_once(' ')) {
        Some((of, rule)) => of == &*step.chain && rule == step.rule,
        None => {
            (chain.is_empty() || chain == &*step.chain || !line.starts_with("chain")) && line.trim_end_matches(',') == step.rule
        }
    }
}
