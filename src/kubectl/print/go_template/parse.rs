//! Tokens to nodes, with the errors of Go's `text/template/parse`.

use super::super::go;
use super::lex::{Kind, Token, lex};
use super::literal;
use super::node::{Branch, Node};
use std::collections::BTreeMap;

/// Parentheses within parentheses, and blocks within blocks.
pub(super) const MAX_DEPTH: usize = 100;
/// kubectl's name for the template, which every message shows.
pub const NAME: &str = "output";

/// A template's main part and what it defines by name.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    pub root: Vec<Node>,
    pub defined: BTreeMap<String, Vec<Node>>,
}

pub(super) type Parse<T> = Result<T, String>;

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

pub(super) struct Parser {
    tokens: Vec<Token>,
    pub(super) at: usize,
    /// The furthest token looked at: errors name its line.
    fetched: usize,
    pub(super) vars: Vec<String>,
    /// Line of the action being parsed, 0 outside.
    action_line: usize,
    range_depth: usize,
    pub(super) depth: usize,
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
    pub(super) fn peek(&mut self) -> Token {
        let at = self.at.min(self.tokens.len() - 1);
        self.fetched = self.fetched.max(at);
        self.tokens[at].clone()
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    pub(super) fn skip_spaces(&mut self) {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
    }

    pub(super) fn next_non_space(&mut self) -> Token {
        self.skip_spaces();
        self.next()
    }

    pub(super) fn peek_non_space(&mut self) -> Token {
        self.skip_spaces();
        self.peek()
    }

    pub(super) fn fail<T>(&self, message: &str) -> Parse<T> {
        let line = self.tokens[self.fetched].line;
        Err(format!("template: {NAME}:{line}: {message}"))
    }

    pub(super) fn unexpected<T>(&self, token: &Token, context: &str) -> Parse<T> {
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
            Kind::String | Kind::RawString => match literal::unquote(&token.text) {
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
