//! How a refused change of a Pod is shown: the lines of both specs as indented JSON, marked `-` (as wanted) and `+` (as stored).

use crate::api::codec::Json;
use crate::api::pod::PodSpec;
use serde_json::Value;

/// Unchanged lines that are shown around a change.
const CONTEXT: usize = 3;
/// Lines beyond which the whole is shown as replaced: comparing costs the product of both lengths.
const MAX_LINES: usize = 1500;

fn lines(spec: &PodSpec) -> Vec<String> {
    let mut out = vec![];
    print(&spec.encode(), 0, "", "", &mut out);
    out
}

fn print(value: &Value, depth: usize, lead: &str, tail: &str, out: &mut Vec<String>) {
    let pad = "  ".repeat(depth);
    let mut block = |open: &str, close: &str, parts: Vec<(String, &Value)>| {
        out.push(format!("{pad}{lead}{open}"));
        let last = parts.len().saturating_sub(1);
        for (i, (lead, part)) in parts.iter().enumerate() {
            print(part, depth + 1, lead, if i < last { "," } else { "" }, out);
        }
        out.push(format!("{pad}{close}{tail}"));
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            block("{", "}", map.iter().map(|(k, v)| (format!("{}: ", Value::from(k.as_str())), v)).collect());
        }
        Value::Array(items) if !items.is_empty() => {
            block("[", "]", items.iter().map(|v| (String::new(), v)).collect());
        }
        other => out.push(format!("{pad}{lead}{other}{tail}")),
    }
}

/// What stands in `new` but not in `old` (`-`) and the other way round (`+`), with a few lines around.
pub(super) fn diff(new: &PodSpec, old: &PodSpec) -> String {
    let (new, old) = (lines(new), lines(old));
    let marked = compare(&new, &old);
    let near = |i: usize| {
        let (from, to) = (i.saturating_sub(CONTEXT), (i + CONTEXT + 1).min(marked.len()));
        marked[from..to].iter().any(|(mark, _)| *mark != ' ')
    };
    let mut out = String::new();
    let mut cut = false;
    for (i, (mark, line)) in marked.iter().enumerate() {
        if near(i) {
            out.push_str(&format!("{mark} {line}\n"));
            cut = false;
        } else if !cut {
            out.push_str("  ...\n");
            cut = true;
        }
    }
    out
}

/// The longest common subsequence, the plain way.
fn compare<'a>(a: &'a [String], b: &'a [String]) -> Vec<(char, &'a str)> {
    let mut out = vec![];
    if a.len() > MAX_LINES || b.len() > MAX_LINES {
        out.extend(a.iter().map(|l| ('-', l.as_str())));
        out.extend(b.iter().map(|l| ('+', l.as_str())));
        return out;
    }
    let width = b.len() + 1;
    let mut common = vec![0u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i * width + j] = if a[i] == b[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            out.push((' ', a[i].as_str()));
            (i, j) = (i + 1, j + 1);
        } else if i < a.len() && (j == b.len() || common[(i + 1) * width + j] >= common[i * width + j + 1]) {
            out.push(('-', a[i].as_str()));
            i += 1;
        } else {
            out.push(('+', b[j].as_str()));
            j += 1;
        }
    }
    out
}
