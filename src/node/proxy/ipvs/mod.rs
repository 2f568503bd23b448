//! ipvs mode (deprecated since 1.35): virtual servers of the kernel's load balancer, ipsets, and a few iptables rules that
//! masquerade and reject. Follows `pkg/proxy/ipvs/{proxier,ipset,graceful_termination}.go`.

mod compile;
mod fixed;
mod print;
mod ruleset;
mod servers;
mod sets;
mod walk;

pub use compile::{Compiler, PortRules};
pub use print::list;
pub use ruleset::{Delta, RuleSet};
pub use servers::{RealServer, RoundRobin, Server, ServerSpec, VirtualServer};
pub use sets::{IpSet, IpSets};
pub use walk::walk;
