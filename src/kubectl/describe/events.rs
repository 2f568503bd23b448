//! The events at the end of a description.

use super::Writer;
use crate::api::Time;
use crate::api::node::Event;
use crate::kubectl::print::events::interval;
use crate::sorting::Arrange;
use std::rc::Rc;

/// A block `Events:`, the oldest last sighting first.
pub(super) fn describe(events: &[Rc<Event>], now: Time, out: &mut Writer) {
    if events.is_empty() {
        out.field(0, "Events", "<none>");
        return;
    }
    let mut events = events.to_vec();
    events.arrange_by_key(|e| e.last_timestamp);
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
