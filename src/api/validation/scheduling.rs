//! What a Pod says of where it may run, but for affinity: tolerations, topology spread, gates
//! (`pkg/apis/core/validation/validation.go`).

use super::field::{FieldError, push_invalid};
use super::label_selector::label_selector;
use super::names;
use super::tree::text;
use crate::api::pod::{PodReadinessGate, Toleration, TopologySpreadConstraint};
use serde_json::Value;
use std::collections::BTreeSet;

/// Effects of taints, in the order in which errors list them.
pub(super) const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const POSITIVE: &str = "must be greater than zero";

/// `tolerations`
pub(super) fn tolerations(path: &str, tolerations: &[Toleration], errors: &mut Vec<FieldError>) {
    for (i, toleration) in tolerations.iter().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        let (key, operator) = (&toleration.key, toleration.operator.as_str());
        if !key.is_empty() {
            push_invalid(errors, &at("key"), key, names::qualified_name(key));
        } else if operator != "Exists" {
            let detail = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            errors.push(FieldError::invalid(at("operator"), operator, detail));
        }
        if toleration.toleration_seconds.is_some() && toleration.effect != "NoExecute" {
            let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            errors.push(FieldError::invalid(at("effect"), &toleration.effect, detail));
        }
        match operator {
            "Equal" | "" => {
                let messages = names::label_value(&toleration.value);
                if !messages.is_empty() {
                    errors.push(FieldError::invalid(at("operator"), &toleration.value, messages.join(";")));
                }
            }
            "Exists" if toleration.value.is_empty() => {}
            "Exists" => {
                let detail = "value must be empty when `operator` is 'Exists'";
                errors.push(FieldError::invalid(at("operator"), &toleration.value, detail));
            }
            other => errors.push(FieldError::not_supported(at("operator"), other, &["Equal", "Exists"])),
        }
        if !toleration.effect.is_empty() && !EFFECTS.contains(&toleration.effect.as_str()) {
            errors.push(FieldError::not_supported(at("effect"), &toleration.effect, &EFFECTS));
        }
    }
}

/// `readinessGates`
pub(super) fn readiness_gates(path: &str, gates: &[PodReadinessGate], errors: &mut Vec<FieldError>) {
    for (i, gate) in gates.iter().enumerate() {
        let type_ = &gate.condition_type;
        push_invalid(errors, &format!("{path}[{i}].conditionType"), type_, names::qualified_name(type_));
    }
}

/// `schedulingGates`
pub(super) fn scheduling_gates(path: &str, gates: &[Value], errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    for (i, gate) in gates.iter().enumerate() {
        let (at, name) = (format!("{path}[{i}]"), text(gate, "name"));
        push_invalid(errors, &at, name, names::qualified_name(name));
        if !seen.insert(name) {
            errors.push(FieldError::duplicate(at, name));
        }
    }
}

/// `topologySpreadConstraints`
pub(super) fn spread(path: &str, constraints: &[TopologySpreadConstraint], errors: &mut Vec<FieldError>) {
    for (i, constraint) in constraints.iter().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        if constraint.max_skew <= 0 {
            errors.push(FieldError::invalid(at("maxSkew"), &constraint.max_skew, POSITIVE));
        }
        let (key, when) = (constraint.topology_key.as_str(), constraint.when_unsatisfiable.as_str());
        if key.is_empty() {
            errors.push(FieldError::required(at("topologyKey"), "can not be empty"));
        } else {
            push_invalid(errors, &at("topologyKey"), key, names::qualified_name(key));
        }
        if !["DoNotSchedule", "ScheduleAnyway"].contains(&when) {
            let supported = ["DoNotSchedule", "ScheduleAnyway"];
            errors.push(FieldError::not_supported(at("whenUnsatisfiable"), when, &supported));
        }
        if constraints[i + 1..].iter().any(|c| c.topology_key == key && c.when_unsatisfiable == when) {
            let pair = format!("{{{key}, {when}}}");
            errors.push(FieldError::duplicate(at("{topologyKey, whenUnsatisfiable}"), &pair));
        }
        details(&format!("{path}[{i}]"), constraint, errors);
    }
}

fn details(path: &str, constraint: &TopologySpreadConstraint, errors: &mut Vec<FieldError>) {
    let at = |field: &str| format!("{path}.{field}");
    if let Some(domains) = constraint.min_domains {
        if domains <= 0 {
            errors.push(FieldError::invalid(at("minDomains"), &domains, POSITIVE));
        }
        let when = &constraint.when_unsatisfiable;
        if when != "DoNotSchedule" {
            let detail = format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {when}");
            errors.push(FieldError::invalid(at("minDomains"), &domains, detail));
        }
    }
    let policies =
        [("nodeAffinityPolicy", &constraint.node_affinity_policy), ("nodeTaintsPolicy", &constraint.node_taints_policy)];
    for (field, policy) in policies {
        if let Some(policy) = policy.as_ref().filter(|p| !["Honor", "Ignore"].contains(&p.as_str())) {
            errors.push(FieldError::not_supported(at(field), policy, &["Honor", "Ignore"]));
        }
    }
    let Some(selector) = &constraint.label_selector else {
        if !constraint.match_label_keys.is_empty() {
            let detail = "must not be specified when labelSelector is not set";
            errors.push(FieldError::forbidden(at("matchLabelKeys"), detail));
        }
        return;
    };
    for (i, key) in constraint.match_label_keys.iter().enumerate() {
        let at = format!("{path}.matchLabelKeys[{i}]");
        push_invalid(errors, &at, key, names::qualified_name(key));
        let again = selector.match_labels.contains_key(key) || selector.match_expressions.iter().any(|e| e.key == *key);
        if again {
            errors.push(FieldError::invalid(at, key, "exists in both matchLabelKeys and labelSelector"));
        }
    }
    label_selector(&at("labelSelector"), selector, errors);
}
