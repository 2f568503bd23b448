//! The text of a JSONPath template to nodes.

use super::super::go;

/// Filters within filters, unions within unions: more is refused.
const MAX_NESTING: usize = 32;

#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    Text(String),
    /// What stands between braces, or one side of a filter.
    List(Vec<Node>),
    Field(String),
    Wildcard,
    Recursive,
    Array(Slice),
    Union(Vec<Vec<Node>>),
    Filter {
        left: Vec<Node>,
        /// `exists` when there is no comparison.
        operator: String,
        right: Vec<Node>,
    },
    Int(i64),
    Float(f64),
    Bool(bool),
    /// `range`, `end`, or a word that means nothing.
    Identifier(String),
}

/// `[start:end:step]`; a single index is a slice of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slice {
    pub start: Option<i64>,
    pub end: Option<i64>,
    /// The end was made from a single index.
    pub single: bool,
    pub step: Option<i64>,
}

type Parse<T> = Result<T, String>;

/// Texts and actions of a template.
pub fn parse(text: &str) -> Parse<Vec<Node>> {
    parse_nested(text, 0)
}

fn parse_nested(text: &str, depth: usize) -> Parse<Vec<Node>> {
    if depth > MAX_NESTING {
        return Err("expression is nested too deeply".to_owned());
    }
    let mut nodes = Vec::new();
    let mut rest = text;
    while let Some(brace) = rest.find('{') {
        if brace > 0 {
            nodes.push(Node::Text(rest[..brace].to_owned()));
        }
        let mut parser = Parser { text: rest, at: brace + 1, depth, nodes: Vec::new() };
        parser.action()?;
        nodes.push(Node::List(parser.nodes));
        rest = &rest[parser.at..];
    }
    if !rest.is_empty() {
        nodes.push(Node::Text(rest.to_owned()));
    }
    Ok(nodes)
}

/// One action's nodes out of the text that would stand between its braces.
fn parse_action(text: &str, depth: usize) -> Parse<Vec<Node>> {
    match parse_nested(&format!("{{{text}}}"), depth + 1)?.into_iter().next() {
        Some(Node::List(nodes)) => Ok(nodes),
        _ => Ok(Vec::new()),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    nodes: Vec<Node>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Reads up to the closing brace, which is taken.
    fn action(&mut self) -> Parse<()> {
        loop {
            let rest = self.rest();
            if rest.starts_with("[?(") {
                self.filter()?;
                continue;
            }
            if rest.starts_with("..") {
                self.recursive()?;
                continue;
            }
            match self.peek() {
                None | Some('\r' | '\n') => return Err("unclosed action".to_owned()),
                Some('}') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(' ' | '@' | '$') => self.at += 1,
                Some('[') => self.array()?,
                Some('"' | '\'') => self.quote()?,
                Some('.') => {
                    self.at += 1;
                    self.field();
                }
                Some(c) if c == '+' || c == '-' || c.is_numeric() => self.number()?,
                Some(c) if is_alphanumeric(c) => self.identifier(),
                Some(c) => return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32)),
            }
        }
    }

    fn identifier(&mut self) {
        let start = self.at;
        while self.peek().is_some_and(|c| !is_terminator(c)) {
            self.next();
        }
        self.nodes.push(match &self.text[start..self.at] {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            word => Node::Identifier(word.to_owned()),
        });
    }

    fn recursive(&mut self) -> Parse<()> {
        if self.nodes.last() == Some(&Node::Recursive) {
            return Err("invalid multiple recursive descent".to_owned());
        }
        self.at += 2;
        self.nodes.push(Node::Recursive);
        if self.peek().is_some_and(is_alphanumeric) {
            self.field();
        }
        Ok(())
    }

    fn number(&mut self) -> Parse<()> {
        let start = self.at;
        if let Some('+' | '-') = self.peek() {
            self.at += 1;
        }
        while self.peek().is_some_and(|c| c == '.' || c.is_numeric()) {
            self.next();
        }
        let text = &self.text[start..self.at];
        if let Ok(n) = text.parse::<i64>() {
            self.nodes.push(Node::Int(n));
        } else if let Some(v) = text.parse::<f64>().ok().filter(|v| v.is_finite()) {
            self.nodes.push(Node::Float(v));
        } else {
            return Err(format!("cannot parse number {text}"));
        }
        Ok(())
    }

    /// A field's name, behind its dot; `\` takes the next character into the name.
    fn field(&mut self) {
        let start = self.at;
        while let Some(c) = self.peek() {
            if c == '\\' {
                self.next();
                self.next();
            } else if is_terminator(c) {
                break;
            } else {
                self.next();
            }
        }
        let name = &self.text[start..self.at];
        self.nodes.push(if name == "*" { Node::Wildcard } else { Node::Field(name.replace('\\', "")) });
    }

    fn quote(&mut self) -> Parse<()> {
        let start = self.at;
        let quote = self.next();
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".to_owned()),
                c if c == quote && self.text.as_bytes()[self.at - 2] != b'\\' => break,
                Some(_) => {}
            }
        }
        let text = &self.text[start..self.at];
        let unquoted = unquote(text).ok_or_else(|| format!("unquote string {text} error invalid syntax"))?;
        self.nodes.push(Node::Text(unquoted));
        Ok(())
    }

    fn array(&mut self) -> Parse<()> {
        let rest = self.rest();
        let end = rest.find([']', '\n']).filter(|&i| rest.as_bytes()[i] == b']');
        let end = end.ok_or_else(|| "unterminated array".to_owned())?;
        self.at += end + 1;
        let text = match &rest[1..end] {
            "*" => ":",
            text => text,
        };
        let parts: Vec<&str> = text.split(',').collect();
        if parts.len() > 1 {
            let lists = parts.iter().map(|part| parse_action(&format!("[{}]", part.trim_matches(' ')), self.depth));
            self.nodes.push(Node::Union(lists.collect::<Parse<_>>()?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).filter(|key| !key.contains('\''));
        if let Some(key) = key {
            self.nodes.extend(parse_action(&format!(".{key}"), self.depth)?);
            return Ok(());
        }
        self.nodes.push(Node::Array(slice(text)?));
        Ok(())
    }

    fn filter(&mut self) -> Parse<()> {
        self.at += 3;
        let start = self.at;
        // A closing parenthesis between quotes is text.
        let (mut open, mut closed) = (None, false);
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".to_owned()),
                Some(c @ ('"' | '\'')) => match open {
                    None => open = Some(c),
                    Some(quote) if quote == c && self.text.as_bytes()[self.at - 2] != b'\\' => closed = true,
                    Some(_) => {}
                },
                Some(')') if open.is_some() == closed => break,
                Some(_) => {}
            }
        }
        let text = &self.text[start..self.at - 1];
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".to_owned());
        }
        let (left, operator, right) = comparison(text).unwrap_or((text, "exists", ""));
        let left = parse_action(left, self.depth)?;
        let right = if operator == "exists" { Vec::new() } else { parse_action(right, self.depth)? };
        self.nodes.push(Node::Filter { left, operator: operator.to_owned(), right });
        Ok(())
    }
}

