//! What must hold of every rollout, whatever people do and however late the controllers hear of it.

use crate::support::{Bench, Pace, image, spec_image, template};
use kube_service_lab::api::apps::DeploymentStrategy;
use kube_service_lab::api::well_known::REVISION;
use kube_service_lab::api::{Deployment, IntOrString, Key, Kind, Object, Pod, ReplicaSet};
use kube_service_lab::apiserver::DeleteOptions;
use kube_service_lab::controllers::Controller;
use kube_service_lab::controllers::deployment::annotations::revision;
use kube_service_lab::controllers::deployment::family::size;
use kube_service_lab::controllers::deployment::{DeploymentController, fenceposts};
use kube_service_lab::controllers::garbage_collector::GarbageCollector;
use kube_service_lab::controllers::replicaset::ReplicaSetController;
use kube_service_lab::lab::Lab;
use kube_service_lab::time::{MILLISECOND, Nanos, SECOND, Stream};
use std::collections::BTreeSet;
use std::rc::Rc;

fn bench(seed: u64, deployment: Deployment) -> Bench {
    let controllers: Vec<Box<dyn Controller>> =
        vec![Box::new(DeploymentController), Box::new(ReplicaSetController::default()), Box::new(GarbageCollector)];
    let mut bench = Bench::new(seed, controllers);
    bench.pace.watch = [0, 20, 300, 1500][seed as usize % 4] * MILLISECOND;
    bench.api.create(Object::Deployment(Rc::new(deployment)), false).unwrap();
    bench
}

fn int_or_percent(random: &mut Stream) -> IntOrString {
    if random.chance(1, 2) {
        IntOrString::Int(random.below(4) as i32)
    } else {
        IntOrString::Text(format!("{}%", random.below(5) * 25))
    }
}

fn random_deployment(random: &mut Stream) -> Deployment {
    let mut deployment = crate::support::deployment(random.between(1, 12) as i64, "web:v1");
    let rolling = deployment.spec.strategy.rolling_update.as_mut().unwrap();
    rolling.max_surge = Some(int_or_percent(random));
    let unavailable = int_or_percent(random);
    // The API server refuses two zeros.
    let zero = |n: &IntOrString| matches!(n.to_string().as_str(), "0" | "0%");
    let both = rolling.max_surge.as_ref().is_some_and(zero) && zero(&unavailable);
    rolling.max_unavailable = Some(if both { IntOrString::Int(1) } else { unavailable });
    deployment.spec.revision_history_limit = Some(random.between(0, 4) as i32);
    deployment
}

fn settle(bench: &mut Bench) {
    let until = bench.now + 200 * SECOND;
    bench.run_until(until, |_| {});
}

/// What must be true when nobody has changed anything for a while.
fn check_settled(bench: &mut Bench, what: &str) {
    let deployment = bench.deployment("web").unwrap();
    let wanted = fenceposts::replicas(&deployment);
    let sets = bench.list::<ReplicaSet>();
    let picture: Vec<_> = sets.iter().map(|rs| (image(rs), size(rs), &rs.status)).collect();
    let what = format!("{what}: {:?} {picture:?}", deployment.status);
    let new: Vec<_> = sets.iter().filter(|rs| image(rs) == spec_image(&deployment.spec.template.spec)).collect();
    assert_eq!(new.len(), 1, "one ReplicaSet has the template; {what}");
    let new = new[0];
    for rs in &sets {
        assert_eq!(size(rs), if rs.meta.uid == new.meta.uid { wanted } else { 0 }, "sizes; {what}");
        assert_eq!(rs.status.replicas, size(rs), "{what}");
        assert_eq!(rs.meta.controller().unwrap().uid, deployment.meta.uid, "{what}");
    }
    let pods = bench.list::<Pod>();
    assert_eq!(pods.len(), wanted as usize, "Pods; {what}");
    for pod in &pods {
        assert!(pod.is_ready() && pod.is_active(), "{what}");
        assert_eq!(pod.meta.controller().unwrap().uid, new.meta.uid, "{what}");
        assert_eq!(spec_image(&pod.spec), image(new));
    }
    let status = &deployment.status;
    assert_eq!(status.observed_generation, deployment.meta.generation, "{what}");
    assert_eq!(
        [status.replicas, status.updated_replicas, status.ready_replicas, status.available_replicas],
        [wanted; 4],
        "{what}"
    );
    assert_eq!((status.unavailable_replicas, status.terminating_replicas), (0, Some(0)), "{what}");
    let reasons: BTreeSet<&str> = status.conditions.iter().map(|c| c.reason.as_str()).collect();
    assert_eq!(reasons, BTreeSet::from(["MinimumReplicasAvailable", "NewReplicaSetAvailable"]), "{what}");
    // Two old ones may have the same: when the next template comes before the cache shows the last ReplicaSet.
    let old = sets.iter().filter(|rs| rs.meta.uid != new.meta.uid);
    assert!(old.map(|rs| revision(rs)).max() < Some(revision(new)), "the new one has the highest; {what}");
    assert_eq!(deployment.meta.annotations[REVISION], new.meta.annotations[REVISION], "{what}");
    let limit = deployment.spec.revision_history_limit.unwrap() as usize;
    assert!(sets.len() <= limit + 1, "{} old ones, limit {limit}; {what}", sets.len() - 1);
}

