//! Kubernetes' events as lines, the newest first.

use super::NAMESPACE;
use crate::api::{Event, Kind, Object};
use crate::lab::Lab;
use crate::time::SECOND;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Lines that are shown.
const LINES: usize = 40;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLine {
    /// Its object's name: it stays the same when the event repeats.
    pub id: String,
    /// Seconds since 0:00; negative before.
    pub at: i64,
    /// `Normal` or `Warning`.
    pub type_: String,
    /// `Killing`, `ScalingReplicaSet`…
    pub reason: String,
    /// `pod/web-…`.
    pub object: String,
    /// What happened.
    pub message: String,
    /// How often.
    pub count: i32,
}

/// The newest events of the scene's namespace.
pub fn events(lab: &Lab) -> Vec<EventLine> {
    let cluster = lab.cluster();
    // The wall clock at 0:00.
    let zero = cluster.settings.epoch + (lab.zero() / SECOND) as i64;
    let list = cluster.api().store().list(Kind::Event, Some(NAMESPACE)).filter_map(Object::as_::<Event>);
    let mut newest: BTreeMap<u64, &Rc<Event>> = BTreeMap::new();
    let mut oldest = 0;
    for event in list {
        let version = event.meta.resource_version.parse().unwrap_or(0);
        if newest.len() == LINES && version < oldest {
            continue;
        }
        newest.insert(version, event);
        if newest.len() > LINES {
            newest.pop_first();
        }
        oldest = newest.first_key_value().map_or(0, |(version, _)| *version);
    }
    newest.into_values().rev().map(|event| line(event, zero)).collect()
}

fn line(e: &Event, zero: i64) -> EventLine {
    let moment = if e.last_timestamp.is_zero() { e.event_time.0 / 1_000_000 } else { e.last_timestamp.0 };
    EventLine {
        id: e.meta.name.clone(),
        at: moment - zero,
        type_: e.type_.clone(),
        reason: e.reason.clone(),
        object: format!("{}/{}", e.involved_object.kind.to_lowercase(), e.involved_object.name),
        message: e.message.clone(),
        count: e.count.max(1),
    }
}
