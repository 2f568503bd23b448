//! The events at the end of a description.

use super::Writer;
use crate::api::node::Event;
use crate::api::{MicroTime, Time};
use crate::kubectl::print::rows::{since, since_micro};
use std::rc::Rc;

/// A block `Events:`, the oldest last sighting first.
pub(super) fn describe(events: &[Rc<Event>], now: Time, out: &mut Writer) {
    if events.is_empty() {
        out.field(0, "Events", "<none>");
        return;
    }
    let mut events = events.to_vec();
    events.sort_by_key(|e| e.last_timestamp);
    out.line(0, "Events:");
    out.line(1, "Type\tReason\tAge\tFrom\tMessage");
    out.line(1, "----\t------\t----\t----\t-------");
    for event in events {
        let from = if event.source.component.is_empty() { &event.reporting_component } else { &event.source.component };
        let message = event.message.trim();
        let message = match event.involved_object.field_path.as_str() {
            "" => message.to_owned(),
            path => format!("{path}: {message}"),
        };
        out.line(1, &format!("{}\t{}\t{}\t{from}\t{message}", event.type_, event.reason, interval(&event, now)));
    }
}

/// `5s`, or `5s (x3 over 2m)` for an event that was seen several times.
pub(crate) fn interval(event: &Event, now: Time) -> String {
    let first = if event.event_time.0 == 0 { since(event.first_timestamp, now) } else { since_micro(event.event_time, now) };
    if let Some(series) = &event.series {
        let last = series["lastObservedTime"].as_str().and_then(MicroTime::parse).unwrap_or_default();
        return format!("{} (x{} over {first})", since_micro(last, now), series["count"].as_i64().unwrap_or(0));
    }
    if event.count > 1 {
        return format!("{} (x{} over {first})", since(event.last_timestamp, now), event.count);
    }
    first
}