/// Nothing is written any more.
fn check_quiet(bench: &mut Bench) {
    let version = bench.api.store().version();
    bench.run_until(bench.now + 2000 * SECOND, |_| {});
    assert_eq!(bench.api.store().version(), version, "something is still being written");
}

#[test]
fn a_rollout_of_healthy_pods_keeps_its_bounds() {
    for seed in 0..60 {
        let mut random = Stream::new(seed, "rollout");
        let deployment = random_deployment(&mut random);
        let most = fenceposts::replicas(&deployment) + fenceposts::max_surge(&deployment);
        let least = fenceposts::min_available(&deployment);
        let mut bench = bench(seed, deployment);
        settle(&mut bench);
        for version in 2..5 {
            bench.edit("web", |d| d.spec.template = template(&format!("web:v{version}")));
            let until = bench.now + 200 * SECOND;
            bench.run_until(until, |bench| {
                let pods = bench.list::<Pod>();
                let active = pods.iter().filter(|p| p.is_active()).count() as i32;
                let available = pods.iter().filter(|p| p.is_active() && p.is_ready()).count() as i32;
                assert!(active <= most, "seed {seed}: {active} Pods, {most} allowed");
                assert!(available >= least, "seed {seed}: {available} available, {least} promised");
            });
            check_settled(&mut bench, &format!("seed {seed}, version {version}"));
            assert_eq!(bench.deployment("web").unwrap().meta.annotations[REVISION], version.to_string());
        }
        check_quiet(&mut bench);
    }
}

#[test]
fn recreate_never_runs_two_versions() {
    for seed in 0..30 {
        let mut random = Stream::new(seed, "recreate");
        let mut deployment = crate::support::deployment(random.between(1, 6) as i64, "web:v1");
        deployment.spec.strategy = DeploymentStrategy { type_: "Recreate".into(), rolling_update: None };
        let mut bench = bench(seed, deployment);
        bench.pace = Pace { stop: random.between(1, 20) * SECOND, ..bench.pace.clone() };
        settle(&mut bench);
        for version in 2..4 {
            bench.edit("web", |d| d.spec.template = template(&format!("web:v{version}")));
            let until = bench.now + 200 * SECOND;
            bench.run_until(until, |bench| {
                let images: BTreeSet<String> = bench.list::<Pod>().iter().map(|p| spec_image(&p.spec).to_string()).collect();
                assert!(images.len() <= 1, "seed {seed}: {images:?} at once");
            });
            check_settled(&mut bench, &format!("seed {seed}, version {version}"));
        }
        check_quiet(&mut bench);
    }
}

