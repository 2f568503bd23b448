//! Settings of the network and the kube-proxies that change while the cluster runs.

use super::Cluster;
use crate::network::dns::{Response, Type};
use crate::node::Machine;
use crate::node::proxy::{Mode, Settings as ProxySettings};
use crate::time::Nanos;
use crate::traffic::ClientSetting;
use std::rc::Rc;

/// Between whom a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// A Pod and its node, or two Pods of a node.
    WithinNode,
    /// Two nodes.
    BetweenNodes,
    /// A machine outside and a node.
    Outside,
}

impl Cluster {
    /// Does something to one node, or to all of them. A name that there is not changes nothing.
    fn with_machines(&mut self, node: Option<&str>, mut f: impl FnMut(&mut Machine)) {
        let names: Vec<Rc<str>> = self.machines.keys().filter(|name| node.is_none_or(|n| n == &***name)).cloned().collect();
        for name in names {
            if let Some(machine) = self.machines.get_mut(&name) {
                f(machine);
            }
            self.wake_proxy(&name);
        }
    }

    /// kube-proxy starts anew in a mode, with that mode's defaults: on one node, or everywhere. A first sync follows at once;
    /// until it has ended the node has no rules if the mode is another one. Established connections stay.
    pub fn set_proxy_mode(&mut self, node: Option<&str>, mode: Mode) {
        let defaults = ProxySettings::defaults(mode);
        if node.is_none() {
            self.settings.proxy = defaults.clone();
        }
        let settings = Rc::new(defaults);
        let why = self.why.actor.clone();
        self.with_machines(node, |machine| {
            machine.proxy.restart(settings.clone());
            machine.ledger.restart(&why);
        });
    }

    /// Other times for kube-proxy, on one node or everywhere: periods between syncs, and what a sync costs.
    pub fn set_proxy_timing(&mut self, node: Option<&str>, change: impl Fn(&mut ProxySettings)) {
        if node.is_none() {
            change(&mut self.settings.proxy);
        }
        self.with_machines(node, |machine| {
            let mut settings = machine.proxy.settings().clone();
            change(&mut settings);
            machine.proxy.set_timing(settings.min_sync_period, settings.sync_period, settings.cost);
        });
    }

    /// Sends one request by a client that asks only when told (made anew if there is none of that name). Returns which of the
    /// client's requests it is: see [`crate::traffic::Traffic::ended`].
    pub fn ask_once(&mut self, setting: ClientSetting) -> u64 {
        self.why.clients.insert(setting.name.as_str().into(), self.why.actor.clone());
        self.with_traffic(|traffic, world| traffic.ask_once(setting, world.now, world.out))
    }

    /// Asks cluster DNS a question, wherever its Pods are.
    pub fn ask_dns(&mut self, name: &str, type_: Type) -> Response {
        self.dns.ask(name, type_, self.now)
    }

    /// A node's kube-proxy fails to write rules from now on, or works again.
    pub fn set_proxy_failing(&mut self, node: &str, failing: bool) {
        self.with_machines(Some(node), |machine| machine.proxy.set_failing(failing));
    }

    /// Another median for the time of one way.
    pub fn set_latency(&mut self, link: Link, median: Nanos) {
        let link = match link {
            Link::WithinNode => &mut self.settings.hop_local,
            Link::BetweenNodes => &mut self.settings.hop_remote,
            Link::Outside => &mut self.settings.hop_outside,
        };
        let slower = median > std::mem::replace(link, median);
        self.slowed(None, slower);
    }

    /// Remembers who made a link slow, and when that ended.
    fn slowed(&mut self, link: Option<Rc<str>>, slower: bool) {
        let (now, actor) = (self.now, self.why.actor.clone());
        match self.why.links.get_mut(&link) {
            Some((_, end)) if !slower => *end = Some(now),
            _ if slower => drop(self.why.links.insert(link, (actor, None))),
            _ => {}
        }
    }

    /// What every packet to or from a node takes more from now on.
    pub fn set_node_latency(&mut self, node: &str, extra: Nanos) {
        self.slowed(Some(node.into()), extra > self.machines.get(node).map_or(0, |m| m.latency));
        self.with_machines(Some(node), |machine| machine.latency = extra);
    }

    /// Every container stops as if its preStop hook slept so long: see [`crate::node::kubelet::Kubelet::suppose_pre_stop`].
    pub fn suppose_pre_stop(&mut self, span: Nanos) {
        self.machines.values_mut().for_each(|machine| machine.kubelet.suppose_pre_stop(span));
    }

    /// By how much later than others a node's kubelet and kube-proxy hear of changes from now on.
    pub fn set_watch_delay(&mut self, node: &str, extra: Nanos) {
        self.with_machines(Some(node), |machine| machine.watch_delay = extra);
    }
}
