//! What a recorded snapshot holds: objects and events, as the recorder read them.

use crate::api::{Event, Kind, Object};
use crate::lab::Lab;
use serde_json::{Value, json};
use std::rc::Rc;

/// The objects that a recorded snapshot holds: those of all namespaces but the system's, and the nodes.
pub fn snapshot(lab: &Lab) -> Vec<Value> {
    const KINDS: [Kind; 7] =
        [Kind::Pod, Kind::Service, Kind::EndpointSlice, Kind::ReplicaSet, Kind::Deployment, Kind::Node, Kind::Endpoints];
    let store = lab.cluster().api().store();
    let own = |o: &&Object| !o.meta().namespace.starts_with("kube-");
    KINDS.iter().flat_map(|kind| store.list(*kind, None).filter(own).map(Object::to_value)).collect()
}

/// The events of all namespaces, as a recorded snapshot sums them up.
pub(super) fn events(lab: &Lab) -> Vec<Value> {
    let all = lab.cluster().api().store().list(Kind::Event, None).filter_map(Object::as_::<Event>);
    let one = |e: &Rc<Event>| {
        let (about, count) = (&e.involved_object, e.series().map_or(i64::from(e.count).max(1), |(n, _)| n));
        let object = format!("{}/{}", about.kind, about.name);
        json!({"count": count, "message": e.message, "object": object, "reason": e.reason, "type": e.type_})
    };
    all.map(one).collect()
}
