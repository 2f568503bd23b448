//! The rules that a packet met at a node. Of the many that chance passed over the first are shown; the others are told by
//! their number, and printed when somebody opens them.

use super::rules::cut;
use crate::node::proxy::{Met, Passed, Step, Steps};
use std::ops::Range;

/// Of rules that were passed over so many are shown …
const FIRST: usize = 2;
/// … and the others only told by their number, if they are more than these.
const FEW: usize = 3;

/// A rule on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleLine {
    /// `nat`, `filter`; `ip kube-proxy`; `ipvs`.
    pub table: &'static str,
    /// The chain.
    pub chain: String,
    /// The rule as the mode's own tool prints it.
    pub rule: String,
    /// `1 in 3`, if chance decided.
    pub chance: Option<String>,
    /// Whether it applied (rules that did not are listed where chance decided that).
    pub matched: bool,
    /// Whether it was chosen among others: rules of its chain were passed over, or chance let it apply.
    pub chosen: bool,
}

impl RuleLine {
    /// Where it leads, if it says so: another chain, `DNAT 10.244.1.3:80`.
    pub fn leads_to(&self) -> Option<String> {
        let (_, target) = ["-j ", "goto ", "jump "].iter().find_map(|word| self.rule.rsplit_once(word)).or_else(|| {
            let at = self.rule.find("dnat ")?;
            Some(self.rule.split_at(at))
        })?;
        let words = target.split(' ').filter(|word| *word != "--to-destination");
        Some(words.map(cut).collect::<Vec<String>>().join(" "))
    }

    /// Its chain, with a long name cut.
    pub fn short_chain(&self) -> String {
        cut(&self.chain)
    }
}

/// What was met: a rule, or many that were passed over.
#[derive(Clone, Debug, PartialEq)]
pub enum Stretch {
    /// One rule.
    Rule(RuleLine),
    /// Rules that are told by their number.
    Passed(PassedOver),
}

/// Rules that chance passed over.
#[derive(Clone, Debug, PartialEq)]
pub struct PassedOver {
    rules: Passed,
    /// The first ones stand before it.
    skipped: usize,
}

impl PassedOver {
    /// How many.
    pub fn count(&self) -> usize {
        self.rules.count() - self.skipped
    }

    /// Some of them, by their places from 0.
    pub fn lines(&self, places: Range<usize>) -> impl Iterator<Item = RuleLine> {
        let end = places.end.min(self.count());
        (places.start..end).map(|at| rule_line(&self.rules.step(self.skipped + at), false))
    }
}

impl Stretch {
    /// The rule, or all that were passed over.
    pub fn lines(&self) -> Vec<RuleLine> {
        match self {
            Stretch::Rule(line) => vec![line.clone()],
            Stretch::Passed(over) => over.lines(0..over.count()).collect(),
        }
    }
}

/// What a packet met, in its order.
pub fn stretches(steps: &Steps) -> Vec<Stretch> {
    let mut list = vec![];
    let mut over: Option<&Passed> = None;
    for met in steps.met() {
        match met {
            Met::Rule(step) => {
                let among = over.take().is_some_and(|passed| passed.step(0).chain == step.chain);
                list.push(Stretch::Rule(rule_line(step, among)));
            }
            Met::Passed(passed) => {
                over = Some(passed);
                let shown = if passed.count() > FIRST + FEW { FIRST } else { passed.count() };
                list.extend((0..shown).map(|at| Stretch::Rule(rule_line(&passed.step(at), false))));
                if shown < passed.count() {
                    list.push(Stretch::Passed(PassedOver { rules: passed.clone(), skipped: shown }));
                }
            }
        }
    }
    list
}

fn rule_line(step: &Step, among: bool) -> RuleLine {
    RuleLine {
        table: step.table,
        chain: step.chain.to_string(),
        rule: step.rule.to_string(),
        chance: step.probability.map(|p| format!("{} in {}", p.numerator, p.denominator)),
        matched: step.matched,
        chosen: step.matched && (among || step.probability.is_some()),
    }
}

/// What chance drew among the endpoints of a Service: the rule, as `KUBE-SVC-…: rule 3 of 7, p = 0.2000000000`. The first rule
/// of a choice says among how many; the last one has no chance of its own.
pub fn drawn(steps: &Steps) -> Option<String> {
    let decides = |step: &Step| step.probability.is_some();
    let met = steps.met();
    // The first rule that chance decides, and how many of its chain it passed over.
    let (at, first, passed) = met.iter().enumerate().find_map(|(at, met)| match met {
        Met::Rule(step) => decides(step).then(|| (at, step.clone(), 0)),
        Met::Passed(passed) => {
            let first = (0..passed.count()).find(|at| decides(&passed.step(*at)))?;
            Some((at + 1, passed.step(first), passed.count() - first))
        }
    })?;
    let Some(Met::Rule(taken)) = met.get(at).filter(|met| matches!(met, Met::Rule(s) if s.matched && s.chain == first.chain))
    else {
        return None;
    };
    let of = first.probability.map_or(1, |p| p.denominator / p.numerator.max(1));
    let chance = taken.probability.map_or("1".into(), |p| p.decimals());
    Some(format!("{}: rule {} of {of}, p = {chance}", first.chain, passed + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(rule: &str) -> RuleLine {
        let (chain, rule) = ("KUBE-SVC-LOLE4ISW44XBNF3G".into(), rule.into());
        RuleLine { table: "nat", chain, rule, chance: None, matched: true, chosen: false }
    }

    #[test]
    fn a_rule_says_where_it_leads() {
        let leads = |text: &str| rule(text).leads_to();
        assert_eq!(leads("-m tcp -p tcp -j DNAT --to-destination 10.244.2.3:80").as_deref(), Some("DNAT 10.244.2.3:80"));
        assert_eq!(leads("-m comment --comment \"a b\" -j KUBE-SEP-7QE66YRUUVCO6FRM").as_deref(), Some("KUBE-SEP-7QE6…"));
        assert_eq!(leads("meta l4proto tcp dnat to 10.244.1.3:80").as_deref(), Some("dnat to 10.244.1.3:80"));
        assert_eq!(leads("-m mark ! --mark 0x4000/0x4000"), None);
        assert_eq!(rule("").short_chain(), "KUBE-SVC-LOLE…");
    }
}
