//! Runs a parsed template over an object, with the errors of Go's `text/template`.

use super::super::go;
use super::node::{Branch, Expr, Node, Pipe};
use super::parse::{NAME, Parsed};
use super::value::Val;
use serde_json::Value;

/// Nodes and values looked at in one run; beyond it the template is stopped.
const MAX_STEPS: usize = 500_000;
/// Templates that call each other.
const MAX_CALLS: usize = 50;

/// Why a list of nodes was left.
pub(super) enum Stop {
    Break,
    Continue,
    Error(String),
}

pub(super) type Run<T> = Result<T, Stop>;

pub(super) struct Evaluator<'a> {
    text: &'a str,
    parsed: &'a Parsed,
    name: String,
    pub(super) missing_key_is_error: bool,
    pub(super) vars: Vec<(String, Val<'a>)>,
    /// Place and text of what is being looked at, for messages.
    pub(super) at: (usize, String),
    steps: usize,
    calls: usize,
    pub out: String,
}

impl<'a> Evaluator<'a> {
    pub fn new(text: &'a str, parsed: &'a Parsed, missing_key_is_error: bool) -> Self {
        Self {
            text,
            parsed,
            name: NAME.to_owned(),
            missing_key_is_error,
            vars: Vec::new(),
            at: (0, String::new()),
            steps: 0,
            calls: 0,
            out: String::new(),
        }
    }

    /// Runs the main template; what was written up to an error stays in `out`.
    pub fn run(&mut self, object: &'a Value) -> Result<(), String> {
        let mut dot = Val::part(object);
        dot.wrapped = false;
        self.vars.push(("$".to_owned(), dot.clone()));
        let parsed = self.parsed;
        match self.nodes(&dot, &parsed.root) {
            Err(Stop::Error(message)) => Err(message),
            _ => Ok(()),
        }
    }

    pub(super) fn fail<T>(&self, problem: &str) -> Run<T> {
        let (pos, context) = &self.at;
        let before = &self.text[..(*pos).min(self.text.len())];
        let line = 1 + before.matches('\n').count();
        let column = pos - before.rfind('\n').map_or(0, |i| i + 1);
        let name = go::quote(&self.name);
        Err(Stop::Error(format!("template: {NAME}:{line}:{column}: executing {name} at <{context}>: {problem}")))
    }

    pub(super) fn look_at(&mut self, expr: &Expr) {
        self.at = (expr.pos, expr.to_string());
    }

    pub(super) fn step(&mut self) -> Run<()> {
        self.steps += 1;
        if self.steps > MAX_STEPS || self.out.len() > MAX_STEPS * 8 {
            return self.fail("template does too much work");
        }
        Ok(())
    }

    fn nodes(&mut self, dot: &Val<'a>, nodes: &'a [Node]) -> Run<()> {
        nodes.iter().try_for_each(|node| self.node(dot, node))
    }

    fn node(&mut self, dot: &Val<'a>, node: &'a Node) -> Run<()> {
        self.step()?;
        match node {
            Node::Text(text) => self.out.push_str(text),
            Node::Action(pipe) => {
                let value = self.pipe(dot, pipe)?;
                if pipe.declared.is_empty() {
                    self.out.push_str(&if value.is_invalid() { "<no value>".to_owned() } else { value.plain() });
                }
            }
            Node::If(branch) => self.branch(dot, branch, false)?,
            Node::With(branch) => self.branch(dot, branch, true)?,
            Node::Range(branch) => {
                let vars = self.vars.len();
                let result = self.range(dot, branch);
                self.vars.truncate(vars);
                match result {
                    Err(Stop::Break) | Ok(()) => {}
                    stop => return stop,
                }
            }
            Node::Template { pos, name, pipe } => self.template(dot, *pos, name, pipe.as_ref())?,
            Node::Break => return Err(Stop::Break),
            Node::Continue => return Err(Stop::Continue),
        }
        Ok(())
    }

