//! kube-proxy on one node: its delayed view of Services and EndpointSlices, compiled into rules that are data, and the
//! walking of those very rules by packets.
//!
//! Promises: what is printed is what decides; rules change only when a sync has finished.
//! Must not know: the API server, controllers, other nodes, the screen.

pub mod categorize;
pub mod cidr;
pub mod conntrack;
pub mod endpoint;
pub mod hash;
pub mod health;
pub mod iptables;
pub mod ipvs;
pub mod modes;
pub mod nftables;
pub mod packet;
pub mod port;
pub mod proxier;
pub mod settings;
pub mod steps;
pub mod sync;
pub mod view;

pub use categorize::{Categories, categorize};
pub use cidr::Cidr;
pub use conntrack::Conntrack;
pub use endpoint::Endpoint;
pub use modes::{Programmed, RuleSet, walk};
pub use packet::{Affinity, Fraction, Origin, Packet, Verdict, Walk, WalkEnv};
pub use port::{PortName, Protocol, ServicePort};
pub use proxier::{Proxier, Synced};
pub use settings::{Mode, NodeInfo, NodePortAddress, Settings, SyncCost};
pub use steps::{Met, Passed, RuleText, Step, Steps};
pub use view::View;