/// Something that a person or an accident does.
fn accident(bench: &mut Bench, random: &mut Stream) {
    let pick = |n: usize, random: &mut Stream| random.below(n as u64) as usize;
    match random.below(9) {
        0 | 1 => {
            let replicas = random.below(13) as i32;
            bench.edit("web", |d| d.spec.replicas = Some(replicas));
        }
        2 | 3 => {
            let version = random.between(1, 5);
            let name = if random.chance(1, 4) { format!("web:bad{version}") } else { format!("web:v{version}") };
            bench.edit("web", |d| d.spec.template = template(&name));
        }
        4 => bench.edit("web", |d| d.spec.paused = !d.spec.paused),
        5 => {
            let sets = bench.list::<ReplicaSet>();
            if let Some(old) = sets.get(pick(sets.len().max(1), random)) {
                let mut template = old.spec.template.clone();
                template.meta.labels.remove("pod-template-hash");
                bench.edit("web", |d| d.spec.template = template);
            }
        }
        6 | 7 => {
            let pods = bench.list::<Pod>();
            if let Some(pod) = pods.get(pick(pods.len().max(1), random)) {
                let grace_period_seconds = random.chance(1, 2).then_some(0);
                let options = DeleteOptions { grace_period_seconds, ..DeleteOptions::default() };
                bench.api.delete(Kind::Pod, &Key::new("default", &pod.meta.name), &options).unwrap();
            }
        }
        _ => {
            let sets = bench.list::<ReplicaSet>();
            if let Some(rs) = sets.get(pick(sets.len().max(1), random)) {
                bench.api.delete(Kind::ReplicaSet, &Key::new("default", &rs.meta.name), &DeleteOptions::default()).unwrap();
            }
        }
    }
}

#[test]
fn whatever_happened_it_settles_as_wanted() {
    for seed in 0..60 {
        let mut random = Stream::new(seed, "accidents");
        let mut deployment = random_deployment(&mut random);
        if random.chance(1, 5) {
            deployment.spec.strategy = DeploymentStrategy { type_: "Recreate".into(), rolling_update: None };
        }
        let mut bench = bench(seed, deployment);
        let longest: Nanos = [SECOND, 4 * SECOND, 30 * SECOND][random.below(3) as usize];
        for _ in 0..random.between(1, 12) {
            let pause = random.below(longest);
            bench.run_until(bench.now + pause, |_| {});
            accident(&mut bench, &mut random);
        }
        bench.run_until(bench.now + SECOND, |_| {});
        let last = format!("web:v{}", random.between(1, 5));
        bench.edit("web", |d| {
            d.spec.paused = false;
            d.spec.template = template(&last);
        });
        bench.run_until(bench.now + 400 * SECOND, |_| {});
        check_settled(&mut bench, &format!("seed {seed}"));
        check_quiet(&mut bench);
    }
}

#[test]
fn relabelled_pods_are_released_and_adopted_again() {
    for seed in 0..20 {
        let mut bench = bench(seed, crate::support::deployment(3, "web:v1"));
        settle(&mut bench);
        let taken = bench.list::<Pod>()[(seed % 3) as usize].clone();
        let key = Key::new("default", &taken.meta.name);
        let relabel = |bench: &mut Bench, app: &str| {
            let mut pod = Pod::clone(bench.api.get::<Pod>(&key).unwrap());
            pod.meta.labels.insert("app".into(), app.into());
            bench.api.update(Object::Pod(Rc::new(pod)), false).unwrap();
            settle(bench);
        };
        relabel(&mut bench, "debug");
        assert_eq!(bench.list::<Pod>().len(), 4);
        assert!(bench.api.get::<Pod>(&key).unwrap().meta.owner_references.is_empty());
        relabel(&mut bench, "web");
        let pods = bench.list::<Pod>();
        assert_eq!(pods.len(), 3);
        assert!(pods.iter().all(|p| p.meta.controller().is_some()));
        assert!(pods.iter().any(|p| p.meta.uid == taken.meta.uid), "the newest one goes");
    }
}

#[test]
fn the_rollout_preset_loses_no_request_through_the_service() {
    let mut lab = Lab::start("rollout", 1);
    for line in ["kubectl set image deployment/web web=nginx:1.28", "kubectl rollout undo deployment/web"] {
        lab.kubectl(line);
        lab.advance(lab.now() + 60 * SECOND, u64::MAX);
    }
    for client in lab.traffic().clients().filter(|c| !c.setting.stubborn) {
        assert_eq!((client.stats.bad(), client.stats.answered > 400), (0, true), "{}", client.setting.name);
    }
    assert!(lab.traffic().client("stubborn").is_some_and(|c| c.stats.bad() > 0));
}
