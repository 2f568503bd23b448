//! Recorded answers of the Deployment and ReplicaSet controllers: arithmetic, whole rollouts, order of deletion.

use crate::support::{Bench, EPOCH, image, object, template, vectors};
use kube_service_lab::api::apps::{DeploymentCondition, DeploymentStatus};
use kube_service_lab::api::{Deployment, Key, Kind, Object, Pod, ReplicaSet, Time};
use kube_service_lab::controllers::Outcome;
use kube_service_lab::controllers::clock::start_of;
use kube_service_lab::controllers::deployment::DeploymentController;
use kube_service_lab::controllers::deployment::family::{Family, active, size};
use kube_service_lab::controllers::deployment::plan::{self, Resize};
use kube_service_lab::controllers::deployment::{annotations, conditions, fenceposts};
use kube_service_lab::controllers::replicaset::ReplicaSetController;
use kube_service_lab::controllers::replicaset::rank::{self, Ranked};
use kube_service_lab::time::SECOND;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Runs every case, prints each mismatch, and asserts that there was none.
fn check_all(file: &str, expected: usize, run: impl Fn(&Value) -> Vec<(String, Value, Value)>) {
    let file = vectors(file);
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), expected);
    let mut wrong = 0;
    for case in cases {
        let differ: Vec<_> = run(case).into_iter().filter(|(_, expected, got)| expected != got).collect();
        wrong += usize::from(!differ.is_empty());
        for (what, expected, got) in differ.iter().take(3) {
            println!("== {} {what}\n-- expected {expected}\n-- got      {got}", case["name"]);
        }
    }
    assert_eq!(wrong, 0, "{wrong} of {} cases differ", cases.len());
}

fn deployment_of(input: &Value) -> Deployment {
    let mut rolling = Map::new();
    for field in ["maxSurge", "maxUnavailable"] {
        if !input[field].is_null() {
            rolling.insert(field.into(), input[field].clone());
        }
    }
    let strategy = input["strategy"].as_str().unwrap_or("RollingUpdate");
    let mut deployment = crate::support::deployment(0, "web:v1");
    deployment.spec.replicas = input["replicas"].as_i64().map(|n| n as i32);
    deployment.spec.strategy =
        object::<Deployment>(json!({"spec": {"strategy": {"type": strategy, "rollingUpdate": rolling}}})).spec.strategy;
    deployment.status.replicas = input["statusReplicas"].as_i64().unwrap_or(0) as i32;
    deployment
}

fn replica_set_of(input: &Value, name: &str) -> Option<Rc<ReplicaSet>> {
    let mut rs = match input {
        Value::Null => return None,
        Value::Number(n) => object::<ReplicaSet>(json!({"metadata": {"name": name}, "spec": {"replicas": n}})),
        _ => object::<ReplicaSet>(json!({
            "metadata": {"name": input["name"], "annotations": input["annotations"]},
            "spec": {"replicas": input["replicas"]},
            "status": input["status"],
        })),
    };
    rs.meta.uid = format!("uid-{}", rs.meta.name);
    rs.meta.creation_timestamp = Time(EPOCH + input["createdAfterSeconds"].as_i64().unwrap_or(0));
    if let Some(image) = input["templateImage"].as_str() {
        rs.spec.template = template(image);
    }
    Some(Rc::new(rs))
}

fn family_of(input: &Value) -> Family {
    let old = input["oldRSs"].as_array().into_iter().flatten().enumerate();
    Family {
        new: replica_set_of(&input["newRS"], "new"),
        old: old.filter_map(|(i, rs)| replica_set_of(rs, &format!("old{i}"))).collect(),
    }
}

fn events(steps: &[Resize]) -> Value {
    steps.iter().filter_map(Resize::message).map(|m| format!("Normal ScalingReplicaSet {m}")).collect()
}

