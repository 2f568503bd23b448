//! Kinds that nobody in the lab acts on, and what the API server does with quotas and limits.

use crate::kubectl_words::run;
use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::{Command, Lab};
use kube_service_lab::time::SECOND;

fn says(lab: &mut Lab, line: &str, expected: &str) {
    assert_eq!(run(lab, &format!("kubectl {line}")).0, expected, "{line}");
}

fn apply(lab: &mut Lab, text: &str) -> String {
    run(lab, &format!("kubectl apply -f - <<EOF\n{text}\nEOF")).0
}

#[test]
fn a_quota_counts_and_refuses() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    says(&mut lab, "create quota q --hard=pods=1,services=2,requests.cpu=1", "resourcequota/q created");
    let missing = "pods \"a\" is forbidden: failed quota: q: must specify requests.cpu for: a";
    says(&mut lab, "run a --image=nginx:1.27", &format!("Error from server (Forbidden): {missing}"));
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata: {name: r}\nspec: {limits: [{type: Container, defaultRequest: {cpu: 100m}, max: {cpu: 1}}]}";
    assert_eq!(apply(&mut lab, range), "limitrange/r created");
    says(&mut lab, "run a --image=nginx:1.27", "pod/a created");
    let given = "LimitRanger plugin set: cpu request for container a; cpu limit for container a";
    says(&mut lab, "get pod a -o jsonpath='{.metadata.annotations.kubernetes\\.io/limit-ranger}'", given);
    let full = "pods \"b\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1";
    says(&mut lab, "run b --image=nginx:1.27", &format!("Error from server (Forbidden): {full}"));
    let rows = "NAME   REQUEST                                          LIMIT   AGE\nq      pods: 1/1, requests.cpu: 100m/1, services: 1/2           0s";
    says(&mut lab, "get quota", rows);
    let big = "apiVersion: v1\nkind: Pod\nmetadata: {name: c}\nspec: {containers: [{name: c, image: \"nginx:1.27\", resources: {limits: {cpu: 2}}}]}";
    let refused = apply(&mut lab, big);
    assert!(refused.ends_with("pods \"c\" is forbidden: maximum cpu usage per Container is 1, but limit is 2"), "{refused}");
    says(&mut lab, "delete pod a --now", "pod \"a\" deleted from default namespace");
    says(&mut lab, "get quota --no-headers", "q     pods: 0/1, requests.cpu: 0/1, services: 1/2         0s");
}

#[test]
fn quotas_and_limits_count_a_pod_as_a_whole() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    says(&mut lab, "create quota q --hard=requests.cpu=1", "resourcequota/q created");
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata: {name: r}\nspec: {limits: [{type: Pod, max: {cpu: 700m}}]}";
    assert_eq!(apply(&mut lab, range), "limitrange/r created");
    let pod = |name: &str, init: &str| {
        let limits = |cpu: &str| format!("image: \"nginx:1.27\", resources: {{limits: {{cpu: {cpu}}}}}");
        let (main, side, init) = (limits("300m"), limits("200m"), limits(init));
        let inits = format!("[{{name: s, restartPolicy: Always, {side}}}, {{name: i, {init}}}]");
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{initContainers: {inits}, containers: [{{name: c, {main}}}]}}"
        )
    };
    let refused = apply(&mut lab, &pod("big", "600m"));
    assert!(refused.ends_with("maximum cpu usage per Pod is 700m, but limit is 800m"), "{refused}");
    // The sidecar runs beside the main container and beside the init container behind it.
    assert_eq!(apply(&mut lab, &pod("a", "100m")), "pod/a created");
    says(&mut lab, "get quota q -o jsonpath='{.status.used}'", "{\"requests.cpu\":\"500m\"}");
    let refused = apply(&mut lab, &pod("b", "350m"));
    assert!(refused.contains("requested: requests.cpu=550m, used: requests.cpu=500m, limited: requests.cpu=1"), "{refused}");
}

#[test]
fn a_deployment_says_that_a_quota_stops_it() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    says(&mut lab, "create quota q --hard=pods=1", "resourcequota/q created");
    says(&mut lab, "create deployment web --image=nginx:1.27 --replicas=2", "deployment.apps/web created");
    lab.advance(lab.now() + 3 * SECOND, u64::MAX);
    let condition = "get deploy web -o jsonpath='{.status.conditions[?(@.type==\"ReplicaFailure\")].reason} {.status.replicas}'";
    says(&mut lab, condition, "FailedCreate 1");
}

