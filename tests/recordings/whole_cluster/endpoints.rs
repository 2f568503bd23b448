//! Endpoints are what the selector selects: in slices, in the Endpoints object, and mirrored from hand-made Endpoints.

use super::services;
use kube_service_lab::api::service::{EndpointSubset, ServicePort};
use kube_service_lab::api::{EndpointSlice, Endpoints, IntOrString, Key, Kind, Node, Pod, Service};
use kube_service_lab::lab::Lab;
use std::collections::BTreeSet;
use std::rc::Rc;

/// An address with its ports (`name/protocol/number`), its Pod, and its state.
type Told = (String, BTreeSet<String>, String, [bool; 3]);

const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";

pub fn check(lab: &Lab) -> Result<(), String> {
    for service in services::all(lab).filter(|s| s.spec.type_ != "ExternalName") {
        if super::is_going(lab, &service.meta.namespace) {
            continue;
        }
        let who = format!("{}/{}", service.meta.namespace, service.meta.name);
        let slices = slices_of(lab, service);
        if service.spec.selector.is_empty() {
            mirrored(lab, service, &slices).map_err(|what| format!("{who}: {what}"))?;
            continue;
        }
        in_slices(lab, service, &slices).map_err(|what| format!("{who}: {what}"))?;
        in_endpoints(lab, service).map_err(|what| format!("{who}: {what}"))?;
    }
    Ok(())
}

fn slices_of<'a>(lab: &'a Lab, service: &Service) -> Vec<&'a Rc<EndpointSlice>> {
    let store = lab.cluster().api().store();
    let slices = store.list(Kind::EndpointSlice, None).filter_map(|o| o.as_::<EndpointSlice>());
    let own = |s: &&Rc<EndpointSlice>| {
        s.meta.namespace == service.meta.namespace && s.meta.labels.get("kubernetes.io/service-name") == Some(&service.meta.name)
    };
    slices.filter(own).collect()
}

fn managed_by(slice: &EndpointSlice, who: &str) -> bool {
    slice.meta.labels.get(MANAGED_BY).is_some_and(|by| by == who)
}

/// The number that a Service port means in a Pod.
fn target(port: &ServicePort, pod: &Pod) -> Option<i32> {
    match &port.target_port {
        IntOrString::Int(n) => Some(*n),
        IntOrString::Text(name) => {
            let sidecars = pod.spec.init_containers.iter().filter(|c| c.restart_policy.as_deref() == Some("Always"));
            let mut ports = pod.spec.containers.iter().chain(sidecars).flat_map(|c| &c.ports);
            ports.find(|p| p.name == *name && p.protocol == port.protocol).map(|p| p.container_port)
        }
    }
}

fn ports(service: &Service, pod: &Pod) -> BTreeSet<String> {
    let one = |p: &ServicePort| target(p, pod).map(|n| format!("{}/{}/{n}", p.name, p.protocol));
    service.spec.ports.iter().filter_map(one).collect()
}

/// The Pods that a Service's endpoints are made of, with what must be told of each.
fn selected<'a>(lab: &'a Lab, service: &'a Service) -> impl Iterator<Item = (&'a Rc<Pod>, Told)> {
    let store = lab.cluster().api().store();
    let pods = store.list(Kind::Pod, Some(&service.meta.namespace)).filter_map(|o| o.as_::<Pod>());
    let wanted = |pod: &&Rc<Pod>| {
        let labels = &pod.meta.labels;
        let node = store.typed::<Node>(&Key::new("", &pod.spec.node_name)).is_some();
        service.spec.selector.iter().all(|(k, v)| labels.get(k) == Some(v))
            && !pod.is_terminal()
            && !pod.status.pod_ip.is_empty()
            && (node || service.spec.publish_not_ready_addresses)
    };
    pods.filter(wanted).map(|pod| {
        let (serving, terminating) = (pod.is_ready(), pod.meta.is_deleting());
        let ready = service.spec.publish_not_ready_addresses || (serving && !terminating);
        (pod, (pod.status.pod_ip.clone(), ports(service, pod), pod.meta.name.clone(), [ready, serving, terminating]))
    })
}

