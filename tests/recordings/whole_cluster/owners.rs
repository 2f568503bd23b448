//! Owners exist, nothing outlives its namespace, and Pods have addresses of their own.

use kube_service_lab::api::object::KINDS;
use kube_service_lab::api::{Key, Kind, Namespace, Node, Object, Pod};
use kube_service_lab::lab::Lab;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

pub fn check(lab: &Lab) -> Result<(), String> {
    let api = lab.cluster().api();
    let cut_off = lab.cluster().machines().values().any(|m| !m.connected);
    for object in KINDS.iter().flat_map(|k| api.store().list(k.kind, None)) {
        let (meta, what) = (object.meta(), format!("{} {}", object.kind().info().name, object.key()));
        for owner in &meta.owner_references {
            let kind = Kind::from_manifest(&owner.api_version, &owner.kind).ok_or_else(|| format!("{what}: owner {owner:?}"))?;
            let namespace = if kind.info().namespaced { meta.namespace.as_str() } else { "" };
            let there = api.store().get(kind, &Key::new(namespace, &owner.name)).is_some_and(|o| o.meta().uid == owner.uid);
            // What is being deleted already may wait for its node longer than its owner did.
            if !there && !meta.is_deleting() {
                return Err(format!("{what}: its owner {} {} ({}) is not there", owner.kind, owner.name, owner.uid));
            }
        }
        if meta.owner_references.iter().filter(|o| o.controller == Some(true)).count() > 1 {
            return Err(format!("{what}: two controllers"));
        }
        if !meta.namespace.is_empty() && api.get::<Namespace>(&Key::new("", &meta.namespace)).is_none() {
            return Err(format!("{what}: its namespace is not there"));
        }
        // A Pod on a node that is cut off stays until the node is back, and with it who waits for it; a namespace is given time.
        if meta.is_deleting() && !cut_off && !matches!(object, Object::Pod(_) | Object::Namespace(_)) {
            return Err(format!("{what}: still being deleted; finalizers {:?}", meta.finalizers));
        }
    }
    addresses(lab)
}

fn addresses(lab: &Lab) -> Result<(), String> {
    let api = lab.cluster().api();
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for pod in api.store().list(Kind::Pod, None).filter_map(|o| o.as_::<Pod>()).filter(|p| !p.is_terminal()) {
        let (name, ip) = (pod.meta.name.as_str(), pod.status.pod_ip.as_str());
        if ip.is_empty() || pod.spec.host_network {
            continue;
        }
        if let Some(other) = taken.insert(ip, name) {
            return Err(format!("Pods {other} and {name} share {ip}"));
        }
        // The control plane's node has no range that is told.
        let Some(node) = api.get::<Node>(&Key::new("", &pod.spec.node_name)).filter(|n| !n.spec.pod_cidr.is_empty()) else {
            continue;
        };
        let (base, bits) = node.spec.pod_cidr.split_once('/').ok_or("no Pod range")?;
        let number = |text: &str| text.parse::<Ipv4Addr>().map(u32::from).map_err(|_| format!("no address: {text:?}"));
        let shift = 32 - bits.parse::<u32>().map_err(|e| e.to_string())?;
        if number(ip)? >> shift != number(base)? >> shift {
            return Err(format!("Pod {name} on {} has {ip}, which is not in {}", pod.spec.node_name, node.spec.pod_cidr));
        }
    }
    Ok(())
}
