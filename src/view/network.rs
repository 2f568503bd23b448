//! What can be set about the network and the kube-proxies, as choices in plain words, each with the setting that makes it so.

use super::choice::{Choice, values};
use crate::lab::{Lab, NetworkSetting};
use crate::node::Machine;
use crate::node::proxy::{Mode, Settings as Proxy, SyncCost};
use crate::time::{MICROSECOND, MILLISECOND, Nanos, SECOND};

const MODES: [(&str, Mode); 3] = [("iptables", Mode::Iptables), ("nftables", Mode::Nftables), ("ipvs (deprecated)", Mode::Ipvs)];
const MIN_SYNC: [(&str, Nanos); 4] = [("1 s", SECOND), ("none", 0), ("5 s", 5 * SECOND), ("30 s", 30 * SECOND)];
const SYNC: [(&str, Nanos); 3] = [("30 s", 30 * SECOND), ("10 s", 10 * SECOND), ("5 min", 300 * SECOND)];
/// What a written rule takes.
const COSTS: [(&str, Nanos); 4] = [
    ("hardly any time", 4 * MICROSECOND),
    ("as among 5,000 Services", 50 * MILLISECOND),
    ("as among 20,000 Services", 200 * MILLISECOND),
    ("very long", SECOND),
];
const DELAYS: [(&str, Nanos); 4] = [("at once", 0), ("1 s late", SECOND), ("5 s late", 5 * SECOND), ("30 s late", 30 * SECOND)];
const LINKS: [(&str, Nanos); 4] =
    [("fast", 0), ("20 ms slower", 20 * MILLISECOND), ("0.3 s slower", 300 * MILLISECOND), ("3 s slower", 3 * SECOND)];
const WAYS: [(&str, Nanos); 3] = [("0.25 ms", 250 * MICROSECOND), ("10 ms", 10 * MILLISECOND), ("0.3 s", 300 * MILLISECOND)];

/// The choices about all nodes (`None`), or about one.
pub fn network_choices(lab: &Lab, node: Option<&str>) -> Vec<Choice<NetworkSetting>> {
    let machines = lab.cluster().machines();
    let machine = node.map_or_else(|| machines.values().next(), |name| machines.get(name));
    let Some(machine) = machine else { return vec![] };
    let mut found = proxy(machine, node);
    match node {
        Some(node) => found.extend(own(machine, node)),
        None => {
            let link = crate::cluster::Link::BetweenNodes;
            let now = lab.cluster().settings.hop_remote;
            found.push(values("a packet between nodes takes", &WAYS, now, |median| NetworkSetting::Latency { link, median }));
        }
    }
    found
}

/// How a kube-proxy writes rules, and when.
fn proxy(machine: &Machine, node: Option<&str>) -> Vec<Choice<NetworkSetting>> {
    let node = || node.map(str::to_string);
    let settings: &Proxy = machine.proxy.settings();
    let (min, sync, cost) = (settings.min_sync_period, settings.sync_period, settings.cost);
    vec![
        values("kube-proxy's mode", &MODES, settings.mode, |mode| NetworkSetting::ProxyMode { node: node(), mode }),
        values("least time between two syncs (minSyncPeriod)", &MIN_SYNC, min, |min_sync| NetworkSetting::ProxyPeriods {
            node: node(),
            min_sync,
            sync,
        }),
        values("a full sync at the latest after (syncPeriod)", &SYNC, sync, |sync| NetworkSetting::ProxyPeriods {
            node: node(),
            min_sync: min,
            sync,
        }),
        values("to write a rule takes", &COSTS, cost.per_written_rule, |per_written_rule| NetworkSetting::ProxyCost {
            node: node(),
            cost: SyncCost { per_written_rule, ..cost },
        }),
    ]
}

/// What is a node's own: faults of its kube-proxy, its watches, its link.
fn own(machine: &Machine, node: &str) -> Vec<Choice<NetworkSetting>> {
    let name = || node.to_string();
    let ways = [("succeed", false), ("fail", true)];
    vec![
        values("its syncs", &ways, machine.proxy.is_failing(), |fails| NetworkSetting::ProxyFails { node: name(), fails }),
        values("it hears of changes", &DELAYS, machine.watch_delay, |extra| NetworkSetting::WatchDelay { node: name(), extra }),
        values("its link is", &LINKS, machine.latency, |extra| NetworkSetting::NodeLatency { node: name(), extra }),
    ]
}

#[cfg(test)]
mod tests {
    use super::network_choices;
    use crate::lab::{Command, Lab};
    use crate::time::SECOND;

    #[test]
    fn every_choice_that_is_made_is_the_one_that_is_shown() {
        let mut lab = Lab::start("first", 1);
        for node in [None, Some("node-2")] {
            assert!(network_choices(&lab, node).iter().all(|choice| choice.chosen == Some(0)), "{node:?}");
            for (i, choice) in network_choices(&lab, node).into_iter().enumerate() {
                for (n, (words, setting)) in choice.options.into_iter().enumerate().rev() {
                    lab.apply(Command::Network(setting));
                    lab.advance(lab.now() + 4 * SECOND, u64::MAX);
                    assert_eq!(network_choices(&lab, node)[i].chosen, Some(n), "{node:?} {}: {words}", choice.label);
                }
            }
        }
        assert!(network_choices(&lab, Some("nobody")).is_empty());
    }
}
