//! Values of pipelines and expressions: fields, variables, function calls.

use super::super::go;
use super::eval::{Evaluator, Run};
use super::funcs;
use super::node::{Command, Expr, ExprKind, Pipe};
use super::value::Val;
use serde_json::Value;

impl<'a> Evaluator<'a> {
    pub(super) fn pipe(&mut self, dot: &Val<'a>, pipe: &'a Pipe) -> Run<Val<'a>> {
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
