//! A node as a whole: kubelet and kube-proxy on one machine with one network.

use super::kubelet::Kubelet;
use super::proxy::Proxier;
use crate::api::{Key, Kind, Object};
use crate::apiserver::Change;
use crate::time::Nanos;
use std::collections::BTreeSet;

/// One node.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Runs the Pods.
    pub kubelet: Kubelet,
    /// Programs the Services.
    pub proxy: Proxier,
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
}

impl Machine {
    /// kube-proxy's watch delivered a change of a Service or an EndpointSlice.
    pub fn observe_proxy(&mut self, change: &Change, now: Nanos) {
        let place = (change.kind(), change.object().key());
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
