//! What a Pod's own network, names and ports mean for requests: loopback, `/etc/hosts`, the resolver of a Pod in its node's
//! network, host ports, names with several addresses, TLS.

use kube_service_lab::cluster::Settings;
use kube_service_lab::diagnosis;
use kube_service_lab::lab::Lab;
use kube_service_lab::lab::transcript::Replay;

const PODS: &str = "
@file pods.yaml
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {nodeName: node-1, containers: [{name: c, image: busybox:1.37}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  nodeName: node-1
  containers: [{name: c, image: nginx:1.27, ports: [{containerPort: 80, hostPort: 8099}]}]
---
apiVersion: v1
kind: Pod
metadata: {name: other, labels: {app: web}}
spec: {nodeName: node-2, containers: [{name: c, image: nginx:1.28, env: [{name: APP_PORT, value: \"81\"}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: hosted}
spec: {hostNetwork: true, nodeName: node-3, containers: [{name: c, image: busybox:1.37}]}
---
apiVersion: v1
kind: Pod
metadata: {name: knows}
spec: {hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet, nodeName: node-3, containers: [{name: c, image: busybox:1.37}]}
---
apiVersion: v1
kind: Service
metadata: {name: all}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
@end
$ kubectl apply -f pods.yaml
! settle
";

/// Plays steps after the Pods are up; the lines that each printed.
fn play(steps: &str) -> (Lab, Vec<Vec<String>>) {
    let mut replay = Replay::new(Lab::with_settings(Settings::default(), 7));
    replay.play(&(PODS.to_string() + steps));
    let text = replay.text.split_once("! settle\n").map(|(_, rest)| rest.to_string()).unwrap_or_default();
    let mut found: Vec<Vec<String>> = vec![];
    for line in text.lines() {
        match (line.starts_with(['!', '$', '=']), found.last_mut()) {
            (true, _) => found.push(vec![]),
            (false, Some(last)) if !line.is_empty() => last.push(line.splitn(3, ' ').nth(2).unwrap_or(line).to_string()),
            _ => {}
        }
    }
    (replay.into_lab(), found)
}

fn answers(steps: &str) -> Vec<String> {
    play(steps).1.into_iter().map(|lines| lines.first().cloned().unwrap_or_default()).collect()
}

#[test]
fn a_pod_meets_itself_on_its_loopback_and_by_its_own_name() {
    let found = answers(
        "! request web 1 http://localhost/\n! request web 1 http://127.0.0.1/\n! request client 1 http://localhost/\n! request web 1 http://web/\n! resolve web web\n",
    );
    assert_eq!(found[0], "200 pod=web version=1.27 from=127.0.0.1");
    assert_eq!(found[1], found[0]);
    assert_eq!(found[2], "ERR connection refused");
    // Its own name is in its /etc/hosts: the Service of that name is not asked.
    assert!(found[3].starts_with("200 pod=web version=1.27 from=10.244.1."), "{found:?}");
    assert!(found[4].contains("<nil>"), "{found:?}");
}

#[test]
fn a_pod_in_its_nodes_network_asks_the_nodes_resolver() {
    let (lab, found) = play(
        "! request hosted 1 http://web/\n! request knows 3 http://web/\n= IP kubectl get svc web -o jsonpath={.spec.clusterIP}\n! request hosted 3 http://$IP/\n",
    );
    assert_eq!(found[0], ["ERR no such host"]);
    assert!(found[1].iter().chain(&found[3]).any(|line| line == "200 pod=web version=1.27 from=192.0.2.13"), "{found:?}");
    let from = kube_service_lab::traffic::Source::Pod(kube_service_lab::api::Key::new("default", "hosted"));
    let url = kube_service_lab::traffic::Url::parse("http://web/").expect("a URL");
    let told = diagnosis::text(&diagnosis::reach(lab.cluster(), &from, &url));
    assert!(told.contains("This Pod does not ask cluster DNS"), "{told}");
}

#[test]
fn a_host_port_leads_to_its_pod_on_its_node_only() {
    let found = answers(
        "! request outside 1 http://192.0.2.11:8099/\n! request outside 1 http://192.0.2.12:8099/\n! request client 1 http://192.0.2.11:8099/\n! request hosted 1 http://192.0.2.11:8099/\n",
    );
    assert_eq!(found[0], "200 pod=web version=1.27 from=198.51.100.5");
    assert_eq!(found[1], "ERR connection refused");
    assert!(found[2].starts_with("200 pod=web"), "{found:?}");
    assert_eq!(found[3], "200 pod=web version=1.27 from=192.0.2.13");
}

#[test]
fn the_next_address_of_a_name_is_tried_when_one_refuses() {
    let (_, found) =
        play("! request client 12 http://all/\n! request client 12 http://web/\n! request client 12 http://all:81/\n");
    assert!(found[0].iter().all(|line| line.starts_with("200 pod=web ")), "{:?}", found[0]);
    assert!(found[1].iter().any(|line| line == "ERR connection refused"), "a ClusterIP is one address: {:?}", found[1]);
    assert!(found[2].iter().all(|line| line.starts_with("200 pod=other ")), "{:?}", found[2]);
}

#[test]
fn tls_is_spoken_by_the_api_server_only() {
    let found = answers(
        "! request client 1 https://all:80/\n! request client 1 https://kubernetes/\n! request client 1 http://kubernetes:443/\n! request kube-system/nobody 1 http://web/\n",
    );
    assert_eq!(found[0], "ERR http: server gave HTTP response to HTTPS client");
    assert_eq!(found[1], "ERR tls: failed to verify certificate: x509: certificate signed by unknown authority");
    assert_eq!(found[2], "400 Client sent an HTTP request to an HTTPS server.");
    assert_eq!(found[3], "");
}
