//! The subsets of an Endpoints object: addresses that share a set of ports, in one order, and no more than fit.
//!
//! Source: `pkg/api/v1/endpoints/util.go` (RepackSubsets), `pkg/controller/endpoint/endpoints_controller.go` (truncation).

use crate::api::service::{EndpointAddress, EndpointPort, EndpointSubset};
use crate::controllers::port_order::sort_subset_ports;
use std::collections::BTreeMap;

/// Most addresses in an Endpoints object.
pub const MAX_CAPACITY: usize = 1000;

type PortKey = (String, String, i32, String);
type AddressKey = (String, String);

fn port_key(port: &EndpointPort) -> PortKey {
    (port.name.clone(), port.protocol.clone(), port.port, port.app_protocol.clone().unwrap_or_default())
}

fn address_key(address: &EndpointAddress) -> AddressKey {
    (address.ip.clone(), address.target_ref.as_ref().map_or(String::new(), |t| t.uid.clone()))
}

/// The addresses of a port, and whether each is ready.
type Addresses = BTreeMap<AddressKey, (EndpointAddress, bool)>;

/// Merges ports that have the same addresses and puts everything in order. An address that is ready and not ready for one
/// port is not ready.
pub fn repack(subsets: Vec<EndpointSubset>) -> Vec<EndpointSubset> {
    let mut by_port: BTreeMap<Option<PortKey>, Addresses> = BTreeMap::new();
    let mut ports: BTreeMap<PortKey, EndpointPort> = BTreeMap::new();
    for subset in subsets {
        let keys: Vec<Option<PortKey>> = match subset.ports.is_empty() {
            true => vec![None],
            false => subset.ports.iter().map(|p| Some(port_key(p))).collect(),
        };
        ports.extend(subset.ports.into_iter().map(|p| (port_key(&p), p)));
        let ready = subset.addresses.into_iter().map(|a| (a, true));
        for (address, ready) in ready.chain(subset.not_ready_addresses.into_iter().map(|a| (a, false))) {
            for key in &keys {
                let addresses = by_port.entry(key.clone()).or_default();
                addresses.entry(address_key(&address)).or_insert_with(|| (address.clone(), true)).1 &= ready;
            }
        }
    }
    let mut packed: BTreeMap<Vec<(AddressKey, bool)>, EndpointSubset> = BTreeMap::new();
    for (port, addresses) in by_port {
        let set = addresses.iter().map(|(key, (_, ready))| (key.clone(), *ready)).collect();
        let subset = packed.entry(set).or_insert_with(|| split(addresses));
        subset.ports.extend(port.and_then(|key| ports.get(&key).cloned()));
    }
    let finish = |mut subset: EndpointSubset| {
        sort_subset_ports(&mut subset.ports);
        subset
    };
    packed.into_values().map(finish).collect()
}

/// Ready addresses and the others, each in order.
fn split(addresses: Addresses) -> EndpointSubset {
    let mut subset = EndpointSubset::default();
    for (address, ready) in addresses.into_values() {
        let list = if ready { &mut subset.addresses } else { &mut subset.not_ready_addresses };
        list.push(address);
    }
    subset
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
    fn ports_with_the_same_addresses_share_a_subset() {
        let parts = vec![subset(&["b"], &[], &[80]), subset(&["a"], &[], &[80]), subset(&["a", "b"], &[], &[81])];
        let packed = repack(parts.clone());
        assert_eq!((packed.len(), packed[0].addresses.len(), packed[0].ports.len()), (1, 2, 2));
        let packed = repack([parts, vec![subset(&["a"], &[], &[82])]].concat());
        assert_eq!(packed.len(), 2, "a has one port more: it is listed twice");
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
