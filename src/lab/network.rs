//! What a person can set about the network and the kube-proxies while the lab runs.

use crate::cluster::{Cluster, Link};
use crate::node::proxy::{Mode, SyncCost};
use crate::time::Nanos;

/// A setting of the network. Spans are nanoseconds of simulated time; what names a node that is not there changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum NetworkSetting {
    /// kube-proxy starts anew in a mode, with that mode's defaults (default: iptables). Established connections stay.
    ProxyMode {
        /// One node; `None`: all.
        node: Option<String>,
        /// The mode.
        mode: Mode,
    },
    /// When kube-proxy writes rules.
    ProxyPeriods {
        /// One node; `None`: all.
        node: Option<String>,
        /// The least time between the end of a sync and the start of the next (`minSyncPeriod`; default 1 s, ipvs 0).
        min_sync: Nanos,
        /// The longest time between syncs, and the wait after one that failed (`syncPeriod`; default 30 s).
        sync: Nanos,
    },
    /// How long writing rules takes (default: 50 ms, and some microseconds a rule; see `node::proxy::Settings::defaults`).
    ProxyCost {
        /// One node; `None`: all.
        node: Option<String>,
        /// The cost of a sync.
        cost: SyncCost,
    },
    /// kube-proxy's syncs fail from now on, or work again: the rules stay as they are.
    ProxyFails {
        /// The node.
        node: String,
        /// Whether they fail.
        fails: bool,
    },
    /// The median time of one way (defaults: 50 µs within a node, 250 µs between nodes, 333 µs from outside to a node).
    Latency {
        /// Between whom.
        link: Link,
        /// The median.
        median: Nanos,
    },
    /// What every packet to or from a node takes more (default 0).
    NodeLatency {
        /// The node.
        node: String,
        /// The time.
        extra: Nanos,
    },
    /// By how much later than others the kubelet and the kube-proxy of a node hear of changes (default 0).
    WatchDelay {
        /// The node.
        node: String,
        /// The time.
        extra: Nanos,
    },
}

impl NetworkSetting {
    pub(super) fn apply(&self, cluster: &mut Cluster) {
        match self {
            NetworkSetting::ProxyMode { node, mode } => cluster.set_proxy_mode(node.as_deref(), *mode),
            NetworkSetting::ProxyPeriods { node, min_sync, sync } => {
                cluster.set_proxy_timing(node.as_deref(), |s| (s.min_sync_period, s.sync_period) = (*min_sync, *sync));
            }
            NetworkSetting::ProxyCost { node, cost } => cluster.set_proxy_timing(node.as_deref(), |s| s.cost = *cost),
            NetworkSetting::ProxyFails { node, fails } => cluster.set_proxy_failing(node, *fails),
            NetworkSetting::Latency { link, median } => cluster.set_latency(*link, *median),
            NetworkSetting::NodeLatency { node, extra } => cluster.set_node_latency(node, *extra),
            NetworkSetting::WatchDelay { node, extra } => cluster.set_watch_delay(node, *extra),
        }
    }
}
