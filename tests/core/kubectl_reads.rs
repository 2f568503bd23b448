//! What kubectl shows of a cluster beyond the recorded sessions: things that every cluster has, and objects as the kubelet and the
//! scheduler write them.

use crate::kubectl_words::run;
use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::Lab;
use kube_service_lab::time::SECOND;

fn lab() -> Lab {
    Lab::with_settings(Settings::default(), 7)
}

fn all(lab: &mut Lab, cases: &[(&str, &str)]) {
    for (line, expected) in cases {
        assert_eq!(run(lab, &format!("kubectl {line}")).0, *expected, "{line}");
    }
}

fn wait(lab: &mut Lab, seconds: u64) {
    lab.advance(lab.now() + seconds * SECOND, u64::MAX);
}

#[test]
fn every_namespace_has_an_account_and_a_root_certificate() {
    let mut lab = lab();
    all(&mut lab, &[("create ns other", "namespace/other created")]);
    wait(&mut lab, 2);
    let there = "configmap/kube-root-ca.crt\nserviceaccount/default";
    all(&mut lab, &[("get cm,sa -o name", there), ("get cm,sa -n other -o name", there)]);
    run(&mut lab, "kubectl delete cm kube-root-ca.crt");
    run(&mut lab, "kubectl delete sa default");
    wait(&mut lab, 2);
    all(&mut lab, &[("get cm,sa -o name", there), ("delete ns other", "namespace \"other\" deleted")]);
    wait(&mut lab, 5);
    all(&mut lab, &[("get ns other", "Error from server (NotFound): namespaces \"other\" not found")]);
}

#[test]
fn pods_run_under_accounts_that_exist() {
    let mut lab = lab();
    let pod = "run p --image=nginx:1.27 --overrides={\"spec\":{\"serviceAccountName\":\"robot\"}}";
    let line = format!("kubectl {}", pod.replace("--overrides=", "--overrides='") + "'");
    let refused = "Error from server (Forbidden): pods \"p\" is forbidden: error looking up service account default/robot: \
                   serviceaccount \"robot\" not found";
    assert_eq!(run(&mut lab, &line).0, refused);
    all(
        &mut lab,
        &[
            ("create sa robot", "serviceaccount/robot created"),
            ("create sa robot", "error: failed to create serviceaccount: serviceaccounts \"robot\" already exists"),
            (
                "create sa",
                "error: exactly one NAME is required, got 0\nSee 'kubectl create serviceaccount -h' for help and examples",
            ),
        ],
    );
    assert_eq!(run(&mut lab, &line).0, "pod/p created");
    all(
        &mut lab,
        &[
            ("get pod p -o jsonpath={.spec.serviceAccount}", "robot"),
            ("create deployment web --image=nginx:1.27", "deployment.apps/web created"),
            ("set serviceaccount deploy web robot", "deployment.apps/web serviceaccount updated"),
            ("get deploy web -o jsonpath={.spec.template.spec.serviceAccountName}", "robot"),
        ],
    );
}

#[test]
fn the_scheduler_writes_events_in_the_new_form() {
    let mut lab = lab();
    run(&mut lab, "kubectl run p --image=nginx:1.27");
    wait(&mut lab, 3);
    let fields = "{.items[0].action} {.items[0].reportingComponent} {.items[0].source} {.items[0].count}";
    let found = run(&mut lab, &format!("kubectl get events --field-selector reason=Scheduled -o jsonpath='{fields}'")).0;
    assert_eq!(found, "Binding default-scheduler {}");
    let row = run(&mut lab, "kubectl get events --field-selector reason=Scheduled -o custom-columns=R:.reason,O:.involvedObject.name,L:.lastTimestamp --no-headers").0;
    assert_eq!(row.split_whitespace().collect::<Vec<_>>().join(" "), "Scheduled p <nil>");
}

