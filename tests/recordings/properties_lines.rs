//! Whatever is typed at the console: a command line ends in an answer, never in a panic, and what is refused changes nothing.

use kube_service_lab::api::Kind;
use kube_service_lab::api::field_selector::FieldSelector;
use kube_service_lab::api::quantity::Amount;
use kube_service_lab::api::selector::Selector;
use kube_service_lab::cluster::Settings;
use kube_service_lab::kubectl::{complete, words};
use kube_service_lab::lab::{Command, Lab};
use kube_service_lab::time::SECOND;
use proptest::prelude::*;
use serde_json::{Value, json};

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Words of kubectl lines, sensible and not.
const WORDS: &[&str] = &[
    "get",
    "describe",
    "create",
    "apply",
    "delete",
    "patch",
    "label",
    "annotate",
    "scale",
    "set",
    "image",
    "env",
    "selector",
    "expose",
    "run",
    "rollout",
    "undo",
    "status",
    "history",
    "wait",
    "explain",
    "logs",
    "exec",
    "drain",
    "cordon",
    "taint",
    "replace",
    "diff",
    "version",
    "api-resources",
    "config",
    "top",
    "edit",
    "kustomize",
    "resources",
    "deployment",
    "deploy",
    "svc",
    "service",
    "clusterip",
    "nodeport",
    "externalname",
    "pods",
    "pod",
    "rs",
    "endpointslices",
    "ep",
    "nodes",
    "node-1",
    "all",
    "events",
    "ns",
    "namespace",
    "configmap",
    "secret",
    "generic",
    "web",
    "web/",
    "/web",
    "deployment/web",
    "svc/web",
    "deploy,svc",
    "a.b.c/d",
    "pod/",
    "-",
    "--",
    "--all",
    "-A",
    "-n",
    "default",
    "-nshop",
    "--namespace=",
    "-o",
    "-oyaml",
    "-ojson",
    "wide",
    "name",
    "jsonpath={.items[*]}",
    "jsonpath={",
    "custom-columns=A:.a",
    "custom-columns=",
    "go-template={{.}}",
    "go-template={{",
    "-l",
    "app=web",
    "a in (b",
    "!x",
    "--field-selector",
    "metadata.name=web",
    "spec.x!=",
    "-f",
    "x.yaml",
    "-R",
    "-k",
    "--dry-run",
    "--dry-run=client",
    "--dry-run=server",
    "--replicas=3",
    "--replicas=-1",
    "--replicas=99999999999999999999",
    "--replicas",
    "--replicas=18446744073709551615",
    "--image=nginx:1.28",
    "--image",
    "nginx=nginx:1.29",
    "*=x",
    "=",
    "a=",
    "=b",
    "a-",
    "-p",
    "{}",
    "{\"spec\":{\"replicas\":2}}",
    "[]",
    "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":\"y\"}]",
    "{\"spec\":null}",
    "--type=json",
    "--type=merge",
    "--type=nope",
    "--tcp=80:80",
    "--tcp=x",
    "--port=80",
    "--port=99999",
    "--target-port=http",
    "--timeout=1s",
    "--timeout=-1",
    "--timeout=9999999999h",
    "--for=condition=Available",
    "--for=delete",
    "--for=jsonpath={.a}=b",
    "--for=",
    "--grace-period=-5",
    "--grace-period=99999999999",
    "--force",
    "--now",
    "--cascade=orphan",
    "--to-revision=99",
    "--revision=-1",
    "--overwrite",
    "--record",
    "--sort-by=.metadata.name",
    "--sort-by={",
    "--show-labels",
    "-L",
    "app",
    "--no-headers",
    "-w",
    "--help",
    "-h",
    "--key=v:NoExecute",
    "k=v:NoSchedule",
    "k-",
    "--clusterip=10.96.0.5",
    "--clusterip=x",
    "--node-port=30001",
    "--tail=-1",
    "--since=1h",
    "--env=A=B",
    "--labels=a=b",
    "--requests=cpu=1",
    "--limits=memory=1Gi",
    "--serviceaccount=x",
    "--v=9",
    "-v",
    "--unknown",
    "-xyz",
    "'",
    "\"",
    "\\",
    "#",
    "|",
    "<<EOF",
    ">",
    ";",
    "&&",
    "$(x)",
    "é",
    "😀",
    "\u{0}",
    "\t",
    "",
];

