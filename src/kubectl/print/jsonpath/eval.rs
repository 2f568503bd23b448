//! Walks a value along a template's nodes.

use super::super::go;
use super::parse::{Node, Slice};
use crate::manifest::{json, number};
use serde_json::Value;
use std::cmp::Ordering;

/// Values visited by one template; beyond it the template is refused.
const MAX_STEPS: usize = 2_000_000;
/// Ranges within ranges.
const MAX_RANGES: usize = 64;

/// A found value: a part of the object, something the template itself says, or nothing at all.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    Part(&'a Value),
    Made(Value),
    /// The value of a range without results.
    Nothing,
}

impl<'a> Item<'a> {
    fn value(&self) -> &Value {
        match self {
            Item::Part(value) => value,
            Item::Made(value) => value,
            Item::Nothing => &Value::Null,
        }
    }

    /// The part of the object, to go deeper into; made values have no parts worth going into.
    fn part(&self) -> Option<&'a Value> {
        match self {
            Item::Part(value) => Some(value),
            _ => None,
        }
    }

    pub fn into_value(self) -> Value {
        match self {
            Item::Part(value) => value.clone(),
            Item::Made(value) => value,
            Item::Nothing => Value::Null,
        }
    }

    /// Collections as JSON, numbers as Go writes them, text as it is.
    pub fn print(&self, out: &mut String) {
        match (self, self.value()) {
            (Item::Nothing, _) => out.push_str("<no value>"),
            (_, Value::Null) => out.push_str("null"),
            (_, value @ (Value::Array(_) | Value::Object(_))) => out.push_str(&json::compact(value)),
            (_, value) => out.push_str(&go::plain(value)),
        }
    }
}

/// What was found so far, with an error if the walk stopped: a filter without comparison looks only at what was found.
type Walk<'a> = Result<Vec<Item<'a>>, (Vec<Item<'a>>, String)>;

pub struct Evaluator<'a> {
    nodes: &'a [Node],
    allow_missing_keys: bool,
    begin_range: usize,
    in_range: usize,
    end_range: usize,
    /// Number of the last `{end}` that closed a range.
    last_end: Option<usize>,
    steps: usize,
}

impl<'a> Evaluator<'a> {
    pub fn new(nodes: &'a [Node], allow_missing_keys: bool) -> Self {
        Self { nodes, allow_missing_keys, begin_range: 0, in_range: 0, end_range: 0, last_end: None, steps: 0 }
    }

