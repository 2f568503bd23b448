//! Nodes (`pkg/apis/core/validation/validation.go`, ValidateNode, ValidateNodeUpdate).

use super::field::{FieldError, Printed, push_invalid};
use super::scheduling::EFFECTS;
use super::{meta, names};
use crate::api::Node;
use std::collections::BTreeSet;

pub(super) fn create(node: &Node) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::create(&node.meta, false, names::dns1123_subdomain, &mut errors);
    taints(node, &mut errors);
    errors
}

pub(super) fn update(new: &Node, old: &Node) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    if !old.spec.pod_cidrs.is_empty() && new.spec.pod_cidrs != old.spec.pod_cidrs {
        let detail = "node updates may not change podCIDR except from \"\" to valid";
        errors.push(FieldError::forbidden("spec.podCIDRs", detail));
    }
    if !old.spec.provider_id.is_empty() && new.spec.provider_id != old.spec.provider_id {
        let detail = "node updates may not change providerID except from \"\" to valid";
        errors.push(FieldError::forbidden("spec.providerID", detail));
    }
    taints(new, &mut errors);
    errors
}

fn taints(node: &Node, errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    for (i, taint) in node.spec.taints.iter().enumerate() {
        let path = format!("spec.taints[{i}]");
        push_invalid(errors, &format!("{path}.key"), &taint.key, names::qualified_name(&taint.key));
        let messages = names::label_value(&taint.value);
        if !messages.is_empty() {
            errors.push(FieldError::invalid(format!("{path}.value"), &taint.value, messages.join(";")));
        }
        if taint.effect.is_empty() {
            errors.push(FieldError::required(format!("{path}.effect"), ""));
        } else if !EFFECTS.contains(&taint.effect.as_str()) {
            errors.push(FieldError::not_supported(format!("{path}.effect"), &taint.effect, &EFFECTS));
        }
        if !seen.insert((&taint.effect, &taint.key)) {
            // The server's internal struct, with Go's names.
            let text = |s: &str| serde_json::Value::from(s).to_string();
            let (key, value, effect) = (text(&taint.key), text(&taint.value), text(&taint.effect));
            let time = taint.time_added.map_or("null".into(), |t| text(&t.rfc3339()));
            let shown = format!("{{\"Key\":{key},\"Value\":{value},\"Effect\":{effect},\"TimeAdded\":{time}}}");
            let mut error = FieldError::duplicate(path, &Printed(shown));
            error.detail = "taints must be unique by key and effect pair".into();
            errors.push(error);
        }
    }
}

/// What to say about a label of nodes that has a newer name (`pkg/api/node/util.go`).
pub(super) fn deprecated_label(key: &str) -> Option<&'static str> {
    Some(match key {
        "beta.kubernetes.io/arch" => "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
        "beta.kubernetes.io/os" => "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        "failure-domain.beta.kubernetes.io/region" => "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
        "failure-domain.beta.kubernetes.io/zone" => "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
        "beta.kubernetes.io/instance-type" => "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
        "app.kubernetes.io/created-by" => "deprecated since v1.9",
        "scheduler.alpha.kubernetes.io/preferAvoidPods" => "deprecated since v1.22; use Taints and Tolerations instead",
        "node-role.kubernetes.io/master" => "use \"node-role.kubernetes.io/control-plane\" instead",
        _ => return None,
    })
}
