//! How Pods end and start again when nobody deletes them, as `pkg/kubelet` does it: no recorded session shows these.

use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::Lab;
use kube_service_lab::lab::transcript::Replay;
use kube_service_lab::time::SECOND;

/// Plays a session that applies one Pod and waits; what the last command printed. `spec`: its Pod spec, `container`: more of
/// its container's fields, both in YAML's flow form without the braces.
fn play(spec: &str, container: &str, steps: &str) -> String {
    let session = format!(
        "@file pod.yaml\napiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{{spec}containers: [{{name: web, image: \"nginx:1.27\", {container}}}]}}\n@end\n$ kubectl apply -f pod.yaml\n\n{steps}\n"
    );
    let mut replay = Replay::new(Lab::with_settings(Settings::default(), 3));
    replay.play(&session);
    let (_, last) = replay.text.trim_end().rsplit_once("$ kubectl ").expect("a command");
    last.split_once('\n').map_or(String::new(), |(_, printed)| printed.to_string())
}

const STATE: &str = "$ kubectl get pod p -o jsonpath='{.status.phase} {.status.reason} {.status.conditions[?(@.type==\"PodReadyToStartContainers\")].status} {.status.containerStatuses[0].state.terminated.reason} {.status.containerStatuses[0].restartCount}'";
const STEPS: &str = "$ kubectl get events -o jsonpath='{range .items[*]}{.reason} {.involvedObject.fieldPath}{\"\\n\"}{end}'";
const EVENTS: &str = "$ kubectl get events -o jsonpath='{range .items[*]}{.type} {.reason} {.message}{\"\\n\"}{end}'";

#[test]
fn a_pod_whose_containers_are_over_gives_up_its_sandbox() {
    let over = |policy: &str, code: u32| {
        let container = format!("env: [{{name: APP_CRASH_AFTER, value: 2s}}, {{name: APP_EXIT_CODE, value: \"{code}\"}}]");
        play(&format!("restartPolicy: {policy}, "), &container, &format!("! sleep 8s\n{STATE}"))
    };
    assert_eq!(over("Never", 0), "Succeeded  False Completed 0");
    assert_eq!(over("Never", 3), "Failed  False Error 0");
    assert_eq!(over("OnFailure", 0), "Succeeded  False Completed 0");
    let container = "env: [{name: APP_CRASH_AFTER, value: 1s}]";
    let why = "$ kubectl get pod p -o jsonpath='{.status.conditions[0].reason}: {.status.conditions[0].message}'";
    let told = play("restartPolicy: Never, ", container, &format!("! sleep 8s\n{why}"));
    assert_eq!(told, "PodSandboxNotReady: pod sandbox is not ready");
}

#[test]
fn of_a_container_that_ended_while_another_is_being_stopped_nothing_is_told() {
    let hook = "lifecycle: {preStop: {sleep: {seconds: 6}}}}, {name: side, image: \"busybox:1.37\"";
    let ready = "$ kubectl get pod p -o jsonpath='{.status.containerStatuses[*].ready} {.status.conditions[?(@.type==\"Ready\")].status}'";
    let told = play("", hook, &format!("! settle\n$ kubectl delete pod p --wait=false\n\n! sleep 3s\n{ready}"));
    assert_eq!(told, "true true True");
}

#[test]
fn a_pod_that_is_active_for_too_long_fails_and_says_so() {
    let spec = "activeDeadlineSeconds: 4, ";
    assert_eq!(play(spec, "", &format!("! sleep 9s\n{STATE}")), "Failed DeadlineExceeded False Completed 0");
    let events = play(spec, "", &format!("! sleep 9s\n{EVENTS}"));
    assert!(events.contains("Normal DeadlineExceeded Pod was active on the node longer than the specified deadline"), "{events}");
}

