//! One Pod as a card: name, address, revision, and its state as one word.

use super::layout::CardSize;
use crate::api::well_known::POD_TEMPLATE_HASH;
use crate::api::{Pod, Time};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a Pod is doing, as the API server knows it. Each has a word, a border and a mark of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PodState {
    /// No node yet.
    Pending,
    /// On a node, its containers not yet running.
    Starting,
    /// Condition Ready is True.
    Ready,
    /// It runs, but condition Ready is not True.
    NotReady,
    /// Deletion was asked for.
    Terminating,
    /// Its container ended and waits to be started again.
    Crashing,
    /// It waits for an image that does not come.
    NoImage,
    /// All its containers ended.
    Ended,
}

impl PodState {
    /// The name used for CSS classes and in JSON.
    pub fn id(self) -> &'static str {
        match self {
            PodState::Pending => "pending",
            PodState::Starting => "starting",
            PodState::Ready => "ready",
            PodState::NotReady => "notReady",
            PodState::Terminating => "terminating",
            PodState::Crashing => "crashing",
            PodState::NoImage => "noImage",
            PodState::Ended => "ended",
        }
    }

    /// Whether its words count the time that is left: they change though the Pod does not.
    pub fn counts_time(self) -> bool {
        matches!(self, PodState::Terminating | PodState::Crashing)
    }

    /// The state of a Pod.
    pub fn of(pod: &Pod) -> PodState {
        let waits = |reasons: &[&str]| waiting(pod).is_some_and(|reason| reasons.contains(&reason));
        if pod.meta.is_deleting() {
            PodState::Terminating
        } else if pod.is_terminal() {
            PodState::Ended
        } else if pod.spec.node_name.is_empty() {
            PodState::Pending
        } else if waits(&["CrashLoopBackOff"]) || pod.status.container_statuses.iter().any(|c| c.state.terminated.is_some()) {
            PodState::Crashing
        } else if waits(&["ErrImagePull", "ImagePullBackOff", "InvalidImageName"]) {
            PodState::NoImage
        } else if pod.is_ready() {
            PodState::Ready
        } else if pod.status.container_statuses.iter().any(|c| c.state.running.is_some()) {
            PodState::NotReady
        } else {
            PodState::Starting
        }
    }
}

/// Why the first waiting container waits.
fn waiting(pod: &Pod) -> Option<&str> {
    let reasons = pod.status.container_statuses.iter().filter_map(|c| c.state.waiting.as_ref()).map(|w| w.reason.as_str());
    reasons.into_iter().find(|reason| !reason.is_empty())
}

/// A Pod as the scene shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodCard {
    /// Its uid: the same name can come back, the uid never does.
    pub uid: Rc<str>,
    /// Its name.
    pub name: Rc<str>,
    /// The name without its Deployment: what still fits on a small card.
    pub short: String,
    /// Its address; empty before it has one.
    pub ip: String,
    /// Its node; empty before it has one.
    pub node: Rc<str>,
    /// The place in its node's row that it keeps for its life.
    pub slot: usize,
    /// Revisions in the order in which they were first seen; `None`: it belongs to no ReplicaSet.
    pub revision: Option<usize>,
    /// The tag of its first container's image.
    pub version: String,
    /// The first label, as `key=value`.
    pub label: String,
    /// All its labels.
    pub labels: BTreeMap<String, String>,
    /// The controller that it belongs to: `ReplicaSet/web-…`; empty without one.
    pub owner: String,
    /// How often its containers were started again.
    pub restarts: i32,
    /// What it is doing.
    pub state: PodState,
    /// The same in words, with the time that is left.
    pub word: String,
    /// Requests per second that reached it lately.
    pub rate: u64,
}

/// The tag of the image of a Pod's first container.
pub fn version_of(pod: &Pod) -> &str {
    let image = pod.spec.containers.first().map_or("", |c| c.image.as_str());
    image.rsplit_once(':').map_or("latest", |(_, tag)| tag)
}

impl PodCard {
    /// A Pod's card; `slot`, `revision` and `rate` are known to the caller.
    pub fn new(pod: &Pod, clock: Time, slot: usize, revision: Option<usize>, rate: u64) -> PodCard {
        let state = PodState::of(pod);
        let name = pod.meta.name.as_str();
        PodCard {
            uid: pod.meta.uid.as_str().into(),
            name: name.into(),
            short: short(pod).to_string(),
            ip: pod.status.pod_ip.clone(),
            node: pod.spec.node_name.as_str().into(),
            slot,
            revision,
            version: version_of(pod).to_string(),
            label: label(pod),
            labels: pod.meta.labels.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
            owner: pod.meta.owner_references.first().map_or(String::new(), |o| format!("{}/{}", o.kind, o.name)),
            restarts: pod.status.container_statuses.iter().map(|c| c.restart_count).sum(),
            state,
            word: word(pod, state, clock),
            rate,
        }
    }

