//! Tokens to nodes, with the errors of Go's `text/template/parse`.

use super::super::go;
use super::funcs;
use super::lex::{Kind, Token, lex};
use super::node::{Branch, Command, Expr, ExprKind, Node, Pipe};
use std::collections::BTreeMap;

/// Parentheses within parentheses, and blocks within blocks.
const MAX_DEPTH: usize = 100;
/// kubectl's name for the template, which every message shows.
pub const NAME: &str = "output";

/// A template's main part and what it defines by name.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    pub root: Vec<Node>,
    pub defined: BTreeMap<String, Vec<Node>>,
}

type Parse<T> = Result<T, String>;

/// Parses a template; the error is `template: output:LINE: …`.
pub fn parse(text: &str) -> Parse<Parsed> {
    let mut parser = Parser {
        tokens: lex(text),
        at: 0,
        fetched: 0,
        vars: vec!["$".to_owned()],
        action_line: 0,
        range_depth: 0,
        depth: 0,
        defined: BTreeMap::new(),
    };
    let root = parser.root()?;
    Ok(Parsed { root, defined: parser.defined })
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// The furthest token looked at: errors name its line.
    fetched: usize,
    vars: Vec<String>,
    /// Line of the action being parsed, 0 outside.
    action_line: usize,
    range_depth: usize,
    depth: usize,
    defined: BTreeMap<String, Vec<Node>>,
}

/// What ended a list of nodes.
#[derive(Debug, Clone, PartialEq)]
enum End {
    End,
    Else,
}

impl End {
    fn text(&self) -> &'static str {
        match self {
            End::End => "{{end}}",
            End::Else => "{{else}}",
        }
    }
}

enum Item {
    Node(Node),
    End(End),
}

