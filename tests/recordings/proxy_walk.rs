//! Packets walk the rules of a node: who is let where, with which source, and how evenly.

use kube_service_lab::api::codec::Decoder;
use kube_service_lab::api::{EndpointSlice, Key, Kind, Object, Service};
use kube_service_lab::node::proxy::*;
use kube_service_lab::time::{Nanos, SECOND, Stream};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::rc::Rc;

const MODES: [Mode; 3] = [Mode::Iptables, Mode::Nftables, Mode::Ipvs];

fn decode(kind: Kind, value: &Value) -> Object {
    Object::decode(kind, value, &mut Decoder::default()).unwrap()
}

/// node-1 (192.0.2.11, Pods 10.244.1.0/24) of the recorded cluster.
struct Node {
    proxier: Proxier,
    now: Nanos,
    random: Stream,
}

impl Node {
    fn new(mode: Mode) -> Node {
        let info = NodeInfo {
            name: "node-1".into(),
            zone: "zone-a".into(),
            ip: Ipv4Addr::new(192, 0, 2, 11),
            addresses: vec![Cidr::parse("192.0.2.11/24").unwrap(), Cidr::parse("10.244.1.1/24").unwrap()],
            pod_cidr: Cidr::parse("10.244.1.0/24"),
        };
        let mut proxier = Proxier::new(Rc::new(Settings::defaults(mode)), Rc::new(info));
        proxier.synced();
        let mut node = Node { proxier, now: 0, random: Stream::new(7, "walk") };
        node.proxier.run(0, &mut node.random);
        node.settle();
        node
    }

    fn settle(&mut self) {
        while self.proxier.behind_since().is_some() || self.proxier.is_writing() {
            self.now = self.proxier.next_due().unwrap().max(self.now);
            self.proxier.run(self.now, &mut self.random);
        }
    }

    /// Service default/web, 10.96.0.20:80, with this in its spec.
    fn service(&mut self, more: Value) {
        let mut spec = json!({"clusterIP": "10.96.0.20", "type": "ClusterIP", "internalTrafficPolicy": "Cluster",
            "ports": [{"port": 80, "protocol": "TCP", "targetPort": 8080}]});
        let mut status = json!({});
        for (name, value) in more.as_object().unwrap() {
            if name == "vip" {
                status = json!({"loadBalancer": {"ingress": [{"ip": value}]}});
            } else {
                spec[name] = value.clone();
            }
        }
        let service = json!({"metadata": {"name": "web", "namespace": "default"}, "spec": spec, "status": status});
        self.proxier.set_service(decode(Kind::Service, &service).as_::<Service>().unwrap().clone(), self.now);
        self.settle();
    }

    fn node_port(&mut self, more: Value) {
        let mut spec = json!({"type": "NodePort", "externalTrafficPolicy": "Cluster",
            "ports": [{"port": 80, "protocol": "TCP", "targetPort": 8080, "nodePort": 30080}]});
        more.as_object().unwrap().iter().for_each(|(name, value)| spec[name] = value.clone());
        self.service(spec);
    }

    /// The endpoints, on the node that the address belongs to.
    fn endpoints(&mut self, ips: &[&str]) {
        let endpoint = |ip: &&str| {
            let node = format!("node-{}", ip.split('.').nth(2).unwrap());
            json!({"addresses": [ip], "nodeName": node, "conditions": {"ready": true}})
        };
        let slice = json!({"addressType": "IPv4", "endpoints": ips.iter().map(endpoint).collect::<Vec<_>>(),
            "ports": [{"name": "", "port": 8080, "protocol": "TCP"}],
            "metadata": {"name": "web-1", "namespace": "default", "labels": {"kubernetes.io/service-name": "web"}}});
        self.proxier.set_slice(decode(Kind::EndpointSlice, &slice).as_::<EndpointSlice>().unwrap().clone(), self.now);
        self.settle();
    }

