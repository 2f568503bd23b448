//! Values as KYAML (`kubectl -o kyaml`): YAML in flow style, every string quoted, a comma behind every item.
//!
//! Source for the form: `sigs.k8s.io/yaml/kyaml`.

use super::number;
use serde_json::Value;

/// A document: `---`, the value, a line break.
pub fn print(value: &Value) -> String {
    let mut out = String::from("---\n");
    write(&mut out, value, 0);
    out.push('\n');
    out
}

fn write(out: &mut String, value: &Value, level: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&number::json_text(n)),
        Value::String(text) => string(out, text, level + 1),
        Value::Array(items) => list(out, items, level),
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Object(map) => {
            out.push_str("{\n");
            for (name, value) in map {
                indent(out, level + 1);
                if plain(name) {
                    out.push_str(name)
                } else {
                    quoted(out, name)
                }
                out.push_str(": ");
                write(out, value, level + 1);
                out.push_str(",\n");
            }
            indent(out, level);
            out.push('}');
        }
    }
}

/// Lists of lists and maps begin on the line of their bracket; other items have a line each.
fn list(out: &mut String, items: &[Value], level: usize) {
    out.push('[');
    if items.iter().all(|i| i.is_array() || i.is_object()) {
        for (i, item) in items.iter().enumerate() {
            out.push_str(if i > 0 { ", " } else { "" });
            write(out, item, level);
        }
    } else {
        out.push('\n');
        for item in items {
            indent(out, level + 1);
            write(out, item, level + 1);
            out.push_str(",\n");
        }
        indent(out, level);
    }
    out.push(']');
}

fn indent(out: &mut String, level: usize) {
    out.push_str(&"  ".repeat(level));
}

fn string(out: &mut String, text: &str, level: usize) {
    if !text.contains('\n') {
        return quoted(out, text);
    }
    // Each line of the text stands on its own, folded by a backslash at its end.
    out.push_str("\"\\\n");
    let body = text.strip_suffix('\n').unwrap_or(text);
    for (i, line) in body.split('\n').enumerate() {
        if i > 0 {
            out.push_str("\\n\\\n");
        }
        if !(line.is_empty() && i + 1 == body.split('\n').count() && !text.ends_with('\n')) {
            indent(out, level);
            out.push(if line.starts_with(char::is_whitespace) { '\\' } else { ' ' });
        }
        line.chars().for_each(|c| escaped(out, c));
    }
    out.push_str(if text.ends_with('\n') { "\\n\\\n" } else { "\\\n" });
    indent(out, level);
    out.push('"');
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    text.chars().for_each(|c| escaped(out, c));
    out.push('"');
}

fn escaped(out: &mut String, c: char) {
    match c {
        '"' | '\\' => out.extend(['\\', c]),
        '\r' => out.push_str("\\r"),
        '\0' => out.push_str("\\0"),
        '\u{1b}' => out.push_str("\\e"),
        '\t' => out.push('\t'),
        '\n' => out.push_str("\\n"),
        c if c.is_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
        c => out.push(c),
    }
}

/// Whether a key needs no quotes: letters, digits and `_`, inside also `-`, `.` and `/`, and nothing that YAML reads as another type.
fn plain(text: &str) -> bool {
    let count = text.chars().count();
    let fits =
        |(i, c): (usize, char)| c.is_alphanumeric() || c == '_' || (i > 0 && i + 1 < count && matches!(c, '-' | '.' | '/'));
    let lower = text.to_lowercase();
    let word = ["null", "true", "t", "y", "yes", "on", "false", "f", "n", "no", "off"].contains(&lower.as_str());
    let number = lower.starts_with(|c: char| c.is_ascii_digit())
        && !lower.contains(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'x');
    !text.is_empty() && !word && !number && text.chars().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn objects_in_flow_style() {
        let value = json!({"a": [{"b": 1}, {"c": "x"}], "d/e": ["p", "q"], "no": {}, "t": "one\n  two\n"});
        let text = "---\n{\n  a: [{\n    b: 1,\n  }, {\n    c: \"x\",\n  }],\n  d/e: [\n    \"p\",\n    \"q\",\n  ],\n  \"no\": {},\n  \"t\": \"\\\n     one\\n\\\n    \\  two\\n\\\n    \",\n}\n";
        assert_eq!(super::print(&value), text);
    }
}
