//! Pods: what a new one must be, and the little that may change later (`pkg/apis/core/validation/validation.go`,
//! ValidatePodCreate, ValidatePodUpdate).

use super::field::FieldError;
use super::{meta, names, pod_diff, pod_spec};
use crate::api::Pod;
use crate::api::meta::StringMap;
use crate::api::pod::{PodSpec, Toleration};

const MAY_CHANGE: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

pub(super) fn create(pod: &Pod) -> Vec<FieldError> {
    let mut errors = vec![];
    metadata_and_spec(pod, &mut errors);
    if !pod.spec.ephemeral_containers.is_empty() {
        errors.push(FieldError::forbidden("spec.ephemeralContainers", "cannot be set on create"));
    }
    if !pod.spec.node_name.is_empty() && !pod.spec.scheduling_gates.is_empty() {
        let detail = "cannot be set until all schedulingGates have been cleared";
        errors.push(FieldError::forbidden("spec.nodeName", detail));
    }
    errors
}

/// What every Pod must fulfil, new or changed.
fn metadata_and_spec(pod: &Pod, errors: &mut Vec<FieldError>) {
    meta::create(&pod.meta, true, names::dns1123_subdomain, errors);
    pod_annotations("metadata.annotations", &pod.meta.annotations, errors);
    pod_spec::pod_spec("spec", &pod.spec, pod_spec::Of::Pod, errors);
    for (field, list) in [("containers", &pod.spec.containers), ("initContainers", &pod.spec.init_containers)] {
        for (i, container) in list.iter().enumerate() {
            trimmed(format!("spec.{field}[{i}].image"), &container.image, errors);
        }
    }
}

fn trimmed(path: String, image: &str, errors: &mut Vec<FieldError>) {
    if image.trim() != image {
        errors.push(FieldError::invalid(path, image, "must not have leading or trailing whitespace"));
    }
}

/// Annotations that mean something for Pods (`ValidatePodSpecificAnnotations`).
pub(super) fn pod_annotations(path: &str, annotations: &StringMap, errors: &mut Vec<FieldError>) {
    const COST: &str = "controller.kubernetes.io/pod-deletion-cost";
    if let Some(cost) = annotations.get(COST) {
        let digits = cost.strip_prefix('-').unwrap_or(cost);
        let plain = digits == "0" && cost == "0" || digits.starts_with(|c: char| ('1'..='9').contains(&c));
        if !plain || cost.parse::<i32>().is_err() {
            errors.push(FieldError::invalid(format!("{path}[{COST}]"), cost, "must be a 32bit integer"));
        }
    }
}

pub(super) fn update(new: &Pod, old: &Pod) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    if new.spec == old.spec {
        pod_annotations("metadata.annotations", &new.meta.annotations, &mut errors);
        return errors;
    }
    metadata_and_spec(new, &mut errors);
    let mut stop = false;
    for (field, is, was) in [
        ("containers", new.spec.containers.len(), old.spec.containers.len()),
        ("initContainers", new.spec.init_containers.len(), old.spec.init_containers.len()),
    ] {
        if is != was {
            let detail = "pod updates may not add or remove containers";
            errors.push(FieldError::forbidden(format!("spec.{field}"), detail));
            stop = true;
            break;
        }
    }
    if stop || !deadline(&new.spec, &old.spec, &mut errors) {
        return errors;
    }
    only_added(&new.spec.tolerations, &old.spec.tolerations, &mut errors);
    only_removed(&new.spec, &old.spec, &mut errors);
    let munged = with_changes_undone(&new.spec, &old.spec);
    if munged != old.spec {
        let diff = pod_diff::diff(&munged, &old.spec);
        errors.push(FieldError::forbidden("spec", format!("{MAY_CHANGE}\n{diff}")));
    }
    errors
}

/// A deadline may be set or made shorter, never longer or taken away. False: look no further.
fn deadline(new: &PodSpec, old: &PodSpec, errors: &mut Vec<FieldError>) -> bool {
    let path = "spec.activeDeadlineSeconds";
    match (new.active_deadline_seconds, old.active_deadline_seconds) {
        (Some(is), _) if !(0..=i64::from(i32::MAX)).contains(&is) => {
            errors.push(FieldError::invalid(path, &is, "must be between 0 and 2147483647, inclusive"));
            false
        }
        (Some(is), Some(was)) if was < is => {
            errors.push(FieldError::invalid(path, &is, "must be less than or equal to previous value"));
            false
        }
        (None, Some(_)) => {
            let detail = "must not update from a positive integer to nil value";
            errors.push(FieldError::invalid(path, &None::<i64>, detail));
            true
        }
        _ => true,
    }
}

/// Every old toleration must still be there, but for its seconds.
fn only_added(new: &[Toleration], old: &[Toleration], errors: &mut Vec<FieldError>) {
    let kept =
        |old: &Toleration| new.iter().any(|t| Toleration { toleration_seconds: old.toleration_seconds, ..t.clone() } == *old);
    if !old.iter().all(kept) {
        let detail = "existing toleration can not be modified except its tolerationSeconds";
        errors.push(FieldError::forbidden("spec.tolerations", detail));
    }
}

fn only_removed(new: &PodSpec, old: &PodSpec, errors: &mut Vec<FieldError>) {
    for (i, gate) in new.scheduling_gates.iter().enumerate().filter(|(_, gate)| !old.scheduling_gates.contains(gate)) {
        let name = super::tree::text(gate, "name");
        let detail = format!("only deletion is allowed, but found new scheduling gate '{name}'");
        errors.push(FieldError::forbidden(format!("spec.schedulingGates[{i}].name"), detail));
    }
}

/// The new spec with everything put back that may change: what still differs may not.
fn with_changes_undone(new: &PodSpec, old: &PodSpec) -> PodSpec {
    let mut spec = new.clone();
    for (new, old) in spec.containers.iter_mut().zip(&old.containers) {
        new.image = old.image.clone();
    }
    for (new, old) in spec.init_containers.iter_mut().zip(&old.init_containers) {
        new.image = old.image.clone();
    }
    spec.active_deadline_seconds = old.active_deadline_seconds;
    spec.tolerations = old.tolerations.clone();
    spec.scheduling_gates = old.scheduling_gates.clone();
    if old.termination_grace_period_seconds.is_some_and(|s| s < 0) && spec.termination_grace_period_seconds == Some(1) {
        spec.termination_grace_period_seconds = old.termination_grace_period_seconds;
    }
    spec
}
