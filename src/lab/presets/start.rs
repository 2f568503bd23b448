//! How a preset comes up: its objects are applied, and time passes until all is ready.

use super::Preset;
use crate::api::{Key, Kind, Object, Pod, Service};
use crate::cluster::Settings;
use crate::lab::{Command, Lab};
use crate::time::{MILLISECOND, Nanos, SECOND};
use crate::traffic::{ClientSetting, Habits, Pattern, Source, Url};
use std::net::Ipv4Addr;

/// What every preset begins with: a Deployment, a NodePort Service in front of it, and two client Pods.
fn manifest(preset: &Preset) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {{app: web}}
spec:
  replicas: {}
  selector:
    matchLabels: {{app: web}}{}
  template:
    metadata:
      labels: {{app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports:
        - containerPort: 80{}
---
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {{app: web}}
spec:
  type: NodePort
  clusterIP: 10.96.12.34
  selector: {{app: web}}
  ports:
  - port: 80
    nodePort: 30080
---
apiVersion: v1
kind: Pod
metadata:
  name: curl-1
  labels: {{run: curl-1}}
spec:
  nodeName: node-2
  containers: [{{name: curl, image: \"busybox:1.37\"}}]
---
apiVersion: v1
kind: Pod
metadata:
  name: stubborn
  labels: {{run: stubborn}}
spec:
  nodeName: node-3
  containers: [{{name: curl, image: \"busybox:1.37\"}}]
",
        preset.replicas,
        if preset.careful { STRATEGY } else { "" },
        if preset.careful { PROBE } else { "" },
    )
}

/// One new Pod at a time, and no old one goes before its successor is ready.
const STRATEGY: &str = "
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}";
/// Ready when it says so; and time for the news to get around before it stops.
const PROBE: &str = "
        readinessProbe:
          httpGet: {path: /ready, port: 80}
          periodSeconds: 1
        lifecycle:
          preStop:
            sleep: {seconds: 5}";

/// A fresh lab on its way to the moment at which the page opens: Pods ready, clients sending. That moment is 0:00.
pub struct Start {
    lab: Lab,
    preset: &'static Preset,
    /// The cluster is up, and the preset's objects were asked for.
    asked: bool,
    /// Seconds that have been waited for, and the moment that is waited for now.
    waited: u32,
    until: Nanos,
    /// All is ready: the rules come into force.
    last: bool,
}

/// Seconds that a beginning may take at most.
const PATIENCE: u32 = 120;

impl Start {
    /// The objects of a preset in a cluster with some settings changed.
    pub fn new(preset: &'static Preset, seed: u64, change: impl FnOnce(&mut Settings)) -> Start {
        let mut settings = Settings::with_nodes(preset.nodes);
        if preset.batched {
            (settings.endpoint_batch, settings.write) = (SECOND, 2 * MILLISECOND);
        }
        change(&mut settings);
        let mut lab = Lab::switched_on(settings, seed);
        lab.preset = preset.name.to_string();
        Start { lab, preset, asked: false, waited: 1, until: 0, last: false }
    }

    fn ask(&mut self) {
        self.asked = true;
        self.lab.apply(Command::File { name: "web.yaml".into(), text: manifest(self.preset) });
        self.lab.apply(Command::Kubectl { line: "kubectl apply -f web.yaml".into(), stdin: String::new() });
        self.until = self.lab.now() + SECOND;
    }

    /// Goes on, but handles hardly more than `budget` events. Whether the lab is ready.
    pub fn advance(&mut self, budget: u64) -> bool {
        if !self.lab.advance(self.until, budget) {
            return false;
        }
        if self.last {
            return true;
        }
        if !self.asked {
            self.ask();
            return false;
        }
        let (ready, wanted) = self.progress();
        self.last = ready >= wanted || self.waited >= PATIENCE;
        self.waited += 1;
        self.until = self.lab.now() + if self.last { 3 * SECOND } else { SECOND };
        false
    }

    /// Pods that are ready, and all that are wanted.
    pub fn progress(&self) -> (usize, usize) {
        let pods = self.lab.cluster().api().store().list(Kind::Pod, Some("default"));
        (pods.filter_map(Object::as_::<Pod>).filter(|p| p.is_ready()).count(), self.preset.replicas as usize + 2)
    }

    /// The lab, once it is ready.
    pub fn finish(mut self) -> Lab {
        self.lab.cluster.set_trace(true);
        add_clients(&mut self.lab, self.preset);
        self.lab.set_zero();
        self.lab
    }
}

fn add_clients(lab: &mut Lab, preset: &Preset) {
    let span = |share: u64| -> Nanos { SECOND * 9 / (preset.rate * share).max(1) };
    let outside = |last: u8| Source::Outside(Ipv4Addr::new(203, 0, 113, last));
    let inside = |name: &str| Source::Pod(Key::new("default", name));
    let nodes: Vec<Ipv4Addr> = lab.cluster().settings.nodes.iter().map(|n| n.address).collect();
    let first = nodes.first().copied().unwrap_or(Ipv4Addr::LOCALHOST);
    let last = nodes.last().copied().unwrap_or(first);
    let add = |lab: &mut Lab, name: &str, source: Source, url: String, share: u64, stubborn: bool| {
        let Some(url) = Url::parse(&url) else { return };
        let setting = ClientSetting {
            name: name.into(),
            source,
            url,
            pattern: Pattern::Every(span(share)),
            total: None,
            keep_alive: false,
            timeout: 2 * SECOND,
            holds_name: 0,
            stubborn,
            habits: Habits::default(),
        };
        lab.apply(Command::AddClient(setting));
    };
    if preset.outside_only {
        for (i, (name, node)) in ["browser", "laptop", "phone"].into_iter().zip(&nodes).enumerate() {
            add(lab, name, outside(7 + i as u8), format!("http://{node}:30080/"), 3, false);
        }
        return;
    }
    add(lab, "browser", outside(7), format!("http://{first}:30080/"), 2, false);
    add(lab, "laptop", outside(9), format!("http://{last}:30080/"), 2, false);
    add(lab, "curl-1", inside("curl-1"), "http://web/".into(), 4, false);
    if let Some(ip) = first_pod(lab) {
        add(lab, "stubborn", inside("stubborn"), format!("http://{ip}/"), 1, true);
    }
}

/// The address of the first Pod behind the Service: what the stubborn client holds on to.
fn first_pod(lab: &Lab) -> Option<String> {
    let store = lab.cluster().api().store();
    let service = store.typed::<Service>(&Key::new("default", "web"))?;
    let pods = store.list(Kind::Pod, Some("default")).filter_map(Object::as_::<Pod>);
    let mut selected = pods.filter(|p| service.spec.selector.iter().all(|(k, v)| p.meta.labels.get(k) == Some(v)));
    selected.find(|p| !p.status.pod_ip.is_empty()).map(|p| p.status.pod_ip.clone())
}