    pub fn find(mut self, value: &'a Value) -> Result<Vec<Vec<Item<'a>>>, String> {
        self.find_from(0, &Item::Part(value))
    }

    /// The results of the nodes from number `from` on, up to the end of the innermost range.
    fn find_from(&mut self, from: usize, current: &Item<'a>) -> Result<Vec<Vec<Item<'a>>>, String> {
        let nodes = self.nodes;
        let mut found = Vec::new();
        let mut i = from;
        while i < nodes.len() {
            let results = self.walk(vec![current.clone()], &nodes[i]).map_err(|(_, error)| error)?;
            if self.end_range > 0 && self.end_range <= self.in_range {
                self.end_range -= 1;
                self.last_end = Some(i);
                break;
            }
            if self.begin_range > 0 {
                self.begin_range -= 1;
                self.in_range += 1;
                if self.in_range > MAX_RANGES {
                    return Err("ranges are nested too deeply".to_owned());
                }
                self.range(i + 1, &results, &mut found)?;
                self.in_range -= 1;
                if let Some(end) = self.last_end.filter(|&end| end > i) {
                    i = end;
                }
            } else {
                found.push(results);
            }
            i += 1;
        }
        Ok(found)
    }

    /// Without results the nodes of the range are walked all the same, so that its end is found.
    fn range(&mut self, from: usize, values: &[Item<'a>], found: &mut Vec<Vec<Item<'a>>>) -> Result<(), String> {
        if values.is_empty() {
            self.find_from(from, &Item::Nothing)?;
        }
        for value in values {
            found.extend(self.find_from(from, value)?);
        }
        Ok(())
    }

    fn walk(&mut self, input: Vec<Item<'a>>, node: &'a Node) -> Walk<'a> {
        self.steps += input.len() + 1;
        if self.steps > MAX_STEPS {
            return Err((Vec::new(), "template looks at too many values".to_owned()));
        }
        let constant = |value: Value| Ok(input.iter().map(|_| Item::Made(value.clone())).collect());
        match node {
            Node::Text(text) => Ok(vec![Item::Made(Value::from(text.as_str()))]),
            Node::List(nodes) => self.list(input, nodes),
            Node::Field(name) => self.field(&input, name),
            Node::Wildcard => Ok(input.iter().flat_map(children).collect()),
            Node::Recursive => {
                let mut found = Vec::new();
                self.recursive(&input, &mut found)?;
                Ok(found)
            }
            Node::Array(slice) => array(input, *slice),
            Node::Union(lists) => {
                let mut found = Vec::new();
                for list in lists {
                    found.extend(self.list(input.clone(), list)?);
                }
                Ok(found)
            }
            Node::Filter { left, operator, right } => self.filter(input, left, operator, right),
            Node::Int(n) => constant(Value::from(*n)),
            Node::Float(v) => constant(Value::from(*v)),
            Node::Bool(b) => constant(Value::from(*b)),
            Node::Identifier(word) => self.identifier(input, word),
        }
    }

    fn list(&mut self, mut current: Vec<Item<'a>>, nodes: &'a [Node]) -> Walk<'a> {
        for node in nodes {
            current = self.walk(current, node)?;
        }
        Ok(current)
    }

    fn identifier(&mut self, input: Vec<Item<'a>>, word: &str) -> Walk<'a> {
        match word {
            "range" => {
                self.begin_range += 1;
                Ok(input)
            }
            "end" if self.in_range > 0 => {
                self.end_range += 1;
                Ok(Vec::new())
            }
            "end" => Err((Vec::new(), "not in range, nothing to end".to_owned())),
            _ => Err((input, format!("unrecognized identifier {word}"))),
        }
    }

    fn field(&self, input: &[Item<'a>], name: &str) -> Walk<'a> {
        if input.is_empty() {
            return Ok(Vec::new());
        }
        let fields = input.iter().filter_map(|item| item.part()?.as_object()?.get(name));
        let found: Vec<Item> = fields.map(Item::Part).collect();
        if found.is_empty() && !self.allow_missing_keys {
            return Err((found, format!("{name} is not found")));
        }
        Ok(found)
    }

    /// Every value that has parts, before its parts.
    fn recursive(&mut self, input: &[Item<'a>], found: &mut Vec<Item<'a>>) -> Result<(), (Vec<Item<'a>>, String)> {
        for item in input {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return Err((Vec::new(), "template looks at too many values".to_owned()));
            }
            let parts = children(item);
            if !parts.is_empty() {
                found.push(item.clone());
                self.recursive(&parts, found)?;
            }
        }
        Ok(())
    }

    fn filter(&mut self, input: Vec<Item<'a>>, left: &'a [Node], operator: &str, right: &'a [Node]) -> Walk<'a> {
        let mut found = Vec::new();
        for item in &input {
            let Some(Value::Array(elements)) = item.part() else {
                let shown = go::plain(item.value());
                return Err((input, format!("{shown} is not array or slice and cannot be filtered")));
            };
            for element in elements {
                let here = vec![Item::Part(element)];
                let lefts = self.list(here.clone(), left);
                let passes = if operator == "exists" {
                    let (Ok(lefts) | Err((lefts, _))) = lefts;
                    !lefts.is_empty()
                } else {
                    let lefts = lefts.map_err(|(_, error)| (input.clone(), error))?;
                    self.compare(&here, &lefts, operator, right).map_err(|error| (input.clone(), error))?
                };
                if passes {
                    found.push(Item::Part(element));
                }
            }
        }
        Ok(found)
    }

    fn compare(&mut self, here: &[Item<'a>], lefts: &[Item<'a>], operator: &str, right: &'a [Node]) -> Result<bool, String> {
        let one = |items: &[Item<'a>]| match items {
            [] => Ok(None),
            [one] => Ok(Some(one.clone())),
            _ => Err("can only compare one element at a time".to_owned()),
        };
        let Some(left) = one(lefts)? else { return Ok(false) };
        let rights = self.list(here.to_vec(), right).map_err(|(_, error)| error)?;
        let Some(right) = one(&rights)? else { return Ok(false) };
        compare(left.value(), operator, right.value())
    }
}

/// The values of a map, the elements of a list, the bytes of a text.
fn children<'a>(item: &Item<'a>) -> Vec<Item<'a>> {
    match (item.part(), item) {
        (Some(Value::Object(map)), _) => map.values().map(Item::Part).collect(),
        (Some(Value::Array(items)), _) => items.iter().map(Item::Part).collect(),
        (_, item) => match item.value() {
            Value::String(text) => text.bytes().map(|b| Item::Made(Value::from(b))).collect(),
            _ => Vec::new(),
        },
    }
}

fn array<'a>(input: Vec<Item<'a>>, slice: Slice) -> Walk<'a> {
    let mut found = Vec::new();
    for item in &input {
        if item.value().is_null() {
            continue;
        }
        let Some(Value::Array(elements)) = item.part() else {
            let name = match (item, go::type_name(item.value())) {
                (Item::Made(_), "int64") => "int",
                (_, name) => name,
            };
            return Err((input, format!("{name} is not array or slice")));
        };
        match range(slice, elements.len() as i64) {
            Ok(None) => return Ok(found),
            Ok(Some((start, end, step))) => {
                found.extend(elements[start..end].iter().step_by(step).map(Item::Part));
            }
            Err(error) => return Err((input, error)),
        }
    }
    Ok(found)
}

/// Start, end and step within a list of this length; `None` if it is empty.
fn range(slice: Slice, length: i64) -> Result<Option<(usize, usize, usize)>, String> {
    let mut start = slice.start.unwrap_or(0);
    if start < 0 {
        start = start.saturating_add(length);
    }
    let mut end = slice.end.unwrap_or(length);
    if end < 0 || (end == 0 && slice.single) {
        end = end.saturating_add(length);
    }
    if start == end {
        return Ok(None);
    }
    let out_of_bounds = |index: i64| Err(format!("array index out of bounds: index {index}, length {length}"));
    if start >= length || start < 0 {
        return out_of_bounds(start);
    }
    if end > length || end < 0 {
        return out_of_bounds(end - 1);
    }
    if start > end {
        return Err(format!("starting index {start} is greater than ending index {end}"));
    }
    match slice.step {
        Some(step) if step <= 0 => Err("step must be > 0".to_owned()),
        step => Ok(Some((start as usize, end as usize, step.unwrap_or(1) as usize))),
    }
}

/// Compares values of one kind, as Go templates do.
fn compare(left: &Value, operator: &str, right: &Value) -> Result<bool, String> {
    let equality = matches!(operator, "==" | "!=");
    let order = match (left, right) {
        (Value::Null | Value::Array(_) | Value::Object(_), _) | (_, Value::Null | Value::Array(_) | Value::Object(_)) => {
            return Err("invalid type for comparison".to_owned());
        }
        (Value::Bool(a), Value::Bool(b)) if equality => a.cmp(b),
        (Value::Bool(_), Value::Bool(_)) => return Err("invalid type for comparison".to_owned()),
        (Value::String(a), Value::String(b)) => a.as_str().cmp(b.as_str()),
        (Value::Number(a), Value::Number(b)) if a.is_f64() == b.is_f64() => number::compare(a, b),
        _ => return Err("incompatible types for comparison".to_owned()),
    };
    Ok(match operator {
        "==" => order == Ordering::Equal,
        "!=" => order != Ordering::Equal,
        "<" => order == Ordering::Less,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        ">=" => order != Ordering::Less,
        _ => return Err(format!("unrecognized filter operator {operator}")),
    })
}