#[test]
fn made_up_objects_of_kinds_without_a_controller() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    let cases = [
        ("create ingress web --rule=a.example/*=web:80", "ingress.networking.k8s.io/web created"),
        ("get ing --no-headers", "web   <none>   a.example         80    0s"),
        ("create role r --verb=get --resource=deploy", "role.rbac.authorization.k8s.io/r created"),
        ("get role r -o jsonpath='{.rules}'", "[{\"apiGroups\":[\"apps\"],\"resources\":[\"deployments\"],\"verbs\":[\"get\"]}]"),
        ("create rolebinding b --role=r --user=joe", "rolebinding.rbac.authorization.k8s.io/b created"),
        ("get rolebinding b --no-headers -o wide", "b     Role/r   0s    joe"),
        ("create cronjob c --image=busybox:1.37", "error: required flag(s) \"schedule\" not set"),
        ("create cronjob c --image=busybox:1.37 --schedule='0 * * * *'", "cronjob.batch/c created"),
        ("create priorityclass high --value=5", "priorityclass.scheduling.k8s.io/high created"),
        (
            "create ingress web --rule=x",
            "error: rule x is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]",
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(run(&mut lab, &format!("kubectl {line}")).0, expected.trim_end(), "{line}");
    }
    let unknown = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: x}\nspecs: {}";
    let strict = "Ingress in version \"v1\" cannot be handled as a Ingress: strict decoding error: unknown field \"specs\"";
    assert!(apply(&mut lab, unknown).ends_with(strict));
}

#[test]
fn a_node_that_cannot_be_reached_is_dialed_for_a_while() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    says(&mut lab, "run a --image=nginx:1.27 --overrides='{\"spec\":{\"nodeName\":\"node-2\"}}'", "pod/a created");
    lab.advance(lab.now() + 3 * SECOND, u64::MAX);
    lab.apply(Command::NodeDown("node-2".into()));
    let before = lab.now();
    let dial = "dial tcp 192.0.2.12:10250: i/o timeout";
    let logs = format!("Error from server: Get \"https://192.0.2.12:10250/containerLogs/default/a/a\": {dial}");
    says(&mut lab, "logs a", &logs);
    assert_eq!((lab.now() - before) / SECOND, 30);
    // kubectl asks twice.
    let id = lab.kubectl("kubectl exec a -- hostname");
    lab.advance(lab.now() + 61 * SECOND, u64::MAX);
    assert_eq!(lab.output(id).unwrap().text.trim_end(), format!("Error from server: error dialing backend: {dial}"));
}

#[test]
fn parts_of_objects_are_asked_for_by_name() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    says(&mut lab, "create deployment web --image=nginx:1.27 --replicas=2", "deployment.apps/web created");
    lab.advance(lab.now() + 3 * SECOND, u64::MAX);
    let cases = [
        ("get deploy web --subresource=scale --no-headers", "web   2     2     3s"),
        ("get deploy web --subresource=scale -o jsonpath='{.kind} {.status.selector}'", "Scale app=web"),
        ("get deploy --subresource=scale", "error: subresource cannot be used when bulk resources are specified"),
        ("get node node-1 --subresource=scale", "Error from server (NotFound): the server could not find the requested resource"),
        ("autoscale deployment web --min=2 --max=5 --cpu=80%", "horizontalpodautoscaler.autoscaling/web autoscaled"),
        ("get hpa --no-headers", "web   Deployment/web   cpu: <unknown>/80%   2     5     0     0s"),
        ("top pods --x", "error: unknown flag: --x\nSee 'kubectl top pod --help' for usage."),
    ];
    for (line, expected) in cases {
        says(&mut lab, line, expected);
    }
}

#[test]
fn every_address_of_a_service_is_an_object() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    says(&mut lab, "create service clusterip a --tcp=80 --clusterip=10.96.7.7", "service/a created");
    let listed =
        "10.96.0.1    services/default/kubernetes\n10.96.0.10   services/kube-system/kube-dns\n10.96.7.7    services/default/a";
    says(&mut lab, "get ipaddresses --no-headers", listed);
    says(&mut lab, "get servicecidr -o jsonpath='{.items[*].spec.cidrs}'", "[\"10.96.0.0/12\"]");
    says(&mut lab, "delete svc a", "service \"a\" deleted from default namespace");
    let gone = "Error from server (NotFound): ipaddresses.networking.k8s.io \"10.96.7.7\" not found";
    says(&mut lab, "get ip 10.96.7.7", gone);
}

