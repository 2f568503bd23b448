//! Everything that a person can do at this moment, as a list to choose from by typing: each with the line that would do it.

use super::commands::quote;
use crate::api::{Deployment, Key, Node, Object, Pod, Resource, Service};
use crate::lab::{Command, Lab, presets};
use crate::sorting::Arrange;
use std::rc::Rc;

/// More objects of a kind than this are not listed one by one.
const LISTED: usize = 200;
/// With more nodes than this the network is changed for all of them at once.
const NAMED_NODES: usize = 12;

/// What an action does.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// A kubectl line.
    Kubectl(String),
    /// Something that no kubectl line does.
    Lab(Command),
    /// Something that only changes what is shown.
    Page(PageDeed),
}

/// What changes the page only.
#[derive(Clone, Debug, PartialEq)]
pub enum PageDeed {
    /// Time goes on or stands still.
    Toggle,
    /// A quarter of a second at once.
    Step,
    /// Virtual seconds per second.
    Speed(f64),
    /// From the beginning.
    Restart,
    /// Another beginning.
    Preset(&'static str),
    /// Light to dark and back.
    Theme,
    /// Opens a panel by its name.
    Panel(&'static str),
    /// Selects a Pod by its uid.
    Select(String),
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// What it does, in a few words.
    pub title: String,
    /// What it does.
    pub deed: Deed,
}

impl Action {
    /// The line that stands beside it: the command, or why there is none.
    pub fn line(&self) -> String {
        match &self.deed {
            Deed::Kubectl(line) => line.clone(),
            Deed::Lab(Command::Crash(_)) => "no command: the process ends by itself".into(),
            Deed::Lab(Command::Well(..)) => "no command: what the process says of itself".into(),
            Deed::Lab(Command::NodeDown(_) | Command::NodeUp(_)) => "no command: a cable, not an object".into(),
            Deed::Lab(Command::Network(_)) => "no command: a setting of the network, or of kube-proxy itself".into(),
            Deed::Lab(Command::SetRate { .. } | Command::ChangeClient { .. }) => "no command: the client's own setting".into(),
            Deed::Lab(_) | Deed::Page(_) => String::new(),
        }
    }
}

/// The panels, as they are called.
pub const PANELS: [&str; 8] = ["Service", "Request", "Why?", "Rules", "Object", "YAML", "Events", "Console"];

/// Everything that can be done now.
pub fn actions(lab: &Lab) -> Vec<Action> {
    let mut list = List(vec![]);
    time(&mut list);
    let namespace = Some(super::NAMESPACE);
    all::<Deployment>(lab, namespace).iter().for_each(|d| deployment(&mut list, d));
    all::<Service>(lab, namespace).iter().filter(|s| s.meta.name != "kubernetes").for_each(|s| service(&mut list, s));
    for object in all::<Pod>(lab, namespace) {
        let well = lab.cluster().is_well(&Key::new(&object.meta.namespace, &object.meta.name));
        pod(&mut list, &object, well);
    }
    for object in all::<Node>(lab, None) {
        let down = lab.cluster().machines().get(object.meta.name.as_str()).is_some_and(|m| !m.up);
        node(&mut list, &object, down);
    }
    let machines = lab.cluster().machines();
    let named = machines.keys().filter(|_| machines.len() <= NAMED_NODES).map(|name| Some(&**name));
    for node in named.chain([None]) {
        for choice in super::network::network_choices(lab, node) {
            for (words, setting) in choice.options {
                let title = format!("{}: {} {words}", node.unwrap_or("All nodes"), choice.label);
                list.lab(title, Command::Network(setting));
            }
        }
    }
    for client in lab.traffic().clients() {
        let name = &client.setting.name;
        let rate = |milli| Command::SetRate { client: name.clone(), rate_milli: milli };
        list.lab(format!("Client {name}: pause"), rate(0));
        for per_second in [1, 5, 20, 100] {
            list.lab(format!("Client {name}: {per_second} requests a second"), rate(per_second * 1000));
        }
        for choice in super::habits::choices(&client.setting) {
            for (words, change) in choice.options {
                let title = format!("Client {name}: {} {words}", choice.label);
                list.lab(title, Command::ChangeClient { client: name.clone(), change });
            }
        }
    }
    for preset in presets::PRESETS {
        list.page(format!("Begin: {}", preset.title), PageDeed::Preset(preset.name));
    }
    for panel in PANELS {
        list.page(format!("Show panel {panel}"), PageDeed::Panel(panel));
    }
    list.page("Change theme".into(), PageDeed::Theme);
    list.0
}

/// The actions that have every typed word, those whose title begins so first. A typed kubectl line is an action of its own.
pub fn matching(actions: &[Action], typed: &str) -> Vec<Action> {
    let typed = typed.trim();
    let words: Vec<String> = typed.to_lowercase().split_whitespace().map(str::to_string).collect();
    let has_all = |a: &&Action| {
        let text = format!("{} {}", a.title, a.line()).to_lowercase();
        words.iter().all(|w| text.contains(w.as_str()))
    };
    let mut found: Vec<Action> = actions.iter().filter(has_all).cloned().collect();
    let first = words.first().cloned().unwrap_or_default();
    found.arrange_by_key(|a| !a.title.to_lowercase().starts_with(&first));
    if typed.starts_with("kubectl ") {
        found.insert(0, Action { title: "Run this line".into(), deed: Deed::Kubectl(typed.to_string()) });
    }
    found
}

fn all<T: Resource>(lab: &Lab, namespace: Option<&str>) -> Vec<Rc<T>> {
    let list = lab.cluster().api().store().list(T::KIND, namespace);
    list.filter_map(Object::as_::<T>).take(LISTED).cloned().collect()
}

struct List(Vec<Action>);

impl List {
    fn kubectl(&mut self, title: String, line: String) {
        self.0.push(Action { title, deed: Deed::Kubectl(format!("kubectl {line}")) });
    }

    fn lab(&mut self, title: String, command: Command) {
        self.0.push(Action { title, deed: Deed::Lab(command) });
    }

    fn page(&mut self, title: String, deed: PageDeed) {
        self.0.push(Action { title, deed: Deed::Page(deed) });
    }
}

fn time(list: &mut List) {
    list.page("Play or pause".into(), PageDeed::Toggle);
    list.page("Step a quarter of a second".into(), PageDeed::Step);
    list.page("Restart".into(), PageDeed::Restart);
    for speed in [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 60.0] {
        list.page(format!("Speed ×{speed}"), PageDeed::Speed(speed));
    }
}

fn deployment(list: &mut List, d: &Deployment) {
    let name = quote(&d.meta.name);
    let wanted = d.spec.replicas.unwrap_or(1);
    let mut counts = vec![wanted + 1, wanted - 1, 0, 1, 3, 10];
    counts.retain(|n| *n >= 0 && *n != wanted);
    counts.dedup();
    for n in counts {
        list.kubectl(format!("Scale {name} to {n}"), format!("scale deployment {name} --replicas={n}"));
    }
    if let Some(container) = d.spec.template.spec.containers.first() {
        for image in ["nginx:1.27", "nginx:1.28", "nginx:1.29", "nginx:no-such-tag"].iter().filter(|i| **i != container.image) {
            list.kubectl(format!("Update {name} to {image}"), format!("set image deployment/{name} {}={image}", container.name));
        }
    }
    let first = d.meta.annotations.get("deployment.kubernetes.io/revision").is_none_or(|r| r == "1");
    let verbs = [("Roll back", "undo"), ("Restart the Pods of", "restart"), ("Show the history of", "history")];
    for (what, verb) in &verbs[usize::from(first)..] {
        list.kubectl(format!("{what} {name}"), format!("rollout {verb} deployment/{name}"));
    }
    let (what, verb) = if d.spec.paused { ("Resume", "resume") } else { ("Pause", "pause") };
    list.kubectl(format!("{what} the rollout of {name}"), format!("rollout {verb} deployment/{name}"));
    for (what, set) in [
        ("Processes of NAME crash after 5 s", "APP_CRASH_AFTER=5s"),
        ("Processes of NAME stay alive", "APP_CRASH_AFTER-"),
        ("Processes of NAME answer a tenth with errors", "APP_ERROR_RATE=0.1"),
        ("Processes of NAME answer without errors", "APP_ERROR_RATE-"),
        ("Processes of NAME take half a second", "APP_LATENCY=500ms"),
    ] {
        list.kubectl(what.replace("NAME", &name), format!("set env deployment/{name} {set}"));
    }
    list.kubectl(format!("Delete Deployment {name}"), format!("delete deployment {name}"));
}

fn service(list: &mut List, s: &Service) {
    let name = quote(&s.meta.name);
    let mut patch = |title: String, spec: &str| list.kubectl(title, format!("patch service {name} -p '{{\"spec\":{{{spec}}}}}'"));
    for type_ in ["ClusterIP", "NodePort", "LoadBalancer"].iter().filter(|t| **t != s.spec.type_) {
        patch(format!("Make Service {name} a {type_}"), &format!("\"type\":\"{type_}\""));
    }
    for (field, now) in [
        ("internalTrafficPolicy", s.spec.internal_traffic_policy.as_deref().unwrap_or("Cluster")),
        ("externalTrafficPolicy", s.spec.external_traffic_policy.as_str()),
    ] {
        let other = if now == "Local" { "Cluster" } else { "Local" };
        patch(format!("Service {name}: {field} {other}"), &format!("\"{field}\":\"{other}\""));
    }
    let other = if s.spec.session_affinity == "ClientIP" { "None" } else { "ClientIP" };
    patch(format!("Service {name}: sessionAffinity {other}"), &format!("\"sessionAffinity\":\"{other}\""));
    let labels: Vec<String> = s.spec.selector.iter().map(|(k, v)| format!("{k}={v}")).collect();
    if !labels.is_empty() {
        list.kubectl(
            format!("Service {name}: select nothing (a slip of the pen)"),
            format!("set selector service {name} {}x", labels.join(",")),
        );
    }
    list.kubectl(format!("Describe Service {name}"), format!("describe service {name}"));
    list.kubectl(format!("Delete Service {name}"), format!("delete service {name}"));
}

fn pod(list: &mut List, p: &Pod, well: bool) {
    let name = quote(&p.meta.name);
    list.page(format!("Select Pod {name}"), PageDeed::Select(p.meta.uid.clone()));
    list.kubectl(format!("Kill Pod {name}"), format!("delete pod {name}"));
    list.kubectl(format!("Kill Pod {name} at once"), format!("delete pod {name} --grace-period=0 --force"));
    for (key, _) in p.meta.labels.iter().filter(|(k, _)| *k != "pod-template-hash") {
        list.kubectl(format!("Take label {key} away from Pod {name}"), format!("label pod {name} {key}-"));
    }
    list.kubectl(format!("Describe Pod {name}"), format!("describe pod {name}"));
    list.kubectl(format!("Logs of Pod {name}"), format!("logs {name}"));
    if p.status.container_statuses.iter().any(|c| c.state.running.is_some()) {
        let key = Key::new(&p.meta.namespace, &p.meta.name);
        list.lab(format!("Let the process of Pod {name} crash"), Command::Crash(key.clone()));
        let title = if well { "Make Pod {} answer 503 to its probes" } else { "Make Pod {} answer its probes again" };
        list.lab(title.replace("{}", &name), Command::Well(key, !well));
    }
}

fn node(list: &mut List, n: &Node, down: bool) {
    let name = quote(&n.meta.name);
    if down {
        list.lab(format!("Bring back {name}"), Command::NodeUp(n.meta.name.clone()));
    } else {
        list.lab(format!("Cut off {name}"), Command::NodeDown(n.meta.name.clone()));
    }
    let (what, verb) = if n.spec.unschedulable { ("Uncordon", "uncordon") } else { ("Cordon", "cordon") };
    list.kubectl(format!("{what} {name}"), format!("{verb} {name}"));
    list.kubectl(format!("Drain {name}"), format!("drain {name} --ignore-daemonsets --delete-emptydir-data --force"));
    list.kubectl(format!("Describe {name}"), format!("describe node {name}"));
}
