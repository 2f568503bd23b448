//! Packets in a running cluster: connection tables, UDP, doors from outside, DNS, and what each failure looks like.

use kube_service_lab::api::Key;
use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::transcript::settle;
use kube_service_lab::lab::{Command, Lab, NetworkSetting};
use kube_service_lab::network::dns::{Data, LookupError, Type};
use kube_service_lab::node::proxy::{Mode, Settings as Proxy};
use kube_service_lab::time::{MILLISECOND, Nanos, SECOND};
use kube_service_lab::traffic::{ClientSetting, Failure, Habits, Outcome, Pattern, Record, Source, Url};
use std::net::Ipv4Addr;

const OUTSIDE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 5);

/// A lab with some objects and idle client Pods `near` on node-1 and `far` on node-2.
struct World {
    lab: Lab,
    clients: usize,
    holds_name: Nanos,
}

impl World {
    fn new(mode: Mode, manifest: &str) -> World {
        let lab = Lab::with_settings(Settings { proxy: Proxy::defaults(mode), ..Settings::default() }, 7);
        let mut world = World { lab, clients: 0, holds_name: 0 };
        let client = |name: &str, node: &str| {
            format!(
                "\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{nodeName: {node}, containers: [{{name: c, image: busybox:1.37}}]}}"
            )
        };
        let text = format!("{manifest}{}{}", client("near", "node-1"), client("far", "node-2"));
        world.lab.apply(Command::File { name: "all.yaml".into(), text });
        world.kubectl("kubectl apply -f all.yaml");
        world.settle();
        world
    }

    fn kubectl(&mut self, line: &str) -> String {
        let id = self.lab.kubectl(line);
        while self.lab.output(id).is_some_and(|run| run.exit.is_none()) {
            self.pass(50 * MILLISECOND);
        }
        let run = self.lab.output(id).unwrap();
        assert_eq!(run.exit, Some(0), "{line}: {}", run.text);
        run.text.trim().to_string()
    }

    fn pass(&mut self, span: Nanos) {
        self.lab.advance(self.lab.now() + span, u64::MAX);
    }

    fn settle(&mut self) {
        settle(&mut self.lab, None);
        self.pass(2 * SECOND);
    }

    fn pod_ip(&mut self, selector: &str) -> String {
        self.kubectl(&format!("kubectl get pods -l {selector} -o jsonpath={{.items[0].status.podIP}}"))
    }

    /// Adds a client that goes on by itself.
    fn client(&mut self, from: &str, url: &str, pattern: Pattern, total: Option<u64>, keep_alive: bool) -> String {
        self.clients += 1;
        let name = format!("client-{}", self.clients);
        let source = if from == "outside" { Source::Outside(OUTSIDE) } else { Source::Pod(Key::new("default", from)) };
        let setting = ClientSetting {
            name: name.clone(),
            source,
            url: Url::parse(url).unwrap(),
            pattern,
            total,
            keep_alive,
            timeout: 2 * SECOND,
            holds_name: self.holds_name,
            stubborn: false,
            habits: Habits::default(),
        };
        self.lab.apply(Command::AddClient(setting));
        name
    }

    fn records(&self, client: &str) -> Vec<Record> {
        self.lab.traffic().records().filter(|r| &*r.client == client).cloned().collect()
    }

    /// Sends one request and waits for its end.
    fn ask(&mut self, from: &str, url: &str) -> Record {
        let name = self.client(from, url, Pattern::Sequence, Some(1), false);
        for _ in 0..5000 {
            self.pass(5 * MILLISECOND);
            if let Some(record) = self.records(&name).into_iter().find(|r| r.outcome.is_some()) {
                return record;
            }
        }
        panic!("{from} {url}: no end");
    }

    /// How a request ended, in words, and after how many milliseconds.
    fn fate(&mut self, from: &str, url: &str) -> (String, u64) {
        let record = self.ask(from, url);
        let words = match record.outcome.unwrap() {
            Outcome::Answered { status } => status.to_string(),
            Outcome::Failed(failure) => failure.text().to_string(),
        };
        (words, (record.ended.unwrap() - record.started) / MILLISECOND)
    }
}

fn answered(record: &Record) -> bool {
    matches!(record.outcome, Some(Outcome::Answered { status: 200 }))
}

