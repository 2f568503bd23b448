//! Nodes that fall silent, come back, or are removed: what happens to them and to their Pods, and when.

use crate::support::{Bench, object};
use kube_service_lab::api::node::{LeaseSpec, NodeCondition};
use kube_service_lab::api::{Event, Key, Kind, Lease, Namespace, Node, Object, Pod};
use kube_service_lab::apiserver::DeleteOptions;
use kube_service_lab::controllers::Controller;
use kube_service_lab::controllers::deployment::DeploymentController;
use kube_service_lab::controllers::node_lifecycle::{NodeLifecycleController, UNREACHABLE};
use kube_service_lab::controllers::pod_gc::PodGcController;
use kube_service_lab::controllers::replicaset::ReplicaSetController;
use kube_service_lab::controllers::taint_eviction::TaintEvictionController;
use kube_service_lab::time::SECOND;
use serde_json::json;
use std::rc::Rc;

const NODES: [(&str, &str); 3] = [("node-1", "zone-a"), ("node-2", "zone-a"), ("node-3", "zone-b")];

struct Cluster {
    bench: Bench,
    down: Vec<&'static str>,
}

impl Cluster {
    fn new(seed: u64) -> Cluster {
        let controllers: Vec<Box<dyn Controller>> = vec![
            Box::new(DeploymentController),
            Box::new(ReplicaSetController::default()),
            Box::new(NodeLifecycleController::default()),
            Box::new(TaintEvictionController::default()),
            Box::new(PodGcController::default()),
        ];
        let mut bench = Bench::new(seed, controllers);
        let leases: Namespace = object(json!({"metadata": {"name": "kube-node-lease"}, "status": {"phase": "Active"}}));
        bench.api.seed(Object::Namespace(Rc::new(leases)));
        for (name, zone) in NODES {
            let labels = json!({"topology.kubernetes.io/zone": zone});
            let mut node: Node = object(json!({"metadata": {"name": name, "labels": labels}, "spec": {}}));
            let ready = NodeCondition { type_: "Ready".into(), status: "True".into(), ..NodeCondition::default() };
            node.status.conditions.push(ready);
            bench.api.seed(Object::Node(Rc::new(node)));
            let lease: Lease = object(json!({"metadata": {"name": name, "namespace": "kube-node-lease"}, "spec": {}}));
            bench.api.seed(Object::Lease(Rc::new(lease)));
        }
        let mut deployment = crate::support::deployment(9, "web:v1");
        let toleration = json!({"key": UNREACHABLE, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60});
        let with: Pod = object(json!({"spec": {"containers": [], "tolerations": [toleration]}}));
        deployment.spec.template.spec.tolerations = with.spec.tolerations;
        bench.api.create(Object::Deployment(Rc::new(deployment)), false).unwrap();
        let mut cluster = Cluster { bench, down: vec![] };
        cluster.run(30);
        cluster
    }

    /// Lets so many seconds pass; nodes that are up renew their leases every ten of them.
    fn run(&mut self, seconds: u64) {
        for _ in 0..seconds {
            let second = self.bench.now / SECOND;
            for (name, _) in NODES.iter().filter(|(name, _)| second.is_multiple_of(10) && !self.down.contains(name)) {
                let key = Key::new("kube-node-lease", name);
                let Some(lease) = self.bench.api.get::<Lease>(&key) else { continue };
                let mut lease = Lease::clone(lease);
                lease.spec = LeaseSpec { renew_time: Some(self.bench.api.micro_clock()), ..lease.spec };
                self.bench.api.update(Object::Lease(Rc::new(lease)), false).unwrap();
            }
            self.bench.run_until((second + 1) * SECOND, |_| {});
        }
    }

    fn node(&self, name: &str) -> Rc<Node> {
        self.bench.api.get::<Node>(&Key::new("", name)).unwrap().clone()
    }

    fn taints(&self, name: &str) -> Vec<String> {
        self.node(name).spec.taints.iter().map(|t| format!("{}:{}", t.key, t.effect)).collect()
    }