/// Splits at the first run of comparison characters, if there is something on both sides.
fn comparison(text: &str) -> Option<(&str, &str, &str)> {
    let is_operator = |c: char| matches!(c, '!' | '<' | '>' | '=');
    let start = text.find(is_operator).filter(|&i| i > 0)?;
    let length = text[start..].find(|c| !is_operator(c)).unwrap_or(text.len() - start);
    let mut end = start + length;
    if end == text.len() {
        // The last character of the run must be left to the right side.
        end -= 1;
        if end == start {
            return None;
        }
    }
    Some((&text[..start], &text[start..end], &text[end..]))
}

/// `1`, `-1`, `1:3`, `:2`, `::2`.
fn slice(text: &str) -> Parse<Slice> {
    let invalid = || format!("invalid array index {text}");
    let parts: Vec<&str> = text.split(':').collect();
    let is_index = |p: &&str| p.strip_prefix('-').unwrap_or(p).bytes().all(|b| b.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(is_index) {
        return Err(invalid());
    }
    let number = |i: usize| -> Parse<Option<i64>> {
        match parts.get(i) {
            None | Some(&"") => Ok(None),
            Some(p) => p.parse().map(Some).map_err(|_| format!("array index {p} is not a number")),
        }
    };
    let (start, end, step) = (number(0)?, number(1)?, number(2)?);
    let single = parts.len() == 1;
    let end = if single { Some(start.unwrap_or(0).saturating_add(1)) } else { end };
    Ok(Slice { start, end, single, step })
}

fn unquote(text: &str) -> Option<String> {
    let quote = text.chars().next()?;
    let inner = text.get(1..text.len() - 1)?;
    let mut out = String::new();
    let mut rest = inner;
    while let Some(c) = rest.chars().next() {
        if c == '\\' {
            let (c, length) = go::unescape(rest, quote)?;
            out.push(c);
            rest = &rest[length..];
        } else if c == quote {
            return None;
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    Some(out)
}

fn is_terminator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphabetic() || c.is_numeric()
}
