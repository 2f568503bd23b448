//! EndpointSlice (discovery.k8s.io/v1): where a Service's traffic may go.

use super::meta::{ObjectMeta, ObjectReference, StringMap};
use super::shapes::text::{ADDRESS_TYPE, PROTOCOL};
use crate::record;

record! {
    /// State of an endpoint. `None` reads as ready=true, serving=true, terminating=false.
    pub struct EndpointConditions {
        "ready" ready: Option<bool>,
        "serving" serving: Option<bool>,
        "terminating" terminating: Option<bool>,
    }
}

record! {
    /// A zone that should use an endpoint.
    pub struct ForZone {
        "name" name: String = always,
    }
}

record! {
    /// A node that should use an endpoint.
    pub struct ForNode {
        "name" name: String = always,
    }
}

record! {
    /// Who should use an endpoint.
    pub struct EndpointHints {
        "forZones" for_zones: Vec<ForZone>,
        "forNodes" for_nodes: Vec<ForNode>,
    }
}

record! {
    /// One endpoint. Controllers write exactly one address.
    pub struct Endpoint {
        "addresses" addresses: Vec<String> = always,
        "conditions" conditions: EndpointConditions = always,
        "hostname" hostname: Option<String>,
        "targetRef" target_ref: Option<ObjectReference>,
        "deprecatedTopology" deprecated_topology: StringMap,
        "nodeName" node_name: Option<String>,
        "zone" zone: Option<String>,
        "hints" hints: Option<EndpointHints>,
    }
}

record! {
    /// One port of all endpoints of a slice. A `port` of `None` means all ports.
    pub struct EndpointSlicePort named "EndpointPort" {
        "name" name: Option<String>,
        "protocol" protocol: Option<String> as PROTOCOL,
        "port" port: Option<i32>,
        "appProtocol" app_protocol: Option<String>,
    }
}

record! {
    /// Up to 100 endpoints that share their ports.
    pub struct EndpointSlice {
        "metadata" meta: ObjectMeta = always,
        "addressType" address_type: String as ADDRESS_TYPE = always,
        "endpoints" endpoints: Vec<Endpoint> = nil,
        "ports" ports: Vec<EndpointSlicePort> = nil,
    }
}

impl EndpointConditions {
    /// Ready, with nil read as true.
    pub fn is_ready(&self) -> bool {
        self.ready.unwrap_or(true)
    }
    /// Serving, with nil read as true.
    pub fn is_serving(&self) -> bool {
        self.serving.unwrap_or(true)
    }
    /// Terminating, with nil read as false.
    pub fn is_terminating(&self) -> bool {
        self.terminating.unwrap_or(false)
    }
}
