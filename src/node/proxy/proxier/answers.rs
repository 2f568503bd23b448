//! What a kube-proxy answers when asked: its rules as text (in any mode), health checks, and the leaving of ipvs real servers.

use super::{LARGE_CLUSTER_ENDPOINTS, Proxier};
use crate::node::proxy::conntrack::Conntrack;
use crate::node::proxy::health::{self, HealthAnswer};
use crate::node::proxy::ipvs;
use crate::node::proxy::modes::{Compiler, PortChanges, Programmed, RuleSet, SyncKind};
use crate::node::proxy::packet::Affinity;
use crate::node::proxy::port::{Protocol, ServicePort};
use crate::node::proxy::settings::Settings;
use crate::time::{Nanos, SECOND};
use std::net::Ipv4Addr;
use std::rc::Rc;

const MINUTE: Nanos = 60 * SECOND;

impl Proxier {
    /// What the rules in force would be in another mode (or after other settings): the same ports and endpoints, written anew.
    pub fn rules_as(&self, settings: &Settings) -> RuleSet {
        let compiler = Compiler::new(settings, self.view.node().clone());
        let changes: PortChanges = self.programmed.iter().map(|(name, new)| (name.clone(), Some(new.clone()))).collect();
        let large = self.view.total_endpoints() > LARGE_CLUSTER_ENDPOINTS;
        let delta = compiler.compile(SyncKind { full: true, large, keep_stale: false }, &changes);
        let mut rules = RuleSet::new(settings.mode);
        rules.apply(&compiler, delta, &mut Affinity::default(), 0);
        rules
    }

    /// Whether its syncs fail.
    pub fn is_failing(&self) -> bool {
        self.failing
    }

    /// Whether it keeps up: no change has waited for longer than twice the sync period (`/livez`).
    pub fn is_healthy(&self, now: Nanos) -> bool {
        health::is_healthy(self.behind_since(), self.settings.sync_period, now)
    }

    /// What a health check node port answers; `None`: no Service has that one.
    pub fn health_check(&self, node_port: u16, now: Nanos) -> Option<HealthAnswer> {
        let of = |p: &&Rc<Programmed>| p.port.health_check_node_port == node_port;
        let service = &self.programmed.values().find(of).filter(|_| node_port != 0)?.port.name.service;
        Some(health::service_answer(service, self.programmed_ports(service), self.is_healthy(now)))
    }

    /// Whether this node offers itself to the world outside for an address that a Service names (externalIPs, load balancer
    /// ingress): `None` if it does not, `Some(Some(port))` if connections must come by that node port (ipMode Proxy).
    /// With policy Local a node offers itself only while it has an endpoint of its own.
    pub fn announces(&self, ip: Ipv4Addr, (protocol, port): (Protocol, u16)) -> Option<Option<u16>> {
        let has_own = |p: &ServicePort| {
            let local = self.programmed(&p.name).map(|p| p.endpoints.local().iter().any(|e| e.local && e.ready));
            !p.external_local || local.unwrap_or(false)
        };
        let mut ports = self.view.behind_door(ip).filter(|p| has_own(p)).peekable();
        ports.peek()?;
        let mut by_node_port = None;
        for p in ports {
            if !p.load_balancer_proxies.contains(&ip) {
                return Some(None);
            }
            if (p.name.protocol, p.port) == (protocol, port) && p.node_port != 0 {
                by_node_port = Some(Some(p.node_port));
            }
        }
        by_node_port
    }

    /// ipvs mode: when to look next whether real servers on their way out have no connections left, with
    /// [`Proxier::clean_up_real_servers`] (also right after a sync). `None`: there are none.
    pub fn next_clean_up(&self, now: Nanos) -> Option<Nanos> {
        matches!(&*self.rules, RuleSet::Ipvs(rules) if rules.is_leaving()).then(|| (now / MINUTE + 1) * MINUTE)
    }

    /// ipvs mode: real servers on their way out go as soon as the node's connection table has nothing for them.
    pub fn clean_up_real_servers(&mut self, now: Nanos, conntrack: &Conntrack) {
        if self.next_clean_up(now).is_none() {
            return;
        }
        if let RuleSet::Ipvs(rules) = Rc::make_mut(&mut self.rules) {
            let count = |server: &ipvs::Server, real| {
                let (open, others) = conntrack.count_behind(*server, real);
                Some(open + others)
            };
            rules.clean_up(&mut self.affinity, now, count);
        }
    }

    /// The rules in force as the mode's own tool lists them; with the connections of each real server in ipvs mode.
    pub fn print(&self, conntrack: &Conntrack) -> String {
        let RuleSet::Ipvs(rules) = &*self.rules else { return self.rules.print() };
        ipvs::list(rules, |server, real| conntrack.count_behind(*server, real))
    }
}