fn deployment(name: &str, replicas: u32, extra: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      {extra}
"
    )
}

fn web(replicas: u32) -> String {
    deployment("web", replicas, "containers: [{name: c, image: nginx:1.27, ports: [{containerPort: 80}]}]")
}

fn on_node(node: &str) -> String {
    deployment("web", 1, &format!("nodeName: {node}\n      containers: [{{name: c, image: nginx:1.27}}]"))
}

fn service(name: &str, spec: &str) -> String {
    format!("\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: web}}, {spec}}}\n")
}

const UDP_APP: &str = "terminationGracePeriodSeconds: 1
      containers: [{name: c, image: echo:1, ports: [{containerPort: 9, protocol: UDP}], env: [{name: APP_ON_TERM, value: ignore}]}]";

#[test]
fn a_udp_socket_stays_with_its_pod_until_the_flow_is_cleaned_up() {
    for mode in [Mode::Iptables, Mode::Nftables, Mode::Ipvs] {
        let udp = "ports: [{port: 9, protocol: UDP}]";
        let mut world = World::new(mode, &(deployment("web", 3, UDP_APP) + &service("echo", udp)));
        let name = world.client("near", "udp://echo:9", Pattern::Every(50 * MILLISECOND), None, true);
        world.pass(3 * SECOND);
        let before = world.records(&name);
        assert!(before.len() > 50 && before[..55].iter().all(answered), "{mode:?}");
        let first = before[0].pod.clone().unwrap();
        assert!(before.iter().flat_map(|r| &r.pod).all(|pod| *pod == first), "{mode:?}: one socket, one Pod");
        assert!(before[1].hops[0].known && !before[0].hops[0].known);
        world.kubectl(&format!("kubectl delete pod {} --wait=false", first.1));
        world.pass(8 * SECOND);
        let after = world.records(&name);
        let last = after.iter().rev().find(|r| answered(r)).unwrap();
        assert_ne!(last.pod.as_ref().unwrap().1, first.1, "{mode:?}: it goes to another Pod");
        // A new socket for each question is spread over all Pods.
        let name = world.client("near", "udp://echo:9", Pattern::Every(5 * MILLISECOND), Some(60), false);
        world.pass(3 * SECOND);
        let pods: std::collections::BTreeSet<_> = world.records(&name).into_iter().filter_map(|r| r.pod).collect();
        assert_eq!(pods.len(), 3, "{mode:?}");
    }
}

#[test]
fn a_udp_service_without_endpoints_refuses_and_its_node_port_goes_on_into_the_dark() {
    let udp = "type: NodePort, ports: [{port: 9, protocol: UDP, nodePort: 30009}]";
    let mut world = World::new(Mode::Iptables, &(deployment("web", 1, UDP_APP) + &service("echo", udp)));
    let inside = world.client("near", "udp://echo:9", Pattern::Every(100 * MILLISECOND), None, true);
    let outside = world.client("outside", "udp://192.0.2.12:30009", Pattern::Every(100 * MILLISECOND), None, true);
    world.pass(2 * SECOND);
    world.kubectl("kubectl scale deployment web --replicas=0");
    world.pass(15 * SECOND);
    let last = |name: &str| world.records(name).into_iter().rev().find_map(|r| r.outcome).unwrap();
    assert_eq!(last(&inside), Outcome::Failed(Failure::Refused));
    assert_eq!(last(&outside), Outcome::Failed(Failure::Timeout));
}

#[test]
fn answers_that_do_not_pass_the_node_that_rewrote_the_question_are_lost() {
    let local = "type: NodePort, externalTrafficPolicy: Local, ports: [{port: 80, nodePort: 30080}]";
    let mut world = World::new(Mode::Ipvs, &(on_node("node-1") + &service("web", local)));
    assert_eq!(world.fate("outside", "http://192.0.2.11:30080/").0, "200");
    // ipvs falls back to the endpoints of other nodes, without rewriting the source.
    assert_eq!(world.fate("outside", "http://192.0.2.13:30080/").0, "Client.Timeout");
}

