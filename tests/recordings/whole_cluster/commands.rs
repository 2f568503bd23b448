//! What people and accidents do, at random: valid and invalid kubectl lines, manifests, nodes that go away, processes that crash.
//! A step is data that can be played in any state of the cluster, so that a failing run can be shortened by leaving steps out.

use kube_service_lab::time::{MILLISECOND, Nanos, Stream};
use serde_json::{Value, json};

/// One step. Words like `{pod:7}` stand for one of the objects that there are then: see [`super::play`].
#[derive(Clone, Debug)]
pub enum Step {
    /// A command line and what `-f -` reads.
    Kubectl {
        line: String,
        stdin: String,
    },
    NodeDown(String),
    NodeUp(String),
    /// The first container of a Pod ends by itself.
    Crash(String),
    /// Time passes.
    Pass(Nanos),
    /// Time passes until nothing changes any more; then everything is looked at.
    Settle,
    /// A healthy rollout that nobody disturbs, watched closely.
    Rollout(String, String),
}

const DEPLOYMENTS: [&str; 3] = ["web", "api", "db"];
const SERVICES: [&str; 5] = ["web", "api", "db", "front", "back"];
/// Services without selector: nobody but people writes their Endpoints. (What people write into the Endpoints of a Service with
/// a selector stays there until its Pods change, in Kubernetes too.)
const BY_HAND: [&str; 2] = ["hand", "mine"];
const NODES: [&str; 3] = ["node-1", "node-2", "node-3"];
const IMAGES: [&str; 6] = ["nginx:1.27", "nginx:1.28", "nginx:1.29", "nginx:1.28", "nginx:nope", "UPPER:case"];

/// The steps of a run: `count` kubectl lines and lab commands, with pauses between them.
pub fn steps(random: &mut Stream, count: usize) -> Vec<Step> {
    let mut steps = vec![];
    for _ in 0..count {
        steps.push(one(random));
        match random.below(10) {
            0..=4 => steps.push(Step::Pass(random.below(2000) * MILLISECOND)),
            5 => steps.push(Step::Settle),
            _ => {}
        }
    }
    steps.push(Step::Settle);
    steps
}

fn pick<'a>(random: &mut Stream, of: &[&'a str]) -> &'a str {
    of[random.below(of.len() as u64) as usize]
}

/// Names of objects that perhaps exist.
struct Names {
    deployment: &'static str,
    service: &'static str,
    node: &'static str,
    image: &'static str,
    pod: String,
    set: String,
    number: u64,
    namespace: &'static str,
}

impl Names {
    fn new(random: &mut Stream) -> Names {
        Names {
            deployment: pick(random, &DEPLOYMENTS),
            service: pick(random, &SERVICES),
            node: pick(random, &NODES),
            image: pick(random, &IMAGES),
            pod: format!("{{pod:{}}}", random.below(100)),
            set: format!("{{rs:{}}}", random.below(100)),
            number: random.below(7),
            namespace: if random.chance(1, 12) { " -n shop" } else { "" },
        }
    }
}

fn one(random: &mut Stream) -> Step {
    let n = Names::new(random);
    match random.below(40) {
        0 => Step::NodeDown(n.node.into()),
        1 | 2 => Step::NodeUp(n.node.into()),
        3 => Step::Crash(n.pod),
        4 => Step::Rollout(n.deployment.into(), n.image.into()),
        5..=10 => Step::Kubectl { line: format!("kubectl apply -f -{}", n.namespace), stdin: manifest(random, &n) },
        11 => Step::Kubectl { line: "kubectl replace -f -".into(), stdin: manifest(random, &n) },
        12 => Step::Kubectl { line: "kubectl create -f -".into(), stdin: manifest(random, &n) },
        13..=17 => line(workload(random, &n), n.namespace),
        18..=23 => line(service(random, &n), n.namespace),
        24..=27 => line(rollout(random, &n), n.namespace),
        28..=31 => line(labels(random, &n), n.namespace),
        32..=34 => line(removal(random, &n), n.namespace),
        35..=37 => line(node(random, &n), ""),
        _ => line(nonsense(random, &n), ""),
    }
}

