//! The rows of Deployment, ReplicaSet, DaemonSet, StatefulSet and Job.

use super::since;
use crate::api::pod::PodTemplateSpec;
use crate::api::selector::{Selector, format_label_selector};
use crate::api::{ControllerRevision, DaemonSet, Deployment, Job, ReplicaSet, StatefulSet, Time};
use crate::kubectl::print::duration;

pub(super) fn deployment_cells(deployment: &Deployment, now: Time) -> Vec<String> {
    let (spec, status) = (&deployment.spec, &deployment.status);
    let mut cells = vec![
        deployment.meta.name.clone(),
        format!("{}/{}", status.ready_replicas, spec.replicas.unwrap_or(0)),
        status.updated_replicas.to_string(),
        status.available_replicas.to_string(),
        since(deployment.meta.creation_timestamp, now),
    ];
    cells.extend(containers(&spec.template));
    cells.push(Selector::from_optional(spec.selector.as_ref()).map_or_else(|_| "<invalid>".to_owned(), |s| s.to_string()));
    cells
}

pub(super) fn replica_set_cells(set: &ReplicaSet, now: Time) -> Vec<String> {
    let mut cells = vec![
        set.meta.name.clone(),
        set.spec.replicas.unwrap_or(0).to_string(),
        set.status.replicas.to_string(),
        set.status.ready_replicas.to_string(),
        since(set.meta.creation_timestamp, now),
    ];
    cells.extend(containers(&set.spec.template));
    cells.push(format_label_selector(set.spec.selector.as_ref()));
    cells
}

pub(super) fn daemon_set_cells(set: &DaemonSet, now: Time) -> Vec<String> {
    let status = &set.status;
    let numbers = [
        status.desired_number_scheduled,
        status.current_number_scheduled,
        status.number_ready,
        status.updated_number_scheduled,
        status.number_available,
    ];
    let mut cells = vec![set.meta.name.clone()];
    cells.extend(numbers.map(|n| n.to_string()));
    cells.push(crate::kubectl::describe::node_selector(set));
    cells.push(since(set.meta.creation_timestamp, now));
    cells.extend(containers(&set.spec.template));
    cells.push(format_label_selector(set.spec.selector.as_ref()));
    cells
}

pub(super) fn stateful_set_cells(set: &StatefulSet, now: Time) -> Vec<String> {
    let ready = format!("{}/{}", set.status.ready_replicas, set.spec.replicas.unwrap_or(0));
    let mut cells = vec![set.meta.name.clone(), ready, since(set.meta.creation_timestamp, now)];
    cells.extend(containers(&set.spec.template));
    cells
}

pub(super) fn job_cells(job: &Job, now: Time) -> Vec<String> {
    let (spec, status) = (&job.spec, &job.status);
    let is = |type_: &str| status.conditions.iter().any(|c| c.type_ == type_ && c.status == "True");
    let word = match () {
        () if is("Complete") => "Complete",
        () if is("Failed") => "Failed",
        () if job.meta.is_deleting() => "Terminating",
        () if is("Suspended") => "Suspended",
        () if is("FailureTarget") => "FailureTarget",
        () if is("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    };
    let done = status.succeeded;
    let completions = match (spec.completions, spec.parallelism.unwrap_or(0)) {
        (Some(wanted), _) => format!("{done}/{wanted}"),
        (None, parallel @ 2..) => format!("{done}/1 of {parallel}"),
        (None, _) => format!("{done}/1"),
    };
    let span = |start: Time| (status.completion_time.unwrap_or(now).0 - start.0).saturating_mul(1_000_000_000);
    let took = status.start_time.map(|start| duration::human(span(start))).unwrap_or_default();
    let mut cells = vec![job.meta.name.clone(), word.into(), completions, took, since(job.meta.creation_timestamp, now)];
    cells.extend(containers(&spec.template));
    cells.push(format_label_selector(spec.selector.as_ref()));
    cells
}

/// Names and images of a template's containers.
fn containers(template: &PodTemplateSpec) -> [String; 2] {
    let list = &template.spec.containers;
    let names: Vec<&str> = list.iter().map(|c| c.name.as_str()).collect();
    let images: Vec<&str> = list.iter().map(|c| c.image.as_str()).collect();
    [names.join(","), images.join(",")]
}

pub(super) fn revision_cells(revision: &ControllerRevision, now: Time) -> Vec<String> {
    let controller = revision.meta.controller().map(|owner| {
        let group = owner.api_version.split_once('/').map_or(String::new(), |(group, _)| format!(".{group}"));
        format!("{}{group}/{}", owner.kind.to_lowercase(), owner.name)
    });
    let age = since(revision.meta.creation_timestamp, now);
    vec![revision.meta.name.clone(), controller.unwrap_or_else(|| "<none>".into()), revision.revision.to_string(), age]
}
