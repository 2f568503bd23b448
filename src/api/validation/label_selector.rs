//! Label selector objects inside other objects (`staging/apimachinery/pkg/apis/meta/v1/validation/validation.go`).

use super::field::{AsJson, FieldError, Printed, push_invalid};
use super::{meta, names};
use crate::api::codec::Json;
use crate::api::meta::LabelSelector;

/// Everything that can be wrong with a selector.
pub fn label_selector(path: &str, selector: &LabelSelector, errors: &mut Vec<FieldError>) {
    meta::labels(&format!("{path}.matchLabels"), &selector.match_labels, errors);
    for (i, expression) in selector.match_expressions.iter().enumerate() {
        let at = |field: &str| format!("{path}.matchExpressions[{i}].{field}");
        match (expression.operator.as_str(), expression.values.is_empty()) {
            ("In" | "NotIn", true) => {
                errors.push(FieldError::required(at("values"), "must be specified when `operator` is 'In' or 'NotIn'"));
            }
            ("Exists" | "DoesNotExist", false) => {
                let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                errors.push(FieldError::forbidden(at("values"), detail));
            }
            ("In" | "NotIn" | "Exists" | "DoesNotExist", _) => {}
            (other, _) => errors.push(FieldError::invalid(at("operator"), other, "not a valid selector operator")),
        }
        push_invalid(errors, &at("key"), &expression.key, names::qualified_name(&expression.key));
        for (j, value) in expression.values.iter().enumerate() {
            push_invalid(errors, &at(&format!("values[{j}]")), value, names::label_value(value));
        }
    }
}

/// The selector as errors print it: labels before expressions, null when it is absent.
pub fn shown(selector: Option<&LabelSelector>) -> Printed {
    let Some(selector) = selector else { return Printed("null".into()) };
    let mut parts = vec![];
    if !selector.match_labels.is_empty() {
        parts.push(format!("\"matchLabels\":{}", selector.match_labels.encode()));
    }
    if !selector.match_expressions.is_empty() {
        parts.push(format!("\"matchExpressions\":{}", selector.match_expressions.encode()));
    }
    Printed(format!("{{{}}}", parts.join(",")))
}

/// Labels as errors print them: null when there are none.
pub fn shown_labels(labels: &crate::api::meta::StringMap) -> Printed {
    use super::field::Shown;
    Printed(if labels.is_empty() { "null".into() } else { AsJson(labels).shown() })
}