#[test]
fn a_node_port_answers_on_every_address_of_a_node_and_hairpins_see_the_bridge() {
    let mut world = World::new(
        Mode::Iptables,
        &(on_node("node-1") + &service("web", "type: NodePort, ports: [{port: 80, nodePort: 30080}]")),
    );
    for url in ["http://192.0.2.11:30080/", "http://10.244.1.1:30080/", "http://10.244.3.1:30080/"] {
        assert_eq!(world.fate("far", url).0, "200", "{url}");
        assert_eq!(world.fate("near", url).0, "200", "{url}");
    }
    assert_eq!(world.fate("outside", "http://10.244.1.1:30080/").0, "Client.Timeout");
    world.lab.apply(Command::Network(NetworkSetting::ProxyMode { node: None, mode: Mode::Nftables }));
    world.pass(2 * SECOND);
    assert_eq!(world.fate("far", "http://192.0.2.13:30080/").0, "200");
    assert_eq!(world.fate("far", "http://10.244.3.1:30080/").0, "connection refused");
    // A Pod that asks its own Service meets itself, under the address of its bridge.
    let name = world.kubectl("kubectl get pods -l app=web -o jsonpath={.items[0].metadata.name}");
    assert_eq!(world.ask(&name, "http://web/").seen, Some(Ipv4Addr::new(10, 244, 1, 1)));
}

#[test]
fn addresses_that_a_service_names_lead_in_from_outside() {
    let spec = "externalIPs: [203.0.113.80], ports: [{port: 80}]";
    let balanced =
        "type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 80}], loadBalancerSourceRanges: [198.51.100.0/24]";
    let mut world = World::new(Mode::Iptables, &(on_node("node-2") + &service("web", spec) + &service("lb", balanced)));
    assert_eq!(world.fate("outside", "http://203.0.113.80/").0, "200");
    assert_eq!(world.fate("near", "http://203.0.113.80/").0, "200");
    assert_eq!(world.fate("outside", "http://203.0.113.90/").0, "Client.Timeout");
    let set = |world: &mut World, mode: &str| {
        let ingress = format!("{{\"ip\":\"203.0.113.90\",\"ipMode\":\"{mode}\"}}");
        world.kubectl(&format!(
            "kubectl patch svc lb --subresource=status --type=merge -p '{{\"status\":{{\"loadBalancer\":{{\"ingress\":[{ingress}]}}}}}}'"
        ));
        world.settle();
    };
    set(&mut world, "VIP");
    for _ in 0..4 {
        // Policy Local: only the node with an endpoint offers itself, and the Pod sees the client.
        let record = world.ask("outside", "http://203.0.113.90/");
        assert!(answered(&record) && record.seen == Some(OUTSIDE), "{record:?}");
    }
    world.kubectl("kubectl patch svc lb -p '{\"spec\":{\"loadBalancerSourceRanges\":[\"192.168.0.0/16\"]}}'");
    world.settle();
    assert_eq!(world.fate("outside", "http://203.0.113.90/").0, "Client.Timeout");
    set(&mut world, "Proxy");
    // The load balancer makes a connection of its own to the node port: its own address is what the Pod sees.
    let record = world.ask("outside", "http://203.0.113.90/");
    assert!(answered(&record) && record.seen == Some(Ipv4Addr::new(203, 0, 113, 90)), "{record:?}");
    let port = world.kubectl("kubectl get svc lb -o jsonpath={.spec.healthCheckNodePort}");
    let record = world.ask("outside", &format!("http://192.0.2.12:{port}/"));
    assert!(answered(&record) && record.body.as_deref().unwrap().contains("\"localEndpoints\": 1"), "{record:?}");
    assert_eq!(world.fate("outside", &format!("http://192.0.2.11:{port}/")).0, "503");
    assert_eq!(world.fate("outside", "http://192.0.2.11:10256/healthz").0, "200");
}

