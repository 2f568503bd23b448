//! The table of `kubectl events` (made by kubectl itself; `kubectl get events` is a table of the server's).
//!
//! Promises: the text of `staging/src/k8s.io/kubectl/pkg/cmd/events/{events,event_printer}.go`. Must not know: which events were asked for.

use super::rows::{since, since_micro};
use crate::sorting::Arrange;

use super::tabwriter::TabWriter;
use crate::api::{Event, Time};
use std::rc::Rc;

/// What the flags of `kubectl events` ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventsOptions {
    /// `--all-namespaces`
    pub all_namespaces: bool,
    /// `--no-headers`
    pub no_headers: bool,
}

/// The table, last seen last. Without events it is empty, and kubectl says `No events found in default namespace.` (with `-A`:
/// `No events found.`) on stderr.
pub fn events(list: &[Rc<Event>], options: EventsOptions, now: Time) -> String {
    let mut sorted: Vec<&Rc<Event>> = list.iter().collect();
    sorted.arrange_by_key(|event| event.last_seen());
    let mut out = TabWriter::for_tables();
    let namespace = |text: &str| if options.all_namespaces { format!("{text}\t") } else { String::new() };
    if !options.no_headers && !sorted.is_empty() {
        out.write(&namespace("NAMESPACE"));
        out.write("LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n");
    }
    for event in sorted {
        let object = &event.involved_object;
        let message = event.message.trim().replace('\u{1b}', "^[");
        out.write(&namespace(&event.meta.namespace));
        let (age, type_, reason) = (interval(event, now), &event.type_, &event.reason);
        out.write(&format!("{age}\t{type_}\t{reason}\t{}/{}\t{message}\n", object.kind, object.name));
    }
    out.finish()
}

/// `5s`, or `5s (x3 over 2m)` for what happened more than once.
pub fn interval(event: &Event, now: Time) -> String {
    let first = if event.event_time.0 == 0 { since(event.first_timestamp, now) } else { since_micro(event.event_time, now) };
    match event.series() {
        Some((count, last)) => format!("{} (x{count} over {first})", since_micro(last, now)),
        None if event.count > 1 => format!("{} (x{} over {first})", since(event.last_timestamp, now), event.count),
        None => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::meta::{ObjectMeta, ObjectReference};

    fn event(reason: &str, first: i64, last: i64, count: i32) -> Rc<Event> {
        Rc::new(Event {
            meta: ObjectMeta { namespace: "default".into(), ..Default::default() },
            involved_object: ObjectReference { kind: "Pod".into(), name: "web".into(), ..Default::default() },
            first_timestamp: Time(first),
            last_timestamp: Time(last),
            type_: "Normal".into(),
            reason: reason.into(),
            message: "did it\n".into(),
            count,
            ..Default::default()
        })
    }

    #[test]
    fn events_are_listed_by_when_they_were_last_seen() {
        let list = [event("BackOff", 900, 995, 3), event("Pulled", 910, 910, 1)];
        let text = "LAST SEEN           TYPE     REASON    OBJECT    MESSAGE\n\
                    90s                 Normal   Pulled    Pod/web   did it\n\
                    5s (x3 over 100s)   Normal   BackOff   Pod/web   did it\n";
        assert_eq!(events(&list, EventsOptions::default(), Time(1000)), text);
        let bare = EventsOptions { all_namespaces: true, no_headers: true };
        assert_eq!(events(&list[1..], bare, Time(1000)), "default   90s   Normal   Pulled   Pod/web   did it\n");
        assert_eq!(events(&[], EventsOptions::default(), Time(1000)), "");
    }
}
