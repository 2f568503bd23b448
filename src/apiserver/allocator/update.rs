//! What an update takes over from the stored Service, and what it drops with a change of type
//! (`…/storage/storage.go`: patchAllocatedValues, normalizeClusterIPs; `…/strategy.go`: dropTypeDependentFields).

use crate::api::Service;
use crate::api::service::ServiceSpec;
use std::collections::{BTreeMap, BTreeSet};

/// Values that the server once gave and that the user now left out.
pub(super) fn take_over(new: &mut Service, old: &Service) {
    let (new, old) = (&mut new.spec, &old.spec);
    if new.needs_cluster_ip() && old.needs_cluster_ip() {
        if new.cluster_ip.is_empty() {
            new.cluster_ip = old.cluster_ip.clone();
        }
        if new.cluster_ips.is_empty() && new.cluster_ip == old.cluster_ip {
            new.cluster_ips = old.cluster_ips.clone();
        }
    }
    if old.uses_node_ports() && new.allocates_node_ports() {
        node_ports(new, old);
    }
    if new.needs_health_check() && old.needs_health_check() && new.health_check_node_port == 0 {
        new.health_check_node_port = old.health_check_node_port;
    }
}

/// By port name; never a number that some port of the new Service already has.
fn node_ports(new: &mut ServiceSpec, old: &ServiceSpec) {
    let used: BTreeSet<i32> = numbers(new).intersection(&numbers(old)).copied().collect();
    let by_name: BTreeMap<&str, i32> = old.ports.iter().map(|p| (p.name.as_str(), p.node_port)).collect();
    for port in new.ports.iter_mut().filter(|p| p.node_port == 0) {
        if let Some(kept) = by_name.get(port.name.as_str()).filter(|n| !used.contains(n)) {
            port.node_port = *kept;
        }
    }
}

fn numbers(spec: &ServiceSpec) -> BTreeSet<i32> {
    spec.ports.iter().map(|p| p.node_port).filter(|n| *n != 0).collect()
}

/// Keeps `clusterIP` and `clusterIPs[0]` together when the user changed only the first.
pub(super) fn normalize(new: &mut Service, old: &Service) {
    let (new, old) = (&mut new.spec, &old.spec);
    let untouched = new.cluster_ips.is_empty() || new.cluster_ips == old.cluster_ips;
    if new.cluster_ip == old.cluster_ip || !untouched {
        return;
    }
    new.cluster_ips = if new.cluster_ip.is_empty() { vec![] } else { vec![new.cluster_ip.clone()] };
}

/// Fields that the user did not touch and that no longer apply.
pub(crate) fn drop_type_dependent(new: &mut Service, old: &Service) {
    let balancer_gone = old.spec.type_ == "LoadBalancer" && new.spec.type_ != "LoadBalancer";
    if balancer_gone {
        new.status.load_balancer = Default::default();
    }
    let (new, old) = (&mut new.spec, &old.spec);
    if old.needs_cluster_ip() && !new.needs_cluster_ip() {
        if new.cluster_ip == old.cluster_ip && new.cluster_ips == old.cluster_ips {
            new.cluster_ip.clear();
            new.cluster_ips.clear();
        }
        if new.ip_families == old.ip_families {
            new.ip_families.clear();
        }
        if new.ip_family_policy == old.ip_family_policy {
            new.ip_family_policy = None;
        }
    }
    if old.uses_node_ports() && !new.uses_node_ports() && numbers(new) == numbers(old) {
        new.ports.iter_mut().for_each(|p| p.node_port = 0);
    }
    if old.needs_health_check() && !new.needs_health_check() && new.health_check_node_port == old.health_check_node_port {
        new.health_check_node_port = 0;
    }
    if balancer_gone {
        if new.allocate_load_balancer_node_ports == old.allocate_load_balancer_node_ports {
            new.allocate_load_balancer_node_ports = None;
        }
        if new.load_balancer_class == old.load_balancer_class {
            new.load_balancer_class = None;
        }
    }
    if old.is_externally_accessible()
        && !new.is_externally_accessible()
        && new.external_traffic_policy == old.external_traffic_policy
    {
        new.external_traffic_policy.clear();
    }
}