#[test]
fn an_ingress_is_checked_and_gets_the_default_class() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    let ingress = |name: &str, spec: &str| {
        format!("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}}}\nspec: {{{spec}}}")
    };
    let bad = "rules: [{host: 10.0.0.1, http: {paths: [{path: x//, pathType: Exact, backend: {service: {name: web}}}]}}]";
    let text = apply(&mut lab, &ingress("bad", bad));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "The Ingress \"bad\" is invalid: ",
            "* spec.rules[0].host: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP address",
            "* spec.rules[0].http.paths[0].path: Invalid value: \"x//\": must be an absolute path",
            "* spec.rules[0].http.paths[0].path: Invalid value: \"x//\": must not contain '//'",
            "* spec.rules[0].http.paths[0].backend: Required value: port name or number is required",
        ]
    );
    let none = "The Ingress \"none\" is invalid: spec: Invalid value: null: either `defaultBackend` or `rules` must be specified";
    assert_eq!(apply(&mut lab, &ingress("none", "")), none);
    let class = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: front, annotations: {ingressclass.kubernetes.io/is-default-class: \"true\"}}\nspec: {controller: example.com/c}";
    assert_eq!(apply(&mut lab, class), "ingressclass.networking.k8s.io/front created");
    says(&mut lab, "create ingress web --rule=a.example/=web:80,tls=cert", "ingress.networking.k8s.io/web created");
    says(&mut lab, "get ing web --no-headers", "web   front   a.example         80, 443   0s");
    let shown = run(&mut lab, "kubectl describe ing web").0;
    assert!(shown.contains("\nTLS:\n  cert terminates a.example\nRules:\n"), "{shown}");
    says(&mut lab, "get ingressclass --no-headers", "front (default)   example.com/c   <none>   0s");
    let shown = run(&mut lab, "kubectl describe ingressclass front").0;
    assert!(shown.contains("\nController:   example.com/c\nEvents:       <none>"), "{shown}");
}

#[test]
fn fields_that_an_ingress_does_not_have_are_found() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    let old = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: old}\nspec: {rules: [{http: {paths: [{path: /, backend: {serviceName: web, servicePort: 80}}]}}]}";
    let place = "spec.rules[0].http.paths[0].backend";
    let expected = format!(
        "Ingress in version \"v1\" cannot be handled as a Ingress: strict decoding error: unknown field \"{place}.serviceName\", unknown field \"{place}.servicePort\""
    );
    let text = apply(&mut lab, old);
    assert!(text.ends_with(&expected), "{text}");
    let wrong = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: web}";
    let text = apply(&mut lab, wrong);
    let expected =
        "json: cannot unmarshal string into Go struct field NetworkPolicySpec.spec.podSelector of type v1.LabelSelector";
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn a_network_policy_is_checked() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}, policyTypes: [Both], ingress: [{from: [{}, {ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}], ports: [{port: 80, endPort: 79, protocol: ICMP}]}]}";
    let expected = "The NetworkPolicy \"p\" is invalid: \n\
        * spec.ingress[0].ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"TCP\", \"UDP\", \"SCTP\"\n\
        * spec.ingress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port`\n\
        * spec.ingress[0].from[0]: Required value: must specify a peer\n\
        * spec.ingress[0].from[1].ipBlock.except[0]: Invalid value: \"11.0.0.0/16\": must be a strict subset of `cidr`\n\
        * spec.policyTypes[0]: Unsupported value: \"Both\": supported values: \"Ingress\", \"Egress\"";
    assert_eq!(apply(&mut lab, policy), expected);
}

#[test]
fn a_command_without_a_request_shows_no_warning_of_another() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    says(&mut lab, "create service clusterip web --tcp=80", "service/web created");
    lab.advance(lab.now() + 3 * SECOND, u64::MAX);
    says(&mut lab, "set selector svc web app=x --dry-run=client", "service/web selector updated (dry run)");
}

#[test]
fn the_service_range_describes_itself() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    let shown = run(&mut lab, "kubectl describe servicecidr kubernetes").0;
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[3..6], ["CIDRs:        10.96.0.0/12", "Status:", "Conditions:"], "{shown}");
    assert!(lines[8].starts_with("  Ready  True    "), "{shown}");
    assert!(lines[8].ends_with("+0000          Kubernetes Service CIDR is ready"), "{shown}");
}
