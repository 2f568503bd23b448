//! The Service `kubernetes` in front of the API server and its endpoints: the API server itself makes them anew when they are gone.
//!
//! Source: `pkg/controlplane/controller/kubernetesservice/controller.go`. A Service that somebody changed stays as it is.

use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::discovery::{Endpoint, EndpointConditions, EndpointSlice, EndpointSlicePort};
use crate::api::meta::{ObjectMeta, StringMap};
use crate::api::service::{EndpointAddress, EndpointPort, EndpointSubset, Endpoints, Service, ServicePort, ServiceSpec};
use crate::api::{Key, Object, Time};
use crate::apiserver::Change;
use crate::time::{Nanos, SECOND};
use std::rc::Rc;

/// The API server's own address and port.
pub const API_SERVER: (&str, i32) = ("192.0.2.10", 6443);
/// It is looked after this often.
const PERIOD: Nanos = 10 * SECOND;

/// The API server's loop.
#[derive(Clone, Debug, Default)]
pub struct KubernetesService;

impl Controller for KubernetesService {
    fn component(&self) -> &'static str {
        "apiserver"
    }

    fn observe(&mut self, _change: &Change, _cache: &Cache, _queue: &mut WorkQueue, _now: Nanos) {}

    fn sync(&mut self, _key: &Key, context: &mut Context) -> Outcome {
        for object in objects(Time::default()) {
            if context.api.read(object.kind(), &object.key()).is_err() {
                // A refusal is made good at the next look.
                let _ = context.api.create(object, false);
            }
        }
        Outcome::After(PERIOD)
    }

    fn queue(&self) -> WorkQueue {
        let mut queue = WorkQueue::default();
        queue.add(Key::new("default", "kubernetes"), PERIOD);
        queue
    }
}

fn meta(labels: &[(&str, &str)], since: Time) -> ObjectMeta {
    ObjectMeta {
        name: "kubernetes".into(),
        namespace: "default".into(),
        labels: labels.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect::<StringMap>(),
        creation_timestamp: since,
        ..ObjectMeta::default()
    }
}

/// The Service, its Endpoints and its EndpointSlice.
pub fn objects(since: Time) -> [Object; 3] {
    let (address, port) = API_SERVER;
    let spec = ServiceSpec::cluster_ip("10.96.0.1", vec![ServicePort::new("https", "TCP", 443, port)]);
    let labels = [("component", "apiserver"), ("provider", "kubernetes")];
    let service = Service { meta: meta(&labels, since), spec, ..Service::default() };
    let subset = EndpointSubset {
        addresses: vec![EndpointAddress { ip: address.into(), ..EndpointAddress::default() }],
        ports: vec![EndpointPort { name: "https".into(), port, protocol: "TCP".into(), ..EndpointPort::default() }],
        ..EndpointSubset::default()
    };
    let endpoints =
        Endpoints { meta: meta(&[("endpointslice.kubernetes.io/skip-mirror", "true")], since), subsets: vec![subset] };
    let mut slice = EndpointSlice {
        meta: meta(&[("kubernetes.io/service-name", "kubernetes")], since),
        address_type: "IPv4".into(),
        endpoints: vec![Endpoint {
            addresses: vec![address.into()],
            conditions: EndpointConditions { ready: Some(true), ..EndpointConditions::default() },
            ..Endpoint::default()
        }],
        ports: vec![EndpointSlicePort {
            name: Some("https".into()),
            protocol: Some("TCP".into()),
            port: Some(port),
            ..EndpointSlicePort::default()
        }],
    };
    slice.meta.generation = 1;
    [Object::Service(Rc::new(service)), Object::Endpoints(Rc::new(endpoints)), Object::EndpointSlice(Rc::new(slice))]
}
