//! What stands behind a Service: its slices, the Pods that its selector means, and what keeps them out.

use super::trouble::{self, Trouble};
use super::{Finding, Weight, ports, selector, words};
use crate::api::discovery::Endpoint;
use crate::api::{EndpointSlice, Key, Kind, Object, Pod, Service};
use crate::cluster::Cluster;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The label by which a slice names its Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// The slices of a Service.
pub fn slices<'a>(cluster: &'a Cluster, key: &'a Key) -> impl Iterator<Item = &'a Rc<EndpointSlice>> {
    let list = cluster.api().store().list(Kind::EndpointSlice, Some(&key.namespace)).filter_map(Object::as_::<EndpointSlice>);
    list.filter(|s| s.meta.labels.get(SERVICE_NAME).is_some_and(|n| **n == *key.name))
}

/// Ready endpoints in the slices.
pub fn ready<'a>(cluster: &'a Cluster, key: &'a Key) -> impl Iterator<Item = &'a Endpoint> {
    slices(cluster, key).flat_map(|s| &s.endpoints).filter(|e| e.conditions.is_ready())
}

/// How many there are.
pub fn ready_count(cluster: &Cluster, key: &Key) -> usize {
    ready(cluster, key).count()
}

/// Whether a map of labels has all that a selector wants. An empty selector wants nothing and matches nothing here.
pub fn selects(service: &Service, labels: &BTreeMap<String, String>) -> bool {
    let selector = &service.spec.selector;
    !selector.is_empty() && selector.iter().all(|(k, v)| labels.get(k) == Some(v))
}

/// The Pods of a namespace (`None`: of all).
pub fn pods<'a>(cluster: &'a Cluster, namespace: Option<&'a str>) -> impl Iterator<Item = &'a Rc<Pod>> {
    cluster.api().store().list(Kind::Pod, namespace).filter_map(Object::as_::<Pod>)
}

/// The Pods that a Service selects.
pub fn selected<'a>(cluster: &'a Cluster, service: &'a Service) -> Vec<&'a Rc<Pod>> {
    pods(cluster, Some(&service.meta.namespace)).filter(|p| selects(service, &p.meta.labels)).collect()
}

/// Everything that keeps endpoints away from a Service, or makes those that are there useless.
pub fn findings(cluster: &Cluster, service: &Service) -> Vec<Finding> {
    let key = Key::new(&service.meta.namespace, &service.meta.name);
    if service.spec.type_ == "ExternalName" {
        return vec![words::external_name(service)];
    }
    let ready = ready_count(cluster, &key);
    let missing = if ready == 0 { Weight::All } else { Weight::Note };
    let mut found = vec![];
    if service.spec.selector.is_empty() {
        if slices(cluster, &key).all(|s| s.endpoints.is_empty()) {
            found.push(words::no_selector(service));
        }
    } else {
        let pods = selected(cluster, service);
        if pods.is_empty() {
            found.push(selector::matches_nothing(cluster, service, missing));
        }
        found.extend(troubles(cluster, &pods, missing, service));
        found.extend(ports::findings(cluster, service, &pods));
        found.extend(unlisted(cluster, service, &pods, missing));
    }
    if ready == 0 && found.iter().all(|f| f.weight == Weight::Note) {
        found.push(words::slices_behind(service, &[], Weight::All));
    }
    if service.spec.is_headless() && ready > 0 {
        found.push(words::headless(service, ready));
    }
    found
}

/// What keeps the selected Pods from being ready, each reason once with all its Pods.
fn troubles(cluster: &Cluster, pods: &[&Rc<Pod>], missing: Weight, service: &Service) -> Vec<Finding> {
    let mut groups: BTreeMap<Trouble, Vec<&Pod>> = BTreeMap::new();
    for pod in pods {
        if let Some(trouble) = trouble::of(cluster, pod) {
            groups.entry(trouble).or_default().push(pod);
        }
    }
    let all = pods.len();
    let mut found: Vec<Finding> = vec![];
    for (trouble, pods) in groups {
        let listed = pods.iter().any(|p| ready(cluster, &service_key(service)).any(|e| is_of(e, p)));
        // A Pod on a node that is cut off can still be listed as ready: then a part of the requests go there.
        let weight = match (&trouble, listed, missing) {
            (Trouble::NodeCutOff { .. }, true, Weight::Note) => Weight::Part,
            (Trouble::NodeCutOff { .. }, true, _) => Weight::All,
            _ => missing,
        };
        // While an unready Pod is listed by wish, requests go to it.
        let weight = if service.spec.publish_not_ready_addresses && weight == Weight::Note { Weight::Part } else { weight };
        found.push(words::trouble(cluster, &trouble, &pods, all, weight));
    }
    found
}

fn service_key(service: &Service) -> Key {
    Key::new(&service.meta.namespace, &service.meta.name)
}

fn is_of(endpoint: &Endpoint, pod: &Pod) -> bool {
    endpoint.target_ref.as_ref().is_some_and(|r| r.uid == pod.meta.uid)
}

/// Ready Pods that the slices do not list yet.
fn unlisted(cluster: &Cluster, service: &Service, pods: &[&Rc<Pod>], weight: Weight) -> Option<Finding> {
    let key = service_key(service);
    let listed = |pod: &Pod| ready(cluster, &key).any(|e| is_of(e, pod));
    let missing: Vec<&Pod> =
        pods.iter().filter(|p| trouble::of(cluster, p).is_none() && p.is_ready() && !listed(p)).map(|p| &***p).collect();
    let has_ports = ports::named_everywhere(service, &missing);
    (!missing.is_empty() && has_ports).then(|| words::slices_behind(service, &missing, weight))
}
