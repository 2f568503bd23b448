//! DaemonSet, StatefulSet, Job, CronJob and HorizontalPodAutoscaler.

use super::Writer;
use super::template::pod_template;
use crate::api::batch::JobSpec;
use crate::api::meta::LabelSelector;
use crate::api::plain::{self, Plain};
use crate::api::selector::{Selector, format_label_selector};
use crate::api::{DaemonSet, Job, Pod, StatefulSet, Time};
use crate::kubectl::print::duration;
use serde_json::Value;
use std::rc::Rc;

/// How many Pods of an owner are in each phase.
fn phases(pods: &[Rc<Pod>], selector: Option<&LabelSelector>, uid: &str) -> String {
    let selector = Selector::from_optional(selector).unwrap_or(Selector::Nothing);
    let own = |p: &&Rc<Pod>| selector.matches(&p.meta.labels) && p.meta.controller().is_some_and(|owner| owner.uid == uid);
    let count = |phase: &str| pods.iter().filter(own).filter(|pod| pod.status.phase == phase).count();
    let [running, waiting, succeeded, failed] = ["Running", "Pending", "Succeeded", "Failed"].map(count);
    format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed")
}

pub(super) fn daemon_set(set: &DaemonSet, pods: &[Rc<Pod>], out: &mut Writer) {
    out.field(0, "Name", &set.meta.name);
    out.field(0, "Namespace", &set.meta.namespace);
    let selector = set.spec.selector.as_ref();
    out.field(0, "Selector", Selector::from_optional(selector).map(|s| s.to_string()).unwrap_or_default());
    out.field(0, "Node-Selector", node_selector(set));
    out.labels("Labels", &set.meta.labels);
    out.annotations("Annotations", &set.meta.annotations);
    let status = &set.status;
    let numbers = [
        ("Desired Number of Nodes Scheduled", status.desired_number_scheduled),
        ("Current Number of Nodes Scheduled", status.current_number_scheduled),
        ("Number of Nodes Scheduled with Up-to-date Pods", status.updated_number_scheduled),
        ("Number of Nodes Scheduled with Available Pods", status.number_available),
        ("Number of Nodes Misscheduled", status.number_misscheduled),
    ];
    for (text, number) in numbers {
        out.line(0, &format!("{text}: {number}"));
    }
    out.field(0, "Pods Status", phases(pods, selector, &set.meta.uid));
    pod_template(&set.spec.template, out);
}

/// The labels that a daemon Pod's node must have.
pub(crate) fn node_selector(set: &DaemonSet) -> String {
    let labels = &set.spec.template.spec.node_selector;
    let text = labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",");
    if text.is_empty() { "<none>".into() } else { text }
}

pub(super) fn stateful_set(set: &StatefulSet, pods: &[Rc<Pod>], out: &mut Writer) {
    out.field(0, "Name", &set.meta.name);
    out.field(0, "Namespace", &set.meta.namespace);
    out.field(0, "CreationTimestamp", super::moment(set.meta.creation_timestamp));
    let selector = set.spec.selector.as_ref();
    out.field(0, "Selector", Selector::from_optional(selector).map(|s| s.to_string()).unwrap_or_default());
    out.labels("Labels", &set.meta.labels);
    out.annotations("Annotations", &set.meta.annotations);
    for (name, text) in [("Service Name", &set.spec.service_name), ("Pod Management Policy", &set.spec.pod_management_policy)] {
        if !text.is_empty() {
            out.field(0, name, text);
        }
    }
    out.field(0, "Replicas", format!("{} desired | {} total", set.spec.replicas.unwrap_or(0), set.status.replicas));
    out.field(0, "Update Strategy", &set.spec.update_strategy.type_);
    if let Some((rolling, partition)) = set.spec.update_strategy.rolling_update.as_ref().and_then(|r| Some((r, r.partition?))) {
        out.field(1, "Partition", partition);
        if let Some(most) = &rolling.max_unavailable {
            out.field(1, "MaxUnavailable", most);
        }
    }
    if let Some(policy) = &set.spec.claim_retention_policy {
        out.line(0, "Persistent Volume Claim Retention Policy:");
        for (name, field) in [("WhenDeleted", "whenDeleted"), ("WhenScaled", "whenScaled")] {
            out.field(1, name, policy[field].as_str().unwrap_or_default());
        }
    }
    out.field(0, "Pods Status", phases(pods, selector, &set.meta.uid));
    pod_template(&set.spec.template, out);
    if set.spec.volume_claim_templates.is_empty() {
        out.field(0, "Volume Claims", "<none>");
        return;
    }
    out.line(0, "Volume Claims:");
    for claim in &set.spec.volume_claim_templates {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
        out.field(1, "Name", text(&claim["metadata"]["name"]));
        out.field(1, "StorageClass", text(&claim["spec"]["storageClassName"]));
        out.field(1, "Labels", "<none>");
        out.field(1, "Annotations", "<none>");
        out.field(1, "Capacity", text(&claim["spec"]["resources"]["requests"]["storage"]));
        let modes = claim["spec"]["accessModes"].as_array().into_iter().flatten().map(text).collect::<Vec<_>>().join(" ");
        out.field(1, "Access Modes", format!("[{modes}]"));
    }
}

