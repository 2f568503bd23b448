//! `kubectl get --watch`: a row (or an object) for every change until it is interrupted.

use super::output::{Output, tree};
use crate::api::{Key, Kind, Object};
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::print::rows::{GetOptions, rows_of};
use crate::kubectl::print::table;
use crate::kubectl::print::tabwriter::TabWriter;
use crate::kubectl::wait::{Wait, Waited};
use crate::sorting::Arrange;
use serde_json::json;
use std::collections::BTreeMap;

/// A watch under way.
#[derive(Clone, Debug)]
pub struct Watching {
    kind: Kind,
    /// The namespace (`None`: all) and the name (`None`: any).
    place: (Option<String>, Option<String>),
    pick: Pick,
    output: Output,
    options: GetOptions,
    events: bool,
    seen: BTreeMap<Key, Object>,
    /// Keeps the widths of the columns.
    writer: TabWriter,
    printed: usize,
}

impl PartialEq for Watching {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.place == other.place && self.seen == other.seen
    }
}

impl Watching {
    /// A watch that has seen nothing yet.
    pub fn new(
        kind: Kind,
        place: (Option<String>, Option<String>),
        pick: Pick,
        (output, options): (Output, GetOptions),
        events: bool,
    ) -> Watching {
        let (seen, writer) = (BTreeMap::new(), TabWriter::for_tables());
        Watching { kind, place, pick, output, options, events, seen, writer, printed: 0 }
    }

    /// Looks for the first time; prints what there is if `show`.
    pub fn begin(mut self, cx: &mut Cx, show: bool) -> Watching {
        self.seen = self.look(cx);
        if show {
            let objects: Vec<Object> = self.seen.values().cloned().collect();
            self.print(cx, &objects, "ADDED");
        }
        self
    }

    fn look(&self, cx: &Cx) -> BTreeMap<Key, Object> {
        let found = cx.list(self.kind, self.place.0.as_deref(), &self.pick).unwrap_or_default();
        let named = |o: &Object| self.place.1.as_ref().is_none_or(|name| o.meta().name == *name);
        found.into_iter().filter(named).map(|o| (o.key(), o)).collect()
    }

    /// Prints what changed since the last look.
    pub fn poll(mut self, cx: &mut Cx) -> Waited {
        let now = self.look(cx);
        let mut changes: Vec<(u64, &str, Object)> = vec![];
        let version = |o: &Object| o.meta().resource_version.parse::<u64>().unwrap_or(0);
        for (key, object) in &now {
            match self.seen.get(key) {
                Some(old) if old.meta().uid == object.meta().uid && old == object => {}
                Some(old) if old.meta().uid == object.meta().uid => changes.push((version(object), "MODIFIED", object.clone())),
                Some(old) => {
                    changes.push((version(old), "DELETED", old.clone()));
                    changes.push((version(object), "ADDED", object.clone()));
                }
                None => changes.push((version(object), "ADDED", object.clone())),
            }
        }
        let gone = self.seen.iter().filter(|(key, _)| !now.contains_key(*key));
        changes.extend(gone.map(|(_, o)| (version(o), "DELETED", o.clone())));
        changes.arrange_by_key(|(version, ..)| *version);
        for (_, event, object) in changes {
            self.print(cx, &[object], event);
        }
        self.seen = now;
        Waited::Still(Wait::Watch(Box::new(self)))
    }

    fn print(&mut self, cx: &mut Cx, objects: &[Object], event: &str) {
        if objects.is_empty() {
            return;
        }
        if !self.output.is_table() {
            objects.iter().for_each(|object| self.print_value(cx, object, event));
            return;
        }
        let mut options = self.options.for_kind(self.kind);
        options.no_headers |= self.printed > 0;
        options.event = self.events.then(|| event.to_string());
        table::write(&rows_of(self.kind, objects, &self.options, cx.now()), &options, &mut self.writer);
        self.writer.flush();
        cx.out.push_str(&self.writer.take());
        self.printed += objects.len();
    }

    fn print_value(&mut self, cx: &mut Cx, object: &Object, event: &str) {
        if self.printed > 0 && matches!(self.output, Output::Yaml) {
            cx.line("---");
        }
        self.printed += 1;
        let value = tree(std::slice::from_ref(object), true);
        let value = if self.events { json!({"object": value, "type": event}) } else { value };
        if let Err(failure) = self.output.print_value(cx, &value) {
            cx.line(failure.text);
        }
    }
}
