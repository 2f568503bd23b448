//! IPAddresses: an object for each address that a Service has (`pkg/registry/core/service/ipallocator`).
//!
//! Nobody watches them: they come and go with the Service, in the same request.

use super::ApiServer;
use crate::api::{Key, Kind, Object, Plain, Service};
use serde_json::json;
use std::rc::Rc;

fn addresses(service: Option<&Service>) -> Vec<&str> {
    let all = service.into_iter().flat_map(|s| &s.spec.cluster_ips);
    all.map(String::as_str).filter(|ip| !ip.is_empty() && *ip != "None").collect()
}

impl ApiServer {
    /// Makes the addresses that a Service has now, and forgets those that it no longer has.
    pub(super) fn keep_addresses(&mut self, old: Option<&Service>, new: Option<&Service>) {
        let (before, after) = (addresses(old), addresses(new));
        for ip in before.iter().filter(|ip| !after.contains(ip)) {
            self.forget_quietly(Kind::IPAddress, &Key::new("", ip));
        }
        let Some(service) = new else { return };
        for ip in after.iter().filter(|ip| !before.contains(ip)) {
            let mut plain = Plain { kind: Kind::IPAddress, meta: Default::default(), body: Default::default() };
            let (meta, owner) = (&mut plain.meta, &service.meta);
            meta.name = (*ip).to_owned();
            // The address has a uid of its own that is drawn from nothing.
            let mark = ip.bytes().fold(0x811c_9dc5u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193));
            meta.uid = format!("{mark:08x}{}", owner.uid.get(8..).unwrap_or_default());
            meta.generation = 1;
            meta.creation_timestamp = if old.is_none() { owner.creation_timestamp } else { self.clock() };
            let family = if ip.contains(':') { "IPv6" } else { "IPv4" };
            meta.labels.insert("ipaddress.kubernetes.io/ip-family".into(), family.into());
            meta.labels.insert("ipaddress.kubernetes.io/managed-by".into(), "ipallocator.k8s.io".into());
            let parent = json!({"group": "", "name": owner.name, "namespace": owner.namespace, "resource": "services"});
            plain.body.insert("spec".into(), json!({"parentRef": parent}));
            self.seed_unwatched(Object::Plain(Rc::new(plain)));
        }
    }
}