#[test]
fn a_probe_of_a_port_that_has_no_such_name_neither_fails_nor_succeeds() {
    let probe = "livenessProbe: {httpGet: {port: nosuch}, periodSeconds: 1, failureThreshold: 1}";
    let events = play("", probe, &format!("! sleep 6s\n{EVENTS}"));
    let why = "Liveness probe errored and resulted in unknown state: strconv.Atoi: parsing \"nosuch\": invalid syntax";
    assert!(events.contains(&format!("Warning Unhealthy {why}")) && !events.contains("Killing"), "{events}");
}

#[test]
fn a_probe_that_kills_again_and_again_ends_in_back_off() {
    let probe = "env: [{name: APP_UNREADY_AFTER, value: 4s}], livenessProbe: {httpGet: {path: /healthz, port: 80}, periodSeconds: 1, failureThreshold: 2}";
    let reason = "$ kubectl get pod p -o jsonpath='{.status.containerStatuses[0].state.waiting.reason}'";
    // The first two restarts follow at once; from the third on the back-off counts from the end of the life before.
    let restarts = |seconds: u32| play("", probe, &format!("! sleep {seconds}s\n{STATE}"));
    assert!(restarts(8).ends_with(" 1") && restarts(14).ends_with(" 2"), "{} {}", restarts(8), restarts(14));
    assert_eq!(play("", probe, &format!("! sleep 24s\n{reason}")), "CrashLoopBackOff");
}

#[test]
fn a_probe_kills_for_good_where_nothing_restarts() {
    let probe = "env: [{name: APP_UNREADY_AFTER, value: 2s}], livenessProbe: {httpGet: {path: /healthz, port: 80}, periodSeconds: 1, failureThreshold: 1}";
    assert_eq!(play("restartPolicy: Never, ", probe, &format!("! sleep 9s\n{STATE}")), "Succeeded  False Completed 0");
    let events = play("restartPolicy: Never, ", probe, &format!("! sleep 9s\n{EVENTS}"));
    assert!(events.lines().any(|line| line == "Normal Killing Container web failed liveness probe"), "{events}");
}

#[test]
fn a_hook_that_fails_is_told_and_the_pod_ends_all_the_same() {
    let hook = "lifecycle: {preStop: {exec: {command: [\"false\"]}}}";
    let events = play("", hook, &format!("! sleep 4s\n$ kubectl delete pod p\n\n{EVENTS}"));
    assert!(events.contains("Warning FailedPreStopHook PreStopHook failed"), "{events}");
}

#[test]
fn ages_count_to_the_moment_of_asking() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    lab.kubectl("kubectl create deployment web --image=nginx:1.27");
    lab.advance(9 * SECOND, u64::MAX);
    let id = lab.kubectl("kubectl get deployment web --no-headers");
    let text = &lab.output(id).expect("the command was typed").text;
    assert!(text.trim_end().ends_with(" 9s"), "{text}");
}

#[test]
fn a_command_that_is_no_program_of_the_image_is_told_by_the_runtime() {
    let waiting = "$ kubectl get pod p -o jsonpath='{.status.phase} {.status.containerStatuses[0].state.waiting.reason} {.status.containerStatuses[0].lastState.terminated.reason} {.status.containerStatuses[0].lastState.terminated.exitCode}'";
    let (command, steps) = ("command: [nope, now]", format!("! sleep 5s\n{waiting}"));
    assert_eq!(play("", command, &steps), "Running CrashLoopBackOff StartError 128");
    let events = play("", command, &format!("! sleep 5s\n{EVENTS}"));
    let error = "Warning Failed Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"nope\": executable file not found in $PATH: unknown";
    assert!(events.lines().any(|line| line == error), "{events}");
    assert_eq!(play("restartPolicy: Never, ", command, &format!("! sleep 5s\n{STATE}")), "Failed  False StartError 0");
}

