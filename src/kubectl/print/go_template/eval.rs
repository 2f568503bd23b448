//! Runs a parsed template over an object, with the errors of Go's `text/template`.

use super::super::go;
use super::funcs;
use super::node::{Branch, Command, Expr, ExprKind, Node, Pipe};
use super::parse::{NAME, Parsed};
use super::value::Val;
use serde_json::Value;

/// Nodes and values looked at in one run; beyond it the template is stopped.
const MAX_STEPS: usize = 500_000;
/// Templates that call each other.
const MAX_CALLS: usize = 50;

/// Why a list of nodes was left.
enum Stop {
    Break,
    Continue,
    Error(String),
}

type Run<T> = Result<T, Stop>;

pub struct Evaluator<'a> {
    text: &'a str,
    parsed: &'a Parsed,
    name: String,
    missing_key_is_error: bool,
    vars: Vec<(String, Val<'a>)>,
    /// Place and text of what is being looked at, for messages.
    at: (usize, String),
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

    fn fail<T>(&self, problem: &str) -> Run<T> {
        let (pos, context) = &self.at;
        let before = &self.text[..(*pos).min(self.text.len())];
        let line = 1 + before.matches('\n').count();
        let column = pos - before.rfind('\n').map_or(0, |i| i + 1);
        let name = go::quote(&self.name);
        Err(Stop::Error(format!("template: {NAME}:{line}:{column}: executing {name} at <{context}>: {problem}")))
    }

    fn look_at(&mut self, expr: &Expr) {
        self.at = (expr.pos, expr.to_string());
    }

    fn step(&mut self) -> Run<()> {
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

    fn assign(&mut self, name: &str, value: Val<'a>) -> Run<()> {
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

    fn pipe(&mut self, dot: &Val<'a>, pipe: &'a Pipe) -> Run<Val<'a>> {
        self.at = (pipe.pos, pipe.to_string());
        let mut value: Option<Val<'a>> = None;
        for command in &pipe.commands {
            value = Some(self.command(dot, command, value)?.unwrapped());
        }
        let value = value.unwrap_or(Val::INVALID);
        for name in &pipe.declared {
            if pipe.assigns {
                self.assign(name, value.clone())?;
            } else {
                self.vars.push((name.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    /// One stage; `last` is the value of the stage before.
    fn command(&mut self, dot: &Val<'a>, command: &'a Command, last: Option<Val<'a>>) -> Run<Val<'a>> {
        self.step()?;
        let Some((first, args)) = command.args.split_first() else { return Ok(Val::INVALID) };
        let has_args = !args.is_empty() || last.is_some();
        if let ExprKind::Identifier(name) = &first.kind {
            self.look_at(first);
            return self.call(dot, name, args, last, (command.pos, command.to_string()));
        }
        let is_field = match &first.kind {
            ExprKind::Field(_) | ExprKind::Chain(..) => true,
            ExprKind::Variable(names) => names.len() > 1,
            _ => false,
        };
        if is_field {
            return self.field_expr(dot, first, has_args);
        }
        if !matches!(first.kind, ExprKind::Pipe(_)) {
            self.look_at(first);
        }
        if has_args {
            return self.fail(&format!("can't give argument to non-function {first}"));
        }
        if first.kind == ExprKind::Nil {
            return self.fail("nil is not a command");
        }
        self.expr(dot, first)
    }

    /// An expression's value, without arguments.
    fn expr(&mut self, dot: &Val<'a>, expr: &'a Expr) -> Run<Val<'a>> {
        self.step()?;
        self.look_at(expr);
        match &expr.kind {
            ExprKind::Dot => Ok(dot.clone()),
            ExprKind::Nil => Ok(Val::INVALID),
            ExprKind::Bool(b) => Ok(Val::own(Value::Bool(*b))),
            ExprKind::Int(n, _) => Ok(Val::int(*n)),
            ExprKind::Float(v, _) => Ok(Val::own(Value::from(*v))),
            ExprKind::Text(_, text) => Ok(Val::own(Value::from(text.as_str()))),
            ExprKind::Pipe(pipe) => self.pipe(dot, pipe),
            ExprKind::Identifier(name) => self.call(dot, name, &[], None, (expr.pos, name.clone())),
            ExprKind::Variable(names) if names.len() == 1 => self.variable(&names[0]),
            ExprKind::Field(_) | ExprKind::Variable(_) | ExprKind::Chain(..) => self.field_expr(dot, expr, false),
        }
    }

    fn variable(&self, name: &str) -> Run<Val<'a>> {
        match self.vars.iter().rev().find(|(known, _)| known == name) {
            Some((_, value)) => Ok(value.clone()),
            None => self.fail(&format!("undefined variable: {name}")),
        }
    }

    /// `.a.b`, `$x.a`, `(…).a`.
    fn field_expr(&mut self, dot: &Val<'a>, expr: &'a Expr, has_args: bool) -> Run<Val<'a>> {
        self.look_at(expr);
        let (mut value, names) = match &expr.kind {
            ExprKind::Field(names) => (dot.clone(), names.as_slice()),
            ExprKind::Variable(names) => (self.variable(&names[0])?, &names[1..]),
            ExprKind::Chain(inner, names) => (self.expr(dot, inner)?, names.as_slice()),
            _ => return Ok(Val::INVALID),
        };
        for (i, name) in names.iter().enumerate() {
            value = self.field(&value, name, has_args && i + 1 == names.len())?;
        }
        Ok(value)
    }

    fn field(&self, value: &Val<'a>, name: &str, has_args: bool) -> Run<Val<'a>> {
        let type_name = if value.wrapped { "interface {}" } else { value.type_name() };
        match value.json() {
            None if value.is_invalid() && self.missing_key_is_error => {
                self.fail(&format!("nil data; no entry for key {}", go::quote(name)))
            }
            None if value.is_invalid() => Ok(Val::INVALID),
            Some(Value::Null) => self.fail(&format!("nil pointer evaluating {type_name}.{name}")),
            Some(Value::Object(_)) if has_args => self.fail(&format!("{name} is not a method but has arguments")),
            Some(Value::Object(_)) => match value.get(|v| v.get(name)) {
                None if self.missing_key_is_error => self.fail(&format!("map has no entry for key {}", go::quote(name))),
                found => Ok(found.unwrap_or(Val::INVALID)),
            },
            _ => self.fail(&format!("can't evaluate field {name} in type {type_name}")),
        }
    }

    /// Calls a function with the arguments' values and, in a pipeline, the last stage's.
    fn call(
        &mut self,
        dot: &Val<'a>,
        name: &str,
        args: &'a [Expr],
        last: Option<Val<'a>>,
        place: (usize, String),
    ) -> Run<Val<'a>> {
        let given = args.len() + usize::from(last.is_some());
        match funcs::arity(name) {
            (least, None) if given < least => {
                return self.fail(&format!("wrong number of args for {name}: want at least {least} got {}", args.len()));
            }
            (want, Some(most)) if given != most => {
                return self.fail(&format!("wrong number of args for {name}: want {want} got {given}"));
            }
            _ => {}
        }
        if matches!(name, "and" | "or") {
            let mut value = Val::INVALID;
            for arg in args {
                value = self.expr(dot, arg)?;
                if value.truth() == (name == "or") {
                    return Ok(value);
                }
            }
            return Ok(last.unwrap_or(value));
        }
        let mut values = Vec::new();
        for (i, arg) in args.iter().enumerate() {
            let value = self.expr(dot, arg)?;
            values.push(self.checked(name, i, value, Some(arg))?);
        }
        if let Some(last) = last {
            values.push(self.checked(name, args.len(), last, None)?);
        }
        let callee = args.first().map_or_else(|| values.first().map(Val::plain).unwrap_or_default(), Expr::to_string);
        funcs::call(name, &callee, &values).or_else(|problem| {
            self.at = place;
            self.fail(&format!("error calling {name}: {problem}"))
        })
    }

    /// The first argument of these two functions must be text.
    fn checked(&self, name: &str, index: usize, value: Val<'a>, literal: Option<&Expr>) -> Run<Val<'a>> {
        if index > 0 || !matches!(name, "printf" | "base64decode") {
            return Ok(value);
        }
        use ExprKind::{Bool, Float, Int, Nil};
        match (literal.map(|e| (&e.kind, e)), value.json()) {
            (_, Some(Value::String(_))) => Ok(value),
            (Some((Nil, _)), _) => self.fail("cannot assign nil to string"),
            (Some((Bool(_) | Int(..) | Float(..), expr)), _) => self.fail(&format!("expected string; found {expr}")),
            _ if value.is_invalid() => self.fail("invalid value; expected string"),
            (_, Some(Value::Null)) => self.fail("wrong type for value; expected string; got interface {}"),
            _ => self.fail(&format!("wrong type for value; expected string; got {}", value.type_name())),
        }
    }
}
