//! The grammar of label selector texts. Source: `staging/apimachinery/pkg/labels/selector.go` (Lexer, Parser).

use super::selector::{Operator, Requirement, check_key};
use super::validation::field::{FieldError, aggregate};
use std::collections::BTreeSet;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    End,
    Identifier,
    Open,
    Close,
    Comma,
    Not,
    Sign(Operator),
}

#[derive(Clone, Copy)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
}

/// Where a token stands: `in` and `notin` are words among values and operators behind a key.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Key,
    Values,
}

const SPECIAL: &[u8] = b"=!(),<>";

fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}

fn word(text: &str) -> Kind {
    match text {
        "in" => Kind::Sign(Operator::In),
        "notin" => Kind::Sign(Operator::NotIn),
        _ => Kind::Identifier,
    }
}

fn symbol(text: &str) -> Option<Kind> {
    Some(match text {
        ")" => Kind::Close,
        "(" => Kind::Open,
        "," => Kind::Comma,
        "!" => Kind::Not,
        "=" => Kind::Sign(Operator::Equals),
        "==" => Kind::Sign(Operator::DoubleEquals),
        "!=" => Kind::Sign(Operator::NotEquals),
        ">" => Kind::Sign(Operator::GreaterThan),
        "<" => Kind::Sign(Operator::LessThan),
        _ => return None,
    })
}

/// Cuts the text into tokens; the last one is always `End`.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut out = vec![];
    let mut at = 0;
    loop {
        while at < bytes.len() && is_blank(bytes[at]) {
            at += 1;
        }
        // Go's lexer reads a NUL as the end.
        if at >= bytes.len() || bytes[at] == 0 {
            out.push(Token { kind: Kind::End, text: "" });
            return out;
        }
        let start = at;
        if SPECIAL.contains(&bytes[at]) {
            at += 1;
            while at < bytes.len() && SPECIAL.contains(&bytes[at]) && symbol(&text[start..=at]).is_some() {
                at += 1;
            }
            let kind = symbol(&text[start..at]).unwrap_or(Kind::End);
            out.push(Token { kind, text: &text[start..at] });
        } else {
            while at < bytes.len() && bytes[at] != 0 && !SPECIAL.contains(&bytes[at]) && !is_blank(bytes[at]) {
                at += 1;
            }
            out.push(Token { kind: word(&text[start..at]), text: &text[start..at] });
        }
    }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self, place: Place) -> Token<'a> {
        let mut token = self.tokens.get(self.at).copied().unwrap_or(Token { kind: Kind::End, text: "" });
        if place == Place::Values && matches!(token.kind, Kind::Sign(Operator::In | Operator::NotIn)) {
            token.kind = Kind::Identifier;
        }
        token
    }

    fn next(&mut self, place: Place) -> Token<'a> {
        let token = self.peek(place);
        self.at += 1;
        token
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let (key, exists) = self.key()?;
        let (operator, values) = match exists {
            Some(operator) => (operator, BTreeSet::new()),
            None => {
                let operator = self.operator()?;
                let set = matches!(operator, Operator::In | Operator::NotIn);
                (operator, if set { self.values()? } else { self.exact_value()? })
            }
        };
        let values: Vec<String> = values.into_iter().collect();
        Requirement::new(key, operator, &values).map_err(|errors| aggregate(&errors))
    }

    /// The key, and the operator if there is none behind it.
    fn key(&mut self) -> Result<(&'a str, Option<Operator>), String> {
        let mut token = self.next(Place::Values);
        let mut operator = None;
        if token.kind == Kind::Not {
            operator = Some(Operator::DoesNotExist);
            token = self.next(Place::Values);
        }
        if token.kind != Kind::Identifier {
            return Err(format!("found '{}', expected: identifier", token.text));
        }
        let mut errors: Vec<FieldError> = vec![];
        check_key("", token.text, &mut errors);
        if !errors.is_empty() {
            return Err(aggregate(&errors));
        }
        if matches!(self.peek(Place::Values).kind, Kind::End | Kind::Comma) {
            operator = operator.or(Some(Operator::Exists));
        }
        Ok((token.text, operator))
    }

    fn operator(&mut self) -> Result<Operator, String> {
        let token = self.next(Place::Key);
        match token.kind {
            Kind::Sign(operator) => Ok(operator),
            _ => Err(format!("found '{}', expected: in, notin, =, ==, !=, gt, lt", token.text)),
        }
    }

    fn values(&mut self) -> Result<BTreeSet<String>, String> {
        let open = self.next(Place::Values);
        if open.kind != Kind::Open {
            return Err(format!("found '{}' expected: '('", open.text));
        }
        match self.peek(Place::Values) {
            Token { kind: Kind::Identifier | Kind::Comma, .. } => {
                let values = self.identifiers()?;
                // `identifiers` stops in front of the closing bracket.
                self.at += 1;
                Ok(values)
            }
            Token { kind: Kind::Close, .. } => {
                self.at += 1;
                Ok(BTreeSet::from([String::new()]))
            }
            token => Err(format!("found '{}', expected: ',', ')' or identifier", token.text)),
        }
    }

    fn identifiers(&mut self) -> Result<BTreeSet<String>, String> {
        let mut values = BTreeSet::new();
        loop {
            let token = self.next(Place::Values);
            match token.kind {
                Kind::Identifier => {
                    values.insert(token.text.to_string());
                    let behind = self.peek(Place::Values);
                    match behind.kind {
                        Kind::Comma => {}
                        Kind::Close => return Ok(values),
                        _ => return Err(format!("found '{}', expected: ',' or ')'", behind.text)),
                    }
                }
                Kind::Comma => {
                    if values.is_empty() {
                        values.insert(String::new());
                    }
                    match self.peek(Place::Values).kind {
                        Kind::Close => {
                            values.insert(String::new());
                            return Ok(values);
                        }
                        Kind::Comma => {
                            self.at += 1;
                            values.insert(String::new());
                        }
                        _ => {}
                    }
                }
                _ => return Err(format!("found '{}', expected: ',', or identifier", token.text)),
            }
        }
    }

    fn exact_value(&mut self) -> Result<BTreeSet<String>, String> {
        if matches!(self.peek(Place::Values).kind, Kind::End | Kind::Comma) {
            return Ok(BTreeSet::from([String::new()]));
        }
        let token = self.next(Place::Values);
        match token.kind {
            Kind::Identifier => Ok(BTreeSet::from([token.text.to_string()])),
            _ => Err(format!("found '{}', expected: identifier", token.text)),
        }
    }
}

/// The requirements of a selector text, in the order of the text.
pub fn parse(text: &str) -> Result<Vec<Requirement>, String> {
    let mut parser = Parser { tokens: tokens(text), at: 0 };
    let mut requirements = vec![];
    loop {
        let first = parser.peek(Place::Values);
        match first.kind {
            Kind::Identifier | Kind::Not => {
                let requirement = parser.requirement().map_err(|why| format!("unable to parse requirement: {why}"))?;
                requirements.push(requirement);
                let behind = parser.next(Place::Values);
                match behind.kind {
                    Kind::End => return Ok(requirements),
                    Kind::Comma => {
                        let next = parser.peek(Place::Values);
                        if !matches!(next.kind, Kind::Identifier | Kind::Not) {
                            return Err(format!("found '{}', expected: identifier after ','", next.text));
                        }
                    }
                    _ => return Err(format!("found '{}', expected: ',' or 'end of string'", behind.text)),
                }
            }
            Kind::End => return Ok(requirements),
            _ => return Err(format!("found '{}', expected: !, identifier, or 'end of string'", first.text)),
        }
    }
}
