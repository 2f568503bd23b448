//! What may not change in a Service once it is set (`pkg/apis/core/validation/validation.go`, ValidateServiceUpdate).

use super::field::{AsJson, FieldError};
use super::service_traffic;
use crate::api::service::ServiceSpec;

const ONCE: &str = "may not change once set";

pub(super) fn unchanged(new: &ServiceSpec, old: &ServiceSpec, errors: &mut Vec<FieldError>) {
    if new.needs_cluster_ip() && old.needs_cluster_ip() {
        if !(new.is_headless_list() && old.is_headless_list()) {
            list("spec.clusterIPs", &new.cluster_ips, &old.cluster_ips, "primary clusterIP can not be unset", errors);
        }
        list("spec.ipFamilies", &new.ip_families, &old.ip_families, "primary ipFamily can not be unset", errors);
    }
    let balanced = new.type_ == "LoadBalancer" && old.type_ == "LoadBalancer";
    if balanced && new.load_balancer_class != old.load_balancer_class {
        errors.push(FieldError::invalid("spec.loadBalancerClass", &new.load_balancer_class, ONCE));
    }
    service_traffic::load_balancer_class(new, errors);
    let checked = new.needs_health_check() && old.needs_health_check();
    if checked && new.health_check_node_port != old.health_check_node_port {
        errors.push(FieldError::forbidden("spec.healthCheckNodePort", "field is immutable"));
    }
}

/// Entries may be added or (the second one) released, but not changed.
fn list(path: &str, new: &Vec<String>, old: &[String], unset: &str, errors: &mut Vec<FieldError>) {
    if new.is_empty() && !old.is_empty() {
        errors.push(FieldError::invalid(format!("{path}[0]"), &None::<String>, unset));
        return;
    }
    for (i, _) in new.iter().zip(old).enumerate().filter(|(_, (new, old))| new != old) {
        errors.push(FieldError::invalid(format!("{path}[{i}]"), &AsJson(new), ONCE));
    }
}
