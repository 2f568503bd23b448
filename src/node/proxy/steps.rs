//! The rules on a packet's way through a node, kept so that many that did not apply cost next to nothing.
//!
//! Promises: a rule is printed when somebody reads it; neighbours in a chain that chance passed over are one entry.

use super::packet::Fraction;
use std::fmt;
use std::rc::Rc;

/// A rule that prints itself as the mode's own tool does, when it is read.
#[derive(Clone)]
pub struct RuleText(Rc<dyn fmt::Display>);

impl RuleText {
    /// The text of a rule, or of anything that prints like one.
    pub fn of(rule: impl fmt::Display + 'static) -> RuleText {
        RuleText(Rc::new(rule))
    }

    /// The text of a rule that is kept anyway.
    pub fn shared(rule: Rc<impl fmt::Display + 'static>) -> RuleText {
        RuleText(rule)
    }
}

impl fmt::Display for RuleText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RuleText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq for RuleText {
    fn eq(&self, other: &RuleText) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for RuleText {}

impl PartialEq<RuleText> for &str {
    fn eq(&self, other: &RuleText) -> bool {
        other.to_string() == **self
    }
}

/// One rule on a packet's way through a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The table (`nat`, `filter`; `ip kube-proxy` in nftables mode; `ipvs`).
    pub table: &'static str,
    /// The chain.
    pub chain: Rc<str>,
    /// The rule; it is printed when somebody wants to read it.
    pub rule: RuleText,
    /// Its chance, if it has one.
    pub probability: Option<Fraction>,
    /// Whether it applied. Rules that do not apply are only listed when chance or affinity decided that.
    pub matched: bool,
}

/// The rules of a chain, of which some were passed over.
pub trait Chain {
    /// The step of the rule at a place, if it did not apply.
    fn passed(&self, at: usize) -> Step;
}

/// Neighbours in a chain that chance (or affinity) passed over.
#[derive(Clone)]
pub struct Passed {
    chain: Rc<dyn Chain>,
    from: usize,
    to: usize,
}

impl Passed {
    /// How many.
    pub fn count(&self) -> usize {
        self.to - self.from
    }

    /// The step of one of them, from 0.
    pub fn step(&self, at: usize) -> Step {
        self.chain.passed(self.from + at)
    }
}

impl fmt::Debug for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries((0..self.count()).map(|at| self.step(at))).finish()
    }
}

impl PartialEq for Passed {
    fn eq(&self, other: &Passed) -> bool {
        let places = (self.from, self.to) == (other.from, other.to);
        let same = places && std::ptr::addr_eq(Rc::as_ptr(&self.chain), Rc::as_ptr(&other.chain));
        same || self.count() == other.count() && (0..self.count()).all(|at| self.step(at) == other.step(at))
    }
}

/// What a packet met on its way.
#[derive(Clone)]
pub enum Met {
    /// A rule.
    Rule(Step),
    /// Rules of one chain that were passed over.
    Passed(Passed),
}

/// Rules on a packet's way, in its order.
#[derive(Clone, Default)]
pub struct Steps(Vec<Met>);

impl Steps {
    /// Adds one.
    pub fn push(&mut self, step: Step) {
        self.0.push(Met::Rule(step));
    }

    /// Adds rules of a chain that did not apply: from one place up to another.
    pub fn pass<C: Chain + 'static>(&mut self, chain: &Rc<C>, from: usize, to: usize) {
        match self.0.last_mut() {
            Some(Met::Passed(last)) if last.to == from && std::ptr::addr_eq(Rc::as_ptr(&last.chain), Rc::as_ptr(chain)) => {
                last.to = to
            }
            _ => self.0.push(Met::Passed(Passed { chain: chain.clone(), from, to })),
        }
    }

    /// What was added since there were `mark` entries goes behind the last one.
    pub fn last_before(&mut self, mark: usize) {
        self.0[mark..].rotate_right(1);
    }

    /// How many entries there are: a place for [`Steps::last_before`].
    pub fn mark(&self) -> usize {
        self.0.len()
    }

    /// What was met, with rules that were passed over taken together.
    pub fn met(&self) -> &[Met] {
        &self.0
    }

    /// Every step.
    pub fn iter(&self) -> impl Iterator<Item = Step> {
        self.0.iter().flat_map(|met| {
            let (one, passed) = match met {
                Met::Rule(step) => (Some(step.clone()), None),
                Met::Passed(passed) => (None, Some((0..passed.count()).map(|at| passed.step(at)))),
            };
            one.into_iter().chain(passed.into_iter().flatten())
        })
    }

    /// Whether none were noted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for Steps {
    fn eq(&self, other: &Steps) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Steps {}
