//! "Why no endpoints?" and "why can't I reach it?", each cause once, and the way out tried out: the fix that is offered is
//! typed into the same lab, and the diagnosis must then be well. (`tests/recordings/diagnosis_properties.rs` holds it against any state.)

use kube_service_lab::api::{Key, Kind};
use kube_service_lab::diagnosis::{self, Cause, Diagnosis, Weight};
use kube_service_lab::lab::{Command, Lab};
use kube_service_lab::time::SECOND;
use kube_service_lab::traffic::{Source, Url};
use std::net::Ipv4Addr;

fn lab() -> Lab {
    Lab::start("first", 1)
}

fn pass(lab: &mut Lab, seconds: u64) {
    lab.advance(lab.now() + seconds * SECOND, u64::MAX);
}

fn run(lab: &mut Lab, line: &str) {
    let id = lab.kubectl(line);
    pass(lab, 1);
    let output = lab.output(id).expect("kept");
    assert!(output.exit.is_none_or(|e| e == 0), "{line}\n{}", output.text);
}

fn web() -> Key {
    Key::new("default", "web")
}

fn endpoints(lab: &Lab) -> Diagnosis {
    diagnosis::endpoints(lab.cluster(), &web())
}

fn inside() -> Source {
    Source::Pod(Key::new("default", "curl-1"))
}

fn outside() -> Source {
    Source::Outside(Ipv4Addr::new(203, 0, 113, 7))
}

fn reach(lab: &Lab, source: &Source, url: &str) -> Diagnosis {
    diagnosis::reach(lab.cluster(), source, &Url::parse(url).expect("a URL"))
}

/// The first finding must be of that cause and stop everything.
#[track_caller]
fn stops(diagnosis: &Diagnosis, cause: Cause) {
    let first = &diagnosis.findings[0];
    assert_eq!((first.cause, first.weight), (cause, Weight::All), "{}", diagnosis::text(diagnosis));
    assert!(first.cause == Cause::NameFromOutside || !first.show.is_empty(), "nothing shows it");
}

/// Types every kubectl line that shows the first finding (each must work), then its first fix.
fn mend(lab: &mut Lab, diagnosis: &Diagnosis, wait: u64) {
    let first = diagnosis.findings[0].clone();
    for line in &first.show {
        let id = lab.kubectl(line);
        pass(lab, 1);
        let known = lab.output(id).expect("kept");
        assert!(!known.text.contains("unknown"), "{line}: {}", known.text);
    }
    let fix = first.fixes.iter().find(|f| !f.command.is_empty()).expect("a fix with a command");
    run(lab, &fix.command);
    pass(lab, wait);
}

fn well(diagnosis: &Diagnosis) {
    assert!(diagnosis.is_well(), "{}", diagnosis::text(diagnosis));
}

#[test]
fn a_working_service_is_well_from_everywhere() {
    let lab = lab();
    well(&endpoints(&lab));
    well(&reach(&lab, &inside(), "http://web/"));
    well(&reach(&lab, &inside(), "http://10.96.12.34/"));
    well(&reach(&lab, &inside(), "http://192.0.2.12:30080/"));
    well(&reach(&lab, &outside(), "http://192.0.2.11:30080/"));
    for client in lab.traffic().clients() {
        well(&diagnosis::client(lab.cluster(), &client.setting.name).expect("it is there"));
    }
}

#[test]
fn a_slip_in_a_label_is_told_with_the_nearest_match() {
    let mut lab = lab();
    run(&mut lab, "kubectl set selector service web app=wbe");
    let diagnosis = endpoints(&lab);
    stops(&diagnosis, Cause::LabelTypo);
    assert!(diagnosis.findings[0].title.contains("app=wbe") && diagnosis.findings[0].title.contains("app=web"));
    stops(&reach(&lab, &inside(), "http://web/"), Cause::LabelTypo);
    stops(&reach(&lab, &outside(), "http://192.0.2.11:30080/"), Cause::LabelTypo);
    mend(&mut lab, &diagnosis, 2);
    well(&endpoints(&lab));
    well(&reach(&lab, &inside(), "http://web/"));
}

#[test]
fn a_slip_in_a_labels_key_is_told_too() {
    let mut lab = lab();
    run(&mut lab, "kubectl set selector service web apps=web");
    let diagnosis = endpoints(&lab);
    stops(&diagnosis, Cause::LabelTypo);
    mend(&mut lab, &diagnosis, 2);
    well(&endpoints(&lab));
}