    fn walk(&mut self, from: &str, to: &str) -> Walk {
        let source: Ipv4Addr = from.parse().unwrap();
        let origin = match source.octets() {
            [10, 244, 1, 1] | [192, 0, 2, 11] | [127, ..] => Origin::Node,
            [10, 244, 1, _] => Origin::Pod,
            _ => Origin::Outside,
        };
        let source = std::net::SocketAddrV4::new(source, 40_000);
        let packet = Packet { protocol: Protocol::Tcp, source, destination: to.parse().unwrap(), origin };
        self.proxier.walk(&packet, self.now, &mut self.random, true)
    }

    /// The verdict in short: `10.244.2.6:8080`, with ` masq` when the source is rewritten.
    fn ask(&mut self, from: &str, to: &str) -> String {
        match self.walk(from, to).verdict {
            Verdict::Accept { .. } => "accept".into(),
            Verdict::Drop => "drop".into(),
            Verdict::Reject => "reject".into(),
            Verdict::Dnat { ip, port, masquerade } => format!("{ip}:{port}{}", if masquerade { " masq" } else { "" }),
        }
    }
}

const POD: &str = "10.244.1.9";
const HOST: &str = "192.0.2.11";
const OUTSIDE: &str = "198.51.100.5";
const SERVICE: &str = "10.96.0.20:80";
const NODE_PORT: &str = "192.0.2.11:30080";
const LOCAL: &str = "10.244.1.5";
const REMOTE: &str = "10.244.2.6";

#[test]
fn sources_are_kept_or_rewritten_as_kubernetes_does() {
    for mode in MODES {
        let mut node = Node::new(mode);
        node.node_port(json!({}));
        node.endpoints(&[REMOTE]);
        let mut check = |from: &str, to: &str, expected: &str| assert_eq!(node.ask(from, to), expected, "{mode:?} {from} {to}");
        check(POD, SERVICE, "10.244.2.6:8080");
        check(HOST, SERVICE, "10.244.2.6:8080 masq");
        check(OUTSIDE, SERVICE, "10.244.2.6:8080 masq");
        check(OUTSIDE, NODE_PORT, "10.244.2.6:8080 masq");
        check(POD, NODE_PORT, "10.244.2.6:8080 masq");
        check(HOST, NODE_PORT, "10.244.2.6:8080 masq");
        // Not the Service's business.
        check(POD, "10.244.2.6:8080", "accept");
        check(OUTSIDE, "192.0.2.11:30081", "accept");
        // A Pod that reaches itself through the Service.
        node.endpoints(&[LOCAL]);
        assert_eq!(node.ask(LOCAL, SERVICE), "10.244.1.5:8080 masq", "{mode:?}");
        assert_eq!(node.ask(POD, SERVICE), "10.244.1.5:8080", "{mode:?}");
    }
}

#[test]
fn policy_local_keeps_the_source_and_drops_what_has_no_local_endpoint() {
    for mode in [Mode::Iptables, Mode::Nftables] {
        let mut node = Node::new(mode);
        node.node_port(json!({"externalTrafficPolicy": "Local"}));
        node.endpoints(&[LOCAL, REMOTE]);
        assert_eq!(node.ask(OUTSIDE, NODE_PORT), "10.244.1.5:8080", "{mode:?}");
        node.endpoints(&[REMOTE]);
        assert_eq!(node.ask(OUTSIDE, NODE_PORT), "drop", "{mode:?}");
        // Pods and processes of this node take the short way to any endpoint.
        assert_eq!(node.ask(POD, NODE_PORT), "10.244.2.6:8080", "{mode:?}");
        assert_eq!(node.ask(HOST, NODE_PORT), "10.244.2.6:8080 masq", "{mode:?}");
        node.endpoints(&[]);
        for from in [POD, HOST, OUTSIDE] {
            assert_eq!(
                (node.ask(from, SERVICE), node.ask(from, NODE_PORT)),
                ("reject".into(), "reject".into()),
                "{mode:?} {from}"
            );
        }
        node.service(json!({"internalTrafficPolicy": "Local"}));
        node.endpoints(&[REMOTE]);
        assert_eq!(node.ask(POD, SERVICE), "drop", "{mode:?}");
        node.endpoints(&[LOCAL, REMOTE]);
        assert_eq!(node.ask(POD, SERVICE), "10.244.1.5:8080", "{mode:?}");
    }
}

