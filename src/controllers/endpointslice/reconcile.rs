//! What must be written so that the slices of a Service say what its Pods are: a plan for each address family.
//!
//! Promises: reads nothing but its arguments, writes nothing; the same arguments give the same plan.
//! Source: `staging/endpointslice/reconciler.go`, Reconcile and reconcileByAddressType.

use super::desired::{self, PortKey, address_types, new_slice, owned_by, port_key};
use super::pack::{Packer, Plan, Wanted};
use super::pods::should_be_in_endpoints;
use super::topology::{TopologyCache, hints_enabled};
use super::traffic_distribution;
use crate::api::discovery::{Endpoint, EndpointSlicePort};
use crate::api::{EndpointSlice, Node, Pod, Service};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Something to say about the Service.
#[derive(Clone, Debug, PartialEq)]
pub struct Saying {
    /// `Normal` or `Warning`.
    pub type_: &'static str,
    /// One word.
    pub reason: &'static str,
    /// One sentence.
    pub message: String,
}

/// The work on one address family.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// What to write.
    pub plan: Plan,
    /// What to say afterwards.
    pub sayings: Vec<Saying>,
    /// What could not be listed, and why: the Service must be synced again.
    pub errors: Vec<String>,
}

/// The reconciler of one controller.
#[derive(Clone, Debug)]
pub struct Reconciler {
    /// The value of the managed-by label.
    pub controller: &'static str,
    /// Most endpoints in a slice (1..=1000).
    pub max_endpoints_per_slice: usize,
    /// Where nodes and hinted endpoints are, for topology-mode Auto.
    pub topology: TopologyCache,
}

/// The ports of a group of Pods, and the endpoints that those Pods give.
type Groups = BTreeMap<PortKey, (Vec<EndpointSlicePort>, Vec<Endpoint>)>;

impl Reconciler {
    /// One step for each address family of the Service, and one more when slices of other families must go. `pods` are
    /// those that the selector selects, in the order in which new endpoints are to be placed.
    pub fn reconcile<'n>(
        &mut self,
        service: &Service,
        pods: &[Rc<Pod>],
        existing: &[Rc<EndpointSlice>],
        node: impl Fn(&str) -> Option<&'n Node>,
    ) -> Vec<Step> {
        let families = address_types(service);
        let mut steps = vec![];
        for family in &families {
            let of_family: Vec<Rc<EndpointSlice>> = existing.iter().filter(|s| s.address_type == *family).cloned().collect();
            steps.push(self.family(service, pods, &of_family, family, &node));
        }
        let other: Vec<Rc<EndpointSlice>> =
            existing.iter().filter(|s| !families.contains(&s.address_type.as_str())).cloned().collect();
        if !other.is_empty() {
            for slice in &other {
                self.topology.remove_hints(service, &slice.address_type);
            }
            steps.push(Step { plan: Plan { delete: other, ..Plan::default() }, ..Step::default() });
        }
        steps
    }

    fn family<'n>(
        &mut self,
        service: &Service,
        pods: &[Rc<Pod>],
        existing: &[Rc<EndpointSlice>],
        family: &str,
        node: &impl Fn(&str) -> Option<&'n Node>,
    ) -> Step {
        let mut step = Step::default();
        let mut by_ports: BTreeMap<PortKey, Vec<Rc<EndpointSlice>>> = BTreeMap::new();
        for slice in existing {
            if owned_by(slice, service) {
                by_ports.entry(port_key(&slice.ports)).or_default().push(slice.clone());
            } else {
                step.plan.delete.push(slice.clone());
            }
        }
        let groups = wanted(service, pods, family, node, &mut step.errors);
        let packer = Packer { service, controller: self.controller, max: self.max_endpoints_per_slice };
        for (key, (ports, endpoints)) in groups {
            let slices = by_ports.remove(&key).unwrap_or_default();
            let plan = packer.pack(&slices, Wanted::new(endpoints), family, &ports);
            step.plan.create.extend(plan.create);
            step.plan.update.extend(plan.update);
            step.plan.delete.extend(plan.delete);
        }
        step.plan.delete.extend(by_ports.into_values().flatten());
        self.keep_a_placeholder(service, existing, family, &mut step.plan);
        self.hint(service, existing, family, &mut step);
        reuse_names(service, &mut step.plan);
        step
    }

    /// A Service always has a slice: an empty one when it would have none.
    fn keep_a_placeholder(&self, service: &Service, existing: &[Rc<EndpointSlice>], family: &str, plan: &mut Plan) {
        if existing.len() != plan.delete.len() || !plan.create.is_empty() {
            return;
        }
        let placeholder = new_slice(service, self.controller, family, vec![]);
        let is_placeholder = |s: &EndpointSlice| {
            s.meta.namespace == placeholder.meta.namespace
                && s.meta.labels == placeholder.meta.labels
                && s.endpoints.is_empty()
                && s.ports.is_empty()
        };
        match plan.delete.as_slice() {
            [only] if is_placeholder(only) => plan.delete.clear(),
            _ => plan.create.push(placeholder),
        }
    }

    fn hint(&mut self, service: &Service, existing: &[Rc<EndpointSlice>], family: &str, step: &mut Step) {
        let plan = &mut step.plan;
        let touched = |s: &Rc<EndpointSlice>| {
            plan.update.iter().any(|u| u.meta.name == s.meta.name) || plan.delete.iter().any(|d| d.meta.name == s.meta.name)
        };
        let unchanged: Vec<Rc<EndpointSlice>> = existing.iter().filter(|s| !touched(s)).cloned().collect();
        if hints_enabled(service) {
            step.sayings.extend(self.topology.add_hints(service, family, plan, unchanged));
            return;
        }
        step.sayings.extend(self.topology.disable(service, family));
        traffic_distribution::hint(service.spec.traffic_distribution.as_deref(), plan, &unchanged);
    }
}