#[test]
fn a_selector_that_matches_nothing_at_all() {
    let mut lab = lab();
    run(&mut lab, "kubectl set selector service web app=payments");
    let diagnosis = endpoints(&lab);
    stops(&diagnosis, Cause::SelectorMatchesNothing);
    mend(&mut lab, &diagnosis, 2);
    well(&endpoints(&lab));
}

#[test]
fn pods_in_another_namespace() {
    let mut lab = lab();
    for line in [
        "kubectl create namespace shop",
        "kubectl run cart --image=nginx:1.28 --labels=app=cart --port=80 -n shop",
        "kubectl create service clusterip cart --tcp=80",
    ] {
        run(&mut lab, line);
    }
    pass(&mut lab, 5);
    let diagnosis = diagnosis::endpoints(lab.cluster(), &Key::new("default", "cart"));
    stops(&diagnosis, Cause::WrongNamespace);
    mend(&mut lab, &diagnosis, 2);
    well(&reach(&lab, &inside(), "http://cart.shop/"));
}

#[test]
fn scaled_to_zero() {
    let mut lab = lab();
    run(&mut lab, "kubectl scale deployment web --replicas=0");
    pass(&mut lab, 5);
    let diagnosis = endpoints(&lab);
    stops(&diagnosis, Cause::ScaledToZero);
    stops(&reach(&lab, &inside(), "http://web/"), Cause::ScaledToZero);
    mend(&mut lab, &diagnosis, 10);
    well(&endpoints(&lab));
}

#[test]
fn an_image_that_does_not_come() {
    let mut lab = lab();
    run(&mut lab, "kubectl scale deployment web --replicas=0");
    run(&mut lab, "kubectl set image deployment/web web=nginx:9.9");
    run(&mut lab, "kubectl scale deployment web --replicas=2");
    pass(&mut lab, 20);
    let diagnosis = endpoints(&lab);
    stops(&diagnosis, Cause::NoImage);
    assert!(diagnosis.findings[0].title.contains("nginx:9.9"));
    mend(&mut lab, &diagnosis, 20);
    well(&endpoints(&lab));
}

#[test]
fn a_process_that_ends_again_and_again() {
    let mut lab = lab();
    run(&mut lab, "kubectl scale deployment web --replicas=0");
    run(&mut lab, "kubectl set env deployment/web APP_CRASH_AFTER=1s APP_EXIT_CODE=3");
    run(&mut lab, "kubectl scale deployment web --replicas=2");
    pass(&mut lab, 60);
    let diagnosis = endpoints(&lab);
    stops(&diagnosis, Cause::CrashLoop);
    assert!(diagnosis.findings[0].title.contains("exit code 3"));
    mend(&mut lab, &diagnosis, 20);
    well(&endpoints(&lab));
}

#[test]
fn a_probe_that_asks_the_wrong_port() {
    let mut lab = lab();
    run(&mut lab, "kubectl scale deployment web --replicas=0");
    let probe = "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\",\"readinessProbe\":{\"httpGet\":{\"path\":\"/ready\",\"port\":8081},\"periodSeconds\":1}}]}}}}";
    run(&mut lab, &format!("kubectl patch deployment web -p '{probe}'"));
    run(&mut lab, "kubectl scale deployment web --replicas=2");
    pass(&mut lab, 20);
    let diagnosis = endpoints(&lab);
    stops(&diagnosis, Cause::ProbeFails);
    assert!(diagnosis.findings[0].details.iter().any(|d| d.contains("Readiness probe failed: ")), "{diagnosis:?}");
    let fix = diagnosis.findings[0].fixes.iter().find(|f| f.command.contains("--type=json")).expect("the port").clone();
    run(&mut lab, &fix.command);
    pass(&mut lab, 40);
    well(&endpoints(&lab));
}

#[test]
fn pods_that_no_node_takes() {
    let mut lab = lab();
    for node in ["node-1", "node-2", "node-3"] {
        run(&mut lab, &format!("kubectl cordon {node}"));
    }
    run(&mut lab, "kubectl delete pods -l app=web --wait=false");
    pass(&mut lab, 40);
    let diagnosis = endpoints(&lab);
    stops(&diagnosis, Cause::Unschedulable);
    assert!(diagnosis.findings[0].details.iter().any(|d| d.contains("0/3 nodes are available")), "{diagnosis:?}");
    mend(&mut lab, &diagnosis, 10);
    well(&endpoints(&lab));
}

