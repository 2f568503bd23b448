//! "Why can't I reach it?" in any state of the cluster: never a false "all is well".

use kube_service_lab::api::Key;
use kube_service_lab::diagnosis;
use kube_service_lab::lab::{Command, Lab};
use kube_service_lab::time::{MILLISECOND, SECOND, Stream};
use kube_service_lab::traffic::{ClientSetting, Habits, Outcome, Pattern, Source, Url};
use std::net::Ipv4Addr;

/// Something that a person or a fault does.
fn mischief(lab: &mut Lab, random: &mut Stream) {
    let node = format!("node-{}", 1 + random.below(3));
    let line = match random.below(20) {
        0 => return lab.apply(Command::NodeDown(node)),
        1 | 2 => {
            for n in 1..=3 {
                lab.apply(Command::NodeUp(format!("node-{n}")));
            }
            return;
        }
        3 => "kubectl scale deployment web --replicas=0".into(),
        4..=6 => format!("kubectl scale deployment web --replicas={}", random.below(5)),
        7 => "kubectl delete pods -l app=web --wait=false".into(),
        8 => "kubectl set image deployment/web web=nginx:9.9".into(),
        9 => "kubectl set image deployment/web web=nginx:1.28".into(),
        10 => "kubectl rollout undo deployment/web".into(),
        11 => format!("kubectl set selector service web app={}", ["web", "wbe", "shop"][random.below(3) as usize]),
        12 => format!(
            "kubectl patch service web -p '{{\"spec\":{{\"ports\":[{{\"port\":80,\"targetPort\":{}}}]}}}}'",
            ["80", "8080", "\"http\""][random.below(3) as usize]
        ),
        13 => format!(
            "kubectl patch service web -p '{{\"spec\":{{\"externalTrafficPolicy\":\"{0}\",\"internalTrafficPolicy\":\"{0}\"}}}}'",
            ["Local", "Cluster"][random.below(2) as usize]
        ),
        14 => {
            format!("kubectl set env deployment/web APP_CRASH_AFTER={}", ["3s", "-"][random.below(2) as usize]).replace("=-", "-")
        }
        15 => "kubectl set env deployment/web APP_START_DELAY=4s".into(),
        16 => "kubectl label pods -l app=web app=other --overwrite".into(),
        17 => format!(
            "kubectl patch service web -p '{{\"spec\":{{\"type\":\"{}\"}}}}'",
            ["ClusterIP", "NodePort"][random.below(2) as usize]
        ),
        18 => "kubectl delete pod -n kube-system -l k8s-app=kube-dns --wait=false".into(),
        _ => "kubectl set selector service web app=web".into(),
    };
    lab.kubectl(&line);
}

const ASKED: [&str; 6] = [
    "http://web/",
    "http://10.96.12.34/",
    "http://192.0.2.11:30080/",
    "http://192.0.2.13:30080/",
    "http://web:81/",
    "http://nobody/",
];

/// Sends a few requests in a copy of the lab; whether one failed that had been given its way at once.
fn fails_now(lab: &Lab, source: &Source, url: &str) -> Option<String> {
    let mut copy = lab.clone();
    let last = copy.traffic().records().next_back().map_or(0, |r| r.id);
    let url = Url::parse(url)?;
    let add = |copy: &mut Lab, name: &str| {
        let setting = ClientSetting {
            name: name.into(),
            source: source.clone(),
            url: url.clone(),
            pattern: Pattern::Sequence,
            total: Some(1),
            keep_alive: false,
            timeout: 2 * SECOND,
            holds_name: 0,
            stubborn: false,
            habits: Habits::default(),
        };
        copy.apply(Command::AddClient(setting));
    };
    (0..4).for_each(|n| add(&mut copy, &format!("probe-{n}")));
    let version = copy.cluster().api().store().version();
    // Whatever changes within these milliseconds may change the answer: such a moment is no witness.
    copy.advance(copy.now() + 12 * MILLISECOND, u64::MAX);
    if copy.cluster().api().store().version() != version {
        return None;
    }
    copy.advance(copy.now() + 25 * SECOND, u64::MAX);
    let own = copy.traffic().records().filter(|r| r.id > last && r.client.starts_with("probe-"));
    let bad = own.filter(|r| r.pod.is_none() && matches!(r.outcome, Some(Outcome::Failed(_))));
    bad.map(|r| format!("{r:?}")).next()
}

#[test]
fn never_a_false_all_is_well() {
    let mut checked = (0, 0);
    for seed in 1..=4 {
        let mut lab = Lab::start("first", seed);
        let mut random = Stream::new(seed, "mischief");
        for step in 0..20 {
            mischief(&mut lab, &mut random);
            lab.advance(lab.now() + 100 * MILLISECOND + random.below(8 * SECOND), u64::MAX);
            for key in [Key::new("default", "web"), Key::new("kube-system", "kube-dns"), Key::new("default", "nobody")] {
                assert!(!diagnosis::endpoints(lab.cluster(), &key).findings.is_empty());
            }
            let url = ASKED[random.below(ASKED.len() as u64) as usize];
            let inside = Source::Pod(Key::new("default", "curl-1"));
            let source = if random.below(2) == 0 { inside } else { Source::Outside(Ipv4Addr::new(203, 0, 113, 7)) };
            let diagnosis = diagnosis::reach(lab.cluster(), &source, &Url::parse(url).expect("a URL"));
            assert!(!diagnosis.findings.is_empty());
            checked.0 += 1;
            if diagnosis.is_well() {
                checked.1 += 1;
                let bad = fails_now(&lab, &source, url);
                assert!(bad.is_none(), "seed {seed} step {step}: {}\n{}", diagnosis::text(&diagnosis), bad.unwrap_or_default());
            }
        }
    }
    assert!(checked.1 > checked.0 / 10, "{checked:?}");
}
