//! Objects as trees, field by field: which fields one has, how two differ, how one is merged into the other.
//!
//! Sources: `sigs.k8s.io/structured-merge-diff/typed/{tofieldset,compare,merge,remove,validate}.go`.

use super::set::{Element, Set, shown};
use super::structure::{self, Structure};
use crate::apiserver::patch::schema::Shape;
use serde_json::{Map, Value};

/// Where a value stands.
#[derive(Clone)]
struct Place {
    path: Vec<Element>,
    structure: Structure,
    shape: Shape,
}

impl Place {
    fn root(shape: Shape) -> Place {
        Place { path: vec![], structure: Structure::Granular, shape }
    }

    fn down(&self, element: &str, structure: Structure, shape: Shape) -> Place {
        let mut path = self.path.clone();
        path.push(element.into());
        Place { path, structure, shape }
    }

    fn field(&self, name: &str) -> Place {
        let (structure, shape) = structure::field(self.shape, name);
        self.down(&format!("f:{name}"), structure, shape)
    }

    /// The place of a list's element.
    fn item(&self, element: &Value) -> Option<Place> {
        let name = structure::identity(element, self.structure).ok()?;
        Some(self.down(&name, Structure::Granular, self.shape))
    }

    fn is_list(&self) -> bool {
        matches!(self.structure, Structure::Keyed(_) | Structure::Values)
    }
}

/// The fields that an applied configuration has; the errors of a configuration that is none.
pub fn fields(value: &Value, shape: Shape) -> Result<Set, Vec<String>> {
    let (mut set, mut errors) = (Set::default(), vec![]);
    collect(value, &Place::root(shape), &mut set, &mut errors);
    if errors.is_empty() { Ok(set) } else { Err(errors) }
}

fn collect(value: &Value, place: &Place, set: &mut Set, errors: &mut Vec<String>) {
    match value {
        Value::Object(map) if place.structure == Structure::Granular && !map.is_empty() => {
            map.iter().for_each(|(name, inner)| collect(inner, &place.field(name), set, errors));
        }
        Value::Array(items) if place.is_list() => {
            let mut seen: Vec<Element> = vec![];
            for (i, item) in items.iter().enumerate() {
                match structure::identity(item, place.structure) {
                    Err(why) => errors.push(format!("{}: element {i}: {why}", shown(&place.path))),
                    Ok(name) if seen.iter().any(|s| **s == name) => {
                        errors.push(format!("{}: duplicate entries for key {}", shown(&place.path), shown(&[name.into()])));
                    }
                    Ok(name) => {
                        let below = place.down(&name, Structure::Granular, place.shape);
                        seen.push(name.into());
                        if item.is_object() {
                            collect(item, &below, set, errors);
                        }
                        set.insert(&below.path);
                    }
                }
            }
        }
        _ => set.insert(&place.path),
    }
}

/// How one object differs from another.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Fields that only the new one has.
    pub added: Set,
    /// Fields of another value.
    pub modified: Set,
    /// Fields that only the old one has.
    pub removed: Set,
}

impl Comparison {
    /// What is new or other.
    pub fn changed(&self) -> Set {
        self.added.clone().union(&self.modified)
    }
}

/// Compares two objects of one kind.
pub fn compare(old: &Value, new: &Value, shape: Shape) -> Comparison {
    let mut found = Comparison::default();
    walk(Some(old), Some(new), &Place::root(shape), &mut found);
    found
}

