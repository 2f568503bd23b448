//! Why a node's rules are as they are: which change of a Service or its slices each port's rules go back to.
//!
//! Promises: what is said of a port holds for the rules in force, not for what kube-proxy has only heard.

use super::proxy::{PortName, Programmed, Proxier, Synced};
use crate::api::{Key, Kind};
use crate::cause::{Act, Behind, Cause, What};
use crate::time::Nanos;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// Doors of Services that are gone and still remembered; beyond that the first by address are forgotten.
pub const GONE: usize = 512;

/// A change that kube-proxy's watch delivered and that is not in force yet.
#[derive(Clone, Debug)]
struct Heard {
    at: Nanos,
    service: Key,
    why: Cause,
}

/// A Service port as the rules in force have it.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The Service.
    pub service: Key,
    /// The rules: when they came in force, and because of what.
    pub rules: Cause,
    /// The rules by which the last endpoint anywhere went.
    pub emptied: Option<Cause>,
    /// The rules by which the last endpoint of this node went, where a policy asks for one.
    pub emptied_here: Option<Cause>,
    /// The rules by which the ports of the endpoints changed.
    pub targets: Option<Cause>,
    /// The rules by which a policy changed.
    pub policy: Option<Cause>,
    port: Rc<Programmed>,
}

/// Why the rules of one node are as they are.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    heard: Vec<Heard>,
    ports: BTreeMap<Rc<PortName>, Facts>,
    gone: BTreeMap<(Option<Ipv4Addr>, u16), Cause>,
    /// When the running sync began.
    writing: Option<Nanos>,
    /// Why kube-proxy was started anew last.
    restarted: Option<Cause>,
}

/// Makes the deed of a sync whose news come in this order: first those of which the test says so.
type Because<'a> = dyn Fn(&dyn Fn(&Cause) -> bool) -> Cause + 'a;

fn is_of(why: &Cause, of: Kind) -> bool {
    matches!(&why.what, What::Wrote { kind, .. } if *kind == of)
}

fn takes_away(why: &Cause) -> bool {
    matches!(&why.what, What::Wrote { act: Act::Endpoints { left, .. }, .. } if !left.is_empty())
}

fn changes_ports(why: &Cause) -> bool {
    matches!(&why.what, What::Wrote { act: Act::Endpoints { ports: true, .. }, .. })
}

fn takes_away_pod(why: &Cause, pod: &str) -> bool {
    matches!(&why.what, What::Wrote { act: Act::Endpoints { left, .. }, .. } if left.iter().any(|name| **name == *pod))
}

impl Ledger {
    /// kube-proxy's watch delivered a change of a Service or of one of its slices.
    pub fn heard(&mut self, service: Key, why: &Cause, now: Nanos) {
        self.heard.push(Heard { at: now, service, why: why.clone() });
    }

    /// kube-proxy is started anew: in another mode it begins without rules.
    pub fn restart(&mut self, why: &Cause) {
        self.writing = None;
        self.restarted = Some(why.clone());
    }

    /// Why kube-proxy was started anew last.
    pub fn restarted(&self) -> Option<&Cause> {
        self.restarted.as_ref()
    }

    /// kube-proxy did what was due at `now`: a sync may have ended, another may have begun.
    pub fn ran(&mut self, node: &Rc<str>, proxy: &Proxier, synced: Option<&Synced>, now: Nanos) {
        if let Some(synced) = synced {
            self.writing = None;
            self.synced(node, proxy, synced, now);
        }
        if proxy.is_writing() {
            self.writing.get_or_insert(now);
        }
    }

    fn synced(&mut self, node: &Rc<str>, proxy: &Proxier, synced: &Synced, now: Nanos) {
        let (done, rest): (Vec<Heard>, Vec<Heard>) = self.heard.drain(..).partition(|h| h.at <= synced.started);
        self.heard = rest;
        for name in &synced.ports {
            let news: Vec<&Heard> = done.iter().filter(|h| h.service == name.service).collect();
            let Some(last) = news.last() else { continue };
            let what = What::Rules { node: node.clone(), service: name.service.clone(), heard: last.at, began: synced.started };
            let because = |first: &dyn Fn(&Cause) -> bool| {
                let (mut first, rest): (Vec<Cause>, Vec<Cause>) = news.iter().rev().map(|h| h.why.clone()).partition(first);
                first.extend(rest);
                Cause::new(now, what.clone(), first)
            };
            match proxy.programmed(name) {
                Some(port) => self.port(name, port, &because),
                None => self.took_away(name, &because(&|why| is_of(why, Kind::Service))),
            }
        }
    }