fn in_slices(lab: &Lab, service: &Service, slices: &[&Rc<EndpointSlice>]) -> Result<(), String> {
    let own: Vec<_> = slices.iter().filter(|s| managed_by(s, "endpointslice-controller.k8s.io")).collect();
    if own.is_empty() {
        return Err("a Service with a selector has no slice".into());
    }
    let (mut got, mut count) = (BTreeSet::new(), 0);
    for slice in own {
        if slice.endpoints.len() > 100 {
            return Err(format!("slice {} has {} endpoints", slice.meta.name, slice.endpoints.len()));
        }
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        let port = |p: &kube_service_lab::api::discovery::EndpointSlicePort| {
            format!("{}/{}/{}", text(&p.name), text(&p.protocol), p.port.unwrap_or(0))
        };
        let ports: BTreeSet<String> = slice.ports.iter().map(port).collect();
        for endpoint in &slice.endpoints {
            let c = &endpoint.conditions;
            let pod = endpoint.target_ref.as_ref().map(|t| t.name.clone()).unwrap_or_default();
            count += 1;
            got.insert((endpoint.addresses.join(","), ports.clone(), pod, [c.is_ready(), c.is_serving(), c.is_terminating()]));
        }
    }
    let expected: BTreeSet<Told> = selected(lab, service).map(|(_, told)| told).collect();
    if count != got.len() {
        return Err("an endpoint stands in two slices".into());
    }
    let over = ended(lab, service);
    got.retain(|told| expected.contains(told) || told.3[0] || !over.contains(&told.0));
    same("slices", &expected, &got)
}

/// Addresses of Pods that have ended. They may stay listed as not ready: the controllers look at a Pod when its readiness
/// changes, which is before its end is told, and not again for its phase alone (podEndpointsChanged).
fn ended(lab: &Lab, service: &Service) -> BTreeSet<String> {
    let pods = lab.cluster().api().store().list(Kind::Pod, Some(&service.meta.namespace)).filter_map(|o| o.as_::<Pod>());
    pods.filter(|pod| pod.is_terminal()).map(|pod| pod.status.pod_ip.clone()).collect()
}

fn same<T: Ord + std::fmt::Debug>(what: &str, expected: &BTreeSet<T>, got: &BTreeSet<T>) -> Result<(), String> {
    if expected == got {
        return Ok(());
    }
    let missing: Vec<_> = expected.difference(got).collect();
    let surplus: Vec<_> = got.difference(expected).collect();
    Err(format!("{what}: missing {missing:?}, surplus {surplus:?}"))
}

/// Every address of an Endpoints object with each of its ports, and whether it is ready.
fn told(subsets: &[EndpointSubset]) -> BTreeSet<(String, String, bool)> {
    let mut all = BTreeSet::new();
    for subset in subsets {
        let ports = subset.ports.iter().map(|p| format!("{}/{}/{}", p.name, p.protocol, p.port));
        let ports: Vec<String> = if subset.ports.is_empty() { vec!["no port".into()] } else { ports.collect() };
        for (addresses, ready) in [(&subset.addresses, true), (&subset.not_ready_addresses, false)] {
            let each = addresses.iter().flat_map(|a| ports.iter().map(|p| (a.ip.clone(), p.clone(), ready)));
            all.extend(each);
        }
    }
    all
}

fn in_endpoints(lab: &Lab, service: &Service) -> Result<(), String> {
    let key = Key::new(&service.meta.namespace, &service.meta.name);
    let object = lab.cluster().api().get::<Endpoints>(&key).ok_or("no Endpoints object")?;
    let publish = service.spec.publish_not_ready_addresses;
    let mut expected = BTreeSet::new();
    for (pod, (ip, ports, _, [ready, ..])) in selected(lab, service) {
        if pod.meta.is_deleting() && !publish {
            continue;
        }
        if ports.is_empty() && service.spec.ports.is_empty() {
            expected.insert((ip.clone(), "no port".to_string(), ready));
        }
        expected.extend(ports.into_iter().map(|port| (ip.clone(), port, ready)));
    }
    let (over, mut got) = (ended(lab, service), told(&object.subsets));
    got.retain(|told| expected.contains(told) || told.2 || !over.contains(&told.0));
    same("Endpoints", &expected, &got)
}

/// A Service without selector: hand-made Endpoints of its name stand in mirrored slices too.
fn mirrored(lab: &Lab, service: &Service, slices: &[&Rc<EndpointSlice>]) -> Result<(), String> {
    let key = Key::new(&service.meta.namespace, &service.meta.name);
    let skip = |e: &&Rc<Endpoints>| e.meta.labels.get("endpointslice.kubernetes.io/skip-mirror").is_none_or(|v| v != "true");
    let object = lab.cluster().api().get::<Endpoints>(&key).filter(skip);
    let expected: BTreeSet<_> = object.map(|e| told(&e.subsets)).unwrap_or_default();
    let mut got = BTreeSet::new();
    for slice in slices.iter().filter(|s| managed_by(s, "endpointslicemirroring-controller.k8s.io")) {
        for endpoint in &slice.endpoints {
            let text = |t: &Option<String>| t.clone().unwrap_or_default();
            let ports = slice.ports.iter().map(|p| format!("{}/{}/{}", text(&p.name), text(&p.protocol), p.port.unwrap_or(0)));
            let ready = endpoint.conditions.is_ready();
            got.extend(ports.map(|port| (endpoint.addresses.join(","), port, ready)));
        }
    }
    same("mirrored slices", &expected, &got)
}
