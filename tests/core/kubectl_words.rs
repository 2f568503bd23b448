//! What kubectl says, word for word, beyond the recorded sessions: each text follows kubectl 1.37's own source.

use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::{Command, Lab};
use kube_service_lab::time::{MILLISECOND, SECOND};

/// A fresh cluster with a Deployment `web` of two Pods and a Service in front of it.
fn lab() -> Lab {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    says(&mut lab, "kubectl create deployment web --image=nginx:1.27 --replicas=2 --port=80", "deployment.apps/web created");
    says(&mut lab, "kubectl expose deployment web --port=80", "service/web exposed");
    lab.advance(lab.now() + 10 * SECOND, u64::MAX);
    lab
}

/// Types a line and waits for its end, a minute at most: what it printed, without the last line break, and its exit code.
pub fn run(lab: &mut Lab, line: &str) -> (String, i32) {
    let id = lab.kubectl(line);
    let end = lab.now() + 60 * SECOND;
    while lab.output(id).is_some_and(|r| r.exit.is_none()) && lab.now() < end {
        lab.advance(lab.now() + 50 * MILLISECOND, u64::MAX);
    }
    let run = lab.output(id).unwrap();
    (run.text.trim_end().to_string(), run.exit.unwrap_or(-1))
}

/// The command prints this and exits with 0, or with 1 if it prints an error.
fn says(lab: &mut Lab, line: &str, expected: &str) {
    let (text, exit) = run(lab, line);
    assert_eq!(text, expected, "{line}");
    let failed = ["error", "Error", "The "].iter().any(|w| expected.lines().any(|l| l.starts_with(w)));
    assert_eq!(exit, i32::from(failed), "{line}: {text}");
}

fn all(lab: &mut Lab, cases: &[(&str, &str)]) {
    cases.iter().for_each(|(line, expected)| says(lab, &format!("kubectl {line}"), expected));
}

const MIXED: &str = "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";

#[test]
fn objects_are_named_in_many_ways() {
    let mut lab = lab();
    all(
        &mut lab,
        &[
            ("get deploy/web svc/web -o name", "deployment.apps/web\nservice/web"),
            ("get deployments.app,svc web -o name", "deployment.apps/web\nservice/web"),
            (
                "get deploy web nosuch -o name",
                "deployment.apps/web\nError from server (NotFound): deployments.apps \"nosuch\" not found",
            ),
            ("get sts", "No resources found in default namespace."),
            ("get sts x", "Error from server (NotFound): statefulsets.apps \"x\" not found"),
            ("get Podz", "error: the server doesn't have a resource type \"Podz\""),
            ("get deploy.foo", "error: the server doesn't have a resource type \"deploy\" in group \"foo\""),
            ("get pod po/web", MIXED),
            ("get svc/web -l app=web", "error: selectors and the all flag cannot be used when passing resource/name arguments"),
            ("get svc web -l app=web", "error: name cannot be provided when a selector is specified"),
            ("get svc web -A", "error: a resource cannot be retrieved by name across all namespaces"),
            ("get pods -l app=none,x=y -n other", "No resources found in other namespace."),
            ("get nodes -l x=y", "No resources found"),
            (
                "get pods --field-selector foo",
                "Error from server (BadRequest): Unable to find \"/v1, Resource=pods\" that match label selector \"\", field selector \"foo\": invalid selector: 'foo'; can't understand 'foo'",
            ),
            ("cordon a b", "Error from server (NotFound): nodes \"a\" not found"),
            ("cordon node-1 svc/web", "error: you may only specify a single resource type"),
            ("drain svc/web", "error: expected resource of type node, got \"/v1, Resource=services\""),
            ("get pod nosuch --ignore-not-found", ""),
            ("get svc --sort-by=.foo", "No resources found in default namespace."),
            ("get svc web -o jsonpath-as-json={.spec.ports[*].port}", "[\n    80\n]"),
            ("get svc web --show-labels -o name", "error: --show-labels option cannot be used with name printer"),
            ("get pods -n", "error: flag needs an argument: 'n' in -n\nSee 'kubectl get --help' for usage."),
            ("list pods", "error: unknown command \"list\" for \"kubectl\"\n\nDid you mean this?\n\tget"),
        ],
    );
    let (text, exit) = run(&mut lab, "kubectl explain foo");
    assert_eq!((text.as_str(), exit), ("the server doesn't have a resource type \"foo\"", 1));
}

