//! What must hold of endpoints whatever happened before: they are the Pods that the selector selects, once each, in slices that
//! are not too large; and a change makes work only for those it concerns.

use kube_service_lab::api::codec::Decoder;
use kube_service_lab::api::discovery::Endpoint;
use kube_service_lab::api::{EndpointSlice, Endpoints, Key, Kind, Object, Pod, Service};
use kube_service_lab::apiserver::Recorder;
use kube_service_lab::apiserver::{ApiServer, Change, DeleteOptions};
use kube_service_lab::cluster::{Cluster, Settings};
use kube_service_lab::controllers::endpoints::EndpointsController;
use kube_service_lab::controllers::endpointslice::EndpointSliceController;
use kube_service_lab::controllers::{Cache, Context, Controller, Outcome, WorkQueue};
use kube_service_lab::time::{MILLISECOND, SECOND, Stream};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

const APPS: [&str; 3] = ["a", "b", "c"];

fn object(kind: Kind, value: Value) -> Object {
    Object::decode(kind, &value, &mut Decoder::default()).unwrap()
}

fn pod(name: &str, app: &str, delay: u64) -> Object {
    let env = json!([{"name": "APP_READY_DELAY", "value": format!("{delay}s")}]);
    let probe = json!({"httpGet": {"path": "/ready", "port": 80}, "periodSeconds": 1});
    let container = json!({"name": "c", "image": "nginx:1.27", "env": env, "readinessProbe": probe,
        "ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}]});
    object(
        Kind::Pod,
        json!({"metadata": {"name": name, "namespace": "default", "labels": {"app": app, "tier": "x"}},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 2}}),
    )
}

fn service(name: &str, app: &str, target: Value, publish: bool) -> Object {
    object(
        Kind::Service,
        json!({"metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": {"app": app}, "ipFamilies": ["IPv4"], "publishNotReadyAddresses": publish,
            "ports": [{"port": 80, "protocol": "TCP", "targetPort": target}]}}),
    )
}

/// One random request.
fn disturb(cluster: &mut Cluster, random: &mut Stream, made: &mut u32) {
    let app = APPS[random.below(3) as usize];
    let names: Vec<Key> = cluster.api().store().list(Kind::Pod, Some("default")).map(Object::key).collect();
    let some = |random: &mut Stream| names.get(random.below(names.len() as u64) as usize).cloned();
    match random.below(10) {
        0..=4 => {
            *made += 1;
            let new = pod(&format!("p{made}"), app, random.below(4));
            cluster.request(|api| api.create(new, false)).unwrap();
        }
        5 | 6 => {
            if let Some(key) = some(random) {
                let force = random.chance(1, 4).then_some(0);
                let options = DeleteOptions { grace_period_seconds: force, ..DeleteOptions::default() };
                cluster.request(|api| api.delete(Kind::Pod, &key, &options)).unwrap();
            }
        }
        7 => {
            if let Some(key) = some(random) {
                let mut pod = Pod::clone(cluster.api().get::<Pod>(&key).unwrap());
                pod.meta.labels.insert("app".into(), app.into());
                cluster.request(|api| api.update(Object::Pod(Rc::new(pod)), false)).unwrap();
            }
        }
        8 => {
            let key = Key::new("default", &format!("s-{app}"));
            if cluster.api().get::<Service>(&key).is_some() {
                cluster.request(|api| api.delete(Kind::Service, &key, &DeleteOptions::default())).unwrap();
            } else {
                let target = if random.chance(1, 2) { json!("http") } else { json!(80) };
                let new = service(&key.name, app, target, random.chance(1, 4));
                cluster.request(|api| api.create(new, false)).unwrap();
            }
        }
        _ => {
            let key = Key::new("default", &format!("s-{app}"));
            if let Some(old) = cluster.api().get::<Service>(&key).cloned() {
                let mut new = Service::clone(&old);
                new.meta.labels.insert("round".into(), made.to_string());
                new.spec.selector.insert("app".into(), APPS[random.below(3) as usize].into());
                cluster.request(|api| api.update(Object::Service(Rc::new(new)), false)).unwrap();
            }
        }
    }
}

type Conditions = (Option<bool>, Option<bool>, Option<bool>);

