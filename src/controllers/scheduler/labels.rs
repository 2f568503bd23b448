//! Label requirements as the scheduler reads them from selectors and node affinity terms.
//!
//! Source: `staging/component-helpers/scheduling/corev1/nodeaffinity`, `staging/apimachinery/pkg/labels/selector.go`.

use crate::api::meta::{LabelSelector, StringMap};
use serde_json::Value;

/// One thing that must hold for a set of labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    key: String,
    operator: String,
    values: Vec<String>,
}

impl Requirement {
    /// `key` must have this value.
    pub fn equals(key: &str, value: &str) -> Requirement {
        Requirement { key: key.into(), operator: "In".into(), values: vec![value.into()] }
    }

    /// Reads `{key, operator, values}`.
    pub fn read(value: &Value) -> Requirement {
        let text = |field: &str| value[field].as_str().unwrap_or_default().to_string();
        let values = value["values"].as_array().into_iter().flatten();
        Requirement {
            key: text("key"),
            operator: text("operator"),
            values: values.filter_map(|v| v.as_str().map(str::to_string)).collect(),
        }
    }

    /// Whether it holds. Unknown operators hold for nothing.
    pub fn matches(&self, labels: &StringMap) -> bool {
        let value = labels.get(&self.key);
        let number = |text: &String| text.parse::<i64>().ok();
        let bound = || self.values.first().and_then(number);
        match self.operator.as_str() {
            "In" => value.is_some_and(|v| self.values.contains(v)),
            "NotIn" => value.is_none_or(|v| !self.values.contains(v)),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            "Gt" => value.and_then(number).zip(bound()).is_some_and(|(v, b)| v > b),
            "Lt" => value.and_then(number).zip(bound()).is_some_and(|(v, b)| v < b),
            _ => false,
        }
    }
}

/// Requirements of which all must hold; `None` selects nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector(Option<Vec<Requirement>>);

impl Selector {
    /// All of these must hold.
    pub fn all(requirements: Vec<Requirement>) -> Selector {
        Selector(Some(requirements))
    }

    /// The selector of an object; an absent one selects nothing, an empty one everything.
    pub fn of(selector: Option<&LabelSelector>) -> Selector {
        Selector(selector.map(|selector| {
            let mut requirements: Vec<Requirement> =
                selector.match_labels.iter().map(|(k, v)| Requirement::equals(k, v)).collect();
            requirements.extend(selector.match_expressions.iter().map(|e| Requirement {
                key: e.key.clone(),
                operator: e.operator.clone(),
                values: e.values.clone(),
            }));
            requirements
        }))
    }

    /// One more thing must hold.
    pub fn and(mut self, requirement: Requirement) -> Selector {
        if let Some(requirements) = &mut self.0 {
            requirements.push(requirement);
        }
        self
    }

    /// Whether it says nothing: it selects everything, or nothing.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(Vec::is_empty)
    }

    /// Whether it selects these labels.
    pub fn matches(&self, labels: &StringMap) -> bool {
        self.0.as_ref().is_some_and(|all| all.iter().all(|r| r.matches(labels)))
    }
}
