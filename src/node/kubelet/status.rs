//! A Pod's status as this node sees it: phase, conditions, container statuses; and its reports to the API server.
//!
//! Follows `pkg/kubelet/kubelet_pods.go` (getPhase) and `pkg/kubelet/status/generate.go`.

use super::run::{Life, Run};
use super::worker::{Ending, Sandbox, Timer, Worker};
use super::{Io, Kubelet, completion, image};
use crate::api::pod::{
    ContainerState, ContainerStateRunning, ContainerStateWaiting, ContainerStatus, PodCondition, PodIP, PodStatus,
    ResourceRequirements, VolumeMount,
};
use crate::api::pod_resources::{self, stored};
use crate::api::{Key, Object, Pod, Quantity, Time};
use crate::apiserver::strategy::set_pod_condition;
use crate::sorting::Arrange;
use crate::time::Nanos;
use std::collections::BTreeMap;
use std::rc::Rc;

impl Kubelet {
    /// Reports a Pod's status after the usual delay.
    pub(super) fn report_soon(&mut self, uid: &Rc<str>, io: &mut Io) {
        let wait = self.random.around(self.pace.report);
        self.report_after(uid, wait, io);
    }

    /// Reports a Pod's status after `wait`, or with a report that is already under way if that is no later.
    pub(super) fn report_after(&mut self, uid: &Rc<str>, wait: Nanos, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let slow = wait > 4 * self.pace.report;
        if worker.report_pending && !slow {
            return;
        }
        worker.report_pending |= !slow;
        self.after(io, wait, uid, Timer::Report);
    }

    /// Works out the status and sends it, if it is news.
    pub(super) fn report(&mut self, uid: &Rc<str>, io: &mut Io) {
        let address = self.address;
        let Some(worker) = self.pods.get_mut(uid) else { return };
        worker.report_pending = false;
        worker.status = Rc::new(generate(worker, &address.to_string(), io.clock));
        if worker.forgotten {
            return;
        }
        let (finished, deleting) = (worker.ending == Ending::Finished, worker.pod.meta.is_deleting());
        let Some(api) = io.api.as_deref_mut() else {
            self.unreported.insert(uid.clone());
            return;
        };
        let key = Key::new(&worker.pod.meta.namespace, &worker.pod.meta.name);
        let Some(live) = api.get::<Pod>(&key).filter(|p| *p.meta.uid == **uid) else { return };
        let mut pod = Pod::clone(live);
        pod.status = merge(&live.status, &worker.status);
        if pod.status != live.status {
            // The kubelet patches: it cannot conflict.
            let _ = api.update_status(Object::Pod(Rc::new(pod)), false);
        }
        if finished && deleting {
            let wait = self.random.around(self.pace.remove);
            self.after(io, wait, uid, Timer::Remove);
        }
    }
}

/// The new status with what others own (conditions of other kinds) kept from the live one.
fn merge(live: &PodStatus, own: &PodStatus) -> PodStatus {
    let mut status = own.clone();
    for condition in &live.conditions {
        if !status.conditions.iter().any(|c| c.type_ == condition.type_) {
            status.conditions.push(condition.clone());
        }
    }
    status.qos_class = live.qos_class.clone();
    if !live.nominated_node_name.is_empty() {
        status.nominated_node_name = live.nominated_node_name.clone();
    }
    status
}

/// The whole status of a Pod.
fn generate(worker: &Worker, host_ip: &str, clock: Time) -> PodStatus {
    let mut pod = Pod { status: PodStatus::clone(&worker.status), ..Pod::clone(&worker.pod) };
    let is_terminal = |phase: &str| matches!(phase, "Succeeded" | "Failed");
    let told = worker.status.phase.clone();
    let phase = if is_terminal(&told) { told.clone() } else { phase(worker).to_string() };
    // An end is told when nothing of the Pod can run any more.
    let early = is_terminal(&phase) && !is_terminal(&told) && worker.ending != Ending::Finished;
    let ip = match worker.sandbox {
        Sandbox::Ready(ip) | Sandbox::Gone(Some(ip)) => ip.to_string(),
        _ => String::new(),
    };
    let status = &mut pod.status;
    status.phase = phase;
    status.observed_generation = worker.pod.meta.generation;
    status.host_ip = host_ip.into();
    status.host_ips = vec![PodIP { ip: host_ip.into() }];
    status.pod_ips = if ip.is_empty() { vec![] } else { vec![PodIP { ip: ip.clone() }] };
    status.pod_ip = ip;
    status.start_time = worker.start_time;
    let requests = stored(pod_resources::requests(&worker.pod));
    status.resources = Some(whole_resources(requests.clone(), stored(pod_resources::whole_limits(&worker.pod))));
    status.allocated_resources = requests;
    status.init_container_statuses = worker.runs.iter().filter(|r| r.init).map(|r| container_status(worker, r)).collect();
    status.container_statuses = worker.runs.iter().filter(|r| !r.init).map(|r| container_status(worker, r)).collect();
    conditions(worker, &mut pod, clock);
    order_conditions(&mut pod.status.conditions);
    if early {
        pod.status.phase = told;
    } else if worker.evicted {
        pod.status.reason = completion::REASON.into();
        pod.status.message = completion::MESSAGE.into();
    }
    pod.status
}

