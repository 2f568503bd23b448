//! Which endpoints of a Service port a node uses.

use super::Comparison;
use super::input::{list, parse, text, texts};
use super::proxy::node_info;
use crate::api::Key;
use crate::node::proxy::{Endpoint, PortName, Protocol, ServicePort, categorize};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::rc::Rc;

/// categorize-endpoints.
pub fn run(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let input = &case["in"];
    let node = node_info(&json!({"name": input["nodeName"], "labels": input["nodeLabels"]}))?;
    let endpoints: Vec<Rc<Endpoint>> = list(input, "endpoints").iter().map(endpoint).collect::<Result<_, _>>()?;
    let port = service_port(&input["service"]);
    let chosen = categorize(&endpoints, &port, &node);
    let ips = |l: &Option<Vec<Rc<Endpoint>>>| l.as_ref().map(|l| l.iter().map(|e| e.ip.to_string()).collect::<Vec<_>>());
    let got = json!({
        "allReachableEndpoints": ips(&chosen.reachable),
        "clusterEndpoints": ips(&chosen.cluster),
        "hasAnyEndpoints": chosen.any,
        "localEndpoints": ips(&chosen.local),
        "usesClusterEndpoints": port.uses_cluster_endpoints(),
        "usesLocalEndpoints": port.uses_local_endpoints(),
    });
    found.same("", &case["out"], &got);
    Ok(())
}

fn service_port(service: &Value) -> ServicePort {
    let exposed = |how: &str| service["exposedBy"] == how;
    let ips = |yes: bool| if yes { vec![Ipv4Addr::new(1, 2, 3, 4)] } else { Vec::new() };
    ServicePort {
        name: Rc::new(PortName { service: Key::new("ns", "svc"), port: "".into(), protocol: Protocol::Tcp }),
        cluster_ip: Ipv4Addr::new(10, 96, 0, 20),
        port: 80,
        node_port: if exposed("nodePort") { 30080 } else { 0 },
        external_ips: ips(exposed("externalIP")),
        load_balancer_vips: ips(exposed("loadBalancer ingress IP")),
        load_balancer_proxies: Vec::new(),
        source_ranges: Vec::new(),
        affinity_seconds: None,
        internal_local: service["internalTrafficPolicy"] == "Local",
        external_local: service["externalTrafficPolicy"] == "Local",
        health_check_node_port: 0,
    }
}

fn endpoint(value: &Value) -> Result<Rc<Endpoint>, String> {
    let flag = |name: &str| value[name].as_bool().unwrap_or_default();
    let hints = |name: &str| Ok::<_, String>(texts(value, name)?.into_iter().map(Rc::from).collect());
    let ip: Ipv4Addr = parse(text(value, "ip")?)?;
    Ok(Rc::new(Endpoint {
        ip,
        port: 80,
        text: format!("{ip}:80").into(),
        node: "".into(),
        local: flag("isLocal"),
        ready: flag("ready"),
        serving: flag("serving"),
        terminating: flag("terminating"),
        zone_hints: hints("zoneHints")?,
        node_hints: hints("nodeHints")?,
        chain: Default::default(),
    }))
}
