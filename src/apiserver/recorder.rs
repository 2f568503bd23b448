//! A component's event recorder: counts repeats and combines what is alike, as client-go's event correlator does
//! (`tools/record/events_cache.go`), then writes Event objects.

use super::ApiServer;
use crate::api::meta::{ObjectMeta, ObjectReference};
use crate::api::node::{Event, EventSource};
use crate::api::{Key, MicroTime, Resource, Time};
use crate::time::{Nanos, SECOND};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// More than this many alike within [`AGGREGATE_INTERVAL`] are written as one.
const AGGREGATE_MAX: usize = 10;
const AGGREGATE_INTERVAL: i64 = 600;
/// A source may write this many events about one object at once, and then one each [`REFILL`].
const BURST: u64 = 25;
const REFILL: Nanos = 300 * SECOND;
/// A series ends when nothing of it was seen for this many seconds.
const SERIES_ENDS: i64 = 360;

/// Subjects that a recorder remembers (client-go's cache holds as many); beyond that some are told anew.
const REMEMBERED: usize = 4096;

/// Remembers what was already said, to count instead of repeating. One a component.
#[derive(Clone, Debug)]
pub struct Recorder {
    component: Rc<str>,
    host: Rc<str>,
    /// Whether it speaks events.k8s.io: repeats become a series.
    in_series: bool,
    seen: BTreeMap<String, Seen>,
    alike: BTreeMap<String, Alike>,
    tokens: BTreeMap<String, (Nanos, u64)>,
}

#[derive(Clone, Debug)]
struct Seen {
    key: Key,
    count: i32,
}

#[derive(Clone, Debug, Default)]
struct Alike {
    messages: BTreeSet<String>,
    last: Time,
}

/// What is to be said about an object.
pub struct Note<'a> {
    /// The object.
    pub about: ObjectReference,
    /// `Normal` or `Warning`.
    pub type_: &'a str,
    /// One word.
    pub reason: &'a str,
    /// One sentence.
    pub message: String,
}

/// A reference to an object, as events carry it.
pub fn reference<T: Resource>(object: &T) -> ObjectReference {
    let meta = object.meta();
    ObjectReference {
        kind: T::KIND.info().name.into(),
        namespace: meta.namespace.clone(),
        name: meta.name.clone(),
        uid: meta.uid.clone(),
        api_version: T::KIND.api_version(),
        resource_version: meta.resource_version.clone(),
        field_path: String::new(),
    }
}

impl Recorder {
    /// The recorder of a component (`kubelet`) on a host ("" for none).
    pub fn new(component: &str, host: &str) -> Recorder {
        Recorder {
            component: component.into(),
            host: host.into(),
            in_series: false,
            seen: BTreeMap::new(),
            alike: BTreeMap::new(),
            tokens: BTreeMap::new(),
        }
    }

    /// The recorder of a component that speaks events.k8s.io (`client-go/tools/events`).
    pub fn in_series(component: &str, host: &str) -> Recorder {
        Recorder { in_series: true, ..Recorder::new(component, host) }
    }

    /// Records a note about a typed object.
    pub fn note<T: Resource>(&mut self, api: &mut ApiServer, object: &T, type_: &str, reason: &str, message: String) {
        self.record(api, Note { about: reference(object), type_, reason, message });
    }

    /// Records a note: a new Event object, or a higher count on the one that said the same before.
    pub fn record(&mut self, api: &mut ApiServer, note: Note) {
        let now = api.clock();
        self.forget_some();
        if self.in_series {
            return self.record_in_series(api, note, now);
        }
        let about = &note.about;
        let subject = format!("{}/{}/{}/{}/{}", about.kind, about.namespace, about.name, about.uid, about.api_version);
        let group = format!("{subject}|{}|{}|{}", about.field_path, note.type_, note.reason);
        let (message, key) = self.combine(&group, note.message, now);
        if !self.take_token(&subject, api.now()) {
            return;
        }
        if let Some(seen) = self.seen.get_mut(&key)
            && let Some(old) = api.get::<Event>(&seen.key)
        {
            seen.count += 1;
            let mut event = Event::clone(old);
            event.count = seen.count;
            event.last_timestamp = now;
            event.message = message;
            api.write_event(event);
            return;
        }
        let event = self.new_event(api, note.about, note.type_, note.reason, message, now);
        self.seen.insert(key, Seen { key: Key::new(&event.meta.namespace, &event.meta.name), count: 1 });
        api.write_event(event);
    }

