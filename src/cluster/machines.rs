//! What happens on the nodes: their kubelets and kube-proxies run when they are due, their networks go and come back.

use super::why::Fact;
use super::{Cluster, Event, NodeSetting};
use crate::api::{Key, Kind, Pod};
use crate::cause::{Cause, What};
use crate::node::kubelet::node_status::LEASE_RENEWAL;
use crate::node::kubelet::{Io, Kubelet};
use crate::node::proxy::{Cidr, Conntrack, NodeInfo, Proxier};
use crate::node::{Ledger, Machine};
use crate::time::Stream;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::rc::Rc;

impl Cluster {
    pub(super) fn add_machine(&mut self, node: &NodeSetting) {
        let name: Rc<str> = node.name.as_str().into();
        let kubelet = Kubelet::new(&name, node.address, node.pod_cidr, self.settings.pace.clone(), self.seed);
        let range = Cidr { address: node.pod_cidr.0, bits: node.pod_cidr.1 };
        let info = NodeInfo {
            name: name.clone(),
            zone: node.zone.as_str().into(),
            ip: node.address,
            addresses: vec![
                Cidr { address: node.address, bits: 24 },
                Cidr { address: Ipv4Addr::from(u32::from(range.address) + 1), bits: 24 },
            ],
            pod_cidr: Some(range),
        };
        let mut proxy = Proxier::new(Rc::new(self.settings.proxy.clone()), Rc::new(info));
        proxy.synced();
        let machine = Machine {
            kubelet,
            proxy,
            conntrack: Conntrack::default(),
            ports: Stream::new(self.seed, &format!("ports {name}")),
            latency: 0,
            watch_delay: 0,
            up: true,
            connected: true,
            heartbeats_from: 0,
            known: BTreeSet::new(),
            proxy_wake: None,
            ledger: Ledger::default(),
            syncs: Stream::new(self.seed, &format!("kube-proxy {name}")),
        };
        self.machines.insert(name.clone(), machine);
        self.addresses.add(&name, node.address, node.pod_cidr);
        self.wake_proxy(&name);
        let first = self.random.below(LEASE_RENEWAL);
        self.queue.push(self.now + first, Event::Heartbeat(name));
    }

    /// The first container of a Pod ends by itself with its exit code. False when it does not run.
    pub fn crash(&mut self, key: &Key) -> bool {
        let Some(pod) = self.api.get::<Pod>(key).cloned() else { return false };
        let mut crashed = false;
        let uid = pod.meta.uid.as_str().into();
        self.with_kubelet(&pod.spec.node_name.as_str().into(), |kubelet, io| crashed = kubelet.crash(&uid, io));
        self.spread();
        crashed
    }

    /// The health pages of a Pod's first container answer 503 from now on, or 200 again. False when nothing changed.
    pub fn set_well(&mut self, key: &Key, well: bool) -> bool {
        let Some(pod) = self.api.get::<Pod>(key).cloned() else { return false };
        let mut changed = false;
        let uid = pod.meta.uid.as_str().into();
        self.with_kubelet(&pod.spec.node_name.as_str().into(), |kubelet, io| changed = kubelet.set_well(&uid, well, io));
        changed
    }

    /// Whether a Pod's health pages answer as its variables say.
    pub fn is_well(&self, key: &Key) -> bool {
        let machine = |pod: &Rc<Pod>| self.machines.get(pod.spec.node_name.as_str());
        self.api.get::<Pod>(key).is_none_or(|pod| machine(pod).is_none_or(|m| m.kubelet.is_well(&pod.meta.uid)))
    }

    /// The nodes' machines, by name.
    pub fn machines(&self) -> &BTreeMap<Rc<str>, Machine> {
        &self.machines
    }

    /// A kube-proxy starts or ends writing rules.
    pub(super) fn run_proxy(&mut self, node: &Rc<str>) {
        let Some(machine) = self.machines.get_mut(node) else { return };
        if machine.proxy_wake.is_some_and(|at| at > self.now) {
            return; // an earlier wake-up has replaced this one
        }
        machine.proxy_wake = None;
        machine.run_proxy(self.now);
        self.wake_proxy(node);
    }