#[test]
fn ipvs_uses_all_endpoints_when_policy_local_has_none_here() {
    let mut node = Node::new(Mode::Ipvs);
    node.node_port(json!({"externalTrafficPolicy": "Local"}));
    node.endpoints(&[LOCAL, REMOTE]);
    assert_eq!(
        (node.ask(OUTSIDE, NODE_PORT), node.ask(OUTSIDE, NODE_PORT)),
        ("10.244.1.5:8080".into(), "10.244.1.5:8080".into())
    );
    node.endpoints(&[REMOTE]);
    assert_eq!(node.ask(OUTSIDE, NODE_PORT), "10.244.2.6:8080");
    node.endpoints(&[]);
    assert_eq!((node.ask(OUTSIDE, NODE_PORT), node.ask(POD, SERVICE)), ("reject".into(), "reject".into()));
    // The address is the node's own: other ports of it are rejected.
    assert_eq!(node.ask(POD, "10.96.0.20:81"), "reject");
}

#[test]
fn ipvs_takes_turns_and_lets_real_servers_go_when_their_connections_are_over() {
    let mut node = Node::new(Mode::Ipvs);
    node.service(json!({}));
    node.endpoints(&[LOCAL, REMOTE]);
    let turns: Vec<String> = (0..4).map(|_| node.ask(POD, SERVICE)).collect();
    assert!(turns[0] == turns[2] && turns[1] == turns[3] && turns[0] != turns[1], "{turns:?}");

    let mut conntrack = Conntrack::default();
    let ask = conntrack::Tuple {
        protocol: Protocol::Tcp,
        source: "10.244.1.9:40000".parse().unwrap(),
        destination: SERVICE.parse().unwrap(),
    };
    let id = conntrack.open(ask, "10.244.2.6:8080".parse().unwrap(), None, node.now, &mut node.random).unwrap();
    node.endpoints(&[LOCAL]);
    node.proxier.clean_up_real_servers(node.now, &conntrack);
    let line = |node: &Node, conntrack: &Conntrack| {
        node.proxier.print(conntrack).lines().find(|l| l.contains("10.244.2.6")).map(str::to_owned)
    };
    assert_eq!(
        line(&node, &conntrack).as_deref(),
        Some("  -> 10.244.2.6:8080              Masq    0      0          1         ")
    );
    assert!((0..3).all(|_| node.ask(POD, SERVICE) == "10.244.1.5:8080"), "no new connections");
    conntrack.remove(id);
    node.now = node.proxier.next_clean_up(node.now).unwrap();
    node.proxier.clean_up_real_servers(node.now, &conntrack);
    assert_eq!((line(&node, &conntrack), node.proxier.next_clean_up(node.now)), (None, None));
}

#[test]
fn nftables_and_ipvs_reject_other_ports_of_a_service_and_iptables_does_not() {
    for (mode, other_port, unallocated) in
        [(Mode::Iptables, "accept", "accept"), (Mode::Nftables, "reject", "drop"), (Mode::Ipvs, "reject", "accept")]
    {
        let mut node = Node::new(mode);
        node.service(json!({}));
        node.endpoints(&[REMOTE]);
        assert_eq!((&*node.ask(POD, "10.96.0.20:81"), &*node.ask(POD, "10.96.0.21:80")), (other_port, unallocated), "{mode:?}");
    }
}

#[test]
fn load_balancers_learn_which_nodes_have_endpoints() {
    let mut node = Node::new(Mode::Iptables);
    let ports = json!([{"port": 80, "protocol": "TCP", "targetPort": 8080, "nodePort": 30080}]);
    node.service(json!({"type": "LoadBalancer", "vip": "203.0.113.7", "ports": ports,
        "externalTrafficPolicy": "Local", "healthCheckNodePort": 30500}));
    assert_eq!(node.proxier.health_check(30500, node.now).unwrap().status, 503);
    node.endpoints(&[LOCAL, REMOTE]);
    let answer = node.proxier.health_check(30500, node.now).unwrap();
    let body = "{\n\t\"service\": {\n\t\t\"namespace\": \"default\",\n\t\t\"name\": \"web\"\n\t},\n\t\"localEndpoints\": 1,\n\t\
                \"serviceProxyHealthy\": true\n}";
    assert_eq!((answer.status, &*answer.body), (200, body));
    assert!(answer.headers.contains(&("X-Load-Balancing-Endpoint-Weight", "1".into())));
    assert_eq!(node.proxier.health_check(30501, node.now), None);
    // A change that waits for too long: unhealthy.
    node.proxier.set_failing(true);
    node.proxier.remove_slice(&Key::new("default", "web-1"), node.now);
    for _ in 0..8 {
        node.now = node.proxier.next_due().unwrap().max(node.now);
        node.proxier.run(node.now, &mut node.random);
    }
    assert_eq!(node.proxier.health_check(30500, node.now).unwrap().status, 503);
    assert_eq!(node.ask(OUTSIDE, NODE_PORT), "10.244.1.5:8080", "the old rules hold");
}