    /// The same message about the same state of an object is told twice at most: the second time with a series, which is counted
    /// but not written again (Kubernetes writes it after half an hour).
    fn record_in_series(&mut self, api: &mut ApiServer, note: Note, now: Time) {
        let about = &note.about;
        let key = format!("{}/{}|{}|{}", about.uid, about.resource_version, note.type_, note.reason);
        let recent = |event: &&Rc<Event>| now.0 - event.last_seen() / 1_000_000 <= SERIES_ENDS;
        if let Some(seen) = self.seen.get_mut(&key)
            && let Some(old) = api.get::<Event>(&seen.key).filter(recent)
        {
            seen.count += 1;
            if old.series.is_none() {
                let mut event = Event::clone(old);
                event.series = Some(json!({"count": seen.count, "lastObservedTime": api.micro_clock().rfc3339()}));
                api.write_event(event);
            }
            return;
        }
        let mut event = self.new_event(api, note.about, note.type_, note.reason, note.message, now);
        event.event_time = api.micro_clock();
        (event.first_timestamp, event.last_timestamp, event.count) = (Time::default(), Time::default(), 0);
        event.source = EventSource::default();
        event.action = if note.reason == "Scheduled" { "Binding" } else { "Scheduling" }.into();
        self.seen.insert(key, Seen { key: Key::new(&event.meta.namespace, &event.meta.name), count: 1 });
        api.write_event(event);
    }

    fn forget_some(&mut self) {
        if self.seen.len() > REMEMBERED {
            self.seen.pop_first();
        }
        if self.alike.len() > REMEMBERED {
            self.alike.pop_first();
        }
        if self.tokens.len() > REMEMBERED {
            self.tokens.pop_first();
        }
    }

    /// The message to write, and the key under which repeats are counted.
    fn combine(&mut self, group: &str, message: String, now: Time) -> (String, String) {
        let alike = self.alike.entry(group.to_string()).or_default();
        if now.0 - alike.last.0 > AGGREGATE_INTERVAL {
            alike.messages.clear();
        }
        alike.last = now;
        alike.messages.insert(message.clone());
        if alike.messages.len() < AGGREGATE_MAX {
            let key = format!("{group}|{message}");
            return (message, key);
        }
        // The oldest is dropped, so that the set stays at its limit.
        alike.messages.pop_first();
        (format!("(combined from similar events): {message}"), group.to_string())
    }

    fn take_token(&mut self, subject: &str, now: Nanos) -> bool {
        let (last, tokens) = self.tokens.entry(subject.to_string()).or_insert((now, BURST));
        let refill = (now - *last) / REFILL;
        if refill > 0 {
            *tokens = (*tokens + refill).min(BURST);
            *last += refill * REFILL;
        }
        let allowed = *tokens > 0;
        *tokens = tokens.saturating_sub(1);
        allowed
    }

    fn new_event(
        &self,
        api: &mut ApiServer,
        about: ObjectReference,
        type_: &str,
        reason: &str,
        message: String,
        now: Time,
    ) -> Event {
        let namespace = if about.namespace.is_empty() { "default".to_string() } else { about.namespace.clone() };
        let name = format!("{}.{:016x}", about.name, api.event_id());
        Event {
            meta: ObjectMeta { name, namespace, ..ObjectMeta::default() },
            involved_object: about,
            reason: reason.into(),
            message,
            source: EventSource { component: self.component.to_string(), host: self.host.to_string() },
            first_timestamp: now,
            last_timestamp: now,
            count: 1,
            type_: type_.into(),
            event_time: MicroTime(0),
            reporting_component: self.component.to_string(),
            reporting_instance: self.host.to_string(),
            ..Event::default()
        }
    }
}
