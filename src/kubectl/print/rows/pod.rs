//! The row of a Pod; above all STATUS, which is made of the phase and of what each container does.

use super::{or, since};
use crate::api::pod::{ContainerStateTerminated, ContainerStatus};
use crate::api::{Pod, Time};

/// What the walk through a Pod's containers found out.
#[derive(Default)]
struct Tally {
    reason: String,
    ready: usize,
    restarts: i64,
    last_restart: Time,
}

impl Tally {
    fn count_restarts(&mut self, status: &ContainerStatus) {
        self.restarts += i64::from(status.restart_count);
        if let Some(terminated) = &status.last_state.terminated {
            self.last_restart = self.last_restart.max(terminated.finished_at);
        }
    }
}

pub(super) fn cells(pod: &Pod, now: Time) -> Vec<String> {
    let tally = tally(pod);
    let sidecars = pod.spec.init_containers.iter().filter(|c| is_sidecar(c.restart_policy.as_ref())).count();
    let total = pod.spec.containers.len() + sidecars;
    let restarts = if tally.restarts != 0 && !tally.last_restart.is_zero() {
        format!("{} ({} ago)", tally.restarts, since(tally.last_restart, now))
    } else {
        tally.restarts.to_string()
    };
    let ip = pod.status.pod_ips.first().map_or("", |p| &p.ip);
    vec![
        pod.meta.name.clone(),
        format!("{}/{total}", tally.ready),
        with_deletion(pod, tally.reason),
        restarts,
        since(pod.meta.creation_timestamp, now),
        or(ip, "<none>").to_owned(),
        or(&pod.spec.node_name, "<none>").to_owned(),
        or(&pod.status.nominated_node_name, "<none>").to_owned(),
        readiness_gates(pod),
    ]
}

/// What STATUS says of a Pod whose deletion was asked for.
fn with_deletion(pod: &Pod, reason: String) -> String {
    if !pod.meta.is_deleting() {
        reason
    } else if pod.status.reason == "NodeLost" {
        "Unknown".to_owned()
    } else if pod.is_terminal() {
        reason
    } else {
        "Terminating".to_owned()
    }
}

fn is_sidecar(restart_policy: Option<&String>) -> bool {
    restart_policy.is_some_and(|p| p == "Always")
}

fn tally(pod: &Pod) -> Tally {
    let gated = pod.status.conditions.iter().any(|c| c.type_ == "PodScheduled" && c.reason == "SchedulingGated");
    let reason = if gated { "SchedulingGated" } else { or(&pod.status.reason, &pod.status.phase) };
    let mut all = Tally { reason: reason.to_owned(), ..Tally::default() };
    // Restarts of init containers count only while the Pod initializes, those of sidecars always.
    let mut sidecars = Tally::default();
    let initializing = walk_init_containers(pod, &mut all, &mut sidecars);
    if !initializing || pod.status.condition("Initialized").is_some_and(|c| c.status == "True") {
        all.restarts = sidecars.restarts;
        all.last_restart = sidecars.last_restart;
        walk_containers(pod, &mut all);
    }
    all
}

/// Goes through the init containers up to the first that has not done its part; true if there is one.
fn walk_init_containers(pod: &Pod, all: &mut Tally, sidecars: &mut Tally) -> bool {
    for (i, status) in pod.status.init_container_statuses.iter().enumerate() {
        let spec = pod.spec.init_containers.iter().find(|c| c.name == status.name);
        let sidecar = spec.is_some_and(|c| is_sidecar(c.restart_policy.as_ref()));
        all.count_restarts(status);
        if sidecar {
            sidecars.count_restarts(status);
        }
        let waiting = status.state.waiting.as_ref().map_or("", |w| &w.reason);
        match &status.state.terminated {
            Some(t) if t.exit_code == 0 => continue,
            _ if sidecar && status.started == Some(true) => {
                all.ready += usize::from(status.ready);
                continue;
            }
            Some(t) => all.reason = format!("Init:{}", ended(t)),
            None if !waiting.is_empty() && waiting != "PodInitializing" => all.reason = format!("Init:{waiting}"),
            None => all.reason = format!("Init:{i}/{}", pod.spec.init_containers.len()),
        }
        return true;
    }
    false
}

/// Goes through the containers from last to first, so that the first one's state is what is shown.
fn walk_containers(pod: &Pod, all: &mut Tally) {
    let mut running = false;
    let mut failed = None;
    for status in pod.status.container_statuses.iter().rev() {
        all.count_restarts(status);
        let waiting = status.state.waiting.as_ref().map_or("", |w| &w.reason);
        if !waiting.is_empty() {
            all.reason = waiting.to_owned();
        } else if let Some(t) = &status.state.terminated {
            all.reason = ended(t);
            if t.exit_code != 0 {
                failed = Some(all.reason.clone());
            }
        } else if status.ready && status.state.running.is_some() {
            running = true;
            all.ready += 1;
        }
    }
    if all.reason == "Completed" {
        if running && pod.is_ready() {
            all.reason = "Running".to_owned();
        } else if let Some(failed) = failed {
            all.reason = failed;
        } else if running {
            all.reason = "NotReady".to_owned();
        }
    }
}

/// How a container ended: the reason, else the signal, else the exit code.
fn ended(t: &ContainerStateTerminated) -> String {
    if !t.reason.is_empty() {
        t.reason.clone()
    } else if t.signal != 0 {
        format!("Signal:{}", t.signal)
    } else {
        format!("ExitCode:{}", t.exit_code)
    }
}

fn readiness_gates(pod: &Pod) -> String {
    let gates = &pod.spec.readiness_gates;
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let holds = |gate: &str| pod.status.condition(gate).is_some_and(|c| c.status == "True");
    format!("{}/{}", gates.iter().filter(|g| holds(&g.condition_type)).count(), gates.len())
}
