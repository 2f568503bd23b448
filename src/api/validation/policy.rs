//! PodDisruptionBudgets (`pkg/apis/policy/validation/validation.go`).

use super::apps::{int_or_percent, most_all};
use super::field::{AsJson, FieldError};
use super::label_selector::label_selector;
use super::{meta, names};
use crate::api::policy::PodDisruptionBudget;

pub(super) fn create(budget: &PodDisruptionBudget) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(&budget.meta, true, names::dns1123_subdomain, &mut errors);
    spec(budget, &mut errors);
    errors
}

pub(super) fn update(new: &PodDisruptionBudget, old: &PodDisruptionBudget) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    spec(new, &mut errors);
    errors
}

fn spec(budget: &PodDisruptionBudget, errors: &mut Vec<FieldError>) {
    let spec = &budget.spec;
    if spec.min_available.is_some() && spec.max_unavailable.is_some() {
        let detail = "minAvailable and maxUnavailable cannot be both set";
        errors.push(FieldError::invalid("spec", &AsJson(spec), detail));
    }
    for (path, value) in [("spec.minAvailable", &spec.min_available), ("spec.maxUnavailable", &spec.max_unavailable)] {
        if let Some(value) = value {
            int_or_percent(path, value, errors);
            most_all(path, value, errors);
        }
    }
    if let Some(selector) = &spec.selector {
        label_selector("spec.selector", selector, errors);
    }
    if let Some(policy) = &spec.unhealthy_pod_eviction_policy
        && !["AlwaysAllow", "IfHealthyBudget"].contains(&policy.as_str())
    {
        let path = "spec.unhealthyPodEvictionPolicy";
        errors.push(FieldError::not_supported(path, policy, &["AlwaysAllow", "IfHealthyBudget"]));
    }
}
