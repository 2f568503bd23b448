//! A bench for control loops: an API server, one cache that hears of changes late, and kubelets of the simplest kind.
#![allow(dead_code)]

use kube_service_lab::api::pod::{PodCondition, PodSpec, PodTemplateSpec};
use kube_service_lab::api::{Deployment, Key, Kind, Namespace, Object, Pod, ReplicaSet, Resource};
use kube_service_lab::apiserver::{ApiServer, Change, DeleteOptions, Recorder};
use kube_service_lab::controllers::{Cache, Context, Controller, Outcome, WorkQueue};
use kube_service_lab::time::{MILLISECOND, Nanos, Queue, SECOND, Stream};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

pub const EPOCH: i64 = 1_800_000_000;

/// Decodes an object of a type.
pub fn object<T: Resource>(value: Value) -> T {
    let mut decoder = kube_service_lab::api::codec::Decoder::default();
    let object = T::decode(&value, &mut decoder).unwrap();
    assert_eq!((&decoder.unknown, &decoder.type_error), (&vec![], &None), "{value}");
    object
}

struct Loop {
    controller: Box<dyn Controller>,
    queue: WorkQueue,
    recorder: Recorder,
    wake: Option<Nanos>,
}

/// How long the fake kubelets and the watches take.
#[derive(Clone, Debug)]
pub struct Pace {
    /// A watch delivers after 0 to this.
    pub watch: Nanos,
    /// A Pod is ready after this, give or take half.
    pub start: Nanos,
    /// A Pod is gone after this, give or take half.
    pub stop: Nanos,
}

impl Default for Pace {
    fn default() -> Self {
        Pace { watch: 300 * MILLISECOND, start: 2 * SECOND, stop: 2 * SECOND }
    }
}

enum Event {
    Deliver(Rc<Change>),
    Work(usize),
    Ready(Key, String),
    Gone(Key, String),
}

/// The bench.
pub struct Bench {
    pub api: ApiServer,
    pub cache: Cache,
    pub now: Nanos,
    pub random: Stream,
    pub pace: Pace,
    /// Syncs that ran, by controller.
    pub syncs: Vec<usize>,
    loops: Vec<Loop>,
    queue: Queue<Event>,
    last_arrival: BTreeMap<Kind, Nanos>,
    kubelets: bool,
    bound: u64,
}

impl Bench {
    pub fn new(seed: u64, controllers: Vec<Box<dyn Controller>>) -> Bench {
        let make = |controller: Box<dyn Controller>| Loop {
            queue: controller.queue(),
            recorder: Recorder::new(controller.component(), ""),
            controller,
            wake: None,
        };
        let loops: Vec<Loop> = controllers.into_iter().map(make).collect();
        let mut api = ApiServer::new(seed, EPOCH);
        let mut namespace = Namespace::default();
        namespace.meta.name = "default".into();
        namespace.status.phase = "Active".into();
        api.seed(Object::Namespace(Rc::new(namespace)));
        Bench {
            api,
            cache: Cache::default(),
            now: 0,
            random: Stream::new(seed, "bench"),
            pace: Pace::default(),
            syncs: vec![0; loops.len()],
            loops,
            queue: Queue::default(),
            last_arrival: BTreeMap::new(),
            kubelets: true,
            bound: 0,
        }
    }

    fn deliver(&mut self, change: &Change) {
        if change.kind() == Kind::Event {
            return;
        }
        self.cache.apply(change);
        for each in &mut self.loops {
            each.controller.observe(change, &self.cache, &mut each.queue, self.now);
        }
    }

    /// One sync of a controller, with a recorder that has said nothing yet.
    pub fn sync(&mut self, index: usize, key: &Key) -> Outcome {
        let each = &mut self.loops[index];
        each.recorder = Recorder::new(each.controller.component(), "");
        self.syncs[index] += 1;
        let mut context = Context {
            now: self.now,
            clock: self.api.clock(),
            cache: &self.cache,
            api: &mut self.api,
            recorder: &mut each.recorder,
            random: &mut self.random,
        };
        each.controller.sync(key, &mut context)
    }

    fn spread(&mut self) {
        for change in self.api.take_changes() {
            let late = self.random.below(self.pace.watch + 1);
            let last = self.last_arrival.entry(change.kind()).or_insert(0);
            *last = (*last).max(self.now + late);
            let at = *last;
            if self.kubelets {
                self.kubelet(&change);
            }
            self.queue.push(at, Event::Deliver(Rc::new(change)));
        }
        for index in 0..self.loops.len() {
            let Some(due) = self.loops[index].queue.next_at() else { continue };
            let at = due.max(self.now);
            if self.loops[index].wake.is_none_or(|wake| at < wake) {
                self.loops[index].wake = Some(at);
                self.queue.push(at, Event::Work(index));
            }
        }
    }