/// The endpoints that the Pods give in one family, grouped by the ports that the Service means on each.
fn wanted<'n>(
    service: &Service,
    pods: &[Rc<Pod>],
    family: &str,
    node: &impl Fn(&str) -> Option<&'n Node>,
    errors: &mut Vec<String>,
) -> Groups {
    let mut by_numbers: BTreeMap<Vec<Option<i32>>, Vec<Endpoint>> = BTreeMap::new();
    for pod in pods.iter().filter(|pod| should_be_in_endpoints(pod, true)) {
        let endpoints = by_numbers.entry(desired::port_numbers(service, pod)).or_default();
        let node = node(&pod.spec.node_name);
        if node.is_none() && !service.spec.publish_not_ready_addresses {
            let (meta, name) = (&service.meta, &pod.spec.node_name);
            errors.push(format!(
                "skipping Pod {} for Service {}/{}: Node {name} Not Found",
                pod.meta.name, meta.namespace, meta.name
            ));
            continue;
        }
        let endpoint = desired::endpoint(pod, node, service, family);
        if !endpoint.addresses.is_empty() {
            endpoints.push(endpoint);
        }
    }
    let mut groups = Groups::new();
    for (numbers, endpoints) in by_numbers {
        let ports = desired::ports(service, &numbers);
        groups.entry(port_key(&ports)).or_insert_with(|| (ports, vec![])).1.extend(endpoints);
    }
    groups
}

/// A slice that would be created takes the name of one that would be deleted: one write instead of two.
fn reuse_names(service: &Service, plan: &mut Plan) {
    let deleted = std::mem::take(&mut plan.delete);
    for old in deleted {
        match plan.create.last() {
            Some(new) if new.address_type == old.address_type && owned_by(&old, service) => {
                if let Some(mut new) = plan.create.pop() {
                    new.meta.name = old.meta.name.clone();
                    plan.update.push(new);
                }
            }
            _ => plan.delete.push(old),
        }
    }
}
