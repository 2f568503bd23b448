//! One case: a sequence of Pod sets, and the slices after each reconcile. Each step starts from the recorded outcome of the
//! one before, because what Go's map order decided cannot be repeated.

use super::{decode, differ, list};
use kube_service_lab::api::codec::Json;
use kube_service_lab::api::meta::ObjectReference;
use kube_service_lab::api::{EndpointSlice, Kind, Node, Pod, Service};
use kube_service_lab::controllers::endpointslice::CONTROLLER;
use kube_service_lab::controllers::endpointslice::desired::new_slice;
use kube_service_lab::controllers::endpointslice::reconcile::{Reconciler, Step};
use kube_service_lab::controllers::endpointslice::topology::TopologyCache;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

struct State {
    reconciler: Reconciler,
    service: Rc<Service>,
    has_selector: bool,
    nodes: Vec<Rc<Node>>,
    pods: BTreeMap<String, Rc<Pod>>,
    slices: Vec<EndpointSlice>,
}

pub fn check(case: &Value) -> Vec<String> {
    let input = &case["in"];
    let mut state = State {
        reconciler: Reconciler {
            controller: CONTROLLER,
            max_endpoints_per_slice: input["maxEndpointsPerSlice"].as_u64().unwrap() as usize,
            topology: TopologyCache::default(),
        },
        service: Rc::default(),
        has_selector: false,
        nodes: vec![],
        pods: BTreeMap::new(),
        slices: vec![],
    };
    state.set_service(&input["service"]);
    state.set_nodes(&input["nodes"]);
    let mut problems = vec![];
    for (i, (step, out)) in list(input, "steps").zip(list(&case["out"], "steps")).enumerate() {
        state.apply(step);
        let mut steps = state.reconcile();
        if let Some(writes) = out.get("writes") {
            differ(&mut problems, i, "writes", writes, &writes_of(&steps));
        }
        let errors: Vec<String> = steps.iter_mut().flat_map(|s| std::mem::take(&mut s.errors)).collect();
        differ(&mut problems, i, "error", out.get("error").unwrap_or(&json!("")), &json!(errors.join(", ")));
        let sayings = steps.iter().flat_map(|s| &s.sayings);
        let events: Vec<String> = sayings.map(|s| format!("{} {} {}", s.type_, s.reason, s.message)).collect();
        differ(&mut problems, i, "events", out.get("events").unwrap_or(&json!([])), &json!(events));
        let before = std::mem::take(&mut state.slices);
        let after = written(before.clone(), steps);
        compare(&mut problems, i, out, &before, &after);
        state.take_over(out, &before);
    }
    problems
}

/// The Pods that a text like `p000-p003 p007` names.
fn range(text: &str) -> Vec<usize> {
    let number = |name: &str| name[1..].parse::<usize>().unwrap();
    let part = |part: &str| match part.split_once('-') {
        Some((from, to)) => (number(from)..=number(to)).collect(),
        None => vec![number(part)],
    };
    text.split(' ').filter(|p| !p.is_empty()).flat_map(part).collect()
}