/// §5.1.
pub(super) fn phase(worker: &Worker) -> &'static str {
    if worker.evicted {
        return "Failed";
    }
    let over = worker.ending == Ending::Finished;
    let exit = |r: &Run| match &r.life {
        Life::Exited(end) => Some(end.exit_code),
        // A waiting container that ran before counts as stopped.
        Life::Waiting { .. } => r.last.as_ref().map(|end| end.exit_code),
        Life::Running { .. } => None,
    };
    let regular: Vec<&Run> = worker.runs.iter().filter(|r| !r.is_plain_init()).collect();
    if !worker.initialized() && !over {
        let failed =
            worker.runs.iter().filter(|r| r.is_plain_init()).any(|r| exit(r).is_some_and(|c| c != 0 && !worker.restarts(r, c)));
        return if failed { "Failed" } else { "Pending" };
    }
    let waiting = regular.iter().any(|r| (r.hooking || matches!(r.life, Life::Waiting { .. })) && r.last.is_none());
    if waiting && !over {
        return "Pending";
    }
    if regular.iter().any(|r| r.is_running()) {
        return "Running";
    }
    let codes: Vec<i32> = regular.iter().filter(|r| !r.is_sidecar()).map(|r| exit(r).unwrap_or(137)).collect();
    let restartable = regular.iter().any(|r| exit(r).is_some_and(|c| worker.restarts(r, c)));
    match (over, restartable, codes.iter().all(|c| *c == 0)) {
        (false, true, _) => "Running",
        (_, _, true) => "Succeeded",
        _ => "Failed",
    }
}

/// What was last told of a container, where the kubelet tells nothing new: it is busy with a hook, with the next container or
/// with the end of the others.
fn told<'a>(worker: &'a Worker, run: &Run) -> Option<&'a ContainerStatus> {
    let quiet = run.hooking || run.untold || is_quiet(worker, run);
    let statuses = worker.status.container_statuses.iter().chain(&worker.status.init_container_statuses);
    statuses.into_iter().find(|status| quiet && status.name == run.spec.name)
}

/// Whether a container has ended, but not all of its Pod that are being stopped.
fn is_quiet(worker: &Worker, run: &Run) -> bool {
    run.ended_quietly && worker.ending != Ending::Finished
}

/// Whether a container is shown as ready.
fn is_ready(worker: &Worker, run: &Run) -> bool {
    match told(worker, run) {
        Some(status) if is_quiet(worker, run) => status.ready,
        _ => run.is_running() && run.started && run.ready,
    }
}

fn container_status(worker: &Worker, run: &Run) -> ContainerStatus {
    if let Some(told) = told(worker, run) {
        return told.clone();
    }
    let mut state = ContainerState::default();
    let mut last = ContainerState { terminated: run.last.clone(), ..ContainerState::default() };
    match &run.life {
        Life::Waiting { reason, message } => {
            state.waiting = Some(ContainerStateWaiting { reason: (*reason).into(), message: message.clone() });
        }
        Life::Running { started_at, .. } => state.running = Some(ContainerStateRunning { started_at: *started_at }),
        Life::Exited(end) => {
            state.terminated = Some(end.clone());
            last.terminated = run.last.clone().filter(|l| l != end);
        }
    }
    let mount = |m: &VolumeMount| VolumeMount { recursive_read_only: m.read_only.then(|| "Disabled".to_string()), ..m.clone() };
    let known = !run.id.is_empty();
    ContainerStatus {
        name: run.spec.name.clone(),
        state,
        last_state: last,
        ready: if run.is_plain_init() {
            matches!(&run.life, Life::Exited(e) if e.exit_code == 0)
        } else {
            run.is_running() && run.started && run.ready
        },
        restart_count: run.restarts,
        image: if known { image::full_name(&run.spec.image) } else { run.spec.image.clone() },
        image_id: if known { image_id(&run.spec.image) } else { String::new() },
        container_id: if known { format!("containerd://{}", run.id) } else { String::new() },
        started: Some(run.is_running() && run.started),
        allocated_resources: if known { run.spec.resources.requests.clone() } else { Default::default() },
        resources: known.then(|| run.spec.resources.clone()),
        volume_mounts: run.spec.volume_mounts.iter().map(mount).collect(),
    }
}