pub(super) fn job(job: &Job, out: &mut Writer) {
    let (spec, status) = (&job.spec, &job.status);
    out.field(0, "Name", &job.meta.name);
    out.field(0, "Namespace", &job.meta.namespace);
    out.field(0, "Selector", format_label_selector(spec.selector.as_ref()));
    out.labels("Labels", &job.meta.labels);
    out.annotations("Annotations", &job.meta.annotations);
    super::controlled_by(&job.meta, out);
    if let Some(parallelism) = spec.parallelism {
        out.field(0, "Parallelism", parallelism);
    }
    match spec.completions {
        Some(completions) => out.field(0, "Completions", completions),
        None => out.field(0, "Completions", "<unset>"),
    }
    out.field(0, "Completion Mode", spec.completion_mode.as_deref().unwrap_or("NonIndexed"));
    out.field(0, "Suspend", spec.suspend == Some(true));
    out.field(0, "Backoff Limit", spec.backoff_limit.unwrap_or(6));
    if let Some(seconds) = spec.ttl_seconds_after_finished {
        out.field(0, "TTL Seconds After Finished", seconds);
    }
    if let Some(start) = status.start_time {
        out.field(0, "Start Time", super::moment(start));
    }
    if let Some(end) = status.completion_time {
        out.field(0, "Completed At", super::moment(end));
        if let Some(start) = status.start_time {
            out.field(0, "Duration", duration::human((end.0 - start.0).saturating_mul(1_000_000_000)));
        }
    }
    if let Some(seconds) = spec.active_deadline_seconds {
        out.field(0, "Active Deadline Seconds", format!("{seconds}s"));
    }
    let ready = status.ready.unwrap_or(0);
    let (active, succeeded, failed) = (status.active, status.succeeded, status.failed);
    out.field(0, "Pods Statuses", format!("{active} Active ({ready} Ready) / {succeeded} Succeeded / {failed} Failed"));
    if spec.completion_mode.as_deref() == Some("Indexed") {
        let indexes = if status.completed_indexes.is_empty() { "<none>" } else { &status.completed_indexes };
        out.field(0, "Completed Indexes", capped(indexes));
    }
    pod_template(&spec.template, out);
}

