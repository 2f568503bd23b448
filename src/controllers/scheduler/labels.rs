//! Selectors and requirements as the scheduler reads them: what is malformed selects nothing.

use crate::api::meta::{LabelSelector, StringMap};
use crate::api::selector::{Operator, Requirement, Selector};
use serde_json::Value;

/// The selector of an object; an absent one selects nothing, an empty one everything.
pub fn selector(selector: Option<&LabelSelector>) -> Selector {
    Selector::from_optional(selector).unwrap_or(Selector::Nothing)
}

/// The same selector, and these labels besides.
pub fn and_labels(selector: Selector, labels: &StringMap) -> Selector {
    let Selector::All(mut all) = selector else { return Selector::Nothing };
    let equals = |(key, value): (&String, &String)| Requirement::new(key, Operator::Equals, std::slice::from_ref(value));
    match labels.iter().map(equals).collect::<Result<Vec<Requirement>, _>>() {
        Ok(more) => {
            all.extend(more);
            Selector::All(all)
        }
        Err(_) => Selector::Nothing,
    }
}

/// Whether it selects nothing or everything: Pods are not counted by such a selector.
pub fn says_nothing(selector: &Selector) -> bool {
    *selector == Selector::Nothing || selector.is_empty()
}

/// Whether `{key, operator, values}` of a node affinity term holds for labels.
pub fn expression_holds(expression: &Value, labels: &StringMap) -> bool {
    let text = |field: &str| expression[field].as_str().unwrap_or_default();
    let values = expression["values"].as_array().into_iter().flatten();
    let values: Vec<String> = values.filter_map(|v| v.as_str().map(str::to_string)).collect();
    let operator = match text("operator") {
        "In" => Operator::In,
        "NotIn" => Operator::NotIn,
        "Exists" => Operator::Exists,
        "DoesNotExist" => Operator::DoesNotExist,
        "Gt" => Operator::GreaterThan,
        "Lt" => Operator::LessThan,
        _ => return false,
    };
    Requirement::new(text("key"), operator, &values).is_ok_and(|r| r.matches(labels))
}
