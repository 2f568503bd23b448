//! A request looks its name up.

use super::record::{Failure, Outcome, Trouble};
use super::request::{TrafficEvent, ephemeral_port};
use super::{Traffic, World};
use crate::api::Key;
use crate::network::dns::{Lookup, LookupError};
use crate::network::{Arrival, Sender};
use crate::time::{MILLISECOND, Stream};
use std::rc::Rc;

/// Queries of one look-up at most: each has a source port of its own.
const QUERIES: u64 = 4;

impl Traffic {
    /// Asks cluster DNS for the name.
    pub(super) fn resolve(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        let sender = request.sender.clone();
        let names = std::mem::take(&mut request.names);
        if names.is_empty() {
            // Machines outside, and Pods that have their node's resolver, do not know the cluster's names.
            world.out.push((world.now + 5 * MILLISECOND, TrafficEvent::Resolved(id)));
            self.complain(id, Trouble::Name(self.host(id)), world);
            return;
        }
        let lookup = self.look_up(&sender, &names, id, world);
        world.out.push((world.now + lookup.took, TrafficEvent::Resolved(id)));
        let found = lookup.found.clone();
        let trouble = match &lookup.found {
            Ok(_) => None,
            Err(LookupError::NoSuchHost) => Some(Trouble::Name(self.host(id))),
            Err(LookupError::Refused) => Some(Trouble::NoDns(Arrival::Refused, lookup.hops.clone(), world.dns_server)),
            Err(LookupError::Timeout) => Some(Trouble::NoDns(Arrival::Silent, lookup.hops.clone(), world.dns_server)),
        };
        if let Some(trouble) = trouble {
            self.complain(id, trouble, world);
        }
        self.note(id, |record| record.lookup = Some(Box::new(lookup)));
        let Some(request) = self.requests.get_mut(&id) else { return };
        let found = match found {
            Ok(found) => found,
            Err(why) => {
                request.unresolved = match why {
                    LookupError::NoSuchHost => Failure::NoSuchHost,
                    LookupError::Refused => Failure::Refused,
                    LookupError::Timeout => Failure::Timeout,
                };
                return;
            }
        };
        // CoreDNS answers in a random order (plugin loadbalance); clients take the first.
        let mut found = found;
        if !found.is_empty() {
            let first = self.random.below(found.len() as u64) as usize;
            found.rotate_left(first);
        }
        let chosen = found.first().copied();
        request.address = chosen;
        request.others = found.into_iter().skip(1).collect();
        if let (Some(ip), Some(client)) = (chosen, self.clients.get_mut(&request.client))
            && client.setting.holds_name > 0
        {
            client.address = Some((ip, world.now.saturating_add(client.setting.holds_name)));
        }
    }

    fn look_up(&mut self, sender: &Sender, names: &[String], id: u64, world: &mut World) -> Lookup {
        let server = world.dns_server;
        let (dns, mut fabric) = world.dns_and_fabric(&mut self.random, self.trace);
        dns.look_up_from(&mut fabric, (sender, server), names, |n| ephemeral_port(id * QUERIES + n as u64))
    }

    /// Looks a name up from inside a Pod, now; `None` when the Pod has no network.
    pub fn resolve_once(&mut self, pod: &Key, name: &str, world: &mut World) -> Option<Lookup> {
        let (node, ip, resolver) = world.place(pod)?;
        let own = |found| Some(Lookup { found, took: 0, asked: vec![], hops: vec![] });
        if let Some(ip) = resolver.host(name) {
            return own(Ok(vec![ip]));
        }
        let names = resolver.candidates(name);
        if names.is_empty() {
            return own(Err(LookupError::NoSuchHost));
        }
        self.random = Stream::new(self.seed, &format!("look up {name} at {}", world.now));
        Some(self.look_up(&Sender::Pod { node, ip }, &names, world.now / MILLISECOND, world))
    }

    /// The name that a request's client asks for.
    fn host(&self, id: u64) -> Rc<str> {
        let client = self.requests.get(&id).and_then(|r| self.clients.get(&r.client));
        client.map(|c| Rc::from(c.setting.url.host.as_str())).unwrap_or_default()
    }

    /// The name was looked up.
    pub(super) fn resolved(&mut self, id: u64, world: &mut World) {
        let Some(request) = self.requests.get(&id) else { return };
        if request.address.is_some() {
            self.connect(id, 0, world);
        } else {
            let why = request.unresolved;
            self.finish(id, Outcome::Failed(why), world);
        }
    }
}
