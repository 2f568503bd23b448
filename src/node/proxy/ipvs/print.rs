//! The virtual servers as `ipvsadm -Ln` prints them.

use super::ruleset::RuleSet;
use super::servers::{ROUND_ROBIN, Server};
use crate::sorting::Arrange;
use std::fmt::Write;
use std::net::SocketAddrV4;

/// All virtual servers. `connections`: how many active and inactive connections a real server has.
pub fn list(rules: &RuleSet, connections: impl Fn(&Server, SocketAddrV4) -> (usize, usize)) -> String {
    let mut out = String::from(
        "IP Virtual Server version 1.2.1 (size=4096)\n\
         Prot LocalAddress:Port Scheduler Flags\n  \
         -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n",
    );
    let mut servers: Vec<_> = rules.servers().collect();
    servers.arrange_by_key(|((ip, protocol, port), _)| (*protocol, *ip, *port));
    for (server, virtual_server) in servers {
        let (ip, protocol, port) = server;
        let flags = virtual_server.persistence.map(|s| format!(" persistent {s}")).unwrap_or_default();
        let _ = writeln!(out, "{:<4} {ip}:{port} {ROUND_ROBIN}{flags}", protocol.name().to_uppercase());
        let mut reals = virtual_server.reals.clone();
        reals.arrange_by_key(|real| real.address);
        for real in reals {
            let (active, inactive) = connections(server, real.address);
            let address = real.address.to_string();
            let _ = writeln!(out, "  -> {address:<28} {:<7} {:<6} {active:<10} {inactive:<10}", "Masq", real.weight);
        }
    }
    out
}
