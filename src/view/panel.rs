//! What the panels beside the scene say of a Service, a Deployment and the last minute.

use super::NAMESPACE;
use super::endpoints::{Ready, services, slices};
use super::watcher::Watcher;
use crate::api::{Deployment, EndpointSlice, IntOrString, Key, Kind, Object, Service};
use crate::lab::Lab;
use crate::time::{Nanos, SECOND};
use std::rc::Rc;

/// Services and Deployments that are offered to choose from.
const LISTED: usize = 30;

/// A Service: the front that never changes, and the list behind it that follows the Pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePanel {
    /// Its name.
    pub name: String,
    /// What the front is made of: label and value.
    pub front: Vec<(&'static str, String)>,
    /// Names of its EndpointSlices.
    pub slices: Vec<String>,
    /// The endpoints in those slices.
    pub endpoints: Vec<EndpointRow>,
}

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointRow {
    /// `ip:port`.
    pub address: String,
    /// The Pod's name.
    pub pod: String,
    /// Its revision.
    pub revision: Option<usize>,
    /// Its share of the requests that reached the endpoints lately, in percent.
    pub share: u64,
    /// The same beside the busiest endpoint, in percent of that one's.
    pub part: u64,
    /// `ready`, `draining`, `not ready`.
    pub state: &'static str,
}

/// A Deployment in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentPanel {
    /// Its name.
    pub name: String,
    /// Replicas asked for.
    pub wanted: i32,
    /// Replicas that are ready.
    pub ready: i32,
    /// Replicas of the newest template.
    pub updated: i32,
    /// Its first container's name.
    pub container: String,
    /// And image.
    pub image: String,
}

/// How requests fared in the last sixty seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Last60 {
    /// Answered and not answered, of clients that ask a Service.
    pub service: (u64, u64),
    /// The same of clients that hold one Pod's address.
    pub pod: (u64, u64),
    /// Half of the answers came within this time.
    pub median: Option<Nanos>,
    /// 99 of 100 answers came within this time.
    pub p99: Option<Nanos>,
    /// How often an endpoint became ready or stopped being it, since 0:00.
    pub endpoint_changes: u64,
    /// How often a Service got another address, since 0:00.
    pub address_changes: u64,
}

/// The panels of the scene's Services.
pub fn service_panels(lab: &Lab, watcher: &Watcher) -> Vec<Rc<ServicePanel>> {
    let cluster = lab.cluster();
    let mut slices = slices(cluster);
    let all = services(cluster, NAMESPACE).into_iter().take(LISTED);
    all.map(|service| {
        let key = Key::new(&service.meta.namespace, &service.meta.name);
        Rc::new(service_panel(&service, &slices.remove(&key).unwrap_or_default(), watcher))
    })
    .collect()
}

fn service_panel(service: &Service, slices: &[Rc<EndpointSlice>], watcher: &Watcher) -> ServicePanel {
    let mut endpoints: Vec<EndpointRow> = slices.iter().flat_map(|slice| rows(slice, watcher)).collect();
    let total: u64 = endpoints.iter().map(|e| e.share).sum();
    let most = endpoints.iter().map(|e| e.share).max().unwrap_or(0);
    for row in &mut endpoints {
        row.part = (row.share * 100).checked_div(most).unwrap_or(0);
        row.share = (row.share * 100 + total / 2).checked_div(total).unwrap_or(0);
    }
    ServicePanel {
        name: service.meta.name.clone(),
        front: front(service),
        slices: slices.iter().map(|s| s.meta.name.clone()).collect(),
        endpoints,
    }
}

fn front(service: &Service) -> Vec<(&'static str, String)> {
    let spec = &service.spec;
    let mut front = vec![("DNS", format!("{}.{}.svc.cluster.local", service.meta.name, service.meta.namespace))];
    if spec.type_ == "ExternalName" {
        front.push(("stands for", spec.external_name.clone()));
        return front;
    }
    front.push(("ClusterIP", spec.cluster_ip.clone()));
    for port in &spec.ports {
        let target = match &port.target_port {
            IntOrString::Int(0) => port.port.to_string(),
            IntOrString::Int(n) => n.to_string(),
            IntOrString::Text(name) => name.clone(),
        };
        front.push(("port", format!("{} → targetPort {target}", port.port)));
        if port.node_port != 0 {
            front.push(("NodePort", format!("{} on every node", port.node_port)));
        }
    }
    let selector: Vec<String> = spec.selector.iter().map(|(k, v)| format!("{k}={v}")).collect();
    front.push(("selector", if selector.is_empty() { "none".into() } else { selector.join(",") }));
    front
}

/// The endpoints of a slice; `share` still counts requests per second.
fn rows(slice: &Rc<EndpointSlice>, watcher: &Watcher) -> Vec<EndpointRow> {
    let port = slice.ports.first().and_then(|p| p.port).map_or(String::new(), |p| format!(":{p}"));
    let row = |e: &crate::api::discovery::Endpoint| {
        let ip = e.addresses.first().cloned().unwrap_or_default();
        let (pod, uid) = e.target_ref.as_ref().map_or(Default::default(), |r| (r.name.clone(), r.uid.clone()));
        let state = match (e.conditions.is_ready(), e.conditions.is_terminating()) {
            (true, _) => "ready",
            (false, true) => "draining",
            (false, false) => "not ready",
        };
        let share = watcher.rate(&uid);
        EndpointRow { revision: watcher.revision_of(&ip), address: format!("{ip}{port}"), pod, share, part: 0, state }
    };
    slice.endpoints.iter().map(row).collect()
}

/// The scene's Deployments.
pub fn deployments(lab: &Lab) -> Vec<Rc<DeploymentPanel>> {
    let list = lab.cluster().api().store().list(Kind::Deployment, Some(NAMESPACE));
    list.filter_map(Object::as_::<Deployment>).filter_map(|d| deployment(d)).take(LISTED).map(Rc::new).collect()
}

fn deployment(deployment: &Deployment) -> Option<DeploymentPanel> {
    let container = deployment.spec.template.spec.containers.first()?;
    Some(DeploymentPanel {
        name: deployment.meta.name.clone(),
        wanted: deployment.spec.replicas.unwrap_or(1),
        ready: deployment.status.ready_replicas,
        updated: deployment.status.updated_replicas,
        container: container.name.clone(),
        image: container.image.clone(),
    })
}

/// The last minute in numbers.
pub fn last60(lab: &Lab, ready: &Ready) -> Last60 {
    let from = (lab.cluster().now() / SECOND).saturating_sub(60);
    let (endpoint_changes, address_changes) = (ready.changes(), ready.address_changes());
    let mut last = Last60 { endpoint_changes, address_changes, ..Last60::default() };
    let mut busiest = 0;
    for client in lab.traffic().clients() {
        let seconds = client.stats.seconds.iter().filter(|s| s.second >= from);
        let counts = seconds.fold((0, 0), |(a, f), s| (a + u64::from(s.answered), f + u64::from(s.failed)));
        let sum = if client.setting.stubborn { &mut last.pod } else { &mut last.service };
        *sum = (sum.0 + counts.0, sum.1 + counts.1);
        if !client.setting.stubborn && counts.0 > busiest {
            busiest = counts.0;
            last.median = client.stats.percentile(50);
            last.p99 = client.stats.percentile(99);
        }
    }
    last
}
