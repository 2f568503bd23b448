//! `kubectl events` (`…/cmd/events/{events,event_printer}.go`).

use super::output::Output;
use crate::api::{Event, Kind, Object};
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, PRINT, Takes};
use crate::kubectl::print::events::{EventsOptions, events as table};
use crate::kubectl::resources;
use crate::sorting::Arrange;
use std::rc::Rc;

pub(super) const FLAGS: Flags = &[
    PRINT,
    &[
        Flag("for", None, Takes::Text),
        Flag("types", None, Takes::List),
        Flag("all-namespaces", Some('A'), Takes::Bool),
        Flag("no-headers", None, Takes::Bool),
        Flag("watch", Some('w'), Takes::Bool),
        Flag("chunk-size", None, Takes::Int),
    ],
];

/// `kubectl events`.
pub fn events(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("events", &why))?;
    let about = flags.get("for").filter(|f| !f.is_empty()).map(subject).transpose()?;
    let output = Output::of(cx, &flags)?;
    let types = flags.all("types");
    if types.iter().any(|t| !t.eq_ignore_ascii_case("normal") && !t.eq_ignore_ascii_case("warning")) {
        return Err(Failure::error("valid --types are Normal or Warning"));
    }
    let (namespace, everywhere) = (cx.namespace(&flags), flags.on("all-namespaces"));
    let mut events = cx.list(Kind::Event, (!everywhere).then_some(namespace.as_str()), &Pick::default())?;
    events.retain(|object| {
        let Object::Event(event) = object else { return false };
        let fits = |(kind, name): &(Kind, String)| {
            let o = &event.involved_object;
            o.kind == kind.info().name && o.api_version == kind.api_version() && o.name == *name
        };
        about.as_ref().is_none_or(fits) && (types.is_empty() || types.iter().any(|t| t.eq_ignore_ascii_case(&event.type_)))
    });
    if events.is_empty() {
        let place = if everywhere { ".".into() } else { format!(" in {namespace} namespace.") };
        cx.line(format!("No events found{place}"));
        return Ok(());
    }
    if !output.is_table() {
        events.arrange_by_key(|o| o.as_::<Event>().map_or(0, |e| e.last_seen()));
        return output.print(cx, &events, false);
    }
    let events: Vec<Rc<Event>> = events.iter().filter_map(|o| o.as_::<Event>().cloned()).collect();
    let options = EventsOptions { all_namespaces: everywhere, no_headers: flags.on("no-headers") };
    cx.out.push_str(&table(&events, options, cx.now()));
    Ok(())
}

/// `--for TYPE/NAME`.
fn subject(text: &str) -> Result<(Kind, String), Failure> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [kind, name] => Ok((resources::kind(kind).map_err(Failure::bare)?, name.to_string())),
        [_] => Err(Failure::error("--for must be in resource/name form")),
        _ => Err(Failure::error("arguments in resource/name form may not have more than one slash")),
    }
}
