//! A run tried otherwise is the same run but for that one thing.

use kube_service_lab::lab::{Command, History, Lab, Trial, Way};
use kube_service_lab::time::{MILLISECOND, SECOND};
use kube_service_lab::traffic::Pattern;
use kube_service_lab::view::chain;

/// An image is changed under traffic, by Pods that stop at once.
fn rollout() -> History {
    let mut history = History::new(Lab::start("first", 1), ());
    for client in ["browser", "laptop", "curl-1"] {
        let mut setting = history.lab().traffic().client(client).expect("it is there").setting.clone();
        setting.pattern = Pattern::Every(20 * MILLISECOND);
        history.apply(Command::AddClient(setting));
    }
    history.advance(6 * SECOND + 300 * MILLISECOND, u64::MAX);
    history.kubectl("kubectl set image deployment/web web=nginx:1.28");
    history.advance(9 * SECOND, u64::MAX);
    // Something a person did later is done again as well, to a Pod by its name.
    let pods = history.lab().cluster().api().store().list(kube_service_lab::api::Kind::Pod, Some("default"));
    let pod = pods.map(|pod| pod.meta().name.clone()).find(|name| name.starts_with("web-")).expect("some");
    history.kubectl(&format!("kubectl delete pod {pod} --wait=false"));
    history.advance(18 * SECOND, u64::MAX);
    history
}

fn run(mut trial: Trial) -> Trial {
    let mut steps = 0;
    while !trial.advance(50) {
        steps += 1;
        assert!(trial.percent() <= 100 && steps < 100_000);
    }
    assert!(steps > 10, "in portions");
    trial
}

#[test]
fn the_same_way_ends_the_same_and_a_pre_stop_hook_prevents_what_it_is_said_to_prevent() {
    let history = rollout();
    let lab = history.lab();
    let mut told = lab.traffic().remembered().filter_map(|r| chain(r, lab)).filter(|c| !c.ways.is_empty());
    let chain = told.next().expect("requests failed");
    assert_eq!(chain.ways, [Way::PreStop(5), Way::Attempts(1)]);
    assert_eq!(chain.since, 6 * SECOND + 300 * MILLISECOND);

    let same = run(history.trial(chain.since, &Way::Attempts(0)).expect("just now"));
    assert_eq!((same.fared(), same.unlike()), (same.here, 0));
    assert!(same.here.failed > 0 && same.here.all > 1500, "{:?}", same.here);
    assert_eq!(same.seconds(), 12);

    let hook = run(history.trial(chain.since, &Way::PreStop(5)).expect("just now"));
    assert_eq!((hook.fared().failed, hook.here), (0, same.here));
    assert!(hook.fared().all.abs_diff(same.here.all) < 20, "{:?}", hook.fared());
    let again = run(history.trial(chain.since, &Way::Attempts(1)).expect("just now"));
    assert!(again.fared().failed < same.here.failed, "{:?} of {:?}", again.fared(), same.here);
    // A hook that is too short does not help as much: nothing is foretold.
    let short = run(history.trial(chain.since, &Way::PreStop(0)).expect("just now"));
    assert!(short.fared().failed > 0, "{:?}", short.fared());
}

#[test]
fn what_was_too_long_ago_is_not_tried() {
    let mut history = rollout();
    history.advance(200 * SECOND, u64::MAX);
    assert!(history.trial(6 * SECOND, &Way::PreStop(5)).is_none());
    assert!(history.trial(150 * SECOND, &Way::PreStop(5)).is_some());
}
