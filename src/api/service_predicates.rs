//! Questions about a Service that defaults, allocation and validation all ask (`pkg/api/service/util.go`, `pkg/registry/core/service/strategy.go`).

use super::service::ServiceSpec;

impl ServiceSpec {
    /// Reached from outside the cluster: NodePort, LoadBalancer, or a ClusterIP Service with external IPs.
    pub fn is_externally_accessible(&self) -> bool {
        self.uses_node_ports() || (self.type_ == "ClusterIP" && !self.external_ips.is_empty())
    }

    /// NodePort or LoadBalancer.
    pub fn uses_node_ports(&self) -> bool {
        matches!(self.type_.as_str(), "NodePort" | "LoadBalancer")
    }

    /// Whether node ports that were left out are to be allocated.
    pub fn allocates_node_ports(&self) -> bool {
        self.type_ == "NodePort" || (self.type_ == "LoadBalancer" && self.allocate_load_balancer_node_ports.unwrap_or(true))
    }

    /// Whether it needs a node port for health checks of the load balancer.
    pub fn needs_health_check(&self) -> bool {
        self.type_ == "LoadBalancer" && self.external_traffic_policy == "Local"
    }

    /// Everything but ExternalName ("None" counts as a cluster IP).
    pub fn needs_cluster_ip(&self) -> bool {
        self.type_ != "ExternalName"
    }

    /// `clusterIPs` begins with None.
    pub fn is_headless_list(&self) -> bool {
        self.cluster_ips.first().is_some_and(|ip| ip == "None")
    }
}