/// Sizes and noted sizes after some steps.
fn after(deployment: &Deployment, family: &Family, steps: &[Resize]) -> (Value, Value) {
    let (mut sizes, mut noted) = (Map::new(), Map::new());
    for rs in family.all() {
        let mut rs = ReplicaSet::clone(&rs);
        let name = rs.meta.name.clone();
        for step in steps.iter().filter(|s| s.replica_set.meta.name == name) {
            rs.spec.replicas = Some(step.to);
            annotations::set_sizes(deployment, &mut rs);
        }
        let note = |key| rs.meta.annotations.get(key).cloned().unwrap_or_default();
        sizes.insert(rs.meta.name.clone(), json!(size(&rs)));
        let notes = json!({"desired-replicas": note(annotations::DESIRED), "max-replicas": note(annotations::MAX)});
        noted.insert(rs.meta.name.clone(), notes);
    }
    (Value::Object(sizes), Value::Object(noted))
}

fn names(replica_sets: &[Rc<ReplicaSet>]) -> Value {
    let mut names: Vec<&str> = replica_sets.iter().map(|rs| rs.meta.name.as_str()).collect();
    names.sort_unstable();
    json!(names)
}

/// The answer of the function that a case calls, with the field names of the recording.
fn answer(call: &str, input: &Value) -> Value {
    let deployment = deployment_of(input);
    let posts = |out: &mut Value| {
        out["MaxSurge"] = json!(fenceposts::max_surge(&deployment));
        out["MaxUnavailable"] = json!(fenceposts::max_unavailable(&deployment));
        out["MinAvailable"] = json!(fenceposts::min_available(&deployment));
    };
    let mut out = json!({});
    match call {
        "ResolveFenceposts" => {
            let update = deployment.spec.strategy.rolling_update.as_ref().unwrap();
            let resolved = fenceposts::resolve(
                update.max_surge.as_ref(),
                update.max_unavailable.as_ref(),
                fenceposts::replicas(&deployment),
            );
            match resolved {
                Err(error) => return json!({"error": error}),
                Ok((surge, unavailable)) => {
                    posts(&mut out);
                    out["surge"] = json!(surge);
                    out["unavailable"] = json!(unavailable);
                }
            }
        }
        "MaxSurge" => posts(&mut out),
        "NewRSNewReplicas" => {
            let family = family_of(input);
            let new = family.new.clone().unwrap();
            out["newRSReplicas"] = json!(plan::new_size(&deployment, &family.all(), &new).unwrap());
        }
        "rolloutRolling step" => {
            let family = family_of(input);
            let new: Vec<Resize> = plan::resize_new(&deployment, &family).unwrap().into_iter().collect();
            let old = if new.is_empty() { plan::shrink_old(&deployment, &family).unwrap() } else { vec![] };
            let steps = [new.clone(), old.clone()].concat();
            let sizes = after(&deployment, &family, &steps).0;
            out =
                json!({"events": events(&steps), "newScaled": !new.is_empty(), "oldScaled": !old.is_empty(), "replicas": sizes});
        }
        "scale" => {
            let family = family_of(input);
            let steps = plan::scale(&deployment, &family);
            let (sizes, noted) = after(&deployment, &family, &steps);
            out = json!({"events": events(&steps), "replicas": sizes, "annotations": noted});
        }
        "FindNewReplicaSet" => {
            let mut deployment = deployment;
            deployment.spec.template = template(input["deploymentTemplateImage"].as_str().unwrap());
            let all: Vec<_> = input["replicaSets"].as_array().unwrap().iter().filter_map(|rs| replica_set_of(rs, "")).collect();
            let family = Family::of(&deployment, &all);
            let new = family.new.as_ref().map(|rs| rs.meta.name.clone());
            out = json!({"newRS": new, "oldActive": names(&active(&family.old)), "oldAll": names(&family.old)});
        }
        "DeploymentComplete" => {
            let status = |field: &str| object::<Deployment>(json!({"status": input[field]})).status;
            let mut deployment = deployment;
            deployment.meta.generation = input["generation"].as_i64().unwrap();
            deployment.status = status("status");
            let new = status("newStatus");
            out["DeploymentComplete"] = json!(conditions::complete(&deployment, &new));
            out["DeploymentProgressing"] = json!(conditions::progressing(&deployment, &new));
        }
        "DeploymentTimedOut" => {
            let mut deployment = deployment;
            deployment.spec.progress_deadline_seconds = input["progressDeadlineSeconds"].as_i64().map(|n| n as i32);
            let given = &input["progressingCondition"];
            let mut status = DeploymentStatus::default();
            if !given.is_null() {
                let ago = given["lastUpdateSecondsAgo"].as_i64().unwrap();
                status.conditions.push(DeploymentCondition {
                    type_: "Progressing".into(),
                    status: given["status"].as_str().unwrap().into(),
                    reason: given["reason"].as_str().unwrap().into(),
                    last_update_time: Time(EPOCH - ago),
                    ..DeploymentCondition::default()
                });
            }
            out["DeploymentTimedOut"] = json!(conditions::timed_out(&deployment, &status, start_of(Time(EPOCH))));
            out["HasProgressDeadline"] = json!(conditions::has_deadline(&deployment.spec));
        }
        other => panic!("unknown call {other}"),
    }
    out
}