fn lines() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(WORDS), 0..9).prop_map(|words| words.join(" "))
}

/// A line of a verb that exists, with something behind it.
fn likely_lines() -> impl Strategy<Value = String> {
    let starts = [
        "get",
        "describe",
        "create deployment",
        "create service clusterip",
        "create service nodeport",
        "create namespace",
        "apply",
        "delete",
        "patch deployment web",
        "patch svc web",
        "label",
        "annotate",
        "scale deployment web",
        "set image deployment/web",
        "set env deployment/web",
        "set selector svc web",
        "expose deployment web",
        "run",
        "rollout status",
        "rollout undo",
        "rollout history",
        "wait",
        "explain",
        "logs",
        "exec",
        "drain",
        "taint nodes",
        "cordon",
        "replace",
        "set resources deployment web",
        "create configmap",
        "create secret generic",
        "diff",
    ];
    (prop::sample::select(starts.to_vec()), prop::collection::vec(prop::sample::select(WORDS), 0..6))
        .prop_map(|(start, words)| format!("kubectl {start} {}", words.join(" ")))
}

/// Values of all sorts where a manifest has others.
fn odd_values() -> impl Strategy<Value = Value> {
    let list = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(80),
        json!(2_147_483_648_u64),
        json!(1.5),
        json!(1e300),
        json!(i64::MIN),
        json!(""),
        json!("x"),
        json!("10%"),
        json!("-5%"),
        json!("999999999999%"),
        json!("None"),
        json!("10.96.0.1"),
        json!("::1"),
        json!("1e9Gi"),
        json!([]),
        json!([null]),
        json!([1, "a"]),
        json!({}),
        json!({"a": null}),
        json!([[]]),
        json!({"": ""}),
    ];
    prop::sample::select(list.to_vec())
}

fn manifests() -> Vec<Value> {
    let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"terminationGracePeriodSeconds": 1, "containers": [{
        "name": "c", "image": "nginx:1.28", "ports": [{"containerPort": 80, "name": "http", "protocol": "TCP"}], "env": [{"name": "A", "value": "b"}],
        "readinessProbe": {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 1}, "resources": {"requests": {"cpu": "1m"}}}]}});
    vec![
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": {"a": "b"}, "annotations": {"c": "d"}},
            "spec": {"replicas": 2, "minReadySeconds": 0, "revisionHistoryLimit": 2, "progressDeadlineSeconds": 60, "selector": {"matchLabels": {"app": "web"}},
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}}, "template": template}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"type": "NodePort", "selector": {"app": "web"},
            "clusterIP": "10.96.0.50", "sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 5}},
            "externalIPs": ["203.0.113.1"], "ports": [{"name": "a", "port": 80, "targetPort": "http", "nodePort": 30001, "protocol": "TCP"}]}}),
        json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "x"}, "subsets": [{"addresses": [{"ip": "192.0.2.7"}], "ports": [{"port": 80, "name": "a"}]}]}),
        json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "x", "labels": {"kubernetes.io/service-name": "web"}},
            "addressType": "IPv4", "endpoints": [{"addresses": ["192.0.2.8"], "conditions": {"ready": true}}], "ports": [{"port": 80, "name": "a", "protocol": "TCP"}]}),
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"app": "web"}}, "spec": template["spec"]}),
    ]
}

/// All places of a tree, as JSON pointers.
fn places(value: &Value, at: String, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, inner)| places(inner, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), out))
        }
        Value::Array(list) => list.iter().enumerate().for_each(|(i, inner)| places(inner, format!("{at}/{i}"), out)),
        _ => {}
    }
    out.push(at);
}

