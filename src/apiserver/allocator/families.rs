//! IP families and their policy, filled in before allocation (`…/storage/alloc.go`, initIPFamilyFields).

use super::{Status, invalid};
use crate::api::Service;
use crate::api::service::ServiceSpec;
use crate::api::validation::field::AsJson;
use crate::api::validation::{FieldError, cluster_ips, is_v6};

/// The cluster's only family.
const FAMILY: &str = "IPv4";
const POLICY: &str = "spec.ipFamilyPolicy";

pub(super) fn init(service: &mut Service, old: Option<&Service>) -> Result<(), Status> {
    if !service.spec.needs_cluster_ip() {
        return Ok(());
    }
    let errors = cluster_ips(&service.spec, old.map(|o| &o.spec));
    if !errors.is_empty() {
        return Err(invalid(service, &errors));
    }
    let spec = &mut service.spec;
    let free = spec.is_headless_list() && spec.selector.is_empty();
    let old_spec = old.map(|o| &o.spec).filter(|o| o.needs_cluster_ip());
    if spec.ip_family_policy.is_none() {
        let kept = old_spec.and_then(|o| o.ip_family_policy.clone());
        let policy = if free { "RequireDualStack" } else { "SingleStack" };
        spec.ip_family_policy = Some(kept.unwrap_or_else(|| policy.into()));
    }
    let mut errors = vec![];
    if let Some(old) = old_spec {
        released(spec, old, &mut errors);
    }
    consistent(spec, &mut errors);
    if !errors.is_empty() {
        return Err(invalid(service, &errors));
    }
    let single = is_single(spec);
    if free {
        if spec.ip_families.is_empty() {
            spec.ip_families = vec![FAMILY.into()];
        }
        if spec.ip_families.len() < 2 && !single {
            let other = if spec.ip_families[0] == "IPv4" { "IPv6" } else { "IPv4" };
            spec.ip_families.push(other.into());
        }
        return Ok(());
    }
    configured(spec, &mut errors);
    if !errors.is_empty() {
        return Err(invalid(service, &errors));
    }
    if service.spec.ip_families.is_empty() {
        service.spec.ip_families = vec![FAMILY.into()];
    }
    Ok(())
}

fn is_single(spec: &ServiceSpec) -> bool {
    spec.ip_family_policy.as_deref() == Some("SingleStack")
}

/// A second address or family goes only together with a policy that says so; then what was left in place goes, too.
fn released(spec: &mut ServiceSpec, old: &ServiceSpec, errors: &mut Vec<FieldError>) {
    if is_single(spec) {
        if old.cluster_ips.len() == 2 && spec.cluster_ips == old.cluster_ips {
            spec.cluster_ips.truncate(1);
        }
        if old.ip_families.len() == 2 && spec.ip_families == old.ip_families {
            spec.ip_families.truncate(1);
        }
        return;
    }
    for (what, was, is) in [
        ("cluster IP", old.cluster_ips.len(), spec.cluster_ips.len()),
        ("IP family", old.ip_families.len(), spec.ip_families.len()),
    ] {
        if was == 2 && is == 1 {
            let detail = format!("must be 'SingleStack' to release the secondary {what}");
            errors.push(FieldError::invalid(POLICY, &spec.ip_family_policy, detail));
        }
    }
}

/// Policy, families and addresses must fit each other; families that addresses tell are added.
fn consistent(spec: &mut ServiceSpec, errors: &mut Vec<FieldError>) {
    if is_single(spec) {
        for (what, count) in [("cluster IPs", spec.cluster_ips.len()), ("IP families", spec.ip_families.len())] {
            if count == 2 {
                let detail = format!("must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified");
                errors.push(FieldError::invalid(POLICY, &spec.ip_family_policy, detail));
            }
        }
    }
    for (i, ip) in spec.cluster_ips.iter().enumerate().filter(|(_, ip)| *ip != "None") {
        if i < spec.ip_families.len() {
            continue;
        }
        let family = if is_v6(ip) { "IPv6" } else { "IPv4" };
        if family == FAMILY {
            spec.ip_families.push(family.into());
        } else {
            let detail = format!("{family} is not configured on this cluster");
            errors.push(FieldError::invalid(format!("spec.clusterIPs[{i}]"), &AsJson(&spec.cluster_ips), detail));
        }
    }
}

/// What is asked for must exist on this cluster.
fn configured(spec: &ServiceSpec, errors: &mut Vec<FieldError>) {
    if spec.ip_family_policy.as_deref() == Some("RequireDualStack") {
        let detail = "this cluster is not configured for dual-stack services";
        errors.push(FieldError::invalid(POLICY, &spec.ip_family_policy, detail));
    }
    for (i, family) in spec.ip_families.iter().enumerate().filter(|(_, family)| *family != FAMILY) {
        errors.push(FieldError::invalid(format!("spec.ipFamilies[{i}]"), family, "not configured on this cluster"));
    }
}