fn line(line: String, namespace: &str) -> Step {
    Step::Kubectl { line: format!("kubectl {line}{namespace}"), stdin: String::new() }
}

fn workload(random: &mut Stream, n: &Names) -> String {
    let (d, i, c) = (n.deployment, n.image, n.number);
    match random.below(9) {
        0..=2 => format!("create deployment {d} --image={i} --replicas={c} --port=80"),
        3 => format!("scale deployment/{d} --replicas={c}"),
        4 => format!("scale deploy {d} --replicas={c} --current-replicas={}", random.below(4)),
        5 => format!("scale rs/{} --replicas={c}", n.set),
        6 => format!("run p{c} --image={i} --labels=app={d} --port=80"),
        7 => format!("run p{c} --image=busybox:1.37 --restart=Never --labels=app={d} -- sh -c 'sleep {c}'"),
        _ => format!("set env deployment/{d} APP_CRASH_AFTER={}s", 1 + c),
    }
}

fn service(random: &mut Stream, n: &Names) -> String {
    let (s, d, c) = (n.service, n.deployment, n.number);
    let type_ = pick(random, &["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "Nonsense"]);
    let patch = |value: Value| format!("patch service {s} -p '{value}'");
    match random.below(16) {
        0..=2 => format!("expose deployment {d} --name={s} --port=80 --type={type_}"),
        3 => format!("expose deployment {d} --port=80 --target-port=http --name={s}"),
        4 => format!("create service clusterip {s} --tcp=80:80"),
        5 => format!("create service nodeport {s} --tcp=80:80 --node-port={}", 30_000 + random.below(4)),
        6 => format!("create service clusterip {s} --clusterip=10.96.0.{} --tcp=80", 20 + random.below(4)),
        7 => format!("create service externalname {s} --external-name=example.org"),
        8 | 9 => patch(json!({"spec": {"type": type_}})),
        10 => patch(json!({"spec": {"ports": [{"port": 80, "nodePort": 30_000 + c}]}})),
        11 => patch(json!({"spec": {"selector": {"app": d}, "publishNotReadyAddresses": c > 3}})),
        12 => patch(json!({"spec": {"internalTrafficPolicy": "Local", "externalTrafficPolicy": "Local"}})),
        13 => patch(json!({"spec": {"sessionAffinity": "ClientIP", "trafficDistribution": "PreferSameZone"}})),
        14 => format!(r#"patch svc {s} --type=json -p '[{{"op":"replace","path":"/spec/ports/0/port","value":{}}}]'"#, 80 + c),
        _ => format!("set selector service {s} app={d}"),
    }
}

fn rollout(random: &mut Stream, n: &Names) -> String {
    let (d, c) = (n.deployment, n.number);
    let patch = |value: Value| format!("patch deployment {d} -p '{value}'");
    match random.below(14) {
        0..=2 => format!("set image deployment/{d} *={}", n.image),
        3 => format!("set image deployment/{d} nginx={} --record", n.image),
        4 => format!("rollout undo deployment/{d}"),
        5 => format!("rollout undo deployment/{d} --to-revision={c}"),
        6 => format!("rollout pause deployment/{d}"),
        7 | 8 => format!("rollout resume deployment/{d}"),
        9 => format!("rollout restart deployment/{d}"),
        10 => format!("rollout status deployment/{d} --timeout={c}s"),
        11 => patch(json!({"spec": {"strategy": {"rollingUpdate": {"maxSurge": c, "maxUnavailable": format!("{}%", 10 * c)}}}})),
        12 => patch(json!({"spec": {"strategy": {"type": "Recreate", "rollingUpdate": null}}})),
        _ => patch(json!({"spec": {"minReadySeconds": c, "revisionHistoryLimit": c / 2, "progressDeadlineSeconds": 10 + c}})),
    }
}

fn labels(random: &mut Stream, n: &Names) -> String {
    let (d, p, c) = (n.deployment, &n.pod, n.number);
    match random.below(10) {
        0 => format!("label pod {p} app={d} --overwrite"),
        1 => format!("label pod {p} app-"),
        2 => format!("label pods --all tier=x{c} --overwrite"),
        3 => format!("label svc {} team=t{c} --overwrite", n.service),
        4 => format!("label rs {} app=other --overwrite", n.set),
        5 => format!("annotate deployment {d} kubernetes.io/change-cause=c{c} --overwrite"),
        6 => format!("annotate pod {p} controller.kubernetes.io/pod-deletion-cost={c} --overwrite"),
        7 => format!("label node {} topology.kubernetes.io/zone=zone-{} --overwrite", n.node, pick(random, &["a", "b", "c"])),
        8 => format!("label rs {} pod-template-hash-", n.set),
        _ => format!("label deployment {d} bad=-value"),
    }
}

fn removal(random: &mut Stream, n: &Names) -> String {
    let (d, s, p) = (n.deployment, n.service, &n.pod);
    let how = pick(random, &["", "", " --cascade=orphan", " --cascade=foreground", " --wait=false", " --ignore-not-found"]);
    match random.below(12) {
        0 | 1 => format!("delete deployment {d}{how}"),
        2 | 3 => format!("delete service {s}{how}"),
        4 => format!("delete pod {p}{how}"),
        5 => format!("delete pod {p} --grace-period=0 --force"),
        6 => format!("delete rs {}{how}", n.set),
        7 => format!("delete endpoints {}", if random.chance(1, 2) { s } else { pick(random, &BY_HAND) }),
        8 => format!("delete endpointslice {{slice:{}}}", n.number),
        9 => format!("delete pods -l app={d} --wait=false"),
        10 => "delete namespace shop --wait=false".into(),
        _ => format!("delete deploy,svc,rs {d} --now"),
    }
}

fn node(random: &mut Stream, n: &Names) -> String {
    let node = n.node;
    match random.below(9) {
        0 => format!("cordon {node}"),
        1..=3 => format!("uncordon {node}"),
        4 => format!("drain {node} --ignore-daemonsets --force --timeout={}s", 1 + n.number),
        5 => format!("taint nodes {node} dedicated=x:{} --overwrite", pick(random, &["NoSchedule", "NoExecute", "Never"])),
        6 | 7 => format!("taint nodes {node} dedicated-"),
        _ => "create namespace shop".into(),
    }
}

fn nonsense(random: &mut Stream, n: &Names) -> String {
    let (d, s) = (n.deployment, n.service);
    match random.below(10) {
        0 => format!("create deployment {d}"),
        1 => format!("scale deployment {d} --replicas=-1"),
        2 => format!("patch deployment {d} -p '{{\"spec\":{{\"replicas\":\"many\"}}}}'"),
        3 => format!("patch service {s} -p '{{broken'"),
        4 => format!("expose service {s} --port=99999"),
        5 => format!("set image deployment/{d} none={}", n.image),
        6 => format!("get pods -o jsonpath='{{.items[{}'", n.number),
        7 => "delete".into(),
        8 => format!("frobnicate {d} --very"),
        _ => format!("patch deployment {d} --type=json -p '[{{\"op\":\"remove\",\"path\":\"/spec/nowhere\"}}]'"),
    }
}

/// A text for `-f -`: one or several objects, sometimes broken.
fn manifest(random: &mut Stream, n: &Names) -> String {
    let mut text = match random.below(8) {
        0..=2 => deployment(random, n).to_string(),
        3 | 4 => a_service(random, n).to_string(),
        5 => format!("{}\n---\n{}", deployment(random, n), a_service(random, n)),
        6 => by_hand(random, n).to_string(),
        _ => pod(random, n).to_string(),
    };
    if random.chance(1, 6) {
        let at = random.below(text.len() as u64) as usize;
        match random.below(3) {
            0 => text.truncate(at),
            1 => text.insert(at, pick(random, &["{", "\"", ":", "\n- ", "\t", "0"]).chars().next().unwrap_or(' ')),
            _ => text = text.replace("\"port\"", pick(random, &["\"prot\"", "\"port\": 1, \"port\""])),
        }
    }
    text
}

fn container(random: &mut Stream, n: &Names) -> Value {
    let mut container =
        json!({"name": "nginx", "image": n.image, "ports": [{"name": "http", "containerPort": 80 + 8000 * (n.number % 2)}]});
    let mut env = vec![];
    if random.chance(1, 3) {
        env.push(json!({"name": "APP_READY_DELAY", "value": format!("{}s", n.number)}));
    }
    if random.chance(1, 8) {
        env.push(json!({"name": "APP_UNREADY_AFTER", "value": format!("{}s", 5 + n.number)}));
    }
    if random.chance(1, 8) {
        env.push(json!({"name": "APP_CRASH_AFTER", "value": format!("{}s", 5 + n.number)}));
    }
    container["env"] = json!(env);
    let probe = json!({"httpGet": {"path": "/ready", "port": 80 + 8000 * (n.number % 2)}, "periodSeconds": 1 + n.number % 3});
    if random.chance(1, 2) {
        container["readinessProbe"] = probe.clone();
    }
    if random.chance(1, 8) {
        container["livenessProbe"] = probe;
    }
    container
}

fn pod_spec(random: &mut Stream, n: &Names) -> Value {
    let mut spec = json!({"containers": [container(random, n)], "terminationGracePeriodSeconds": random.below(8)});
    if random.chance(1, 6) {
        spec["tolerations"] = json!([{"operator": "Exists"}]);
    }
    spec
}

fn deployment(random: &mut Stream, n: &Names) -> Value {
    let labels = json!({"app": if random.chance(1, 10) { "other" } else { n.deployment }});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": n.deployment},
        "spec": {
            "replicas": n.number,
            "selector": {"matchLabels": {"app": n.deployment}},
            "strategy": {"rollingUpdate": {"maxSurge": random.below(3), "maxUnavailable": random.below(3)}},
            "minReadySeconds": random.below(3),
            "template": {"metadata": {"labels": labels}, "spec": pod_spec(random, n)},
        },
    })
}

fn a_service(random: &mut Stream, n: &Names) -> Value {
    let target: Value = if random.chance(1, 3) { "http".into() } else { (80 + 8000 * (n.number % 2)).into() };
    let mut name = n.service;
    let mut spec = json!({"ports": [{"name": "a", "port": 80, "targetPort": target}], "selector": {"app": n.deployment}});
    match random.below(8) {
        0 => spec["clusterIP"] = "None".into(),
        1 => spec["clusterIP"] = format!("10.96.0.{}", 20 + n.number).into(),
        2 => spec["type"] = "LoadBalancer".into(),
        3 => {
            spec["type"] = "NodePort".into();
            spec["ports"][0]["nodePort"] = (30_000 + n.number % 4).into();
        }
        4 => {
            name = pick(random, &BY_HAND);
            spec = json!({"ports": [{"name": "a", "port": 80}]});
        }
        5 => {
            spec["ports"] = json!([{"name": "a", "port": 80, "targetPort": "http"}, {"name": "b", "port": 81, "targetPort": 80}])
        }
        // One a Service: of two with the same address and port it is chance who has it (in ipvs mode the last who came).
        6 if n.namespace.is_empty() => {
            let index = SERVICES.iter().position(|s| *s == name).unwrap_or(0);
            spec["externalIPs"] = json!([format!("203.0.113.{index}")]);
        }
        _ => {}
    }
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec})
}

fn pod(random: &mut Stream, n: &Names) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("p{}", n.number), "labels": {"app": n.deployment}},
        "spec": pod_spec(random, n),
    })
}

/// Endpoints and slices that somebody wrote.
fn by_hand(random: &mut Stream, n: &Names) -> Value {
    let ip = format!("192.0.2.{}", 100 + n.number);
    if random.chance(1, 2) {
        return json!({
            "apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": pick(random, &BY_HAND)},
            "subsets": [{"addresses": [{"ip": ip}], "ports": [{"name": "a", "port": 8080}]}],
        });
    }
    json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": format!("{}-hand", n.service), "labels": {"kubernetes.io/service-name": n.service}},
        "endpoints": [{"addresses": [ip]}], "ports": [{"name": "a", "port": 8080}],
    })
}
