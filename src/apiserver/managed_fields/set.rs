//! A set of fields, as a tree of path elements in the form of `fieldsV1`: `f:name`, `k:{"name":"web"}`, `v:"x"`.
//!
//! Sources: `sigs.k8s.io/structured-merge-diff/fieldpath/{set,element,path}.go`.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// One step of a path.
pub type Element = Rc<str>;

/// Fields of one object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    members: BTreeSet<Element>,
    children: BTreeMap<Element, Set>,
}

impl Set {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.children.is_empty()
    }

    /// Puts a field in.
    pub fn insert(&mut self, path: &[Element]) {
        match path {
            [] => {}
            [last] => drop(self.members.insert(last.clone())),
            [first, rest @ ..] => self.children.entry(first.clone()).or_default().insert(rest),
        }
    }

    /// Whether this very field is in it.
    pub fn has(&self, path: &[Element]) -> bool {
        match path {
            [] => false,
            [last] => self.members.contains(last),
            [first, rest @ ..] => self.children.get(first).is_some_and(|c| c.has(rest)),
        }
    }

    /// Whether this field or one below it is in the set.
    pub fn touches(&self, path: &[Element]) -> bool {
        match path {
            [] => !self.is_empty(),
            [last] => self.members.contains(last) || self.children.contains_key(last),
            [first, rest @ ..] => self.children.get(first).is_some_and(|c| c.touches(rest)),
        }
    }

    /// What is in either.
    pub fn union(mut self, other: &Set) -> Set {
        self.members.extend(other.members.iter().cloned());
        for (key, child) in &other.children {
            let own = self.children.remove(key).unwrap_or_default();
            self.children.insert(key.clone(), own.union(child));
        }
        self
    }

    /// What is in both.
    pub fn intersection(&self, other: &Set) -> Set {
        let both = |(key, child): (&Element, &Set)| Some((key.clone(), child.intersection(other.children.get(key)?)));
        Set {
            members: self.members.intersection(&other.members).cloned().collect(),
            children: self.children.iter().filter_map(both).filter(|(_, child)| !child.is_empty()).collect(),
        }
    }

    /// What is in this one only.
    pub fn difference(&self, other: &Set) -> Set {
        let rest = |(key, child): (&Element, &Set)| {
            let rest = other.children.get(key).map_or_else(|| child.clone(), |o| child.difference(o));
            (key.clone(), rest)
        };
        Set {
            members: self.members.difference(&other.members).cloned().collect(),
            children: self.children.iter().map(rest).filter(|(_, child)| !child.is_empty()).collect(),
        }
    }

    /// Without a field and what is below it.
    pub fn without(mut self, path: &[Element]) -> Set {
        match path {
            [] => {}
            [last] => {
                self.members.remove(last);
                self.children.remove(last);
            }
            [first, rest @ ..] => {
                if let Some(child) = self.children.remove(first) {
                    let child = child.without(rest);
                    if !child.is_empty() {
                        self.children.insert(first.clone(), child);
                    }
                }
            }
        }
        self
    }

    /// Only what is at or below a top-level field.
    pub fn only(&self, top: &str) -> Set {
        Set {
            members: self.members.iter().filter(|m| &***m == top).cloned().collect(),
            children: self.children.iter().filter(|(key, _)| &***key == top).map(|(k, c)| (k.clone(), c.clone())).collect(),
        }
    }

    /// All its fields: those that end at a level before those that go on.
    pub fn paths(&self) -> Vec<Vec<Element>> {
        let mut found: Vec<Vec<Element>> = self.members.iter().map(|m| vec![m.clone()]).collect();
        for (key, child) in &self.children {
            found.extend(child.paths().into_iter().map(|rest| [vec![key.clone()], rest].concat()));
        }
        found
    }

    /// As `fieldsV1`.
    pub fn to_value(&self) -> Value {
        let mut map: Map<String, Value> = self.members.iter().map(|m| (m.to_string(), Value::Object(Map::new()))).collect();
        for (key, child) in &self.children {
            let mut inner = child.to_value();
            if self.members.contains(key)
                && let Value::Object(inner) = &mut inner
            {
                inner.insert(".".into(), Value::Object(Map::new()));
            }
            map.insert(key.to_string(), inner);
        }
        Value::Object(map)
    }
}

/// A path as conflicts show it: `.spec.ports[port=80,protocol="TCP"].targetPort`.
pub fn shown(path: &[Element]) -> String {
    path.iter().map(|element| shown_element(element)).collect()
}

fn shown_element(element: &str) -> String {
    match element.split_once(':') {
        Some(("f", name)) => format!(".{name}"),
        Some(("k", keys)) => {
            let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
            let pairs: Vec<String> = keys.iter().map(|(k, v)| format!("{k}={v}")).collect();
            format!("[{}]", pairs.join(","))
        }
        Some(("v", value)) => format!("[={value}]"),
        _ => element.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<Element> {
        text.split('|').map(Rc::from).collect()
    }

    fn set(paths: &[&str]) -> Set {
        let mut set = Set::default();
        paths.iter().for_each(|p| set.insert(&path(p)));
        set
    }

    #[test]
    fn sets_are_joined_and_parted() {
        let a = set(&["f:spec|f:replicas", "f:spec|f:template|f:x", "f:metadata|f:labels"]);
        let b = set(&["f:spec|f:replicas", "f:metadata|f:labels|f:app"]);
        assert_eq!(a.intersection(&b), set(&["f:spec|f:replicas"]));
        assert_eq!(a.difference(&b), set(&["f:spec|f:template|f:x", "f:metadata|f:labels"]));
        assert_eq!(a.clone().union(&b).paths().len(), 4);
        assert!(a.touches(&path("f:spec|f:template")) && !a.has(&path("f:spec|f:template")));
        assert_eq!(a.without(&path("f:spec")), set(&["f:metadata|f:labels"]));
    }

    #[test]
    fn paths_are_shown_as_conflicts_show_them() {
        let of = |text: &str| shown(&path(text));
        assert_eq!(
            of("f:spec|f:ports|k:{\"port\":80,\"protocol\":\"TCP\"}|f:targetPort"),
            ".spec.ports[port=80,protocol=\"TCP\"].targetPort"
        );
        assert_eq!(of("f:metadata|f:finalizers|v:\"a/b\""), ".metadata.finalizers[=\"a/b\"]");
    }
}