fn walk(old: Option<&Value>, new: Option<&Value>, place: &Place, found: &mut Comparison) {
    let (old, new) = (old.filter(|v| !v.is_null()), new.filter(|v| !v.is_null()));
    let some = old.or(new);
    let list = place.is_list() && some.is_some_and(Value::is_array);
    let map = place.structure == Structure::Granular && some.is_some_and(Value::is_object);
    match (old, new) {
        (None, None) => return,
        (None, Some(value)) => {
            let leaf = !(list || map) || value.as_object().is_some_and(Map::is_empty);
            if leaf || !structure::is_always_there(&place.path) {
                found.added.insert(&place.path);
            }
        }
        (Some(_), None) => found.removed.insert(&place.path),
        (Some(a), Some(b)) if !(list || map) && a != b => found.modified.insert(&place.path),
        _ => {}
    }
    if map {
        let empty = Map::new();
        let of = |v: Option<&Value>| v.and_then(Value::as_object).unwrap_or(&empty).clone();
        let (old, new) = (of(old), of(new));
        let names = old.keys().chain(new.keys().filter(|k| !old.contains_key(*k)));
        names.for_each(|name| walk(old.get(name), new.get(name), &place.field(name), found));
    } else if list {
        let of = |v: Option<&Value>| {
            let items = v.and_then(Value::as_array).into_iter().flatten();
            items.filter_map(|item| place.item(item).map(|below| (below, item.clone()))).collect::<Vec<_>>()
        };
        let (old, new) = (of(old), of(new));
        let same = |list: &[(Place, Value)], at: &Place| list.iter().find(|(p, _)| p.path == at.path).map(|(_, v)| v.clone());
        for (below, item) in &old {
            walk(Some(item), same(&new, below).as_ref(), below, found);
        }
        for (below, item) in new.iter().filter(|(below, _)| same(&old, below).is_none()) {
            walk(None, Some(item), below, found);
        }
    }
}

/// An object with what a configuration says put over it.
pub fn merge(live: &Value, config: &Value, shape: Shape) -> Value {
    merged(live, config, &Place::root(shape))
}

fn merged(live: &Value, config: &Value, place: &Place) -> Value {
    match (live, config) {
        (Value::Object(old), Value::Object(new)) if place.structure == Structure::Granular => {
            let mut out = old.clone();
            for (name, value) in new {
                let below = place.field(name);
                let value = old.get(name).map_or_else(|| value.clone(), |before| merged(before, value, &below));
                out.insert(name.clone(), value);
            }
            Value::Object(out)
        }
        (Value::Array(old), Value::Array(new)) if place.is_list() => {
            let mut out = old.clone();
            for item in new {
                let below = place.item(item);
                let at = out
                    .iter()
                    .position(|o| below.is_some() && place.item(o).map(|p| p.path) == below.as_ref().map(|b| b.path.clone()));
                match (at, below) {
                    (Some(at), Some(below)) => out[at] = merged(&out[at], item, &below),
                    _ => out.push(item.clone()),
                }
            }
            Value::Array(out)
        }
        _ => config.clone(),
    }
}

/// Takes a field away.
pub fn remove(object: &mut Value, path: &[Element], shape: Shape) {
    take(object, path, &Place::root(shape));
}

fn take(value: &mut Value, path: &[Element], place: &Place) {
    let [first, rest @ ..] = path else { return };
    match value {
        Value::Object(map) => {
            let Some(name) = first.strip_prefix("f:") else { return };
            if rest.is_empty() {
                map.remove(name);
            } else if let Some(inner) = map.get_mut(name) {
                take(inner, rest, &place.field(name));
            }
        }
        Value::Array(items) => {
            let found = items.iter().position(|item| structure::identity(item, place.structure).is_ok_and(|n| n == **first));
            let Some(at) = found else { return };
            if rest.is_empty() {
                items.remove(at);
            } else {
                let below = place.down(first, Structure::Granular, place.shape);
                take(&mut items[at], rest, &below);
            }
        }
        _ => {}
    }
}

/// A place in a configuration as errors show it: elements of keyed lists by their keys.
pub fn place(config: &Value, steps: &[String], shape: Shape) -> String {
    let (mut at, mut value, mut text) = (Place::root(shape), config, String::new());
    for step in steps {
        match (step.split_once(':'), value) {
            (Some(("i", i)), Value::Array(items)) => {
                let item = i.parse().ok().and_then(|i: usize| items.get(i)).unwrap_or(&Value::Null);
                match at.item(item).filter(|_| at.is_list()) {
                    Some(below) => {
                        text.push_str(&shown(&below.path[below.path.len() - 1..]));
                        at = below;
                    }
                    None => text.push_str(&format!("[{i}]")),
                }
                value = item;
            }
            (Some((_, name)), _) => {
                at = at.field(name);
                text.push_str(&format!(".{name}"));
                value = value.get(name).unwrap_or(&Value::Null);
            }
            _ => {}
        }
    }
    text
}
