//! Looking a name up: each query goes to cluster DNS through the Service `kube-dns`, like any datagram.

use super::record::{Failure, Outcome};
use super::request::{TrafficEvent, ephemeral_port};
use super::{Traffic, World};
use crate::network::dns::Answer;
use crate::network::{Arrival, Sender};
use crate::node::proxy::Protocol;
use crate::node::proxy::conntrack::{Direction, Segment};
use crate::time::{MILLISECOND, Nanos, SECOND};

/// A resolver waits this long for an answer (`timeout:5`) and asks this often in all (`attempts:2`).
const PATIENCE: Nanos = 5 * SECOND;
const ATTEMPTS: u64 = 2;

impl Traffic {
    /// Sends the queries for the name one after another, until one is answered with an address.
    pub(super) fn resolve(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        let sender = request.sender.clone();
        let names = std::mem::take(&mut request.names);
        if matches!(sender, Sender::Outside { .. }) {
            // Machines outside do not know the cluster's names.
            world.out.push((world.now + 5 * MILLISECOND, TrafficEvent::Resolved(id)));
            return;
        }
        let mut spent = 0;
        for (n, name) in names.iter().enumerate() {
            let port = ephemeral_port(id * 4 + n as u64);
            let server = world.dns_server;
            let mut fabric = world.fabric(&mut self.random, false);
            let route = fabric.route(&sender, Protocol::Udp, port, server);
            match route.arrival {
                Arrival::Pod { .. } => fabric.pass(&route.tracks(), &[(Direction::Reply, Segment::Datagram)]),
                // A refused query is asked once more and given up; a lost one is waited for.
                Arrival::Refused => {
                    spent += ATTEMPTS * 2 * route.one_way;
                    continue;
                }
                _ => {
                    spent += ATTEMPTS * PATIENCE;
                    continue;
                }
            }
            spent += 2 * route.one_way + self.random.around(MILLISECOND / 4);
            if let Answer::Addresses(found) = world.dns.query(name, world.now) {
                // CoreDNS answers in a random order (plugin loadbalance); clients take the first.
                let Some(request) = self.requests.get_mut(&id) else { return };
                request.address = found.get(self.random.below(found.len() as u64) as usize).copied();
                break;
            }
        }
        world.out.push((world.now + spent, TrafficEvent::Resolved(id)));
    }

    /// The name was looked up.
    pub(super) fn resolved(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get(&id) else { return };
        if request.address.is_some() {
            self.connect(id, 0, world);
        } else {
            self.finish(id, Outcome::Failed(Failure::NoSuchHost), world);
        }
    }
}
