//! What the panels and the palette show, worked out natively: actions that do what they say, sheets that apply again, rules
//! with the way of a request.

use kube_service_lab::api::Key;
use kube_service_lab::lab::presets::PRESETS;
use kube_service_lab::lab::{Command, Lab, NetworkSetting};
use kube_service_lab::node::proxy::Mode;
use kube_service_lab::time::SECOND;
use kube_service_lab::view::actions::{Action, Deed, PageDeed, actions, matching};
use kube_service_lab::view::{requests, rules, sheet, why};

fn lab() -> Lab {
    Lab::start("first", 1)
}

fn pass(lab: &mut Lab, seconds: u64) {
    lab.advance(lab.now() + seconds * SECOND, u64::MAX);
}

#[test]
fn every_kubectl_action_is_a_line_that_kubectl_takes() {
    let fresh = lab();
    for action in actions(&fresh) {
        let Deed::Kubectl(line) = &action.deed else { continue };
        let mut lab = fresh.clone();
        let id = lab.kubectl(line);
        pass(&mut lab, 1);
        let run = lab.output(id).expect("kept");
        // A LoadBalancer's or a wrong image's trouble comes later; here the line itself is judged.
        assert!(run.exit.is_none_or(|e| e == 0), "{}: {line}\n{}", action.title, run.text);
    }
}

#[test]
fn typed_words_find_actions_and_a_typed_line_is_one() {
    let list = actions(&lab());
    let first = |typed: &str| matching(&list, typed).first().map(|a: &Action| a.title.clone()).unwrap_or_default();
    assert_eq!(first("cordon node-2"), "Cordon node-2");
    assert_eq!(first("scale 0"), "Scale web to 0");
    assert_eq!(first("theme"), "Change theme");
    assert!(first("kubectl get pods").starts_with("Run this line"));
    assert!(matching(&list, "no such thing at all").is_empty());
    assert_eq!(matching(&list, "").len(), list.len());
    assert!(list.iter().any(|a| a.deed == Deed::Page(PageDeed::Panel("Rules"))));
}

#[test]
fn a_sheet_applies_again_without_a_change() {
    let mut lab = lab();
    for choice in sheet::choices(&lab) {
        let text = sheet::text(&lab, &choice).expect("it is there");
        assert!(sheet::problems(&text).is_empty(), "{choice}");
        assert!(!text.contains("resourceVersion") && !text.contains("status:"), "{text}");
    }
    let text = sheet::text(&lab, "service/web").expect("it is there");
    lab.apply(Command::File { name: "sheet.yaml".into(), text: text.clone() });
    let id = lab.kubectl("kubectl apply -f sheet.yaml");
    let output = lab.output(id).expect("kept");
    assert_eq!(output.exit, Some(0), "{}", output.text);
    assert_eq!(sheet::text(&lab, "service/web").as_deref(), Some(text.as_str()));
}

#[test]
fn problems_stand_at_their_lines() {
    let lab = lab();
    let text = sheet::text(&lab, "service/web").expect("it is there");
    let broken = text.replace("kind: Service", "kind: [Service");
    assert_eq!(sheet::problems(&broken).len(), 1, "{:?}", sheet::problems(&broken));
    let line = 1 + text.lines().position(|l| l.contains("port: 80")).expect("a port");
    let wrong = text.replace("port: 80", "port: 99999");
    let said = "The Service \"web\" is invalid: spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive";
    assert_eq!(sheet::refusals(&wrong, said)[0].line, line, "{text}");
    let changes = sheet::changes(&text, &wrong);
    let signs: Vec<char> = changes.iter().map(|c| c.sign).filter(|c| *c != ' ').collect();
    assert_eq!(signs, ['-', '+']);
}

#[test]
fn rules_are_those_of_one_service() {
    let lab = lab();
    let web = Key::new("default", "web");
    let all = rules::rules(&lab, "node-1", None, None).expect("a node");
    let own = rules::rules(&lab, "node-1", Some(&web), None).expect("a node");
    assert!(own.lines.len() > 8 && own.lines.len() < all.lines.len(), "{} of {}", own.lines.len(), all.lines.len());
    assert!(own.lines.iter().all(|l| l.text.contains("default/web") && !l.taken));
    assert_eq!((own.tool, rules::lag(&lab, "node-1")), ("iptables-save", 0));
    assert!(rules::rules(&lab, "node-9", None, None).is_none());
}

#[test]
fn who_is_in_trouble_is_asked_about_first() {
    let mut lab = lab();
    let (about, diagnosis) = why::first_in_trouble(&lab).expect("somebody");
    assert!(diagnosis.is_well() && about == why::choices(&lab)[0]);
    let held = lab.traffic().client("stubborn").expect("it is there").setting.url.host.clone();
    let choices = sheet::choices(&lab);
    let pod =
        choices.iter().find(|c| sheet::text(&lab, c).is_some_and(|t| t.contains("kind: Pod") && t.contains("app: web"))).cloned();
    assert!(pod.is_some() && sheet::described(&lab, "node/node-1").is_some_and(|t| t.contains("Non-terminated Pods")));
    lab.kubectl("kubectl delete pods -l app=web");
    pass(&mut lab, 40);
    let (about, diagnosis) = why::first_in_trouble(&lab).expect("somebody");
    assert_eq!(about.id(), "client stubborn");
    assert!(diagnosis.findings[0].title.contains(&held), "{diagnosis:?}");
}

#[test]
fn every_preset_opens_with_ready_pods_and_answered_requests() {
    for preset in PRESETS.iter().filter(|p| p.replicas < 100) {
        let mut lab = Lab::start(preset.name, 1);
        pass(&mut lab, 5);
        let (good, bad) = lab.traffic().clients().fold((0, 0), |(g, b), c| (g + c.stats.answered, b + c.stats.bad()));
        assert!(good > 10 && bad == 0, "{}: {good} answered, {bad} not", preset.name);
    }
}

#[test]
fn a_requests_way_is_lit_in_the_rules_of_every_mode() {
    for mode in [Mode::Iptables, Mode::Nftables] {
        let mut lab = lab();
        lab.apply(Command::Network(NetworkSetting::ProxyMode { node: None, mode }));
        pass(&mut lab, 8);
        let ended = |c: &str| lab.traffic().records().rev().find(|r| *r.client == *c && r.pod.is_some()).cloned();
        let record = ended("browser").expect("one was answered");
        let web = Key::new("default", "web");
        let panel = rules::rules(&lab, "node-1", Some(&web), Some(&record)).expect("a node");
        let taken: Vec<&str> = panel.lines.iter().filter(|l| l.taken).map(|l| l.text.as_str()).collect();
        assert!(taken.len() >= 3, "{mode:?}: {taken:?}\nof {:#?}", record.hops);
        let stops = requests(&lab).into_iter().find(|r| &*r.client == "browser").expect("listed").stops;
        assert!(mode != Mode::Iptables || stops.iter().any(|(_, what)| what.contains("of 3, p = ")), "{stops:?}");
        assert!(panel.lines.iter().all(|l| !l.short().contains("comment")), "{:?}", panel.lines);
    }
}