/// The endpoints that the Pods give: address and conditions, by the table of the specification.
fn expected(api: &ApiServer, service: &Service) -> BTreeMap<String, Conditions> {
    let pods = api.store().list(Kind::Pod, Some("default")).filter_map(|o| o.as_::<Pod>());
    let selected = pods.filter(|p| service.spec.selector.iter().all(|(k, v)| p.meta.labels.get(k) == Some(v)));
    let listed = selected.filter(|p| !p.is_terminal() && !p.status.pod_ip.is_empty());
    listed
        .map(|pod| {
            let (serving, terminating) = (pod.is_ready(), pod.meta.is_deleting());
            let ready = service.spec.publish_not_ready_addresses || (serving && !terminating);
            (pod.status.pod_ip.clone(), (Some(ready), Some(serving), Some(terminating)))
        })
        .collect()
}

/// Checks one Service and returns how many endpoints it has.
fn check_service(api: &ApiServer, service: &Service) -> usize {
    let slices: Vec<&Rc<EndpointSlice>> = api
        .store()
        .list(Kind::EndpointSlice, Some("default"))
        .filter_map(|o| o.as_::<EndpointSlice>())
        .filter(|s| s.meta.labels.get("kubernetes.io/service-name") == Some(&service.meta.name))
        .collect();
    assert!(!slices.is_empty(), "{} has no slice", service.meta.name);
    assert!(slices.iter().all(|s| s.endpoints.len() <= 100 && s.meta.owner_references[0].uid == service.meta.uid));
    let all: Vec<&Endpoint> = slices.iter().flat_map(|s| &s.endpoints).collect();
    let told = |e: &&Endpoint| (e.addresses[0].clone(), (e.conditions.ready, e.conditions.serving, e.conditions.terminating));
    let got: BTreeMap<String, Conditions> = all.iter().map(told).collect();
    assert_eq!(got.len(), all.len(), "an address is listed twice");
    let expected = expected(api, service);
    assert_eq!(got, expected, "{}", service.meta.name);
    let publish = service.spec.publish_not_ready_addresses;
    let of_old_list = expected.iter().filter(|(_, (_, _, terminating))| publish || *terminating != Some(true));
    let (ready, not_ready): (Vec<_>, Vec<_>) = of_old_list.partition(|(_, (ready, _, _))| *ready == Some(true));
    let endpoints = api.get::<Endpoints>(&Key::new("default", &service.meta.name)).expect("every Service has Endpoints");
    let ips =
        |of: fn(&kube_service_lab::api::service::EndpointSubset) -> &Vec<kube_service_lab::api::service::EndpointAddress>| {
            endpoints.subsets.iter().flat_map(of).map(|a| a.ip.clone()).collect::<BTreeSet<String>>()
        };
    let set = |list: Vec<(&String, &Conditions)>| list.into_iter().map(|(ip, _)| ip.clone()).collect::<BTreeSet<String>>();
    assert_eq!((ips(|s| &s.addresses), ips(|s| &s.not_ready_addresses)), (set(ready), set(not_ready)));
    expected.len()
}

#[test]
fn endpoints_are_what_the_selectors_select_whatever_happened() {
    let mut checked = 0;
    for seed in 0..6 {
        let mut cluster = Cluster::new(Settings::default(), seed);
        let mut random = Stream::new(seed, "disturbance");
        let mut made = 0;
        for app in APPS {
            cluster.request(|api| api.create(service(&format!("s-{app}"), app, json!("http"), false), false)).unwrap();
        }
        for _ in 0..60 {
            disturb(&mut cluster, &mut random, &mut made);
            let pause = random.below(700) * MILLISECOND;
            cluster.run_until(cluster.now() + pause);
        }
        // Longer than any retry that is still to come.
        cluster.run_until(cluster.now() + 100 * SECOND);
        let services = cluster.api().store().list(Kind::Service, Some("default")).filter_map(|o| o.as_::<Service>());
        let services: Vec<Rc<Service>> = services.filter(|s| !s.spec.selector.is_empty()).cloned().collect();
        for service in &services {
            checked += check_service(cluster.api(), service);
        }
        let left = cluster.api().store().list(Kind::Endpoints, Some("default")).count();
        assert_eq!(left, services.len() + 1, "Endpoints of deleted Services are gone, those of `kubernetes` stay");
    }
    assert!(checked > 30, "only {checked} endpoints were checked");
}

#[test]
fn a_large_service_is_cut_into_slices_of_a_hundred() {
    let mut cluster = Cluster::new(Settings::with_nodes(5), 3);
    for n in 0..230 {
        cluster.request(|api| api.create(pod(&format!("p{n}"), "a", 0), false)).unwrap();
    }
    cluster.request(|api| api.create(service("s-a", "a", json!(80), false), false)).unwrap();
    cluster.run_until(cluster.now() + 100 * SECOND);
    let service = cluster.api().get::<Service>(&Key::new("default", "s-a")).unwrap().clone();
    assert_eq!(check_service(cluster.api(), &service), 230);
}

