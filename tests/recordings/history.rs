//! A run can be taken back to any of its moments and looks there as it did the first time; acting in the past gives up
//! the future, which can be had back.

use kube_service_lab::api::object::KINDS;
use kube_service_lab::lab::{CHECKPOINT_EVERY, Command, History, Lab};
use kube_service_lab::time::{MILLISECOND, Nanos, SECOND};
use kube_service_lab::view::{View, Watcher};
use std::fmt::Write;

/// Everything that the API server, the console and the clients know, as text.
fn bytes(lab: &Lab) -> String {
    let mut text = format!("{} {}\n", lab.now(), lab.cluster().events());
    for info in KINDS {
        for object in lab.cluster().api().store().list(info.kind, None) {
            writeln!(text, "{}", object.to_value()).expect("a String");
        }
    }
    for (id, run) in lab.outputs() {
        writeln!(text, "{id} {} {}", run.line, run.text).expect("a String");
    }
    for client in lab.traffic().clients() {
        writeln!(text, "{:?}", client.stats).expect("a String");
    }
    writeln!(text, "{:?}", lab.traffic().records().collect::<Vec<_>>()).expect("a String");
    text
}

fn begin() -> History<Watcher> {
    History::new(Lab::start("first", 3), Watcher::default())
}

/// A run with commands at odd moments, let pass frame by frame with few events a frame; what it was at each quarter second.
fn turmoil(history: &mut History<Watcher>) -> Vec<(Nanos, String, View)> {
    let script = [
        (700, "kubectl scale deployment web --replicas=5"),
        (6_333, "kubectl set image deployment/web web=nginx:1.28"),
        (6_333, "kubectl rollout status deployment/web"),
        (14_001, "kubectl rollout undo deployment/web"),
        (21_950, "kubectl scale deployment web --replicas=1"),
    ];
    let mut script = script.iter().peekable();
    let mut seen = vec![];
    for frame in 1..=1800 {
        let until = frame * SECOND / 60;
        while !history.advance(until, 7) {}
        while let Some((_, line)) = script.next_if(|(at, _)| at * MILLISECOND <= history.now()) {
            history.kubectl(line);
        }
        if frame % 15 == 0 {
            seen.push((history.now(), bytes(history.lab()), view(history)));
        }
    }
    seen
}

fn view(history: &mut History<Watcher>) -> View {
    let (watcher, lab) = history.witness_mut();
    watcher.view(lab, 1.0)
}

#[test]
fn every_moment_looks_as_it_did_the_first_time() {
    let mut history = begin();
    let seen = turmoil(&mut history);
    let end = bytes(history.lab());
    // Back and forth over the run, with strides that meet checkpoints and miss them.
    for i in 0..seen.len() / 3 {
        let (at, expected, first) = &seen[(i * 37) % seen.len()];
        history.seek(*at);
        assert!(bytes(history.lab()) == *expected, "at {at} the run is another one than the first time");
        let again = view(&mut history);
        assert_eq!(again.scene, first.scene, "at {at}");
        assert_eq!(again.timeline, first.timeline, "at {at}");
    }
    history.seek(30 * SECOND);
    assert!(bytes(history.lab()) == end);
    assert_eq!(history.end(), 30 * SECOND);
    assert_eq!(history.commands().len(), 5);
    assert_eq!(history.cut_at(), None, "looking back changes nothing");
}

#[test]
fn playing_on_in_the_past_repeats_the_commands_that_came() {
    let mut history = begin();
    let seen = turmoil(&mut history);
    history.seek(2 * SECOND);
    for frame in 121..=1800 {
        history.advance(frame * SECOND / 60, u64::MAX);
    }
    assert!(bytes(history.lab()) == seen[119].1);
}

#[test]
fn acting_in_the_past_gives_up_the_future_and_that_can_be_undone() {
    let mut history = begin();
    let seen = turmoil(&mut history);
    history.seek(6 * SECOND);
    history.apply(Command::NodeDown("node-3".into()));
    assert_eq!((history.end(), history.cut_at()), (6 * SECOND, Some(6 * SECOND)));
    assert_eq!(history.commands().len(), 2, "one of the past, and the new one");
    history.advance(30 * SECOND, u64::MAX);
    assert!(bytes(history.lab()) != seen[119].1);

    assert!(history.undo_cut());
    assert_eq!((history.now(), history.end()), (6 * SECOND, 30 * SECOND));
    history.seek(30 * SECOND);
    assert!(bytes(history.lab()) == seen[119].1);
    assert!(!history.undo_cut(), "there is nothing more to undo");
}

#[test]
fn a_long_run_keeps_within_its_memory_and_still_goes_back() {
    let mut history: History = History::new(Lab::start("first", 3), ()).within(4 << 20);
    history.advance(3 * SECOND, u64::MAX);
    let early = bytes(history.lab());
    history.advance(160 * SECOND, u64::MAX);
    let all = (160 * SECOND / CHECKPOINT_EVERY) as usize;
    assert!((3..all / 2).contains(&history.checkpoints()), "{} of {all}", history.checkpoints());
    history.seek(3 * SECOND);
    assert!(bytes(history.lab()) == early);
}

#[test]
fn a_run_as_a_transcript_is_a_session_that_plays_again() {
    use kube_service_lab::cluster::Settings;
    use kube_service_lab::lab::{transcript::Replay, transcript_of};
    let mut lab = Lab::start("first", 3);
    let pass = |lab: &mut Lab, seconds: u64| assert!(lab.advance(lab.now() + seconds * SECOND, u64::MAX));
    pass(&mut lab, 2);
    lab.kubectl("kubectl scale deployment web --replicas=5");
    pass(&mut lab, 20);
    lab.apply(Command::Kubectl {
        line: "kubectl apply -f -".into(),
        stdin: "apiVersion: v1\nkind: Service\nmetadata: {name: other}\nspec: {selector: {app: web}, ports: [{port: 81}]}".into(),
    });
    lab.kubectl("kubectl get deployment web");
    lab.kubectl("kubectl get pods nosuch");
    lab.apply(Command::NodeDown("node-3".into()));
    let text = transcript_of(&lab);
    for part in [
        "@file web.yaml\n",
        "deployment.apps/web scaled\n",
        "service/other created\n",
        "web    5/5     5            5",
        "[exit 1]\n",
        "! node down node-3\n",
    ] {
        assert!(text.contains(part), "{part:?} is missing:\n{text}");
    }
    let mut again = Replay::new(Lab::with_settings(Settings::default(), 3));
    again.play(&text);
    assert!(!again.text.contains("does not know this step"), "{}", again.text);
    for part in
        ["deployment.apps/web scaled\n", "service/other created\n", "web    5/5     5            5", "\"nosuch\" not found"]
    {
        assert!(again.text.contains(part), "{part:?} is missing:\n{}", again.text);
    }
}