#[test]
fn a_lost_syn_is_sent_again_and_a_known_connection_outlives_its_rules() {
    let mut world = World::new(Mode::Iptables, &(on_node("node-2") + &service("web", "ports: [{port: 80}]")));
    let ip = world.pod_ip("app=web");
    world.lab.apply(Command::NodeDown("node-2".into()));
    let name = world.client("near", &format!("http://{ip}/"), Pattern::Sequence, Some(1), false);
    world.pass(400 * MILLISECOND);
    world.lab.apply(Command::NodeUp("node-2".into()));
    world.pass(2 * SECOND);
    let record = world.records(&name).remove(0);
    let took = (record.ended.unwrap() - record.started) / MILLISECOND;
    assert!(answered(&record) && (1000..1100).contains(&took), "{took}: {record:?}");
    // One connection; its Service is deleted under it.
    let name = world.client("near", "http://web/", Pattern::Every(100 * MILLISECOND), Some(60), true);
    world.pass(SECOND);
    world.kubectl("kubectl delete svc web");
    world.pass(7 * SECOND);
    let records = world.records(&name);
    assert!(records.len() == 60 && records.iter().all(answered));
    assert!(records.last().unwrap().hops[0].known);
    // A new one: cluster DNS still has the old address, which nobody takes any more.
    assert_eq!(world.fate("near", "http://web/").0, "Client.Timeout");
    world.pass(30 * SECOND);
    assert_eq!(world.fate("near", "http://web/").0, "no such host");
}

/// What each failure looks like to the client (time-out 2 s) and after how long: `traffic::Failure` has the table.
#[test]
fn every_failure_looks_as_on_a_real_cluster_and_takes_as_long() {
    let spec = "ports: [{name: a, port: 80}, {name: closed, port: 81, targetPort: 8080}]";
    let local = "internalTrafficPolicy: Local, ports: [{port: 80}]";
    let empty =
        "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: empty}\nspec: {selector: {app: none}, ports: [{port: 80}]}\n";
    let manifest = on_node("node-1") + &service("web", spec) + &service("local", local) + empty;
    let mut world = World::new(Mode::Iptables, &manifest);
    let ip = world.kubectl("kubectl get svc web -o jsonpath={.spec.clusterIP}");
    let table: &[(&str, &str, &str, std::ops::Range<u64>)] = &[
        ("far", "http://web/", "200", 0..20),
        ("far", "http://empty/", "connection refused", 0..20),
        ("far", "http://web:81/", "connection refused", 0..20),
        ("far", "http://local/", "Client.Timeout", 2000..2005),
        ("far", "http://web:7777/", "Client.Timeout", 2000..2005),
        ("far", "http://10.96.99.99/", "Client.Timeout", 2000..2005),
        ("far", "http://192.0.2.12:31999/", "connection refused", 0..20),
        ("far", "http://nowhere/", "no such host", 0..30),
        ("outside", "http://192.0.2.12:31999/", "connection refused", 0..20),
        ("outside", "http://10.244.1.2/", "Client.Timeout", 2000..2005),
    ];
    for (from, url, words, span) in table {
        let (found, took) = world.fate(from, url);
        assert!(found == *words && span.contains(&took), "{from} {url}: {found} after {took} ms, not {words} {span:?}");
    }
    world.lab.apply(Command::Network(NetworkSetting::ProxyMode { node: None, mode: Mode::Nftables }));
    world.pass(2 * SECOND);
    // nftables rejects what no port of a known address takes, and drops what no Service has.
    assert_eq!(world.fate("far", &format!("http://{ip}:7777/")).0, "connection refused");
    assert_eq!(world.fate("far", "http://10.96.99.99/").0, "Client.Timeout");
    // A vanished address on a living node: the neighbour look-up fails after 3 s, later than this client waits.
    assert_eq!(world.fate("far", "http://10.244.1.200/").0, "Client.Timeout");
}

