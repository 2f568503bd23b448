//! The rules that kube-proxy writes on one node, at once and step by step, in iptables and in nftables mode.

use super::Comparison;
use super::input::{list, parse, steps, text, texts, typed};
use crate::api::Key;
use crate::node::proxy::{
    Cidr, Mode, NodeInfo, NodePortAddress, Proxier, RuleSet, Settings, SyncCost, iptables as ipt, nftables as nft,
};
use crate::time::{Nanos, Stream};
use serde_json::{Map, Value, json};
use std::net::Ipv4Addr;
use std::rc::Rc;

/// A node as the proxy knows it.
pub fn node_info(node: &Value) -> Result<NodeInfo, String> {
    let cidr = |range: &str| Cidr::parse(range).ok_or_else(|| format!("no CIDR: {range:?}"));
    Ok(NodeInfo {
        name: text(node, "name")?.into(),
        zone: node["labels"]["topology.kubernetes.io/zone"].as_str().unwrap_or_default().into(),
        ip: node["ip"].as_str().map_or(Ok(Ipv4Addr::UNSPECIFIED), parse)?,
        addresses: texts(node, "addresses")?.into_iter().map(cidr).collect::<Result<_, _>>()?,
        pod_cidr: None,
    })
}

fn settings(mode: Mode, proxy: &Value) -> Result<Settings, String> {
    let flag = |name: &str| proxy[name].as_bool().unwrap_or_default();
    let address = |text: &str| NodePortAddress::parse(text).ok_or_else(|| format!("no address for node ports: {text:?}"));
    Ok(Settings {
        cluster_cidr: proxy["clusterCIDR"].as_str().and_then(Cidr::parse),
        service_cidrs: texts(proxy, "serviceCIDRs")?.into_iter().filter_map(Cidr::parse).collect(),
        masquerade_all: flag("masqueradeAll"),
        localhost_node_ports: flag("localhostNodePorts"),
        nfacct: flag("nfacct"),
        conntrack_tcp_be_liberal: flag("conntrackTCPBeLiberal"),
        node_port_addresses: texts(proxy, "nodePortAddresses")?.into_iter().map(address).collect::<Result<_, _>>()?,
        // The steps of a recorded case follow each other at once.
        min_sync_period: 0,
        cost: SyncCost { fixed: 0, per_written_rule: 0, per_kept_rule: 0 },
        ..Settings::defaults(mode)
    })
}

/// A kube-proxy and its clock.
pub struct Node {
    /// The proxy.
    pub proxier: Proxier,
    now: Nanos,
    random: Stream,
}

impl Node {
    /// The node of a case (`in`), with its first rules in force.
    pub fn new(mode: Mode, input: &Value) -> Result<Node, String> {
        let proxier = Proxier::new(Rc::new(settings(mode, &input["proxy"])?), Rc::new(node_info(&input["node"])?));
        let mut node = Node { proxier, now: 0, random: Stream::new(1, "vectors") };
        node.tell(&json!({"setServices": input["services"], "setEndpointSlices": input["endpointSlices"]}))?;
        node.proxier.synced();
        node.sync()?;
        Ok(node)
    }

    fn tell(&mut self, step: &Value) -> Result<(), String> {
        for service in list(step, "setServices") {
            self.proxier.set_service(typed(service)?, self.now);
        }
        for slice in list(step, "setEndpointSlices") {
            self.proxier.set_slice(typed(slice)?, self.now);
        }
        for name in texts(step, "deleteServices")? {
            self.proxier.remove_service(&key(name)?, self.now);
        }
        for name in texts(step, "deleteEndpointSlices")? {
            self.proxier.remove_slice(&key(name)?, self.now);
        }
        Ok(())
    }

    /// Lets time pass until everything is in force.
    fn sync(&mut self) -> Result<(), String> {
        while self.proxier.behind_since().is_some() || self.proxier.is_writing() || self.now == 0 {
            let due = self.proxier.next_due().ok_or("the proxy is behind, but will not sync")?;
            self.now = due.max(self.now + 1);
            self.proxier.run(self.now, &mut self.random);
        }
        Ok(())
    }

    fn tables(&self) -> Result<Value, String> {
        let RuleSet::Iptables(rules) = &**self.proxier.rules() else { return Err("not in iptables mode".into()) };
        let chain = |c: &ipt::Chain| (c.name.to_string(), c.iter().map(|r| json!(r.to_string())).collect());
        let table = |table: &ipt::Table| Value::Object(table.by_name().map(chain).collect());
        Ok(json!({"nat": table(rules.nat()), "filter": table(rules.filter())}))
    }

    fn lines(&self) -> Result<Vec<String>, String> {
        let RuleSet::Nftables(rules) = &**self.proxier.rules() else { return Err("not in nftables mode".into()) };
        Ok(nft::add_lines(rules))
    }
}

fn key(name: &str) -> Result<Key, String> {
    let (namespace, name) = name.split_once('/').ok_or_else(|| format!("no namespace/name: {name:?}"))?;
    Ok(Key::new(namespace, name))
}