/// The Pod number `i` of the large cases.
fn large_pod(i: usize) -> Value {
    let ip = format!("10.244.{}.{}", i / 250, i % 250 + 1);
    json!({"metadata": {"name": format!("p{i:03}"), "labels": {"app": "web"}},
        "spec": {"nodeName": format!("n{}", i % 3 + 1), "containers": [{"name": "c"}]},
        "status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "conditions": [{"type": "Ready", "status": "True"}]}})
}

impl State {
    fn set_service(&mut self, value: &Value) {
        self.service = decode(Kind::Service, value).as_::<Service>().unwrap().clone();
        self.has_selector = value["spec"]["selector"].is_object();
    }

    fn set_nodes(&mut self, value: &Value) {
        let nodes = value.as_array().into_iter().flatten();
        self.nodes = nodes.map(|n| decode(Kind::Node, n).as_::<Node>().unwrap().clone()).collect();
        self.reconciler.topology.set_nodes(self.nodes.iter().map(|n| &**n));
    }

    fn apply(&mut self, step: &Value) {
        if step["service"].is_object() {
            self.set_service(&step["service"]);
        }
        if step["nodes"].is_array() {
            self.set_nodes(&step["nodes"]);
        }
        let numbered = |field: &str| range(step[field].as_str().unwrap_or_default());
        for name in list(step, "removePods").filter_map(Value::as_str) {
            self.pods.remove(name);
        }
        for i in numbered("removePods") {
            self.pods.remove(&format!("p{i:03}"));
        }
        let pods = list(step, "setPods").cloned().chain(numbered("setPods").into_iter().map(large_pod));
        for value in pods.collect::<Vec<Value>>() {
            let pod = decode(Kind::Pod, &value).as_::<Pod>().unwrap().clone();
            self.pods.insert(pod.meta.name.clone(), pod);
        }
        for slice in list(step, "addSlices") {
            let slice = self.slice(slice, true);
            self.slices.push(slice);
        }
    }

    fn reconcile(&mut self) -> Vec<Step> {
        if !self.has_selector || self.service.spec.type_ == "ExternalName" {
            return vec![];
        }
        let selector = &self.service.spec.selector;
        let selected = |pod: &&Rc<Pod>| selector.iter().all(|(k, v)| pod.meta.labels.get(k) == Some(v));
        let pods: Vec<Rc<Pod>> = self.pods.values().filter(selected).cloned().collect();
        let managed =
            |s: &&EndpointSlice| s.meta.labels.get("endpointslice.kubernetes.io/managed-by").is_some_and(|by| by == CONTROLLER);
        let slices: Vec<Rc<EndpointSlice>> = self.slices.iter().filter(managed).cloned().map(Rc::new).collect();
        let nodes = &self.nodes;
        let node = |name: &str| nodes.iter().find(|n| n.meta.name == name).map(|n| &**n);
        self.reconciler.reconcile(&self.service, &pods, &slices, node)
    }

    /// A recorded slice as an object. `foreign`: its owner is as recorded, else it is the Service.
    fn slice(&self, recorded: &Value, foreign: bool) -> EndpointSlice {
        let mut body = recorded.clone();
        let mut meta = json!({});
        for field in ["name", "labels", "annotations", "ownerReferences"] {
            if let Some(value) = recorded.get(field) {
                meta[field] = value.clone();
            }
        }
        body["metadata"] = meta;
        if let Some(pods) = recorded["pods"].as_str() {
            body["endpoints"] = range(pods).into_iter().map(large_endpoint).collect();
            body["ports"] = json!([{"name": "", "port": 8080, "protocol": "TCP"}]);
            body["addressType"] = json!("IPv4");
        }
        let mut slice = EndpointSlice::clone(decode(Kind::EndpointSlice, &body).as_::<EndpointSlice>().unwrap());
        if !foreign {
            let model = new_slice(&self.service, CONTROLLER, &slice.address_type, vec![]);
            slice.meta.owner_references = model.meta.owner_references;
            if recorded["pods"].is_string() {
                slice.meta.labels = model.meta.labels;
            }
        }
        for endpoint in &mut slice.endpoints {
            if let Some(target) = &mut endpoint.target_ref {
                *target = ObjectReference { namespace: "default".into(), ..target.clone() };
            }
        }
        slice
    }

    fn take_over(&mut self, out: &Value, before: &[EndpointSlice]) {
        let slices = list(out, "slices").map(|recorded| {
            let old = before.iter().find(|s| recorded["name"] == s.meta.name.as_str());
            let foreign = old.is_some_and(|s| s.meta.owner_references.is_empty());
            self.slice(recorded, foreign)
        });
        self.slices = slices.collect();
    }
}

fn large_endpoint(i: usize) -> Value {
    let pod = large_pod(i);
    json!({"addresses": [pod["status"]["podIP"]], "conditions": {"ready": true, "serving": true, "terminating": false},
        "nodeName": pod["spec"]["nodeName"], "zone": (["za", "zb", "zc"][i % 3]), "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"]}})
}

fn writes_of(steps: &[Step]) -> Value {
    let sum = |of: fn(&Step) -> usize| steps.iter().map(of).sum::<usize>();
    json!({"create": sum(|s| s.plan.create.len()), "update": sum(|s| s.plan.update.len()), "delete": sum(|s| s.plan.delete.len())})
}