#[test]
fn arithmetic_of_a_rollout() {
    check_all("rollout-math.json", 312, |case| {
        let call = case["call"].as_str().unwrap();
        let mut expected = case["out"].clone();
        for list in ["oldActive", "oldAll"] {
            if let Some(names) = expected.get_mut(list).and_then(Value::as_array_mut) {
                names.sort_by_key(Value::to_string);
            }
        }
        vec![(String::new(), expected, answer(call, &case["in"]))]
    });
}

fn ranked_of(input: &Value) -> Ranked {
    let text = |field: &str| input[field].as_str().unwrap_or_default().to_string();
    let number = |field: &str| input[field].as_i64().unwrap_or(0);
    let ago = |field: &str| input[field].as_i64().map_or(Time(0), |ago| Time(EPOCH - ago)).rfc3339();
    let mut pod: Pod = object(json!({
        "metadata": {"name": text("name"), "uid": text("uid"), "creationTimestamp": ago("createdSecondsAgo")},
        "spec": {"nodeName": text("nodeName"), "containers": [{"name": "c"}]},
        "status": {
            "phase": text("phase"),
            "conditions": [{
                "type": "Ready",
                "status": if input["ready"] == true { "True" } else { "False" },
                "lastTransitionTime": ago("readySecondsAgo"),
            }],
            "containerStatuses": [{"name": "c", "restartCount": number("restartCount")}],
        },
    }));
    if let Some(cost) = input["podDeletionCost"].as_str() {
        pod.meta.annotations.insert("controller.kubernetes.io/pod-deletion-cost".into(), cost.into());
    }
    if let Some(count) = input["sidecarRestartCount"].as_i64() {
        let sidecar: Pod = object(json!({
            "spec": {"containers": [], "initContainers": [{"name": "s", "restartPolicy": "Always"}]},
            "status": {"initContainerStatuses": [{"name": "s", "restartCount": count}]},
        }));
        pod.spec.init_containers = sidecar.spec.init_containers;
        pod.status.init_container_statuses = sidecar.status.init_container_statuses;
    }
    Ranked::new(Rc::new(pod), number("rank") as usize)
}

#[test]
fn surplus_pods_go_in_this_order() {
    let now = start_of(Time(EPOCH));
    check_all("pod-deletion-rank.json", 74, |case| {
        let pods: Vec<Ranked> = case["in"]["pods"].as_array().unwrap().iter().map(ranked_of).collect();
        if case["out"]["nondeterministic"] == true {
            let find = |name: &Value| pods.iter().find(|r| r.pod.meta.name == *name).unwrap();
            let less = case["out"]["less"].as_array().unwrap().iter();
            let mut decided = vec![];
            for pair in less {
                let got = rank::compare(find(&pair[0]), find(&pair[1]), now);
                decided.push((format!("less {pair}"), json!("Less"), json!(format!("{got:?}"))));
            }
            return decided;
        }
        let sorted = rank::sort(pods, now);
        let order: Value = sorted.iter().map(|r| r.pod.meta.name.clone()).collect();
        vec![("order".into(), case["out"]["order"].clone(), order)]
    });
}