    /// Binds new Pods at once, and plans when they are ready and when they are gone.
    fn kubelet(&mut self, change: &Change) {
        let Some(pod) = change.after::<Pod>().cloned() else { return };
        let key = Key::new(&pod.meta.namespace, &pod.meta.name);
        if pod.meta.is_deleting() && !change.before::<Pod>().is_some_and(|b| b.meta.is_deleting()) {
            let after = self.random.around(self.pace.stop);
            self.queue.push(self.now + after, Event::Gone(key, pod.meta.uid.clone()));
        } else if pod.spec.node_name.is_empty() {
            self.bound += 1;
            let node = format!("node-{}", self.bound % 3 + 1);
            self.api.bind(&key, &pod.meta.uid, &node).unwrap();
            if !pod.spec.containers[0].image.contains("bad") {
                let after = self.random.around(self.pace.start);
                self.queue.push(self.now + after, Event::Ready(key, pod.meta.uid.clone()));
            }
        }
    }

    /// Lets everything happen until `until`; `watch` is called after each step.
    pub fn run_until(&mut self, until: Nanos, mut watch: impl FnMut(&Bench)) {
        self.spread();
        while let Some((at, event)) = self.queue.pop_until(until) {
            self.now = at;
            self.api.set_now(at);
            match event {
                Event::Deliver(change) => self.deliver(&change),
                Event::Work(index) => self.work(index),
                Event::Ready(key, uid) => self.set_ready(&key, &uid),
                Event::Gone(key, uid) => self.remove_pod(&key, &uid),
            }
            watch(self);
            while !self.api_is_quiet() {
                self.spread();
            }
        }
        self.now = until;
        self.api.set_now(until);
    }

    /// Spreads changes until binding makes no new ones.
    fn api_is_quiet(&mut self) -> bool {
        let before = self.api.store().version();
        self.spread();
        self.api.store().version() == before
    }

    fn work(&mut self, index: usize) {
        if self.loops[index].wake.is_some_and(|wake| wake > self.now) {
            return;
        }
        self.loops[index].wake = None;
        while let Some(key) = self.loops[index].queue.pop(self.now) {
            let outcome = self.sync(index, &key);
            let each = &mut self.loops[index];
            match outcome {
                Outcome::Done => each.queue.forget(&key),
                Outcome::After(wait) => {
                    each.queue.forget(&key);
                    each.queue.add(key, self.now + wait);
                }
                Outcome::Retry(_) if each.controller.max_retries().is_some_and(|n| each.queue.failures(&key) >= n) => {
                    each.queue.forget(&key);
                }
                Outcome::Retry(_) => {
                    each.queue.add_rate_limited(key, self.now);
                }
            }
        }
    }

    /// Marks a Pod running and ready.
    pub fn set_ready(&mut self, key: &Key, uid: &str) {
        let Some(pod) = self.api.get::<Pod>(key).filter(|p| p.meta.uid == uid && !p.meta.is_deleting()) else { return };
        let mut pod = Pod::clone(pod);
        pod.status.phase = "Running".into();
        pod.status.conditions.retain(|c| c.type_ != "Ready");
        let ready = PodCondition {
            type_: "Ready".into(),
            status: "True".into(),
            last_transition_time: self.api.clock(),
            ..PodCondition::default()
        };
        pod.status.conditions.push(ready);
        self.api.update_status(Object::Pod(Rc::new(pod)), false).unwrap();
    }

    /// The Pod's processes have ended: the object goes.
    pub fn remove_pod(&mut self, key: &Key, uid: &str) {
        let options = DeleteOptions { grace_period_seconds: Some(0), uid: Some(uid.into()), ..DeleteOptions::default() };
        let _ = self.api.delete(Kind::Pod, key, &options);
    }

    /// All objects of a type, as the API server has them.
    pub fn list<T: Resource>(&self) -> Vec<Rc<T>> {
        self.api.store().list(T::KIND, Some("default")).filter_map(|o| o.as_().cloned()).collect()
    }

    pub fn deployment(&self, name: &str) -> Option<Rc<Deployment>> {
        self.api.get::<Deployment>(&Key::new("default", name)).cloned()
    }

    /// Changes a Deployment as a person would.
    pub fn edit(&mut self, name: &str, change: impl FnOnce(&mut Deployment)) {
        let mut deployment = Deployment::clone(&self.deployment(name).unwrap());
        change(&mut deployment);
        self.api.update(Object::Deployment(Rc::new(deployment)), false).unwrap();
    }
}

/// A template with one container.
pub fn template(image: &str) -> PodTemplateSpec {
    object_of(json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image}]}}))
}

fn object_of(value: Value) -> PodTemplateSpec {
    let mut decoder = kube_service_lab::api::codec::Decoder::default();
    kube_service_lab::api::codec::decode_record(&value, &mut decoder).unwrap()
}

/// A Deployment `web` as the API server would have completed it.
pub fn deployment(replicas: i64, image: &str) -> Deployment {
    let template: PodTemplateSpec = template(image);
    let mut deployment: Deployment = object(json!({
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {}, "spec": {"containers": []}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600
        }
    }));
    deployment.spec.template = template;
    deployment
}

/// The image of a ReplicaSet's Pods.
pub fn image(rs: &ReplicaSet) -> &str {
    spec_image(&rs.spec.template.spec)
}

pub fn spec_image(spec: &PodSpec) -> &str {
    spec.containers.first().map_or("", |c| &c.image)
}
