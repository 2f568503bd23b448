//! The layout of kubectl's plain text explanations.

use super::schema::{Field, Type, Types, element, shown};

/// Columns of a description behind four blanks.
const WIDTH: usize = 76;
/// Values of a field shown in a list of fields.
const MAX_VALUES: usize = 4;

/// Description and fields of the type, or of the field that `path` leads to.
pub fn body(types: &Types, type_name: &str, path: &[&str], recursive: bool, max_depth: usize) -> Result<String, String> {
    let mut out = String::new();
    let mut here = type_name;
    let mut descriptions = Vec::new();
    for (i, name) in path.iter().enumerate() {
        let found = types.get(here).and_then(|t| t.fields.iter().find(|f| f.name == *name));
        let field = found.ok_or_else(|| format!("field \"{}\" does not exist", path[path.len() - 1]))?;
        here = element(field.type_name);
        if i + 1 == path.len() {
            out.push_str(&format!("FIELD: {} <{}>\n{}\n\n", field.name, shown(field.type_name), long_values(field)));
            descriptions.push(field.description);
        }
    }
    let own = types.get(here);
    descriptions.extend(own.map(|t| t.description).filter(|d| !d.is_empty()));
    descriptions.extend(well_known(here));
    let text: String = descriptions.iter().map(|d| format!("{d}\n")).collect();
    let text = if text.is_empty() { "<empty>" } else { &text };
    out.push_str(&format!("DESCRIPTION:\n{}\n", indent(&wrap(text, WIDTH), 4)));
    if let Some(of) = own.filter(|t| !t.fields.is_empty()) {
        out.push_str("FIELDS:\n");
        let mut list = List { types, recursive, max_depth, open: vec![here], out: String::new() };
        list.fields(of, 1);
        out.push_str(&list.out);
    }
    Ok(out)
}

/// Types without fields that have something to say.
fn well_known(name: &str) -> Option<&'static str> {
    match name {
        "IntOrString" => Some("A whole number, or text: a percentage (as 25%) or a name."),
        "Quantity" => Some("An amount: a number with a unit, as 500m (half of one), 2, 128Mi, 1Gi."),
        "Time" => Some("A time as 2026-11-23T17:02:20Z."),
        _ => None,
    }
}

/// A list of fields.
struct List<'a> {
    types: &'a Types,
    recursive: bool,
    max_depth: usize,
    /// Types around, which are not gone into again.
    open: Vec<&'a str>,
    out: String,
}

impl<'a> List<'a> {
    fn fields(&mut self, of: &'a Type, level: usize) {
        let margin = 2 * level;
        for field in &of.fields {
            let required = if field.required { " -required-" } else { "" };
            let name = indent(field.name, margin);
            self.out.push_str(&format!("{name}\t<{}>{required}{}\n", shown(field.type_name), short_values(field, margin)));
            if !self.recursive {
                let text = wrap(field.description, WIDTH + 2 - margin);
                self.out.push_str(&format!("{}\n\n", indent(&text, margin + 2)));
            } else if self.max_depth == 0 || level < self.max_depth {
                self.inner(element(field.type_name), level + 1);
            }
        }
    }

    fn inner(&mut self, name: &'a str, level: usize) {
        if self.open.contains(&name) {
            return;
        }
        if let Some(of) = self.types.get(name) {
            self.open.push(name);
            self.fields(of, level);
            self.open.pop();
        }
    }
}

fn long_values(field: &Field) -> String {
    if field.values.is_empty() {
        return String::new();
    }
    format!("ENUM:{}", field.values.iter().map(|v| format!("\n    {v}")).collect::<String>())
}

fn short_values(field: &Field, margin: usize) -> String {
    if field.values.is_empty() {
        return String::new();
    }
    let more = if field.values.len() > MAX_VALUES { ", ...." } else { "" };
    let first: Vec<&str> = field.values.iter().take(MAX_VALUES).copied().collect();
    format!("\n{}enum: {}{more}", " ".repeat(margin), first.join(", "))
}

fn indent(text: &str, amount: usize) -> String {
    let pad = " ".repeat(amount);
    format!("{pad}{}", text.replace('\n', &format!("\n{pad}")))
}

/// Lines of at most `width` characters, broken at blanks.
fn wrap(text: &str, width: usize) -> String {
    let wrapped = text.split('\n').map(|line| {
        let (mut out, mut column) = (String::new(), 0);
        for word in line.split(' ') {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > width {
                out.push('\n');
                column = 0;
            } else if column > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
        }
        out
    });
    wrapped.collect::<Vec<_>>().join("\n")
}
