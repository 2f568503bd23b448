//! Deployments and ReplicaSets (`pkg/apis/apps/validation/validation.go`).

use super::field::{FieldError, Printed, Shown};
use super::label_selector::{label_selector, shown, shown_labels};
use super::pod::pod_annotations;
use super::{meta, names, pod_spec};
use crate::api::apps::{DeploymentStrategy, RollingUpdateDeployment};
use crate::api::int_or_percent::percentage;
use crate::api::meta::LabelSelector;
use crate::api::pod::PodTemplateSpec;
use crate::api::selector::Selector;
use crate::api::{Deployment, IntOrString, ReplicaSet};

pub(super) const NOT_NEGATIVE: &str = "must be greater than or equal to 0";

/// A number that may not be below zero.
pub(super) fn not_negative(path: impl Into<String>, value: i64, errors: &mut Vec<FieldError>) {
    if value < 0 {
        errors.push(FieldError::invalid(path, &value, NOT_NEGATIVE));
    }
}

pub(super) fn create_deployment(deployment: &Deployment) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(&deployment.meta, true, names::dns1123_subdomain, &mut errors);
    deployment_spec(deployment, &mut errors);
    errors
}

pub(super) fn update_deployment(new: &Deployment, old: &Deployment) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    deployment_spec(new, &mut errors);
    same_selector(new.spec.selector.as_ref(), old.spec.selector.as_ref(), &mut errors);
    errors
}

pub(super) fn create_replica_set(set: &ReplicaSet) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(&set.meta, true, names::dns1123_subdomain, &mut errors);
    replica_set_spec(set, &mut errors);
    errors
}

pub(super) fn update_replica_set(new: &ReplicaSet, old: &ReplicaSet) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    replica_set_spec(new, &mut errors);
    same_selector(new.spec.selector.as_ref(), old.spec.selector.as_ref(), &mut errors);
    errors
}

pub(super) fn same_selector(new: Option<&LabelSelector>, old: Option<&LabelSelector>, errors: &mut Vec<FieldError>) {
    if new != old {
        errors.push(FieldError::invalid("spec.selector", &shown(new), "field is immutable"));
    }
}

fn deployment_spec(deployment: &Deployment, errors: &mut Vec<FieldError>) {
    let spec = &deployment.spec;
    not_negative("spec.replicas", spec.replicas.unwrap_or(0).into(), errors);
    selector_and_template("deployment", spec.selector.as_ref(), &spec.template, errors);
    strategy(&spec.strategy, errors);
    not_negative("spec.minReadySeconds", spec.min_ready_seconds.into(), errors);
    not_negative("spec.revisionHistoryLimit", spec.revision_history_limit.unwrap_or(0).into(), errors);
    if let Some(deadline) = spec.progress_deadline_seconds {
        let path = "spec.progressDeadlineSeconds";
        not_negative(path, deadline.into(), errors);
        if deadline <= spec.min_ready_seconds {
            errors.push(FieldError::invalid(path, &deadline, "must be greater than minReadySeconds"));
        }
    }
}

fn replica_set_spec(set: &ReplicaSet, errors: &mut Vec<FieldError>) {
    not_negative("spec.replicas", set.spec.replicas.unwrap_or(0).into(), errors);
    not_negative("spec.minReadySeconds", set.spec.min_ready_seconds.into(), errors);
    selector_and_template("deployment", set.spec.selector.as_ref(), &set.spec.template, errors);
}

/// A selector and the template whose Pods it must select; `what` as the message about an empty one names the kind.
pub(super) fn selector_and_template(
    what: &str,
    selector: Option<&LabelSelector>,
    template: &PodTemplateSpec,
    errors: &mut Vec<FieldError>,
) {
    let path = "spec.selector";
    match selector {
        None => errors.push(FieldError::required(path, "")),
        Some(given) => {
            label_selector(path, given, errors);
            if given.match_labels.is_empty() && given.match_expressions.is_empty() {
                let detail = format!("empty selector is invalid for {what}");
                errors.push(FieldError::invalid(path, &shown(selector), detail));
            }
        }
    }
    match Selector::from_optional(selector) {
        Err(_) => errors.push(FieldError::invalid(path, &shown(selector), "invalid label selector")),
        // The Pods of a StatefulSet have volumes that its template does not show: they are looked into when they are made.
        Ok(parsed) => pod_template(template, &parsed, what != "statefulset", errors),
    }
}

