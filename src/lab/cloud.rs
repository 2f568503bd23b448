//! The cloud that a LoadBalancer Service waits for: a switch, off at first, so that such Services stay `<pending>` as in a cluster without
//! one. Switched on, it gives each of them an address a moment later, and says so in events.
//!
//! Promises: addresses from 203.0.113.0/24 (a range for examples), never the same for two Services; status only, never spec.

use crate::api::service::{LoadBalancerIngress, Service};
use crate::api::{Key, Kind, Object, Resource};
use crate::apiserver::Recorder;
use crate::cluster::Cluster;
use crate::time::{Nanos, SECOND};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a cloud needs to make a load balancer.
const WORK: Nanos = 2 * SECOND;
/// The name under which the service controller of a cloud records events.
const COMPONENT: &str = "service-controller";

/// The cloud.
#[derive(Clone, Debug, Default)]
pub struct Cloud {
    /// Whether there is one.
    pub on: bool,
    /// When the load balancers under way are done.
    begun: BTreeMap<Key, Nanos>,
}

impl Cloud {
    /// Looks which Services want a load balancer, and gives addresses to those that have waited long enough.
    pub fn work(&mut self, cluster: &mut Cluster) {
        if !self.on {
            self.begun.clear();
            return;
        }
        let now = cluster.now();
        let services: Vec<Rc<Service>> =
            cluster.api().store().list(Kind::Service, None).filter_map(Object::as_).cloned().collect();
        for service in services {
            let key = Key::new(&service.meta.namespace, &service.meta.name);
            let has = !service.status.load_balancer.ingress.is_empty();
            let wants = service.spec.type_ == "LoadBalancer" && service.spec.load_balancer_class.is_none();
            match (wants && !service.meta.is_deleting(), has, self.begun.get(&key).copied()) {
                (true, false, None) => {
                    self.begun.insert(key, now + WORK);
                    note(cluster, &service, "EnsuringLoadBalancer", "Ensuring load balancer");
                }
                (true, false, Some(due)) if due <= now => {
                    self.begun.remove(&key);
                    if let Some(address) = free(cluster) {
                        set(cluster, &service, Some(address));
                        note(cluster, &service, "EnsuredLoadBalancer", "Ensured load balancer");
                    }
                }
                (false, true, _) if !service.meta.is_deleting() => {
                    self.begun.remove(&key);
                    set(cluster, &service, None);
                    note(cluster, &service, "DeletedLoadBalancer", "Deleted load balancer");
                }
                (true, false, Some(_)) => {}
                _ => drop(self.begun.remove(&key)),
            }
        }
    }
}

/// An address that no Service has; `None` when all are taken.
fn free(cluster: &Cluster) -> Option<String> {
    let services = || cluster.api().store().list(Kind::Service, None).filter_map(Object::as_::<Service>);
    (10..250).map(|last| format!("203.0.113.{last}")).find(|address| {
        !services()
            .any(|s| s.status.load_balancer.ingress.iter().any(|i| i.ip == *address) || s.spec.external_ips.contains(address))
    })
}

fn set(cluster: &mut Cluster, service: &Rc<Service>, address: Option<String>) {
    let mut changed = Service::clone(service);
    changed.meta.resource_version = String::new();
    changed.status.load_balancer.ingress = address
        .map(|ip| LoadBalancerIngress { ip, ip_mode: Some("VIP".into()), ..LoadBalancerIngress::default() })
        .into_iter()
        .collect();
    let _ = cluster.api_mut().update_status(Rc::new(changed).into_object(), false);
    cluster.flush();
}

fn note(cluster: &mut Cluster, service: &Rc<Service>, reason: &str, message: &str) {
    let mut recorder = Recorder::new(COMPONENT, "");
    recorder.note(cluster.api_mut(), service.as_ref(), "Normal", reason, message.into());
    cluster.flush();
}