#[test]
fn names_lead_to_addresses_ports_and_back() {
    let named = "\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: named, labels: {app: web}}\nspec: {hostname: alpha, subdomain: heads, containers: [{name: c, image: nginx:1.27}]}\n";
    let alias = "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: alias}\nspec: {type: ExternalName, externalName: web.default.svc.cluster.local}\n";
    let ports = "clusterIP: 10.96.50.50, ports: [{name: http, port: 80}, {name: more, port: 81}]";
    let heads = "clusterIP: None, ports: [{name: http, port: 80, targetPort: 8080}]";
    let world = World::new(Mode::Iptables, &(web(2) + &service("web", ports) + &service("heads", heads) + named + alias));
    let mut dns = world.lab.cluster().dns().clone();
    let now = world.lab.cluster().now();
    let mut ask = |name: &str, type_| -> Vec<String> {
        let found = dns.ask(name, type_, now);
        let mut lines: Vec<String> = found.answers.iter().map(|r| format!("{} {}", r.ttl, r.data)).collect();
        lines.sort();
        if lines.is_empty() { vec![format!("{:?}", found.code)] } else { lines }
    };
    assert_eq!(ask("web.default.svc.cluster.local", Type::A), ["30 10.96.50.50"]);
    assert_eq!(ask("WEB.default.svc.cluster.local.", Type::A), ["30 10.96.50.50"]);
    assert_eq!(ask("web.default.svc.cluster.local", Type::Txt), ["NoError"]);
    assert_eq!(ask("_http._tcp.web.default.svc.cluster.local", Type::Srv), ["30 0 100 80 web.default.svc.cluster.local."]);
    assert_eq!(ask("web.default.svc.cluster.local", Type::Srv).len(), 2);
    assert_eq!(ask("_http._udp.web.default.svc.cluster.local", Type::Srv), ["NxDomain"]);
    assert_eq!(ask("_http._tcp.web.default.svc.cluster.local", Type::A), ["30 10.96.50.50"]);
    assert_eq!(ask("_http._tcp.heads.default.svc.cluster.local", Type::A).len(), 3);
    let one = ask("heads.default.svc.cluster.local", Type::A)[0].clone();
    let dashed = one.trim_start_matches("30 ").replace('.', "-");
    assert_eq!(ask(&format!("{dashed}.web.default.svc.cluster.local"), Type::A), [one]);
    assert_eq!(ask("heads.default.svc.cluster.local", Type::A).len(), 3);
    let srv = ask("_http._tcp.heads.default.svc.cluster.local", Type::Srv);
    assert!(srv.len() == 3 && srv.iter().any(|r| r == "30 0 33 8080 alpha.heads.default.svc.cluster.local."), "{srv:?}");
    let alpha = ask("alpha.heads.default.svc.cluster.local", Type::A);
    assert_eq!(alpha.len(), 1);
    let reversed = |ip: &str| ip.split('.').rev().collect::<Vec<_>>().join(".") + ".in-addr.arpa";
    assert_eq!(ask(&reversed("10.96.50.50"), Type::Ptr), ["30 web.default.svc.cluster.local."]);
    let names = ask(&reversed(alpha[0].strip_prefix("30 ").unwrap()), Type::Ptr);
    assert!(names.contains(&"30 alpha.heads.default.svc.cluster.local.".to_string()), "{names:?}");
    assert_eq!(ask("alias.default.svc.cluster.local", Type::Cname), ["30 web.default.svc.cluster.local."]);
    assert_eq!(ask("alias.default.svc.cluster.local", Type::A), ["30 10.96.50.50", "30 web.default.svc.cluster.local."]);
    assert_eq!(ask("10-244-1-9.default.pod.cluster.local", Type::A), ["30 10.244.1.9"]);
    assert_eq!(ask("default.svc.cluster.local", Type::A), ["NoError"]);
    assert_eq!(ask("dns-version.cluster.local", Type::Txt), ["28800 \"1.1.0\""]);
    assert_eq!(ask("nothing.default.svc.cluster.local", Type::A), ["NxDomain"]);
}

#[test]
fn answers_are_kept_for_half_a_minute_also_negative_ones() {
    let mut world = World::new(Mode::Iptables, &web(1));
    let pod = Key::new("default", "near");
    let look = |world: &mut World| world.lab.resolve(&pod, "web").unwrap();
    let missing = look(&mut world);
    assert_eq!((missing.found, missing.asked.len()), (Err(LookupError::NoSuchHost), 4));
    world.kubectl("kubectl expose deployment web --port=80");
    world.pass(5 * SECOND);
    assert!(look(&mut world).found.is_err(), "a negative answer is kept");
    world.pass(26 * SECOND);
    let found = look(&mut world);
    assert_eq!((found.found.unwrap().len(), found.asked.len()), (1, 1));
    assert!(found.took > 0 && found.took < 20 * MILLISECOND && !found.hops.is_empty());
    let mut dns = world.lab.cluster().dns().clone();
    let later = world.lab.cluster().now() + 10 * SECOND;
    let kept = dns.ask("web.default.svc.cluster.local", Type::A, later);
    assert!(matches!(kept.answers[0].data, Data::A(_)) && kept.answers[0].ttl == 20, "{kept:?}");
    // Without CoreDNS, nothing takes questions.
    world.kubectl("kubectl scale deployment coredns -n kube-system --replicas=0");
    world.settle();
    assert_eq!(look(&mut world).found, Err(LookupError::Refused));
    assert_eq!(world.fate("near", "http://web/").0, "connection refused");
}

