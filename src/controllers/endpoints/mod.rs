//! The Endpoints controller: keeps the old list of endpoints of every Service that has a selector.
//!
//! Promises: one Pod's change queues only the Services that select it.
//! Must not know: EndpointSlices (the two lists are computed independently, as in Kubernetes).
//! Source: `pkg/controller/endpoint/endpoints_controller.go`.

pub mod subsets;

use super::endpointslice::desired::{HEADLESS, has_cluster_ip, port_numbers};
use super::endpointslice::pods::{self, addresses, is_ipv6, should_be_in_endpoints, should_set_hostname, target_ref};
use super::endpointslice::trigger_time::{LAST_CHANGE_TRIGGER_TIME, TriggerTimes};
use super::endpointslice::{is_terminating_namespace, selected_pods};
use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::meta::{ObjectMeta, StringMap};
use crate::api::service::{EndpointAddress, EndpointPort, EndpointSubset, Endpoints, ServicePort};
use crate::api::{Key, Kind, Object, Pod, Service, Time};
use crate::apiserver::{Change, DeleteOptions};
use crate::time::Nanos;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Label: who writes an Endpoints object.
pub const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const CONTROLLER: &str = "endpoint-controller";
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct EndpointsController {
    times: TriggerTimes,
    /// The resourceVersions that own updates have replaced: a cache that still shows one is old.
    replaced: BTreeMap<Key, String>,
    batch: Nanos,
}

impl EndpointsController {
    /// Changes of Pods wait so long for others to join them (`--endpoint-updates-batch-period`; default 0).
    pub fn batched(batch: Nanos) -> EndpointsController {
        EndpointsController { batch, ..EndpointsController::default() }
    }
}

impl Controller for EndpointsController {
    fn component(&self) -> &'static str {
        "endpoint-controller"
    }

    fn observe(&mut self, change: &Change, cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        match change.kind() {
            Kind::Service => queue.add(change.object().key(), now),
            Kind::Pod => {
                for key in pods::services_touched(change, cache) {
                    queue.add(key, now + self.batch);
                }
            }
            // Somebody deleted the object: it is made again.
            Kind::Endpoints if change.new.is_none() => queue.add(change.object().key(), now),
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let Some(service) = context.cache.get::<Service>(key).cloned() else {
            return self.delete(key, context);
        };
        if service.spec.type_ == "ExternalName" || service.spec.selector.is_empty() {
            return Outcome::Done;
        }
        let pods = selected_pods(context.cache, &service);
        let trigger = self.times.compute(key, &service, &pods);
        let wanted = wanted_subsets(&service, &pods);
        let current = context.cache.get::<Endpoints>(key).cloned();
        if let Some(current) = &current {
            if self.replaced.get(key) == Some(&current.meta.resource_version) {
                let version = &current.meta.resource_version;
                let what = "endpoints informer cache is out of date, resource version";
                return Outcome::Retry(format!("{what} {version} already processed for endpoints {key}"));
            }
            if is_up_to_date(current, &service, &wanted) {
                return Outcome::Done;
            }
        }
        let mut endpoints = desired(&service, current.as_deref(), wanted, trigger);
        if subsets::truncate(&mut endpoints.subsets) {
            endpoints.meta.annotations.insert(OVER_CAPACITY.into(), "truncated".into());
        }
        self.write(key, endpoints, current.as_deref(), context)
    }
}

impl EndpointsController {
    /// The Service is gone: so is its list.
    fn delete(&mut self, key: &Key, context: &mut Context) -> Outcome {
        match context.api.delete(Kind::Endpoints, key, &DeleteOptions::default()) {
            Err(status) if status.code != 404 => Outcome::Retry(status.message),
            _ => {
                self.times.forget(key);
                self.replaced.remove(key);
                Outcome::Done
            }
        }
    }

    fn write(&mut self, key: &Key, endpoints: Endpoints, current: Option<&Endpoints>, context: &mut Context) -> Outcome {
        let object = Object::Endpoints(Rc::new(endpoints.clone()));
        let Some(current) = current else {
            return match context.api.create(object, false) {
                Ok(_) => Outcome::Done,
                Err(status) if is_terminating_namespace(&status) => Outcome::Done,
                Err(status) => {
                    let message = format!("Failed to create endpoint for service {key}: {}", status.message);
                    context.recorder.note(context.api, &endpoints, "Warning", "FailedToCreateEndpoint", message);
                    Outcome::Retry(status.message)
                }
            };
        };
        match context.api.update(object, false) {
            Ok(stored) => {
                let version = &current.meta.resource_version;
                if stored.meta().resource_version != *version {
                    self.replaced.insert(key.clone(), version.clone());
                }
                Outcome::Done
            }
            Err(status) => {
                let message = format!("Failed to update endpoint {key}: {}", status.message);
                context.recorder.note(context.api, &endpoints, "Warning", "FailedToUpdateEndpoint", message);
                Outcome::Retry(status.message)
            }
        }
    }
}

