//! Where the scheduler puts Pods, and what it says of those that fit nowhere.

use kube_service_lab::api::codec::Decoder;
use kube_service_lab::api::node::{Event, Node};
use kube_service_lab::api::{Key, Kind, Object, Pod};
use kube_service_lab::apiserver::DeleteOptions;
use kube_service_lab::cluster::{Cluster, Settings};
use kube_service_lab::time::SECOND;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

fn cluster() -> Cluster {
    Cluster::new(Settings::default(), 7)
}

/// Creates a Pod `name` whose spec has these fields besides one container.
fn create(cluster: &mut Cluster, name: &str, labels: Value, spec: Value) {
    let mut spec = spec;
    if spec.get("containers").is_none() {
        spec["containers"] = json!([{"name": "c", "image": "nginx:1.27"}]);
    }
    let pod = json!({"metadata": {"name": name, "namespace": "default", "labels": labels}, "spec": spec});
    let pod = Object::decode(Kind::Pod, &pod, &mut Decoder::default()).unwrap();
    cluster.request(|api| api.create(pod, false)).unwrap();
}

fn run(cluster: &mut Cluster, seconds: u64) {
    let until = cluster.now() + seconds * SECOND;
    cluster.run_until(until);
}

/// The node of a Pod, "" while it has none.
fn node_of(cluster: &Cluster, name: &str) -> String {
    cluster.api().get::<Pod>(&Key::new("default", name)).unwrap().spec.node_name.clone()
}

/// How many Pods of the namespace default each node has.
fn counts(cluster: &Cluster) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for object in cluster.api().store().list(Kind::Pod, Some("default")) {
        *counts.entry(object.as_::<Pod>().unwrap().spec.node_name.clone()).or_default() += 1;
    }
    counts
}

fn change_node(cluster: &mut Cluster, name: &str, change: impl FnOnce(&mut Node)) {
    let mut node = Node::clone(cluster.api().get::<Node>(&Key::new("", name)).unwrap());
    node.meta.resource_version = String::new();
    change(&mut node);
    cluster.request(|api| api.update(Object::Node(Rc::new(node)), false)).unwrap();
    run(cluster, 1);
}

fn messages(cluster: &Cluster, reason: &str) -> Vec<String> {
    let events = cluster.api().store().list(Kind::Event, Some("default")).map(|o| o.as_::<Event>().unwrap().clone());
    events.filter(|e| e.reason == reason).map(|e| e.message.clone()).collect()
}

#[test]
fn a_burst_spreads_evenly_though_no_binding_was_seen_yet() {
    let mut cluster = cluster();
    for n in 0..9 {
        create(&mut cluster, &format!("p{n}"), json!({}), json!({}));
    }
    run(&mut cluster, 2);
    let counts = counts(&cluster);
    assert_eq!(counts.values().sum::<usize>(), 9);
    assert!(counts.len() == 3 && counts.values().all(|n| (2..=4).contains(n)), "{counts:?}");
    let said = messages(&cluster, "Scheduled");
    assert!(said.contains(&format!("Successfully assigned default/p0 to {}", node_of(&cluster, "p0"))), "{said:?}");
}

#[test]
fn a_pod_that_fits_nowhere_says_why_and_goes_when_it_can() {
    let mut cluster = cluster();
    change_node(&mut cluster, "node-1", |n| n.spec.unschedulable = true);
    change_node(&mut cluster, "node-2", |n| n.spec.unschedulable = true);
    let big = json!({"containers": [{"name": "c", "image": "nginx:1.27", "resources": {"requests": {"cpu": "1900m"}}}]});
    create(&mut cluster, "one", json!({}), big.clone());
    run(&mut cluster, 2);
    assert_eq!(node_of(&cluster, "one"), "node-3");
    create(&mut cluster, "two", json!({}), big);
    run(&mut cluster, 2);
    assert_eq!(node_of(&cluster, "two"), "");
    let why = "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: \
               0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.";
    assert_eq!(messages(&cluster, "FailedScheduling"), [why]);
    let pod = cluster.api().get::<Pod>(&Key::new("default", "two")).unwrap().clone();
    let condition = pod.status.condition("PodScheduled").unwrap();
    assert_eq!(
        (condition.status.as_str(), condition.reason.as_str(), condition.message.as_str()),
        ("False", "Unschedulable", why)
    );
    change_node(&mut cluster, "node-1", |n| n.spec.unschedulable = false);
    run(&mut cluster, 2);
    assert_eq!(node_of(&cluster, "two"), "node-1", "an uncordoned node helps at once");
}