/// The slices after the writes. New ones have no name.
fn written(mut slices: Vec<EndpointSlice>, steps: Vec<Step>) -> Vec<EndpointSlice> {
    for step in steps {
        for new in step.plan.update {
            let old = slices.iter().position(|s| s.meta.name == new.meta.name).expect("an updated slice exists");
            slices[old] = new;
        }
        slices.retain(|s| !step.plan.delete.iter().any(|d| d.meta.name == s.meta.name));
        slices.extend(step.plan.create);
    }
    slices
}

/// A slice in the words of the recordings; a name only if the slice had one before.
fn told(slice: &EndpointSlice, before: &[EndpointSlice], large: bool) -> Value {
    let mut body = slice.encode();
    let known = before.iter().any(|s| s.meta.name == slice.meta.name);
    let name = if known { json!(slice.meta.name) } else { json!("new") };
    if large {
        return json!({"name": name, "size": slice.endpoints.len(), "pods": pods_of(slice)});
    }
    let mut endpoints: Vec<Value> = body["endpoints"].as_array().cloned().unwrap_or_default();
    for endpoint in &mut endpoints {
        if endpoint["targetRef"].is_object() {
            endpoint["targetRef"].as_object_mut().unwrap().remove("namespace");
        }
    }
    endpoints.sort_by_key(|e| e["addresses"].to_string());
    let ports = if body["ports"].is_null() { json!([]) } else { body["ports"].take() };
    json!({"name": name, "addressType": slice.address_type, "labels": slice.meta.labels, "ports": ports, "endpoints": endpoints})
}

fn pods_of(slice: &EndpointSlice) -> Vec<usize> {
    let name = |e: &kube_service_lab::api::discovery::Endpoint| e.target_ref.as_ref().map(|t| range(&t.name)[0]);
    let mut pods: Vec<usize> = slice.endpoints.iter().filter_map(name).collect();
    pods.sort_unstable();
    pods
}

fn sorted(mut values: Vec<Value>) -> Value {
    values.sort_by_key(Value::to_string);
    Value::Array(values)
}

fn compare(problems: &mut Vec<String>, step: usize, out: &Value, before: &[EndpointSlice], after: &[EndpointSlice]) {
    let large = list(out, "slices").any(|s| s["pods"].is_string());
    let expected: Vec<Value> = list(out, "slices")
        .map(|recorded| {
            let mut told = recorded.clone();
            if !before.iter().any(|s| recorded["name"] == s.meta.name.as_str()) {
                told["name"] = json!("new");
            }
            if large {
                told["pods"] = json!(range(recorded["pods"].as_str().unwrap()));
            } else if let Some(endpoints) = told["endpoints"].as_array_mut() {
                endpoints.sort_by_key(|e| e["addresses"].to_string());
            }
            told.as_object_mut().unwrap().remove("ownerReferences");
            told
        })
        .collect();
    let got: Vec<Value> = after.iter().map(|slice| told(slice, before, large)).collect();
    if out["nondeterministic"] != true {
        return differ(problems, step, "slices", &sorted(expected), &sorted(got));
    }
    let size = |slice: &Value| match large {
        true => slice["size"].clone(),
        false => {
            let n = slice["endpoints"].as_array().map_or(0, Vec::len);
            json!({"addressType": slice["addressType"], "ports": slice["ports"], "size": n})
        }
    };
    let sizes = sorted(got.iter().map(size).collect());
    let allowed: Vec<Value> = match out["sizesAnyOf"].as_array() {
        Some(any) => any.iter().map(|s| sorted(s.as_array().unwrap().clone())).collect(),
        None => vec![sorted(out["sizes"].as_array().unwrap().clone())],
    };
    if !allowed.contains(&sizes) {
        differ(problems, step, "sizes", &Value::Array(allowed), &sizes);
    }
    if out["sameEndpointsInEveryRun"] == true {
        let field = if large { "pods" } else { "endpoints" };
        let all =
            |slices: &[Value]| sorted(slices.iter().flat_map(|s| list(s, field).cloned().collect::<Vec<Value>>()).collect());
        differ(problems, step, "endpoints", &all(&expected), &all(&got));
    }
}
