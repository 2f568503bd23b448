//! The types and fields out of `fields.txt`.
//!
//! A line `@Type description` starts a type; `name type description` is one of its fields, `name!` a required one, `{A,B}` behind the type
//! lists its values. Types: `string`, `integer`, `boolean`, `Time`, a type's name, and `[]T`, `map[string]T` of these.

use std::collections::BTreeMap;

const TEXT: &str = include_str!("fields.txt");

/// All types by name.
pub type Types = BTreeMap<&'static str, Type>;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Type {
    pub description: &'static str,
    /// In order of their names.
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    /// As `[]ServicePort`.
    pub type_name: &'static str,
    pub required: bool,
    pub values: Vec<&'static str>,
    pub description: &'static str,
}

/// Reads the data; lines that do not fit are left out.
pub fn types() -> Types {
    let mut types = Types::new();
    let mut name = "";
    for line in TEXT.lines() {
        if let Some((type_name, description)) = line.strip_prefix('@').and_then(|l| l.split_once(' ')) {
            name = type_name;
            types.insert(name, Type { description, fields: Vec::new() });
        } else if let (Some(field), Some(of)) = (field(line), types.get_mut(name)) {
            of.fields.push(field);
        }
    }
    types
}

fn field(line: &'static str) -> Option<Field> {
    let (name, rest) = line.split_once(' ')?;
    let (type_name, rest) = rest.split_once(' ')?;
    let listed = rest.strip_prefix('{').and_then(|r| r.split_once("} "));
    let (values, description) = listed.map_or((Vec::new(), rest), |(values, text)| (values.split(',').collect(), text));
    let required = name.ends_with('!');
    Some(Field { name: name.trim_end_matches('!'), type_name, required, values, description })
}

/// The type within lists and maps.
pub fn element(type_name: &str) -> &str {
    let mut inner = type_name;
    while let Some(rest) = inner.strip_prefix("[]").or_else(|| inner.strip_prefix("map[string]")) {
        inner = rest;
    }
    inner
}

/// A type as it is shown: without its group, times as the text that they are.
pub fn shown(type_name: &str) -> String {
    let inner = element(type_name);
    let wrapping = &type_name[..type_name.len() - inner.len()];
    let name = match inner {
        "Time" => "string",
        name => name.rsplit('.').next().unwrap_or(name),
    };
    format!("{wrapping}{name}")
}