    /// The name with its middle left out, so that what tells it from others stays.
    pub fn middle_cut(&self) -> String {
        let (name, tail) = (&*self.name, self.short.as_str());
        if name.len() <= 17 || tail.len() > 8 || !name.is_ascii() {
            return name.to_string();
        }
        format!("{}…-{tail}", &name[..name.len().min(16 - tail.len() - 2)])
    }

    /// Its state as a card of that size has room for it.
    pub fn word_for(&self, size: CardSize) -> String {
        match size {
            CardSize::Large => self.word.clone(),
            CardSize::Tall => self.word.replace("Terminating", "Ending"),
            CardSize::Medium => self.word.replace("Terminating", "Ends").replace("BackOff ", " "),
            _ => self.word.replace("Terminating", "Ends").replace("BackOff ", " ").replace(" s", "s"),
        }
    }

    /// What a screen reader calls the card.
    pub fn spoken(&self) -> String {
        let place = if self.node.is_empty() { String::new() } else { format!(", on {}", self.node) };
        let address = if self.ip.is_empty() { String::new() } else { format!(", {}", self.ip) };
        format!("Pod {} {}{address}, version {}{place}", self.name, self.word, self.version)
    }
}

/// Letters that fit on a small card.
const SHORT: usize = 8;

/// What tells a Pod from its siblings: the tail of its name, or all of it if it is short and no controller's.
fn short(pod: &Pod) -> &str {
    let name = pod.meta.name.as_str();
    let whole = pod.meta.owner_references.is_empty() && name.len() <= SHORT;
    if whole { name } else { name.rsplit('-').next().unwrap_or(name) }
}

fn label(pod: &Pod) -> String {
    // Not what controllers and the server put there.
    let own = |k: &str| k != POD_TEMPLATE_HASH && !k.starts_with("topology.kubernetes.io/");
    let shown = pod.meta.labels.iter().find(|(k, _)| own(k.as_str()));
    shown.map_or(String::new(), |(k, v)| format!("{k}={v}"))
}

/// What keeps a running Pod from being ready.
fn not_ready(pod: &Pod) -> &'static str {
    let started = |name: &str| pod.status.container_statuses.iter().any(|c| c.name == name && c.started == Some(true));
    let containers = &pod.spec.containers;
    if containers.iter().any(|c| c.startup_probe.is_some() && !started(&c.name)) {
        "Startup probe"
    } else if containers.iter().any(|c| c.readiness_probe.is_some()) {
        "Probe not passed"
    } else {
        "Not ready"
    }
}

/// Seconds until a container that waits out its back-off is started again, as far as its status tells.
fn back_off(pod: &Pod, clock: Time) -> Option<i64> {
    let of = |c: &crate::api::pod::ContainerStatus| {
        let span = c.state.waiting.as_ref()?.message.strip_prefix("back-off ")?.split(' ').next()?.to_string();
        let ended = c.last_state.terminated.as_ref()?.finished_at.0;
        let (minutes, seconds) = span.strip_suffix('s')?.rsplit_once('m').unwrap_or(("0", span.strip_suffix('s')?));
        Some((ended + minutes.parse::<i64>().ok()? * 60 + seconds.parse::<i64>().ok()? - clock.0).max(0))
    };
    pod.status.container_statuses.iter().find_map(of)
}

fn word(pod: &Pod, state: PodState, clock: Time) -> String {
    match state {
        PodState::Pending => "Pending".into(),
        PodState::Starting => "Starting".into(),
        PodState::Ready => "Ready".into(),
        PodState::NotReady => not_ready(pod).into(),
        PodState::Terminating => {
            let until = pod.meta.deletion_timestamp.map_or(0, |t| t.0);
            format!("Terminating {} s", (until - clock.0).max(0))
        }
        PodState::Crashing => match (waiting(pod), back_off(pod, clock)) {
            (Some(reason), Some(left)) => format!("{reason} {left} s"),
            (reason, _) => reason.unwrap_or("Crashed").to_string(),
        },
        PodState::NoImage => waiting(pod).unwrap_or("No image").to_string(),
        PodState::Ended => if pod.status.phase == "Succeeded" { "Completed" } else { "Failed" }.into(),
    }
}
