//! How a Service's traffic may be led: session affinity, load balancer, traffic policies
//! (`pkg/apis/core/validation/validation.go`).

use super::field::{FieldError, push_invalid};
use super::{ip, names};
use crate::api::Service;
use crate::api::service::ServiceSpec;

const ONLY_LOAD_BALANCER: &str = "may only be used when `type` is 'LoadBalancer'";
/// The old way to name source ranges.
pub const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
const MAX_SESSION_SECONDS: i32 = 86_400;

pub(super) fn affinity(spec: &ServiceSpec, errors: &mut Vec<FieldError>) {
    const PATH: &str = "spec.sessionAffinityConfig";
    match spec.session_affinity.as_str() {
        "" => errors.push(FieldError::required("spec.sessionAffinity", "")),
        "ClientIP" => {
            let needed = |path: &str| FieldError::required(path, "when session affinity type is ClientIP");
            let Some(config) = &spec.session_affinity_config else { return errors.push(needed(PATH)) };
            let Some(client) = &config.client_ip else { return errors.push(needed(&format!("{PATH}.clientIP"))) };
            let path = format!("{PATH}.clientIP.timeoutSeconds");
            let Some(seconds) = client.timeout_seconds else { return errors.push(needed(&path)) };
            if seconds <= 0 || seconds > MAX_SESSION_SECONDS {
                let detail = format!("must be greater than 0 and less than {MAX_SESSION_SECONDS}");
                errors.push(FieldError::invalid(path, &seconds, detail));
            }
        }
        "None" => {
            if spec.session_affinity_config.is_some() {
                errors.push(FieldError::forbidden(PATH, "must not be set when session affinity is None"));
            }
        }
        other => errors.push(FieldError::not_supported("spec.sessionAffinity", other, &["ClientIP", "None"])),
    }
}

/// Fields that only load balancers have.
pub(super) fn load_balancer(service: &Service, old: Option<&Service>, errors: &mut Vec<FieldError>) {
    let spec = &service.spec;
    let balanced = spec.type_ == "LoadBalancer";
    if !spec.load_balancer_source_ranges.is_empty() {
        // The capital L is the server's.
        let path = "spec.LoadBalancerSourceRanges";
        if !balanced {
            errors.push(FieldError::forbidden(path, ONLY_LOAD_BALANCER));
        }
        for (i, range) in spec.load_balancer_source_ranges.iter().enumerate() {
            let known = old.is_some_and(|o| o.spec.load_balancer_source_ranges.contains(range));
            errors.extend(ip::legacy_cidr(&format!("{path}[{i}]"), range.trim(), !known));
        }
    } else if let Some(value) = service.meta.annotations.get(SOURCE_RANGES) {
        let path = format!("metadata.annotations[{SOURCE_RANGES}]");
        if !balanced {
            errors.push(FieldError::forbidden(path.clone(), ONLY_LOAD_BALANCER));
        }
        let known = old.is_some_and(|o| o.meta.annotations.get(SOURCE_RANGES) == Some(value));
        for range in value.trim().split(',').filter(|_| !value.trim().is_empty()) {
            errors.extend(ip::legacy_cidr(&path, range.trim(), !known));
        }
    }
    if spec.allocate_load_balancer_node_ports.is_some() && !balanced {
        errors.push(FieldError::forbidden("spec.allocateLoadBalancerNodePorts", ONLY_LOAD_BALANCER));
    }
    load_balancer_class(spec, errors);
}

/// A change is checked for this before all else, too.
pub(super) fn load_balancer_class(spec: &ServiceSpec, errors: &mut Vec<FieldError>) {
    let Some(class) = &spec.load_balancer_class else { return };
    if spec.type_ == "LoadBalancer" {
        push_invalid(errors, "spec.loadBalancerClass", class, names::qualified_name(class));
    } else {
        errors.push(FieldError::forbidden("spec.loadBalancerClass", ONLY_LOAD_BALANCER));
    }
}

/// External and internal traffic policy, the health check port, and traffic distribution.
pub(super) fn traffic(spec: &ServiceSpec, errors: &mut Vec<FieldError>) {
    const POLICIES: [&str; 2] = ["Cluster", "Local"];
    let external = "spec.externalTrafficPolicy";
    let policy = spec.external_traffic_policy.as_str();
    if !spec.is_externally_accessible() {
        if !policy.is_empty() {
            errors.push(FieldError::invalid(external, policy, "may only be set for externally-accessible services"));
        }
    } else if policy.is_empty() {
        errors.push(FieldError::required(external, ""));
    } else if !POLICIES.contains(&policy) {
        errors.push(FieldError::not_supported(external, policy, &POLICIES));
    }
    let (path, port) = ("spec.healthCheckNodePort", spec.health_check_node_port);
    if !spec.needs_health_check() {
        if port != 0 {
            let detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
            errors.push(FieldError::invalid(path, &port, detail));
        }
    } else if port == 0 {
        errors.push(FieldError::required(path, ""));
    } else {
        errors.extend(names::port_number(port).into_iter().map(|m| FieldError::invalid(path, &port, m)));
    }
    let internal = "spec.internalTrafficPolicy";
    match spec.internal_traffic_policy.as_deref() {
        None if matches!(spec.type_.as_str(), "ClusterIP" | "NodePort" | "LoadBalancer") => {
            errors.push(FieldError::required(internal, ""));
        }
        Some(policy) if !POLICIES.contains(&policy) => {
            errors.push(FieldError::not_supported(internal, policy, &POLICIES));
        }
        _ => {}
    }
    const DISTRIBUTIONS: [&str; 3] = ["PreferClose", "PreferSameZone", "PreferSameNode"];
    if let Some(distribution) = spec.traffic_distribution.as_deref()
        && !DISTRIBUTIONS.contains(&distribution)
    {
        errors.push(FieldError::not_supported("spec.trafficDistribution", distribution, &DISTRIBUTIONS));
    }
}

/// The status half of a Service.
pub fn status(service: &Service, old: &Service) -> Vec<FieldError> {
    let mut errors = vec![];
    let ingress = &service.status.load_balancer.ingress;
    let path = "status.loadBalancer.ingress";
    if !ingress.is_empty() && service.spec.type_ != "LoadBalancer" && *ingress != old.status.load_balancer.ingress {
        errors.push(FieldError::forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'"));
        return errors;
    }
    for (i, one) in ingress.iter().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        if !one.ip.is_empty() {
            let known = old.status.load_balancer.ingress.iter().any(|o| o.ip == one.ip);
            errors.extend(ip::legacy_ip(&at("ip"), &one.ip, !known));
            match one.ip_mode.as_deref() {
                None => errors.push(FieldError::required(at("ipMode"), "must be specified when `ip` is set")),
                Some(mode) if !["Proxy", "VIP"].contains(&mode) => {
                    errors.push(FieldError::not_supported(at("ipMode"), mode, &["Proxy", "VIP"]));
                }
                _ => {}
            }
        } else if one.ip_mode.is_some() {
            errors.push(FieldError::forbidden(at("ipMode"), "may not be specified when `ip` is not set"));
        }
        if !one.hostname.is_empty() {
            push_invalid(&mut errors, &at("hostname"), &one.hostname, names::dns1123_subdomain(&one.hostname));
            if ip::parse_sloppy(&one.hostname).is_some() {
                errors.push(FieldError::invalid(at("hostname"), &one.hostname, "must be a DNS name, not an IP address"));
            }
        }
    }
    errors
}
