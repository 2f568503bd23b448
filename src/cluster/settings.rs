//! What a cluster is made of and how fast its parts are. Times are medians in nanoseconds of virtual time.

use crate::node::kubelet::Pace;
use crate::time::{MILLISECOND, Nanos, SECOND};
use std::net::Ipv4Addr;

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeSetting {
    /// Name.
    pub name: String,
    /// Zone label.
    pub zone: String,
    /// Its own address.
    pub address: Ipv4Addr,
    /// Its Pod range.
    pub pod_cidr: (Ipv4Addr, u8),
}

/// The settings of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The nodes.
    pub nodes: Vec<NodeSetting>,
    /// From a change in the API server to a watcher that hears of it.
    pub watch: Nanos,
    /// From a change that a controller hears of to its first write.
    pub think: Nanos,
    /// From one write of a sync to the next.
    pub write: Nanos,
    /// The same for the scheduler.
    pub schedule: Nanos,
    /// The kubelets.
    pub pace: Pace,
    /// The kube-proxies.
    pub proxy: crate::node::proxy::Settings,
    /// From the return of a node's network until its components have noticed that their old connections are dead.
    pub reconnect: Nanos,
    /// One way between a Pod and its node, or two Pods of a node.
    pub hop_local: Nanos,
    /// One way between two nodes.
    pub hop_remote: Nanos,
    /// One way between a machine outside and a node.
    pub hop_outside: Nanos,
    /// The wall clock (seconds since 1970) at virtual time 0.
    pub epoch: i64,
    /// How long changes of Pods wait for others before endpoints are worked out (kube-controller-manager's
    /// `--endpointslice-updates-batch-period` and `--endpoint-updates-batch-period`; default 0).
    pub endpoint_batch: Nanos,
    /// Replicas that may be asked for, all objects together: what the host bears.
    pub most_pods: u64,
}

impl Settings {
    /// The recorded cluster's nodes: `node-1`, `node-2` in `zone-a`, `node-3` in `zone-b`; more follow, zone by turns.
    pub fn with_nodes(count: usize) -> Settings {
        Settings { nodes: (1..=count as u32).map(node).collect(), ..Settings::default() }
    }
}

/// The `n`-th node, from 1.
pub fn node(n: u32) -> NodeSetting {
    // 192.0.2.0/24 holds the first two hundred; bigger clusters use the benchmark range.
    let address =
        if n <= 200 { u32::from(Ipv4Addr::new(192, 0, 2, 10)) + n } else { u32::from(Ipv4Addr::new(198, 18, 0, 0)) + n };
    let range = if n <= 254 {
        u32::from(Ipv4Addr::new(10, 244, 0, 0)) + n * 256
    } else {
        u32::from(Ipv4Addr::new(10, 128, 0, 0)) + n * 256
    };
    let zone = if n <= 3 { ["zone-a", "zone-a", "zone-b"][n as usize - 1] } else { ["zone-a", "zone-b"][n as usize % 2] };
    NodeSetting {
        name: format!("node-{n}"),
        zone: zone.into(),
        address: Ipv4Addr::from(address),
        pod_cidr: (Ipv4Addr::from(range), 24),
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            nodes: (1..=3).map(node).collect(),
            watch: 12 * MILLISECOND,
            think: 36 * MILLISECOND,
            write: 30 * MILLISECOND,
            schedule: 25 * MILLISECOND,
            pace: Pace::default(),
            proxy: crate::node::proxy::Settings::defaults(crate::node::proxy::Mode::Iptables),
            reconnect: 20 * SECOND,
            hop_local: MILLISECOND / 20,
            hop_remote: MILLISECOND / 4,
            hop_outside: MILLISECOND / 3,
            // 2026-11-23T16:00:00Z, the day of the recordings.
            epoch: 1_795_449_600,
            endpoint_batch: 0,
            most_pods: u64::MAX,
        }
    }
}

/// What the cluster needs to come up before anybody uses it.
pub const BOOT: Nanos = 30 * SECOND;