/// Plays a line in a copy of the lab and lets some time pass.
fn play(lab: &Lab, line: &str, stdin: &str) -> Lab {
    let mut lab = lab.clone();
    let before = lab.cluster().api().store().version();
    lab.apply(Command::Kubectl { line: line.into(), stdin: stdin.into() });
    let after = lab.cluster().api().store().version();
    let (_, run) = lab.outputs().last().unwrap();
    let one = ["delete", "drain", "--all", "taint", "label", "annotate", "scale", "set"].iter().all(|many| !line.contains(many));
    if run.exit.is_some_and(|exit| exit != 0) {
        assert!(!run.text.is_empty(), "refused without a word: {line:?}");
        assert!(!one || before == after, "refused, but something changed: {line:?} {stdin:?}\n{}", run.text);
    }
    let until = lab.now() + 3 * SECOND;
    lab.advance(until, u64::MAX);
    lab
}

/// A cluster with a Deployment and a Service, both named `web`, and nobody who asks them anything.
fn lab() -> Lab {
    let mut lab = Lab::with_settings(Settings::default(), 1);
    for line in ["create deployment web --image=nginx:1.28 --replicas=2 --port=80", "expose deployment web --port=80"] {
        lab.kubectl(&format!("kubectl {line}"));
    }
    let until = lab.now() + 5 * SECOND;
    lab.advance(until, u64::MAX);
    lab
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn splitting_takes_any_line(line in "\\PC{0,60}|[ -~\n\t]{0,60}", words in lines()) {
        for line in [&line, &words] {
            let _ = words::split(line);
            let _ = words::heredoc(line);
            if let Ok(mut split) = words::split(line) {
                let _ = words::assignments(&mut split);
            }
        }
    }

    #[test]
    fn selectors_take_any_text(text in "[a-z!=,() .\"'/<>-]{0,30}|\\PC{0,20}") {
        if let Ok(selector) = Selector::parse(&text) {
            let again = Selector::parse(&selector.to_string());
            prop_assert_eq!(again.map(|s| s.to_string()), Ok(selector.to_string()));
        }
        if let Ok(selector) = FieldSelector::parse(&text) {
            let _ = selector.check(Kind::Pod);
            let _ = selector.matches(&json!({"metadata": {"name": "a"}}));
        }
    }

    #[test]
    fn quantities_take_any_text(text in "[+-]?[0-9.]{0,25}[numkMGTPEi]{0,2}|[0-9]{1,20}[eE][+-]?[0-9]{1,12}|\\PC{0,12}") {
        if let Ok(amount) = Amount::parse(&text) {
            let _ = (amount.value(), amount.milli_value(), amount.sign(), amount.plus(&amount));
            let canonical = amount.canonical();
            let again = Amount::parse(&canonical);
            prop_assert_eq!(again.map(|a| a.canonical()), Ok(canonical), "{}", text);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: config().cases / 5, ..config() })]

    #[test]
    fn the_console_takes_any_line(any in "\\PC{0,40}", words in lines(), likely in likely_lines()) {
        let lab = thread_lab();
        for line in [any, format!("kubectl {words}"), likely] {
            let _ = complete(&line, lab.cluster());
            play(&lab, &line, "");
        }
    }

    #[test]
    fn manifests_with_odd_values_are_taken_or_refused(which in 0..5usize, place in any::<prop::sample::Index>(), odd in odd_values(), verb in 0..3usize) {
        let mut manifest = manifests().swap_remove(which);
        let mut all = vec![];
        places(&manifest, String::new(), &mut all);
        if let Some(at) = manifest.pointer_mut(place.get::<String>(&all)) {
            *at = odd;
        }
        let line = ["kubectl apply -f -", "kubectl create -f -", "kubectl replace -f -"][verb];
        let lab = play(&thread_lab(), line, &manifest.to_string());
        play(&lab, "kubectl get all,ep,endpointslices -o wide", "");
        play(&lab, "kubectl describe deploy,svc,pods", "");
    }
}

/// One lab for all cases of a test: bringing one up costs more than a case.
fn thread_lab() -> Lab {
    thread_local!(static LAB: Lab = lab());
    LAB.with(Lab::clone)
}

#[test]
fn heredocs_without_an_end_are_taken() {
    let lab = lab();
    for line in [
        "kubectl apply -f - <<EOF\na: b",
        "cat <<'EOF' | kubectl apply -f -\nkind: x\nEOF",
        "kubectl apply -f - <<-\n",
        "cat <<\n|",
        "<<\n<<",
        "kubectl apply -f - <<é\n\u{0}\né",
    ] {
        play(&lab, line, "");
    }
}
