//! Defaults of a Service (`pkg/apis/core/v1/defaults.go`, SetDefaults_Service).

use super::set;
use crate::api::service::{ClientIPConfig, SessionAffinityConfig};
use crate::api::{IntOrString, Service};

/// Three hours.
const SESSION_SECONDS: i32 = 10_800;

pub(super) fn service(service: &mut Service) {
    let spec = &mut service.spec;
    set(&mut spec.session_affinity, "None");
    if spec.session_affinity == "None" {
        spec.session_affinity_config = None;
    }
    if spec.session_affinity == "ClientIP" {
        let config = spec.session_affinity_config.get_or_insert_with(SessionAffinityConfig::default);
        let client = config.client_ip.get_or_insert_with(ClientIPConfig::default);
        client.timeout_seconds.get_or_insert(SESSION_SECONDS);
    }
    set(&mut spec.type_, "ClusterIP");
    for port in &mut spec.ports {
        set(&mut port.protocol, "TCP");
        if port.target_port == IntOrString::Int(0) || port.target_port == IntOrString::Text(String::new()) {
            port.target_port = IntOrString::Int(port.port);
        }
    }
    if spec.is_externally_accessible() {
        set(&mut spec.external_traffic_policy, "Cluster");
    }
    if matches!(spec.type_.as_str(), "ClusterIP" | "NodePort" | "LoadBalancer") {
        spec.internal_traffic_policy.get_or_insert_with(|| "Cluster".into());
    }
    if spec.type_ == "LoadBalancer" {
        spec.allocate_load_balancer_node_ports.get_or_insert(true);
        for ingress in &mut service.status.load_balancer.ingress {
            if !ingress.ip.is_empty() {
                ingress.ip_mode.get_or_insert_with(|| "VIP".into());
            }
        }
    }
}
