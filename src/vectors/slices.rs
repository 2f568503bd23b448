//! The EndpointSlice reconciler: a sequence of Pod sets, and the slices after each reconcile. Each step starts from the recorded
//! outcome of the one before, because what Go's map order decided cannot be repeated.

use super::Comparison;
use super::input::{list, number, object_in_default, steps, typed_in_default};
use super::slices_compare::{compare, writes_of, written};
use crate::api::meta::ObjectReference;
use crate::api::{EndpointSlice, Kind, Node, Pod, Service};
use crate::controllers::endpointslice::CONTROLLER;
use crate::controllers::endpointslice::desired::new_slice;
use crate::controllers::endpointslice::reconcile::{Reconciler, Step};
use crate::controllers::endpointslice::topology::TopologyCache;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// endpointslice-reconcile, -random, -large.
pub fn run(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let mut state = State::new(&case["in"])?;
    for (number, step, out) in steps(case)? {
        let place = |what: &str| format!("step {number}, {what}");
        state.apply(step)?;
        let mut steps = state.reconcile();
        if let Some(writes) = out.get("writes") {
            found.same(&place("writes"), writes, &writes_of(&steps));
        }
        let errors: Vec<String> = steps.iter_mut().flat_map(|s| std::mem::take(&mut s.errors)).collect();
        found.same(&place("error"), out.get("error").unwrap_or(&json!("")), &json!(errors.join(", ")));
        let sayings = steps.iter().flat_map(|s| &s.sayings);
        let events: Vec<String> = sayings.map(|s| format!("{} {} {}", s.type_, s.reason, s.message)).collect();
        found.same(&place("events"), out.get("events").unwrap_or(&json!([])), &json!(events));
        let before = std::mem::take(&mut state.slices);
        let after = written(before.clone(), steps)?;
        compare(found, number, out, &before, &after)?;
        state.take_over(out, &before)?;
    }
    Ok(())
}

/// The numbers of the Pods that a text like `p000-p003 p007` names.
pub fn range(text: &str) -> Result<Vec<usize>, String> {
    let number = |name: &str| name.strip_prefix('p').and_then(|n| n.parse::<usize>().ok()).filter(|n| *n < 100_000);
    let mut all = Vec::new();
    for part in text.split(' ').filter(|p| !p.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let ends = number(from).zip(number(to)).ok_or_else(|| format!("no range of Pods: {part:?}"))?;
        all.extend(ends.0..=ends.1);
    }
    Ok(all)
}

/// The Pod number `i` of the large cases, by the rule that stands in their `in.pods`.
fn large_pod(i: usize) -> Value {
    let ip = format!("10.244.{}.{}", i / 250, i % 250 + 1);
    json!({"metadata": {"name": format!("p{i:03}"), "labels": {"app": "web"}},
        "spec": {"nodeName": format!("n{}", i % 3 + 1), "containers": [{"name": "c"}]},
        "status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "conditions": [{"type": "Ready", "status": "True"}]}})
}

/// The endpoint of that Pod.
fn large_endpoint(i: usize) -> Value {
    let pod = large_pod(i);
    json!({"addresses": [pod["status"]["podIP"]], "conditions": {"ready": true, "serving": true, "terminating": false},
        "nodeName": pod["spec"]["nodeName"], "zone": (["za", "zb", "zc"][i % 3]), "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"]}})
}

struct State {
    reconciler: Reconciler,
    service: Rc<Service>,
    has_selector: bool,
    nodes: Vec<Rc<Node>>,
    pods: BTreeMap<String, Rc<Pod>>,
    slices: Vec<EndpointSlice>,
}

impl State {
    fn new(input: &Value) -> Result<State, String> {
        let max = usize::try_from(number(input, "maxEndpointsPerSlice")?).map_err(|e| e.to_string())?;
        let reconciler = Reconciler { controller: CONTROLLER, max_endpoints_per_slice: max, topology: TopologyCache::default() };
        let mut state = State {
            reconciler,
            service: Rc::default(),
            has_selector: false,
            nodes: vec![],
            pods: BTreeMap::new(),
            slices: vec![],
        };
        state.set_service(&input["service"])?;
        state.set_nodes(list(input, "nodes"))?;
        Ok(state)
    }