#[test]
fn room_that_becomes_free_is_used() {
    let mut cluster = cluster();
    let big = json!({"containers": [{"name": "c", "image": "nginx:1.27", "resources": {"requests": {"cpu": "1900m"}}}], "nodeSelector": {"kubernetes.io/hostname": "node-2"}});
    create(&mut cluster, "one", json!({}), big.clone());
    run(&mut cluster, 2);
    create(&mut cluster, "two", json!({}), big);
    run(&mut cluster, 2);
    assert_eq!((node_of(&cluster, "one").as_str(), node_of(&cluster, "two").as_str()), ("node-2", ""));
    let options = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
    cluster.request(|api| api.delete(Kind::Pod, &Key::new("default", "one"), &options)).unwrap();
    run(&mut cluster, 2);
    assert_eq!(node_of(&cluster, "two"), "node-2");
}

#[test]
fn taints_and_labels_decide() {
    let mut cluster = cluster();
    let taint = |node: &mut Node| {
        node.spec.taints = vec![kube_service_lab::api::node::Taint {
            key: "dedicated".into(),
            value: "db".into(),
            effect: "NoSchedule".into(),
            ..Default::default()
        }];
    };
    change_node(&mut cluster, "node-1", taint);
    for n in 0..4 {
        create(&mut cluster, &format!("p{n}"), json!({}), json!({}));
    }
    let tolerations = json!([{"key": "dedicated", "operator": "Equal", "value": "db", "effect": "NoSchedule"}]);
    let zone = json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["node-1"]}]}]}}});
    create(&mut cluster, "db", json!({}), json!({"tolerations": tolerations, "affinity": zone}));
    run(&mut cluster, 2);
    assert_eq!(node_of(&cluster, "db"), "node-1");
    assert!((0..4).all(|n| node_of(&cluster, &format!("p{n}")) != "node-1"));
}

#[test]
fn spread_constraints_hold_pods_back() {
    let mut cluster = cluster();
    let constraint = json!([{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "web"}}}]);
    for n in 0..6 {
        create(&mut cluster, &format!("p{n}"), json!({"app": "web"}), json!({"topologySpreadConstraints": constraint}));
    }
    run(&mut cluster, 2);
    assert!(counts(&cluster).values().all(|n| *n == 2), "{:?}", counts(&cluster));
    change_node(&mut cluster, "node-3", |n| n.spec.unschedulable = true);
    for n in 6..8 {
        create(&mut cluster, &format!("p{n}"), json!({"app": "web"}), json!({"topologySpreadConstraints": constraint}));
    }
    run(&mut cluster, 2);
    assert_eq!(counts(&cluster)["node-3"], 2, "one more on each other node is as far as the skew goes");
    create(&mut cluster, "p8", json!({"app": "web"}), json!({"topologySpreadConstraints": constraint}));
    run(&mut cluster, 2);
    assert_eq!(node_of(&cluster, "p8"), "");
    let why = "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match pod topology spread constraints.";
    assert!(messages(&cluster, "FailedScheduling").iter().all(|m| m.starts_with(why)));
}