#[test]
fn load_balancer_source_ranges_shut_others_out() {
    for mode in MODES {
        let mut node = Node::new(mode);
        let ports = json!([{"port": 80, "protocol": "TCP", "targetPort": 8080, "nodePort": 30080}]);
        node.service(json!({"type": "LoadBalancer", "vip": "203.0.113.7", "ports": ports,
            "loadBalancerSourceRanges": ["198.51.100.0/28"], "externalTrafficPolicy": "Cluster"}));
        node.endpoints(&[REMOTE]);
        assert_eq!(node.ask(OUTSIDE, "203.0.113.7:80"), "10.244.2.6:8080 masq", "{mode:?}");
        assert_eq!(node.ask("198.51.100.99", "203.0.113.7:80"), "drop", "{mode:?}");
    }
}

#[test]
fn rules_lag_behind_until_a_sync_has_finished() {
    for mode in MODES {
        let mut node = Node::new(mode);
        node.service(json!({}));
        node.endpoints(&[REMOTE]);
        let slice = Key::new("default", "web-1");
        node.proxier.remove_slice(&slice, node.now);
        node.proxier.run(node.now, &mut node.random);
        assert_eq!(node.ask(POD, SERVICE), "10.244.2.6:8080", "{mode:?}: the old rules hold");
        assert_eq!(node.proxier.lag(node.now + 5), 5);
        node.settle();
        assert_eq!(node.ask(POD, SERVICE), "reject", "{mode:?}");
        assert_eq!(node.proxier.lag(node.now), 0);
    }
}

#[test]
fn a_client_stays_with_its_endpoint_until_the_time_is_over() {
    for mode in MODES {
        let mut node = Node::new(mode);
        let affinity = json!({"clientIP": {"timeoutSeconds": 60}});
        node.service(json!({"sessionAffinity": "ClientIP", "sessionAffinityConfig": affinity}));
        let all = ["10.244.1.5", "10.244.2.6", "10.244.3.7"];
        node.endpoints(&all);
        let mut seen = std::collections::BTreeSet::new();
        for round in 0..40 {
            let first = node.ask(POD, SERVICE);
            for _ in 0..5 {
                // Each new connection starts the time again.
                node.now += 50 * SECOND;
                assert_eq!(node.ask(POD, SERVICE), first, "{mode:?} round {round}");
            }
            seen.insert(first);
            node.now += 3600 * SECOND;
        }
        assert_eq!(seen.len(), 3, "{mode:?}");
        // The endpoint leaves: another is chosen.
        let pinned = node.ask(POD, SERVICE);
        let rest: Vec<&str> = all.into_iter().filter(|ip| !pinned.starts_with(ip)).collect();
        node.endpoints(&rest);
        assert_ne!(node.ask(POD, SERVICE), pinned, "{mode:?}");
    }
}

#[test]
fn a_trace_names_the_rules_and_their_chances() {
    let mut node = Node::new(Mode::Iptables);
    node.service(json!({}));
    node.endpoints(&["10.244.1.5", "10.244.2.6", "10.244.3.7"]);
    let walk = node.walk(POD, SERVICE);
    let chains: Vec<String> = walk.steps.iter().filter(|s| s.matched).map(|s| s.chain.to_string()).collect();
    assert_eq!(chains[..2], ["PREROUTING", "KUBE-SERVICES"]);
    assert!(chains.iter().any(|c| c == "KUBE-SVC-LOLE4ISW44XBNF3G"));
    let chance = walk.steps.iter().find_map(|s| s.probability).unwrap();
    assert_eq!((chance.numerator, chance.denominator), (1, 3));
    let text = node.proxier.rules().print();
    for step in walk.steps.iter() {
        assert!(text.contains(&format!("-A {} {}\n", step.chain, step.rule)), "{step:?}");
    }
}

