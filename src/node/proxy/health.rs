//! What load balancers are told: the health check node port of Services with externalTrafficPolicy Local, and kube-proxy's own
//! `/healthz` on port 10256. Follows `pkg/proxy/healthcheck/{service_health,proxy_health}.go`.

use super::modes::Programmed;
use crate::api::{Key, Node};
use crate::time::Nanos;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// The port of kube-proxy's own health check.
pub const HEALTHZ_PORT: u16 = 10_256;
/// The taint that the cluster autoscaler puts on a node before it takes the node away.
const TO_BE_DELETED: &str = "ToBeDeletedByClusterAutoscaler";

/// An HTTP answer of a health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthAnswer {
    /// 200 or 503.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// Whether kube-proxy is healthy: no change has waited for longer than twice the sync period.
pub fn is_healthy(behind_since: Option<Nanos>, sync_period: Nanos, now: Nanos) -> bool {
    behind_since.is_none_or(|since| now.saturating_sub(since) <= 2 * sync_period)
}

/// Whether the node may still get traffic from load balancers (`/healthz` says 503 otherwise, `/livez` does not mind).
pub fn is_eligible(node: &Node) -> bool {
    !node.meta.is_deleting() && !node.spec.taints.iter().any(|taint| taint.key == TO_BE_DELETED)
}

/// The answer of a Service's health check node port. `ports`: the Service's ports as the rules in force have them.
pub fn service_answer<'a>(service: &Key, ports: impl Iterator<Item = &'a Rc<Programmed>>, healthy: bool) -> HealthAnswer {
    let local = ports.flat_map(|p| p.endpoints.local()).filter(|e| e.local && e.ready);
    let count = local.map(|e| e.ip).collect::<BTreeSet<Ipv4Addr>>().len();
    let body = format!(
        "{{\n\t\"service\": {{\n\t\t\"namespace\": {:?},\n\t\t\"name\": {:?}\n\t}},\n\t\"localEndpoints\": {count},\n\t\
         \"serviceProxyHealthy\": {healthy}\n}}",
        &*service.namespace, &*service.name
    );
    HealthAnswer {
        status: if count > 0 && healthy { 200 } else { 503 },
        headers: vec![
            ("Content-Type", "application/json".into()),
            ("X-Content-Type-Options", "nosniff".into()),
            ("X-Load-Balancing-Endpoint-Weight", count.to_string()),
        ],
        body,
    }
}