    fn port(&mut self, name: &Rc<PortName>, port: &Rc<Programmed>, because: &Because) {
        let old = self.ports.remove(name);
        let (any, here) = (&port.endpoints, port.endpoints.local());
        let was = |f: &dyn Fn(&Facts) -> bool| old.as_ref().is_none_or(f);
        let target = |p: &Programmed| p.endpoints.reachable().first().map(|e| e.port);
        let moved = was(&|f| target(&f.port) != target(port) && target(port).is_some());
        let lost = any.reachable().is_empty() && was(&|f| !f.port.endpoints.reachable().is_empty());
        let lost_here = here.is_empty() && was(&|f| !f.port.endpoints.local().is_empty());
        let locals = |p: &Programmed| (p.port.internal_local, p.port.external_local);
        let policy = was(&|f| locals(&f.port) != locals(port));
        let keep = |new: bool, first: &dyn Fn(&Cause) -> bool, old: Option<&Cause>| {
            if new { Some(because(first)) } else { old.cloned() }
        };
        let facts = Facts {
            service: name.service.clone(),
            rules: because(&|_| true),
            emptied: keep(lost, &takes_away, old.as_ref().and_then(|f| f.emptied.as_ref())),
            emptied_here: keep(lost_here, &takes_away, old.as_ref().and_then(|f| f.emptied_here.as_ref())),
            targets: keep(moved, &changes_ports, old.as_ref().and_then(|f| f.targets.as_ref())),
            policy: keep(policy, &|why| is_of(why, Kind::Service), old.as_ref().and_then(|f| f.policy.as_ref())),
            port: port.clone(),
        };
        if let Some(old) = &old {
            // A door that the Service has no more leads nowhere because of this.
            let doors = doors(port);
            for door in self::doors(&old.port).into_iter().filter(|door| !doors.contains(door)) {
                self.close(door, because(&|why| is_of(why, Kind::Service)));
            }
        }
        self.ports.insert(name.clone(), facts);
    }

    fn took_away(&mut self, name: &Rc<PortName>, why: &Cause) {
        let Some(old) = self.ports.remove(name) else { return };
        for door in doors(&old.port) {
            self.close(door, why.clone());
        }
    }

    fn close(&mut self, door: (Option<Ipv4Addr>, u16), why: Cause) {
        self.gone.insert(door, why);
        if self.gone.len() > GONE {
            self.gone.pop_first();
        }
    }

    /// The Service port whose rules take packets to that address; `own`: it is an address of a node.
    pub fn port_at(&self, to: SocketAddrV4, own: bool) -> Option<&Facts> {
        self.ports.values().find(|f| doors(&f.port).contains(&door(to, own)))
    }

    /// Why no rule takes packets to that address any more.
    pub fn closed(&self, to: SocketAddrV4, own: bool) -> Option<&Cause> {
        self.gone.get(&door(to, own))
    }

    /// How far this node is behind with a Pod that is to go from a Service; `written`: when a slice without it was.
    pub fn behind(&self, node: &Rc<str>, facts: &Facts, pod: &str, written: Option<Nanos>) -> Behind {
        let heard = self.heard.iter().find(|h| takes_away_pod(&h.why, pod)).map(|h| h.at);
        let began = self.writing.filter(|began| heard.is_some_and(|heard| heard <= *began));
        let since = facts.rules.at;
        Behind { node: node.clone(), since, written: written.filter(|at| *at >= since || heard.is_some()), heard, began }
    }
}

fn door(to: SocketAddrV4, own: bool) -> (Option<Ipv4Addr>, u16) {
    (if own { None } else { Some(*to.ip()) }, to.port())
}

/// The addresses and ports that lead to a Service port; without an address: any of a node's own.
fn doors(port: &Programmed) -> Vec<(Option<Ipv4Addr>, u16)> {
    let port = &port.port;
    let ips = std::iter::once(&port.cluster_ip).chain(&port.external_ips).chain(&port.load_balancer_vips);
    let mut doors: Vec<(Option<Ipv4Addr>, u16)> = ips.map(|ip| (Some(*ip), port.port)).collect();
    if port.node_port != 0 {
        doors.push((None, port.node_port));
    }
    doors
}