#[test]
fn a_client_that_holds_on_to_an_address_misses_a_service_made_anew() {
    let mut world = World::new(Mode::Iptables, &(web(1) + &service("web", "ports: [{port: 80}]")));
    let every = Pattern::Every(500 * MILLISECOND);
    let name = |world: &mut World, holds: Nanos| {
        world.holds_name = holds;
        world.client("near", "http://web/", every, None, false)
    };
    let (fresh, minute, for_ever) = (name(&mut world, 0), name(&mut world, 60 * SECOND), name(&mut world, Nanos::MAX));
    world.pass(5 * SECOND);
    world.kubectl("kubectl delete svc web");
    world.kubectl("kubectl expose deployment web --port=80");
    let last = |world: &World, name: &str| answered(world.records(name).iter().rev().find(|r| r.outcome.is_some()).unwrap());
    world.pass(40 * SECOND);
    assert!(last(&world, &fresh) && !last(&world, &minute) && !last(&world, &for_ever));
    world.pass(60 * SECOND);
    assert!(last(&world, &fresh) && last(&world, &minute) && !last(&world, &for_ever));
}

#[test]
fn settings_of_the_network_take_hold_at_once_and_a_late_watch_is_seen() {
    let mut world = World::new(Mode::Iptables, &(on_node("node-2") + &service("web", "ports: [{port: 80}]")));
    let fast = world.fate("near", "http://web/").1;
    world.lab.apply(Command::Network(NetworkSetting::NodeLatency { node: "node-2".into(), extra: 40 * MILLISECOND }));
    let slow = world.fate("near", "http://web/").1;
    assert!(fast < 30 && (160..230).contains(&slow), "{fast} {slow}: two round trips of 80 ms more");
    world.lab.apply(Command::Network(NetworkSetting::WatchDelay { node: "node-3".into(), extra: 10 * SECOND }));
    world.kubectl("kubectl scale deployment web --replicas=0");
    world.pass(5 * SECOND);
    let ready = |world: &World, node: &str| {
        let service = Key::new("default", "web");
        let ports = world.lab.cluster().machines()[node].proxy.programmed_ports(&service);
        ports.map(|p| p.endpoints.cluster().len()).sum::<usize>()
    };
    assert_eq!((ready(&world, "node-1"), ready(&world, "node-3")), (0, 1));
    world.pass(10 * SECOND);
    assert_eq!(ready(&world, "node-3"), 0);
    let periods = NetworkSetting::ProxyPeriods { node: Some("node-1".into()), min_sync: 5 * SECOND, sync: 60 * SECOND };
    world.lab.apply(Command::Network(periods));
    let settings = |node: &str| world.lab.cluster().machines()[node].proxy.settings().min_sync_period;
    assert_eq!((settings("node-1"), settings("node-2")), (5 * SECOND, SECOND));
}

#[test]
fn batched_endpoints_follow_their_pods_a_second_later() {
    use kube_service_lab::lab::Lab;
    use kube_service_lab::time::SECOND;
    use kube_service_lab::view::endpoints_of;
    let mut lab = Lab::start_with("first", 1, |settings| settings.endpoint_batch = SECOND);
    let ready = |lab: &Lab| -> usize { endpoints_of(lab).values().flatten().filter(|e| e.conditions.is_ready()).count() };
    let before = ready(&lab);
    lab.kubectl("kubectl scale deployment web --replicas=9");
    lab.advance(lab.now() + 8 * SECOND, u64::MAX);
    assert_eq!(ready(&lab), before + 6);
    lab.kubectl("kubectl set image deployment/web web=nginx:1.28");
    lab.advance(lab.now() + SECOND / 2, u64::MAX);
    assert_eq!(ready(&lab), before + 6, "the batch is not over");
    lab.advance(lab.now() + 2 * SECOND, u64::MAX);
    assert_ne!(ready(&lab), before + 6);
}
