//! What the API server accepts but warns of (`pkg/api/service/warnings.go` and the strategies' own).

use super::{ip, names, pod_warnings};
use crate::api::{Deployment, Object, Service};

/// What every answer about Endpoints says, reads included.
pub const ENDPOINTS_DEPRECATED: &str = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

pub(super) fn of(new: &Object, old: Option<&Object>) -> Vec<String> {
    match (new, old) {
        (Object::Service(new), Some(Object::Service(old))) => service(new, Some(old)),
        (Object::Service(new), _) => service(new, None),
        (Object::Deployment(new), _) => deployment(new, old),
        (Object::ReplicaSet(new), Some(Object::ReplicaSet(old))) if new.spec.template == old.spec.template => vec![],
        (Object::ReplicaSet(new), _) => pod_warnings::pod("spec.template.", &new.spec.template.meta, &new.spec.template.spec),
        (Object::Pod(new), Some(Object::Pod(old))) if new.spec == old.spec => vec![],
        (Object::Pod(new), None) => {
            let mut out = not_a_label(&new.meta.name, "this is used in the Pod's hostname");
            out.extend(pod_warnings::pod("", &new.meta, &new.spec));
            out
        }
        (Object::Pod(new), _) => pod_warnings::pod("", &new.meta, &new.spec),
        (Object::Endpoints(_), _) => vec![ENDPOINTS_DEPRECATED.into()],
        (Object::EndpointSlice(new), None) if new.address_type == "FQDN" => {
            vec!["spec.addressType: FQDN endpoints are deprecated".into()]
        }
        _ => vec![],
    }
}

/// Names that are no DNS label make odd host names.
fn not_a_label(name: &str, why: &str) -> Vec<String> {
    let messages = names::dns1123_label(name);
    if messages.is_empty() {
        return vec![];
    }
    vec![format!(
        "metadata.name: {why}, which can result in surprising behavior; a DNS label is recommended: [{}]",
        messages.join(" ")
    )]
}

fn deployment(new: &Deployment, old: Option<&Object>) -> Vec<String> {
    let mut out = vec![];
    match old {
        None => out.extend(not_a_label(&new.meta.name, "this is used in Pod names and hostnames")),
        Some(old) if old.meta().generation == new.meta.generation => return out,
        Some(_) => {}
    }
    out.extend(pod_warnings::pod("spec.template.", &new.spec.template.meta, &new.spec.template.spec));
    out
}

/// Warnings about a Service that was created or changed.
fn service(new: &Service, old: Option<&Service>) -> Vec<String> {
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