/// A template whose Pods a ReplicaSet keeps.
fn pod_template(template: &PodTemplateSpec, selector: &Selector, deep: bool, errors: &mut Vec<FieldError>) {
    if !selector.is_empty() && !selector.matches(&template.meta.labels) {
        let detail = "`selector` does not match template `labels`";
        errors.push(FieldError::invalid("spec.template.metadata.labels", &shown_labels(&template.meta.labels), detail));
    }
    meta::labels("spec.template.labels", &template.meta.labels, errors);
    meta::annotations("spec.template.annotations", &template.meta.annotations, errors);
    pod_annotations("spec.template.annotations", &template.meta.annotations, errors);
    let path = "spec.template.spec";
    if deep {
        pod_spec::pod_spec(path, &template.spec, pod_spec::Of::Template, errors);
    }
    if !template.spec.ephemeral_containers.is_empty() {
        let detail = "ephemeral containers not allowed in pod template";
        errors.push(FieldError::forbidden(format!("{path}.ephemeralContainers"), detail));
    }
    if template.spec.restart_policy != "Always" {
        let path = format!("{path}.restartPolicy");
        errors.push(FieldError::not_supported(path, &template.spec.restart_policy, &["Always"]));
    }
    if template.spec.active_deadline_seconds.is_some() {
        let detail = "activeDeadlineSeconds in ReplicaSet is not Supported";
        errors.push(FieldError::forbidden(format!("{path}.activeDeadlineSeconds"), detail));
    }
}

const STRATEGY: &str = "spec.strategy";

fn strategy(strategy: &DeploymentStrategy, errors: &mut Vec<FieldError>) {
    let rolling = format!("{STRATEGY}.rollingUpdate");
    match (strategy.type_.as_str(), &strategy.rolling_update) {
        ("Recreate", Some(_)) => {
            errors.push(FieldError::forbidden(rolling, "may not be specified when strategy `type` is 'Recreate'"));
        }
        ("Recreate", None) => {}
        ("RollingUpdate", None) => {
            errors.push(FieldError::required(rolling, "this should be defaulted and never be nil"));
        }
        ("RollingUpdate", Some(update)) => rolling_update(update, errors),
        _ => {
            let supported = ["Recreate", "RollingUpdate"];
            errors.push(FieldError::not_supported(STRATEGY, &internal_strategy(strategy), &supported));
        }
    }
}

/// The server's internal struct, whose fields have Go's names.
fn internal_strategy(strategy: &DeploymentStrategy) -> Printed {
    let number = |value: &Option<IntOrString>| value.clone().unwrap_or_default().shown();
    let rolling = strategy.rolling_update.as_ref().map_or("null".to_string(), |r| {
        format!("{{\"MaxUnavailable\":{},\"MaxSurge\":{}}}", number(&r.max_unavailable), number(&r.max_surge))
    });
    Printed(format!("{{\"Type\":{},\"RollingUpdate\":{rolling}}}", serde_json::Value::from(strategy.type_.as_str())))
}

impl Shown for IntOrString {
    fn shown(&self) -> String {
        match self {
            IntOrString::Int(n) => n.shown(),
            IntOrString::Text(text) => text.shown(),
        }
    }
}

fn rolling_update(update: &RollingUpdateDeployment, errors: &mut Vec<FieldError>) {
    let (unavailable, surge) = (update.max_unavailable.clone().unwrap_or_default(), update.max_surge.clone().unwrap_or_default());
    let path = format!("{STRATEGY}.rollingUpdate.maxUnavailable");
    int_or_percent(&path, &unavailable, errors);
    int_or_percent(&format!("{STRATEGY}.rollingUpdate.maxSurge"), &surge, errors);
    if amount(&unavailable) == 0 && amount(&surge) == 0 {
        errors.push(FieldError::invalid(path.clone(), &unavailable, "may not be 0 when `maxSurge` is 0"));
    }
    most_all(&path, &unavailable, errors);
}

/// A percentage may not be more than all.
pub(super) fn most_all(path: &str, value: &IntOrString, errors: &mut Vec<FieldError>) {
    if let IntOrString::Text(text) = value
        && percentage(text).is_some_and(|p| p > 100)
    {
        errors.push(FieldError::invalid(path, value, "must not be greater than 100%"));
    }
}

/// A number that is not negative, or a percentage.
pub(super) fn int_or_percent(path: &str, value: &IntOrString, errors: &mut Vec<FieldError>) {
    match value {
        IntOrString::Int(n) => not_negative(path, (*n).into(), errors),
        IntOrString::Text(text) => {
            errors.extend(names::percent(text).into_iter().map(|m| FieldError::invalid(path, value, m)));
        }
    }
}

/// The number in front of the percent sign or alone; what is no number counts as 0.
fn amount(value: &IntOrString) -> i64 {
    match value {
        IntOrString::Int(n) => (*n).into(),
        IntOrString::Text(text) => percentage(text).or_else(|| text.parse().ok()).unwrap_or(0),
    }
}
