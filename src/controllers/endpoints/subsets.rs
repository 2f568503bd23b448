//! The subsets of an Endpoints object: addresses that share a set of ports, in one order, and no more than fit.
//!
//! Source: `pkg/api/v1/endpoints/util.go` (RepackSubsets), `pkg/controller/endpoint/endpoints_controller.go` (truncation).

use crate::api::service::{EndpointAddress, EndpointPort, EndpointSubset};
use std::collections::BTreeMap;

/// Most addresses in an Endpoints object.
pub const MAX_CAPACITY: usize = 1000;

type PortKey = (String, String, i32, String);
type AddressKey = (String, String);
/// Ports in an order of their own, without repeats.
type Ports = BTreeMap<PortKey, EndpointPort>;

fn port_key(port: &EndpointPort) -> PortKey {
    (port.name.clone(), port.protocol.clone(), port.port, port.app_protocol.clone().unwrap_or_default())
}

fn address_key(address: &EndpointAddress) -> AddressKey {
    (address.ip.clone(), address.target_ref.as_ref().map_or(String::new(), |t| t.uid.clone()))
}

/// Merges addresses that have the same ports and puts everything in order. An address that is ready and not ready for one
/// port is not ready.
pub fn repack(subsets: Vec<EndpointSubset>) -> Vec<EndpointSubset> {
    // For each port, which addresses it has and whether each is ready.
    let mut by_port: BTreeMap<Option<PortKey>, BTreeMap<AddressKey, (EndpointAddress, bool)>> = BTreeMap::new();
    let mut ports = Ports::new();
    for subset in subsets {
        let keys: Vec<Option<PortKey>> = match subset.ports.is_empty() {
            true => vec![None],
            false => subset.ports.iter().map(|p| Some(port_key(p))).collect(),
        };
        ports.extend(subset.ports.into_iter().map(|p| (port_key(&p), p)));
        let ready = subset.addresses.into_iter().map(|a| (a, true));
        for (address, ready) in ready.chain(subset.not_ready_addresses.into_iter().map(|a| (a, false))) {
            for key in &keys {
                let entry = by_port.entry(key.clone()).or_default();
                entry.entry(address_key(&address)).or_insert_with(|| (address.clone(), true)).1 &= ready;
            }
        }
    }
    let mut by_address: BTreeMap<(AddressKey, bool), (EndpointAddress, Vec<PortKey>)> = BTreeMap::new();
    for (port, addresses) in by_port {
        for (key, (address, ready)) in addresses {
            by_address.entry((key, ready)).or_insert((address, vec![])).1.extend(port.clone());
        }
    }
    let mut packed: BTreeMap<Vec<PortKey>, EndpointSubset> = BTreeMap::new();
    for ((_, ready), (address, keys)) in by_address {
        let subset = packed.entry(keys).or_default();
        if ready { subset.addresses.push(address) } else { subset.not_ready_addresses.push(address) }
    }
    let finish = |(keys, mut subset): (Vec<PortKey>, EndpointSubset)| {
        subset.addresses.sort_by_key(address_key);
        subset.not_ready_addresses.sort_by_key(address_key);
        subset.ports = keys.iter().filter_map(|key| ports.get(key).cloned()).collect();
        subset
    };
    packed.into_iter().map(finish).collect()
}

/// Cuts what is beyond the limit, ready addresses last. Returns whether something was cut.
pub fn truncate(subsets: &mut [EndpointSubset]) -> bool {
    let ready: usize = subsets.iter().map(|s| s.addresses.len()).sum();
    let not_ready: usize = subsets.iter().map(|s| s.not_ready_addresses.len()).sum();
    if ready + not_ready <= MAX_CAPACITY {
        return false;
    }
    let cut_ready = ready > MAX_CAPACITY;
    let (capacity, total) = if cut_ready { (MAX_CAPACITY, ready) } else { (MAX_CAPACITY - ready, not_ready) };
    let mut left = capacity;
    for subset in subsets {
        if cut_ready {
            subset.not_ready_addresses.clear();
        }
        let list = if cut_ready { &mut subset.addresses } else { &mut subset.not_ready_addresses };
        // The same float operations as Kubernetes', whose rounding decides.
        let share = (list.len() as f64 / total as f64 * capacity as f64).ceil() as usize;
        list.truncate(share.min(left));
        left -= list.len();
    }
    true
}

/// How many addresses there are.
pub fn count(subsets: &[EndpointSubset]) -> usize {
    subsets.iter().map(|s| s.addresses.len() + s.not_ready_addresses.len()).sum()
}

/// Whether two lists of subsets say the same, however they are ordered.
pub fn equal(a: &[EndpointSubset], b: &[EndpointSubset]) -> bool {
    a == b || repack(a.to_vec()) == repack(b.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subset(ips: &[&str], not_ready: &[&str], ports: &[i32]) -> EndpointSubset {
        let list = |ips: &[&str]| ips.iter().map(|ip| EndpointAddress { ip: ip.to_string(), ..Default::default() }).collect();
        EndpointSubset {
            addresses: list(ips),
            not_ready_addresses: list(not_ready),
            ports: ports.iter().map(|p| EndpointPort { port: *p, ..Default::default() }).collect(),
        }
    }

    #[test]
    fn addresses_with_the_same_ports_share_a_subset() {
        let packed = repack(vec![subset(&["b"], &[], &[80]), subset(&["a"], &[], &[80]), subset(&["a", "b"], &[], &[81])]);
        assert_eq!(packed, [subset(&["a", "b"], &[], &[80, 81])]);
        let packed = repack(vec![subset(&["a"], &[], &[80]), subset(&[], &["a"], &[80])]);
        assert_eq!(packed, [subset(&[], &["a"], &[80])], "not ready wins");
    }

    #[test]
    fn ready_addresses_are_cut_last() {
        let many = |n: usize, from: usize| -> Vec<EndpointAddress> {
            (from..from + n).map(|i| EndpointAddress { ip: format!("{i:05}"), ..Default::default() }).collect()
        };
        let mut subsets = vec![
            EndpointSubset { addresses: many(600, 0), not_ready_addresses: many(300, 1000), ports: vec![] },
            EndpointSubset { addresses: many(200, 2000), not_ready_addresses: many(100, 3000), ports: vec![] },
        ];
        assert!(truncate(&mut subsets));
        let sizes: Vec<_> = subsets.iter().map(|s| (s.addresses.len(), s.not_ready_addresses.len())).collect();
        assert_eq!(sizes, [(600, 150), (200, 50)]);
        subsets[1].addresses = many(900, 2000);
        assert!(truncate(&mut subsets));
        let sizes: Vec<_> = subsets.iter().map(|s| (s.addresses.len(), s.not_ready_addresses.len())).collect();
        assert_eq!(sizes, [(400, 0), (600, 0)]);
        assert!(!truncate(&mut subsets));
    }
}
