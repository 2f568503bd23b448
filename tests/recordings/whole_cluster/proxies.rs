//! Once a node has heard of everything, its rules are those that a kube-proxy started now would write.

use kube_service_lab::api::{EndpointSlice, Kind, Service};
use kube_service_lab::lab::Lab;
use kube_service_lab::node::Machine;
use kube_service_lab::node::proxy::Proxier;
use kube_service_lab::time::Stream;
use std::rc::Rc;

pub fn check(lab: &Lab) -> Result<(), String> {
    let now = lab.cluster().now();
    for (name, machine) in lab.cluster().machines().iter().filter(|(_, m)| m.connected) {
        if machine.proxy.behind_since().is_some() || machine.proxy.is_writing() {
            return Err(format!("kube-proxy of {name} is behind for {} ns", machine.proxy.lag(now)));
        }
        let (expected, got) = (printed(&fresh(lab, machine)?), printed(&machine.proxy));
        if expected != got {
            let missing: Vec<&str> = expected.lines().filter(|l| !got.lines().any(|g| g == *l)).collect();
            let surplus: Vec<&str> = got.lines().filter(|l| !expected.lines().any(|e| e == *l)).collect();
            return Err(format!("rules of {name}: missing {missing:#?}, surplus {surplus:#?}"));
        }
    }
    Ok(())
}

/// The rules in force. In nftables mode a chain that is no longer used stays, empty, until a later sync.
fn printed(proxy: &Proxier) -> String {
    let text = proxy.rules().print();
    let lines: Vec<&str> = text.lines().collect();
    let next = |i: usize| lines.get(i + 1).is_some_and(|l| l.trim() == "}");
    let before = |i: usize| i > 0 && lines[i - 1].trim_start().starts_with("chain ");
    let empty = |i: usize| (lines[i].trim_start().starts_with("chain ") && next(i)) || (lines[i].trim() == "}" && before(i));
    (0..lines.len()).filter(|i| !lines[*i].is_empty() && !empty(*i)).map(|i| lines[i].to_string() + "\n").collect()
}

/// A kube-proxy that starts on the same node with everything there is.
fn fresh(lab: &Lab, machine: &Machine) -> Result<Proxier, String> {
    let settings = Rc::new(machine.proxy.settings().clone());
    let mut proxy = Proxier::new(settings, machine.proxy.view().node().clone());
    let store = lab.cluster().api().store();
    for service in store.list(Kind::Service, None).filter_map(|o| o.as_::<Service>()) {
        proxy.set_service(service.clone(), 0);
    }
    for slice in store.list(Kind::EndpointSlice, None).filter_map(|o| o.as_::<EndpointSlice>()) {
        proxy.set_slice(slice.clone(), 0);
    }
    proxy.synced();
    let (mut now, mut random) = (0, Stream::new(1, "fresh"));
    while now == 0 || proxy.behind_since().is_some() || proxy.is_writing() {
        now = proxy.next_due().ok_or("a fresh proxy does not sync")?.max(now + 1);
        proxy.run(now, &mut random);
    }
    Ok(proxy)
}
