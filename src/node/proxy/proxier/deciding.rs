//! Packets, decided by walking the rules in force.

use super::Proxier;
use crate::node::proxy::modes::walk;
use crate::node::proxy::packet::{Packet, Verdict, Walk, WalkEnv};
use crate::time::{Nanos, Stream};

impl Proxier {
    /// What the rules in force would decide about a packet, asked `tries` times with a chance of the caller's own. Affinity and
    /// turns stay as they are: nothing is decided by it.
    pub fn peek(&self, packet: &Packet, now: Nanos, random: &mut Stream, tries: usize) -> Vec<Verdict> {
        let node = self.view.node().clone();
        let (mut affinity, mut round_robin) = (self.affinity.clone(), self.round_robin.clone());
        let mut once = || {
            let (affinity, round_robin, random) = (&mut affinity, &mut round_robin, &mut *random);
            let mut env = WalkEnv { now, random, affinity, round_robin, node: &node, trace: false };
            walk(&self.rules, packet, &mut env).verdict
        };
        (0..tries).map(|_| once()).collect()
    }

    /// Decides the first packet of a new connection by the rules in force.
    pub fn walk(&mut self, packet: &Packet, now: Nanos, random: &mut Stream, trace: bool) -> Walk {
        let node = self.view.node().clone();
        let (affinity, round_robin) = (&mut self.affinity, &mut self.round_robin);
        let mut env = WalkEnv { now, random, affinity, round_robin, node: &node, trace };
        walk(&self.rules, packet, &mut env)
    }
}
