//! Cluster IPs, IP families and their policy, which are also checked before allocation
//! (`pkg/apis/core/validation/validation.go`, ValidateServiceClusterIPsRelatedFields).

use super::field::{AsJson, FieldError};
use super::ip;
use crate::api::service::ServiceSpec;

/// The families that a Service may name.
pub const FAMILIES: [&str; 2] = ["IPv4", "IPv6"];
const POLICIES: [&str; 3] = ["PreferDualStack", "RequireDualStack", "SingleStack"];
const PATH: &str = "spec.clusterIPs";

/// All rules of the cluster IP group. Values that the old object had already are accepted as they are.
pub fn cluster_ips(spec: &ServiceSpec, old: Option<&ServiceSpec>) -> Vec<FieldError> {
    let mut errors = vec![];
    if !spec.needs_cluster_ip() {
        return errors;
    }
    let ips = &spec.cluster_ips;
    let list = AsJson(ips);
    match (spec.cluster_ip.is_empty(), ips.first()) {
        (false, None) => errors.push(FieldError::required(PATH, "")),
        (false, Some(first)) if *first != spec.cluster_ip => {
            errors.push(FieldError::invalid(PATH, &list, "first value must match `clusterIP`"));
        }
        (true, Some(_)) => {
            errors.push(FieldError::invalid(PATH, &list, "must be empty when `clusterIP` is not specified"));
        }
        _ => {}
    }
    families(spec, &mut errors);
    if bad_addresses(spec, old, &mut errors) {
        return errors;
    }
    if ips.len() > 1 {
        let (v6, v4): (Vec<&String>, Vec<&String>) = ips.iter().partition(|ip| is_v6(ip));
        if v4.is_empty() || v6.is_empty() {
            errors.push(FieldError::invalid(PATH, &list, "may specify no more than one IP for each IP family"));
        }
    }
    if !spec.is_headless_list() {
        for (i, (ip, family)) in ips.iter().zip(&spec.ip_families).enumerate() {
            if FAMILIES.contains(&family.as_str()) && (family == "IPv6") != is_v6(ip) {
                let detail = format!("expected an {family} value as indicated by `ipFamilies[{i}]`");
                errors.push(FieldError::invalid(format!("{PATH}[{i}]"), ip, detail));
            }
        }
    }
    errors
}

/// Whether it reads as an IPv6 address.
pub fn is_v6(text: &str) -> bool {
    ip::parse_sloppy(text).is_some_and(|ip| ip::is_v6(&ip))
}

fn families(spec: &ServiceSpec, errors: &mut Vec<FieldError>) {
    for (i, family) in spec.ip_families.iter().enumerate() {
        let path = format!("spec.ipFamilies[{i}]");
        if !FAMILIES.contains(&family.as_str()) {
            errors.push(FieldError::not_supported(path.clone(), family, &FAMILIES));
        }
        if spec.ip_families[..i].contains(family) {
            errors.push(FieldError::duplicate(path, family));
        }
    }
    if let Some(policy) = &spec.ip_family_policy
        && !POLICIES.contains(&policy.as_str())
    {
        errors.push(FieldError::not_supported("spec.ipFamilyPolicy", policy, &POLICIES));
    }
}

/// Whether an address is so bad that comparing addresses makes no sense.
fn bad_addresses(spec: &ServiceSpec, old: Option<&ServiceSpec>, errors: &mut Vec<FieldError>) -> bool {
    let ips = &spec.cluster_ips;
    let mut bad = false;
    for (i, ip) in ips.iter().enumerate() {
        if i == 0 && ip == "None" {
            if ips.len() > 1 {
                bad = true;
                errors.push(FieldError::invalid(PATH, &AsJson(ips), "'None' must be the first and only value"));
            }
            continue;
        }
        let known = old.is_some_and(|old| old.cluster_ips.contains(ip));
        let wrong = ip::legacy_ip(&format!("{PATH}[{i}]"), ip, !known);
        bad |= !wrong.is_empty();
        errors.extend(wrong);
    }
    if ips.len() > 2 {
        errors.push(FieldError::invalid(PATH, &AsJson(ips), "may only hold up to 2 values"));
    }
    bad
}
