//! A kube-proxy made from a recorded case.
#![allow(dead_code)]

use kube_service_lab::api::codec::Decoder;
use kube_service_lab::api::{EndpointSlice, Key, Kind, Object, Service};
use kube_service_lab::node::proxy::*;
use kube_service_lab::time::{Nanos, Stream};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::rc::Rc;

pub fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/golden/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

pub fn names(value: &Value) -> Vec<Rc<str>> {
    value.as_array().into_iter().flatten().map(|v| v.as_str().unwrap().into()).collect()
}

pub fn node_info(node: &Value, name: &str) -> NodeInfo {
    let ranges = names(&node["addresses"]);
    let zone = |labels: &Value| labels["topology.kubernetes.io/zone"].as_str().unwrap_or_default().into();
    NodeInfo {
        name: name.into(),
        zone: zone(&node["labels"]),
        ip: node["ip"].as_str().map_or(Ipv4Addr::UNSPECIFIED, |ip| ip.parse().unwrap()),
        addresses: ranges.iter().map(|r| Cidr::parse(r).unwrap()).collect(),
        pod_cidr: None,
    }
}

pub fn decode(kind: Kind, value: &Value) -> Object {
    let mut decoder = Decoder::default();
    let object = Object::decode(kind, value, &mut decoder).unwrap();
    assert!(decoder.type_error.is_none(), "{:?}", decoder.type_error);
    object
}

pub fn settings(mode: Mode, proxy: &Value) -> Settings {
    let flag = |name: &str| proxy[name].as_bool().unwrap_or_default();
    Settings {
        cluster_cidr: proxy["clusterCIDR"].as_str().and_then(Cidr::parse),
        service_cidrs: names(&proxy["serviceCIDRs"]).iter().filter_map(|c| Cidr::parse(c)).collect(),
        masquerade_all: flag("masqueradeAll"),
        localhost_node_ports: flag("localhostNodePorts"),
        nfacct: flag("nfacct"),
        conntrack_tcp_be_liberal: flag("conntrackTCPBeLiberal"),
        node_port_addresses: names(&proxy["nodePortAddresses"]).iter().map(|a| NodePortAddress::parse(a).unwrap()).collect(),
        // The steps of a recorded case follow each other at once.
        min_sync_period: 0,
        cost: SyncCost { fixed: 0, per_written_rule: 0, per_kept_rule: 0 },
        ..Settings::defaults(mode)
    }
}

/// A kube-proxy and its clock.
pub struct Node {
    pub proxier: Proxier,
    pub now: Nanos,
    pub random: Stream,
}

impl Node {
    pub fn new(mode: Mode, input: &Value) -> Node {
        let node = node_info(&input["node"], input["node"]["name"].as_str().unwrap());
        let proxier = Proxier::new(Rc::new(settings(mode, &input["proxy"])), Rc::new(node));
        let mut node = Node { proxier, now: 0, random: Stream::new(1, "proxy") };
        node.tell(&json!({"setServices": input["services"], "setEndpointSlices": input["endpointSlices"]}));
        node.proxier.synced();
        node.sync();
        node
    }

    pub fn tell(&mut self, step: &Value) {
        let list = |name: &str| step[name].as_array().cloned().unwrap_or_default();
        for service in list("setServices") {
            self.proxier.set_service(decode(Kind::Service, &service).as_::<Service>().unwrap().clone(), self.now);
        }
        for slice in list("setEndpointSlices") {
            self.proxier.set_slice(decode(Kind::EndpointSlice, &slice).as_::<EndpointSlice>().unwrap().clone(), self.now);
        }
        let key = |value: &Value| {
            let (namespace, name) = value.as_str().unwrap().split_once('/').unwrap();
            Key::new(namespace, name)
        };
        list("deleteServices").iter().for_each(|k| self.proxier.remove_service(&key(k), self.now));
        list("deleteEndpointSlices").iter().for_each(|k| self.proxier.remove_slice(&key(k), self.now));
    }

    /// Lets time pass until everything is in force.
    pub fn sync(&mut self) {
        while self.proxier.behind_since().is_some() || self.proxier.is_writing() || self.now == 0 {
            self.now = self.proxier.next_due().unwrap().max(self.now + 1);
            self.proxier.run(self.now, &mut self.random);
        }
    }

    pub fn tables(&self) -> Value {
        let RuleSet::Iptables(rules) = self.proxier.rules() else { panic!("not iptables") };
        let table = |table: &iptables::Table| {
            let chain = |c: &iptables::Chain| (c.name.to_string(), c.iter().map(|r| json!(r.to_string())).collect());
            Value::Object(table.by_name().map(chain).collect())
        };
        json!({"nat": table(rules.nat()), "filter": table(rules.filter())})
    }
}
