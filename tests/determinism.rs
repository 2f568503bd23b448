//! The same seed gives the same bytes: twice in a row, from a copy, and natively as in wasm. This file is compiled for both;
//! each prints its digests (`digest NAME HEX`), and tests/run.mjs fails if the two targets print different ones.

use kube_service_lab::api::codec::Decoder;
use kube_service_lab::api::object::KINDS;
use kube_service_lab::api::{Key, Kind, Object};
use kube_service_lab::apiserver::DeleteOptions;
use kube_service_lab::cluster::{BOOT, Cluster, Settings};
use kube_service_lab::time::{MILLISECOND, Queue, SECOND, Stream};
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test_configure!(run_in_browser);

/// FNV-1a over everything that is told to it.
struct Digest(u64);

impl Digest {
    fn new() -> Digest {
        Digest(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }
}

fn tell(name: &str, digest: &Digest) {
    #[cfg(target_arch = "wasm32")]
    console_log!("digest {name} {:016x}", digest.0);
    #[cfg(not(target_arch = "wasm32"))]
    println!("digest {name} {:016x}", digest.0);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn draws_and_event_order() {
    let mut digest = Digest::new();
    let (mut stream, mut queue) = (Stream::new(2026, "determinism"), Queue::default());
    for event in 0..20_000u64 {
        queue.push(stream.exponential(SECOND) / MILLISECOND, event);
        digest.number(stream.around(SECOND));
    }
    while let Some((at, event)) = queue.pop_until(u64::MAX) {
        digest.number(at);
        digest.number(event);
    }
    digest.bytes(stream.name_suffix().as_bytes());
    digest.bytes(stream.uid().as_bytes());
    tell("draws", &digest);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_cluster_in_turmoil() {
    let mut first = turmoil(7);
    let mut copy = first.clone();
    let again = digest_of(&turmoil(7));
    let digest = digest_of(&first);
    assert_eq!(digest.0, again.0, "the same seed gave another run");
    assert_ne!(digest.0, digest_of(&turmoil(8)).0, "the seed changes nothing");
    for cluster in [&mut first, &mut copy] {
        cluster.run_until(cluster.now() + 60 * SECOND);
    }
    assert_eq!(digest_of(&first).0, digest_of(&copy).0, "a copy of a cluster went another way");
    tell("cluster", &digest_of(&first));
}

/// Two virtual minutes of a small cluster in which somebody scales, deletes and pulls plugs at random moments.
fn turmoil(seed: u64) -> Cluster {
    let mut cluster = Cluster::new(Settings::with_nodes(4), seed);
    let mut whim = Stream::new(seed, "turmoil");
    for (kind, body) in [(Kind::Deployment, deployment()), (Kind::Service, service())] {
        let object = Object::decode(kind, &body, &mut Decoder::default()).expect("a valid object");
        cluster.request(|api| api.create(object, false)).expect("created");
    }
    while cluster.now() < BOOT + 120 * SECOND {
        cluster.run_until(cluster.now() + whim.exponential(3 * SECOND));
        match whim.below(10) {
            0 => drop(cluster.node_down("node-3")),
            1 => drop(cluster.node_up("node-3")),
            2 | 3 => scale(&mut cluster, whim.between(1, 12)),
            _ => kill(&mut cluster, &mut whim),
        }
    }
    cluster
}

fn scale(cluster: &mut Cluster, replicas: u64) {
    let key = Key::new("default", "web");
    let Some(mut object) = cluster.api().store().get(Kind::Deployment, &key).cloned() else { return };
    let Object::Deployment(deployment) = &mut object else { return };
    std::rc::Rc::make_mut(deployment).spec.replicas = Some(replicas as i32);
    // A conflict is a possible answer, and the same one in every run.
    let _ = cluster.request(|api| api.update(object, false));
}

fn kill(cluster: &mut Cluster, whim: &mut Stream) {
    let pods: Vec<Key> = cluster.api().store().list(Kind::Pod, Some("default")).map(Object::key).collect();
    if let Some(key) = pods.get(whim.below(pods.len() as u64) as usize) {
        let _ = cluster.request(|api| api.delete(Kind::Pod, key, &DeleteOptions::default()));
    }
}

/// Everything that the API server holds, and how many events led there.
fn digest_of(cluster: &Cluster) -> Digest {
    let mut digest = Digest::new();
    for info in KINDS {
        for object in cluster.api().store().list(info.kind, None) {
            digest.bytes(object.to_value().to_string().as_bytes());
        }
    }
    digest.number(cluster.events());
    digest.number(cluster.now());
    digest
}

fn deployment() -> serde_json::Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "namespace": "default" },
        "spec": {
            "replicas": 5, "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" } },
                "spec": { "containers": [{ "name": "web", "image": "web:v1", "ports": [{ "containerPort": 8080 }] }] }
            }
        }
    })
}

fn service() -> serde_json::Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web", "namespace": "default" },
        "spec": { "type": "NodePort", "selector": { "app": "web" }, "ports": [{ "port": 80, "targetPort": 8080 }] }
    })
}
