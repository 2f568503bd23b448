//! Values as JSON text.

use super::super::number;
use serde_json::Value;

/// `kubectl get -o json`: four blanks a level, a newline at the end.
pub fn print(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Some(0));
    out.push('\n');
    out
}

/// `json.Marshal`: no blanks, keys in order, `<`, `>` and `&` escaped.
pub fn compact(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, None);
    out
}

/// `level`: how deep the value is, `None` for the compact form.
fn write(out: &mut String, value: &Value, level: Option<usize>) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&number::json_text(n)),
        Value::String(s) => string(out, s),
        Value::Array(items) => {
            list(out, ('[', ']'), items.len(), level, |out, i, inner| write(out, &items[i], inner));
        }
        Value::Object(map) => {
            let entries: Vec<(&String, &Value)> = map.iter().collect();
            list(out, ('{', '}'), entries.len(), level, |out, i, inner| {
                string(out, entries[i].0);
                out.push_str(if inner.is_some() { ": " } else { ":" });
                write(out, entries[i].1, inner);
            });
        }
    }
}

fn list(
    out: &mut String,
    brackets: (char, char),
    count: usize,
    level: Option<usize>,
    item: impl Fn(&mut String, usize, Option<usize>),
) {
    out.push(brackets.0);
    let inner = level.map(|l| l + 1);
    for i in 0..count {
        if i > 0 {
            out.push(',');
        }
        new_line(out, inner);
        item(out, i, inner);
    }
    if count > 0 {
        new_line(out, level);
    }
    out.push(brackets.1);
}

fn new_line(out: &mut String, level: Option<usize>) {
    if let Some(level) = level {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', 4 * level));
    }
}

/// A string in quotes, escaped as Go does for HTML.
pub fn string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
