//! kubectl's commands at a running cluster: what the recorded sessions do not show, checked by what must hold.

use kube_service_lab::kubectl::complete;
use kube_service_lab::kubectl::verbs::COMMANDS;
use kube_service_lab::lab::Lab;
use kube_service_lab::time::SECOND;

/// Types a line, lets it run for at most `seconds`: what it printed and its exit code.
fn run(lab: &mut Lab, line: &str, seconds: u64) -> (String, Option<i32>) {
    let id = lab.kubectl(line);
    lab.advance(lab.now() + seconds * SECOND, u64::MAX);
    let run = lab.output(id).unwrap();
    (run.text.clone(), run.exit)
}

fn lab() -> Lab {
    Lab::start("first", 7)
}

#[test]
fn every_command_has_help_and_survives_odd_words() {
    let mut lab = lab();
    for verb in COMMANDS {
        let (text, exit) = run(&mut lab, &format!("kubectl {} --help", verb.name), 0);
        assert!(exit == Some(0) && text.contains(&format!("kubectl {}", verb.name)), "{}: {text}", verb.name);
        for words in ["", "x", "x/y", "pods x y z", "-l a=b", "--", "nodes node-1 a=b:c", "-f nosuch.yaml", "service web -- x"] {
            run(&mut lab, &format!("kubectl {} {words}", verb.name), 0);
        }
    }
    assert_eq!(run(&mut lab, "kubectl", 0).1, Some(0));
}

#[test]
fn a_drain_refuses_what_would_be_lost_and_forces_it_with_a_warning() {
    let mut lab = lab();
    let (text, exit) = run(&mut lab, "kubectl drain node-3", 60);
    let why = "cannot delete Pods that declare no controller (use --force to override): default/stubborn";
    let expected = format!(
        "node/node-3 cordoned\nerror: unable to drain node \"node-3\" due to error: {why}, continuing command...\nThere are pending nodes to be drained:\n node-3\n{why}\n"
    );
    assert_eq!((text, exit), (expected, Some(1)));
    let (text, exit) = run(&mut lab, "kubectl drain node-3 --force", 60);
    assert!(text.contains("Warning: deleting Pods that declare no controller: default/stubborn\n"), "{text}");
    assert!(text.ends_with("node/node-3 drained\n") && exit == Some(0), "{text}");
    let (left, _) = run(&mut lab, "kubectl get pods --field-selector spec.nodeName=node-3", 0);
    assert_eq!(left, "No resources found in default namespace.\n");
}

