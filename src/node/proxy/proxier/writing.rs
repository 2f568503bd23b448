//! Syncs: when one starts, what it compiles, how long it takes, and how its work is put in force.
//!
//! Promises: the rules in force change only when a sync has finished, to what was known when it began; a sync compiles only
//! the Services that were touched since the last one, unless it is a full one.

use super::{LARGE_CLUSTER_ENDPOINTS, Proxier};
use crate::api::Key;
use crate::node::proxy::categorize::categorize;
use crate::node::proxy::conntrack::UdpServices;
use crate::node::proxy::modes::{Delta, PortChanges, Programmed, SyncKind};
use crate::node::proxy::port::{PortName, Protocol};
use crate::node::proxy::sync::Start;
use crate::time::{Nanos, Stream};
use std::collections::BTreeSet;
use std::rc::Rc;

#[derive(Clone, Debug)]
pub(super) struct InFlight {
    full: bool,
    keep_stale: bool,
    started: Nanos,
    delta: Delta,
    programmed: PortChanges,
    udp: Option<UdpServices>,
}

/// A sync that has just ended.
#[derive(Clone, Debug)]
pub struct Synced {
    /// When it began: what was known then is in force now.
    pub started: Nanos,
    /// Whether everything was written.
    pub full: bool,
    /// The ports whose rules were written or taken away.
    pub ports: Vec<Rc<PortName>>,
    /// UDP flows to clean up; `None`: no UDP Service's endpoints changed. For [`clean_up`](crate::node::proxy::Conntrack::clean_up).
    pub udp: Option<UdpServices>,
}

impl Proxier {
    /// When [`Proxier::run`] has something to do next: a sync starts or ends. (May be in the past: then at once.)
    pub fn next_due(&self) -> Option<Nanos> {
        self.runner.next()
    }

    /// Does what is due: ends a sync (its rules are in force now), starts one. Call it at [`Proxier::next_due`].
    pub fn run(&mut self, now: Nanos, random: &mut Stream) -> Option<Synced> {
        let synced = self.finish(now);
        if self.view.is_unsettled() {
            Rc::make_mut(&mut self.view).settle();
        }
        let large = self.view.total_endpoints() > LARGE_CLUSTER_ENDPOINTS;
        if let Some(start) = self.runner.start(now, large) {
            let in_flight = self.compile(start, now, large);
            let median = self.cost(&in_flight);
            self.in_flight = Some(Box::new(in_flight));
            self.runner.running(start, now, now + random.around(median));
        }
        synced
    }

    /// Compiles what changed since the last sync, or everything.
    fn compile(&mut self, start: Start, now: Nanos, large: bool) -> InFlight {
        let dirty = if self.view.is_dirty() { Rc::make_mut(&mut self.view).take_dirty() } else { BTreeSet::new() };
        let services: BTreeSet<Key> =
            if start.full { self.view.services().map(|(key, _)| key.clone()).chain(dirty).collect() } else { dirty };
        let mut programmed = PortChanges::new();
        for service in &services {
            let gone = self.by_service.get(service).into_iter().flatten();
            programmed.extend(gone.map(|port| (port.clone(), None)));
            for port in self.view.ports(service) {
                let endpoints = categorize(self.view.endpoints(&port.name), port, self.view.node());
                programmed.insert(port.name.clone(), Some(Rc::new(Programmed { port: port.clone(), endpoints })));
            }
        }
        let udp = programmed.keys().any(|p| p.protocol == Protocol::Udp).then(|| UdpServices::new(&self.view));
        if !start.full {
            // A port whose choice of endpoints is the same needs nothing.
            programmed.retain(|name, new| self.programmed.get(name) != new.as_ref());
        }
        let due = |at| now >= at + self.settings.sync_period;
        let keep_stale = large && !self.last_clean_up.is_none_or(due);
        let delta = self.compiler.compile(SyncKind { full: start.full, large, keep_stale }, &programmed);
        InFlight { full: start.full, keep_stale, started: now, delta, programmed, udp }
    }

    /// How long writing takes.
    fn cost(&self, in_flight: &InFlight) -> Nanos {
        let cost = &self.settings.cost;
        let written = in_flight.delta.rule_count(self.programmed.len());
        let kept = self.rules.rule_count();
        let twice = if in_flight.full { 2 } else { 1 };
        twice * (cost.fixed + cost.per_written_rule * written as Nanos + cost.per_kept_rule * kept as Nanos)
    }

    /// Puts the running sync's work in force if it ends now.
    fn finish(&mut self, now: Nanos) -> Option<Synced> {
        let ok = !self.failing;
        if !self.runner.finish(now, ok) {
            return None;
        }
        let work = self.in_flight.take().filter(|_| ok)?;
        if !work.keep_stale {
            self.last_clean_up = Some(now);
        }
        Rc::make_mut(&mut self.rules).apply(&self.compiler, work.delta, &mut self.affinity, now);
        let programmed = Rc::make_mut(&mut self.programmed);
        if work.full {
            programmed.clear();
            self.by_service.clear();
        }
        for (name, new) in &work.programmed {
            let ports = self.by_service.entry(name.service.clone()).or_default();
            match new {
                Some(new) => {
                    ports.insert(name.clone());
                    programmed.insert(name.clone(), new.clone());
                }
                None => {
                    ports.remove(name);
                    programmed.remove(name);
                }
            }
            if ports.is_empty() {
                self.by_service.remove(&name.service);
            }
        }
        let ports = work.programmed.into_keys().collect();
        Some(Synced { started: work.started, full: work.full, ports, udp: work.udp })
    }
}
