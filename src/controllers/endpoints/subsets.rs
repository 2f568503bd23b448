//! The subsets of an Endpoints object: addresses that share a set of ports, in one order, and no more than fit.
//!
//! Source: `pkg/api/v1/endpoints/util.go` (RepackSubsets), `pkg/controller/endpoint/endpoints_controller.go` (truncation).

use crate::api::service::{EndpointAddress, EndpointPort, EndpointSubset};
use crate::controllers::port_order::sort_subset_ports;
use crate::sorting::Arrange;
use std::collections::BTreeMap;

/// Most addresses in an Endpoints object.
pub const MAX_CAPACITY: usize = 1000;

type PortKey = (String, String, i32, String);
/// Addresses by their number, and whether each is ready.
type Listed = Vec<(usize, bool)>;

fn port_key(port: &EndpointPort) -> PortKey {
    (port.name.clone(), port.protocol.clone(), port.port, port.app_protocol.clone().unwrap_or_default())
}

/// What orders addresses and tells them apart.
fn address_key(address: &EndpointAddress) -> (&str, &str) {
    (&address.ip, address.target_ref.as_ref().map_or("", |t| &t.uid))
}

/// Merges ports that have the same addresses and puts everything in order. An address that is ready and not ready for one
/// port is not ready.
pub fn repack(subsets: Vec<EndpointSubset>) -> Vec<EndpointSubset> {
    let addresses = all_addresses(&subsets);
    let number = |address: &EndpointAddress| {
        addresses.binary_search_by(|known| address_key(known).cmp(&address_key(address))).unwrap_or_default()
    };
    let mut by_port: BTreeMap<Option<PortKey>, (Option<&EndpointPort>, Listed)> = BTreeMap::new();
    for subset in &subsets {
        let ready = subset.addresses.iter().map(|a| (number(a), true));
        let listed: Listed = ready.chain(subset.not_ready_addresses.iter().map(|a| (number(a), false))).collect();
        if subset.ports.is_empty() {
            by_port.entry(None).or_default().1.extend(&listed);
        }
        for port in &subset.ports {
            by_port.entry(Some(port_key(port))).or_insert((Some(port), vec![])).1.extend(&listed);
        }
    }
    let mut packed: BTreeMap<Listed, EndpointSubset> = BTreeMap::new();
    for (port, mut listed) in by_port.into_values() {
        // Not ready comes first of one address, and is what stays.
        listed.arrange();
        listed.dedup_by_key(|(number, _)| *number);
        let subset = packed.entry(listed).or_insert_with_key(|listed| split(listed, &addresses));
        subset.ports.extend(port.cloned());
    }
    let finish = |mut subset: EndpointSubset| {
        sort_subset_ports(&mut subset.ports);
        subset
    };
    packed.into_values().map(finish).collect()
}

/// Every address once, in order.
fn all_addresses(subsets: &[EndpointSubset]) -> Vec<&EndpointAddress> {
    let all = subsets.iter().flat_map(|s| s.addresses.iter().chain(&s.not_ready_addresses));
    let mut all: Vec<&EndpointAddress> = all.collect();
    all.arrange_by(|a, b| address_key(a).cmp(&address_key(b)));
    all.dedup_by(|a, b| address_key(a) == address_key(b));
    all
}

/// Ready addresses and the others, each in order.
fn split(listed: &Listed, addresses: &[&EndpointAddress]) -> EndpointSubset {
    let mut subset = EndpointSubset::default();
    for (number, ready) in listed {
        let list = if *ready { &mut subset.addresses } else { &mut subset.not_ready_addresses };
        list.push(addresses[*number].clone());
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