/// What the Pod's own cgroup says: CPU and memory.
fn whole_resources(mut requests: BTreeMap<String, Quantity>, mut limits: BTreeMap<String, Quantity>) -> ResourceRequirements {
    for amounts in [&mut requests, &mut limits] {
        amounts.retain(|name, _| name == "cpu" || name == "memory");
    }
    ResourceRequirements { requests, limits, ..Default::default() }
}

/// An id that depends on the image's name only.
fn image_id(name: &str) -> String {
    let mut text = String::from("sha256:");
    for part in 0..4u64 {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325 ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15), |h: u64, b| {
            (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
        });
        text.push_str(&format!("{hash:016x}"));
    }
    text
}

/// §5.2.
fn conditions(worker: &Worker, pod: &mut Pod, clock: Time) {
    let phase = pod.status.phase.clone();
    let initialized = worker.initialized() || phase == "Succeeded";
    let unready: Vec<&str> = worker
        .runs
        .iter()
        .filter(|r| (!r.init || r.is_sidecar()) && !is_ready(worker, r))
        .map(|r| r.spec.name.as_str())
        .collect();
    let not_done: Vec<&str> = worker
        .runs
        .iter()
        .filter(|r| r.is_plain_init() && !matches!(&r.life, Life::Exited(e) if e.exit_code == 0))
        .map(|r| r.spec.name.as_str())
        .collect();
    let unready_text = format!("containers with unready status: [{}]", unready.join(" "));
    let (ready, reason, message) = match phase.as_str() {
        "Succeeded" => (false, "PodCompleted", String::new()),
        "Failed" => (false, "PodFailed", String::new()),
        _ if unready.is_empty() => (true, "", String::new()),
        _ => (false, "ContainersNotReady", unready_text),
    };
    let word = |b: bool| if b { "True" } else { "False" };
    let no_sandbox = match worker.sandbox {
        Sandbox::Ready(_) => None,
        Sandbox::Gone(_) => Some("pod sandbox is not ready"),
        Sandbox::None | Sandbox::Creating => Some("no pod sandbox exists"),
    };
    let reason_of = if no_sandbox.is_some() { "PodSandboxNotReady" } else { "" };
    let (there, why) = (word(no_sandbox.is_none()), no_sandbox.unwrap_or_default());
    set_pod_condition(pod, "PodReadyToStartContainers", there, reason_of, why, clock);
    if initialized {
        let reason = if phase == "Succeeded" { "PodCompleted" } else { "" };
        set_pod_condition(pod, "Initialized", "True", reason, "", clock);
    } else {
        let text = format!("containers with incomplete status: [{}]", not_done.join(" "));
        set_pod_condition(pod, "Initialized", "False", "ContainersNotInitialized", &text, clock);
    }
    let gate = readiness_gate(pod);
    match gate {
        Some(text) if ready => set_pod_condition(pod, "Ready", "False", "ReadinessGatesNotReady", &text, clock),
        _ => set_pod_condition(pod, "Ready", word(ready), reason, &message, clock),
    }
    set_pod_condition(pod, "ContainersReady", word(ready), reason, &message, clock);
    set_pod_condition(pod, "PodScheduled", "True", "", "", clock);
}

/// The first readiness gate that does not let the Pod be ready, in words.
fn readiness_gate(pod: &Pod) -> Option<String> {
    pod.spec.readiness_gates.iter().find_map(|gate| {
        let name = &gate.condition_type;
        match pod.status.condition(name) {
            None => Some(format!("corresponding condition of pod readiness gate {name:?} does not exist.")),
            Some(c) if c.status != "True" => {
                Some(format!("the status of pod readiness gate {name:?} is not \"True\", but {}", c.status))
            }
            Some(_) => None,
        }
    })
}

fn order_conditions(conditions: &mut [PodCondition]) {
    const ORDER: [&str; 5] = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];
    conditions.arrange_by_key(|c| ORDER.iter().position(|t| *t == c.type_).unwrap_or(ORDER.len()));
}
