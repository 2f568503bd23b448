//! The connection table of one node: which connections it has seen, where they were sent, and for how long they are known.
//!
//! Promises: rules decide the first packet of a connection only; what was decided holds for its life, whatever becomes of the
//! rules. Kernel behaviour (`nf_conntrack_proto_{tcp,udp}.c`, `nf_nat_core.c`), with kube-proxy's own TCP times.
//! Must not know: rules, Services (but for the UDP clean-up), what is sent.

mod clean_up;
mod flow;
mod over;
mod table;

pub use clean_up::UdpServices;
pub use flow::{Direction, Flow, Segment, State, Timeouts, Tuple};
pub use table::{Conntrack, FlowId, Refused};
