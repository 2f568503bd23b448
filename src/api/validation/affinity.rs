//! Affinity (`pkg/apis/core/validation/validation.go`, validateAffinity).

use super::field::{FieldError, push_invalid};
use super::label_selector::label_selector;
use super::names;
use super::tree::{given, items, text, texts};
use crate::api::codec::{Decoder, Json};
use crate::api::meta::LabelSelector;
use serde_json::Value;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// `affinity` of a Pod.
pub(super) fn affinity(path: &str, affinity: &Value, errors: &mut Vec<FieldError>) {
    if let Some(node) = given(affinity, "nodeAffinity") {
        node_affinity(&format!("{path}.nodeAffinity"), node, errors);
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let Some(pods) = given(affinity, kind) else { continue };
        for (i, term) in items(pods, REQUIRED).iter().enumerate() {
            pod_term(&format!("{path}.{kind}.{REQUIRED}[{i}]"), term, errors);
        }
        for (i, weighted) in items(pods, PREFERRED).iter().enumerate() {
            let at = format!("{path}.{kind}.{PREFERRED}[{i}]");
            weight(&at, weighted, errors);
            pod_term(&format!("{at}.podAffinityTerm"), &weighted["podAffinityTerm"], errors);
        }
    }
}

fn weight(path: &str, weighted: &Value, errors: &mut Vec<FieldError>) {
    let weight = weighted["weight"].as_i64().unwrap_or(0);
    if !(1..=100).contains(&weight) {
        errors.push(FieldError::invalid(format!("{path}.weight"), &weight, "must be in the range 1-100"));
    }
}

fn node_affinity(path: &str, node: &Value, errors: &mut Vec<FieldError>) {
    if let Some(required) = given(node, REQUIRED) {
        let at = format!("{path}.{REQUIRED}.nodeSelectorTerms");
        let terms = items(required, "nodeSelectorTerms");
        if terms.is_empty() {
            errors.push(FieldError::required(at.clone(), "must have at least one node selector term"));
        }
        for (i, term) in terms.iter().enumerate() {
            node_term(&format!("{at}[{i}]"), term, true, errors);
        }
    }
    for (i, weighted) in items(node, PREFERRED).iter().enumerate() {
        let at = format!("{path}.{PREFERRED}[{i}]");
        weight(&at, weighted, errors);
        node_term(&format!("{at}.preference"), &weighted["preference"], false, errors);
    }
}

/// `strict`: values must be label values.
fn node_term(path: &str, term: &Value, strict: bool, errors: &mut Vec<FieldError>) {
    for (i, requirement) in items(term, "matchExpressions").iter().enumerate() {
        node_requirement(&format!("{path}.matchExpressions[{i}]"), requirement, strict, errors);
    }
    for (i, requirement) in items(term, "matchFields").iter().enumerate() {
        node_field(&format!("{path}.matchFields[{i}]"), requirement, errors);
    }
}

fn node_requirement(path: &str, requirement: &Value, strict: bool, errors: &mut Vec<FieldError>) {
    let count = items(requirement, "values").len();
    let at = format!("{path}.values");
    match text(requirement, "operator") {
        "In" | "NotIn" if count == 0 => {
            errors.push(FieldError::required(at, "must be specified when `operator` is 'In' or 'NotIn'"));
        }
        "Exists" | "DoesNotExist" if count > 0 => {
            errors.push(FieldError::forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
        }
        "Gt" | "Lt" if count != 1 => {
            errors.push(FieldError::required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        other => errors.push(FieldError::invalid(format!("{path}.operator"), other, "not a valid selector operator")),
    }
    let key = text(requirement, "key");
    push_invalid(errors, &format!("{path}.key"), key, names::qualified_name(key));
    for (i, value) in texts(requirement, "values").enumerate().filter(|_| strict) {
        push_invalid(errors, &format!("{path}.values[{i}]"), value, names::label_value(value));
    }
}

fn node_field(path: &str, requirement: &Value, errors: &mut Vec<FieldError>) {
    match text(requirement, "operator") {
        "In" | "NotIn" => {
            if items(requirement, "values").len() != 1 {
                let detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
                errors.push(FieldError::required(format!("{path}.values"), detail));
            }
        }
        other => errors.push(FieldError::invalid(format!("{path}.operator"), other, "not a valid selector operator")),
    }
    let key = text(requirement, "key");
    if key != "metadata.name" {
        errors.push(FieldError::invalid(format!("{path}.key"), key, "not a valid field selector key"));
        return;
    }
    for (i, value) in texts(requirement, "values").enumerate() {
        push_invalid(errors, &format!("{path}.values[{i}]"), value, names::dns1123_subdomain(value));
    }
}

fn pod_term(path: &str, term: &Value, errors: &mut Vec<FieldError>) {
    for field in ["labelSelector", "namespaceSelector"] {
        if let Some(selector) = selector(&term[field]) {
            label_selector(&format!("{path}.{field}"), &selector, errors);
        }
    }
    for name in texts(term, "namespaces") {
        push_invalid(errors, &format!("{path}.namespace"), name, names::dns1123_label(name));
    }
    let (at, key) = (format!("{path}.topologyKey"), text(term, "topologyKey"));
    if key.is_empty() {
        errors.push(FieldError::required(at.clone(), "can not be empty"));
    }
    push_invalid(errors, &at, key, names::qualified_name(key));
}

fn selector(value: &Value) -> Option<LabelSelector> {
    LabelSelector::decode(value, &mut Decoder::default())
}