#[test]
fn labels_and_annotations() {
    let mut lab = lab();
    all(
        &mut lab,
        &[
            ("label deploy web a=b c=d", "deployment.apps/web labeled"),
            ("label deploy web a=x", "error: 'a' already has a value (b), and --overwrite is false"),
            ("label deploy web a=x e- c- --overwrite", "label \"e\" not found.\ndeployment.apps/web modified"),
            ("label deploy web a-", "deployment.apps/web unlabeled"),
            ("label deploy web z-", "label \"z\" not found.\ndeployment.apps/web not labeled"),
            (
                "label deploy,svc web --list",
                "Listing labels for Deployment.apps/web:\n app=web\nListing labels for Service./web:\n app=web",
            ),
            ("label deploy web a=b=c", "error: invalid label spec: a=b=c"),
            ("label deploy web x=y pods", "error: all resources must be specified before label changes: pods"),
            ("annotate deploy web note=1", "deployment.apps/web annotated"),
            (
                "annotate deploy web note=2",
                "error: --overwrite is false but found the following declared annotation(s): 'note' already has a value (1)",
            ),
            ("annotate deploy web --list --output=yaml", "error: --list and --output may not be specified together"),
        ],
    );
    // Among several errors none begins with `error:`.
    let (text, _) = run(&mut lab, "kubectl label pods --all app=other");
    assert_eq!(text, ["'app' already has a value (web), and --overwrite is false"; 2].join("\n"));
}

#[test]
fn scaling_setting_and_rolling_out() {
    let mut lab = lab();
    all(
        &mut lab,
        &[
            (
                "scale deploy web nosuch --replicas=3",
                "deployment.apps/web scaled\nError from server (NotFound): deployments.apps \"nosuch\" not found",
            ),
            ("scale deploy -l app=none --replicas=2", "error: no objects passed to scale"),
            ("scale deploy web --replicas=2 --timeout=30s", "deployment.apps/web scaled"),
            (
                "scale deploy web --replicas=x",
                "error: invalid argument \"x\" for \"--replicas\" flag: strconv.ParseInt: parsing \"x\": invalid syntax\nSee 'kubectl scale --help' for usage.",
            ),
            (
                "set image deploy/web nginx=nginx:1.28 foo=bar",
                "deployment.apps/web image updated\nerror: unable to find container named \"foo\"",
            ),
            ("set image svc/web a=b", "error: services/web the object is not a pod or does not have a pod template: *v1.Service"),
            ("set env deploy/web A=1 B=2 -c ngin*", "deployment.apps/web env updated"),
            ("set env deploy/web --list", "# Deployment web, container nginx\nA=1\nB=2"),
            ("set env deploy/web --list -c foo", "Warning: Deployment/web does not have any containers matching \"foo\""),
            ("set resources deploy web --limits=cpu=200m", "deployment.apps/web resource requirements updated"),
            ("set selector deploy web a=b", "error: setting a selector is only supported for Services"),
            (
                "set selector svc web '!a,b in (y,x)'",
                "error: match expression [{a DoesNotExist []} {b In [x y]}] not supported on this object",
            ),
            ("set selector svc web a!=b", "error: \"!=\" is not a valid label selector operator"),
            (
                "set selector svc web 'a b=1'",
                "error: couldn't parse the selector string \"a b=1\": unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
            ),
            ("set foo", "error: unknown command \"foo\"\nSee 'kubectl set -h' for help and examples"),
            ("rollout pause deploy/web", "deployment.apps/web paused"),
            (
                "rollout restart deploy/web",
                "error: deployments.apps \"web\" can't restart paused deployment (run rollout resume first)",
            ),
            ("rollout resume deploy/web", "deployment.apps/web resumed"),
            ("rollout resume deploy/web", "error: deployments.apps \"web\" is not paused"),
            ("rollout restart svc/web", "error: services \"web\" restarting is not supported"),
            (
                "rollout undo svc/web",
                "error: error retrieving rollbacker for \"Service\", no visitor method exists for { Service}",
            ),
            ("rollout history rs -l app=none", ""),
            ("rollout status deploy -l app=none", "No resources found in default namespace."),
        ],
    );
    let (text, _) = run(&mut lab, "kubectl rollout undo deploy/web --to-revision=1 --dry-run=client");
    assert!(
        text.starts_with("deployment.apps/web Pod Template:\n  Labels:\tapp=web\n") && text.ends_with("\n (dry run)"),
        "{text}"
    );
    let (text, _) = run(&mut lab, "kubectl rollout history deploy/web --revision=1 -o jsonpath={.kind}");
    assert_eq!(text, "ReplicaSet");
}