#[test]
fn a_port_name_that_no_pod_has() {
    let mut lab = lab();
    run(&mut lab, "kubectl patch service web -p '{\"spec\":{\"ports\":[{\"port\":80,\"targetPort\":\"http\"}]}}'");
    pass(&mut lab, 2);
    let diagnosis = endpoints(&lab);
    stops(&diagnosis, Cause::PortNameMissing);
    stops(&reach(&lab, &inside(), "http://web/"), Cause::PortNameMissing);
    mend(&mut lab, &diagnosis, 2);
    well(&endpoints(&lab));
    well(&reach(&lab, &inside(), "http://web/"));
}

#[test]
fn a_target_port_on_which_nobody_listens() {
    let mut lab = lab();
    run(&mut lab, "kubectl patch service web -p '{\"spec\":{\"ports\":[{\"port\":80,\"targetPort\":8080}]}}'");
    pass(&mut lab, 2);
    let diagnosis = reach(&lab, &inside(), "http://web/");
    stops(&diagnosis, Cause::NobodyListens);
    stops(&endpoints(&lab), Cause::NobodyListens);
    assert!(diagnosis.findings[0].fixes.iter().any(|f| f.command.contains("\"targetPort\":80")), "{diagnosis:?}");
    let own = endpoints(&lab);
    mend(&mut lab, &own, 2);
    well(&endpoints(&lab));
    well(&reach(&lab, &inside(), "http://web/"));
}

#[test]
fn policy_local_without_a_local_pod() {
    let mut lab = lab();
    run(&mut lab, "kubectl scale deployment web --replicas=1");
    run(
        &mut lab,
        "kubectl patch service web -p '{\"spec\":{\"externalTrafficPolicy\":\"Local\",\"internalTrafficPolicy\":\"Local\"}}'",
    );
    pass(&mut lab, 40);
    let pods = lab.cluster().api().store().list(Kind::Pod, Some("default"));
    let home = pods.filter_map(|o| o.as_::<kube_service_lab::api::Pod>()).find(|p| p.meta.labels.contains_key("app"));
    let home = home.expect("one is left").spec.node_name.clone();
    let nodes = [("node-1", "192.0.2.11"), ("node-2", "192.0.2.12"), ("node-3", "192.0.2.13")];
    for (node, ip) in nodes {
        let diagnosis = reach(&lab, &outside(), &format!("http://{ip}:30080/"));
        if node == home { well(&diagnosis) } else { stops(&diagnosis, Cause::LocalPolicy) }
    }
    let from_inside = reach(&lab, &inside(), "http://web/");
    if home == "node-2" {
        well(&from_inside)
    } else {
        stops(&from_inside, Cause::LocalPolicy)
    }
    let (_, ip) = nodes.iter().find(|(n, _)| *n != home).expect("another");
    let diagnosis = reach(&lab, &outside(), &format!("http://{ip}:30080/"));
    mend(&mut lab, &diagnosis, 2);
    well(&reach(&lab, &outside(), &format!("http://{ip}:30080/")));
}

#[test]
fn an_external_name_a_headless_service_and_one_without_selector() {
    let mut lab = lab();
    for line in [
        "kubectl create service externalname db --external-name=db.example.com",
        "kubectl create service clusterip parts --clusterip=None --tcp=80",
        "kubectl create service clusterip bare --tcp=80",
        "kubectl patch service bare --type=json -p '[{\"op\":\"remove\",\"path\":\"/spec/selector\"}]'",
    ] {
        run(&mut lab, line);
    }
    pass(&mut lab, 2);
    let of = |lab: &Lab, name: &str| diagnosis::endpoints(lab.cluster(), &Key::new("default", name));
    assert_eq!(of(&lab, "db").causes(), [Cause::Well, Cause::ExternalName]);
    stops(&reach(&lab, &inside(), "http://db/"), Cause::ExternalName);
    stops(&of(&lab, "bare"), Cause::NoSelector);
    stops(&reach(&lab, &inside(), "http://bare/"), Cause::NoSelector);
    let empty = reach(&lab, &inside(), "http://parts/");
    assert!(!empty.is_well() && empty.causes().contains(&Cause::Headless), "{}", diagnosis::text(&empty));
    run(&mut lab, "kubectl set selector service parts app=web");
    pass(&mut lab, 40);
    well(&reach(&lab, &inside(), "http://parts/"));
    assert!(of(&lab, "parts").causes().contains(&Cause::Headless));
}

