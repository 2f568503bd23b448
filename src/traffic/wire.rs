//! What a request sends and gets: the first packet, the question on the connection, the answer.
//!
//! Promises: every packet goes by the nodes' connection tables and rules of its moment.

use super::client::Kept;
use super::record::{Failure, Outcome, Record, Trouble};
use super::request::TrafficEvent;
use super::{Traffic, World};
use crate::network::{Arrival, HostProcess, Route, Sender};
use crate::node::app::Reply;
use crate::node::proxy::conntrack::{Direction, Segment};
use crate::node::proxy::{Protocol, Verdict};
use crate::time::{MILLISECOND, Nanos, SECOND, Stream};
use std::net::SocketAddrV4;
use std::rc::Rc;

/// How often a SYN is sent again: after 1, 3, 7, 15, 31 and 63 s (`net.ipv4.tcp_syn_retries`).
const SYN_RETRIES: u32 = 6;

/// How long an answer takes that the app takes its time for: what it was told to wait it waits, the rest varies.
fn thinking(after: Nanos, random: &mut Stream) -> Nanos {
    const OWN: Nanos = 2 * MILLISECOND;
    after.saturating_sub(OWN) + random.around(after.min(OWN))
}

impl Traffic {
    /// Sends the first packet (again, if it was sent before).
    pub(super) fn connect(&mut self, id: u64, sent: u32, world: &mut World) {
        let Some(request) = self.requests.get(&id).filter(|r| r.connection.is_none()) else { return };
        let Some(client) = self.clients.get(&request.client) else { return };
        let Some(address) = request.address else { return };
        let destination = SocketAddrV4::new(address, client.setting.url.port);
        let (sender, protocol, port) = (request.sender.clone(), request.protocol, request.source_port);
        let route = world.fabric(&mut self.random, true).route(&sender, protocol, port, destination);
        let (now, one_way) = (world.now, route.one_way);
        match &route.arrival {
            Arrival::Pod { node, uid, run, .. } if protocol == Protocol::Udp => {
                let run = world.machines.get(node).and_then(|m| m.kubelet.pod(uid)).and_then(|w| w.runs.get(*run));
                let after = run.map_or(0, |run| thinking(run.app.latency, &mut self.random));
                world.out.push((now + 2 * one_way + after, TrafficEvent::Reply(id)));
            }
            Arrival::Pod { .. } | Arrival::Host(_) | Arrival::Refused => {
                world.out.push((now + 2 * one_way, TrafficEvent::Connected(id)));
            }
            // The owning node's neighbour look-up fails after three tries, a second each.
            Arrival::NoRoute => world.out.push((now + 3 * SECOND + 2 * one_way, TrafficEvent::Connected(id))),
            Arrival::Silent if protocol == Protocol::Tcp && sent < SYN_RETRIES => {
                world.out.push((now + (SECOND << sent), TrafficEvent::Resend(id, sent + 1)));
            }
            Arrival::Silent => {}
        }
        let (arrival, tracks) = (route.arrival.clone(), route.tracks());
        if matches!(arrival, Arrival::Refused | Arrival::NoRoute | Arrival::Silent) {
            self.complain(id, Trouble::Route(arrival.clone(), route.hops.clone(), destination), world);
        }
        let from_outside = matches!(sender, Sender::Outside { .. });
        self.note(id, |record| {
            record.asked = Some(destination);
            record.door = route.hops.first().filter(|_| from_outside).map(|h| h.node.clone());
        });
        self.note_route(id, route, world);
        if let Some(request) = self.requests.get_mut(&id) {
            (request.arrival, request.tracks, request.one_way) = (arrival, tracks, one_way);
            if let Arrival::Pod { node, uid, run, serial, port: at, seen } = &request.arrival {
                let (node, uid, run, serial, seen) = (node.clone(), uid.clone(), *run, *serial, *seen);
                let kept = Kept { node, uid, run, serial, port: *at, seen, source_port: port, destination };
                // A datagram needs no connection: it is there or not.
                request.connection = (protocol == Protocol::Udp).then(|| kept.clone());
                request.reply = (protocol == Protocol::Udp).then_some(Reply::Http { status: 200, after: 0 });
                request.offered = Some(kept);
            }
        }
    }

