//! The recorded rules of kube-proxy, and its choice of endpoints.

use crate::proxy_support::{Node, cases, names, node_info};
use kube_service_lab::api::Key;
use kube_service_lab::node::proxy::*;
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::rc::Rc;

/// Runs every case, prints each mismatch, and asserts that there was none.
fn check_all(file: &str, count: usize, mut run: impl FnMut(&Value) -> Result<(), String>) {
    let cases = cases(file);
    assert_eq!(cases.len(), count);
    let mut wrong = 0;
    for case in &cases {
        if let Err(text) = run(case) {
            wrong += 1;
            println!("{}: {text}\n", case["name"]);
        }
    }
    assert_eq!(wrong, 0, "{wrong} of {} cases of {file} differ", cases.len());
}

fn same(what: &str, expected: &Value, got: &Value) -> Result<(), String> {
    if expected == got { Ok(()) } else { Err(format!("{what}\n expected {expected}\n got      {got}")) }
}

#[test]
fn categorize_endpoints() {
    check_all("categorize-endpoints.json", 268, |case| {
        let input = &case["in"];
        let node = node_info(&json!({"labels": input["nodeLabels"]}), input["nodeName"].as_str().unwrap());
        let endpoints: Vec<Rc<Endpoint>> = input["endpoints"].as_array().into_iter().flatten().map(endpoint).collect();
        let service = &input["service"];
        let exposed = |how: &str| service["exposedBy"] == how;
        let ips = |yes: bool| if yes { vec![Ipv4Addr::new(1, 2, 3, 4)] } else { Vec::new() };
        let name = PortName { service: Key::new("ns", "svc"), port: "".into(), protocol: Protocol::Tcp };
        let port = ServicePort {
            name: Rc::new(name),
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
        };
        let found = categorize(&endpoints, &port, &node);
        let list = |l: &Option<Vec<Rc<Endpoint>>>| l.as_ref().map(|l| l.iter().map(|e| e.ip.to_string()).collect::<Vec<_>>());
        let got = json!({
            "allReachableEndpoints": list(&found.reachable),
            "clusterEndpoints": list(&found.cluster),
            "hasAnyEndpoints": found.any,
            "localEndpoints": list(&found.local),
            "usesClusterEndpoints": port.uses_cluster_endpoints(),
            "usesLocalEndpoints": port.uses_local_endpoints(),
        });
        same("", &case["out"], &got)
    });
}

fn endpoint(value: &Value) -> Rc<Endpoint> {
    let flag = |name: &str| value[name].as_bool().unwrap_or_default();
    let ip: Ipv4Addr = value["ip"].as_str().unwrap().parse().unwrap();
    Rc::new(Endpoint {
        ip,
        port: 80,
        text: format!("{ip}:80").into(),
        node: "".into(),
        local: flag("isLocal"),
        ready: flag("ready"),
        serving: flag("serving"),
        terminating: flag("terminating"),
        zone_hints: names(&value["zoneHints"]),
        node_hints: names(&value["nodeHints"]),
    })
}

