//! The goals of the presets, reached as a person would reach them: by the commands that the page's buttons stand for.

use kube_service_lab::lab::{Command, History, Lab};
use kube_service_lab::time::SECOND;
use kube_service_lab::view::Watcher;

struct Play {
    history: History<Watcher>,
}

impl Play {
    fn new(preset: &str) -> Play {
        Play { history: History::new(Lab::start(preset, 1), Watcher::default()) }
    }

    fn pass(&mut self, seconds: u64) -> &mut Play {
        self.history.advance(self.history.now() + seconds * SECOND, u64::MAX);
        self
    }

    fn run(&mut self, line: &str) -> &mut Play {
        self.history.kubectl(line);
        self
    }

    /// How many goals are reached, and how many there are.
    fn reached(&mut self) -> (usize, usize) {
        let (watcher, lab) = self.history.witness_mut();
        let goals = watcher.view(lab, 1.0).goals;
        let done = goals.iter().filter(|g| g.done).count();
        assert!(goals.iter().take(done).all(|g| g.done), "goals are reached in their order");
        (done, goals.len())
    }

    /// The Pod that the stubborn client asks.
    fn held(&self) -> String {
        let lab = self.history.lab();
        let host = lab.traffic().client("stubborn").expect("the preset has it").setting.url.host.clone();
        let mut pods = self.history.witness().pods().iter();
        pods.find(|p| p.status.pod_ip == host).expect("it runs").meta.name.clone()
    }
}

#[test]
fn nothing_is_reached_by_waiting() {
    for (preset, seen) in [("first", 0), ("scale", 0), ("rollout", 0), ("nodeport", 1), ("labels", 0)] {
        assert_eq!(Play::new(preset).pass(8).reached().0, seen, "{preset}");
    }
}

#[test]
fn a_pod_dies_and_the_service_stays() {
    let mut play = Play::new("first");
    let pod = play.pass(5).held();
    play.run(&format!("kubectl delete pod {pod}")).pass(1);
    assert!(play.reached().0 >= 1);
    let after = play.pass(20).reached();
    assert_eq!(after, (4, 4));
    // Back in time nothing is done yet; forth again all is.
    let end = play.history.now();
    play.history.seek(4 * SECOND + play.history.start());
    assert_eq!(play.reached().0, 0);
    play.history.seek(end);
    assert_eq!(play.reached(), after);
}

#[test]
fn scaled_up_down_to_zero_and_up_again() {
    let mut play = Play::new("scale");
    for (replicas, goals) in [(6, 1), (1, 2), (0, 3), (3, 4)] {
        play.pass(3).run(&format!("kubectl scale deployment web --replicas={replicas}")).pass(40);
        assert_eq!(play.reached().0, goals, "scaled to {replicas}");
    }
}

#[test]
fn rolled_out_and_back_without_a_lost_request() {
    let mut play = Play::new("rollout");
    play.pass(3).run("kubectl set image deployment/web web=nginx:1.28").pass(4);
    assert_eq!(play.reached().0, 1);
    play.pass(120);
    assert_eq!(play.reached().0, 2);
    play.run("kubectl rollout undo deployment/web").pass(120);
    assert_eq!(play.reached(), (4, 4));
}

#[test]
fn a_lost_request_is_not_forgotten() {
    let mut play = Play::new("rollout");
    // At zero nobody answers.
    play.pass(3).run("kubectl scale deployment web --replicas=0").pass(40);
    play.run("kubectl scale deployment web --replicas=4").pass(40);
    play.run("kubectl set image deployment/web web=nginx:1.28").pass(120);
    play.run("kubectl rollout undo deployment/web").pass(120);
    assert_eq!(play.reached(), (3, 4));
}

#[test]
fn a_node_is_cut_off_and_brought_back() {
    let mut play = Play::new("nodeport");
    play.pass(5).history.apply(Command::NodeDown("node-2".into()));
    play.pass(10);
    assert_eq!(play.reached().0, 3);
    play.history.apply(Command::NodeUp("node-2".into()));
    play.pass(120);
    assert_eq!(play.reached(), (4, 4));
}

#[test]
fn a_label_is_taken_away_and_given_back() {
    let mut play = Play::new("labels");
    let pod = play.pass(3).history.witness().pods()[0].meta.name.clone();
    play.run(&format!("kubectl label pod {pod} app-")).pass(20);
    assert_eq!(play.reached().0, 2);
    play.run(&format!("kubectl label pod {pod} app=web")).pass(5);
    assert_eq!(play.reached(), (3, 3));
}