    fn ready(&self, name: &str) -> String {
        self.node(name).status.conditions.iter().find(|c| c.type_ == "Ready").unwrap().status.clone()
    }

    fn pods_on(&self, node: &str) -> Vec<Rc<Pod>> {
        self.bench.list::<Pod>().into_iter().filter(|p| p.spec.node_name == node).collect()
    }

    fn events(&self, reason: &str) -> Vec<String> {
        let events = self.bench.api.store().list(Kind::Event, None).filter_map(|o| o.as_::<Event>());
        events.filter(|e| e.reason == reason).map(|e| format!("{} {}", e.type_, e.message)).collect()
    }

    /// The kubelet posts its status again.
    fn report_ready(&mut self, name: &str) {
        let mut node = Node::clone(&self.node(name));
        for condition in &mut node.status.conditions {
            condition.status = if condition.type_ == "Ready" { "True" } else { "False" }.into();
            condition.last_heartbeat_time = self.bench.api.clock();
        }
        self.bench.api.update_status(Object::Node(Rc::new(node)), false).unwrap();
    }
}

#[test]
fn a_silent_node_is_given_up_step_by_step() {
    for seed in 0..5 {
        let mut cluster = Cluster::new(seed);
        let pods = cluster.pods_on("node-3").len();
        assert!(cluster.bench.list::<Pod>().iter().all(|p| p.is_ready()), "seed {seed}");
        cluster.down.push("node-3");
        cluster.run(40);
        assert_eq!(cluster.ready("node-3"), "True", "the grace period is not over");
        cluster.run(26);
        assert_eq!(cluster.ready("node-3"), "Unknown");
        assert_eq!(cluster.taints("node-3"), [format!("{UNREACHABLE}:NoSchedule"), format!("{UNREACHABLE}:NoExecute")]);
        assert_eq!(cluster.pods_on("node-3").iter().filter(|p| p.is_ready()).count(), 0);
        assert_eq!(cluster.bench.deployment("web").unwrap().status.ready_replicas, 9 - pods as i32);
        assert_eq!(cluster.events("NodeNotReady").len(), pods + 1);
        assert!(cluster.events("NodeNotReady").contains(&"Normal Node node-3 status is now: NodeNotReady".to_string()));
        assert!(cluster.events("NodeNotReady").contains(&"Warning Node is not ready".to_string()));
        assert!(cluster.pods_on("node-3").iter().all(|p| p.is_active()), "they are tolerated for 60 s");
        cluster.run(62);
        assert_eq!(cluster.events("TaintManagerEviction").len(), pods);
        let leaving = cluster.pods_on("node-3").into_iter().filter(|p| p.meta.is_deleting());
        for pod in leaving {
            let why = pod.status.condition("DisruptionTarget").unwrap();
            assert_eq!((why.status.as_str(), why.reason.as_str()), ("True", "DeletionByTaintManager"));
        }
        for name in ["node-1", "node-2"] {
            assert_eq!((cluster.ready(name).as_str(), cluster.taints(name).len()), ("True", 0));
        }
    }
}

#[test]
fn a_node_that_comes_back_in_time_keeps_its_pods() {
    let mut cluster = Cluster::new(1);
    let before: Vec<String> = cluster.pods_on("node-3").iter().map(|p| p.meta.uid.clone()).collect();
    cluster.down.push("node-3");
    cluster.run(80);
    assert_eq!(cluster.taints("node-3").len(), 2);
    cluster.down.clear();
    cluster.run(10);
    cluster.report_ready("node-3");
    cluster.run(100);
    assert_eq!((cluster.ready("node-3").as_str(), cluster.taints("node-3").len()), ("True", 0));
    assert_eq!(cluster.pods_on("node-3").iter().map(|p| p.meta.uid.clone()).collect::<Vec<_>>(), before);
    let cancelled = cluster.events("TaintManagerEviction");
    assert!(cancelled.len() == before.len() && cancelled[0].starts_with("Normal Cancelling deletion of Pod default/web-"));
}

