//! Who goes with whom: background, foreground and orphaning deletion, and the end of a namespace.

use crate::support::Bench;
use kube_service_lab::api::{Deployment, Key, Kind, Namespace, Object, Pod, ReplicaSet};
use kube_service_lab::apiserver::{DeleteOptions, Deleted, Propagation};
use kube_service_lab::controllers::deployment::DeploymentController;
use kube_service_lab::controllers::garbage_collector::GarbageCollector;
use kube_service_lab::controllers::namespace::NamespaceController;
use kube_service_lab::controllers::replicaset::ReplicaSetController;
use kube_service_lab::time::SECOND;
use std::rc::Rc;

fn bench(seed: u64) -> Bench {
    let mut bench = Bench::new(
        seed,
        vec![
            Box::new(DeploymentController),
            Box::new(ReplicaSetController::default()),
            Box::new(GarbageCollector),
            Box::new(NamespaceController),
        ],
    );
    bench.api.create(Object::Deployment(Rc::new(crate::support::deployment(3, "web:v1"))), false).unwrap();
    bench.run_until(30 * SECOND, |_| {});
    assert_eq!(counts(&bench), (1, 1, 3));
    bench
}

fn counts(bench: &Bench) -> (usize, usize, usize) {
    (bench.list::<Deployment>().len(), bench.list::<ReplicaSet>().len(), bench.list::<Pod>().len())
}

fn delete(bench: &mut Bench, kind: Kind, name: &str, propagation: Propagation) -> Deleted {
    let options = DeleteOptions { propagation, ..DeleteOptions::default() };
    bench.api.delete(kind, &Key::new("default", name), &options).unwrap()
}

#[test]
fn in_the_background_the_owner_goes_first() {
    let mut bench = bench(1);
    delete(&mut bench, Kind::Deployment, "web", Propagation::Background);
    assert_eq!(counts(&bench), (0, 1, 3));
    bench.run_until(60 * SECOND, |_| {});
    assert_eq!(counts(&bench), (0, 0, 0));
}

#[test]
fn in_the_foreground_the_owner_goes_last() {
    for seed in 1..20 {
        let mut bench = bench(seed);
        delete(&mut bench, Kind::Deployment, "web", Propagation::Foreground);
        bench.run_until(60 * SECOND, |bench| {
            let (deployments, sets, pods) = counts(bench);
            assert!(pods == 0 || sets == 1, "a ReplicaSet went before its {pods} Pods");
            assert!(sets == 0 || deployments == 1, "the Deployment went before its ReplicaSet");
        });
        assert_eq!(counts(&bench), (0, 0, 0));
    }
}

#[test]
fn orphans_stay_and_are_adopted_again() {
    let mut bench = bench(1);
    delete(&mut bench, Kind::Deployment, "web", Propagation::Orphan);
    bench.run_until(60 * SECOND, |_| {});
    assert_eq!(counts(&bench), (0, 1, 3));
    let orphan = bench.list::<ReplicaSet>()[0].clone();
    assert!(orphan.meta.owner_references.is_empty());
    bench.api.create(Object::Deployment(Rc::new(crate::support::deployment(4, "web:v1"))), false).unwrap();
    bench.run_until(90 * SECOND, |_| {});
    assert_eq!(counts(&bench), (1, 1, 4));
    let adopted = bench.list::<ReplicaSet>()[0].clone();
    assert_eq!(adopted.meta.uid, orphan.meta.uid);
    assert_eq!(adopted.meta.controller().unwrap().uid, bench.deployment("web").unwrap().meta.uid);
}

/// All there is in namespace shop: Deployments, ReplicaSets, Pods.
fn counts_in_shop(bench: &Bench) -> (usize, usize, usize) {
    let count = |kind| bench.api.store().list(kind, Some("shop")).count();
    (count(Kind::Deployment), count(Kind::ReplicaSet), count(Kind::Pod))
}

#[test]
fn a_namespace_is_emptied_and_goes() {
    let mut bench = bench(1);
    let key = Key::new("", "shop");
    let mut namespace = Namespace::default();
    namespace.meta.name = "shop".into();
    namespace.spec.finalizers = vec!["kubernetes".into()];
    namespace.status.phase = "Active".into();
    bench.api.seed(Object::Namespace(Rc::new(namespace)));
    let mut deployment = crate::support::deployment(3, "web:v1");
    deployment.meta.namespace = "shop".into();
    bench.api.create(Object::Deployment(Rc::new(deployment)), false).unwrap();
    bench.run_until(60 * SECOND, |_| {});
    assert_eq!(counts_in_shop(&bench), (1, 1, 3));
    bench.api.delete(Kind::Namespace, &key, &DeleteOptions::default()).unwrap();
    bench.run_until(64 * SECOND, |_| {});
    assert_eq!(counts_in_shop(&bench), (1, 1, 3), "for five seconds nothing happens");
    bench.run_until(120 * SECOND, |_| {});
    assert_eq!(counts_in_shop(&bench), (0, 0, 0));
    assert!(bench.api.get::<Namespace>(&key).is_none());
    assert_eq!(counts(&bench), (1, 1, 3), "the other namespace keeps what it has");
    let left = bench.api.delete(Kind::Namespace, &Key::new("", "default"), &DeleteOptions::default());
    assert!(left.is_err(), "three namespaces stay: default is one");
}

#[test]
fn what_goes_in_the_foreground_is_not_made_anew() {
    use kube_service_lab::cluster::Settings;
    use kube_service_lab::lab::Lab;
    use kube_service_lab::lab::transcript::Replay;
    let session = "$ kubectl create deployment web --image=nginx:1.27 --replicas=3\n\n! settle\n\
                   $ kubectl delete deployment web --cascade=foreground\n\n! settle\n\
                   $ kubectl get events -o custom-columns=R:.reason --no-headers\n\n";
    for seed in 1..7 {
        let mut replay = Replay::new(Lab::with_settings(Settings::default(), seed));
        replay.play(session);
        assert_eq!(replay.text.matches("SuccessfulCreate").count(), 3, "seed {seed}");
    }
}
