//! Controllers run on a small API server, with a cache that is told of every change at once.

use super::{decode, differ, list};
use kube_service_lab::api::codec::Json;
use kube_service_lab::api::{EndpointSlice, Endpoints, Key, Kind, Namespace, Object};
use kube_service_lab::apiserver::{ApiServer, Change, DeleteOptions, Recorder};
use kube_service_lab::controllers::endpoints::EndpointsController;
use kube_service_lab::controllers::endpointslice_mirroring::EndpointSliceMirroringController;
use kube_service_lab::controllers::{Cache, Context, Controller, WorkQueue};
use kube_service_lab::time::{Nanos, SECOND, Stream};
use serde_json::{Value, json};
use std::rc::Rc;

/// One controller and what it works with.
pub struct Bench {
    pub api: ApiServer,
    cache: Cache,
    controller: Box<dyn Controller>,
    queue: WorkQueue,
    recorder: Recorder,
    random: Stream,
    now: Nanos,
}

impl Bench {
    pub fn new(controller: Box<dyn Controller>) -> Bench {
        let mut api = ApiServer::new(1, 1_767_225_600);
        let mut namespace = Namespace::default();
        namespace.meta.name = "default".into();
        api.seed(Object::Namespace(Rc::new(namespace)));
        let queue = controller.queue();
        let (recorder, random) = (Recorder::new(controller.component(), ""), Stream::new(1, "bench"));
        Bench { api, cache: Cache::default(), controller, queue, recorder, random, now: 0 }
    }

    /// Puts an object as it is; one that exists keeps its uid and creation time.
    pub fn put(&mut self, mut object: Object) {
        if let Ok(old) = self.api.read(object.kind(), &object.key()).cloned() {
            let meta = object.meta_mut();
            meta.creation_timestamp = old.meta().creation_timestamp;
            if meta.uid.is_empty() {
                meta.uid = old.meta().uid.clone();
            }
        }
        self.api.seed(object);
    }

    pub fn delete(&mut self, kind: Kind, name: &str) {
        let options = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
        self.api.delete(kind, &Key::new("default", name), &options).unwrap();
    }

    /// Works until nothing is left to do, and returns what the controller wrote (events aside).
    pub fn settle(&mut self) -> Vec<Change> {
        self.deliver();
        let mut writes = vec![];
        for _ in 0..100 {
            let Some(at) = self.queue.next_at() else { return writes };
            self.now = self.now.max(at);
            self.api.set_now(self.now);
            let key = self.queue.pop(self.now).unwrap();
            let mut context = Context {
                now: self.now,
                clock: self.api.clock(),
                cache: &self.cache,
                api: &mut self.api,
                recorder: &mut self.recorder,
                random: &mut self.random,
            };
            let outcome = self.controller.sync(&key, &mut context);
            if let kube_service_lab::controllers::Outcome::Retry(why) = outcome {
                panic!("{key}: {why}");
            }
            writes.extend(self.deliver());
        }
        panic!("it does not settle");
    }

    fn deliver(&mut self) -> Vec<Change> {
        let mut changes = self.api.take_changes();
        for change in &changes {
            self.cache.apply(change);
            self.controller.observe(change, &self.cache, &mut self.queue, self.now);
        }
        changes.retain(|c| c.kind() != Kind::Event);
        changes
    }

    pub fn pass(&mut self, span: Nanos) {
        self.now += span;
        self.api.set_now(self.now);
    }
}

/// `create`, `update` or `delete`.
pub fn verb(change: &Change) -> &'static str {
    match (&change.old, &change.new) {
        (None, _) => "create",
        (Some(_), Some(_)) => "update",
        (Some(_), None) => "delete",
    }
}

