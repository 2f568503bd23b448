//! Why a request goes wrong, worked out at the moment at which its fate is decided.

use super::bios::{Bios, Fact};
use super::recorder::Why;
use crate::api::{Key, Kind};
use crate::cause::{Cause, Field, Mishap, What, later};
use crate::network::{Addresses, Arrival, Hop, Sender};
use crate::node::Machine;
use crate::node::kubelet::Worker;
use crate::node::proxy::Verdict;
use crate::time::Nanos;
use crate::traffic::{Client, Trouble};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// The cluster at that moment.
pub struct Scene<'a> {
    /// Virtual time.
    pub now: Nanos,
    /// The nodes.
    pub machines: &'a BTreeMap<Rc<str>, Machine>,
    /// Which node an address belongs to.
    pub addresses: &'a Addresses,
    /// What is known of causes.
    pub why: &'a Why,
}

/// What went wrong, and because of what.
type Finding = (Mishap, Vec<Cause>);

impl Scene<'_> {
    /// The cause of a request's trouble. Where nothing in the cluster is to blame it is what the client was told to do.
    pub fn blame(&self, client: &Client, number: u64, sender: &Sender, trouble: &Trouble) -> Cause {
        let (mishap, mut because) = match trouble {
            Trouble::Name(name) => self.name(client, name),
            Trouble::NoDns(arrival, hops, to) => {
                (Mishap::NoDns, vec![self.inner(client, number, self.route(sender, arrival, hops, *to))])
            }
            Trouble::Route(arrival, hops, to) => self.route(sender, arrival, hops, *to),
            Trouble::Futile => (Mishap::NobodyThere, vec![]),
            Trouble::NoTls => (Mishap::NoTls, vec![]),
            Trouble::Far(way) => self.far(sender, way, self.now.saturating_sub(client.setting.timeout)),
            Trouble::Ended { node, uid } => self.ended(node, uid),
            Trouble::Error { node, uid, status } => {
                let found = self.worker(node, uid);
                let field = if *status == 503 { Field::Unready } else { Field::Errors };
                let because = found.and_then(|w| w.origin(field).cloned());
                (Mishap::Error { pod: name_of(found), status: *status }, because.into_iter().collect())
            }
            Trouble::Slow { node, uid } => {
                let found = self.worker(node, uid);
                let setting = self.why.clients.get(client.setting.name.as_str());
                let because = later(found.and_then(|w| w.origin(Field::Latency)), setting);
                (Mishap::TooSlow { pod: name_of(found) }, because.into_iter().collect())
            }
        };
        if because.is_empty() {
            because.extend(self.why.clients.get(client.setting.name.as_str()).cloned());
        }
        Cause::new(self.now, What::Request { client: client.setting.name.as_str().into(), number, mishap }, because)
    }

    fn inner(&self, client: &Client, number: u64, (mishap, mut because): Finding) -> Cause {
        if because.is_empty() {
            because.extend(self.why.clients.get(client.setting.name.as_str()).cloned());
        }
        Cause::new(self.now, What::Request { client: client.setting.name.as_str().into(), number, mishap }, because)
    }

    fn worker(&self, node: &str, uid: &str) -> Option<&Worker> {
        self.machines.get(node)?.kubelet.pod(uid)
    }

    /// The process that held the connection is not there any more.
    fn ended(&self, node: &str, uid: &str) -> Finding {
        let machine = self.machines.get(node);
        let gone = machine.and_then(|m| m.kubelet.gone(uid));
        let pod = self.worker(node, uid).map(|w| Rc::from(w.pod.meta.name.as_str())).or_else(|| gone.map(|p| p.name.clone()));
        let why = machine.and_then(|m| m.kubelet.why(uid)).cloned();
        (Mishap::Broken { pod: pod.unwrap_or_default() }, why.into_iter().collect())
    }

    /// DNS had no address for the name: its Service went, or lost its endpoints (headless), or never was.
    fn name(&self, client: &Client, name: &Rc<str>) -> Finding {
        let own = client.pod().map_or("default", |key| &*key.namespace);
        let mut labels = name.split('.');
        let (service, namespace) = (labels.next().unwrap_or_default(), labels.next().unwrap_or(own));
        let dns: &Bios = &self.why.dns;
        let key = Key::new(namespace, service);
        let gone = dns.fact(Kind::Service, &key, Fact::Gone).cloned();
        let slices = dns.keys(Kind::EndpointSlice, namespace).filter(|k| k.name.starts_with(service));
        let emptied = slices.filter_map(|k| dns.latest(Kind::EndpointSlice, k, &[Fact::Left])).max_by_key(|why| why.at);
        let changed = dns.latest(Kind::Service, &key, &[Fact::Ports, Fact::Selector]);
        (Mishap::NoSuchName(name.clone()), gone.or(emptied).or(changed).into_iter().collect())
    }

    fn cut(&self, node: &Rc<str>) -> Finding {
        (Mishap::Cut { node: node.clone() }, self.why.cuts.get(node).cloned().into_iter().collect())
    }

    /// The network took too long: the slowest node's link on the way, or what lies between.
    fn far(&self, sender: &Sender, way: &[Hop], since: Nanos) -> Finding {
        let own = match sender {
            Sender::Pod { node, .. } => Some(node),
            Sender::Outside { .. } => None,
        };
        let target = |hop: &Hop| match hop.verdict {
            Verdict::Dnat { ip, .. } => ip,
            _ => *hop.destination.ip(),
        };
        let targets = way.iter().filter_map(|hop| self.addresses.node_of_pod(target(hop)));
        let nodes = own.into_iter().chain(way.iter().map(|hop| &hop.node)).chain(targets);
        let slow = |node: &&Rc<str>| {
            let link = self.why.links.get(&Some(Rc::clone(node)));
            link.is_some_and(|(_, end)| end.is_none_or(|end| end >= since))
        };
        let slowness = |node: &&Rc<str>| self.machines.get(*node).map_or(0, |m| m.latency);
        let node = nodes.filter(slow).max_by_key(slowness).cloned();
        let because = self.why.links.get(&node).map(|(why, _)| why.clone());
        (Mishap::SlowNetwork { node }, because.into_iter().collect())
    }

    fn is_down(&self, node: &str) -> bool {
        self.machines.get(node).is_some_and(|m| !m.up)
    }

    /// The first packet was refused, lost, or sent to nobody.
    fn route(&self, sender: &Sender, arrival: &Arrival, hops: &[Hop], to: SocketAddrV4) -> Finding {
        let at_home = |node: &&Rc<str>| self.is_down(node);
        if let Sender::Pod { node, .. } = sender
            && hops.len() > 1
            && at_home(&node)
        {
            return self.cut(node);
        }
        let Some(hop) = hops.last() else {
            return match self.addresses.node(*to.ip()).filter(at_home) {
                Some(node) => self.cut(node),
                None => self.nobody(None, to),
            };
        };
        match hop.verdict {
            Verdict::Reject => self.no_endpoints(hop),
            Verdict::Drop => self.no_local(hop),
            Verdict::Dnat { ip, port, .. } => self.target(hop, SocketAddrV4::new(ip, port), true, arrival),
            Verdict::Accept { .. } => self.target(hop, hop.destination, false, arrival),
        }
    }

    fn is_own(&self, ip: Ipv4Addr) -> bool {
        self.addresses.node_owning(ip).is_some()
    }

    fn no_endpoints(&self, hop: &Hop) -> Finding {
        let facts =
            self.machines.get(&hop.node).and_then(|m| m.ledger.port_at(hop.destination, self.is_own(*hop.destination.ip())));
        let Some(facts) = facts else { return self.nobody(Some(&hop.node), hop.destination) };
        let because = facts.emptied.as_ref().or(facts.emptied_here.as_ref()).unwrap_or(&facts.rules);
        (Mishap::NoEndpoints { node: hop.node.clone(), service: facts.service.clone() }, vec![because.clone()])
    }

    fn no_local(&self, hop: &Hop) -> Finding {
        let facts =
            self.machines.get(&hop.node).and_then(|m| m.ledger.port_at(hop.destination, self.is_own(*hop.destination.ip())));
        let Some(facts) = facts else { return self.nobody(Some(&hop.node), hop.destination) };
        let because = later(facts.emptied_here.as_ref(), facts.policy.as_ref()).unwrap_or_else(|| facts.rules.clone());
        (Mishap::NoLocalEndpoints { node: hop.node.clone(), service: facts.service.clone() }, vec![because])
    }

    /// No rule knew the address and nobody has it.
    fn nobody(&self, node: Option<&Rc<str>>, to: SocketAddrV4) -> Finding {
        let own = self.is_own(*to.ip());
        let closed = |m: &Machine| m.ledger.closed(to, own).cloned();
        // The Service is known, and still no rule took the packet: kube-proxy has just begun without rules.
        let bare = |m: &Machine| m.ledger.port_at(to, own).and(m.ledger.restarted()).cloned();
        let machine = node.and_then(|node| self.machines.get(node));
        if let Some(why) = machine.and_then(bare) {
            return (Mishap::NobodyThere, vec![why]);
        }
        let here = node.and_then(|node| self.machines.get(node)).and_then(closed);
        let because = here.or_else(|| self.machines.values().filter_map(closed).max_by_key(|why| why.at));
        (Mishap::NobodyThere, because.into_iter().collect())
    }

    /// The packet was for a Pod's address, chosen by rules or asked for outright.
    fn target(&self, hop: &Hop, to: SocketAddrV4, chosen: bool, arrival: &Arrival) -> Finding {
        let Some(owner) = self.addresses.node_of_pod(*to.ip()) else {
            return match self.addresses.node(*to.ip()).filter(|node| self.is_down(node)) {
                Some(node) => self.cut(node),
                None => self.nobody(Some(&hop.node), to),
            };
        };
        let cut = [owner, &hop.node].into_iter().find(|node| *owner != hop.node && self.is_down(node));
        let cut = cut.filter(|_| *arrival == Arrival::Silent);
        let (mishap, because) = self.at_pod(hop, owner, to, chosen);
        // A packet that a dead node swallowed for a Pod that was dead before would have failed without the cut as well.
        let first = |why: &Cause| cut.and_then(|node| self.why.cuts.get(node)).is_none_or(|cut| why.at < cut.at);
        match cut {
            Some(node) if !because.first().is_some_and(first) => self.cut(node),
            _ => (mishap, because),
        }
    }

    /// Why a Pod's address does not answer.
    fn at_pod(&self, hop: &Hop, owner: &Rc<str>, to: SocketAddrV4, chosen: bool) -> Finding {
        let Some(machine) = self.machines.get(owner) else { return self.nobody(Some(&hop.node), to) };
        if let Some(worker) = machine.kubelet.pod_at(*to.ip()) {
            let listens = worker.runs.iter().any(|run| run.listens(to.port(), self.now) || run.listens_udp(to.port(), self.now));
            return if listens { (Mishap::NobodyThere, vec![]) } else { self.not_listening(hop, worker, to.port(), chosen) };
        }
        match machine.kubelet.past(*to.ip()) {
            Some(past) => {
                let behind = chosen.then(|| self.behind(hop, &past.name)).flatten();
                (Mishap::PodGone { pod: past.name.clone(), behind }, past.why.iter().cloned().collect())
            }
            None => (Mishap::NobodyThere, vec![]),
        }
    }

    fn not_listening(&self, hop: &Hop, worker: &Worker, port: u16, chosen: bool) -> Finding {
        let name: Rc<str> = worker.pod.meta.name.as_str().into();
        let running = worker.runs.iter().find(|run| !run.init && run.is_running());
        let because = match running {
            Some(run) if run.app.port != Some(port) && !run.app.udp_ports.contains(&port) => {
                let facts = self
                    .machines
                    .get(&hop.node)
                    .and_then(|m| m.ledger.port_at(hop.destination, self.is_own(*hop.destination.ip())));
                let ports = facts.filter(|_| chosen).and_then(|f| f.targets.as_ref());
                later(ports, worker.origin(Field::Port))
            }
            _ => worker.why.clone(),
        };
        let behind = chosen.then(|| self.behind(hop, &name)).flatten();
        (Mishap::NotListening { pod: name, port, behind }, because.into_iter().collect())
    }

    /// How far the node that chose a Pod was behind.
    fn behind(&self, hop: &Hop, pod: &str) -> Option<crate::cause::Behind> {
        let machine = self.machines.get(&hop.node)?;
        let facts = machine.ledger.port_at(hop.destination, self.is_own(*hop.destination.ip()))?;
        let pod_key = Key::new(&facts.service.namespace, pod);
        let written = self.why.bios.fact(Kind::Pod, &pod_key, Fact::Left).map(|why| why.at);
        Some(machine.ledger.behind(&hop.node, facts, pod, written))
    }
}

fn name_of(worker: Option<&Worker>) -> Rc<str> {
    worker.map(|w| Rc::from(w.pod.meta.name.as_str())).unwrap_or_default()
}
