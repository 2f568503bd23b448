//! Hints of `spec.trafficDistribution`: each ready endpoint is for its own zone, or for its own zone and node.
//!
//! Source: `staging/endpointslice/trafficdist/trafficdist.go`.

use super::pack::Plan;
use crate::api::EndpointSlice;
use crate::api::discovery::{Endpoint, EndpointHints, ForNode, ForZone};
use std::rc::Rc;

/// Sets the hints of all slices that are written, and adds unchanged ones whose hints are wrong to those.
pub fn hint(distribution: Option<&str>, plan: &mut Plan, unchanged: &[Rc<EndpointSlice>]) {
    let rule = match distribution {
        Some("PreferClose" | "PreferSameZone") => Rule::Zone,
        Some("PreferSameNode") => Rule::Node,
        _ => Rule::None,
    };
    let wrong = unchanged.iter().filter(|slice| slice.endpoints.iter().any(|e| rule.is_wrong(e)));
    plan.update.extend(wrong.map(|slice| EndpointSlice::clone(slice)));
    for endpoint in plan.create.iter_mut().chain(&mut plan.update).flat_map(|s| &mut s.endpoints) {
        if rule.applies(endpoint) {
            endpoint.hints = rule.hints(endpoint);
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Rule {
    None,
    Zone,
    Node,
}

impl Rule {
    /// Endpoints that are not ready are left as they are.
    fn applies(self, endpoint: &Endpoint) -> bool {
        self == Rule::None || endpoint.conditions.ready == Some(true)
    }

    fn hints(self, endpoint: &Endpoint) -> Option<EndpointHints> {
        let zone = endpoint.zone.iter().filter(|_| self != Rule::None);
        let node = endpoint.node_name.iter().filter(|_| self == Rule::Node);
        let hints = EndpointHints {
            for_zones: zone.map(|name| ForZone { name: name.clone() }).collect(),
            for_nodes: node.map(|name| ForNode { name: name.clone() }).collect(),
        };
        Some(hints).filter(|h| !h.for_zones.is_empty() || !h.for_nodes.is_empty())
    }

    fn is_wrong(self, endpoint: &Endpoint) -> bool {
        self.applies(endpoint) && endpoint.hints != self.hints(endpoint)
    }
}
