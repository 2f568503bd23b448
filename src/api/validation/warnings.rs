//! What the API server accepts but warns of (`pkg/api/{service,pod}/warnings.go` and the strategies' own).

use super::ip;
use crate::api::Service;

/// Warnings about a Service that was created or changed.
pub fn service(new: &Service, old: Option<&Service>) -> Vec<String> {
    let mut out = vec![];
    let (spec, annotations) = (&new.spec, &new.meta.annotations);
    let mut say = |when: bool, text: &str| {
        if when {
            out.push(text.to_string());
        }
    };
    say(
        annotations.contains_key("service.kubernetes.io/topology-aware-hints"),
        "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead",
    );
    let headless = spec.is_headless_list();
    say(headless && !spec.load_balancer_ip.is_empty(), "spec.loadBalancerIP is ignored for headless services");
    say(headless && !spec.external_ips.is_empty(), "spec.externalIPs is ignored for headless services");
    say(
        headless && spec.session_affinity != "None" && !spec.session_affinity.is_empty(),
        "spec.SessionAffinity is ignored for headless services",
    );
    addresses(new, &mut out);
    let mut say = |when: bool, text: &str| {
        if when {
            out.push(text.to_string());
        }
    };
    let external = spec.type_ == "ExternalName";
    say(external && !spec.external_ips.is_empty(), "spec.externalIPs is ignored when spec.type is \"ExternalName\"");
    say(!external && !spec.external_name.is_empty(), "spec.externalName is ignored when spec.type is not \"ExternalName\"");
    say(
        !external && !headless && !spec.external_ips.is_empty(),
        "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
    );
    let close = spec.traffic_distribution.as_deref() == Some("PreferClose");
    let was_close = old.is_some_and(|o| o.spec.traffic_distribution.as_deref() == Some("PreferClose"));
    say(close && !was_close, "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
    out
}

/// Addresses that are accepted though they are not in their best form.
fn addresses(service: &Service, out: &mut Vec<String>) {
    let spec = &service.spec;
    for (i, value) in spec.cluster_ips.iter().enumerate().filter(|(_, ip)| *ip != "None") {
        out.extend(ip::warnings_for_ip(&format!("spec.clusterIPs[{i}]"), value));
    }
    for (i, value) in spec.external_ips.iter().enumerate() {
        out.extend(ip::warnings_for_ip(&format!("spec.externalIPs[{i}]"), value));
    }
    if !spec.load_balancer_ip.is_empty() {
        out.extend(ip::warnings_for_ip("spec.loadBalancerIP", &spec.load_balancer_ip));
    }
    for (i, value) in spec.load_balancer_source_ranges.iter().enumerate() {
        out.extend(ip::warnings_for_cidr(&format!("spec.loadBalancerSourceRanges[{i}]"), value.trim()));
    }
}
