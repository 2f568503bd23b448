//! A Pod's queries: they go to cluster DNS through the Service `kube-dns`, like any datagram.

use super::{Code, CoreDns, Type};
use crate::network::{Arrival, Fabric, Hop, Sender};
use crate::node::proxy::Protocol;
use crate::node::proxy::conntrack::{Direction, Segment};
use crate::time::{MILLISECOND, Nanos, SECOND};
use std::net::{Ipv4Addr, SocketAddrV4};

/// How long an answer is waited for (`timeout:5`).
const PATIENCE: Nanos = 5 * SECOND;
/// How often a question is asked in all (`attempts:2`).
const ATTEMPTS: u64 = 2;
/// What CoreDNS takes to answer, median.
const THINKING: Nanos = MILLISECOND / 4;

/// Why a look-up gave no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// Cluster DNS says that there is none.
    NoSuchHost,
    /// Nothing takes questions: no CoreDNS is ready behind its Service.
    Refused,
    /// Questions or answers are lost.
    Timeout,
}

impl LookupError {
    /// The words of the recorded client (Go's resolver).
    pub fn text(self) -> &'static str {
        match self {
            LookupError::NoSuchHost => "no such host",
            LookupError::Refused => "read: connection refused",
            LookupError::Timeout => "i/o timeout",
        }
    }
}

/// What came of a look-up.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// The addresses, in the order of the answer, or why there are none.
    pub found: Result<Vec<Ipv4Addr>, LookupError>,
    /// How long it took.
    pub took: Nanos,
    /// The names that were asked for, in order, and what was said to each (`None`: nothing).
    pub asked: Vec<(String, Option<Code>)>,
    /// The nodes' decisions on the way of the last question.
    pub hops: Vec<Hop>,
}

impl CoreDns {
    /// Looks up the first of `names` that has an address, asking one after another. `ports` gives each question's source port.
    ///
    /// What nobody answers is asked twice, five seconds each, before the next name is tried; so are refused questions, at once.
    pub fn look_up_from(
        &mut self,
        fabric: &mut Fabric,
        (sender, server): (&Sender, SocketAddrV4),
        names: &[String],
        ports: impl Fn(usize) -> u16,
    ) -> Lookup {
        let mut lookup = Lookup { found: Err(LookupError::NoSuchHost), took: 0, asked: vec![], hops: vec![] };
        for (n, name) in names.iter().enumerate() {
            let route = fabric.route(sender, Protocol::Udp, ports(n), server);
            let there_and_back = 2 * route.one_way;
            let answered = matches!(route.arrival, Arrival::Pod { .. });
            if answered {
                let tracks = route.tracks();
                fabric.pass(&tracks, &[(Direction::Reply, Segment::Datagram)]);
                fabric.retire(&tracks); // each question has a socket of its own, closed after the answer
            }
            lookup.hops = route.hops;
            if !answered {
                let refused = route.arrival == Arrival::Refused;
                lookup.took += ATTEMPTS * if refused { there_and_back } else { PATIENCE };
                lookup.found = Err(if refused { LookupError::Refused } else { LookupError::Timeout });
                lookup.asked.push((name.clone(), None));
                continue;
            }
            lookup.took += there_and_back + fabric.random.around(THINKING);
            let response = self.ask(name, Type::A, fabric.now);
            lookup.asked.push((name.clone(), Some(response.code)));
            let found = response.addresses();
            if !found.is_empty() {
                lookup.found = Ok(found);
                return lookup;
            }
        }
        lookup
    }
}