#[test]
fn waits_patches_and_deletes() {
    let mut lab = lab();
    all(
        &mut lab,
        &[
            ("wait deploy/web", "error: unrecognized condition: []"),
            ("wait --for=condition=available deploy/web", "deployment.apps/web condition met"),
            ("wait --for=create svc/web", "service/web condition met"),
            ("wait --for=delete pod/nosuch", ""),
            (
                "wait --for=jsonpath={.spec.replicas}=9 deploy/web --timeout=1s",
                "error: timed out waiting for the condition on deployments/web",
            ),
            ("wait --for=jsonpath={.spec.replicas}=2 deploy/web --timeout=0", "deployment.apps/web condition met"),
            ("wait --for=condition=x deploy/web --timeout=0", "error: condition not met for deployments/web"),
            (
                "wait --for=condition=x deploy/web --timeout=5",
                "error: invalid argument \"5\" for \"--timeout\" flag: time: missing unit in duration \"5\"\nSee 'kubectl wait --help' for usage.",
            ),
            ("patch svc web -p {}", "service/web patched (no change)"),
            ("patch svc web -p 'spec: {type: NodePort}'", "service/web patched"),
            (
                "patch svc web --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/foo/bar\",\"value\":1}]'",
                "The request is invalid: the server rejected our request due to an error in our request",
            ),
            ("patch deploy web --subresource=scale -p '{\"spec\":{\"replicas\":3}}'", "scale.autoscaling/web patched"),
            ("get deploy web -o jsonpath={.spec.replicas}", "3"),
            ("delete pods --all -l a=b", "error: setting 'all' parameter but found a non empty selector."),
            (
                "delete deploy web --force --grace-period=3",
                "error: --force and --grace-period greater than 0 cannot be specified together",
            ),
            ("delete deploy web -o yaml", "error: unexpected -o output mode: yaml. We only support '-o name'"),
            (
                "delete node node-1 --dry-run=client -n default",
                "Warning: deleting cluster-scoped resources, not scoped to the provided namespace\nnode \"node-1\" deleted (dry run)",
            ),
            (
                "delete svc web nosuch",
                "service \"web\" deleted from default namespace\nError from server (NotFound): services \"nosuch\" not found",
            ),
        ],
    );
}

#[test]
fn a_namespace_can_be_the_contexts_own() {
    let mut lab = lab();
    all(
        &mut lab,
        &[
            ("create ns team", "namespace/team created"),
            ("config set-context --current --namespace=team", "Context \"x\" modified."),
            ("get pods", "No resources found in team namespace."),
            ("get deploy web", "Error from server (NotFound): deployments.apps \"web\" not found"),
            ("get deploy web -n default -o name", "deployment.apps/web"),
            ("config use-context nope", "error: no context exists with the name: \"nope\""),
        ],
    );
}

#[test]
fn files_come_by_name_pattern_and_folder() {
    let mut lab = lab();
    let service = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, labels: {{a: {name}}}}}\nspec: {{ports: [{{port: 80}}]}}\n"
        )
    };
    for name in ["one", "two"] {
        lab.apply(Command::File { name: format!("{name}.yaml"), text: service(name) });
    }
    all(
        &mut lab,
        &[
            ("apply -f one.yaml,two.yaml -l a=two", "service/two created"),
            ("apply -f .", "service/one created\nservice/two unchanged"),
            ("get -f 't*.yaml' -o name", "service/two"),
            ("apply -f one.yaml -f nosuch.yaml", "error: the path \"nosuch.yaml\" does not exist"),
            (
                "get svc -f one.yaml",
                "error: when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well",
            ),
            ("create configmap c --from-file=one.yaml --from-literal=k=v", "configmap/c created"),
            ("get cm c -o jsonpath={.data.k}", "v"),
            ("create foo", "error: Unexpected args: [foo]\nSee 'kubectl create -h' for help and examples"),
        ],
    );
    says(&mut lab, "KUBE_EDITOR='sed -i s/a:.one/a:.three/' kubectl edit svc one", "Edit cancelled, no changes made.");
    says(&mut lab, "KUBE_EDITOR='sed -i s/SingleStack/SingleStack/' kubectl edit svc one", "Edit cancelled, no changes made.");
    says(&mut lab, "KUBE_EDITOR='sed -i \"s/a: one/a: three/\"' kubectl edit svc one", "service/one edited");
    says(&mut lab, "kubectl get svc one -o jsonpath={.metadata.labels.a}", "three");
}

