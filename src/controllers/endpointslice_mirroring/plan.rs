//! What must be written so that the mirrored slices say what an Endpoints object says: one slice a family and list of ports.
//!
//! Promises: reads nothing but its arguments, writes nothing.
//! Source: `pkg/controller/endpointslicemirroring/{reconciler,utils}.go`.

use super::{CONTROLLER, MAX_ENDPOINTS_PER_SUBSET};
use crate::api::EndpointSlice;
use crate::api::discovery::{Endpoint, EndpointConditions, EndpointSlicePort};
use crate::api::meta::{ObjectMeta, OwnerReference, StringMap};
use crate::api::service::{EndpointAddress, EndpointPort, Endpoints};
use crate::api::well_known::LAST_APPLIED;
use crate::controllers::endpointslice::desired::{MANAGED_BY, PortKey, SERVICE_NAME, compare_identity, port_key, says_the_same};
use crate::controllers::endpointslice::pack::Plan;
use crate::controllers::endpointslice::trigger_time::LAST_CHANGE_TRIGGER_TIME;
use crate::controllers::port_order::sort_slice_ports;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;

/// The wanted endpoints of one family and list of ports.
struct Group {
    ports: Vec<EndpointSlicePort>,
    endpoints: Vec<Endpoint>,
}

type Groups = BTreeMap<(&'static str, PortKey), Group>;

/// What an Endpoints object says, and what of it cannot be mirrored.
#[derive(Default)]
pub struct Wanted {
    groups: Groups,
    /// Addresses that are no IP addresses.
    pub invalid: usize,
    /// Those and the ones beyond the limit.
    pub skipped: usize,
}

/// The slices' endpoints that an Endpoints object gives.
pub fn wanted(endpoints: &Endpoints) -> Wanted {
    let mut wanted = Wanted::default();
    for subset in &endpoints.subsets {
        let ports = slice_ports(&subset.ports);
        let ready = subset.addresses.iter().map(|a| (a, true));
        let all: Vec<_> = ready.chain(subset.not_ready_addresses.iter().map(|a| (a, false))).collect();
        let mut added = 0;
        for (address, ready) in &all {
            if added >= MAX_ENDPOINTS_PER_SUBSET {
                break;
            }
            let Ok(ip) = address.ip.parse::<IpAddr>() else {
                wanted.invalid += 1;
                continue;
            };
            added += 1;
            let family = if ip.is_ipv6() { "IPv6" } else { "IPv4" };
            let group = wanted.groups.entry((family, port_key(&ports)));
            let group = group.or_insert_with(|| Group { ports: ports.clone(), endpoints: vec![] });
            let endpoint = endpoint(address, ip, *ready);
            match group.endpoints.iter_mut().find(|e| is_same(e, &endpoint)) {
                Some(old) => *old = endpoint,
                None => group.endpoints.push(endpoint),
            }
        }
        wanted.skipped += all.len() - added;
    }
    wanted
}

fn slice_ports(ports: &[EndpointPort]) -> Vec<EndpointSlicePort> {
    let convert = |port: &EndpointPort| EndpointSlicePort {
        name: Some(port.name.clone()),
        port: Some(port.port),
        protocol: Some(port.protocol.clone()),
        app_protocol: port.app_protocol.clone(),
    };
    let mut ports: Vec<EndpointSlicePort> = ports.iter().map(convert).collect();
    sort_slice_ports(&mut ports);
    ports
}

fn endpoint(address: &EndpointAddress, ip: IpAddr, ready: bool) -> Endpoint {
    Endpoint {
        addresses: vec![ip.to_string()],
        conditions: EndpointConditions { ready: Some(ready), ..EndpointConditions::default() },
        hostname: Some(address.hostname.clone()).filter(|h| !h.is_empty()),
        target_ref: address.target_ref.clone(),
        node_name: address.node_name.clone(),
        ..Endpoint::default()
    }
}

fn is_same(a: &Endpoint, b: &Endpoint) -> bool {
    compare_identity(a, b) == std::cmp::Ordering::Equal
}

/// One slice a group: the first existing one is kept, others go. A slice that would go is used for one that would come.
pub fn plan(endpoints: &Endpoints, existing: &[Rc<EndpointSlice>], wanted: Wanted) -> Plan {
    let mut plan = Plan::default();
    let mut rest = existing.to_vec();
    for ((family, ports), group) in wanted.groups {
        let of_group = |s: &Rc<EndpointSlice>| s.address_type == family && port_key(&s.ports) == ports;
        let found = rest.iter().position(of_group).map(|i| rest.remove(i));
        if found.as_ref().is_some_and(|slice| is_up_to_date(slice, endpoints, &group.endpoints)) {
            continue;
        }
        let mut slice = new_slice(endpoints, family, group);
        match found {
            Some(old) => {
                slice.meta.name = old.meta.name.clone();
                plan.update.push(slice);
            }
            None => plan.create.push(slice),
        }
    }
    let created = std::mem::take(&mut plan.create);
    for mut slice in created {
        match rest.iter().position(|old| old.address_type == slice.address_type) {
            Some(i) => {
                slice.meta.name = rest.remove(i).meta.name.clone();
                plan.update.push(slice);
            }
            None => plan.create.push(slice),
        }
    }
    plan.delete = rest;
    plan
}

fn is_up_to_date(slice: &EndpointSlice, endpoints: &Endpoints, wanted: &[Endpoint]) -> bool {
    let listed = |e: &Endpoint| wanted.iter().any(|w| is_same(w, e) && says_the_same(w, e));
    slice.endpoints.len() == wanted.len()
        && slice.endpoints.iter().all(listed)
        && slice.meta.labels == labels(endpoints)
        && slice.meta.annotations == annotations(endpoints)
}

fn labels(endpoints: &Endpoints) -> StringMap {
    let mut labels = endpoints.meta.labels.clone();
    labels.insert(SERVICE_NAME.into(), endpoints.meta.name.clone());
    labels.insert(MANAGED_BY.into(), CONTROLLER.into());
    labels
}

fn annotations(endpoints: &Endpoints) -> StringMap {
    let mut annotations = endpoints.meta.annotations.clone();
    annotations.remove(LAST_CHANGE_TRIGGER_TIME);
    annotations.remove(LAST_APPLIED);
    annotations
}

fn new_slice(endpoints: &Endpoints, family: &str, group: Group) -> EndpointSlice {
    let owner = OwnerReference {
        api_version: "v1".into(),
        kind: "Endpoints".into(),
        name: endpoints.meta.name.clone(),
        uid: endpoints.meta.uid.clone(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    };
    EndpointSlice {
        meta: ObjectMeta {
            generate_name: format!("{}-", endpoints.meta.name),
            namespace: endpoints.meta.namespace.clone(),
            labels: labels(endpoints),
            annotations: annotations(endpoints),
            owner_references: vec![owner],
            ..ObjectMeta::default()
        },
        address_type: family.into(),
        endpoints: group.endpoints,
        ports: group.ports,
    }
}