#[test]
fn a_trace_has_every_rule_that_chance_passed_over_in_the_order_of_the_chain() {
    let mut node = Node::new(Mode::Iptables);
    node.service(json!({}));
    let ips: Vec<String> = (5..45).map(|n| format!("10.244.1.{n}")).collect();
    node.endpoints(&ips.iter().map(String::as_str).collect::<Vec<_>>());
    let text = node.proxier.rules().print();
    let choice: Vec<&str> =
        text.lines().filter(|l| l.starts_with("-A KUBE-SVC-LOLE4ISW44XBNF3G ") && l.contains("KUBE-SEP")).collect();
    assert_eq!(choice.len(), 40);
    let mut passed = 0;
    for _ in 0..20 {
        let steps = node.walk(POD, SERVICE).steps;
        let listed: Vec<(String, bool)> = steps
            .iter()
            .filter(|s| s.chain.starts_with("KUBE-SVC-") && s.rule.to_string().contains("KUBE-SEP"))
            .map(|s| (format!("-A {} {}", s.chain, s.rule), s.matched))
            .collect();
        assert!(listed.iter().map(|l| l.0.as_str()).eq(choice.iter().copied().take(listed.len())), "{listed:?}");
        assert_eq!(listed.iter().position(|l| l.1), Some(listed.len() - 1));
        passed += listed.len() - 1;
    }
    assert!(passed > 40, "chance passes over most: {passed}");
}

#[test]
fn a_trace_in_nftables_names_rules_and_elements_of_the_table() {
    let mut node = Node::new(Mode::Nftables);
    node.node_port(json!({}));
    node.endpoints(&["10.244.1.5", "10.244.2.6", "10.244.3.7"]);
    let walk = node.walk(OUTSIDE, NODE_PORT);
    let RuleSet::Nftables(rules) = &**node.proxier.rules() else { panic!("not nftables") };
    let lines = nftables::add_lines(rules);
    for step in walk.steps.iter() {
        let line = match step.chain.strip_prefix('@') {
            Some(map) => format!("add element ip kube-proxy {map} {{ {} }}", step.rule),
            None => format!("add rule ip kube-proxy {} {}", step.chain, step.rule),
        };
        assert!(lines.contains(&line), "{line}");
    }
    let chains: Vec<String> = walk.steps.iter().map(|s| s.chain.split('-').next().unwrap().to_string()).collect();
    assert!(chains.windows(5).any(|w| w == ["services", "@service", "external", "external", "service"]), "{chains:?}");
    assert_eq!(walk.steps.iter().find_map(|s| s.probability).unwrap().denominator, 3);
}

#[test]
fn work_is_in_proportion_to_the_change() {
    for mode in MODES {
        let mut node = Node::new(mode);
        for i in 0..500 {
            let ports = json!([{"port": 80, "protocol": "TCP"}]);
            let spec = json!({"clusterIP": format!("10.97.{}.{}", i / 250, i % 250), "type": "ClusterIP", "ports": ports});
            let service = json!({"metadata": {"name": format!("s{i}"), "namespace": "default"}, "spec": spec});
            node.proxier.set_service(decode(Kind::Service, &service).as_::<Service>().unwrap().clone(), node.now);
        }
        node.service(json!({}));
        node.settle();
        node.endpoints(&[LOCAL]);
        node.proxier.remove_slice(&Key::new("default", "web-1"), node.now);
        let synced = loop {
            node.now = node.proxier.next_due().unwrap().max(node.now);
            if let Some(synced) = node.proxier.run(node.now, &mut node.random) {
                break synced;
            }
        };
        let ports: Vec<String> = synced.ports.iter().map(|p| p.to_string()).collect();
        assert_eq!((synced.full, ports), (false, vec!["default/web".to_string()]), "{mode:?}");
    }
}