    fn set_service(&mut self, value: &Value) -> Result<(), String> {
        self.service = typed_in_default(value)?;
        self.has_selector = value["spec"]["selector"].is_object();
        Ok(())
    }

    fn set_nodes(&mut self, nodes: &[Value]) -> Result<(), String> {
        for node in &self.nodes {
            self.reconciler.topology.set_node(&node.meta.name, None);
        }
        self.nodes = nodes.iter().map(typed_in_default).collect::<Result<_, _>>()?;
        for node in &self.nodes {
            self.reconciler.topology.set_node(&node.meta.name, Some(node));
        }
        Ok(())
    }

    fn apply(&mut self, step: &Value) -> Result<(), String> {
        if step["service"].is_object() {
            self.set_service(&step["service"])?;
        }
        if step["nodes"].is_array() {
            self.set_nodes(list(step, "nodes"))?;
        }
        let numbered = |field: &str| range(step[field].as_str().unwrap_or_default());
        for name in list(step, "removePods").iter().filter_map(Value::as_str) {
            self.pods.remove(name);
        }
        for i in numbered("removePods")? {
            self.pods.remove(&format!("p{i:03}"));
        }
        let pods = list(step, "setPods").iter().cloned().chain(numbered("setPods")?.into_iter().map(large_pod));
        for value in pods {
            let pod: Rc<Pod> = typed_in_default(&value)?;
            self.pods.insert(pod.meta.name.clone(), pod);
        }
        for recorded in list(step, "addSlices") {
            let slice = self.slice(recorded, true)?;
            self.slices.push(slice);
        }
        Ok(())
    }

    /// The controller hands over only what the selector selects, and nothing of a Service without one.
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
    fn slice(&self, recorded: &Value, foreign: bool) -> Result<EndpointSlice, String> {
        let Some(mut body) = recorded.as_object().cloned() else { return Err(format!("no slice: {recorded}")) };
        let kept = ["name", "labels", "annotations", "ownerReferences"];
        let meta = kept.into_iter().filter_map(|field| Some((field.to_string(), recorded.get(field)?.clone())));
        body.insert("metadata".into(), Value::Object(meta.collect()));
        let large = recorded["pods"].as_str();
        if let Some(pods) = large {
            body.insert("endpoints".into(), range(pods)?.into_iter().map(large_endpoint).collect());
            body.insert("ports".into(), json!([{"name": "", "port": 8080, "protocol": "TCP"}]));
            body.insert("addressType".into(), json!("IPv4"));
        }
        let decoded = object_in_default(Kind::EndpointSlice, &Value::Object(body))?;
        let mut slice = EndpointSlice::clone(decoded.as_::<EndpointSlice>().ok_or("no slice")?);
        if !foreign {
            let model = new_slice(&self.service, CONTROLLER, &slice.address_type, vec![]);
            slice.meta.owner_references = model.meta.owner_references;
            if large.is_some() {
                slice.meta.labels = model.meta.labels;
            }
        }
        for target in slice.endpoints.iter_mut().filter_map(|e| e.target_ref.as_mut()) {
            *target = ObjectReference { namespace: "default".into(), ..target.clone() };
        }
        Ok(slice)
    }

    fn take_over(&mut self, out: &Value, before: &[EndpointSlice]) -> Result<(), String> {
        let slices = list(out, "slices").iter().map(|recorded| {
            let old = before.iter().find(|s| recorded["name"] == s.meta.name.as_str());
            let foreign = old.is_some_and(|s| s.meta.owner_references.is_empty());
            self.slice(recorded, foreign)
        });
        self.slices = slices.collect::<Result<_, _>>()?;
        Ok(())
    }
}
