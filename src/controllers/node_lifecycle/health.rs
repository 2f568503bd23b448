//! How long a node has been silent: its heartbeats and lease against the controller's own clock.
//!
//! Source: `pkg/controller/nodelifecycle/node_lifecycle_controller.go` (tryUpdateNodeHealth).

use crate::api::node::{Lease, NodeCondition};
use crate::api::{MicroTime, Node, Time};
use crate::time::{Nanos, SECOND};

/// A node that has reported may be silent for this long.
pub const GRACE: Nanos = 50 * SECOND;
/// A node that has never reported gets this long.
pub const STARTUP_GRACE: Nanos = 60 * SECOND;

/// What the controller remembers of a node.
#[derive(Clone, Debug)]
pub struct Health {
    heartbeat: Option<Time>,
    renewed: Option<MicroTime>,
    probed: Nanos,
}

/// The condition Ready of a node.
pub fn ready(node: &Node) -> Option<&NodeCondition> {
    node.status.conditions.iter().find(|c| c.type_ == "Ready")
}

fn renewed(lease: Option<&Lease>) -> Option<MicroTime> {
    lease.and_then(|lease| lease.spec.renew_time)
}

impl Health {
    /// A node that is seen for the first time. `age`: how long it has existed; one that has never reported had that long.
    pub fn new(node: &Node, lease: Option<&Lease>, now: Nanos, age: Nanos) -> Health {
        let heartbeat = ready(node).map(|c| c.last_heartbeat_time);
        let probed = if heartbeat.is_none() { now.saturating_sub(age) } else { now };
        Health { heartbeat, renewed: renewed(lease), probed }
    }

    /// Takes in what the node says of itself now: every new sign of life counts from the moment it is seen.
    pub fn update(&mut self, node: &Node, lease: Option<&Lease>, now: Nanos) {
        let heartbeat = ready(node).map(|c| c.last_heartbeat_time);
        if heartbeat != self.heartbeat {
            self.heartbeat = heartbeat;
            self.probed = now;
        }
        if renewed(lease) > self.renewed {
            self.renewed = renewed(lease);
            self.probed = now;
        }
    }

    /// Whether the node has been silent for too long.
    pub fn is_silent(&self, now: Nanos) -> bool {
        now > self.probed + if self.heartbeat.is_some() { GRACE } else { STARTUP_GRACE }
    }

    /// Whether a lease is newer than the one that was seen last.
    pub fn is_older_than(&self, lease: Option<&Lease>) -> bool {
        renewed(lease) > self.renewed
    }

    /// All is counted from now again.
    pub fn restart(&mut self, now: Nanos) {
        self.probed = now;
    }
}

/// The conditions of a silent node: what it said is no longer known.
pub fn set_unknown(node: &mut Node, clock: Time) {
    for type_ in ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] {
        match node.status.conditions.iter_mut().find(|c| c.type_ == type_) {
            None => node.status.conditions.push(NodeCondition {
                type_: type_.into(),
                status: "Unknown".into(),
                last_heartbeat_time: node.meta.creation_timestamp,
                last_transition_time: clock,
                reason: "NodeStatusNeverUpdated".into(),
                message: "Kubelet never posted node status.".into(),
            }),
            Some(condition) if condition.status != "Unknown" => {
                condition.status = "Unknown".into();
                condition.reason = "NodeStatusUnknown".into();
                condition.message = "Kubelet stopped posting node status.".into();
                condition.last_transition_time = clock;
            }
            Some(_) => {}
        }
    }
}