#[test]
fn a_node_that_is_cut_off() {
    let mut lab = lab();
    lab.apply(Command::NodeDown("node-1".into()));
    pass(&mut lab, 2);
    stops(&reach(&lab, &outside(), "http://192.0.2.11:30080/"), Cause::NodeCutOff);
    let part = reach(&lab, &outside(), "http://192.0.2.13:30080/");
    assert_eq!(
        (part.findings[0].cause, part.findings[0].weight),
        (Cause::NodeCutOff, Weight::Part),
        "{}",
        diagnosis::text(&part)
    );
    assert!(endpoints(&lab).causes().contains(&Cause::NodeCutOff));
    pass(&mut lab, 120);
    well(&reach(&lab, &outside(), "http://192.0.2.13:30080/"));
    // CoreDNS stands on node-1: names are not looked up any more.
    stops(&reach(&lab, &inside(), "http://web/"), Cause::DnsUnreachable);
}

#[test]
fn wrong_ports_wrong_addresses_wrong_names() {
    let mut lab = lab();
    stops(&reach(&lab, &inside(), "http://web:81/"), Cause::NoSuchPort);
    stops(&reach(&lab, &inside(), "http://web:30080/"), Cause::NodePortOnClusterIp);
    stops(&reach(&lab, &inside(), "http://192.0.2.12:30081/"), Cause::NotANodePort);
    stops(&reach(&lab, &inside(), "http://wep/"), Cause::NoSuchName);
    stops(&reach(&lab, &inside(), "http://web.shop/"), Cause::NoSuchName);
    stops(&reach(&lab, &inside(), "http://kube-dns/"), Cause::WrongNamespace);
    stops(&reach(&lab, &inside(), "http://example.com/"), Cause::NoSuchName);
    stops(&reach(&lab, &inside(), "http://10.244.2.200/"), Cause::NobodyHasTheAddress);
    stops(&reach(&lab, &inside(), "http://172.16.0.1/"), Cause::NobodyHasTheAddress);
    stops(&reach(&lab, &outside(), "http://web/"), Cause::NameFromOutside);
    stops(&reach(&lab, &outside(), "http://10.96.12.34/"), Cause::ClusterIpFromOutside);
    stops(&reach(&lab, &outside(), "http://10.244.1.2/"), Cause::PodIpFromOutside);
    stops(&diagnosis::endpoints(lab.cluster(), &Key::new("default", "wbe")), Cause::NoSuchService);
    run(&mut lab, "kubectl patch service web -p '{\"spec\":{\"type\":\"ClusterIP\"}}'");
    pass(&mut lab, 2);
    let closed = reach(&lab, &outside(), "http://192.0.2.11:30080/");
    stops(&closed, Cause::NotANodePort);
    mend(&mut lab, &closed, 2);
}

#[test]
fn the_stubborn_client_is_told_that_its_pod_is_gone() {
    let mut lab = lab();
    let held = lab.traffic().client("stubborn").expect("it is there").setting.url.host.clone();
    let pods = lab.cluster().api().store().list(Kind::Pod, Some("default")).filter_map(|o| o.as_::<kube_service_lab::api::Pod>());
    let name = pods.into_iter().find(|p| p.status.pod_ip == held).expect("its Pod").meta.name.clone();
    run(&mut lab, &format!("kubectl delete pod {name}"));
    pass(&mut lab, 30);
    stops(&diagnosis::client(lab.cluster(), "stubborn").expect("it is there"), Cause::NobodyHasTheAddress);
    well(&diagnosis::client(lab.cluster(), "curl-1").expect("it is there"));
}

#[test]
fn a_process_that_answers_errors_or_too_late() {
    let mut lab = lab();
    run(&mut lab, "kubectl set env deployment/web APP_ERROR_RATE=0.3");
    pass(&mut lab, 60);
    let found = diagnosis::client(lab.cluster(), "curl-1").expect("it is there");
    assert_eq!(
        (found.findings[0].cause, found.findings[0].weight),
        (Cause::AnswersErrors, Weight::Part),
        "{}",
        diagnosis::text(&found)
    );
    run(&mut lab, "kubectl set env deployment/web APP_ERROR_RATE- APP_LATENCY=5s");
    pass(&mut lab, 60);
    stops(&diagnosis::client(lab.cluster(), "curl-1").expect("it is there"), Cause::TooSlow);
}
