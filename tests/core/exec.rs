//! What is run in containers: requests and names from inside, little scripts, and Pods that are made for one command.

use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::Lab;
use kube_service_lab::lab::transcript::Replay;

/// Plays a session after a Deployment `web` with its Service and a Pod `client`: what each command printed.
fn play(commands: &[&str]) -> Vec<String> {
    let head = "$ kubectl create deployment web --image=nginx:1.27 --replicas=2 --port=80\n$ kubectl expose deployment web\n$ kubectl run client --image=busybox:1.37\n! settle\n";
    let mut replay = Replay::new(Lab::with_settings(Settings::default(), 7));
    replay.play(head);
    commands.iter().map(|line| said(&mut replay, line)).collect()
}

fn said(replay: &mut Replay, line: &str) -> String {
    let before = replay.text.len();
    replay.play(&format!("$ kubectl {line}\n"));
    let text = replay.text[before..].split_once('\n').map(|(_, text)| text.trim_end().to_string());
    text.unwrap_or_default()
}

#[test]
fn wget_and_curl_ask_the_service_as_any_client_does() {
    let found = play(&[
        "exec client -- wget -qO- http://web",
        "exec client -- curl -s -o /dev/null -w '%{http_code}\\n' http://web/",
        "exec client -- curl -m 2 http://web:81/",
        "exec client -- wget -qO- -T 2 web:81",
        "exec client -- wget -qO- http://nosuch",
        "exec client -- curl http://nosuch",
        "exec client -- wget -O- web",
        "exec deploy/web -- curl -s localhost",
        "scale deployment web --replicas=0",
        "wait --for=delete pod -l app=web",
        "exec client -- wget -qO- http://web",
        "exec client -- curl -sS http://web",
        "exec client -- curl -s http://web",
    ]);
    assert!(found[0].starts_with("pod=web-") && found[0].contains(" version=1.27 from=10.244."), "{found:?}");
    assert_eq!(found[1], "200");
    assert_eq!(
        found[2],
        "curl: (28) Connection timed out after 2000 milliseconds\ncommand terminated with exit code 28\n[exit 28]"
    );
    assert_eq!(found[3], "wget: download timed out\ncommand terminated with exit code 1\n[exit 1]");
    assert_eq!(found[4], "wget: bad address 'nosuch'\ncommand terminated with exit code 1\n[exit 1]");
    assert_eq!(found[5], "curl: (6) Could not resolve host: nosuch\ncommand terminated with exit code 6\n[exit 6]");
    assert!(found[6].starts_with("Connecting to web (10.") && found[6].contains("\nwriting to stdout\n"), "{found:?}");
    assert!(found[7].ends_with("from=127.0.0.1"), "{found:?}");
    assert!(found[10].starts_with("wget: can't connect to remote host (10."), "{found:?}");
    assert!(found[11].starts_with("curl: (7) Failed to connect to web port 80 after "), "{found:?}");
    assert_eq!(found[12], "command terminated with exit code 7\n[exit 7]");
}

#[test]
fn nslookup_shows_what_cluster_dns_says() {
    let found = play(&[
        "exec client -- nslookup web",
        "exec client -- nslookup web.default.svc.cluster.local",
        "exec client -- nslookup 10.96.0.1",
        "create service clusterip db --clusterip=None --tcp=5432",
        "exec client -- nslookup -type=srv _https._tcp.kubernetes.default.svc.cluster.local",
        "exec client -- cat /etc/resolv.conf",
    ]);
    assert!(found[0].contains("Name:\tweb.default.svc.cluster.local\nAddress: 10."), "{found:?}");
    assert!(found[0].contains("** server can't find web.cluster.local: NXDOMAIN"), "{found:?}");
    assert!(found[1].starts_with("Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\t"), "{found:?}");
    assert!(found[2].contains("1.0.96.10.in-addr.arpa\tname = kubernetes.default.svc.cluster.local"), "{found:?}");
    assert!(found[4].contains("\tservice = 0 100 443 kubernetes.default.svc.cluster.local"), "{found:?}");
    assert_eq!(
        found[5],
        "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5"
    );
}

#[test]
fn scripts_and_pods_for_one_command() {
    let found = play(&[
        "exec client -- sh -c 'for i in $(seq 1 3); do wget -qO- http://web; sleep 1; done; echo done'",
        "exec client -- sh -c 'wget -qO- http://nosuch || echo no && echo yes'",
        "run tmp --rm -i --quiet --image=busybox:1.37 --restart=Never -- wget -qO- http://web",
        "run tmp --rm -i -q --image=busybox:1.37 --restart=Never -- wget -qO- -T 1 http://web:81",
        "get pod tmp",
        "exec client -- printenv WEB_SERVICE_PORT",
        "exec client -- printenv KUBERNETES_PORT",
        "exec -i client -- sh",
    ]);
    assert_eq!(found[0].lines().count(), 4, "{found:?}");
    assert!(found[0].ends_with("\ndone"), "{found:?}");
    assert_eq!(found[1], "wget: bad address 'nosuch'\nno\nyes");
    assert!(found[2].starts_with("pod=web-") && found[2].ends_with("\npod \"tmp\" deleted from default namespace"), "{found:?}");
    assert_eq!(
        found[3],
        "wget: download timed out\npod \"tmp\" deleted from default namespace\npod default/tmp terminated (Error)\n[exit 1]"
    );
    assert!(found[4].contains("\"tmp\" not found"), "{found:?}");
    assert_eq!((found[5].as_str(), found[6].as_str()), ("80", "tcp://10.96.0.1:443"));
    assert!(found[7].contains("no terminal"), "{found:?}");
}

#[test]
fn what_cannot_be_attached_to_is_refused_first() {
    let found = play(&["attach", "attach nosuch", "attach client -c nope", "debug client", "debug --image=busybox:1.37"]);
    let first = |i: usize| found[i].lines().next().unwrap_or_default().to_string();
    assert_eq!(first(0), "error: at least 1 argument is required for attach");
    assert_eq!(first(1), "Error from server (NotFound): pods \"nosuch\" not found");
    assert_eq!(first(2), "error: cannot attach to the container: container nope not found in pod client");
    assert_eq!(first(3), "error: you must specify --image when not using --copy-to.");
    assert_eq!(first(4), "error: NAME or filename is required for debug");
}