/// The chains that differ between two states, as the recorded steps have them.
fn changes(before: &Value, after: &Value) -> Value {
    let table = |name: &str| {
        let (before, after) = (before[name].as_object().unwrap(), after[name].as_object().unwrap());
        let changed: serde_json::Map<String, Value> =
            after.iter().filter(|(k, v)| before.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
        let deleted: Vec<&String> = before.keys().filter(|k| !after.contains_key(*k)).collect();
        json!({"changedChains": changed, "deletedChains": deleted})
    };
    json!({"nat": table("nat"), "filter": table("filter")})
}

fn same_tables(expected: &Value, got: &Value) -> Result<(), String> {
    for table in ["nat", "filter"] {
        let (expected, got) = (expected[table].as_object().unwrap(), got[table].as_object().unwrap());
        for chain in expected.keys().chain(got.keys()) {
            same(chain, expected.get(chain).unwrap_or(&Value::Null), got.get(chain).unwrap_or(&Value::Null))?;
        }
    }
    Ok(())
}

#[test]
fn iptables_rules() {
    check_all("iptables-rules.json", 42, |case| {
        let (input, out) = (&case["in"], &case["out"]);
        if input.get("endpointSlices").is_none() {
            return large_cluster(input, out);
        }
        let mut node = Node::new(Mode::Iptables, input);
        let mut tables = node.tables();
        same_tables(&out["tables"], &tables)?;
        if let Some(text) = out["iptablesSaveText"].as_str() {
            same("iptables-save", &json!(text), &json!(node.proxier.rules().print()))?;
        }
        for (i, step) in input["steps"].as_array().into_iter().flatten().enumerate() {
            node.tell(step);
            node.sync();
            let after = node.tables();
            same(&format!("step {i}"), &out["steps"][i], &changes(&tables, &after))?;
            tables = after;
        }
        if out.get("tablesAtEnd").is_some() { same_tables(&out["tablesAtEnd"], &tables) } else { Ok(()) }
    });
}

/// The endpoints of the recorded large cluster, in slices of 100.
fn large_cluster_slices() -> Vec<Value> {
    let endpoint = |i: usize| {
        json!({"addresses": [format!("10.244.{}.{}", 1 + i / 250, i % 250 + 1)], "nodeName": format!("n{}", i % 7 + 1),
            "conditions": {"ready": true, "serving": true, "terminating": false}})
    };
    let slice = |n: usize| {
        let endpoints: Vec<Value> = (n * 100..((n + 1) * 100).min(1001)).map(endpoint).collect();
        json!({"addressType": "IPv4", "endpoints": endpoints, "ports": [{"name": "", "port": 8080, "protocol": "TCP"}],
            "metadata": {"name": format!("web-{n}"), "namespace": "default", "labels": {"kubernetes.io/service-name": "web"}}})
    };
    (0..11).map(slice).collect()
}

fn large_cluster(input: &Value, out: &Value) -> Result<(), String> {
    let mut input = input.clone();
    input["endpointSlices"] = json!(large_cluster_slices());
    let tables = Node::new(Mode::Iptables, &input).tables();
    let nat = tables["nat"].as_object().unwrap();
    let service = nat[out["serviceChainName"].as_str().unwrap()].as_array().unwrap();
    let name = out["endpointChainName"].as_str().unwrap();
    let is_endpoint = |chain: &str| chain.starts_with("KUBE-SEP-");
    let others: serde_json::Map<String, Value> = nat
        .iter()
        .filter(|(k, _)| !is_endpoint(k) && **k != *out["serviceChainName"].as_str().unwrap())
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let got = json!({
        "endpointChain": nat[name],
        "endpointChainName": name,
        "endpointChains": nat.keys().filter(|k| is_endpoint(k)).count(),
        "filter": tables["filter"],
        "otherNatChains": others,
        "serviceChainFirst3": service[..3],
        "serviceChainLast2": service[service.len() - 2..],
        "serviceChainLength": service.len(),
        "serviceChainName": out["serviceChainName"],
    });
    same("large cluster", out, &got)
}

#[test]
fn nftables_rules() {
    check_all("nftables-rules.json", 42, |case| {
        let (input, out) = (&case["in"], &case["out"]);
        let mut node = Node::new(Mode::Nftables, input);
        let lines = |node: &Node| {
            let RuleSet::Nftables(rules) = node.proxier.rules() else { panic!("not nftables") };
            nftables::add_lines(rules)
        };
        let mut before = lines(&node);
        same("rules", &out["rules"], &json!(before))?;
        for (i, step) in input["steps"].as_array().into_iter().flatten().enumerate() {
            node.tell(step);
            node.sync();
            let after = lines(&node);
            let only = |a: &[String], b: &[String]| a.iter().filter(|line| !b.contains(line)).cloned().collect::<Vec<_>>();
            let got = json!({"linesAdded": only(&after, &before), "linesRemoved": only(&before, &after)});
            same(&format!("step {i}"), &out["steps"][i], &got)?;
            before = after;
        }
        if out.get("rulesAtEnd").is_some() { same("at end", &out["rulesAtEnd"], &json!(before)) } else { Ok(()) }
    });
}