#[test]
fn rules_that_grew_change_by_change_are_those_that_are_written_anew() {
    // In ipvs mode real servers stay until their connections are over, so there the way matters.
    for mode in [Mode::Iptables, Mode::Nftables] {
        let mut node = Node::new(mode);
        let mut random = Stream::new(3, "changes");
        node.service(json!({}));
        for change in 0..80 {
            let named = json!([{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}]);
            match random.below(10) {
                0 => node.service(json!({})),
                1 => node.node_port(json!({})),
                2 => node.node_port(json!({"externalTrafficPolicy": "Local"})),
                3 => node.service(json!({"sessionAffinity": "ClientIP"})),
                4 => node.service(json!({"ports": named})),
                _ => {
                    let ips: Vec<String> =
                        (1..25).filter(|_| random.below(3) > 0).map(|n| format!("10.244.{}.{n}", 1 + n % 3)).collect();
                    node.endpoints(&ips.iter().map(String::as_str).take(random.below(25) as usize).collect::<Vec<_>>());
                }
            }
            let anew = node.proxier.rules_as(node.proxier.settings());
            // A chain that nothing uses any more is empty in nftables mode, and goes a second later.
            let text = |rules: &RuleSet| {
                let blocks = rules.print();
                blocks.split("\n\n").filter(|block| !block.trim_end().ends_with("{\n\t}")).collect::<Vec<_>>().join("\n\n")
            };
            assert_eq!(text(node.proxier.rules()), text(&anew), "{mode:?} after change {change}");
        }
    }
}

#[test]
fn another_mode_takes_over_and_larger_tables_take_longer() {
    let mut node = Node::new(Mode::Iptables);
    node.service(json!({}));
    node.endpoints(&[REMOTE]);
    node.proxier.restart(Rc::new(Settings::defaults(Mode::Nftables)));
    node.proxier.run(node.now, &mut node.random);
    assert_eq!(node.ask(POD, SERVICE), "accept", "the old rules are gone, the new ones not yet written");
    node.settle();
    assert_eq!((node.proxier.rules().mode(), &*node.ask(POD, SERVICE)), (Mode::Nftables, "10.244.2.6:8080"));
    // Each rule takes a second: the change comes late.
    let cost = SyncCost { fixed: 0, per_written_rule: SECOND, per_kept_rule: 0 };
    node.proxier.set_timing(SECOND, 30 * SECOND, cost);
    let before = node.now;
    node.endpoints(&[LOCAL, REMOTE]);
    assert!(node.now - before > 3 * SECOND / 2, "{}", node.now - before);
}

/// Pearson's statistic of counts that should be equal.
fn chi_square(counts: &BTreeMap<Ipv4Addr, u64>) -> f64 {
    let expected = counts.values().sum::<u64>() as f64 / counts.len() as f64;
    counts.values().map(|n| (*n as f64 - expected).powi(2) / expected).sum()
}

#[test]
fn connections_are_spread_evenly_by_the_rules_own_chances() {
    // Quantiles of chi-square at 1 %, for 2 and 9 degrees of freedom.
    for (n, limit) in [(3, 9.210), (10, 21.666)] {
        for mode in MODES {
            let mut node = Node::new(mode);
            node.service(json!({}));
            let ips: Vec<String> = (0..n).map(|i| format!("10.244.{}.{}", i % 3 + 1, i + 20)).collect();
            node.endpoints(&ips.iter().map(String::as_str).collect::<Vec<_>>());
            let mut counts = BTreeMap::new();
            for i in 0..100_000u32 {
                let source = std::net::SocketAddrV4::new(Ipv4Addr::new(10, 244, 1, 9), (i % 60_000) as u16 + 1024);
                let destination = SERVICE.parse().unwrap();
                let packet = Packet { protocol: Protocol::Tcp, source, destination, origin: Origin::Pod };
                match node.proxier.walk(&packet, node.now, &mut node.random, false).verdict {
                    Verdict::Dnat { ip, .. } => *counts.entry(ip).or_insert(0u64) += 1,
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(counts.len(), n);
            let found = chi_square(&counts);
            assert!(found < limit, "{mode:?}, {n} endpoints: chi-square {found:.1} over {limit}: {counts:?}");
        }
    }
}
