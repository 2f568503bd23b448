//! The tree of a document to a value: types, merges, aliases within limits, keys as strings.

use super::cursor::Mark;
use super::node::{NodeId, NodeKind, Tree};
use super::resolve::{BINARY_TAG, Resolved, resolve};
use super::{Parsed, YamlError};
use crate::manifest::base64;
use crate::manifest::limits::{MAX_DEPTH, MAX_VALUES};
use crate::manifest::number;
use crate::manifest::position::{Children, Positions};
use crate::manifest::quote::quote;
use crate::sorting::Arrange;
use serde_json::{Map, Value};

/// The values, the places and the repeated keys of a tree; the first error that go-yaml, or JSON behind it, would give.
pub fn compose(tree: &Tree) -> Result<Parsed, YamlError> {
    let mut composer =
        Composer { tree, decoded: 0, aliased: 0, alias_depth: 0, depth: 0, open: Vec::new(), late: None, duplicates: Vec::new() };
    let (value, positions) = composer.node(tree.root)?;
    match composer.late {
        Some(error) => Err(error),
        None => Ok(Parsed { value, positions, duplicates: composer.duplicates }),
    }
}

struct Composer<'a> {
    tree: &'a Tree,
    /// Nodes decoded, and how many of them inside aliases.
    decoded: u64,
    aliased: u64,
    alias_depth: usize,
    /// Values around the present one.
    depth: usize,
    /// Aliases being followed.
    open: Vec<NodeId>,
    /// What JSON will refuse, once YAML has been read to its end.
    late: Option<YamlError>,
    duplicates: Vec<YamlError>,
}

type Compose<T> = Result<T, YamlError>;

/// A mapping while it grows: values and places side by side.
#[derive(Default)]
struct Entries {
    values: Map<String, Value>,
    places: Vec<(String, Positions)>,
}

