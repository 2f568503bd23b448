//! What the Request and Rules panels say of one request: how it ended, what many rules are folded to, and how many failed like it.

use kube_service_lab::api::Key;
use kube_service_lab::lab::Lab;
use kube_service_lab::time::SECOND;
use kube_service_lab::traffic::Record;
use kube_service_lab::view::rules::{Part, rules};
use kube_service_lab::view::{RequestLine, Stretch, failures_lately, requests, trace};

fn after(line: &str, seconds: u64) -> Lab {
    let mut lab = Lab::start("first", 1);
    lab.kubectl(line);
    lab.advance(lab.now() + seconds * SECOND, u64::MAX);
    lab
}

fn newest(lab: &Lab, client: &str) -> RequestLine {
    requests(lab).into_iter().find(|r| &*r.client == client).expect("one has ended")
}

#[test]
fn an_end_is_said_in_plain_words_with_the_time_it_took_and_who_asked_whom() {
    let lab = after("kubectl get pods", 3);
    let line = newest(&lab, "curl-1");
    assert!(line.ending.words.starts_with("200 after ") && line.ending.words.ends_with(" ms"), "{:?}", line.ending);
    assert_eq!((line.ending.own, line.reason), (None, None));
    assert_eq!(line.ending.whom, "curl-1 → web:80, on node-2");
    assert_eq!(newest(&lab, "browser").ending.whom, "browser → 192.0.2.11:30080, on node-1");

    let lab = after("kubectl scale deployment web --replicas=0", 40);
    let line = newest(&lab, "curl-1");
    assert!(line.ending.words.starts_with("connection refused after "), "{:?}", line.ending);
    assert_eq!((line.ending.own, line.reason.as_deref()), (None, Some("refused, no endpoint")));
    // The stubborn client waits for a Pod that is gone.
    let lab = after("kubectl delete pods -l app=web", 40);
    let line = newest(&lab, "stubborn");
    assert_eq!((line.ending.words.as_str(), line.ending.own), ("no answer in 2 s", Some("Client.Timeout")));
    assert_eq!(line.reason.as_deref(), Some("timed out, the Pod it held on to was gone"));
}

#[test]
fn every_failure_of_the_last_minute_is_counted_under_a_reason() {
    let lab = after("kubectl scale deployment web --replicas=0", 40);
    let bad: u64 = lab.traffic().clients().map(|c| c.stats.bad()).sum();
    let lately = failures_lately(&lab);
    let counted: usize = lately.counts.iter().map(|(_, n)| n).sum();
    assert_eq!((counted as u64, lately.forgotten), (bad, 0), "{lately:?}");
    assert!(lately.counts.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{lately:?}");
    assert!(lately.counts.iter().any(|(reason, n)| reason == "refused, no endpoint" && *n > 50), "{lately:?}");
}

#[test]
fn failures_that_are_no_longer_remembered_are_counted_too() {
    let mut lab = Lab::start("rollout", 1);
    lab.kubectl("kubectl scale deployment web --replicas=0");
    for client in ["browser", "laptop", "curl-1"] {
        let mut setting = lab.traffic().client(client).expect("it is there").setting.clone();
        setting.pattern = kube_service_lab::traffic::Pattern::Every(SECOND / 50);
        lab.apply(kube_service_lab::lab::Command::AddClient(setting));
    }
    lab.advance(lab.now() + 75 * SECOND, u64::MAX);
    let lately = failures_lately(&lab);
    let counted: usize = lately.counts.iter().map(|(_, n)| n).sum();
    assert!(lately.forgotten > 0 && counted > 4000 && counted + lately.forgotten < 61 * 160, "{lately:?}");
}

/// A request that chance sent far down the list of a Service of 60 endpoints.
fn far_down(lab: &Lab) -> &Record {
    let far = |r: &&Record| trace(r, lab).iter().any(|hop| hop.rules.iter().any(|s| matches!(s, Stretch::Passed(_))));
    lab.traffic().records().rev().filter(|r| r.outcome.is_some()).find(far).expect("one of many")
}

#[test]
fn rules_that_chance_passed_over_are_folded_but_the_first_two() {
    let lab = after("kubectl scale deployment web --replicas=60", 60);
    let record = far_down(&lab);
    let hops = trace(record, &lab);
    let hop = hops.iter().find(|hop| hop.rules.iter().any(|s| matches!(s, Stretch::Passed(_)))).expect("found above");
    let at = hop.rules.iter().position(|s| matches!(s, Stretch::Passed(_))).expect("found above");
    let around: Vec<_> = [at - 2, at - 1, at + 1].iter().flat_map(|at| hop.rules[*at].lines()).collect();
    assert!(around.iter().all(|rule| rule.chain == around[0].chain), "{around:#?}");
    let said: Vec<_> = around.iter().map(|r| (r.matched, r.chosen)).collect();
    assert_eq!(said, [(false, false), (false, false), (true, true)]);
    assert_eq!(around[0].chance.as_deref(), Some("1 in 60"));
    let Stretch::Passed(over) = &hop.rules[at] else { unreachable!("it was found as one") };
    // Chances go down by one with each rule: the folded ones are all that lie between.
    let first = over.lines(0..1).next().and_then(|r| r.chance);
    assert_eq!(first.as_deref(), Some("1 in 58"));
    let taken = 60 - 2 - over.count();
    let chance = around[2].chance.clone().unwrap_or("1 in 1".into());
    assert_eq!(chance, format!("1 in {taken}"));
    assert_eq!(over.lines(0..usize::MAX).count(), over.count());
    assert!(hop.rules.len() < 20, "{}", hop.rules.len());
}

#[test]
fn many_rules_of_a_node_are_folded_around_those_that_the_request_met() {
    let lab = after("kubectl scale deployment web --replicas=60", 60);
    let record = far_down(&lab);
    let node = &record.hops[0].node;
    let panel = rules(&lab, node, Some(&Key::new("default", "web")), Some(record)).expect("a node");
    let (mut next, mut shown) = (0, 0);
    for part in panel.parts() {
        let (Part::Shown(places) | Part::Folded(places)) = &part;
        assert_eq!(places.start, next, "every line once and in its order");
        next = places.end;
        match part {
            Part::Shown(places) => shown += places.len(),
            Part::Folded(places) => assert!(panel.lines[places].iter().all(|l| !l.taken)),
        }
    }
    assert_eq!(next, panel.lines.len());
    assert!(next > 180 && shown < 60, "{shown} of {next}");
    // Nothing met: the beginning is shown.
    let panel = rules(&lab, node, None, None).expect("a node");
    assert!(matches!(panel.parts()[..2], [Part::Shown(ref first), Part::Folded(_)] if first.len() == 120), "{:?}", panel.parts());
}