#[test]
fn a_container_says_what_it_was_given() {
    let mut lab = lab();
    let overrides = r#"{"spec":{"containers":[{"name":"p","image":"nginx:1.27","resources":{"requests":{"cpu":"100m"},"limits":{"cpu":"1"}}}]}}"#;
    run(&mut lab, &format!("kubectl run p --image=nginx:1.27 --overrides='{overrides}'"));
    wait(&mut lab, 3);
    let of = |lab: &mut Lab, field: &str| {
        run(lab, &format!("kubectl get pod p -o jsonpath='{{.status.containerStatuses[0].{field}}}'")).0
    };
    assert_eq!(of(&mut lab, "allocatedResources"), r#"{"cpu":"100m"}"#);
    assert_eq!(of(&mut lab, "resources"), r#"{"limits":{"cpu":"1"},"requests":{"cpu":"100m"}}"#);
}

#[test]
fn a_command_may_name_its_context() {
    let mut lab = lab();
    all(
        &mut lab,
        &[
            ("get pods --context=nope", "Error in configuration: context was not found for specified context: nope"),
            ("version --context=nope", "error: context \"nope\" does not exist"),
            ("config set-context sys --namespace=kube-system --cluster=x --user=x", "Context \"sys\" created."),
            ("--context sys get deploy -o name", "deployment.apps/coredns"),
            ("-n kube-system get deploy -o name", "deployment.apps/coredns"),
            ("get deploy -o name", ""),
            ("config current-context", "x"),
        ],
    );
}

#[test]
fn the_kubelet_says_when_its_node_is_cordoned() {
    let mut lab = lab();
    run(&mut lab, "kubectl cordon node-2");
    wait(&mut lab, 11);
    run(&mut lab, "kubectl uncordon node-2");
    wait(&mut lab, 11);
    let events = "get events --field-selector involvedObject.kind=Node -o custom-columns=:.reason,:.source.component,:.message --no-headers";
    let text = "NodeNotSchedulable   kubelet   Node node-2 status is now: NodeNotSchedulable\n\
                NodeSchedulable      kubelet   Node node-2 status is now: NodeSchedulable";
    all(&mut lab, &[(events, text)]);
}

#[test]
fn logs_of_what_has_not_started_say_why() {
    let mut lab = lab();
    let overrides =
        r#"{"spec":{"initContainers":[{"name":"i","image":"nginx:1.27","env":[{"name":"APP_CRASH_AFTER","value":"9s"}]}]}}"#;
    run(&mut lab, &format!("kubectl run slow --image=nginx:1.27 --overrides='{overrides}'"));
    run(&mut lab, "kubectl run typo --image=nginx:9");
    wait(&mut lab, 2);
    all(
        &mut lab,
        &[
            (
                "logs slow -c slow",
                "Error from server (BadRequest): container \"slow\" in pod \"slow\" is waiting to start: PodInitializing",
            ),
            (
                "logs typo",
                "Error from server (BadRequest): container \"typo\" in pod \"typo\" is waiting to start: image can't be pulled",
            ),
        ],
    );
}

#[test]
fn groups_say_what_they_hold() {
    let mut lab = lab();
    let text = "Create a service using a specified subcommand.\n\nAliases:\nservice, svc\n\nAvailable Commands:\n  \
                clusterip      Create a ClusterIP service\n  externalname   Create an ExternalName service\n  \
                loadbalancer   Create a LoadBalancer service\n  nodeport       Create a NodePort service\n\n\
                Usage:\n  kubectl create service [flags] [options]\n\n\
                Use \"kubectl create service <command> --help\" for more information about a given command.\n\
                Use \"kubectl options\" for a list of global command-line options (applies to all commands).";
    assert_eq!(run(&mut lab, "kubectl create service"), (text.to_string(), 1));
    assert!(run(&mut lab, "kubectl set").0.contains("\n  image            Update the image of a pod template\n"));
    assert_eq!(
        run(&mut lab, "kubectl set nothing").0,
        "error: unknown command \"nothing\"\nSee 'kubectl set -h' for help and examples"
    );
    assert_eq!(run(&mut lab, "kubectl create service -h"), (text.to_string(), 0));
    assert_eq!(
        run(&mut lab, "kubectl create service NodePort x --tcp=80").0,
        "error: unknown flag: --tcp\nSee 'kubectl create service --help' for usage."
    );
}

#[test]
fn flags_may_stand_before_subcommands() {
    let mut lab = lab();
    for (line, text) in [
        ("kubectl -n kube-system create service clusterip a --tcp=80", "service/a created"),
        ("kubectl create service -n kube-system --dry-run=client clusterip b --tcp=80", "service/b created (dry run)"),
        ("kubectl -n kube-system create secret generic s --from-literal=a=b", "secret/s created"),
        ("kubectl --context x -n kube-system rollout pause deploy/coredns", "deployment.apps/coredns paused"),
        ("kubectl -n kube-system set selector svc a b=c", "service/a selector updated"),
        ("kubectl -n kube-system get svc a -o name", "service/a"),
    ] {
        assert_eq!(run(&mut lab, line).0, text, "{line}");
    }
    run(&mut lab, "kubectl -n kube-system rollout resume deploy/coredns");
    run(&mut lab, "kubectl -n kube-system set image deploy/coredns coredns=nginx:1.28 --record");
    let history = run(&mut lab, "kubectl get deploy coredns -n kube-system -o jsonpath='{.metadata.annotations}'").0;
    let cause = "kubectl set image deploy/coredns coredns=nginx:1.28 --namespace=kube-system --record=true";
    assert!(history.contains(cause), "{history}");
}

#[test]
fn overrides_are_read_back_into_a_type() {
    let mut lab = lab();
    let line =
        |spec: &str| format!("kubectl run p --image=nginx:1.27 --overrides='{{\"spec\":{spec}}}' --dry-run=client -o name");
    assert_eq!(run(&mut lab, &line(r#"{"foo":1}"#)).0, "pod/p");
    let why = "json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool";
    assert_eq!(run(&mut lab, &line(r#"{"hostNetwork":"x"}"#)).0, format!("error: {why}"));
}

#[test]
fn tables_of_kubectl_itself_and_warnings_that_count() {
    let mut lab = lab();
    assert_eq!(run(&mut lab, "kubectl get ns default --server-print=false -o wide").0, "NAME      AGE\ndefault   60m");
    let (text, code) = run(&mut lab, "kubectl get ep kubernetes -o name --warnings-as-errors");
    assert!(text.ends_with("\nendpoints/kubernetes\nerror: 1 warning received") && code == 1, "{text}");
}

#[test]
fn contexts_are_set_one_property_at_a_time() {
    let mut lab = lab();
    all(
        &mut lab,
        &[
            ("config set contexts.x.namespace kube-system", "Property \"contexts.x.namespace\" set."),
            ("get deploy -o name", "deployment.apps/coredns"),
            ("config unset contexts.x.namespace", "Property \"contexts.x.namespace\" unset."),
            ("get deploy -o name", ""),
            ("get pods --cluster=nope", "error: no server found for cluster \"nope\""),
            ("version --cluster=nope", "error: cluster \"nope\" does not exist"),
            ("get pods --user nope", "error: auth info \"nope\" does not exist"),
        ],
    );
}

#[test]
fn variables_are_listed_with_what_stands_behind_them() {
    let mut lab = lab();
    run(&mut lab, "kubectl create configmap app --from-literal=COLOR=blue");
    run(&mut lab, "kubectl create deployment web --image=nginx:1.27");
    run(&mut lab, "kubectl set env deploy/web --from=configmap/app");
    all(
        &mut lab,
        &[
            ("set env deploy/web --list", "# Deployment web, container nginx\n# COLOR from configmap app, key COLOR"),
            ("set env deploy/web --list --resolve", "# Deployment web, container nginx\nCOLOR=blue"),
        ],
    );
    run(&mut lab, "kubectl delete cm app");
    let text = "# Deployment web, container nginx\n# COLOR from configmap app, key COLOR\n\
                error retrieving reference for COLOR: configmaps \"app\" not found";
    all(&mut lab, &[("set env deploy/web --list --resolve", text)]);
}

#[test]
fn a_table_without_the_field_to_sort_by_is_empty_and_a_list_is_refused() {
    let mut lab = lab();
    all(&mut lab, &[("get nodes --sort-by=.spec.nope", "No resources found")]);
    let (text, exit) = run(&mut lab, "kubectl get nodes --sort-by=.spec.nope -o name");
    assert_eq!((text.starts_with("error: couldn't find any field"), exit), (true, 1), "{text}");
}