impl Composer<'_> {
    fn mark(&self, id: NodeId) -> Mark {
        self.tree.nodes[id].mark
    }

    fn fail<T>(&self, id: NodeId, problem: &str) -> Compose<T> {
        Err(YamlError::unplaced(problem, self.mark(id)))
    }

    fn later(&mut self, id: NodeId, message: String) {
        let mark = self.mark(id);
        self.late.get_or_insert_with(|| YamlError::at(message, mark));
    }

    /// Counts a node against the limits on what aliases may multiply.
    fn count(&mut self, id: NodeId) -> Compose<()> {
        self.decoded += 1;
        if self.alias_depth > 0 {
            self.aliased += 1;
        }
        let excessive = self.aliased > 100 && self.decoded > 1000 && self.aliased * 100 > self.decoded * 99;
        if excessive || self.decoded > 2 * MAX_VALUES as u64 || self.alias_depth > MAX_DEPTH {
            return self.fail(id, "document contains excessive aliasing");
        }
        Ok(())
    }

    fn node(&mut self, id: NodeId) -> Compose<(Value, Positions)> {
        self.count(id)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail(id, &format!("exceeded max depth of {MAX_DEPTH}"));
        }
        let tree = self.tree;
        let mark = self.mark(id);
        let place = (mark.line + 1, mark.column + 1);
        let (value, children) = match &tree.nodes[id].kind {
            NodeKind::Scalar { .. } => (self.scalar(id)?, Children::None),
            NodeKind::Sequence(items) => self.sequence(items)?,
            NodeKind::Mapping(entries) => {
                let mut map = Entries::default();
                self.mapping(entries, &mut map)?;
                (Value::Object(map.values), Children::Map(map.places))
            }
            NodeKind::Alias { name, target } => {
                let (value, places) = self.alias(id, name, |s| s.node(*target))?;
                (value, places.children)
            }
        };
        self.depth -= 1;
        Ok((value, Positions { key: place, value: place, children }))
    }

    /// Follows an alias with `inside`, unless it leads into itself.
    fn alias<T>(&mut self, id: NodeId, name: &str, inside: impl FnOnce(&mut Self) -> Compose<T>) -> Compose<T> {
        if self.open.contains(&id) {
            return self.fail(id, &format!("anchor '{name}' value contains itself"));
        }
        self.open.push(id);
        self.alias_depth += 1;
        let result = inside(self);
        self.alias_depth -= 1;
        self.open.pop();
        result
    }

    fn scalar(&mut self, id: NodeId) -> Compose<Value> {
        let NodeKind::Scalar { value: text, tag, implicit } = &self.tree.nodes[id].kind else { return Ok(Value::Null) };
        if tag == BINARY_TAG {
            return match base64::decode(text) {
                Ok(bytes) => Ok(Value::String(String::from_utf8_lossy(&bytes).into_owned())),
                Err(_) => self.fail(id, "!!binary value contains invalid base64 data"),
            };
        }
        match self.resolved(id, text, tag, *implicit)? {
            Resolved::Float(v) if !v.is_finite() => {
                self.later(id, format!("json: unsupported value: {}", number::go_g(v)));
                Ok(Value::Null)
            }
            resolved => Ok(resolved.value(text)),
        }
    }

    fn resolved(&self, id: NodeId, text: &str, tag: &str, implicit: bool) -> Compose<Resolved> {
        if tag.is_empty() && !implicit {
            return Ok(Resolved::Text);
        }
        resolve(tag, text).or_else(|problem| self.fail(id, &problem))
    }

    fn sequence(&mut self, items: &[NodeId]) -> Compose<(Value, Children)> {
        let (mut values, mut places) = (Vec::new(), Vec::new());
        for &item in items {
            let (value, place) = self.node(item)?;
            values.push(value);
            places.push(place);
        }
        Ok((Value::Array(values), Children::List(places)))
    }

    fn mapping(&mut self, entries: &[(NodeId, NodeId)], map: &mut Entries) -> Compose<()> {
        let mut own: std::collections::BTreeSet<String> = std::collections::BTreeSet::new();
        for &(key_id, value_id) in entries {
            if self.tree.is_merge(key_id) {
                self.merge(value_id, map)?;
                continue;
            }
            let key = self.key(key_id, value_id)?;
            let (value, mut place) = self.node(value_id)?;
            let mark = self.mark(key_id);
            place.key = (mark.line + 1, mark.column + 1);
            if !own.insert(key.clone()) {
                let line = self.mark(value_id).line + 1;
                let message = format!("yaml: unmarshal errors:\n  line {line}: key {} already set in map", quote(&key));
                self.duplicates.push(YamlError::at(message, mark));
            }
            map.values.insert(key.clone(), value);
            map.places.push((key, place));
        }
        Ok(())
    }

    /// `<<`: the entries of a mapping, of an alias to one, or of a list of them (where earlier ones win).
    fn merge(&mut self, id: NodeId, map: &mut Entries) -> Compose<()> {
        let tree = self.tree;
        match &tree.nodes[id].kind {
            NodeKind::Sequence(items) => {
                for &item in items.iter().rev() {
                    self.merge_one(item, map)?;
                }
                Ok(())
            }
            _ => self.merge_one(id, map),
        }
    }

    fn merge_one(&mut self, id: NodeId, map: &mut Entries) -> Compose<()> {
        let tree = self.tree;
        self.count(id)?;
        match &tree.nodes[id].kind {
            NodeKind::Mapping(entries) => self.mapping(entries, map),
            NodeKind::Alias { name, target } => match &tree.nodes[*target].kind {
                NodeKind::Mapping(entries) => self.alias(id, name, |s| {
                    s.count(*target)?;
                    s.mapping(entries, map)
                }),
                _ => self.fail(id, "map merge requires map or sequence of maps as the value"),
            },
            _ => self.fail(id, "map merge requires map or sequence of maps as the value"),
        }
    }

    /// A key as JSON has it: numbers and booleans become text, other things are refused.
    fn key(&mut self, id: NodeId, value_id: NodeId) -> Compose<String> {
        self.count(id)?;
        let tree = self.tree;
        let target = match &tree.nodes[id].kind {
            NodeKind::Alias { target, .. } => *target,
            _ => id,
        };
        let NodeKind::Scalar { value: text, tag, implicit } = &tree.nodes[target].kind else {
            // What is wrong inside the key comes first.
            self.node(target)?;
            let shown = self.go_syntax(target, 0);
            return self.fail(id, &format!("invalid map key: {shown}"));
        };
        if tag == BINARY_TAG {
            let value = self.scalar(target)?;
            return Ok(value.as_str().unwrap_or_default().to_owned());
        }
        Ok(match self.resolved(target, text, tag, *implicit)? {
            Resolved::Bool(b) => b.to_string(),
            Resolved::Int(n) => n.to_string(),
            Resolved::Float(v) if v.is_nan() => ".nan".to_owned(),
            Resolved::Float(v) if v.is_infinite() => if v > 0.0 { ".inf" } else { "-.inf" }.to_owned(),
            Resolved::Float(v) => number::go_g32(v),
            Resolved::Null | Resolved::Uint(_) => {
                let (kind, key) = match text.parse::<u64>() {
                    Ok(n) => ("uint64", format!("{n:#x}")),
                    Err(_) => ("%!s(<nil>)", "<nil>".to_owned()),
                };
                let value = self.go_syntax(value_id, 0);
                self.later(id, format!("unsupported map key of type: {kind}, key: {key}, value: {value}"));
                String::new()
            }
            _ => text.clone(),
        })
    }

    /// A node as Go's `%#v` shows it, for the two messages that do; bounded in depth.
    fn go_syntax(&self, id: NodeId, depth: usize) -> String {
        if depth > MAX_DEPTH {
            return "…".to_owned();
        }
        let inner = |id: NodeId| match self.go_syntax(id, depth + 1).as_str() {
            "<nil>" => "interface {}(nil)".to_owned(),
            text => text.to_owned(),
        };
        match &self.tree.nodes[id].kind {
            NodeKind::Alias { name, .. } => format!("*{name}"),
            NodeKind::Sequence(items) => {
                let items: Vec<String> = items.iter().map(|&i| inner(i)).collect();
                format!("[]interface {{}}{{{}}}", items.join(", "))
            }
            NodeKind::Mapping(entries) => {
                let mut entries: Vec<String> = entries.iter().map(|&(k, v)| format!("{}:{}", inner(k), inner(v))).collect();
                entries.arrange();
                format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
            }
            NodeKind::Scalar { value: text, tag, implicit } => match self.resolved(id, text, tag, *implicit) {
                Ok(Resolved::Null) => "<nil>".to_owned(),
                Ok(Resolved::Bool(b)) => b.to_string(),
                Ok(Resolved::Int(n)) => n.to_string(),
                Ok(Resolved::Uint(n)) => format!("{n:#x}"),
                Ok(Resolved::Float(v)) => number::go_g(v),
                _ => quote(text),
            },
        }
    }
}