#[test]
fn when_all_nodes_are_silent_nobody_is_driven_out() {
    let mut cluster = Cluster::new(1);
    cluster.down = vec!["node-1", "node-2", "node-3"];
    cluster.run(200);
    for (name, _) in NODES {
        assert_eq!(cluster.ready(name), "Unknown");
        assert_eq!(cluster.taints(name), [format!("{UNREACHABLE}:NoSchedule")]);
    }
    assert!(!cluster.events("TaintManagerEviction").iter().any(|e| e.contains("Marking")));
    assert_eq!(cluster.bench.list::<Pod>().iter().filter(|p| p.is_active()).count(), 9);
}

#[test]
fn a_cordoned_node_is_tainted_and_a_taint_drives_out_at_once() {
    let mut cluster = Cluster::new(1);
    let mut node = Node::clone(&cluster.node("node-2"));
    node.spec.unschedulable = true;
    cluster.bench.api.update(Object::Node(Rc::new(node)), false).unwrap();
    cluster.run(2);
    assert_eq!(cluster.taints("node-2"), ["node.kubernetes.io/unschedulable:NoSchedule"]);
    let mut node = Node::clone(&cluster.node("node-2"));
    node.spec.unschedulable = false;
    node.spec.taints.extend(object::<Node>(json!({"spec": {"taints": [{"key": "gone", "effect": "NoExecute"}]}})).spec.taints);
    cluster.bench.api.update(Object::Node(Rc::new(node)), false).unwrap();
    let before = cluster.pods_on("node-2").len();
    cluster.run(2);
    assert_eq!(cluster.taints("node-2"), ["gone:NoExecute"]);
    assert!(cluster.events("TaintManagerEviction").len() >= before);
}

#[test]
fn the_pods_of_a_removed_node_are_collected() {
    let mut cluster = Cluster::new(2);
    cluster.bench.api.delete(Kind::Node, &Key::new("", "node-3"), &DeleteOptions::default()).unwrap();
    let lost: Vec<String> = cluster.pods_on("node-3").iter().map(|p| p.meta.uid.clone()).collect();
    let left = |cluster: &Cluster| cluster.pods_on("node-3").iter().filter(|p| lost.contains(&p.meta.uid)).count();
    cluster.run(35);
    assert_eq!(left(&cluster), lost.len(), "a missing node may come back");
    cluster.run(50);
    assert_eq!(left(&cluster), 0);
    assert_eq!(cluster.events("RemovingNode"), ["Normal Node node-3 event: Removing Node node-3 from Controller"]);
}

const BUDGET: &str = "@file web.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: \"nginx:1.27\"}]}
@end
$ kubectl apply -f web.yaml

$ kubectl create pdb web --selector=app=web --min-available=3

! settle
";

#[test]
fn a_budget_without_room_holds_back_a_drain() {
    use kube_service_lab::cluster::Settings;
    use kube_service_lab::lab::Lab;
    use kube_service_lab::lab::transcript::Replay;
    let play = |steps: &str| {
        let mut replay = Replay::new(Lab::with_settings(Settings::default(), 3));
        replay.play(&format!("{BUDGET}{steps}"));
        replay.text
    };
    let text = play("$ kubectl drain node-2 --timeout=8s\n\n$ kubectl get pdb --no-headers\n");
    let refused = "(will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.";
    assert_eq!(text.matches(refused).count(), 2, "{text}");
    assert!(
        text.contains("global timeout reached: 8s, continuing command...\nThere are pending nodes to be drained:\n node-2\n"),
        "{text}"
    );
    assert!(text.contains("web   3     N/A   0     "), "{text}");
    let text = play(
        "$ kubectl patch pdb web -p '{\"spec\":{\"minAvailable\":2}}'\n\n! sleep 1s\n$ kubectl drain node-2\n\n! settle\n$ kubectl get pdb web -o jsonpath={.status}\n",
    );
    assert!(text.contains("node/node-2 drained"), "{text}");
    assert!(text.contains("\"currentHealthy\":3,\"desiredHealthy\":2,\"disruptionsAllowed\":1,\"expectedPods\":3"), "{text}");
}