/// A cache with many Services, and the keys that a change then queues.
fn queued(controller: &mut dyn Controller, change: impl FnOnce(&mut ApiServer)) -> Vec<String> {
    let mut api = ApiServer::new(1, 0);
    for n in 0..200 {
        api.seed(service(&format!("s{n:03}"), &format!("app{n:03}"), json!(80), false));
    }
    for n in 0..200 {
        api.seed(pod(&format!("p{n:03}"), &format!("app{n:03}"), 0));
    }
    let (mut cache, mut queue) = (Cache::default(), WorkQueue::default());
    let mut deliver = |changes: Vec<Change>, queue: &mut WorkQueue| {
        for change in changes {
            cache.apply(&change);
            controller.observe(&change, &cache, queue, 0);
        }
    };
    deliver(api.take_changes(), &mut queue);
    while queue.pop(u64::MAX).is_some() {}
    change(&mut api);
    deliver(api.take_changes(), &mut queue);
    std::iter::from_fn(|| queue.pop(u64::MAX)).map(|key| key.name.to_string()).collect()
}

#[test]
fn one_pods_change_makes_work_only_for_the_services_that_select_it() {
    let edit = |api: &mut ApiServer, edit: fn(&mut Pod)| {
        let mut pod = Pod::clone(api.get::<Pod>(&Key::new("default", "p007")).unwrap());
        edit(&mut pod);
        api.seed(Object::Pod(Rc::new(pod)));
    };
    let both = || -> [Box<dyn Controller>; 2] {
        [Box::new(EndpointSliceController::default()), Box::new(EndpointsController::default())]
    };
    for mut controller in both() {
        let controller = controller.as_mut();
        let address = |pod: &mut Pod| pod.status.pod_ips.push(Default::default());
        assert_eq!(queued(controller, |api| edit(api, address)), ["s007"]);
        let label = |pod: &mut Pod| {
            pod.meta.labels.insert("app".into(), "app008".into());
        };
        assert_eq!(queued(controller, |api| edit(api, label)), ["s007", "s008"]);
        let phase = |pod: &mut Pod| pod.status.phase = "Running".into();
        assert_eq!(queued(controller, |api| edit(api, phase)), [""; 0], "endpoints do not show the phase");
        let other_label = |pod: &mut Pod| {
            pod.meta.labels.insert("note".into(), "x".into());
        };
        assert_eq!(queued(controller, |api| edit(api, other_label)), [""; 0], "no Service selects by it");
    }
}

#[test]
fn a_controller_that_has_not_heard_of_its_own_writes_waits() {
    let mut api = ApiServer::new(1, 0);
    api.seed(object(Kind::Namespace, json!({"metadata": {"name": "default"}})));
    api.seed(service("s-a", "a", json!(80), false));
    let mut controller = EndpointSliceController::default();
    let (mut cache, mut queue, key) = (Cache::default(), controller.queue(), Key::new("default", "s-a"));
    let (mut recorder, mut random) = (Recorder::new(controller.component(), ""), Stream::new(1, "test"));
    let mut first = api.take_changes();
    first.iter().for_each(|change| cache.apply(change));
    let mut sync = |controller: &mut EndpointSliceController, cache: &Cache, api: &mut ApiServer| {
        let (recorder, random) = (&mut recorder, &mut random);
        controller.sync(&key, &mut Context { now: 0, clock: api.clock(), cache, api, recorder, random })
    };
    assert_eq!(sync(&mut controller, &cache, &mut api), Outcome::Done);
    first = api.take_changes();
    assert_eq!(first.len(), 1, "the placeholder");
    assert!(matches!(sync(&mut controller, &cache, &mut api), Outcome::Retry(_)), "the cache does not show it yet");
    assert!(api.take_changes().is_empty());
    for change in &first {
        cache.apply(change);
        controller.observe(change, &cache, &mut queue, 0);
    }
    assert!(queue.is_empty(), "an own write is no reason to look again");
    assert_eq!(sync(&mut controller, &cache, &mut api), Outcome::Done);
    // Somebody else deletes the slice: it is made again.
    let slice = first[0].object().key();
    api.delete(Kind::EndpointSlice, &slice, &DeleteOptions::default()).unwrap();
    for change in api.take_changes() {
        cache.apply(&change);
        controller.observe(&change, &cache, &mut queue, 0);
    }
    assert_eq!(queue.next_at(), Some(SECOND));
    assert_eq!(sync(&mut controller, &cache, &mut api), Outcome::Done);
    assert_eq!(api.take_changes().len(), 1);
}
