//! The objects by kind and key, and the log of what changed: no rules, no defaults.

use crate::api::{Key, Kind, Object, Resource};
use crate::cause::Cause;
use std::collections::BTreeMap;
use std::rc::Rc;

/// One change of one object: from nothing (created), to nothing (removed), or from one state to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The resourceVersion that this change got.
    pub version: u64,
    /// The object before.
    pub old: Option<Object>,
    /// The object after.
    pub new: Option<Object>,
    /// Why it was made; known as soon as the watches are told.
    pub why: Option<Cause>,
}

impl Change {
    /// The newest state that there is: the new one, or the last one of a removed object.
    pub fn object(&self) -> &Object {
        self.new.as_ref().or(self.old.as_ref()).expect("a change has a before or an after")
    }

    /// The kind of the object.
    pub fn kind(&self) -> Kind {
        self.object().kind()
    }

    /// The state before, if there was one and it is of that type.
    pub fn before<T: Resource>(&self) -> Option<&Rc<T>> {
        self.old.as_ref().and_then(Object::as_)
    }

    /// The state after, if there is one and it is of that type.
    pub fn after<T: Resource>(&self) -> Option<&Rc<T>> {
        self.new.as_ref().and_then(Object::as_)
    }
}

/// All objects. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Store {
    tables: BTreeMap<Kind, BTreeMap<Key, Object>>,
    version: u64,
    /// The version of the last change of each kind.
    changed: BTreeMap<Kind, u64>,
}

impl Store {
    /// The resourceVersion of the last change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The resourceVersion of the last change of an object of a kind; 0 when there was none.
    pub fn changed(&self, kind: Kind) -> u64 {
        self.changed.get(&kind).copied().unwrap_or(0)
    }

    /// The resourceVersion of a change that is about to be made.
    fn next_version(&mut self, kind: Kind) -> u64 {
        self.version += 1;
        self.changed.insert(kind, self.version);
        self.version
    }

    /// The object at a key.
    pub fn get(&self, kind: Kind, key: &Key) -> Option<&Object> {
        self.tables.get(&kind)?.get(key)
    }

    /// The typed object at a key.
    pub fn typed<T: Resource>(&self, key: &Key) -> Option<&Rc<T>> {
        self.get(T::KIND, key).and_then(Object::as_)
    }

    /// All objects of a kind in one namespace (`None`: all of them), by namespace and name.
    pub fn list<'a>(&'a self, kind: Kind, namespace: Option<&'a str>) -> impl Iterator<Item = &'a Object> + 'a {
        let from = Key::new(namespace.unwrap_or(""), "");
        let rows = self.tables.get(&kind).into_iter().flat_map(move |t| t.range(from.clone()..));
        rows.take_while(move |(key, _)| namespace.is_none_or(|n| &*key.namespace == n)).map(|(_, o)| o)
    }

    /// Number of objects of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.tables.get(&kind).map_or(0, BTreeMap::len)
    }

    /// Puts an object in place under a new resourceVersion, which it then carries.
    pub fn put(&mut self, mut object: Object) -> Change {
        object.meta_mut().resource_version = self.next_version(object.kind()).to_string();
        let old = self.tables.entry(object.kind()).or_default().insert(object.key(), object.clone());
        Change { version: self.version, old, new: Some(object), why: None }
    }

    /// Removes an object.
    pub fn remove(&mut self, kind: Kind, key: &Key) -> Option<Change> {
        let mut old = self.tables.get_mut(&kind)?.remove(key)?;
        old.meta_mut().resource_version = self.next_version(kind).to_string();
        Some(Change { version: self.version, old: Some(old), new: None, why: None })
    }
}
