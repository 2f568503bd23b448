//! A packet's way through a node in ipvs mode: marked by nat rules, let in by filter rules, sent on by a virtual server.

use super::ruleset::{RuleSet, persistence_list};
use super::servers::{ROUND_ROBIN, Server};
use crate::node::proxy::iptables::{Decision, Walker, filter, nat};
use crate::node::proxy::packet::{Origin, Packet, Verdict, Walk, WalkEnv};
use crate::node::proxy::steps::{RuleText, Step};
use std::fmt;
use std::net::SocketAddrV4;

/// As [`crate::node::proxy::Affinity`] lists in the kernel have no bound of their own here.
const NO_LIMIT: usize = usize::MAX;

/// Chooses a real server: the one the client was with, or the next in turn.
fn schedule(rules: &RuleSet, server: &Server, client: std::net::Ipv4Addr, env: &mut WalkEnv) -> Option<SocketAddrV4> {
    let virtual_server = rules.servers.get(server)?;
    if let Some(seconds) = virtual_server.persistence {
        let stays = |real: &&super::RealServer| {
            let list = persistence_list(server, &real.address);
            real.weight > 0 && env.affinity.check(&list, client, seconds, env.now)
        };
        let known = virtual_server.reals.iter().find(stays);
        let chosen = known.or_else(|| virtual_server.next(env.round_robin.get(server).copied()))?.address;
        env.affinity.set(&persistence_list(server, &chosen), client, env.now, NO_LIMIT);
        if known.is_none() {
            env.round_robin.insert(*server, chosen);
        }
        return Some(chosen);
    }
    let chosen = virtual_server.next(env.round_robin.get(server).copied())?.address;
    env.round_robin.insert(*server, chosen);
    Some(chosen)
}

/// The filter hooks on the packet's way; `None`: it passes.
fn filtered(rules: &RuleSet, walker: &mut Walker, hooks: &[u32]) -> Option<Verdict> {
    hooks.iter().find_map(|hook| match walker.chain(&rules.filter, *hook, 0) {
        Some(Decision::Drop) => Some(Verdict::Drop),
        Some(Decision::Reject) => Some(Verdict::Reject),
        _ => None,
    })
}

/// A real server's line in the list.
struct Real(SocketAddrV4);

impl fmt::Display for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "-> {} Masq 1", self.0)
    }
}

fn step(server: &Server, real: SocketAddrV4) -> Step {
    let (ip, protocol, port) = server;
    let chain = format!("{} {ip}:{port} {ROUND_ROBIN}", protocol.name().to_uppercase()).into();
    Step { table: "ipvs", chain, rule: RuleText::of(Real(real)), probability: None, matched: true }
}

/// Decides the first packet of a connection by what is in force.
pub fn walk(rules: &RuleSet, packet: &Packet, env: &mut WalkEnv) -> Walk {
    let destination = packet.destination;
    let server = (*destination.ip(), packet.protocol, destination.port());
    let from_node = packet.origin == Origin::Node;
    let local = env.node.is_local(*destination.ip()) || rules.sets.is_bound(*destination.ip());
    let mut walker = Walker::new(packet, env, Some(&rules.sets));
    walker.chain(&rules.nat, if from_node { nat::OUTPUT } else { nat::PREROUTING }, 0);
    let hooks: &[u32] = match (from_node, local) {
        (true, true) => &[filter::OUTPUT, filter::INPUT],
        (true, false) => &[filter::OUTPUT],
        (false, true) => &[filter::INPUT],
        (false, false) => &[filter::FORWARD],
    };
    if let Some(verdict) = filtered(rules, &mut walker, hooks) {
        return Walk { verdict, steps: walker.steps };
    }
    if !local || !rules.servers.contains_key(&server) {
        let masquerade = (from_node || !local) && walker.chain(&rules.nat, nat::POSTROUTING, 0) == Some(Decision::Masquerade);
        return Walk { verdict: Verdict::Accept { masquerade }, steps: walker.steps };
    }
    // Without a real server the kernel answers port unreachable.
    let Some(real) = schedule(rules, &server, *packet.source.ip(), walker.env) else {
        return Walk { verdict: Verdict::Reject, steps: walker.steps };
    };
    if walker.env.trace {
        walker.steps.push(step(&server, real));
    }
    walker.destination = real;
    walker.dnat = true;
    let masquerade = walker.chain(&rules.nat, nat::POSTROUTING, 0) == Some(Decision::Masquerade);
    Walk { verdict: Verdict::Dnat { ip: *real.ip(), port: real.port(), masquerade }, steps: walker.steps }
}
