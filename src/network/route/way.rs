//! A way as data: who sends, the nodes that decided, where it ended.

use crate::node::proxy::conntrack::FlowId;
use crate::node::proxy::{Steps, Verdict};
use crate::time::Nanos;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// Who sends.
#[derive(Clone, Debug, PartialEq)]
pub enum Sender {
    /// A Pod on a node.
    Pod {
        /// Its node.
        node: Rc<str>,
        /// Its address.
        ip: Ipv4Addr,
    },
    /// A machine outside the cluster that can reach the nodes, not the Pods.
    Outside {
        /// Its address.
        ip: Ipv4Addr,
    },
}

/// Where a packet ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrival {
    /// A container takes the connection.
    Pod {
        /// Node of the Pod.
        node: Rc<str>,
        /// Uid of the Pod.
        uid: Rc<str>,
        /// Which of its containers.
        run: usize,
        /// Which life of that container.
        serial: u32,
        /// Port.
        port: u16,
        /// The address that the container sees as its client's.
        seen: Ipv4Addr,
    },
    /// A process that is no Pod takes it.
    Host(HostProcess),
    /// Somebody answers "no": nothing listens there, or a rule rejects.
    Refused,
    /// Nobody answers.
    Silent,
    /// The node of a vanished address says after a while that there is no such host.
    NoRoute,
}

/// What answers where no Pod does.
#[derive(Clone, Debug, PartialEq)]
pub enum HostProcess {
    /// The API server; it speaks TLS only.
    ApiServer,
    /// A health check of kube-proxy: a Service's health check node port, or `/healthz` on port 10256.
    Health {
        /// 200 or 503.
        status: u16,
        /// What it says.
        body: Rc<str>,
    },
}

/// One stop on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// The node that decided.
    pub node: Rc<str>,
    /// Source before.
    pub source: SocketAddrV4,
    /// Destination before.
    pub destination: SocketAddrV4,
    /// Source after; the same unless it was rewritten.
    pub source_after: SocketAddrV4,
    /// What was decided.
    pub verdict: Verdict,
    /// Whether the node knew the connection: then its table decided, and no rule was asked.
    pub known: bool,
    /// The connection in the node's table; `None` if it was not taken up (rejected, thrown away, table full).
    pub flow: Option<FlowId>,
    /// The rules on the way, if they were asked for.
    pub steps: Steps,
}

/// The way of a packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Where it ended.
    pub arrival: Arrival,
    /// The nodes that decided.
    pub hops: Vec<Hop>,
    /// From the sender to there, one way.
    pub one_way: Nanos,
    /// Where it was sent to in the end.
    pub destination: SocketAddrV4,
}

impl Route {
    /// The places of the connection in the tables of the nodes on the way.
    pub fn tracks(&self) -> Tracks {
        self.hops.iter().filter_map(|hop| Some((hop.node.clone(), hop.flow?))).collect()
    }
}

/// Places of one connection in the nodes' tables.
pub type Tracks = Vec<(Rc<str>, FlowId)>;
