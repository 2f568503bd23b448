//! A node as a whole: kubelet and kube-proxy on one machine with one network.

use super::kubelet::Kubelet;
use super::ledger::Ledger;
use super::proxy::{Conntrack, Proxier};
use crate::api::{Key, Kind, Object};
use crate::apiserver::Change;
use crate::cause::Cause;
use crate::time::{Nanos, Stream};
use std::collections::BTreeSet;

/// One node.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Runs the Pods.
    pub kubelet: Kubelet,
    /// Programs the Services.
    pub proxy: Proxier,
    /// The connections that the kernel knows.
    pub conntrack: Conntrack,
    /// Where the kernel's choice of source ports comes from.
    pub ports: Stream,
    /// What a packet to or from this node takes more than the usual.
    pub latency: Nanos,
    /// By how much later than others its kubelet and kube-proxy hear of changes.
    pub watch_delay: Nanos,
    /// Why its rules are as they are.
    pub ledger: Ledger,
    /// Whether its network is there.
    pub up: bool,
    /// Whether its components' connections to the API server stand: they are made anew some time after the network is back.
    pub connected: bool,
    /// From when on the kubelet's heartbeats arrive again.
    pub heartbeats_from: Nanos,
    /// The Services and EndpointSlices that kube-proxy's watches have shown.
    pub known: BTreeSet<(Kind, Key)>,
    /// When kube-proxy's next run is due, as far as a wake-up is set for it.
    pub proxy_wake: Option<Nanos>,
    /// How long kube-proxy's syncs take: chances of its own.
    pub syncs: Stream,
}

impl Machine {
    /// Does what kube-proxy has to do now: ends or starts a sync. A sync that ended cleans up after UDP Services, and real
    /// servers on their way out (ipvs mode) go when they have no connections left.
    pub fn run_proxy(&mut self, now: Nanos) {
        let synced = self.proxy.run(now, &mut self.syncs);
        self.ledger.ran(&self.kubelet.node, &self.proxy, synced.as_ref(), now);
        if let Some(udp) = synced.and_then(|synced| synced.udp) {
            self.conntrack.clean_up(&udp);
        }
        self.proxy.clean_up_real_servers(now, &self.conntrack);
    }

    /// When [`Machine::run_proxy`] is due next, from `now` on.
    pub fn proxy_due(&self, now: Nanos) -> Option<Nanos> {
        let sync = self.proxy.next_due().map(|at| at.max(now));
        sync.into_iter().chain(self.proxy.next_clean_up(now)).min()
    }

    /// kube-proxy's watch delivered a change of a Service or an EndpointSlice.
    pub fn observe_proxy(&mut self, change: &Change, now: Nanos) {
        let place = (change.kind(), change.object().key());
        if let (Some(why), Some(service)) = (&change.why, service_of(change.object())) {
            self.ledger.heard(service, why, now);
        }
        match &change.new {
            Some(object) => self.set_proxy(object, now),
            None => self.remove_proxy(&place, now),
        }
    }

    /// kube-proxy lists everything anew, after its network came back.
    pub fn relist_proxy<'a>(&mut self, objects: impl Iterator<Item = &'a Object>, now: Nanos) {
        let mut gone = self.known.clone();
        for object in objects {
            gone.remove(&(object.kind(), object.key()));
            self.set_proxy(object, now);
        }
        gone.iter().for_each(|place| self.remove_proxy(place, now));
    }

    /// The causes of what is listed anew: Services gone meanwhile are among those that this node knew.
    pub fn hear_anew<'a, I: Iterator<Item = Cause>>(
        &mut self,
        objects: impl Iterator<Item = &'a Object>,
        why: impl Fn(Kind, &Key) -> I,
        now: Nanos,
    ) {
        let listed = objects.map(|object| (object.kind(), object.key(), service_of(object)));
        let gone =
            self.known.iter().map(|(kind, key)| (*kind, key.clone(), Some(key.clone()).filter(|_| *kind == Kind::Service)));
        let all: Vec<(Kind, Key, Option<Key>)> = listed.chain(gone).collect();
        for (kind, key, service) in all {
            for cause in why(kind, &key) {
                self.ledger.heard(service.clone().unwrap_or_else(|| key.clone()), &cause, now);
            }
        }
    }

    fn set_proxy(&mut self, object: &Object, now: Nanos) {
        match object {
            Object::Service(service) => self.proxy.set_service(service.clone(), now),
            Object::EndpointSlice(slice) => self.proxy.set_slice(slice.clone(), now),
            _ => return,
        }
        self.known.insert((object.kind(), object.key()));
    }

    fn remove_proxy(&mut self, place: &(Kind, Key), now: Nanos) {
        match place {
            (Kind::Service, key) => self.proxy.remove_service(key, now),
            (Kind::EndpointSlice, key) => self.proxy.remove_slice(key, now),
            _ => {}
        }
        self.known.remove(place);
    }
}

/// The Service that an object is, or that it lists endpoints of.
fn service_of(object: &Object) -> Option<Key> {
    let meta = object.meta();
    match object {
        Object::Service(_) => Some(object.key()),
        _ => meta.labels.get("kubernetes.io/service-name").map(|name| Key::new(&meta.namespace, name)),
    }
}