    /// Remembers the way of a packet and whom it reached.
    fn note_route(&mut self, id: u64, route: Route, world: &World) {
        let pod = match &route.arrival {
            Arrival::Pod { node, uid, run, seen, .. } => world.machines.get(node).and_then(|m| m.kubelet.pod(uid)).map(|w| {
                let place = (uid.clone(), Rc::from(w.pod.meta.name.as_str()), node.clone());
                (place, Rc::from(w.runs[*run].app.version.as_str()), *seen)
            }),
            _ => None,
        };
        self.note(id, |record: &mut Record| {
            record.node = route.hops.last().map(|h| h.node.clone());
            record.through_service = route.hops.iter().any(|h| matches!(h.verdict, Verdict::Dnat { .. }));
            if let Some((pod, version, seen)) = pod {
                (record.pod, record.version, record.seen) = (Some(pod), version, Some(seen));
            }
            record.hops = route.hops;
        });
    }

    /// The answer to the first packet is there: connected, refused, or no way.
    pub(super) fn connected(&mut self, id: u64, world: &mut World) {
        use {Direction::*, Segment::*};
        let Some(request) = self.requests.get_mut(&id) else { return };
        let (arrival, tracks) = (request.arrival.clone(), request.tracks.clone());
        if matches!(arrival, Arrival::Pod { .. } | Arrival::Host(_)) {
            request.connection = request.offered.take();
            let shared = request.connection.clone().map(|kept| (request.client.clone(), kept));
            if let Some((client, kept)) = shared
                && let Some(client) = self.clients.get_mut(&client).filter(|c| c.setting.multiplexes())
            {
                client.kept = Some((kept, tracks.clone()));
            }
            world.fabric(&mut self.random, false).pass(&tracks, &[(Reply, SynAck), (Original, Ack)]);
        }
        let tls = self.requests.get(&id).and_then(|r| self.clients.get(&r.client)).is_some_and(|c| c.setting.url.tls);
        match arrival {
            Arrival::Host(HostProcess::ApiServer) if tls => self.no_tls(id, Failure::Untrusted, world),
            Arrival::Pod { .. } | Arrival::Host(_) if tls => self.no_tls(id, Failure::NotTls, world),
            Arrival::Pod { .. } => {
                let client = self.requests.get(&id).map(|r| r.client.clone());
                self.ask(id, world);
                // Nobody draws for this request any more here: those that waited have chances of their own.
                client.into_iter().for_each(|client| self.let_waiting_go(&client, world));
            }
            // It speaks TLS only.
            Arrival::Host(HostProcess::ApiServer) => {
                self.note(id, |record| record.body = Some("Client sent an HTTP request to an HTTPS server.".into()));
                self.finish(id, Outcome::Answered { status: 400 }, world);
            }
            Arrival::Host(HostProcess::Health { status, body }) => {
                self.note(id, |record| record.body = Some(body));
                self.finish(id, Outcome::Answered { status }, world);
            }
            Arrival::Refused => self.next_address(id, Failure::Refused, world),
            Arrival::NoRoute => self.next_address(id, Failure::NoRoute, world),
            Arrival::Silent => {}
        }
    }

    fn no_tls(&mut self, id: u64, why: Failure, world: &mut World) {
        self.complain(id, Trouble::NoTls, world);
        self.finish(id, Outcome::Failed(why), world);
    }

