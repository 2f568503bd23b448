//! What both endpoint controllers ask about Pods: does it count, which port does a name mean, which Services does a change touch.
//!
//! Source: `staging/endpointslice/util/controller_utils.go`, `pkg/api/v1/pod/util.go`.

use crate::api::meta::ObjectReference;
use crate::api::pod::Container;
use crate::api::service::ServicePort;
use crate::api::{IntOrString, Key, Pod, Service};
use crate::apiserver::Change;
use crate::controllers::Cache;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Whether a Pod is listed at all: it has an address and has not ended (nor is being deleted, unless those count too).
pub fn should_be_in_endpoints(pod: &Pod, include_terminating: bool) -> bool {
    let has_address = !pod.status.pod_ip.is_empty() || !pod.status.pod_ips.is_empty();
    !pod.is_terminal() && has_address && (include_terminating || !pod.meta.is_deleting())
}

/// Whether an endpoint carries the Pod's hostname: only when its subdomain is the Service.
pub fn should_set_hostname(pod: &Pod, service: &Service) -> bool {
    let (pod_meta, meta) = (&pod.meta, &service.meta);
    !pod.spec.hostname.is_empty() && pod.spec.subdomain == meta.name && pod_meta.namespace == meta.namespace
}

/// How an endpoint names the Pod that it stands for.
pub fn target_ref(pod: &Pod) -> ObjectReference {
    let meta = &pod.meta;
    ObjectReference {
        kind: "Pod".into(),
        namespace: meta.namespace.clone(),
        name: meta.name.clone(),
        uid: meta.uid.clone(),
        ..ObjectReference::default()
    }
}

/// The number that a Service port means on this Pod; `None` when it names a port that the Pod does not have.
pub fn find_port(pod: &Pod, port: &ServicePort) -> Option<i32> {
    let name = match &port.target_port {
        IntOrString::Int(number) => return Some(*number),
        IntOrString::Text(name) => name,
    };
    let sidecar = |c: &&Container| c.restarts_always();
    let containers = pod.spec.containers.iter().chain(pod.spec.init_containers.iter().filter(sidecar));
    let mut ports = containers.flat_map(|c| &c.ports);
    ports.find(|p| p.name == *name && p.protocol == port.protocol).map(|p| p.container_port)
}

/// The Pod's addresses in the order of its status.
pub fn addresses(pod: &Pod) -> Vec<&str> {
    pod.status.pod_ips.iter().map(|ip| ip.ip.as_str()).collect()
}

/// Whether a text is an IPv6 address.
pub fn is_ipv6(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6())
}

/// The Services whose endpoints a change of a Pod may alter. Changes that endpoints do not show touch none.
pub fn services_touched(change: &Change, cache: &Cache) -> BTreeSet<Key> {
    let members = |pod: &Pod| -> BTreeSet<Key> {
        let services = cache.services_selecting(&pod.meta.namespace, &pod.meta.labels);
        services.iter().map(|s| Key::new(&s.meta.namespace, &s.meta.name)).collect()
    };
    let (before, after) = match (change.before::<Pod>(), change.after::<Pod>()) {
        (Some(before), Some(after)) => (before, after),
        (None, Some(pod)) | (Some(pod), None) => return members(pod),
        (None, None) => return BTreeSet::new(),
    };
    let pod_changed = endpoint_changed(before, after);
    let moved = before.meta.labels != after.meta.labels
        || before.spec.hostname != after.spec.hostname
        || before.spec.subdomain != after.spec.subdomain;
    match (pod_changed, moved) {
        (false, false) => BTreeSet::new(),
        (true, false) => members(after),
        (true, true) => &members(before) | &members(after),
        (false, true) => &members(before) ^ &members(after),
    }
}

/// Kubernetes compares the two deletion times by pointer, so every update of a terminating Pod counts.
fn endpoint_changed(before: &Pod, after: &Pod) -> bool {
    before.meta.is_deleting()
        || after.meta.is_deleting()
        || before.is_ready() != after.is_ready()
        || addresses(before) != addresses(after)
}
