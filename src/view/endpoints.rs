//! What stands behind a Service: by its EndpointSlices, and as each node's kube-proxy has it in force.

use crate::api::discovery::Endpoint;
use crate::api::{EndpointSlice, Key, Kind, Object, Service};
use crate::cluster::Cluster;
use crate::lab::Lab;
use crate::time::{MILLISECOND, Nanos};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The label by which a slice names its Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// How far a node's kube-proxy is behind what it was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Behind {
    /// Not at all.
    #[default]
    InSync,
    /// So many tenths of a second.
    Tenths(u64),
}

impl Behind {
    /// From a lag.
    pub fn of(lag: Nanos) -> Behind {
        if lag < 50 * MILLISECOND { Behind::InSync } else { Behind::Tenths(lag.div_ceil(100 * MILLISECOND)) }
    }

    /// How far behind, without the word for it: `0.4 s`.
    pub fn lag(self) -> String {
        match self {
            Behind::InSync => "0 s".into(),
            Behind::Tenths(n) => format!("{}.{} s", n / 10, n % 10),
        }
    }

    /// `in sync`, `0.4 s behind`.
    pub fn words(self) -> String {
        match self {
            Behind::InSync => "in sync".into(),
            Behind::Tenths(_) => self.lag() + " behind",
        }
    }
}

/// The Service that a slice belongs to.
pub fn service_key_of(slice: &EndpointSlice) -> Option<Key> {
    slice.meta.labels.get(SERVICE_NAME).map(|name| Key::new(&slice.meta.namespace, name))
}

/// All slices, by Service.
pub fn slices(cluster: &Cluster) -> BTreeMap<Key, Vec<Rc<EndpointSlice>>> {
    let mut all: BTreeMap<Key, Vec<_>> = BTreeMap::new();
    for slice in cluster.api().store().list(Kind::EndpointSlice, None).filter_map(Object::as_::<EndpointSlice>) {
        if let Some(key) = service_key_of(slice) {
            all.entry(key).or_default().push(slice.clone());
        }
    }
    all
}

/// The endpoints of each Service, as the API server has them in EndpointSlices.
pub fn endpoints_of(lab: &Lab) -> BTreeMap<Key, Vec<Endpoint>> {
    let all = slices(lab.cluster()).into_iter();
    all.map(|(key, slices)| (key, slices.iter().flat_map(|s| s.endpoints.iter().cloned()).collect())).collect()
}

/// The Services of the scene: those of the default namespace that a person made.
pub fn services(cluster: &Cluster, namespace: &str) -> Vec<Rc<Service>> {
    let list = cluster.api().store().list(Kind::Service, Some(namespace));
    list.filter_map(Object::as_::<Service>).filter(|s| s.meta.name != "kubernetes").cloned().collect()
}

/// The ready endpoints of the scene's Services, and how often they changed.
#[derive(Clone, Debug, Default)]
pub struct Ready {
    slices: BTreeMap<Key, (Rc<EndpointSlice>, BTreeSet<String>)>,
    changes: u64,
    fronts: BTreeMap<Key, String>,
    address_changes: u64,
}

impl Ready {
    /// Looks at the EndpointSlices; at the `first` look nothing counts as a change.
    pub fn observe(&mut self, cluster: &Cluster, first: bool) {
        let mut old = std::mem::take(&mut self.slices);
        let (mut came, mut went) = (0, 0);
        let list = cluster.api().store().list(Kind::EndpointSlice, Some(super::NAMESPACE));
        for slice in list.filter_map(Object::as_::<EndpointSlice>) {
            if service_key_of(slice).is_none_or(|key| &*key.name == "kubernetes") {
                continue;
            }
            let key = Key::new(&slice.meta.namespace, &slice.meta.name);
            let before = old.remove(&key);
            if let Some(before) = before.as_ref().filter(|b| Rc::ptr_eq(&b.0, slice)) {
                self.slices.insert(key, before.clone());
                continue;
            }
            let endpoints = slice.endpoints.iter().filter(|e| e.conditions.is_ready());
            let ready: BTreeSet<String> = endpoints.flat_map(|e| e.addresses.iter().cloned()).collect();
            let before = before.map(|b| b.1).unwrap_or_default();
            came += ready.difference(&before).count();
            went += before.difference(&ready).count();
            self.slices.insert(key, (slice.clone(), ready));
        }
        went += old.values().map(|s| s.1.len()).sum::<usize>();
        if !first {
            self.changes += (came + went) as u64;
        }
        self.observe_fronts(cluster);
    }

    /// Looks at the Services' own addresses.
    fn observe_fronts(&mut self, cluster: &Cluster) {
        for service in services(cluster, super::NAMESPACE) {
            let (key, now) = (Key::new(&service.meta.namespace, &service.meta.name), &service.spec.cluster_ip);
            match self.fronts.get_mut(&key) {
                Some(before) if before == now => {}
                Some(before) => {
                    *before = now.clone();
                    self.address_changes += 1;
                }
                None => drop(self.fronts.insert(key, now.clone())),
            }
        }
    }

    /// How often a Service had another address than the one of its name before.
    pub fn address_changes(&self) -> u64 {
        self.address_changes
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.slices.values().map(|s| s.1.len()).sum()
    }

    /// How often an endpoint became ready or stopped being it.
    pub fn changes(&self) -> u64 {
        self.changes
    }
}