pub fn check_endpoints(case: &Value) -> Vec<String> {
    let mut bench = Bench::new(Box::new(EndpointsController::default()));
    bench.put(decode(Kind::Service, &case["in"]["service"]));
    let mut problems = vec![];
    for (i, (step, out)) in list(&case["in"], "steps").zip(list(&case["out"], "steps")).enumerate() {
        bench.pass(SECOND);
        if step["service"].is_object() {
            bench.put(decode(Kind::Service, &step["service"]));
        }
        for name in list(step, "removePods").filter_map(Value::as_str) {
            bench.delete(Kind::Pod, name);
        }
        for pod in list(step, "setPods") {
            bench.put(decode(Kind::Pod, pod));
        }
        let writes: Vec<&str> = bench.settle().iter().map(verb).collect();
        differ(&mut problems, i, "writes", &out["writes"], &json!(writes));
        let endpoints = bench.api.get::<Endpoints>(&Key::new("default", "web"));
        let got = endpoints.map_or(Value::Null, |e| told(e));
        let mut expected = out["endpoints"].clone();
        if let Some(subsets) = expected.get_mut("subsets").and_then(Value::as_array_mut) {
            subsets.sort_by_key(Value::to_string);
        }
        differ(&mut problems, i, "endpoints", &expected, &got);
    }
    problems
}

fn told(endpoints: &Endpoints) -> Value {
    let mut subsets: Vec<Value> = endpoints.subsets.iter().map(Json::encode).collect();
    for address in
        subsets.iter_mut().flat_map(|s| s.as_object_mut().unwrap().values_mut()).flat_map(|l| l.as_array_mut()).flatten()
    {
        if let Some(target) = address.get_mut("targetRef").and_then(Value::as_object_mut) {
            target.remove("namespace");
            target.remove("uid");
        }
    }
    subsets.sort_by_key(Value::to_string);
    let mut annotations = endpoints.meta.annotations.clone();
    annotations.remove("endpoints.kubernetes.io/last-change-trigger-time");
    json!({"annotations": annotations, "labels": endpoints.meta.labels, "subsets": subsets})
}

pub fn check_mirroring(case: &Value) -> Vec<String> {
    let mut bench = Bench::new(Box::new(EndpointSliceMirroringController::default()));
    if case["in"]["service"].is_object() {
        bench.put(decode(Kind::Service, &case["in"]["service"]));
    }
    let mut problems = vec![];
    for (i, (step, out)) in list(&case["in"], "steps").zip(list(&case["out"], "steps")).enumerate() {
        bench.pass(SECOND);
        if step["service"].is_object() {
            bench.put(decode(Kind::Service, &step["service"]));
        }
        if step["endpoints"].is_object() {
            bench.put(decode(Kind::Endpoints, &step["endpoints"]));
        }
        if step["deleteEndpoints"] == true {
            bench.delete(Kind::Endpoints, "web");
        }
        let writes: Vec<&str> = bench.settle().iter().map(verb).collect();
        let count = |verb: &str| writes.iter().filter(|w| **w == verb).count();
        let writes = json!({"create": count("create"), "update": count("update"), "delete": count("delete")});
        differ(&mut problems, i, "writes", &out["writes"], &writes);
        let stored = bench.api.store().list(Kind::EndpointSlice, None).map(|o| told_slice(o.as_::<EndpointSlice>().unwrap()));
        let sorted = |mut slices: Vec<Value>| {
            slices.sort_by_key(Value::to_string);
            Value::Array(slices)
        };
        let expected = list(out, "slices").cloned().collect();
        differ(&mut problems, i, "slices", &sorted(expected), &sorted(stored.collect()));
    }
    problems
}

fn told_slice(slice: &EndpointSlice) -> Value {
    let mut endpoints: Vec<Value> = slice.endpoints.iter().map(Json::encode).collect();
    for endpoint in &mut endpoints {
        if let Some(target) = endpoint.get_mut("targetRef").and_then(Value::as_object_mut) {
            target.remove("namespace");
        }
    }
    let ports: Vec<Value> = slice.ports.iter().map(Json::encode).collect();
    let mut told =
        json!({"addressType": slice.address_type, "labels": slice.meta.labels, "ports": ports, "endpoints": endpoints});
    if !slice.meta.annotations.is_empty() {
        told["annotations"] = json!(slice.meta.annotations);
    }
    told
}