#[test]
fn a_script_of_the_container_itself_is_played() {
    let container = "command: [sh, -c, \"echo hello; sleep 2; exit 4\"]";
    assert_eq!(play("restartPolicy: Never, ", container, &format!("! sleep 6s\n{STATE}")), "Failed  False Error 0");
    assert_eq!(play("restartPolicy: Never, ", container, "! sleep 6s\n$ kubectl logs p"), "hello");
}

#[test]
fn a_post_start_hook_holds_back_what_is_told_and_its_failure_stops_the_container() {
    let hook = |command: &str| format!("lifecycle: {{postStart: {{exec: {{command: [sh, -c, \"{command}\"]}}}}}}");
    let shown =
        |command: &str, seconds: u32| play("", &hook(command), &format!("! sleep {seconds}s\n$ kubectl get pod p --no-headers"));
    assert!(shown("sleep 4", 3).contains("ContainerCreating"), "{}", shown("sleep 4", 3));
    assert!(shown("sleep 4", 7).contains("Running"), "{}", shown("sleep 4", 7));
    let events = play("", &hook("exit 1"), &format!("! sleep 5s\n{EVENTS}"));
    for line in ["Warning FailedPostStartHook PostStartHook failed", "Normal Killing FailedPostStartHook"] {
        assert!(events.lines().any(|l| l == line), "{line}: {events}");
    }
}

#[test]
fn an_image_name_that_is_no_reference_is_not_pulled() {
    let replaced = "$ kubectl set image pod/p web=Nginx:1.27\n\n! sleep 3s\n";
    let events = play("", "", &format!("! sleep 3s\n{replaced}{EVENTS}"));
    let text = "Warning InspectFailed Failed to apply default image tag \"Nginx:1.27\": couldn't parse image name \"Nginx:1.27\": invalid reference format: repository name (library/Nginx) must be lowercase";
    assert!(events.lines().any(|l| l == text), "{events}");
}

#[test]
fn a_changed_image_starts_anew_even_where_nothing_is_started_again() {
    let replaced = "! sleep 3s\n$ kubectl set image pod/p web=nginx:1.28\n\n! sleep 3s\n$ kubectl get pod p --no-headers";
    let shown = play("restartPolicy: Never, ", "", replaced);
    assert!(shown.contains("1/1") && shown.contains("Running") && shown.contains("1 ("), "{shown}");
}

#[test]
fn init_containers_wait_as_initializing_and_a_server_among_them_never_ends() {
    let spec = "initContainers: [{name: i, image: \"nginx:1.27\"}], ";
    for seconds in [0, 9] {
        let shown = play(spec, "", &format!("! sleep {seconds}s\n! sleep 300ms\n$ kubectl get pod p --no-headers"));
        assert!(shown.contains("Init:0/1"), "{shown}");
    }
}

#[test]
fn a_pod_that_is_made_unwell_leaves_the_list_by_its_own_probe_and_comes_back() {
    use kube_service_lab::api::{Key, Kind, Object, Pod};
    use kube_service_lab::lab::Command;
    use kube_service_lab::view::endpoints_of;
    for (preset, probed) in [("rollout", true), ("first", false)] {
        let mut lab = Lab::start(preset, 1);
        let ready = |lab: &Lab| endpoints_of(lab).values().flatten().filter(|e| e.conditions.is_ready()).count();
        let pods = lab.cluster().api().store().list(Kind::Pod, Some("default")).filter_map(Object::as_::<Pod>);
        let name = pods.map(|p| p.meta.name.clone()).find(|name| name.starts_with("web-")).unwrap();
        let key = Key::new("default", &name);
        let all = ready(&lab);
        lab.apply(Command::Well(key.clone(), false));
        assert!(!lab.cluster().is_well(&key));
        lab.advance(lab.now() + 8 * SECOND, u64::MAX);
        assert_eq!(ready(&lab), all - usize::from(probed), "{preset}: without a probe nobody asks");
        lab.apply(Command::Well(key.clone(), true));
        lab.advance(lab.now() + 8 * SECOND, u64::MAX);
        assert_eq!(ready(&lab), all, "{preset}");
        lab.apply(Command::Well(key.clone(), false));
        lab.apply(Command::Crash(key.clone()));
        lab.advance(lab.now() + 8 * SECOND, u64::MAX);
        assert!(lab.cluster().is_well(&key), "a new process knows nothing of it");
    }
}

