//! Numbers and quoted texts of a template.

use super::super::go;
use super::lex::{Kind, Token};
use super::node::ExprKind;
use crate::manifest::number;

/// The number of a token; errors in Go's words.
pub fn parse(token: &Token) -> Result<ExprKind, String> {
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
    let (sign, digits, radix) = number::go_base(text)?;
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}

/// `strconv.Unquote` for `"…"`, `` `…` `` and `'…'`.
pub fn unquote(text: &str) -> Option<String> {
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
