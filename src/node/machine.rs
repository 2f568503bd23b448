//! A node as a whole: kubelet and kube-proxy on one machine with one network.

use super::kubelet::Kubelet;
use std::net::Ipv4Addr;

/// One node.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Runs the Pods.
    pub kubelet: Kubelet,
    /// Whether its network is there.
    pub up: bool,
}

impl Machine {
    /// Whether an address belongs to the node's Pod range.
    pub fn owns(&self, ip: Ipv4Addr) -> bool {
        let (base, prefix) = self.kubelet.pod_cidr;
        u32::from(ip) >> (32 - prefix) == u32::from(base) >> (32 - prefix)
    }
}