    /// The address does not take the connection: the name's next one is tried, if there is one.
    fn next_address(&mut self, id: u64, why: Failure, world: &mut World) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        if request.others.is_empty() {
            return self.finish(id, Outcome::Failed(why), world);
        }
        request.address = Some(request.others.remove(0));
        self.connect(id, 0, world);
    }

    /// Takes the kept connection, if it still stands.
    pub(super) fn reuse(&mut self, id: u64, world: &mut World) -> bool {
        let Some(request) = self.requests.get_mut(&id) else { return false };
        let Some(client) = self.clients.get_mut(&request.client) else { return false };
        let Some((kept, tracks)) = client.kept.clone() else { return false };
        let worker = world.machines.get(&kept.node).and_then(|m| m.kubelet.pod(&kept.uid));
        let run = worker.and_then(|w| w.runs.get(kept.run)).filter(|r| r.serial == kept.serial && r.is_running());
        if run.is_none() {
            client.kept = None; // closed when its process ended
            world.fabric(&mut self.random, false).pass(&tracks, &[(Direction::Reply, Segment::Rst)]);
            return false;
        }
        request.connection = Some(kept);
        request.tracks = tracks;
        self.ask(id, world);
        true
    }

    /// Sends the request on its connection. The nodes on the way know the connection: it stays with its Pod whatever the rules
    /// say now.
    fn ask(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        let Some(client) = self.clients.get(&request.client) else { return };
        let Some(kept) = request.connection.clone() else { return };
        let mut fabric = world.fabric(&mut self.random, true);
        let route = fabric.send(&request.sender, Protocol::Tcp, kept.source_port, kept.destination, Segment::Ack);
        request.one_way = route.one_way;
        let run = match &route.arrival {
            // Lost: the deadline ends it.
            Arrival::Silent | Arrival::NoRoute => {
                let trouble = Trouble::Route(route.arrival, route.hops, kept.destination);
                return self.complain(id, trouble, world);
            }
            Arrival::Pod { node, uid, run, serial, .. }
                if (&kept.uid, kept.run, kept.serial) == (uid, *run, *serial) && kept.node == *node =>
            {
                world.machines.get(node).and_then(|m| m.kubelet.pod(uid)).and_then(|w| w.runs.get(*run))
            }
            _ => None,
        };
        let reply = run.map(|run| {
            let age = run.age(world.now).unwrap_or(0);
            run.app.answer(&client.setting.url.path, kept.port, age, &mut self.random)
        });
        let wait = match &reply {
            Some(Reply::Http { after, .. }) => 2 * route.one_way + thinking(*after, &mut self.random),
            _ => 2 * route.one_way,
        };
        // Whoever got it knows nothing of such a connection, and says so.
        let unknown = reply.is_none();
        request.reply = reply;
        world.out.push((world.now + wait, TrafficEvent::Reply(id)));
        if unknown {
            request.connection = None;
            self.complain(id, Trouble::Ended { node: kept.node.clone(), uid: kept.uid.clone() }, world);
        }
        let first = self.note_is_new(id);
        if first {
            self.note_route(id, route, world);
            self.note(id, |record| record.asked = Some(kept.destination));
        }
    }

    /// Whether nothing is known of a request's way yet: it is sent on a kept connection.
    fn note_is_new(&mut self, id: u64) -> bool {
        let mut new = false;
        self.note(id, |record| new = record.hops.is_empty());
        new
    }

    /// The answer is there, unless the process ended before it was given.
    pub(super) fn reply(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get(&id) else { return };
        let Some(kept) = &request.connection else {
            return self.finish(id, Outcome::Failed(Failure::Reset), world);
        };
        let worker = world.machines.get(&kept.node).and_then(|m| m.kubelet.pod(&kept.uid));
        let run = worker.and_then(|w| w.runs.get(kept.run)).filter(|r| r.serial == kept.serial);
        let alive = run.is_some_and(|r| r.answers());
        let udp = request.protocol == Protocol::Udp;
        let (node, uid) = (kept.node.clone(), kept.uid.clone());
        match (&request.reply, alive) {
            (_, false) => self.complain(id, Trouble::Ended { node, uid }, world),
            (Some(Reply::Http { status, .. }), _) if *status >= 500 => {
                let status = *status;
                self.complain(id, Trouble::Error { node, uid, status }, world);
            }
            _ => {}
        }
        let outcome = match (&request.reply, alive) {
            (Some(Reply::Http { status, .. }), true) => Outcome::Answered { status: *status },
            // Nobody tells the sender of a datagram that its reader is gone.
            _ if udp => return,
            // A process that ends closes what it has read, and resets what it has not.
            _ => Outcome::Failed(if self.random.chance(1, 2) { Failure::Reset } else { Failure::Closed }),
        };
        if udp {
            let tracks = request.tracks.clone();
            world.fabric(&mut self.random, false).pass(&tracks, &[(Direction::Reply, Segment::Datagram)]);
        }
        self.finish(id, outcome, world);
    }
}