#[test]
fn the_server_lists_what_a_real_one_has() {
    let mut lab = lab();
    let apps = "NAME                  SHORTNAMES   APIVERSION   NAMESPACED   KIND\n\
                controllerrevisions                apps/v1      true         ControllerRevision\n\
                daemonsets            ds           apps/v1      true         DaemonSet\n\
                deployments           deploy       apps/v1      true         Deployment\n\
                replicasets           rs           apps/v1      true         ReplicaSet\n\
                statefulsets          sts          apps/v1      true         StatefulSet";
    all(
        &mut lab,
        &[
            ("api-resources --api-group=apps", apps),
            ("api-resources --api-group=discovery.k8s.io -o name", "endpointslices.discovery.k8s.io"),
            ("api-resources --sort-by=x", "error: --sort-by accepts only name or kind"),
            ("get cs", "error: the lab does not model componentstatuses (ComponentStatus)"),
            ("apply view-last-applied deploy/web", ""),
        ],
    );
    let (versions, _) = run(&mut lab, "kubectl api-versions");
    assert!(versions.starts_with("admissionregistration.k8s.io/v1\n") && versions.ends_with("\nv1"), "{versions}");
}

#[test]
fn a_cloud_gives_addresses_once_it_is_there() {
    let mut lab = lab();
    says(&mut lab, "kubectl create service loadbalancer lb --tcp=80:80", "service/lb created");
    lab.advance(lab.now() + 10 * SECOND, u64::MAX);
    says(&mut lab, "kubectl get svc lb -o jsonpath={.status.loadBalancer}", "{}");
    lab.apply(Command::Cloud(true));
    lab.advance(lab.now() + 5 * SECOND, u64::MAX);
    says(&mut lab, "kubectl get svc lb -o jsonpath={.status.loadBalancer.ingress[0].ip}", "203.0.113.10");
    says(&mut lab, "kubectl patch svc lb -p '{\"spec\":{\"type\":\"ClusterIP\"}}'", "service/lb patched");
    lab.advance(lab.now() + 5 * SECOND, u64::MAX);
    says(&mut lab, "kubectl get svc lb -o jsonpath={.status.loadBalancer}", "{}");
}

#[test]
fn commands_are_recorded_as_the_cause_of_a_change() {
    let mut lab = lab();
    let deprecated = "Flag --record has been deprecated, --record will be removed in the future";
    says(
        &mut lab,
        "kubectl set image deployment/web nginx=nginx:1.28 --record",
        &format!("{deprecated}\ndeployment.apps/web image updated"),
    );
    lab.advance(lab.now() + SECOND, u64::MAX);
    let (text, _) = run(&mut lab, "kubectl rollout history deployment/web");
    assert!(text.contains("2         kubectl set image deployment/web nginx=nginx:1.28 --record=true"), "{text}");
    says(&mut lab, "kubectl scale deployment web --replicas 3 --record", &format!("{deprecated}\ndeployment.apps/web scaled"));
    let (text, _) = run(&mut lab, "kubectl get deploy web -o jsonpath='{.metadata.annotations.kubernetes\\.io/change-cause}'");
    assert_eq!(text, "kubectl scale deployment web --replicas=3 --record=true");
}

#[test]
fn what_every_namespace_has_comes_back() {
    let mut lab = lab();
    says(&mut lab, "kubectl create ns other", "namespace/other created");
    lab.advance(lab.now() + SECOND, u64::MAX);
    for namespace in ["default", "other"] {
        let get = format!("kubectl get cm,sa -n {namespace} -o name");
        says(&mut lab, &get, "configmap/kube-root-ca.crt\nserviceaccount/default");
        run(&mut lab, &format!("kubectl delete cm,sa --all -n {namespace}"));
        lab.advance(lab.now() + SECOND, u64::MAX);
        says(&mut lab, &get, "configmap/kube-root-ca.crt\nserviceaccount/default");
    }
    says(&mut lab, "kubectl delete svc kubernetes", "service \"kubernetes\" deleted from default namespace");
    lab.advance(lab.now() + 11 * SECOND, u64::MAX);
    let (text, _) = run(&mut lab, "kubectl get svc kubernetes -o jsonpath='{.spec.clusterIP}'");
    assert_eq!(text, "10.96.0.1");
    says(&mut lab, "kubectl delete ns other", "namespace \"other\" deleted");
}