/// A rollout in rounds, as the recording tells how they go.
struct Rounds {
    bench: Bench,
    round: i64,
    until_ready: i64,
    until_gone: i64,
    never_ready: Vec<String>,
    born: BTreeMap<String, i64>,
    doomed: BTreeMap<String, i64>,
}

/// Pods that are equal but for their age went in the order of their uids when this was recorded: their ages lay on one
/// step of the scale, and uids were given out in order of birth. So the cache
/// is shown old Pods whose uids begin with the second of their birth.
fn same_age(object: &mut Object) {
    if let Object::Pod(pod) = object {
        let pod = Rc::make_mut(pod);
        let born = pod.meta.creation_timestamp.0;
        pod.meta.uid = format!("{born}-{}", pod.meta.uid);
        pod.meta.creation_timestamp = Time(born - 100_000_000);
    }
}

const DEPLOYMENTS: usize = 0;
const REPLICA_SETS: usize = 1;

fn tag(image: &str) -> String {
    image.trim_start_matches("web:").to_string()
}

impl Rounds {
    fn new(input: &Value) -> Rounds {
        let controllers: Vec<Box<dyn kube_service_lab::controllers::Controller>> =
            vec![Box::new(DeploymentController), Box::new(ReplicaSetController::default())];
        let mut bench = Bench::new(1, controllers);
        bench.lens = Some(same_age);
        let mut deployment = deployment_of(input);
        deployment.spec.template = template(&format!("web:{}", input["template"].as_str().unwrap()));
        deployment.spec.revision_history_limit = input["revisionHistoryLimit"].as_i64().map(|n| n as i32);
        if deployment.spec.strategy.type_ == "Recreate" {
            deployment.spec.strategy.rolling_update = None;
        }
        bench.api.create(Object::Deployment(Rc::new(deployment)), false).unwrap();
        bench.flush();
        let never = input["templatesThatNeverGetReady"].as_array().into_iter().flatten();
        Rounds {
            bench,
            round: 0,
            until_ready: input["roundsUntilReady"].as_i64().unwrap(),
            until_gone: input["roundsUntilGone"].as_i64().unwrap(),
            never_ready: never.map(|v| v.as_str().unwrap().to_string()).collect(),
            born: BTreeMap::new(),
            doomed: BTreeMap::new(),
        }
    }

    fn user_change(&mut self, change: &Value) {
        self.bench.edit("web", |deployment| {
            for (field, value) in change.as_object().unwrap() {
                match field.as_str() {
                    "template" => deployment.spec.template = template(&format!("web:{}", value.as_str().unwrap())),
                    "replicas" => deployment.spec.replicas = value.as_i64().map(|n| n as i32),
                    "paused" => deployment.spec.paused = value.as_bool().unwrap(),
                    other => panic!("unknown change {other}"),
                }
            }
        });
        self.bench.flush();
    }

    fn replica_sets(&self) -> Vec<Rc<ReplicaSet>> {
        let mut all = self.bench.list::<ReplicaSet>();
        all.sort_by_key(|rs| (rs.meta.creation_timestamp, rs.meta.name.clone()));
        all
    }

    fn sync_replica_sets(&mut self) {
        for rs in self.replica_sets() {
            let outcome = self.bench.sync(REPLICA_SETS, &Key::new("default", &rs.meta.name));
            assert_eq!(outcome, Outcome::Done);
            self.bench.flush();
        }
        for pod in self.bench.list::<Pod>() {
            let key = Key::new("default", &pod.meta.name);
            if pod.spec.node_name.is_empty() {
                self.bench.api.bind(&key, &pod.meta.uid, "node-1").unwrap();
            }
            self.born.entry(pod.meta.uid.clone()).or_insert(self.round);
            if pod.meta.is_deleting() {
                self.doomed.entry(pod.meta.uid.clone()).or_insert(self.round);
            }
        }
        self.bench.flush();
    }