/// The subsets that a Service's Pods (those that its selector selects) give.
pub fn wanted_subsets(service: &Service, pods: &[Rc<Pod>]) -> Vec<EndpointSubset> {
    let publish = service.spec.publish_not_ready_addresses;
    let mut by_numbers: BTreeMap<Vec<Option<i32>>, EndpointSubset> = BTreeMap::new();
    for pod in pods.iter().filter(|pod| should_be_in_endpoints(pod, publish)) {
        let Some(address) = address(service, pod) else { continue };
        let numbers = port_numbers(service, pod);
        let no_ports = numbers.iter().all(Option::is_none);
        // A headless Service need not have ports; else a Pod without any of them is left out.
        if no_ports && !(numbers.is_empty() && service.spec.is_headless()) {
            continue;
        }
        let subset = by_numbers.entry(numbers).or_default();
        let ready = publish || pod.is_ready();
        let list = if ready { &mut subset.addresses } else { &mut subset.not_ready_addresses };
        list.push(address);
    }
    let with_ports = by_numbers.into_iter().map(|(numbers, mut subset)| {
        subset.ports =
            service.spec.ports.iter().zip(numbers).filter_map(|(port, number)| Some(endpoint_port(port, number?))).collect();
        subset
    });
    subsets::repack(with_ports.collect())
}

fn endpoint_port(port: &ServicePort, number: i32) -> EndpointPort {
    EndpointPort {
        name: port.name.clone(),
        port: number,
        protocol: port.protocol.clone(),
        app_protocol: port.app_protocol.clone(),
    }
}

/// The Pod's address of the Service's first family, if it has one.
fn address(service: &Service, pod: &Pod) -> Option<EndpointAddress> {
    let spec = &service.spec;
    let first_ip = &pod.status.pod_ip;
    let ipv6 = match spec.ip_families.first() {
        Some(family) => family == "IPv6",
        None if has_cluster_ip(service) => is_ipv6(&spec.cluster_ip),
        None => is_ipv6(first_ip),
    };
    let ip = addresses(pod).into_iter().find(|ip| is_ipv6(ip) == ipv6)?;
    Some(EndpointAddress {
        ip: ip.to_string(),
        hostname: if should_set_hostname(pod, service) { pod.spec.hostname.clone() } else { String::new() },
        node_name: Some(pod.spec.node_name.clone()),
        target_ref: Some(target_ref(pod)),
    })
}

fn labels(service: &Service) -> StringMap {
    let mut labels = service.meta.labels.clone();
    labels.insert(MANAGED_BY.into(), CONTROLLER.into());
    labels
}

/// Whether the object already says what is wanted. Its headless label is not compared, as in Kubernetes.
fn is_up_to_date(current: &Endpoints, service: &Service, wanted: &[EndpointSubset]) -> bool {
    let mut shown = current.meta.labels.clone();
    shown.remove(HEADLESS);
    let over = subsets::count(&current.subsets) > subsets::MAX_CAPACITY;
    shown == labels(service)
        && !over
        && !current.meta.annotations.contains_key(OVER_CAPACITY)
        && subsets::equal(&current.subsets, wanted)
}

/// The object as it should be; what others wrote on it stays.
fn desired(service: &Service, current: Option<&Endpoints>, subsets: Vec<EndpointSubset>, trigger: Option<Time>) -> Endpoints {
    let new = || Endpoints {
        meta: ObjectMeta { name: service.meta.name.clone(), namespace: service.meta.namespace.clone(), ..ObjectMeta::default() },
        subsets: vec![],
    };
    let mut endpoints = current.cloned().unwrap_or_else(new);
    endpoints.subsets = subsets;
    endpoints.meta.labels = labels(service);
    if !has_cluster_ip(service) {
        endpoints.meta.labels.insert(HEADLESS.into(), String::new());
    }
    let annotations = &mut endpoints.meta.annotations;
    annotations.remove(OVER_CAPACITY);
    match trigger {
        Some(time) => annotations.insert(LAST_CHANGE_TRIGGER_TIME.into(), time.rfc3339()),
        None => annotations.remove(LAST_CHANGE_TRIGGER_TIME),
    };
    endpoints
}