impl Parser {
    /// The next token; behind the last one it comes again and again.
    fn peek(&mut self) -> Token {
        let at = self.at.min(self.tokens.len() - 1);
        self.fetched = self.fetched.max(at);
        self.tokens[at].clone()
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn skip_spaces(&mut self) {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
    }

    fn next_non_space(&mut self) -> Token {
        self.skip_spaces();
        self.next()
    }

    fn peek_non_space(&mut self) -> Token {
        self.skip_spaces();
        self.peek()
    }

    fn fail<T>(&self, message: &str) -> Parse<T> {
        let line = self.tokens[self.fetched].line;
        Err(format!("template: {NAME}:{line}: {message}"))
    }

    fn unexpected<T>(&self, token: &Token, context: &str) -> Parse<T> {
        if token.kind != Kind::Error {
            return self.fail(&format!("unexpected {} in {context}", shown(token)));
        }
        let mut extra = String::new();
        if self.action_line != 0 && self.action_line != token.line {
            let what = if token.text.ends_with(" action") { "" } else { " in action" };
            extra = format!("{what} started at {NAME}:{}", self.action_line);
        }
        self.fail(&format!("{}{extra}", token.text))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parse<Token> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { self.unexpected(&token, context) }
    }

    fn root(&mut self) -> Parse<Vec<Node>> {
        let mut nodes = Vec::new();
        while self.peek().kind != Kind::Eof {
            let before = self.at;
            if self.peek().kind == Kind::LeftDelim {
                self.at += 1;
                if self.next_non_space().text == "define" {
                    self.definition()?;
                    continue;
                }
                self.at = before;
            }
            match self.text_or_action()? {
                Item::Node(node) => nodes.push(node),
                Item::End(end) => return self.fail(&format!("unexpected {}", end.text())),
            }
        }
        Ok(nodes)
    }

    fn definition(&mut self) -> Parse<()> {
        let context = "define clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, context)?;
        self.expect(Kind::RightDelim, context)?;
        let vars = std::mem::replace(&mut self.vars, vec!["$".to_owned()]);
        let nodes = self.list_to_end(context)?;
        self.vars = vars;
        self.defined.insert(name, nodes);
        Ok(())
    }

    fn list_to_end(&mut self, context: &str) -> Parse<Vec<Node>> {
        match self.list()? {
            (nodes, End::End) => Ok(nodes),
            (_, end) => self.fail(&format!("unexpected {} in {context}", end.text())),
        }
    }

    fn template_name(&mut self, token: &Token, context: &str) -> Parse<String> {
        match token.kind {
            Kind::String | Kind::RawString => match unquote(&token.text) {
                Some(name) => Ok(name),
                None => self.fail("invalid syntax"),
            },
            _ => self.unexpected(token, context),
        }
    }

    fn list(&mut self) -> Parse<(Vec<Node>, End)> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail("max expression depth exceeded");
        }
        let mut nodes = Vec::new();
        while self.peek_non_space().kind != Kind::Eof {
            match self.text_or_action()? {
                Item::Node(node) => nodes.push(node),
                Item::End(end) => {
                    self.depth -= 1;
                    return Ok((nodes, end));
                }
            }
        }
        self.fail("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Parse<Item> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(token.text))),
            Kind::LeftDelim => {
                self.action_line = token.line;
                let item = self.action()?;
                self.action_line = 0;
                Ok(item)
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self) -> Parse<Item> {
        let token = self.next_non_space();
        let keyword = if token.kind == Kind::Keyword { token.text.as_str() } else { "" };
        Ok(Item::Node(match keyword {
            "block" => self.block()?,
            "break" | "continue" => self.jump(keyword)?,
            "else" => return Ok(Item::End(self.else_clause()?)),
            "end" => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Item::End(End::End));
            }
            "if" => Node::If(self.control("if")?),
            "range" => Node::Range(self.control("range")?),
            "with" => Node::With(self.control("with")?),
            "template" => self.template()?,
            _ => {
                self.at -= 1;
                Node::Action(self.pipeline("command", Kind::RightDelim)?)
            }
        }))
    }

    fn jump(&mut self, keyword: &str) -> Parse<Node> {
        let token = self.next_non_space();
        if token.kind != Kind::RightDelim {
            return self.unexpected(&token, &format!("{{{{{keyword}}}}}"));
        }
        if self.range_depth == 0 {
            return self.fail(&format!("{{{{{keyword}}}}} outside {{{{range}}}}"));
        }
        Ok(if keyword == "break" { Node::Break } else { Node::Continue })
    }

    /// `else`, behind which `if` or `with` may go on in the same braces.
    fn else_clause(&mut self) -> Parse<End> {
        let next = self.peek_non_space();
        if !(next.kind == Kind::Keyword && matches!(next.text.as_str(), "if" | "with")) {
            self.expect(Kind::RightDelim, "else")?;
        }
        Ok(End::Else)
    }

    fn control(&mut self, context: &str) -> Parse<Branch> {
        let vars = self.vars.len();
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        let in_range = usize::from(context == "range");
        self.range_depth += in_range;
        let (then, end) = self.list()?;
        self.range_depth -= in_range;
        let mut otherwise = None;
        if end == End::Else {
            let next = self.peek();
            otherwise = Some(if next.kind == Kind::Keyword && next.text == context && context != "range" {
                self.at += 1;
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return self.fail("max expression depth exceeded");
                }
                let branch = self.control(context)?;
                self.depth -= 1;
                vec![if context == "if" { Node::If(branch) } else { Node::With(branch) }]
            } else {
                match self.list()? {
                    (nodes, End::End) => nodes,
                    (_, end) => return self.fail(&format!("expected end; found {}", end.text())),
                }
            });
        }
        self.vars.truncate(vars);
        Ok(Branch { pipe, then, otherwise })
    }

    fn block(&mut self) -> Parse<Node> {
        let context = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, context)?;
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        let vars = std::mem::replace(&mut self.vars, vec!["$".to_owned()]);
        let nodes = self.list_to_end(context)?;
        self.vars = vars;
        self.defined.insert(name.clone(), nodes);
        Ok(Node::Template { pos: token.pos, name, pipe: Some(pipe) })
    }

    fn template(&mut self) -> Parse<Node> {
        let context = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, context)?;
        let mut pipe = None;
        if self.peek_non_space().kind == Kind::RightDelim {
            self.at += 1;
        } else {
            pipe = Some(self.pipeline(context, Kind::RightDelim)?);
        }
        Ok(Node::Template { pos: token.pos, name, pipe })
    }

    fn pipeline(&mut self, context: &str, end: Kind) -> Parse<Pipe> {
        let mut pipe = Pipe { pos: self.peek_non_space().pos, ..Pipe::default() };
        self.declarations(&mut pipe, context)?;
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::CharConstant
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.at -= 1;
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                _ => return self.unexpected(&token, context),
            }
        }
        if pipe.commands.is_empty() {
            return self.fail(&format!("missing value for {context}"));
        }
        for (i, command) in pipe.commands.iter().enumerate().skip(1) {
            use ExprKind::{Bool, Dot, Float, Int, Nil, Text};
            if let Bool(_) | Dot | Nil | Int(..) | Float(..) | Text(..) = command.args[0].kind {
                return self.fail(&format!("non executable command in pipeline stage {}", i + 1));
            }
        }
        Ok(pipe)
    }

    /// `$x :=`, `$x =`, and for a range `$i, $x :=`.
    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Parse<()> {
        while self.peek_non_space().kind == Kind::Variable {
            let before = self.at;
            let variable = self.next().text;
            let next = self.peek_non_space();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    pipe.assigns = next.kind == Kind::Assign;
                    self.at += 1;
                    self.declare(pipe, variable);
                    return Ok(());
                }
                Kind::Char if next.text == "," => {
                    self.at += 1;
                    self.declare(pipe, variable);
                    if context != "range" || pipe.declared.len() >= 2 {
                        return self.fail(&format!("too many declarations in {context}"));
                    }
                    match self.peek_non_space().kind {
                        Kind::Variable | Kind::RightDelim | Kind::RightParen => {}
                        _ => return self.fail("range can only initialize variables"),
                    }
                }
                _ => {
                    self.at = before;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn declare(&mut self, pipe: &mut Pipe, variable: String) {
        self.vars.push(variable.clone());
        pipe.declared.push(variable);
    }

    fn command(&mut self) -> Parse<Command> {
        let mut command = Command { pos: self.peek_non_space().pos, args: Vec::new() };
        loop {
            self.skip_spaces();
            command.args.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.at -= 1,
                Kind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        if command.args.is_empty() {
            return self.fail("empty command");
        }
        Ok(command)
    }

    fn operand(&mut self) -> Parse<Option<Expr>> {
        let Some(term) = self.term()? else { return Ok(None) };
        let next = self.peek();
        if next.kind != Kind::Field {
            return Ok(Some(term));
        }
        let mut names = Vec::new();
        while self.peek().kind == Kind::Field {
            names.push(self.next().text[1..].to_owned());
        }
        let shown = term.to_string();
        let kind = match term.kind {
            ExprKind::Field(mut first) => {
                first.append(&mut names);
                ExprKind::Field(first)
            }
            ExprKind::Variable(mut first) => {
                first.append(&mut names);
                ExprKind::Variable(first)
            }
            ExprKind::Identifier(_) | ExprKind::Pipe(_) | ExprKind::Chain(..) => ExprKind::Chain(Box::new(term), names),
            _ => return self.fail(&format!("unexpected . after term {}", go::quote(&shown))),
        };
        Ok(Some(Expr { pos: next.pos, kind }))
    }

    fn term(&mut self) -> Parse<Option<Expr>> {
        let token = self.next_non_space();
        let kind = match token.kind {
            Kind::Identifier if !funcs::exists(&token.text) => {
                return self.fail(&format!("function {} not defined", go::quote(&token.text)));
            }
            Kind::Identifier => ExprKind::Identifier(token.text),
            Kind::Dot => ExprKind::Dot,
            Kind::Nil => ExprKind::Nil,
            Kind::Variable if !self.vars.contains(&token.text) => {
                return self.fail(&format!("undefined variable {}", go::quote(&token.text)));
            }
            Kind::Variable => ExprKind::Variable(vec![token.text]),
            Kind::Field => ExprKind::Field(vec![token.text[1..].to_owned()]),
            Kind::Bool => ExprKind::Bool(token.text == "true"),
            Kind::CharConstant | Kind::Number => match number(&token) {
                Ok(kind) => kind,
                Err(message) => return self.fail(&message),
            },
            Kind::LeftParen => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return self.fail("max expression depth exceeded");
                }
                let pipe = self.pipeline("parenthesized pipeline", Kind::RightParen)?;
                self.depth -= 1;
                return Ok(Some(Expr { pos: pipe.pos, kind: ExprKind::Pipe(Box::new(pipe)) }));
            }
            Kind::String | Kind::RawString => match unquote(&token.text) {
                Some(text) => ExprKind::Text(token.text, text),
                None => return self.fail("invalid syntax"),
            },
            _ => {
                self.at -= 1;
                return Ok(None);
            }
        };
        Ok(Some(Expr { pos: token.pos, kind }))
    }
}

