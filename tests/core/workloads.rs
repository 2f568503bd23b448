//! DaemonSets, StatefulSets and Jobs, as a person at kubectl sees them.

use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::Lab;
use kube_service_lab::lab::transcript::Replay;

/// Plays a session that applies one workload; what each command after that printed.
fn play(manifest: &str, steps: &str) -> Vec<String> {
    let mut replay = Replay::new(Lab::with_settings(Settings::default(), 3));
    replay.play(&format!("@file w.yaml\n{manifest}\n@end\n$ kubectl apply -f w.yaml\n\n{steps}\n"));
    let printed = replay.text.split("\n$ kubectl ").skip(2);
    let text = |step: &str| step.split_once('\n').map_or(String::new(), |(_, text)| text.to_string());
    printed.map(|step| text(step).split("\n\n").next().unwrap_or("").trim_end().to_string()).collect()
}

fn workload(kind: &str, more: &str, env: &str) -> String {
    let version = if kind == "Job" { "batch/v1" } else { "apps/v1" };
    let labels = if kind == "Job" { "" } else { "metadata: {labels: {app: w}}, " };
    format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: w}}\nspec: {{{more}template: {{{labels}spec: {{{env}containers: [{{name: c, image: \"nginx:1.27\"}}]}}}}}}"
    )
}

const SELECTS: &str = "selector: {matchLabels: {app: w}}, ";

#[test]
fn a_daemon_set_has_a_pod_on_every_node_and_a_drain_asks_about_them() {
    let steps = "! settle\n$ kubectl get ds --no-headers\n\n$ kubectl get pods -o jsonpath='{.items[*].spec.nodeName}'\n\n$ kubectl drain node-2\n\n$ kubectl drain node-2 --ignore-daemonsets\n\n$ kubectl set image ds/w c=nginx:1.28\n\n$ kubectl rollout status ds/w\n\n$ kubectl get pods -o jsonpath='{.items[*].spec.containers[0].image}'\n";
    let printed = play(&workload("DaemonSet", SELECTS, ""), steps);
    assert!(printed[0].starts_with("w     3     3     3     3     3     <none>"), "{}", printed[0]);
    let mut nodes: Vec<&str> = printed[1].split(' ').collect();
    nodes.sort();
    assert_eq!(nodes, ["node-1", "node-2", "node-3"]);
    assert!(
        printed[2].contains("cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/w-"),
        "{}",
        printed[2]
    );
    assert!(
        printed[3].contains("Warning: ignoring DaemonSet-managed Pods: default/w-") && printed[3].contains("node/node-2 drained")
    );
    assert!(printed[5].ends_with("daemon set \"w\" successfully rolled out"), "{}", printed[5]);
    assert_eq!(printed[6], "nginx:1.28 nginx:1.28 nginx:1.28");
}

#[test]
fn a_stateful_set_makes_its_pods_in_order_and_ends_them_the_other_way_round() {
    let more = format!("{SELECTS}serviceName: w, replicas: 3, ");
    let steps = "! settle\n$ kubectl get sts --no-headers\n\n$ kubectl get pods -o name\n\n$ kubectl scale sts w --replicas=1\n\n! settle\n$ kubectl get pods -o name\n\n$ kubectl rollout status sts/w\n\n$ kubectl get events -o jsonpath='{range .items[?(@.involvedObject.kind==\"StatefulSet\")]}{.message}{\";\"}{end}'\n";
    let printed = play(&workload("StatefulSet", &more, ""), steps);
    assert!(printed[0].starts_with("w     3/3   "), "{}", printed[0]);
    assert_eq!(printed[1], "pod/w-0\npod/w-1\npod/w-2");
    assert_eq!(printed[3], "pod/w-0");
    assert_eq!(printed[4], "partitioned roll out complete: 1 new pods have been updated...");
    let said = ["Create Pod w-0 in StatefulSet w successful", "Delete Pod w-2 in StatefulSet w successful"];
    assert!(said.iter().all(|text| printed[5].contains(text)), "{}", printed[5]);
}

#[test]
fn a_stateful_set_that_names_the_type_of_its_updates_has_no_partition() {
    let more = format!("{SELECTS}serviceName: w, updateStrategy: {{type: RollingUpdate}}, ");
    let steps = "! settle\n$ kubectl get sts w -o jsonpath='{.spec.updateStrategy}'\n\n$ kubectl rollout status sts/w\n";
    let printed = play(&workload("StatefulSet", &more, ""), steps);
    assert_eq!(printed[0], r#"{"type":"RollingUpdate"}"#);
    assert!(printed[1].starts_with("statefulset rolling update complete 1 pods at revision w-"), "{}", printed[1]);
}

#[test]
fn the_pods_of_an_indexed_job_have_numbers_and_each_number_ends_well_once() {
    let manifest = workload("Job", "completionMode: Indexed, completions: 3, parallelism: 2, ", "restartPolicy: Never, ")
        .replace(
            "image: \"nginx:1.27\"",
            "image: \"nginx:1.27\", env: [{name: APP_CRASH_AFTER, value: 1s}, {name: APP_EXIT_CODE, value: \"0\"}]",
        );
    let label = "{.metadata.labels.batch\\.kubernetes\\.io/job-completion-index}";
    let steps = format!(
        "! settle\n$ kubectl get job w -o jsonpath='{{.status.succeeded}} {{.status.completedIndexes}}'\n\n\
         $ kubectl get pods -o jsonpath='{{range .items[*]}}{{.metadata.generateName}} {{.spec.hostname}} {label} {{.spec.containers[0].env[2].name}};{{end}}'\n\n\
         $ kubectl describe job w\n"
    );
    let printed = play(&manifest, &steps);
    assert_eq!(printed[0], "3 0-2");
    let pod = |n: u8| format!("w-{n}- w-{n} {n} JOB_COMPLETION_INDEX;");
    assert_eq!(printed[1], [0, 1, 2].map(pod).concat());
    assert!(printed[2].contains("Completed Indexes:  0-2"), "{}", printed[2]);
}

#[test]
fn a_pod_that_is_deleted_before_it_ends_has_failed_for_its_job() {
    let manifest = workload("Job", "", "restartPolicy: Never, ");
    let counts = "$ kubectl get job w -o jsonpath='{.status.active} {.status.failed} {.status.terminating}'\n\n";
    let steps = format!(
        "! sleep 2s\n$ kubectl delete pod -l job-name=w\n\n! sleep 2s\n{counts}! sleep 10s\n{counts}$ kubectl delete pod -l job-name=w\n\n! sleep 25s\n{counts}"
    );
    let printed = play(&manifest, &steps);
    // The next Pod waits 10 s after the first failure, 20 s after the second.
    assert_eq!([&*printed[1], &*printed[2], &*printed[4]], [" 1 0", "1 1 0", "1 2 0"]);
}

#[test]
fn a_job_whose_time_is_over_has_failed_when_its_pods_are_gone() {
    let manifest = workload("Job", "activeDeadlineSeconds: 3, ", "restartPolicy: Never, terminationGracePeriodSeconds: 5, ")
        .replace("image: \"nginx:1.27\"", "image: \"nginx:1.27\", env: [{name: APP_ON_TERM, value: ignore}]");
    let state =
        "$ kubectl get job w --no-headers\n\n$ kubectl get job w -o jsonpath='{.status.conditions[*].type} {.status.failed}'\n\n";
    let printed = play(&manifest, &format!("! sleep 5s\n{state}! sleep 6s\n{state}"));
    assert!(printed[0].starts_with("w     FailureTarget   0/1") && printed[2].starts_with("w     Failed   0/1"), "{printed:?}");
    assert_eq!([&*printed[1], &*printed[3]], ["FailureTarget 1", "FailureTarget Failed 1"]);
}

#[test]
fn an_autoscaler_without_metrics_keeps_the_bounds_and_says_what_it_misses() {
    let more = format!("{SELECTS}replicas: 1, ");
    let steps = "$ kubectl autoscale deploy w --min=2 --max=3 --cpu=50%\n\n! sleep 17s\n$ kubectl get hpa --no-headers\n\n\
                 $ kubectl get hpa w -o jsonpath='{.status.conditions[*].reason}'\n\n$ kubectl scale deploy w --replicas=9\n\n! sleep 16s\n\
                 $ kubectl get deploy w -o jsonpath='{.spec.replicas}'\n\n! sleep 16s\n$ kubectl describe hpa w\n";
    let printed = play(&workload("Deployment", &more, ""), steps);
    assert!(printed[1].starts_with("w     Deployment/w   cpu: <unknown>/50%   2     3     1     "), "{}", printed[1]);
    assert_eq!([&*printed[2], &*printed[4]], ["SucceededRescale", "3"]);
    let said = [
        "resource cpu on pods  (as a percentage of request):  <unknown> / 50%",
        "ScalingActive  False   FailedGetResourceMetric  the HPA was unable to compute the replica count: failed to get cpu utilization: ",
        "New size: 3; reason: Current number of replicas above Spec.MaxReplicas",
        "invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: failed to get cpu utilization: ",
    ];
    assert!(said.iter().all(|text| printed[5].contains(text)), "{}", printed[5]);
}

#[test]
fn schedules_and_bounds_that_make_no_sense_are_refused() {
    let cron = |schedule: &str| {
        let line = format!("$ kubectl create cronjob x --image=nginx:1.27 --schedule='{schedule}'\n");
        play("apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}", &line).remove(0)
    };
    let why = |schedule: &str, why: &str| {
        let head = "error: failed to create cronjob: CronJob.batch \"x\" is invalid: spec.schedule: Invalid value: ";
        assert_eq!(cron(schedule), format!("{head}{schedule:?}: {why}\n[exit 1]"));
    };
    why("every day", "expected exactly 5 fields, found 2: [every day]");
    why("61 * * * *", "end of range (61) above maximum (59): 61");
    why("* * 0 * *", "beginning of range (0) below minimum (1): 0");
    why("* * * x *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax");
    why("@often", "unrecognized descriptor: @often");
    for schedule in ["*/5 8-18 1,15 jan-mar MON", "0/15 * ? * *", "@hourly"] {
        assert_eq!(cron(schedule), "cronjob.batch/x created");
    }
    let manifest = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\nspec: {minReplicas: 5, maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: w}}";
    let refused = play(
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}",
        &format!("@file h.yaml\n{manifest}\n@end\n$ kubectl apply -f h.yaml\n"),
    );
    assert_eq!(
        refused[0],
        "The HorizontalPodAutoscaler \"h\" is invalid: spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`\n[exit 1]"
    );
}

#[test]
fn a_cron_job_is_described() {
    let manifest = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: w}\nspec: {schedule: \"@daily\", startingDeadlineSeconds: 9, jobTemplate: {spec: {completions: 2, template: {spec: {restartPolicy: Never, containers: [{name: c, image: \"nginx:1.27\"}]}}}}}";
    let text = play(manifest, "$ kubectl describe cj w\n").remove(0);
    let line = |title: &str| text.lines().find_map(|l| l.strip_prefix(title)).unwrap_or_default().trim().to_owned();
    let lines = ["Schedule:", "Starting Deadline Seconds:", "Selector:", "Completions:", "Active Jobs:", "Events:"].map(line);
    assert_eq!(lines, ["@daily", "9s", "<unset>", "2", "<none>", "<none>"]);
}

#[test]
fn a_job_runs_to_its_end_or_gives_up() {
    let ends = |code: u32| {
        let manifest = workload("Job", "backoffLimit: 0, ", "restartPolicy: Never, ").replace(
            "image: \"nginx:1.27\"",
            &format!(
                "image: \"nginx:1.27\", env: [{{name: APP_CRASH_AFTER, value: 1s}}, {{name: APP_EXIT_CODE, value: \"{code}\"}}]"
            ),
        );
        play(
            &manifest,
            "! sleep 8s\n$ kubectl get job w --no-headers\n\n$ kubectl get job w -o jsonpath='{.status.conditions[*].type} {.status.conditions[0].reason}'\n",
        )
    };
    let (well, badly) = (ends(0), ends(1));
    assert!(well[0].starts_with("w     Complete   1/1   "), "{}", well[0]);
    assert_eq!(well[1], "SuccessCriteriaMet Complete CompletionsReached");
    assert!(badly[0].starts_with("w     Failed   0/1   "), "{}", badly[0]);
    assert_eq!(badly[1], "FailureTarget Failed BackoffLimitExceeded");
    let refused = play(&workload("Job", "", ""), "$ kubectl get jobs\n");
    assert_eq!(refused[0], "No resources found in default namespace.");
}

#[test]
fn the_templates_of_daemon_sets_and_stateful_sets_are_kept_and_come_back() {
    let image = "-o jsonpath='{.spec.template.spec.containers[0].image}'";
    for (kind, more, qualified) in
        [("DaemonSet", "", "daemonset.apps/w"), ("StatefulSet", "serviceName: w, replicas: 1, ", "statefulset.apps/w")]
    {
        let steps = format!(
            "! settle\n$ kubectl set image {qualified} c=nginx:1.28\n\n! settle\n$ kubectl get controllerrevisions --no-headers\n\n\
             $ kubectl rollout history {qualified}\n\n$ kubectl rollout history {qualified} --revision=1\n\n\
             $ kubectl rollout undo {qualified} --to-revision=7\n\n$ kubectl rollout undo {qualified}\n\n! settle\n\
             $ kubectl get {qualified} {image}\n\n$ kubectl rollout history {qualified}\n\n\
             $ kubectl rollout undo {qualified} --to-revision=3\n\n$ kubectl delete {qualified}\n\n! settle\n\
             $ kubectl get controllerrevisions\n"
        );
        let printed = play(&workload(kind, &format!("{SELECTS}{more}"), ""), &steps);
        let rows: Vec<Vec<&str>> = printed[1].lines().map(|line| line.split_whitespace().skip(1).take(2).collect()).collect();
        assert!(rows.contains(&vec![qualified, "1"]) && rows.contains(&vec![qualified, "2"]), "{}", printed[1]);
        assert_eq!(printed[2], format!("{qualified} \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>"));
        assert!(
            printed[3].starts_with(&format!("{qualified} with revision #1\nPod Template:\n  Labels:\tapp=w\n")),
            "{}",
            printed[3]
        );
        assert!(printed[3].contains("Image:\tnginx:1.27"), "{}", printed[3]);
        assert!(printed[4].ends_with("error: unable to find specified revision 7 in history\n[exit 1]"), "{}", printed[4]);
        assert!(printed[5].ends_with(&format!("{qualified} rolled back")), "{}", printed[5]);
        assert_eq!(printed[6], "nginx:1.27");
        assert!(printed[7].ends_with("2         <none>\n3         <none>"), "{}", printed[7]);
        assert!(printed[8].contains("skipped rollback (current template already matches revision 3)"), "{}", printed[8]);
        assert_eq!(printed[10], "No resources found in default namespace.");
    }
}