    fn pods_move_on(&mut self) {
        for pod in self.bench.list::<Pod>() {
            let key = Key::new("default", &pod.meta.name);
            let broken = self.never_ready.contains(&tag(crate::support::spec_image(&pod.spec)));
            if self.doomed.get(&pod.meta.uid).is_some_and(|since| self.round - since >= self.until_gone) {
                self.bench.remove_pod(&key, &pod.meta.uid);
            } else if !broken && !pod.is_ready() && self.round - self.born[&pod.meta.uid] >= self.until_ready {
                self.bench.set_ready(&key, &pod.meta.uid);
            }
        }
        self.bench.flush();
    }

    /// One round. Returns what the recording has of it.
    fn go(&mut self, change: &Value) -> Value {
        self.round += 1;
        self.bench.advance(SECOND);
        if !change.is_null() {
            self.user_change(change);
        }
        let outcome = self.bench.sync(DEPLOYMENTS, &Key::new("default", "web"));
        assert!(!matches!(outcome, Outcome::Retry(_)), "{outcome:?}");
        let changes = self.bench.flush();
        let mut out =
            json!({"round": self.round, "deploymentStatus": self.status(), "revisions": {}, "replicaSetStatusAtEnd": {}});
        let after: Map<String, Value> = self.replica_sets().iter().map(|rs| (tag(image(rs)), json!(size(rs)))).collect();
        out["specAfterDeploymentSync"] = Value::Object(after);
        let events: Vec<String> = changes.iter().filter(|c| c.kind() == Kind::Event).map(|c| self.event(c.object())).collect();
        if !events.is_empty() {
            out["events"] = json!(events);
        }
        if !change.is_null() {
            out["userChange"] = change.clone();
        }
        self.sync_replica_sets();
        self.pods_move_on();
        self.sync_replica_sets();
        for rs in self.replica_sets() {
            let (tag, status) = (tag(image(&rs)), &rs.status);
            out["revisions"][&tag] = json!(rs.meta.annotations[annotations::REVISION]);
            out["replicaSetStatusAtEnd"][&tag] = json!({
                "available": status.available_replicas,
                "ready": status.ready_replicas,
                "replicas": status.replicas,
                "terminating": status.terminating_replicas.unwrap_or(0),
            });
        }
        out
    }

    fn status(&self) -> Value {
        let deployment = self.bench.deployment("web").unwrap();
        let status = &deployment.status;
        let conditions: Vec<String> =
            status.conditions.iter().map(|c| format!("{}={} {}", c.type_, c.status, c.reason)).collect();
        json!({
            "availableReplicas": status.available_replicas,
            "conditions": conditions,
            "readyReplicas": status.ready_replicas,
            "replicas": status.replicas,
            "terminatingReplicas": status.terminating_replicas.unwrap_or(0),
            "unavailableReplicas": status.unavailable_replicas,
            "updatedReplicas": status.updated_replicas,
        })
    }

    fn event(&self, event: &Object) -> String {
        let Object::Event(event) = event else { panic!("not an event") };
        let mut message = event.message.clone();
        for rs in self.bench.list::<ReplicaSet>() {
            message = message.replace(&rs.meta.name, &format!("<rs of {}>", tag(image(&rs))));
        }
        format!("{} {} {message}", event.type_, event.reason)
    }
}

#[test]
fn rollouts_in_rounds() {
    check_all("rollout-traces.json", 32, |case| {
        let mut rounds = Rounds::new(&case["in"]);
        let recorded = case["out"]["rounds"].as_array().unwrap();
        let run = |expected: &Value| (expected["round"].to_string(), expected.clone(), rounds.go(&expected["userChange"]));
        recorded.iter().map(run).collect()
    });
}