    /// Sets a wake-up for a kube-proxy that has something to do.
    pub(super) fn wake_proxy(&mut self, node: &Rc<str>) {
        let Some(machine) = self.machines.get_mut(node) else { return };
        let Some(due) = machine.proxy_due(self.now) else { return };
        if machine.proxy_wake.is_none_or(|at| at > due || at < self.now) {
            machine.proxy_wake = Some(due);
            self.queue.push(due, Event::Proxy(node.clone()));
        }
    }

    /// Runs something on a kubelet and sets the timers that it asks for.
    pub(super) fn with_kubelet(&mut self, node: &Rc<str>, f: impl FnOnce(&mut Kubelet, &mut Io)) {
        let clock = self.clock();
        let Some(machine) = self.machines.get_mut(node) else { return };
        let (mut timers, written) = (vec![], self.api.changes_mut().len());
        let api = machine.connected.then_some(&mut self.api);
        f(&mut machine.kubelet, &mut Io { now: self.now, clock, api, actor: &self.why.actor, timers: &mut timers });
        for change in &mut self.api.changes_mut()[written..] {
            change.why = Some(self.why.by_kubelet(&machine.kubelet, change, self.now));
        }
        for (at, timer) in timers {
            self.queue.push(at, Event::Kubelet(node.clone(), timer));
        }
    }

    /// Takes a node's network away: it hears nothing and nobody hears it. What runs on it goes on.
    pub fn node_down(&mut self, name: &str) -> bool {
        let Some(machine) = self.machines.get_mut(name) else { return false };
        if std::mem::replace(&mut machine.up, false) {
            let what = What::Cut { node: name.into() };
            self.why.cuts.insert(name.into(), Cause::new(self.now, what, vec![self.why.actor.clone()]));
        }
        machine.connected = false;
        true
    }

    /// Gives a node its network back. Its components notice when they try again: first the watches, then the heartbeat.
    pub fn node_up(&mut self, name: &str) -> bool {
        let name: Rc<str> = name.into();
        let Some(machine) = self.machines.get_mut(&name).filter(|m| !m.up) else { return false };
        machine.up = true;
        self.why.returns.insert(name.clone(), self.why.actor.clone());
        let watches = self.now + self.random.around(self.settings.reconnect);
        machine.heartbeats_from = watches + self.settings.reconnect;
        self.queue.push(watches, Event::Reconnect(name));
        true
    }

    /// A node's components have their connections again: their watches list everything anew.
    pub(super) fn reconnect(&mut self, name: &Rc<str>) {
        let Some(machine) = self.machines.get_mut(name).filter(|m| m.up) else { return };
        machine.connected = true;
        self.api.set_now(self.now);
        let pods = self.api.store().list(Kind::Pod, None).filter_map(|o| o.as_::<Pod>());
        let pods: Vec<Rc<Pod>> = pods.filter(|p| *p.spec.node_name == **name).cloned().collect();
        let bios = self.why.bios.clone();
        let why = |pod: &Pod| bios.latest(Kind::Pod, &Key::new(&pod.meta.namespace, &pod.meta.name), &[Fact::Ending, Fact::Born]);
        self.with_kubelet(name, |kubelet, io| kubelet.relist(&pods, why, io));
        if let Some(machine) = self.machines.get_mut(name) {
            let store = self.api.store();
            let known =
                |kind, key: &Key| bios.latest(kind, key, &[Fact::Left]).into_iter().chain(bios.latest(kind, key, &[Fact::Last]));
            machine.hear_anew(store.list(Kind::EndpointSlice, None).chain(store.list(Kind::Service, None)), known, self.now);
            machine.relist_proxy(store.list(Kind::Service, None).chain(store.list(Kind::EndpointSlice, None)), self.now);
        }
        self.wake_proxy(name);
    }
}
