//! The node's own reports: its lease and its conditions (`pkg/kubelet/kubelet_node_status.go`).

use super::{Io, Kubelet};
use crate::api::meta::ObjectReference;
use crate::api::node::{Lease, Node, NodeCondition};
use crate::api::{Key, Object};
use crate::apiserver::recorder::{Note, reference};
use crate::time::{Nanos, SECOND};
use std::rc::Rc;

/// A lease is renewed this often.
pub const LEASE_RENEWAL: Nanos = 10 * SECOND;
/// The status is sent at least this often, and at once when it changed.
const REPORT: i64 = 300;

impl Kubelet {
    /// Renews the lease and, if it is time or something changed, sends the node's conditions.
    pub fn heartbeat(&mut self, io: &mut Io) {
        let micro = io.api.as_ref().map(|api| api.micro_clock());
        let Some(api) = io.api.as_deref_mut() else { return };
        let key = Key::new("kube-node-lease", &self.node);
        if let Some(lease) = api.get::<Lease>(&key) {
            let mut lease = Lease::clone(lease);
            lease.spec.renew_time = micro;
            let _ = api.update(Object::Lease(Rc::new(lease)), false);
        }
        let Some(node) = api.get::<Node>(&Key::new("", &self.node)).cloned() else { return };
        if self.unschedulable != node.spec.unschedulable {
            self.unschedulable = node.spec.unschedulable;
            let reason = if self.unschedulable { "NodeNotSchedulable" } else { "NodeSchedulable" };
            // The kubelet takes the node's name for its uid.
            let about = ObjectReference { uid: node.meta.name.clone(), ..reference(&*node) };
            let message = format!("Node {} status is now: {reason}", self.node);
            self.recorder.record(api, Note { about, type_: "Normal", reason, message });
        }
        let fine = node.is_ready() && node.status.conditions.iter().all(|c| c.status != "Unknown");
        let last = node.status.conditions.iter().map(|c| c.last_heartbeat_time.0).max().unwrap_or(0);
        if fine && io.clock.0 - last < REPORT {
            return;
        }
        let mut node = Node::clone(&node);
        set_conditions(&mut node, io);
        let _ = io.api.as_deref_mut().map(|api| api.update_status(Object::Node(Rc::new(node)), false));
    }
}

/// The conditions of a healthy node.
pub fn set_conditions(node: &mut Node, io: &Io) {
    const FINE: [(&str, &str, &str, &str); 4] = [
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ];
    for (type_, status, reason, message) in FINE {
        let old = node.status.conditions.iter().find(|c| c.type_ == type_);
        let since = old.filter(|c| c.status == status).map_or(io.clock, |c| c.last_transition_time);
        let new = NodeCondition {
            type_: type_.into(),
            status: status.into(),
            last_heartbeat_time: io.clock,
            last_transition_time: since,
            reason: reason.into(),
            message: message.into(),
        };
        match node.status.conditions.iter_mut().find(|c| c.type_ == type_) {
            Some(old) => *old = new,
            None => node.status.conditions.push(new),
        }
    }
}
