//! Events in the store: their ids, and how long they are kept.
//!
//! Promises: an event that nobody has written for [`EVENT_TTL`] is gone with the next one that is written.

use super::ApiServer;
use crate::api::{Event, Key, Kind, Object};
use std::rc::Rc;

/// Events are forgotten this many seconds after they were last written (`--event-ttl`).
const EVENT_TTL: i64 = 3600;

impl ApiServer {
    /// A number for the name of an event, never the same twice.
    pub(in crate::apiserver) fn event_id(&mut self) -> u64 {
        self.events += 1 + self.random.below(1 << 20);
        self.events
    }

    /// Writes an Event without further checks: events have no admission here.
    pub(in crate::apiserver) fn write_event(&mut self, mut event: Event) {
        let key = Key::new(&event.meta.namespace, &event.meta.name);
        if self.store.get(Kind::Event, &key).is_none() {
            event.meta.uid = self.random.uid();
            event.meta.creation_timestamp = self.clock();
            self.expiring.push_back((self.clock().0 + EVENT_TTL, key));
        }
        self.put(Object::Event(Rc::new(event)));
        self.expire_events();
    }

    /// Forgets events that nobody has written for [`EVENT_TTL`].
    fn expire_events(&mut self) {
        let now = self.clock().0;
        while let Some((_, key)) = self.expiring.pop_front_if(|(at, _)| *at <= now) {
            let Some(last) = self.get::<Event>(&key).map(|e| e.last_seen() / 1_000_000) else { continue };
            if last + EVENT_TTL > now {
                self.expiring.push_back((now + EVENT_TTL, key));
            } else {
                self.store.remove(Kind::Event, &key);
            }
        }
    }
}