#[test]
fn a_drain_that_has_several_reasons_to_refuse_closes_with_a_line_for_each() {
    let mut lab = lab();
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  nodeName: node-3\n  volumes: [{name: v, emptyDir: {}}]\n  containers: [{name: c, image: \"nginx:1.27\"}]\n";
    run(&mut lab, &format!("kubectl apply -f - <<EOF\n{manifest}EOF"), 5);
    let (text, _) = run(&mut lab, "kubectl drain node-3", 60);
    let bare = "cannot delete Pods that declare no controller (use --force to override): default/stubborn";
    let local = "cannot delete Pods with local storage (use --delete-emptydir-data to override): default/a";
    assert!(text.contains(&format!("due to error: [{local}, {bare}], continuing command...")), "{text}");
    assert!(text.ends_with(&format!(" node-3\n{local}\n{bare}\n")), "{text}");
}

#[test]
fn the_log_of_a_pod_without_a_node_is_empty() {
    let mut lab = lab();
    let spec = r#"{"spec":{"nodeSelector":{"no":"such"}}}"#;
    run(&mut lab, &format!("kubectl run p --image=nginx:1.27 --overrides='{spec}'"), 2);
    assert_eq!(run(&mut lab, "kubectl logs p", 1), (String::new(), Some(0)));
}

#[test]
fn run_tells_of_the_pod_and_then_of_its_service() {
    let mut lab = lab();
    let (text, _) = run(&mut lab, "kubectl run p --image=nginx:1.27 --port=80 --expose --dry-run=client -o yaml", 1);
    assert!(text.starts_with("apiVersion: v1\nkind: Pod\n"), "{text}");
    assert!(text.contains("status: {}\n---\napiVersion: v1\nkind: Service\n"), "{text}");
    assert_eq!(run(&mut lab, "kubectl run p --image=nginx:1.27 --port=80 --expose", 1).0, "pod/p created\nservice/p created\n");
}

#[test]
fn a_drain_gives_up_when_its_time_is_over() {
    let mut lab = lab();
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: slow}\nspec:\n  nodeName: node-1\n  containers:\n  - name: c\n    image: nginx:1.27\n    env: [{name: APP_ON_TERM, value: ignore}]\n";
    run(&mut lab, &format!("kubectl apply -f - <<EOF\n{manifest}EOF"), 5);
    let (text, exit) = run(&mut lab, "kubectl drain node-1 --force --timeout=3s", 20);
    assert_eq!(exit, Some(1), "{text}");
    assert!(text.contains("global timeout reached: 3s") && text.contains("pod/slow"), "{text}");
}

#[test]
fn a_diff_shows_what_apply_would_change_and_changes_nothing() {
    let mut lab = lab();
    let (before, _) = run(&mut lab, "kubectl get deployment web -o yaml", 0);
    assert_eq!(run(&mut lab, "kubectl diff -f web.yaml", 1), (String::new(), Some(0)));
    let changed = lab.files()["web.yaml"].replace("nginx:1.27", "nginx:1.28");
    let (text, exit) = run(&mut lab, &format!("kubectl diff -f - <<'EOF'\n{changed}EOF"), 1);
    assert_eq!(exit, Some(1), "{text}");
    assert!(text.starts_with("diff -u -N /tmp/LIVE-") && text.contains("/apps.v1.Deployment.default.web"), "{text}");
    let lines: Vec<&str> = text.lines().filter(|l| l.contains("image:") || l.contains("generation:")).collect();
    let trimmed: Vec<String> = lines.iter().map(|l| format!("{}{}", &l[..1], l[1..].trim())).collect();
    assert_eq!(trimmed, ["-generation: 1", "+generation: 2", "-- image: nginx:1.27", "+- image: nginx:1.28"], "{text}");
    let (after, _) = run(&mut lab, "kubectl get deployment web -o yaml", 0);
    assert_eq!(before, after);
}

#[test]
fn logs_and_exec_reach_the_containers() {
    let mut lab = lab();
    let (name, _) = run(&mut lab, "kubectl get pods -l app=web -o jsonpath='{.items[0].metadata.name}'", 0);
    let name = name.trim();
    assert_eq!(run(&mut lab, &format!("kubectl logs {name}"), 0), (format!("starting {name} 1.27\n"), Some(0)));
    assert_eq!(run(&mut lab, &format!("kubectl exec {name} -- hostname"), 0), (format!("{name}\n"), Some(0)));
    let (text, exit) = run(&mut lab, &format!("kubectl exec {name} -- false"), 0);
    assert_eq!((text.as_str(), exit), ("command terminated with exit code 1\n", Some(1)));
    let (text, exit) = run(&mut lab, &format!("kubectl logs -f {name}"), 5);
    assert_eq!((text, exit), (format!("starting {name} 1.27\n"), None));
    let id = lab.kubectl(&format!("kubectl logs -f {name} --prefix"));
    lab.kubectl(&format!("kubectl delete pod {name} --wait=false"));
    lab.advance(lab.now() + 60 * SECOND, u64::MAX);
    let followed = lab.output(id).unwrap();
    assert_eq!((followed.text.clone(), followed.exit), (format!("[pod/{name}/web] starting {name} 1.27\n"), Some(0)));
}

#[test]
fn a_taint_keeps_pods_off_and_goes_again() {
    let mut lab = lab();
    let said = |lab: &mut Lab, line: &str| run(lab, line, 0).0;
    assert_eq!(said(&mut lab, "kubectl taint nodes node-1 a=b:NoSchedule c:NoExecute"), "node/node-1 tainted\n");
    assert_eq!(said(&mut lab, "kubectl taint nodes node-1 a=z:NoSchedule --overwrite"), "node/node-1 modified\n");
    assert_eq!(said(&mut lab, "kubectl taint nodes node-1 a- d:NoSchedule"), "node/node-1 modified\n");
    let taints = said(&mut lab, "kubectl get node node-1 -o jsonpath='{.spec.taints[*].key}'");
    assert_eq!(taints.trim(), "d c");
    assert_eq!(said(&mut lab, "kubectl taint nodes node-1 c:NoExecute- d-"), "node/node-1 untainted\n");
    for line in
        ["kubectl taint nodes node-1 a=b:Never", "kubectl taint nodes node-1 a=b", "kubectl taint nodes node-1 a=b=c:NoSchedule"]
    {
        assert!(said(&mut lab, line).starts_with("error: invalid taint "), "{line}");
    }
}

#[test]
fn words_are_completed_from_the_cluster() {
    let mut lab = lab();
    lab.advance(lab.now() + SECOND, u64::MAX);
    let cluster = lab.cluster();
    let found = |line: &str| complete(line, cluster).join(" ");
    assert_eq!(found("kubectl co"), "config cordon");
    assert_eq!(found("kubectl get nodes "), "node-1 node-2 node-3");
    assert_eq!(found("drain node-"), "node-1 node-2 node-3");
    assert_eq!(found("kubectl get deploy w"), "web");
    assert_eq!(found("k rollout st"), "status");
    assert_eq!(found("k rollout status deployment/"), "deployment/web");
    assert_eq!(found("kubectl get pods -n kube-s"), "kube-system");
    assert_eq!(found("kubectl get pods -o ya"), "yaml");
    assert_eq!(found("kubectl scale deployment web --rep"), "--replicas=");
    assert_eq!(found("kubectl get service web extra-word-"), "");
    assert_eq!(found("kubectl explain deploy.spec.strategy.rollingUpdate.maxS"), "deploy.spec.strategy.rollingUpdate.maxSurge");
    assert_eq!(found("kubectl create service n"), "nodeport");
    assert!(found("kubectl get -n kube-system pods core").starts_with("coredns-"));
    assert!(found("").contains("get") && found("kubectl logs c").contains("curl-1"));
}

#[test]
fn too_many_replicas_meet_the_labs_own_limit_whichever_way_they_are_asked_for() {
    let mut lab = lab();
    let before = run(&mut lab, "kubectl get deployments,replicasets -A -o wide", 0).0;
    let patch = r#"{"spec":{"replicas":1000000000}}"#;
    for line in [
        "kubectl scale deployment web --replicas=1000000000".to_string(),
        format!("kubectl patch deployment web -p '{patch}'"),
        format!("kubectl patch deployment web --subresource=scale --type=merge -p '{patch}'"),
        "kubectl create deployment other --image=nginx:1.27 --replicas=9998".to_string(),
    ] {
        let (text, exit) = run(&mut lab, &line, 0);
        assert_eq!(exit, Some(1), "{line}: {text}");
        assert!(text.contains("is forbidden: lab limit: ") && text.contains("so ask for "), "{line}: {text}");
    }
    assert_eq!(run(&mut lab, "kubectl get deployments,replicasets -A -o wide", 0).0, before);
    assert_eq!(run(&mut lab, "kubectl scale deployment web --replicas=20", 30).1, Some(0));
}
