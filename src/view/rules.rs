//! One node's live rules as the mode's own tool prints them, cut down to one Service, with the way of one request lit.

use crate::api::Key;
use crate::lab::Lab;
use crate::node::proxy::{Met, Mode, RuleSet};
use crate::time::Nanos;
use crate::traffic::Record;
use std::ops::Range;
use std::rc::Rc;

/// So many lines are shown as they are.
const WHOLE: usize = 120;
/// Of more, those that the request met are shown with so many lines after each, …
const BEFORE: usize = 2;
/// … and no fold is for fewer than these.
const FEW: usize = 3;

/// A line of a node's rules.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleLine {
    /// As printed.
    pub text: String,
    /// The chosen request met it and it applied.
    pub taken: bool,
}

/// Some of a node's lines, from one place up to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// To be shown.
    Shown(Range<usize>),
    /// To be folded away until somebody wants to read them.
    Folded(Range<usize>),
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
}

impl RulesPanel {
    /// The lines in parts: where they are many, those between the ones that the request met are folded.
    pub fn parts(&self) -> Vec<Part> {
        let all = self.lines.len();
        if all <= WHOLE {
            return vec![Part::Shown(0..all)];
        }
        let taken = || (0..all).filter(|at| self.lines[*at].taken);
        let before = if taken().next().is_some() { BEFORE } else { WHOLE };
        let mut parts = vec![];
        let mut from = 0;
        for end in taken().chain([all]) {
            let shown = (from + before).min(end);
            let next = all.min(end + 1);
            if end > shown + FEW {
                parts.extend([Part::Shown(from..shown), Part::Folded(shown..end), Part::Shown(end..next)]);
            } else {
                parts.push(Part::Shown(from..next));
            }
            from = next;
        }
        parts
    }
}

/// What the lines of a node are made of: while it is the same, so are they.
#[derive(Clone, Debug)]
pub struct Made {
    rules: Rc<RuleSet>,
    /// ipvs mode counts connections, which come and go.
    counted: Option<Nanos>,
}

impl PartialEq for Made {
    fn eq(&self, other: &Made) -> bool {
        Rc::ptr_eq(&self.rules, &other.rules) && self.counted == other.counted
    }
}

/// What a node's lines are made of now.
pub fn made(lab: &Lab, node: &str) -> Option<Made> {
    let rules = lab.cluster().machines().get(node)?.proxy.rules().clone();
    let counted = (rules.mode() == Mode::Ipvs).then(|| lab.cluster().now());
    Some(Made { rules, counted })
}

/// For how long a change has waited to be written on a node; 0: in sync.
pub fn lag(lab: &Lab, node: &str) -> Nanos {
    lab.cluster().machines().get(node).map_or(0, |machine| machine.proxy.lag(lab.cluster().now()))
}

/// The rules of a node; of one Service only, if one is named. `request`: whose way is lit.
pub fn rules(lab: &Lab, node: &str, service: Option<&Key>, request: Option<&Record>) -> Option<RulesPanel> {
    let machine = lab.cluster().machines().get(node)?;
    let text = machine.proxy.print(&machine.conntrack);
    let hops = request.into_iter().flat_map(|r| &r.hops).filter(|h| *h.node == *node);
    let matched = hops.flat_map(|h| h.steps.met()).filter_map(|met| match met {
        Met::Rule(step) if step.matched => Some((step.chain.clone(), step.rule.to_string())),
        _ => None,
    });
    let steps: Vec<(Rc<str>, String)> = matched.collect();
    let service = service.map(Key::to_string);
    let mut chain = "";
    let mut lines = vec![];
    for line in text.lines() {
        chain = line.trim().strip_prefix("chain ").map_or(chain, |rest| rest.trim_end_matches(" {"));
        let taken = steps.iter().any(|(of, rule)| is_step(line, chain, of, rule));
        if taken || service.as_ref().is_none_or(|key| is_about(line, chain, key)) {
            lines.push(RuleLine { text: line.to_string(), taken });
        }
    }
    let tool = match machine.proxy.rules().mode() {
        Mode::Iptables => "iptables-save",
        Mode::Nftables => "nft list table ip kube-proxy",
        Mode::Ipvs => "ipvsadm -Ln",
    };
    Some(RulesPanel { tool, all: text.lines().count(), lines })
}

impl RuleLine {
    /// Without its comment, and long chain names cut.
    pub fn short(&self) -> String {
        short(&self.text)
    }
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

/// A name with a hash at its end, cut.
pub(super) fn cut(word: &str) -> String {
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

/// Whether a printed line is the rule that a step of a chain applied.
fn is_step(line: &str, chain: &str, of: &str, step: &str) -> bool {
    let line = line.trim();
    match line.strip_prefix("-A ").and_then(|rest| rest.split_once(' ')) {
        Some((name, rule)) => name == of && rule == step,
        None => (chain.is_empty() || chain == of || !line.starts_with("chain")) && line.trim_end_matches(',') == step,
    }
}
