//! DaemonSets, StatefulSets and Jobs (`pkg/apis/{apps,batch}/validation/validation.go`).

use super::apps::{int_or_percent, most_all, not_negative, same_selector, selector_and_template};
use super::field::{AsJson, FieldError};
use super::{meta, names, pod_spec};
use crate::api::batch::JobSpec;
use crate::api::{DaemonSet, Job, StatefulSet};

pub(super) fn create_daemon_set(set: &DaemonSet) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(&set.meta, true, names::dns1123_subdomain, &mut errors);
    daemon_set_spec(set, &mut errors);
    errors
}

pub(super) fn update_daemon_set(new: &DaemonSet, old: &DaemonSet) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    daemon_set_spec(new, &mut errors);
    same_selector(new.spec.selector.as_ref(), old.spec.selector.as_ref(), &mut errors);
    errors
}

fn daemon_set_spec(set: &DaemonSet, errors: &mut Vec<FieldError>) {
    let spec = &set.spec;
    selector_and_template("daemonset", spec.selector.as_ref(), &spec.template, errors);
    not_negative("spec.minReadySeconds", spec.min_ready_seconds.into(), errors);
    let path = "spec.updateStrategy";
    match (spec.update_strategy.type_.as_str(), &spec.update_strategy.rolling_update) {
        ("OnDelete", _) => {}
        ("RollingUpdate", Some(rolling)) => {
            let path = format!("{path}.rollingUpdate.maxUnavailable");
            if let Some(value) = &rolling.max_unavailable {
                int_or_percent(&path, value, errors);
                most_all(&path, value, errors);
            }
        }
        ("RollingUpdate", None) => errors.push(FieldError::required(format!("{path}.rollingUpdate"), "")),
        (other, _) => {
            errors.push(FieldError::not_supported(format!("{path}.type"), other, &["RollingUpdate", "OnDelete"]));
        }
    }
}

pub(super) fn create_stateful_set(set: &StatefulSet) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(&set.meta, true, names::dns1123_label, &mut errors);
    stateful_set_spec(set, &mut errors);
    errors
}

pub(super) fn update_stateful_set(new: &StatefulSet, old: &StatefulSet) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    stateful_set_spec(new, &mut errors);
    same_selector(new.spec.selector.as_ref(), old.spec.selector.as_ref(), &mut errors);
    let (now, before) = (&new.spec, &old.spec);
    if now.volume_claim_templates != before.volume_claim_templates {
        errors.push(FieldError::invalid("spec.volumeClaimTemplates", &AsJson(&now.volume_claim_templates), "field is immutable"));
    }
    let names = [
        ("spec.serviceName", &now.service_name, &before.service_name),
        ("spec.podManagementPolicy", &now.pod_management_policy, &before.pod_management_policy),
    ];
    for (path, now, _) in names.into_iter().filter(|(_, now, before)| now != before) {
        errors.push(FieldError::invalid(path, now, "field is immutable"));
    }
    errors
}

fn stateful_set_spec(set: &StatefulSet, errors: &mut Vec<FieldError>) {
    let spec = &set.spec;
    match spec.pod_management_policy.as_str() {
        "OrderedReady" | "Parallel" => {}
        other => {
            let detail = "must be 'OrderedReady' or 'Parallel'";
            errors.push(FieldError::invalid("spec.podManagementPolicy", other, detail));
        }
    }
    match spec.update_strategy.type_.as_str() {
        "RollingUpdate" | "OnDelete" => {}
        other => {
            let detail = "must be 'RollingUpdate' or 'OnDelete'";
            errors.push(FieldError::invalid("spec.updateStrategy", other, detail));
        }
    }
    not_negative("spec.replicas", spec.replicas.unwrap_or(0).into(), errors);
    not_negative("spec.minReadySeconds", spec.min_ready_seconds.into(), errors);
    selector_and_template("statefulset", spec.selector.as_ref(), &spec.template, errors);
}

pub(super) fn create_job(job: &Job) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(&job.meta, true, names::dns1123_subdomain, &mut errors);
    job_spec(&job.spec, "spec", &mut errors);
    errors
}

pub(super) fn update_job(new: &Job, old: &Job) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    job_spec(&new.spec, "spec", &mut errors);
    if new.spec.completions != old.spec.completions && new.spec.completion_mode.as_deref() != Some("Indexed") {
        errors.push(FieldError::invalid("spec.completions", &new.spec.completions, "field is immutable"));
    }
    same_selector(new.spec.selector.as_ref(), old.spec.selector.as_ref(), &mut errors);
    if new.spec.template != old.spec.template {
        errors.push(FieldError::invalid("spec.template", &AsJson(&new.spec.template), "field is immutable"));
    }
    errors
}

/// The rules for a Job's spec that stands at `at`.
pub(super) fn job_spec(spec: &JobSpec, at: &str, errors: &mut Vec<FieldError>) {
    let numbers = [
        ("parallelism", spec.parallelism.map(i64::from)),
        ("completions", spec.completions.map(i64::from)),
        ("activeDeadlineSeconds", spec.active_deadline_seconds),
        ("backoffLimit", spec.backoff_limit.map(i64::from)),
        ("ttlSecondsAfterFinished", spec.ttl_seconds_after_finished.map(i64::from)),
    ];
    for (field, value) in numbers {
        not_negative(format!("{at}.{field}"), value.unwrap_or(0), errors);
    }
    match spec.completion_mode.as_deref() {
        None | Some("NonIndexed") => {}
        Some("Indexed") if spec.completions.is_none() => {
            errors.push(FieldError::required(format!("{at}.completions"), "when completion mode is Indexed"));
        }
        Some("Indexed") => {}
        Some(other) => {
            errors.push(FieldError::not_supported(format!("{at}.completionMode"), other, &["Indexed", "NonIndexed"]));
        }
    }
    let path = format!("{at}.template.spec");
    pod_spec::pod_spec(&path, &spec.template.spec, pod_spec::Of::Template, errors);
    if !matches!(spec.template.spec.restart_policy.as_str(), "OnFailure" | "Never") {
        let detail = "valid values: \"OnFailure\", \"Never\"";
        errors.push(FieldError::required(format!("{path}.restartPolicy"), detail));
    }
}