#[test]
fn containers_of_a_pod_start_one_after_the_other() {
    let events =
        play("", "}, {name: tool, image: \"nginx:9.99\"}, {name: last, image: \"busybox:1.37\"", &format!("! sleep 6s\n{STEPS}"));
    let first: Vec<&str> = events.lines().filter(|line| !line.contains("BackOff")).take(9).collect();
    let expected = [
        "Scheduled ",
        "Pulled spec.containers{web}",
        "Created spec.containers{web}",
        "Started spec.containers{web}",
        "Pulling spec.containers{tool}",
        "Failed spec.containers{tool}",
        "Failed spec.containers{tool}",
        "Pulled spec.containers{last}",
        "Created spec.containers{last}",
    ];
    assert_eq!(first, expected);
}

#[test]
fn a_variable_may_stand_for_a_limit() {
    let from = |resource: &str, divisor: &str| {
        format!("valueFrom: {{resourceFieldRef: {{resource: {resource}, divisor: \"{divisor}\"}}}}")
    };
    let container = format!(
        "resources: {{limits: {{memory: 64Mi}}}}, env: [{{name: A, {}}}, {{name: B, {}}}]",
        from("limits.memory", "1Mi"),
        from("requests.cpu", "1m"),
    );
    let printed = play("", &container, "! sleep 3s\n$ kubectl exec p -- env");
    assert!(printed.contains("\nA=64\nB=0\n"), "{printed}");
}

#[test]
fn of_two_containers_only_one_can_have_a_port() {
    let other = "}, {name: other, image: \"nginx:1.28\"";
    let restarts = "-o jsonpath='{range .status.containerStatuses[*]}{.name} {.ready} {.restartCount} {.lastState.terminated.exitCode}{\"\\n\"}{end}'";
    let told = play("", other, &format!("! sleep 6s\n$ kubectl get pod p {restarts}"));
    assert_eq!(told, "web true 0 \nother false 1 1");
    let log = play("", other, "! sleep 6s\n$ kubectl logs p -c other");
    assert_eq!(log, "starting p 1.28\nlisten tcp :80: bind: address already in use");
}

#[test]
fn sidecars_end_with_the_containers_that_they_serve() {
    let spec = "restartPolicy: Never, initContainers: [{name: side, image: \"nginx:1.28\", restartPolicy: Always, env: [{name: APP_PORT, value: \"81\"}]}], ";
    let container = "env: [{name: APP_CRASH_AFTER, value: 2s}, {name: APP_EXIT_CODE, value: \"0\"}]";
    assert_eq!(play(spec, container, &format!("! sleep 9s\n{STATE}")), "Succeeded  False Completed 0");
    let shown = play(spec, container, "! sleep 9s\n$ kubectl get pod p --no-headers");
    assert!(shown.contains("0/2   Completed"), "{shown}");
}

#[test]
fn nothing_is_told_of_a_container_until_all_had_their_turn() {
    let other = "readinessProbe: {httpGet: {path: /ready, port: 80}}}, {name: b, image: \"nginx:1.28\", env: [{name: APP_PORT, value: \"81\"}], lifecycle: {postStart: {sleep: {seconds: 3}}}";
    let shown = |seconds: u32| play("", other, &format!("! sleep {seconds}s\n$ kubectl get pod p --no-headers"));
    assert!(shown(3).contains("0/2   ContainerCreating"), "{}", shown(3));
    assert!(shown(6).contains("2/2   Running"), "{}", shown(6));
}
