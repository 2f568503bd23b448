//! How long each step of a Pod's birth and death takes: the medians of many simulated trials lie between the recorded
//! minimum and maximum of `tests/golden/timings.json`, on every node.

use kube_service_lab::api::{EndpointSlice, Key, Kind, Object, Pod};
use kube_service_lab::apiserver::DeleteOptions;
use kube_service_lab::cluster::{Cluster, Settings};
use kube_service_lab::lab::Lab;
use kube_service_lab::time::{MILLISECOND, Nanos, SECOND};
use serde_json::Value;
use std::collections::BTreeMap;

/// Deletions that are watched.
const TRIALS: usize = 1_000;

/// Moments after a deletion was asked for, in nanoseconds, by the names of the recording.
type Moments = BTreeMap<String, Nanos>;

fn pods(cluster: &Cluster) -> Vec<&Pod> {
    let all = cluster.api().store().list(Kind::Pod, Some("default"));
    all.filter_map(Object::as_::<Pod>).map(|p| &**p).filter(|p| p.meta.labels.get("app").is_some_and(|a| a == "web")).collect()
}

/// The ready and the listed addresses of the Service's slices.
fn listed(cluster: &Cluster, ip: &str) -> (bool, bool) {
    let slices = cluster.api().store().list(Kind::EndpointSlice, Some("default")).filter_map(Object::as_::<EndpointSlice>);
    let of_web = slices.filter(|s| s.meta.labels.get("kubernetes.io/service-name").is_some_and(|n| n == "web"));
    let mut found = (false, false);
    for endpoint in of_web.flat_map(|s| &s.endpoints).filter(|e| e.addresses.iter().any(|a| a == ip)) {
        found = (found.0 || endpoint.conditions.is_ready(), true);
    }
    found
}

/// Whether a node's rules in force send to an address.
fn programmed(cluster: &Cluster, node: &str, ip: &str) -> bool {
    let machine = &cluster.machines()[node];
    let service = Key::new("default", "web");
    let mut ports = machine.proxy.programmed_ports(&service);
    ports.any(|p| p.endpoints.cluster.iter().flatten().any(|e| e.ip.to_string() == ip))
}

/// Deletes a Pod and notes when each step happens.
fn trial(cluster: &mut Cluster) -> Moments {
    let before: Vec<String> = pods(cluster).iter().map(|p| p.meta.name.clone()).collect();
    let victim = pods(cluster)[0].clone();
    let (start, old_ip) = (cluster.now(), victim.status.pod_ip.clone());
    let key = Key::new("default", &victim.meta.name);
    cluster.request(|api| api.delete(Kind::Pod, &key, &DeleteOptions::default())).expect("the Pod is there");
    let mut moments = Moments::new();
    let mut new_ip = String::new();
    while cluster.step(start + 8 * SECOND) {
        let at = cluster.now() - start;
        let mut note = |name: &str, now: bool| {
            if now {
                moments.entry(name.to_string()).or_insert(at);
            }
        };
        let (ready, is_listed) = listed(cluster, &old_ip);
        note("endpoint_not_ready", !ready);
        note("endpoint_removed", !is_listed);
        note("pod_object_gone", cluster.api().get::<Pod>(&key).is_none());
        if let Some(new) = pods(cluster).into_iter().find(|p| !before.contains(&p.meta.name)) {
            note("new_created", true);
            note("new_scheduled", !new.spec.node_name.is_empty());
            note("new_running", new.status.phase == "Running");
            note("new_ready", new.is_ready());
            new_ip = new.status.pod_ip.clone();
        }
        note("endpoint_added", !new_ip.is_empty() && listed(cluster, &new_ip).0);
        for (i, node) in ["node-1", "node-2", "node-3"].iter().enumerate() {
            note(&format!("rules_without {i}"), !programmed(cluster, node, &old_ip));
            note(&format!("rules_with {i}"), !new_ip.is_empty() && programmed(cluster, node, &new_ip));
        }
    }
    // The next trial begins at another moment of the second.
    cluster.run_until(start + 8 * SECOND + (start % 977) * MILLISECOND);
    moments
}

/// Recorded minimum and maximum of each step, in nanoseconds.
fn recorded() -> BTreeMap<String, (Nanos, Nanos)> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/timings.json")).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let mut ranges: BTreeMap<String, (Nanos, Nanos)> = BTreeMap::new();
    let mut add = |name: String, ms: &Value| {
        let nanos = (ms.as_f64().unwrap() * MILLISECOND as f64) as Nanos;
        let range = ranges.entry(name).or_insert((nanos, nanos));
        *range = (range.0.min(nanos), range.1.max(nanos));
    };
    for trial in value["trials"].as_array().unwrap() {
        for (name, value) in trial.as_object().unwrap() {
            match value {
                Value::Array(nodes) => nodes.iter().enumerate().for_each(|(i, v)| add(format!("{name} {i}"), v)),
                one => add(name.clone(), one),
            }
        }
    }
    ranges
}

#[test]
fn steps_of_a_pods_life_take_as_long_as_recorded() {
    let mut lab = Lab::with_settings(Settings::default(), 11);
    lab.kubectl("kubectl create deployment web --image=nginx:1.27 --replicas=3 --port=80");
    lab.kubectl("kubectl expose deployment web");
    lab.advance(20 * SECOND, u64::MAX);
    let mut cluster = lab.cluster().clone();
    let mut all: BTreeMap<String, Vec<Nanos>> = BTreeMap::new();
    for _ in 0..TRIALS {
        for (name, at) in trial(&mut cluster) {
            all.entry(name).or_default().push(at);
        }
    }
    let mut problems = vec![];
    for (name, (low, high)) in recorded() {
        // What the recording's own client saw of its request is no step of the Pod.
        if name == "answered" || name == "deletion_seen" {
            continue;
        }
        let times = all.get_mut(&name).unwrap_or_else(|| panic!("{name} was never seen"));
        assert!(times.len() * 100 >= TRIALS * 99, "{name} was seen in {} of {TRIALS} trials", times.len());
        times.sort_unstable();
        let median = times[times.len() / 2];
        println!("{name}: median {} ms, recorded {} to {} ms", median / MILLISECOND, low / MILLISECOND, high / MILLISECOND);
        if !(low..=high).contains(&median) {
            problems.push(name);
        }
    }
    assert!(problems.is_empty(), "outside the recorded range: {problems:?}");
}