#[test]
fn what_cannot_be_changed_is_made_anew_by_force() {
    let mut lab = lab();
    let manifest = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: z}}\n  template:\n    metadata: {labels: {app: z}}\n    spec: {containers: [{name: nginx, image: nginx:1.27}]}\n";
    let apply = |flags: &str| format!("kubectl apply {flags} -f - <<'EOF'\n{manifest}EOF");
    let (text, exit) = run(&mut lab, &apply(""));
    assert!(
        text.ends_with("spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"z\"}}: field is immutable") && exit == 1,
        "{text}"
    );
    let (text, exit) = run(&mut lab, &apply("--force"));
    assert!(text.ends_with("deployment.apps/web configured") && exit == 0, "{text}");
    let (text, _) = run(&mut lab, "kubectl get deploy web -o jsonpath='{.spec.selector.matchLabels.app}'");
    assert_eq!(text, "z");
}

#[test]
fn what_is_wrong_with_a_document_is_told_where_it_stands() {
    let mut lab = lab();
    let one =
        |name: &str, kind: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{ports: []}}\n---\n");
    let manifest = [one("a", "Service"), one("b", "Srvice"), one("c", "Service")].concat();
    let (text, _) = run(&mut lab, &format!("kubectl create -f - <<'EOF'\n{manifest}EOF"));
    let starts: Vec<&str> = text.lines().map(|l| l.split(": ").next().unwrap_or_default()).collect();
    let invalid = "Error from server (Invalid)";
    assert_eq!(starts, [invalid, "resource mapping not found for name", "ensure CRDs are installed first", invalid], "{text}");
    let (text, _) = run(&mut lab, &format!("kubectl delete -f - <<'EOF'\n{manifest}EOF"));
    let starts: Vec<&str> = text.lines().map(|l| l.split(": ").next().unwrap_or_default()).collect();
    let missing = "Error from server (NotFound)";
    assert_eq!(starts, [missing, "resource mapping not found for name", "ensure CRDs are installed first", missing], "{text}");
}

#[test]
fn what_the_lab_does_not_model_is_shown_or_refused_as_kubectl_does() {
    let mut lab = lab();
    let deprecated = "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).";
    all(
        &mut lab,
        &[
            ("autoscale deployment web", "error: required flag(s) \"max\" not set"),
            (
                "autoscale deployment web --min=6 --max=5",
                "error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: 5, min: 6",
            ),
            (
                "autoscale svc web --max=3",
                "error: cannot autoscale a Service: could not find scale subresource for /v1, Resource=services in discovery information",
            ),
            ("autoscale deployment web --max=3 --dry-run=client", "horizontalpodautoscaler.autoscaling/web autoscaled (dry run)"),
            (
                "autoscale deployment web --max=3 --cpu-percent=80 --dry-run=client -o jsonpath={.spec.metrics[0].resource}",
                &format!("{deprecated}\n{{\"name\":\"cpu\",\"target\":{{\"averageUtilization\":80,\"type\":\"Utilization\"}}}}"),
            ),
            ("create secret tls t", "error: key and cert must be specified"),
            (
                "create secret docker-registry r --docker-server=x --docker-username=u --docker-password=p --dry-run=client -o jsonpath={.data}",
                "{\".dockerconfigjson\":\"eyJhdXRocyI6eyJ4Ijp7InVzZXJuYW1lIjoidSIsInBhc3N3b3JkIjoicCIsImF1dGgiOiJkVHB3In19fQ==\"}",
            ),
            ("apply -k . -f x.yaml", "error: only one of -f or -k can be specified"),
        ],
    );
}

#[test]
fn a_restart_and_a_pause_have_no_dry_run() {
    let mut lab = Lab::with_settings(Settings::default(), 1);
    run(&mut lab, "kubectl create deployment web --image=nginx:1.27");
    for sub in ["restart", "pause", "resume"] {
        let (text, code) = run(&mut lab, &format!("kubectl rollout {sub} deploy/web --dry-run=client"));
        let refused = format!("error: unknown flag: --dry-run\nSee 'kubectl rollout {sub} --help' for usage.");
        assert_eq!((text.trim_end(), code), (refused.as_str(), 1));
    }
}
