//! How fast the model is: figures of one run, side by side. `cargo bench --bench speed`.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // a bench looks at the wall clock, the model never does

use kube_service_lab::api::{Kind, Object, Pod};
use kube_service_lab::lab::Lab;
use kube_service_lab::lab::Witness;
use kube_service_lab::time::SECOND;
use kube_service_lab::view::Watcher;
use std::time::{Duration, Instant};

fn main() {
    let start = Instant::now();
    let first = Lab::start("first", 1);
    println!("preset first ready in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    run("first preset: 9 requests a second", first, 600);
    let start = Instant::now();
    let perf = Lab::start("perf", 1);
    println!("preset perf (100 Pods) ready in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let mut rollout = perf.clone();
    run("perf preset: 500 requests a second", perf, 60);
    rollout.kubectl("kubectl set image deployment/web web=nginx:1.28");
    run("rolling update of 100 Pods under 500 requests a second", rollout, 60);
    look("first");
    look("load");
    many(1_000);
    many(5_000);
}

fn run(what: &str, mut lab: Lab, seconds: u64) {
    let (start, events) = (Instant::now(), lab.cluster().events());
    lab.advance(lab.now() + seconds * SECOND, u64::MAX);
    let took = start.elapsed().as_secs_f64();
    let events = lab.cluster().events() - events;
    println!(
        "{what}: {:.0} simulated seconds a second, {:.0} events/s, {events} events",
        seconds as f64 / took,
        events as f64 / took
    );
}

/// What the page works out a few times a second, beside the model's own work in the same time.
fn look(preset: &str) {
    const LOOKS: u32 = 100;
    let (mut lab, mut watcher) = (Lab::start(preset, 1), Watcher::default());
    let (mut model, mut view) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..LOOKS {
        let start = Instant::now();
        lab.advance(lab.now() + SECOND / 5, u64::MAX);
        let between = Instant::now();
        watcher.observe(&lab);
        std::hint::black_box(watcher.view(&lab, 1.0));
        (model, view) = (model + (between - start), view + between.elapsed());
    }
    let each = |all: Duration| all.as_secs_f64() * 1e6 / f64::from(LOOKS);
    println!("preset {preset}: a fifth of a second costs {:.0} us, a look at it {:.0} us", each(model), each(view));
}

fn many(pods: usize) {
    let nodes = pods.div_ceil(100).max(3);
    let mut lab = Lab::with_settings(kube_service_lab::cluster::Settings::with_nodes(nodes), 1);
    let start = Instant::now();
    lab.kubectl(&format!("kubectl create deployment web --image=nginx:1.27 --replicas={pods}"));
    let ready = |lab: &Lab| {
        lab.cluster()
            .api()
            .store()
            .list(Kind::Pod, Some("default"))
            .filter_map(Object::as_::<Pod>)
            .filter(|p| p.is_ready())
            .count()
    };
    let mut seconds = 0;
    while ready(&lab) < pods && seconds < 300 {
        lab.advance(lab.now() + SECOND, u64::MAX);
        seconds += 1;
    }
    println!("{pods} Pods on {nodes} nodes Ready in {:.2} s ({seconds} simulated)", start.elapsed().as_secs_f64());
}