/// iptables-rules.
pub fn iptables(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let (input, out) = (&case["in"], &case["out"]);
    if input["endpoints"].is_string() {
        return large_cluster(input, out, found);
    }
    let mut node = Node::new(Mode::Iptables, input)?;
    let mut tables = node.tables()?;
    found.same("tables", &out["tables"], &tables);
    if out["iptablesSaveText"].is_string() {
        found.same("iptables-save", &out["iptablesSaveText"], &json!(node.proxier.rules().print()));
    }
    for (number, step, out) in steps(case)? {
        node.tell(step)?;
        node.sync()?;
        let after = node.tables()?;
        found.same(&format!("step {number}"), out, &changes(&tables, &after));
        tables = after;
    }
    if !out["tablesAtEnd"].is_null() {
        found.same("tablesAtEnd", &out["tablesAtEnd"], &tables);
    }
    Ok(())
}

/// The chains that differ between two states, as the recorded steps have them.
fn changes(before: &Value, after: &Value) -> Value {
    let none = Map::new();
    let table = |name: &str| {
        let (before, after) = (before[name].as_object().unwrap_or(&none), after[name].as_object().unwrap_or(&none));
        let changed = after.iter().filter(|(k, v)| before.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone()));
        let deleted: Vec<&String> = before.keys().filter(|k| !after.contains_key(*k)).collect();
        json!({"changedChains": changed.collect::<Map<_, _>>(), "deletedChains": deleted})
    };
    json!({"nat": table("nat"), "filter": table("filter")})
}

/// The endpoints of the large cluster, in slices of 100. The case tells them by a rule; only the number in it may vary.
fn large_cluster_slices(rule: &str) -> Result<Vec<Value>, String> {
    let unknown = || format!("no known rule for endpoints: {rule:?}");
    let rest = rule.strip_prefix("i = 0..").ok_or_else(unknown)?;
    let (last, rest) = rest.split_once(": ").ok_or_else(unknown)?;
    if rest != "ip 10.244.<1+i/250>.<i%250+1>, port 8080, node n<i%7+1>, all ready" {
        return Err(unknown());
    }
    let count = parse::<u16>(last)? as usize + 1;
    let endpoint = |i: usize| {
        json!({"addresses": [format!("10.244.{}.{}", 1 + i / 250, i % 250 + 1)], "nodeName": format!("n{}", i % 7 + 1),
            "conditions": {"ready": true, "serving": true, "terminating": false}})
    };
    let slice = |n: usize| {
        let endpoints: Vec<Value> = (n * 100..((n + 1) * 100).min(count)).map(endpoint).collect();
        json!({"addressType": "IPv4", "endpoints": endpoints, "ports": [{"name": "", "port": 8080, "protocol": "TCP"}],
            "metadata": {"name": format!("web-{n}"), "namespace": "default", "labels": {"kubernetes.io/service-name": "web"}}})
    };
    Ok((0..count.div_ceil(100)).map(slice).collect())
}

/// A large cluster is recorded in extracts.
fn large_cluster(input: &Value, out: &Value, found: &mut Comparison) -> Result<(), String> {
    let mut input = input.clone();
    input["endpointSlices"] = json!(large_cluster_slices(text(&input, "endpoints")?)?);
    let tables = Node::new(Mode::Iptables, &input)?.tables()?;
    let (chain, endpoint) = (text(out, "serviceChainName")?, text(out, "endpointChainName")?);
    let service = list(&tables["nat"], chain);
    let is_endpoint = |name: &str| name.starts_with("KUBE-SEP-");
    let nat = || tables["nat"].as_object().into_iter().flatten();
    let others = nat().filter(|(k, _)| !is_endpoint(k) && *k != chain).map(|(k, v)| (k.clone(), v.clone()));
    let got = json!({
        "endpointChain": tables["nat"][endpoint],
        "endpointChainName": endpoint,
        "endpointChains": nat().filter(|(k, _)| is_endpoint(k)).count(),
        "filter": tables["filter"],
        "otherNatChains": others.collect::<Map<_, _>>(),
        "serviceChainFirst3": service[..service.len().min(3)],
        "serviceChainLast2": service[service.len().saturating_sub(2)..],
        "serviceChainLength": service.len(),
        "serviceChainName": chain,
    });
    found.same("large cluster", out, &got);
    Ok(())
}

/// nftables-rules.
pub fn nftables(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let (input, out) = (&case["in"], &case["out"]);
    let mut node = Node::new(Mode::Nftables, input)?;
    let mut before = node.lines()?;
    found.same("rules", &out["rules"], &json!(before));
    for (number, step, out) in steps(case)? {
        node.tell(step)?;
        node.sync()?;
        let after = node.lines()?;
        let only = |a: &[String], b: &[String]| a.iter().filter(|line| !b.contains(line)).cloned().collect::<Vec<_>>();
        let got = json!({"linesAdded": only(&after, &before), "linesRemoved": only(&before, &after)});
        found.same(&format!("step {number}"), out, &got);
        before = after;
    }
    if !out["rulesAtEnd"].is_null() {
        found.same("rulesAtEnd", &out["rulesAtEnd"], &json!(before));
    }
    Ok(())
}
