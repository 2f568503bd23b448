//! What a write did, read from the object before and after.

use super::bios::Fact;
use crate::api::discovery::Endpoint;
use crate::api::pod::PodTemplateSpec;
use crate::api::well_known::REVISION;
use crate::api::{EndpointSlice, Node, Object, Pod, ReplicaSet, Service};
use crate::apiserver::Change;
use crate::cause::Act;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The most telling thing that a write did.
pub fn act(change: &Change) -> Act {
    let Some(new) = &change.new else { return removed(change) };
    let Some(old) = &change.old else {
        return if let Object::EndpointSlice(slice) = new { endpoints(None, Some(slice)) } else { Act::Created };
    };
    if new.meta().is_deleting() && !old.meta().is_deleting() {
        return Act::Ending(new.meta().deletion_grace_period_seconds.unwrap_or(0));
    }
    match (old, new) {
        (Object::Pod(old), Object::Pod(new)) => pod(old, new),
        (Object::EndpointSlice(old), Object::EndpointSlice(new)) => endpoints(Some(old), Some(new)),
        (Object::Deployment(old), Object::Deployment(new)) if old.spec.template != new.spec.template => Act::Template,
        (Object::ReplicaSet(old), Object::ReplicaSet(new)) if revision(old) != revision(new) => Act::Template,
        (Object::Deployment(old), Object::Deployment(new)) => scaled(old.spec.replicas, new.spec.replicas, old.spec == new.spec),
        (Object::ReplicaSet(old), Object::ReplicaSet(new)) => scaled(old.spec.replicas, new.spec.replicas, old.spec == new.spec),
        (Object::Service(old), Object::Service(new)) if old.spec != new.spec => Act::Spec,
        (Object::Node(old), Object::Node(new)) if node_differs(old, new) => Act::Node,
        _ => Act::Other,
    }
}

fn removed(change: &Change) -> Act {
    match change.before::<EndpointSlice>() {
        Some(slice) => endpoints(Some(slice), None),
        None => Act::Removed,
    }
}

fn pod(old: &Pod, new: &Pod) -> Act {
    if old.spec.node_name != new.spec.node_name {
        return Act::Bound(new.spec.node_name.as_str().into());
    }
    match (old.is_ready(), new.is_ready()) {
        (false, true) => Act::Ready,
        (true, false) => Act::Unready,
        _ if old.meta.labels != new.meta.labels => Act::Labels,
        _ => Act::Other,
    }
}

fn scaled(from: Option<i32>, to: Option<i32>, same: bool) -> Act {
    let (from, to) = (from.unwrap_or(1), to.unwrap_or(1));
    match (from == to, same) {
        (false, _) => Act::Scaled { from, to },
        (true, false) => Act::Spec,
        (true, true) => Act::Other,
    }
}

fn revision(rs: &ReplicaSet) -> Option<&String> {
    rs.meta.annotations.get(REVISION)
}

fn node_differs(old: &Node, new: &Node) -> bool {
    let ready = |node: &Node| node.status.conditions.iter().find(|c| c.type_ == "Ready").map(|c| c.status.clone());
    old.spec.taints != new.spec.taints || ready(old) != ready(new)
}

/// Which Pods' endpoints a slice lists as less usable than before (or not at all), and which as more usable.
fn endpoints(old: Option<&Rc<EndpointSlice>>, new: Option<&Rc<EndpointSlice>>) -> Act {
    let usable = |slice: Option<&Rc<EndpointSlice>>| -> BTreeMap<Rc<str>, u8> {
        let level = |e: &Endpoint| 1 + u8::from(e.conditions.is_serving()) + u8::from(e.conditions.is_ready());
        slice.into_iter().flat_map(|s| &s.endpoints).filter_map(|e| Some((target(e)?, level(e)))).collect()
    };
    let (before, after) = (usable(old), usable(new));
    let fell = |a: &BTreeMap<Rc<str>, u8>, b: &BTreeMap<Rc<str>, u8>| -> Vec<Rc<str>> {
        a.iter().filter(|(name, level)| b.get(*name).is_none_or(|other| other < *level)).map(|(name, _)| name.clone()).collect()
    };
    let of = |slice: Option<&Rc<EndpointSlice>>| slice.map(|s| s.ports.clone()).filter(|ports| !ports.is_empty());
    let ports = matches!((of(old), of(new)), (Some(a), Some(b)) if a != b);
    Act::Endpoints { left: fell(&before, &after), came: fell(&after, &before), ports }
}

fn target(endpoint: &Endpoint) -> Option<Rc<str>> {
    endpoint.target_ref.as_ref().filter(|r| r.kind == "Pod").map(|r| r.name.as_str().into())
}

/// The facts about an object that a write established.
pub fn facts(change: &Change) -> Vec<Fact> {
    let (Some(old), Some(new)) = (&change.old, &change.new) else {
        let born = vec![Fact::Born, Fact::Last, Fact::Scaled, Fact::Template, Fact::Ports, Fact::Selector, Fact::Policy];
        return if change.new.is_some() { born } else { vec![Fact::Gone, Fact::Last] };
    };
    let mut facts = vec![Fact::Last];
    let mut add = |fact, when| facts.extend(Some(fact).filter(|_| when));
    add(Fact::Ending, new.meta().is_deleting() && !old.meta().is_deleting());
    match (old, new) {
        (Object::Pod(old), Object::Pod(new)) => {
            add(Fact::Labels, old.meta.labels != new.meta.labels && old.spec.node_name == new.spec.node_name);
            add(Fact::Unready, old.is_ready() && !new.is_ready());
            add(Fact::Ready, !old.is_ready() && new.is_ready());
            add(Fact::Ended, new.is_terminal() && !old.is_terminal());
        }
        (Object::Service(old), Object::Service(new)) => service(old, new, &mut add),
        (Object::Deployment(old), Object::Deployment(new)) => {
            add(Fact::Scaled, old.spec.replicas != new.spec.replicas);
            add(Fact::Template, old.spec.template != new.spec.template);
        }
        (Object::ReplicaSet(old), Object::ReplicaSet(new)) => {
            add(Fact::Scaled, old.spec.replicas != new.spec.replicas);
            add(Fact::Template, revision(old) != revision(new));
        }
        (Object::Node(old), Object::Node(new)) => add(Fact::Tainted, node_differs(old, new)),
        _ => {}
    }
    facts
}

fn service(old: &Service, new: &Service, add: &mut impl FnMut(Fact, bool)) {
    let (a, b) = (&old.spec, &new.spec);
    add(Fact::Ports, a.ports != b.ports || a.type_ != b.type_ || a.cluster_ip != b.cluster_ip);
    add(Fact::Selector, a.selector != b.selector || a.publish_not_ready_addresses != b.publish_not_ready_addresses);
    let policies = |s: &crate::api::service::ServiceSpec| (s.internal_traffic_policy.clone(), s.external_traffic_policy.clone());
    add(Fact::Policy, policies(a) != policies(b));
}

/// The Pod template of an object that has one.
pub fn template(object: &Object) -> Option<&PodTemplateSpec> {
    match object {
        Object::Deployment(d) => Some(&d.spec.template),
        Object::ReplicaSet(rs) => Some(&rs.spec.template),
        _ => None,
    }
}
