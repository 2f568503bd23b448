//! What this node's kube-proxy knows of Services and their endpoints: what its watches have told it so far.
//!
//! Promises: a change is noted for the Services it touches, and only if it changes anything for the rules.
//! Must not know: the API server, other nodes, rules.

use super::endpoint::{Endpoint, Endpoints, SliceInfo, merge, read_slice};
use super::port::{PortName, ServicePort, service_ports};
use super::settings::NodeInfo;
use crate::api::{EndpointSlice, Key, Service};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::rc::Rc;

/// The label by which a slice names its Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// The label that hides a slice from kube-proxy.
const HEADLESS: &str = "service.kubernetes.io/headless";

/// The node's own, delayed view.
#[derive(Clone, Debug)]
pub struct View {
    node: Rc<NodeInfo>,
    services: BTreeMap<Key, Rc<[Rc<ServicePort>]>>,
    /// Slices by Service, then by name.
    slices: BTreeMap<Key, BTreeMap<Rc<str>, Rc<SliceInfo>>>,
    /// Which Service a slice belongs to.
    owners: BTreeMap<Key, Key>,
    endpoints: BTreeMap<Key, BTreeMap<PortName, Endpoints>>,
    /// Addresses by which Services can be reached from outside.
    doors: BTreeMap<Ipv4Addr, BTreeSet<Key>>,
    dirty: BTreeSet<Key>,
    /// Services whose slices changed since their endpoints were merged.
    unmerged: BTreeSet<Key>,
    total: usize,
}

/// The addresses by which a port can be reached from outside, but for the nodes' own.
fn doors(ports: &[Rc<ServicePort>]) -> BTreeSet<Ipv4Addr> {
    let of = |p: &Rc<ServicePort>| [p.external_ips.clone(), p.load_balancer_vips.clone(), p.load_balancer_proxies.clone()];
    ports.iter().flat_map(of).flatten().collect()
}

impl View {
    /// A view that knows nothing yet.
    pub fn new(node: Rc<NodeInfo>) -> View {
        View {
            node,
            services: BTreeMap::new(),
            slices: BTreeMap::new(),
            owners: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            doors: BTreeMap::new(),
            dirty: BTreeSet::new(),
            unmerged: BTreeSet::new(),
            total: 0,
        }
    }

    /// A Service was created or changed. Whether that matters for the rules.
    pub fn set_service(&mut self, service: Rc<Service>) -> bool {
        let key = Key::new(&service.meta.namespace, &service.meta.name);
        let ports = service_ports(&service);
        if self.ports(&key) == &ports[..] {
            return false;
        }
        self.total -= self.count(&key);
        self.close_doors(&key);
        for ip in doors(&ports) {
            self.doors.entry(ip).or_default().insert(key.clone());
        }
        if ports.is_empty() {
            self.services.remove(&key);
        } else {
            self.services.insert(key.clone(), ports.into());
        }
        self.total += self.count(&key);
        self.dirty.insert(key);
        true
    }

    /// A Service was deleted. Whether that matters for the rules.
    pub fn remove_service(&mut self, key: &Key) -> bool {
        self.total -= self.count(key);
        self.close_doors(key);
        let known = self.services.remove(key).is_some();
        if known {
            self.dirty.insert(key.clone());
        }
        known
    }

    fn close_doors(&mut self, service: &Key) {
        for ip in doors(self.ports(service)) {
            if let Some(services) = self.doors.get_mut(&ip) {
                services.remove(service);
                if services.is_empty() {
                    self.doors.remove(&ip);
                }
            }
        }
    }

    /// The ports of the Services that name an address for use from outside (externalIPs, load balancer ingress).
    pub fn behind_door(&self, ip: Ipv4Addr) -> impl Iterator<Item = &Rc<ServicePort>> {
        self.doors.get(&ip).into_iter().flatten().flat_map(|service| self.ports(service))
    }

    /// A slice was created or changed. Whether that matters for the rules.
    pub fn set_slice(&mut self, slice: Rc<EndpointSlice>) -> bool {
        let key = Key::new(&slice.meta.namespace, &slice.meta.name);
        let owner = slice.meta.labels.get(SERVICE_NAME).filter(|name| !name.is_empty());
        let Some(owner) = owner.filter(|_| !slice.meta.labels.contains_key(HEADLESS)) else { return self.remove_slice(&key) };
        let owner = Key::new(&slice.meta.namespace, owner);
        let moved = self.owners.get(&key).is_some_and(|old| *old != owner) && self.remove_slice(&key);
        let info = read_slice(&slice, &self.node.name);
        self.owners.insert(key.clone(), owner.clone());
        let slices = self.slices.entry(owner.clone()).or_default();
        let info = match slices.get(&key.name) {
            Some(old) if **old == info => return moved,
            Some(old) => info.sharing(old),
            None => info,
        };
        slices.insert(key.name, Rc::new(info));
        self.slices_changed(owner);
        true
    }

    /// A slice was deleted. Whether that matters for the rules.
    pub fn remove_slice(&mut self, key: &Key) -> bool {
        let Some(owner) = self.owners.remove(key) else { return false };
        if let Some(slices) = self.slices.get_mut(&owner) {
            slices.remove(&key.name);
            if slices.is_empty() {
                self.slices.remove(&owner);
            }
        }
        self.slices_changed(owner);
        true
    }

    fn slices_changed(&mut self, service: Key) {
        self.dirty.insert(service.clone());
        self.unmerged.insert(service);
    }

    /// Whether [`View::settle`] has something to do.
    pub fn is_unsettled(&self) -> bool {
        !self.unmerged.is_empty()
    }

    /// Merges the slices that were delivered. A large Service has many, and they come one by one: they are merged when
    /// somebody wants to know the endpoints, once for all.
    pub fn settle(&mut self) {
        for service in std::mem::take(&mut self.unmerged) {
            self.merge(&service);
        }
    }

    fn merge(&mut self, service: &Key) {
        self.total -= self.count(service);
        match self.slices.get(service) {
            Some(slices) => {
                let merged = merge(service, slices.values().map(Rc::as_ref));
                self.endpoints.insert(service.clone(), merged);
            }
            None => {
                self.endpoints.remove(service);
            }
        }
        self.total += self.count(service);
    }

    /// How many endpoints the ports of a Service have.
    fn count(&self, service: &Key) -> usize {
        self.ports(service).iter().map(|p| self.endpoints(&p.name).len()).sum()
    }

    /// The node.
    pub fn node(&self) -> &Rc<NodeInfo> {
        &self.node
    }

    /// The ports of a Service, in the order of its spec; none if it is unknown or needs no rules.
    pub fn ports(&self, service: &Key) -> &[Rc<ServicePort>] {
        self.services.get(service).map_or(&[], |ports| ports)
    }

    /// All Services that need rules.
    pub fn services(&self) -> impl Iterator<Item = (&Key, &[Rc<ServicePort>])> {
        self.services.iter().map(|(key, ports)| (key, &**ports))
    }

    /// The endpoints of a port, sorted, as of the last [`View::settle`].
    pub fn endpoints(&self, port: &PortName) -> &[Rc<Endpoint>] {
        self.endpoints.get(&port.service).and_then(|ports| ports.get(port)).map_or(&[], |list| list)
    }

    /// How many endpoints all ports of all Services have, as of the last [`View::settle`].
    pub fn total_endpoints(&self) -> usize {
        self.total
    }

    /// Whether a change waits to be compiled.
    pub fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// The Services touched since this was asked last.
    pub fn take_dirty(&mut self) -> BTreeSet<Key> {
        std::mem::take(&mut self.dirty)
    }
}