#[test]
fn pods_that_must_stand_apart_do() {
    let mut cluster = cluster();
    let apart = json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
        {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"}]}});
    for n in 0..4 {
        create(&mut cluster, &format!("p{n}"), json!({"app": "web"}), json!({"affinity": apart}));
    }
    run(&mut cluster, 2);
    let placed: Vec<String> = (0..4).map(|n| node_of(&cluster, &format!("p{n}"))).filter(|n| !n.is_empty()).collect();
    assert_eq!(placed.len(), 3);
    let why = "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. preemption:";
    assert!(messages(&cluster, "FailedScheduling")[0].starts_with(why), "{:?}", messages(&cluster, "FailedScheduling"));
}

#[test]
fn pods_of_a_service_spread_over_zones_before_nodes() {
    // node-1 and node-2 share zone-a, node-3 is alone in zone-b: it gets more than its third.
    let mut total = BTreeMap::new();
    for seed in 0..5 {
        let mut cluster = Cluster::new(Settings::default(), seed);
        let service = json!({"metadata": {"name": "web", "namespace": "default"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}});
        let service = Object::decode(Kind::Service, &service, &mut Decoder::default()).unwrap();
        cluster.request(|api| api.create(service, false)).unwrap();
        run(&mut cluster, 1);
        for n in 0..12 {
            create(&mut cluster, &format!("p{n}"), json!({"app": "web"}), json!({}));
        }
        run(&mut cluster, 2);
        for (node, count) in counts(&cluster) {
            *total.entry(node).or_insert(0) += count;
        }
    }
    assert_eq!(total.values().sum::<usize>(), 60);
    assert!(total["node-3"] > total["node-1"] && total["node-3"] > total["node-2"], "{total:?}");
    assert!(total["node-1"].abs_diff(total["node-2"]) <= 5, "{total:?}");
}

#[test]
fn a_gated_pod_waits_until_its_gates_are_gone() {
    let mut cluster = cluster();
    create(&mut cluster, "p", json!({}), json!({"schedulingGates": [{"name": "example.com/quota"}]}));
    run(&mut cluster, 2);
    let key = Key::new("default", "p");
    let mut pod = Pod::clone(cluster.api().get::<Pod>(&key).unwrap());
    assert_eq!(
        (pod.spec.node_name.as_str(), pod.status.condition("PodScheduled").unwrap().reason.as_str()),
        ("", "SchedulingGated")
    );
    assert!(messages(&cluster, "FailedScheduling").is_empty());
    pod.spec.scheduling_gates.clear();
    cluster.request(|api| api.update(Object::Pod(Rc::new(pod)), false)).unwrap();
    run(&mut cluster, 2);
    assert_ne!(node_of(&cluster, "p"), "");
}

/// Creates Pods one after another with this constraint and counts how many find a node while node-3 has a taint.
fn placed_beside_a_tainted_node(extra: Value) -> usize {
    let mut cluster = cluster();
    change_node(&mut cluster, "node-3", |node| {
        let taint = kube_service_lab::api::node::Taint { key: "x".into(), effect: "NoSchedule".into(), ..Default::default() };
        node.spec.taints.push(taint);
    });
    let mut constraint = json!({"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "web"}}});
    for (key, value) in extra.as_object().unwrap() {
        constraint[key] = value.clone();
    }
    for n in 0..5 {
        create(&mut cluster, &format!("p{n}"), json!({"app": "web"}), json!({"topologySpreadConstraints": [constraint]}));
    }
    run(&mut cluster, 2);
    5 - counts(&cluster).get("").copied().unwrap_or(0)
}

#[test]
fn a_tainted_node_counts_as_a_place_unless_taints_are_honored() {
    assert_eq!(placed_beside_a_tainted_node(json!({})), 2, "node-3 stays empty, so that no other node may get a second Pod");
    assert_eq!(placed_beside_a_tainted_node(json!({"nodeTaintsPolicy": "Honor"})), 5);
    let few = json!({"nodeTaintsPolicy": "Honor", "minDomains": 3});
    assert_eq!(placed_beside_a_tainted_node(few), 2, "two domains are fewer than three: the least counts as none");
}

#[test]
fn preferences_draw_and_push() {
    let mut cluster = cluster();
    create(&mut cluster, "db", json!({"app": "db"}), json!({"nodeSelector": {"kubernetes.io/hostname": "node-2"}}));
    run(&mut cluster, 1);
    let near = |key: &str| json!({"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": key});
    let one = |kind: &str, key: &str| json!({"affinity": {kind: {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": near(key)}]}}});
    create(&mut cluster, "beside", json!({}), one("podAffinity", "kubernetes.io/hostname"));
    create(&mut cluster, "away", json!({}), one("podAntiAffinity", "topology.kubernetes.io/zone"));
    let node = json!({"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
        {"weight": 10, "preference": {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "NotIn", "values": ["node-2", "node-3"]}]}}]}}});
    create(&mut cluster, "first", json!({}), node);
    let must = json!({"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [near("kubernetes.io/hostname")]}}});
    create(&mut cluster, "must", json!({}), must);
    run(&mut cluster, 2);
    let places = ["beside", "away", "first", "must"].map(|name| node_of(&cluster, name));
    assert_eq!(places, ["node-2", "node-3", "node-1", "node-2"]);
}
