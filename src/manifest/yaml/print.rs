//! A value as YAML text, the bytes of `kubectl get -o yaml`.
//!
//! Promises: go-yaml v2's style: lists at their key's column, text in quotes only where it would read as something else, text of several
//! lines as a block, a new line at a blank behind column 80. Reading the text gives the value again.

use super::resolve::{Resolved, resolve_plain};
use super::style::{blanks, is_break, string};
use crate::manifest::number;
use crate::sorting::Arrange;
use serde_json::{Map, Number, Value};
use std::cmp::Ordering;

/// Longest key that stands before its `:`; longer ones are written behind `? `.
const MAX_SIMPLE_KEY: usize = 128;

/// The text of one document, ended by a newline.
pub fn print(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(&mut out, map, 0),
        Value::Array(items) if !items.is_empty() => sequence(&mut out, items, 0),
        other => {
            scalar(&mut out, other, 0);
            out.push('\n');
        }
    }
    out
}

/// Writes a mapping whose first key stands where the text is now (the indentation of that line is written).
fn mapping(out: &mut String, map: &Map<String, Value>, indent: usize) {
    let mut entries: Vec<(&String, &Value)> = map.iter().collect();
    entries.arrange_by(|a, b| natural_order(a.0, b.0));
    for (i, (key, value)) in entries.into_iter().enumerate() {
        if i > 0 {
            blanks(out, indent);
        }
        let style = key_style(key);
        if style.is_simple {
            out.push_str(&style.text);
            out.push(':');
        } else {
            out.push_str("? ");
            string(out, key, Some(indent));
            out.push('\n');
            blanks(out, indent);
            out.push(':');
        }
        entry_value(out, value, indent, style.is_simple);
    }
}

/// What stands behind `key:`. Behind a long key (`? key`) collections start on the same line.
fn entry_value(out: &mut String, value: &Value, indent: usize, simple: bool) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            if simple {
                out.push('\n');
                blanks(out, indent + 2);
            } else {
                out.push(' ');
            }
            mapping(out, map, indent + 2);
        }
        Value::Array(items) if !items.is_empty() => {
            let indent = if simple { indent } else { indent + 2 };
            if simple {
                out.push('\n');
                blanks(out, indent);
            } else {
                out.push(' ');
            }
            sequence(out, items, indent);
        }
        other => {
            out.push(' ');
            scalar(out, other, indent);
            out.push('\n');
        }
    }
}

fn sequence(out: &mut String, items: &[Value], indent: usize) {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            blanks(out, indent);
        }
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => mapping(out, map, indent + 2),
            Value::Array(items) if !items.is_empty() => sequence(out, items, indent + 2),
            other => {
                scalar(out, other, indent);
                out.push('\n');
            }
        }
    }
}

/// A value on one line (or a block of text whose lines are 2 deeper than `indent`); the newline behind it is the caller's.
fn scalar(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&number_text(n)),
        Value::String(s) => string(out, s, Some(indent)),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

/// Numbers pass through JSON on their way: only what is no integer there is written as a float.
fn number_text(n: &Number) -> String {
    let text = number::json_text(n);
    match resolve_plain(&text) {
        Resolved::Float(v) => number::go_g(v),
        Resolved::Int(n) => n.to_string(),
        _ => text,
    }
}

struct KeyStyle {
    is_simple: bool,
    text: String,
}

fn key_style(key: &str) -> KeyStyle {
    let is_simple = key.len() <= MAX_SIMPLE_KEY && !key.chars().any(is_break);
    let mut text = String::new();
    if is_simple {
        string(&mut text, key, None);
    }
    KeyStyle { is_simple, text }
}

/// go-yaml's order of keys: letters behind other characters, runs of digits by their number.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (ar, br): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(i) = ar.iter().zip(&br).position(|(x, y)| x != y) else { return ar.len().cmp(&br.len()) };
    let (x, y) = (ar[i], br[i]);
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // Zeros inside a number count as digits of it.
    let digits_before = ar[..i].iter().rev().take_while(|c| c.is_ascii_digit());
    let inside = (x == '0' || y == '0') && digits_before.into_iter().any(|&c| c != '0');
    let number = |chars: &[char]| {
        let digits = chars[i..].iter().map_while(|c| c.to_digit(10));
        digits.fold((i64::from(inside), 0), |(n, len), d| (n.wrapping_mul(10).wrapping_add(i64::from(d)), len + 1))
    };
    number(&ar).cmp(&number(&br)).then(x.cmp(&y))
}
