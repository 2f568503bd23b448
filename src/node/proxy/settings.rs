//! kube-proxy's configuration and what it knows of its own node.
//! Names and defaults follow `pkg/proxy/apis/config/v1alpha1/defaults.go`.

use super::cidr::Cidr;
use crate::sorting::Arrange;
use crate::time::{MICROSECOND, MILLISECOND, Nanos, SECOND};
use std::net::Ipv4Addr;
use std::rc::Rc;

/// How kube-proxy programs a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Chains of rules, the default on Linux.
    #[default]
    Iptables,
    /// Maps and sets.
    Nftables,
    /// The kernel's load balancer (deprecated since 1.35).
    Ipvs,
}

impl Mode {
    /// `iptables`, `nftables`, `ipvs`.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Iptables => "iptables",
            Mode::Nftables => "nftables",
            Mode::Ipvs => "ipvs",
        }
    }

    /// The mode of that name.
    pub fn parse(name: &str) -> Option<Mode> {
        [Mode::Iptables, Mode::Nftables, Mode::Ipvs].into_iter().find(|m| m.name() == name)
    }
}

/// Which of a node's addresses answer on node ports (`--nodeport-addresses`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodePortAddress {
    /// The node's own address (keyword `primary`).
    Primary,
    /// The loopback addresses (keyword `localhost`).
    Localhost,
    /// Every address (keyword `all`, or a range with no bits).
    All,
    /// The node's addresses within this range.
    Range(Cidr),
}

impl NodePortAddress {
    /// Reads a keyword or a range.
    pub fn parse(text: &str) -> Option<NodePortAddress> {
        match text {
            "primary" => Some(NodePortAddress::Primary),
            "localhost" => Some(NodePortAddress::Localhost),
            "all" => Some(NodePortAddress::All),
            range => match Cidr::parse(range)? {
                range if range.is_everything() => Some(NodePortAddress::All),
                range => Some(NodePortAddress::Range(range)),
            },
        }
    }
}

/// How long writing rules to the kernel takes: a fixed part and a part for each rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncCost {
    /// Reading the state, starting the tool, committing.
    pub fixed: Nanos,
    /// For each rule that is written.
    pub per_written_rule: Nanos,
    /// For each rule that is in the table already (the kernel copies the table).
    pub per_kept_rule: Nanos,
}

/// kube-proxy's configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How rules are programmed.
    pub mode: Mode,
    /// Addresses of Pods; `None`: no local detector, nothing is known to come from a Pod (`--cluster-cidr`).
    pub cluster_cidr: Option<Cidr>,
    /// Ranges that ClusterIPs come from (the nftables mode drops what is not allocated).
    pub service_cidrs: Vec<Cidr>,
    /// Rewrite the source of all traffic to ClusterIPs (`--masquerade-all`).
    pub masquerade_all: bool,
    /// Which bit of the packet's mark asks for masquerading, 0..=31 (`--iptables-masquerade-bit`).
    pub masquerade_bit: u8,
    /// Node ports answer on 127.0.0.1 too (iptables mode).
    pub localhost_node_ports: bool,
    /// The kernel counts packets by name (nfacct).
    pub nfacct: bool,
    /// Packets that conntrack calls invalid pass (`--conntrack-tcp-be-liberal`).
    pub conntrack_tcp_be_liberal: bool,
    /// Which addresses answer on node ports; empty: the mode's default (iptables and ipvs all, nftables `primary`).
    pub node_port_addresses: Vec<NodePortAddress>,
    /// The least time between the end of a sync and the start of the next (`--iptables-min-sync-period`).
    pub min_sync_period: Nanos,
    /// The longest time between syncs; also how long a failed sync waits (`--iptables-sync-period`).
    pub sync_period: Nanos,
    /// How long a sync takes.
    pub cost: SyncCost,
}

impl Settings {
    /// kube-proxy's defaults for a mode.
    ///
    /// The costs are the lab's own: `tests/golden/timings.json` shows 40 to 100 ms from a slice's change to the rules in a small
    /// cluster; 5,000 Services in one iptables table take seconds (kubernetes.io, blog of 2025-02-28), an nftables update does not.
    pub fn defaults(mode: Mode) -> Settings {
        let (per_written_rule, per_kept_rule) = match mode {
            Mode::Iptables => (4 * MICROSECOND, 2 * MICROSECOND),
            Mode::Nftables => (4 * MICROSECOND, 0),
            Mode::Ipvs => (20 * MICROSECOND, MICROSECOND),
        };
        Settings {
            mode,
            cluster_cidr: Some(Cidr { address: Ipv4Addr::new(10, 244, 0, 0), bits: 16 }),
            service_cidrs: vec![Cidr { address: Ipv4Addr::new(10, 96, 0, 0), bits: 12 }],
            masquerade_all: false,
            masquerade_bit: 14,
            localhost_node_ports: true,
            nfacct: true,
            conntrack_tcp_be_liberal: false,
            node_port_addresses: Vec::new(),
            min_sync_period: if mode == Mode::Ipvs { 0 } else { SECOND },
            sync_period: 30 * SECOND,
            cost: SyncCost { fixed: 50 * MILLISECOND, per_written_rule, per_kept_rule },
        }
    }

    /// The bit that asks for masquerading, in place (0x4000).
    pub fn masquerade_mark(&self) -> u32 {
        1u32.checked_shl(u32::from(self.masquerade_bit)).unwrap_or(0)
    }

    /// The addresses that answer on node ports; `None`: all of the node's.
    pub fn node_port_ips(&self, node: &NodeInfo) -> Option<Vec<Ipv4Addr>> {
        let default = [if self.mode == Mode::Nftables { NodePortAddress::Primary } else { NodePortAddress::All }];
        let wanted = if self.node_port_addresses.is_empty() { &default[..] } else { &self.node_port_addresses };
        if wanted.contains(&NodePortAddress::All) {
            return None;
        }
        let owned = std::iter::once(Ipv4Addr::LOCALHOST).chain(node.addresses.iter().map(|a| a.address));
        let mut ips: Vec<Ipv4Addr> = owned
            .filter(|ip| {
                wanted.iter().any(|w| match w {
                    NodePortAddress::Primary => *ip == node.ip,
                    NodePortAddress::Localhost => ip.is_loopback(),
                    NodePortAddress::All => true,
                    NodePortAddress::Range(range) => range.contains(*ip),
                })
            })
            .collect();
        ips.arrange();
        ips.dedup();
        Some(ips)
    }
}

/// What a kube-proxy knows of its own node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeInfo {
    /// The Node's name.
    pub name: Rc<str>,
    /// Label `topology.kubernetes.io/zone`; empty without one.
    pub zone: Rc<str>,
    /// Its main address.
    pub ip: Ipv4Addr,
    /// Every address of its interfaces but loopback, with the length of the network.
    pub addresses: Vec<Cidr>,
    /// The addresses of its Pods.
    pub pod_cidr: Option<Cidr>,
}

impl NodeInfo {
    /// Whether packets to this address end on the node itself.
    pub fn is_local(&self, ip: Ipv4Addr) -> bool {
        ip.is_loopback() || ip == self.ip || self.addresses.iter().any(|a| a.address == ip)
    }
}