pub(super) fn cron_job(job: &Plain, out: &mut Writer) {
    super::head(&job.meta, out);
    let value = |field: &str| match job.at(&["spec", field]) {
        Value::Null => "<unset>".to_owned(),
        Value::Bool(b) => (if *b { "True" } else { "False" }).to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    out.field(0, "Schedule", value("schedule"));
    out.field(0, "Concurrency Policy", value("concurrencyPolicy"));
    out.field(0, "Suspend", value("suspend"));
    out.field(0, "Time Zone", value("timeZone"));
    out.field(0, "Successful Job History Limit", value("successfulJobsHistoryLimit"));
    out.field(0, "Failed Job History Limit", value("failedJobsHistoryLimit"));
    let deadline = value("startingDeadlineSeconds");
    out.field(0, "Starting Deadline Seconds", if deadline == "<unset>" { deadline } else { deadline + "s" });
    let spec: JobSpec = plain::typed(job.at(&["spec", "jobTemplate", "spec"]));
    let or_unset = |number: Option<i32>| number.map_or("<unset>".to_owned(), |n| n.to_string());
    out.field(0, "Selector", spec.selector.as_ref().map_or("<unset>".into(), |s| format_label_selector(Some(s))));
    out.field(0, "Parallelism", or_unset(spec.parallelism));
    out.field(0, "Completions", or_unset(spec.completions));
    if let Some(seconds) = spec.active_deadline_seconds {
        out.field(0, "Active Deadline Seconds", format!("{seconds}s"));
    }
    pod_template(&spec.template, out);
    let last = job.at(&["status", "lastScheduleTime"]).as_str().and_then(Time::parse);
    out.field(0, "Last Schedule Time", last.map_or("<unset>".to_owned(), super::moment));
    let active = job.at(&["status", "active"]).as_array().into_iter().flatten().filter_map(|job| job["name"].as_str());
    let active = active.collect::<Vec<_>>().join(", ");
    out.field(0, "Active Jobs", if active.is_empty() { "<none>" } else { &active });
}

pub(super) fn autoscaler(hpa: &Plain, out: &mut Writer) {
    super::head(&hpa.meta, out);
    out.field(0, "CreationTimestamp", super::moment(hpa.meta.creation_timestamp));
    let text = |path: &[&str]| match hpa.at(path) {
        Value::Null => "<unset>".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let kind = text(&["spec", "scaleTargetRef", "kind"]);
    out.field(0, "Reference", format!("{kind}/{}", text(&["spec", "scaleTargetRef", "name"])));
    out.field(0, "Metrics", "( current / target )");
    for metric in hpa.at(&["spec", "metrics"]).as_array().into_iter().flatten() {
        let (name, target) = (metric["resource"]["name"].as_str().unwrap_or_default(), &metric["resource"]["target"]);
        match (target["averageUtilization"].as_i64(), target["averageValue"].as_str()) {
            (_, Some(value)) => out.field(1, &format!("resource {name} on pods"), format!("<unknown> / {value}")),
            (share, None) => {
                let share = share.map_or("<auto>".to_owned(), |share| format!("{share}%"));
                let title = format!("resource {name} on pods  (as a percentage of request)");
                out.field(1, &title, format!("<unknown> / {share}"));
            }
        }
    }
    out.field(0, "Min replicas", text(&["spec", "minReplicas"]));
    out.field(0, "Max replicas", text(&["spec", "maxReplicas"]));
    let number = |field: &str| hpa.at(&["status", field]).as_i64().unwrap_or(0);
    let (current, desired) = (number("currentReplicas"), number("desiredReplicas"));
    out.field(0, &format!("{kind} pods"), format!("{current} current / {desired} desired"));
    for (i, c) in hpa.at(&["status", "conditions"]).as_array().into_iter().flatten().enumerate() {
        if i == 0 {
            out.line(0, "Conditions:");
            out.line(1, "Type\tStatus\tReason\tMessage");
            out.line(1, "----\t------\t------\t-------");
        }
        let [type_, status, reason, message] = ["type", "status", "reason", "message"].map(|f| c[f].as_str().unwrap_or_default());
        out.line(1, &format!("{type_}\t{status}\t{reason}\t{message}"));
    }
}

/// A list of numbers, cut after the first that ends beyond 50 characters.
fn capped(indexes: &str) -> String {
    match indexes.get(50..).and_then(|rest| rest.find(',')) {
        Some(at) => format!("{}...", &indexes[..50 + at + 1]),
        None => indexes.to_owned(),
    }
}