    fn branch(&mut self, dot: &Val<'a>, branch: &'a Branch, with: bool) -> Run<()> {
        let vars = self.vars.len();
        let value = self.pipe(dot, &branch.pipe)?;
        let result = if value.truth() {
            self.nodes(if with { &value } else { dot }, &branch.then)
        } else {
            self.nodes(dot, branch.otherwise.as_deref().unwrap_or_default())
        };
        self.vars.truncate(vars);
        result
    }

    fn range(&mut self, dot: &Val<'a>, branch: &'a Branch) -> Run<()> {
        let value = self.pipe(dot, &branch.pipe)?;
        let vars = self.vars.len();
        if let Some(n) = value.as_int() {
            if branch.pipe.declared.len() > 1 {
                return self.fail(&format!("can't use {n} to iterate over more than one variable"));
            }
            for i in 0..n {
                self.iterate(branch, vars, Val::INVALID, &Val::int(i))?;
            }
            return if n > 0 { Ok(()) } else { self.nodes(dot, branch.otherwise.as_deref().unwrap_or_default()) };
        }
        let entries = match value.entries() {
            Some(entries) => entries,
            None => return self.fail(&format!("range can't iterate over {}", value.plain())),
        };
        if entries.is_empty() {
            return self.nodes(dot, branch.otherwise.as_deref().unwrap_or_default());
        }
        for (key, element) in entries {
            self.iterate(branch, vars, key, &element)?;
        }
        Ok(())
    }

    /// One turn of a range.
    fn iterate(&mut self, branch: &'a Branch, vars: usize, key: Val<'a>, element: &Val<'a>) -> Run<()> {
        self.step()?;
        self.set_range_variables(&branch.pipe, key, element)?;
        let result = self.nodes(element, &branch.then);
        self.vars.truncate(vars);
        match result {
            Err(Stop::Continue) => Ok(()),
            result => result,
        }
    }

    /// `$element` or `$key, $element`, declared just before.
    fn set_range_variables(&mut self, pipe: &Pipe, key: Val<'a>, element: &Val<'a>) -> Run<()> {
        match (pipe.declared.as_slice(), pipe.assigns) {
            ([], _) => Ok(()),
            ([one], true) => self.assign(one, element.clone()),
            ([first, second, ..], true) => {
                self.assign(first, key)?;
                self.assign(second, element.clone())
            }
            (declared, false) => {
                let top = self.vars.len();
                self.vars[top - 1].1 = element.clone();
                if declared.len() > 1 {
                    self.vars[top - 2].1 = key;
                }
                Ok(())
            }
        }
    }

    pub(super) fn assign(&mut self, name: &str, value: Val<'a>) -> Run<()> {
        match self.vars.iter_mut().rev().find(|(known, _)| known == name) {
            Some(variable) => {
                variable.1 = value;
                Ok(())
            }
            None => self.fail(&format!("undefined variable: {name}")),
        }
    }

    fn template(&mut self, dot: &Val<'a>, pos: usize, name: &str, pipe: Option<&'a Pipe>) -> Run<()> {
        let shown = pipe.map_or(String::new(), |pipe| format!(" {pipe}"));
        self.at = (pos, format!("{{{{template {}{shown}}}}}", go::quote(name)));
        let parsed = self.parsed;
        let nodes = match parsed.defined.get(name) {
            Some(nodes) => nodes,
            None if name == NAME => &parsed.root,
            None => return self.fail(&format!("template {} not defined", go::quote(name))),
        };
        if self.calls >= MAX_CALLS {
            return self.fail(&format!("exceeded maximum template depth ({MAX_CALLS})"));
        }
        let dot = match pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Val::INVALID,
        };
        self.calls += 1;
        let vars = std::mem::replace(&mut self.vars, vec![("$".to_owned(), dot.clone())]);
        let caller = std::mem::replace(&mut self.name, name.to_owned());
        let result = self.nodes(&dot, nodes);
        (self.vars, self.name) = (vars, caller);
        self.calls -= 1;
        result
    }
}
