//! Addresses and ports of Services: nobody shares one, and what was released can be had again.

use kube_service_lab::api::{Kind, Service};
use kube_service_lab::lab::Lab;
use kube_service_lab::time::SECOND;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::rc::Rc;

pub fn all(lab: &Lab) -> impl Iterator<Item = &Rc<Service>> {
    lab.cluster().api().store().list(Kind::Service, None).filter_map(|o| o.as_::<Service>())
}

fn name(service: &Service) -> String {
    format!("{}/{}", service.meta.namespace, service.meta.name)
}

/// Notes that `who` has something; it is an error if somebody else has it.
fn take<K: Ord + std::fmt::Debug>(taken: &mut BTreeMap<K, String>, what: K, who: &Service) -> Result<(), String> {
    match taken.get(&what) {
        Some(other) => Err(format!("{what:?} belongs to {other} and to {}", name(who))),
        None => {
            taken.insert(what, name(who));
            Ok(())
        }
    }
}

pub fn check(lab: &Lab) -> Result<(), String> {
    let (mut ips, mut ports) = (BTreeMap::new(), BTreeMap::new());
    for service in all(lab) {
        let spec = &service.spec;
        let who = name(service);
        match (spec.type_.as_str(), spec.cluster_ip.as_str()) {
            ("ExternalName", "") | ("ClusterIP", "None") => {}
            (_, ip) => {
                let ip: Ipv4Addr = ip.parse().map_err(|_| format!("{who} of type {} has the ClusterIP {ip:?}", spec.type_))?;
                if u32::from(ip) >> 20 != u32::from(Ipv4Addr::new(10, 96, 0, 0)) >> 20 {
                    return Err(format!("{who}: {ip} is not in the Services' range"));
                }
                if spec.cluster_ips != [ip.to_string()] {
                    return Err(format!("{who}: clusterIP {ip}, but clusterIPs {:?}", spec.cluster_ips));
                }
                take(&mut ips, ip, service)?;
            }
        }
        let exposed = matches!(spec.type_.as_str(), "NodePort" | "LoadBalancer");
        for port in &spec.ports {
            if exposed && spec.allocate_load_balancer_node_ports != Some(false) && port.node_port == 0 {
                return Err(format!("{who}: port {} has no node port", port.port));
            }
            if port.node_port != 0 {
                if !exposed || !(30_000..=32_767).contains(&port.node_port) {
                    return Err(format!("{who} of type {} has node port {}", spec.type_, port.node_port));
                }
                take(&mut ports, (port.node_port, port.protocol.clone()), service)?;
            }
        }
        if spec.health_check_node_port != 0 {
            take(&mut ports, (spec.health_check_node_port, "TCP".into()), service)?;
        }
    }
    Ok(())
}

/// Once all Services are deleted, every address and port that the run may have used can be asked for again.
pub fn check_released(mut lab: Lab) -> Result<(), String> {
    let run = |lab: &mut Lab, line: String| {
        let id = lab.kubectl(&line);
        let until = lab.now() + SECOND;
        lab.advance(until, u64::MAX);
        let run = lab.output(id);
        run.map(|r| (r.exit, r.text.clone())).ok_or("no output")
    };
    let own: Vec<String> =
        all(&lab).filter(|s| s.meta.name != "kubernetes" && s.meta.namespace != "kube-system").map(|s| name(s)).collect();
    for service in own {
        let (namespace, name) = service.split_once('/').unwrap_or_default();
        run(&mut lab, format!("kubectl delete service {name} -n {namespace}"))?;
    }
    for n in 0..7 {
        let (ip, port) = (20 + n, 30_000 + n);
        let lines = [
            format!("kubectl create service clusterip last{n} --clusterip=10.96.0.{ip} --tcp=80"),
            format!("kubectl create service nodeport lasting{n} --tcp=80 --node-port={port}"),
        ];
        for line in lines {
            let (exit, text) = run(&mut lab, line.clone())?;
            if exit != Some(0) {
                return Err(format!("{line}: {text}"));
            }
        }
    }
    Ok(())
}