/// A token as messages show it.
fn shown(token: &Token) -> String {
    match token.kind {
        Kind::Eof => "EOF".to_owned(),
        Kind::Keyword | Kind::Dot | Kind::Nil => format!("<{}>", token.text),
        _ if token.text.len() > 10 => {
            let start: String = token.text.chars().take(10).collect();
            format!("{}...", go::quote(&start))
        }
        _ => go::quote(&token.text),
    }
}

fn number(token: &Token) -> Parse<ExprKind> {
    let text = &token.text;
    if token.kind == Kind::CharConstant {
        let malformed = || format!("malformed character constant: {text}");
        let inner = unquote(text).filter(|inner| !inner.is_empty()).ok_or("invalid syntax")?;
        let mut chars = inner.chars();
        return match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(ExprKind::Int(i64::from(c as u32), text.clone())),
            _ => Err(malformed()),
        };
    }
    let plain = text.replace('_', "");
    if let Some(n) = integer(&plain) {
        return Ok(ExprKind::Int(n, text.clone()));
    }
    if let Ok(v) = plain.parse::<f64>()
        && v.is_finite()
    {
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {}", go::quote(text)));
        }
        return Ok(ExprKind::Float(v, text.clone()));
    }
    Err(format!("illegal number syntax: {}", go::quote(text)))
}

/// Go's integers of base 0.
fn integer(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = &text[..text.len() - unsigned.len()];
    let lower = unsigned.get(..2).map(str::to_ascii_lowercase);
    let (radix, digits) = match lower.as_deref() {
        Some("0x") => (16, &unsigned[2..]),
        Some("0b") => (2, &unsigned[2..]),
        Some("0o") => (8, &unsigned[2..]),
        _ if unsigned.len() > 1 && unsigned.starts_with('0') => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}

/// `strconv.Unquote` for `"…"`, `` `…` `` and `'…'`.
fn unquote(text: &str) -> Option<String> {
    let quote = text.chars().next()?;
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    if quote == '`' {
        return Some(inner.replace('\r', ""));
    }
    let mut out = String::new();
    let mut rest = inner;
    while let Some(c) = rest.chars().next() {
        match c {
            '\\' => {
                let (c, length) = go::unescape(rest, quote)?;
                out.push(c);
                rest = &rest[length..];
            }
            '\n' => return None,
            c if c == quote => return None,
            c => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    Some(out)
}
