//! Who set which field: `metadata.managedFields` and server-side apply.
//!
//! Promises: only requests of a named client are written down, so a cluster's own parts cost nothing; conflicts are found and worded as
//! the API server does. Must not know: kubectl's advice on conflicts.
//!
//! Sources: `staging/apimachinery/pkg/util/managedfields/internal`, `sigs.k8s.io/structured-merge-diff/merge/update.go`.

mod apply;
mod request;
mod set;
mod structure;
mod walk;

use super::patch::schema::Shape;
use crate::api::{Object, Time};
use crate::sorting::Arrange;
use serde_json::{Value, json};
pub use set::Set;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Who sends a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// The name that it gives itself (`kubectl-create`).
    pub manager: String,
    /// The part of the object that it writes; empty for the object itself.
    pub subresource: &'static str,
}

/// The fields of one object that one client has set in one way.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    client: Client,
    applied: bool,
    api_version: String,
    time: Time,
    fields: Set,
}

/// The entries of all objects that a named client has written, by the objects' uids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Managers(BTreeMap<String, Rc<Vec<Entry>>>);

/// The annotation that `kubectl apply` keeps.
const LAST_APPLIED: &str = "f:kubectl.kubernetes.io/last-applied-configuration";

impl Managers {
    /// The entries of an object.
    pub fn of(&self, uid: &str) -> &[Entry] {
        self.0.get(uid).map_or(&[], |entries| entries.as_slice())
    }

    /// Forgets an object.
    pub fn forget(&mut self, uid: &str) {
        self.0.remove(uid);
    }

    fn put(&mut self, uid: &str, mut entries: Vec<Entry>) {
        entries.retain(|e| !e.fields.is_empty());
        self.0.insert(uid.to_string(), Rc::new(entries));
    }

    /// An object was made: everything that the request had, with its defaults, is the client's.
    pub fn created(&mut self, uid: &str, client: &Client, given: &Object, time: Time) {
        self.changed(uid, client, &json!({}), given, time);
    }

    /// An object was written: what is new or other is the client's, and nobody else's.
    pub fn updated(&mut self, client: &Client, old: &Object, new: &Object, time: Time) {
        self.changed(&old.meta().uid, client, &old.to_value(), new, time);
    }

    fn changed(&mut self, uid: &str, client: &Client, old: &Value, new: &Object, time: Time) {
        let found = walk::compare(old, &new.to_value(), Shape::Root(new.kind()));
        let (changed, removed) = (own(found.changed(), client.subresource), own(found.removed, client.subresource));
        if changed.is_empty() && removed.is_empty() {
            return;
        }
        let mut entries = self.of(uid).to_vec();
        let mut mine = None;
        for (i, entry) in entries.iter_mut().enumerate() {
            if entry.client == *client && !entry.applied {
                mine = Some(i);
            } else {
                entry.fields = entry.fields.difference(&changed);
            }
            entry.fields = entry.fields.difference(&removed);
        }
        match mine {
            Some(i) => {
                entries[i].fields = std::mem::take(&mut entries[i].fields).union(&changed);
                entries[i].time = time;
            }
            None => {
                let api_version = new.kind().api_version();
                entries.push(Entry { client: client.clone(), applied: false, api_version, time, fields: changed });
            }
        }
        self.put(uid, entries);
    }

    /// `metadata.managedFields` of an object.
    pub fn to_value(&self, uid: &str) -> Vec<Value> {
        let mut entries: Vec<&Entry> = self.of(uid).iter().collect();
        // Who applies stands first; the others by their last change.
        entries.arrange_by_key(|e| (!e.applied, (!e.applied).then_some((e.time, &e.client.manager, &e.client.subresource))));
        entries.into_iter().map(Entry::to_value).collect()
    }
}

impl Entry {
    fn to_value(&self) -> Value {
        let mut value = json!({
            "apiVersion": self.api_version, "fieldsType": "FieldsV1", "fieldsV1": self.fields.to_value(),
            "manager": self.client.manager, "operation": if self.applied { "Apply" } else { "Update" }, "time": self.time.rfc3339(),
        });
        if !self.client.subresource.is_empty() {
            value["subresource"] = json!(self.client.subresource);
        }
        value
    }

    /// As conflicts name it.
    fn shown(&self) -> String {
        let mut text = format!("{:?}", self.client.manager);
        if !self.client.subresource.is_empty() {
            text.push_str(&format!(" with subresource {:?}", self.client.subresource));
        }
        if !self.applied {
            text.push_str(&format!(" using {}", self.api_version));
        }
        text
    }

    /// The order of managers in a conflict is that of their descriptions as JSON.
    fn order(&self) -> String {
        let operation = if self.applied { "Apply" } else { "Update" };
        let version = if self.applied { "" } else { &self.api_version };
        format!("{:?}{operation}{version}{}", self.client.manager, self.client.subresource)
    }
}

/// Fields that belong to whoever sets them: not the bookkeeping of the server, nor the half that a request cannot change.
fn own(mut fields: Set, subresource: &str) -> Set {
    match subresource {
        "status" => return fields.only("f:status"),
        "scale" => return fields.only("f:spec"),
        _ => {}
    }
    for top in ["f:apiVersion", "f:kind", "f:status"] {
        fields = fields.without(&[top.into()]);
    }
    for name in ["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink", "managedFields"] {
        fields = fields.without(&["f:metadata".into(), format!("f:{name}").into()]);
    }
    fields
}
