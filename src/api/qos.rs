//! The quality-of-service class of a Pod (`pkg/apis/core/v1/helper/qos/qos.go`).

use super::pod::PodSpec;

/// `BestEffort` when nothing asks for CPU or memory, `Guaranteed` when every container's limits equal its requests for
/// both, else `Burstable`.
pub fn class(spec: &PodSpec) -> &'static str {
    let containers = || spec.containers.iter().chain(&spec.init_containers);
    let counted = |name: &str| matches!(name, "cpu" | "memory");
    let asks = |map: &std::collections::BTreeMap<String, super::Quantity>| map.iter().any(|(k, q)| counted(k) && q.0 != "0");
    if !containers().any(|c| asks(&c.resources.requests) || asks(&c.resources.limits)) {
        return "BestEffort";
    }
    let guaranteed = containers().all(|c| {
        ["cpu", "memory"].iter().all(|name| {
            let limit = c.resources.limits.get(*name);
            limit.is_some() && c.resources.requests.get(*name).is_none_or(|r| Some(r) == limit)
        })
    });
    if guaranteed { "Guaranteed" } else { "Burstable" }
}
