//! The clients: what they ask for goes through the machines' rules, and each request that fails learns why.

use super::why::Scene;
use super::{API_SERVER, Cluster, DNS_ADDRESS, Event};
use crate::api::{Key, Pod};
use crate::network::dns::Lookup;
use crate::traffic::{Client, ClientChange, ClientSetting, Complaint, Traffic, World};
use std::net::{Ipv4Addr, SocketAddrV4};

impl Cluster {
    /// Runs something on the clients and sets the events that it asks for.
    pub(super) fn with_traffic<R>(&mut self, f: impl FnOnce(&mut Traffic, &mut World) -> R) -> R {
        let (mut out, mut complaints) = (vec![], vec![]);
        let (server, port) = API_SERVER;
        let address = |text: &str| text.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let api = &self.api;
        let mut world = World {
            now: self.now,
            machines: &mut self.machines,
            addresses: &self.addresses,
            dns: &mut self.dns,
            locate: &|key| api.get::<Pod>(key).map(|p| (p.spec.node_name.as_str().into(), p.meta.uid.as_str().into())),
            hops: (self.settings.hop_local, self.settings.hop_remote, self.settings.hop_outside),
            api_server: SocketAddrV4::new(address(server), port as u16),
            dns_server: SocketAddrV4::new(address(DNS_ADDRESS), 53),
            out: &mut out,
            complaints: &mut complaints,
        };
        let result = f(&mut self.traffic, &mut world);
        for (at, event) in out {
            self.queue.push(at, Event::Traffic(event));
        }
        self.find_causes(complaints);
        result
    }

    /// Finds out, for requests whose fate was decided just now, what decided it.
    fn find_causes(&mut self, complaints: Vec<Complaint>) {
        for complaint in complaints {
            let Some(client) = self.traffic.client(&complaint.client) else { continue };
            let number = self.traffic.record(complaint.id).map_or(0, |record| record.number);
            let (machines, addresses, why) = (&self.machines, &self.addresses, &self.why);
            let scene = Scene { now: self.now, machines, addresses, why };
            let cause = scene.blame(client, number, &complaint.sender, &complaint.trouble);
            self.traffic.set_cause(complaint.id, cause);
        }
    }

    /// The clients and their requests.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Adds a client (or replaces the one of that name) that starts at once.
    pub fn add_client(&mut self, setting: ClientSetting) {
        self.why.clients.insert(setting.name.as_str().into(), self.why.actor.clone());
        self.with_traffic(|traffic, world| traffic.add(setting, world.now, world.out));
    }

    /// Removes a client; its counts are returned.
    pub fn remove_client(&mut self, name: &str) -> Option<Client> {
        self.traffic.remove(name)
    }

    /// Changes a client's rate (requests per 1000 seconds; 0: it pauses). False when there is no such client.
    pub fn set_rate(&mut self, name: &str, rate_milli: u64) -> bool {
        self.with_traffic(|traffic, world| traffic.set_rate(name, rate_milli, world.now, world.out))
    }

    /// Changes one setting of a client. False when there is no such client.
    pub fn change_client(&mut self, name: &str, change: &ClientChange) -> bool {
        let changed = self.with_traffic(|traffic, world| traffic.change(name, change, world.now, world.out));
        if changed {
            self.why.clients.insert(name.into(), self.why.actor.clone());
        }
        changed
    }

    /// Whether the rules on each request's way are kept from now on.
    pub fn set_trace(&mut self, trace: bool) {
        self.traffic.trace = trace;
    }

    /// Looks a name up from inside a Pod, at this moment; `None` when the Pod has no network.
    pub fn resolve(&mut self, pod: &Key, name: &str) -> Option<Lookup> {
        self.with_traffic(|traffic, world| traffic.resolve_once(pod, name, world))
    }
}
