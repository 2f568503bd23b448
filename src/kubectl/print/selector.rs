//! How a label selector is written in one line (`app=web,tier in (a,b),!old`), as `labels.Selector.String()` does.

use crate::api::meta::{LabelSelector, LabelSelectorRequirement};

/// The selector's canonical text: requirements by key, values sorted. "" when it selects everything or (absent) nothing;
/// `None` for a requirement that Kubernetes would refuse.
pub fn text(selector: Option<&LabelSelector>) -> Option<String> {
    let Some(selector) = selector else { return Some(String::new()) };
    let mut parts: Vec<(&str, String)> =
        selector.match_labels.iter().map(|(key, value)| (key.as_str(), format!("{key}={value}"))).collect();
    for requirement in &selector.match_expressions {
        parts.push((&requirement.key, one(requirement)?));
    }
    parts.sort_by_key(|(key, _)| *key);
    Some(parts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(","))
}

/// The same as `metav1.FormatLabelSelector` writes it: `<none>` for an empty text, `<error>` for a bad requirement.
pub fn formatted(selector: Option<&LabelSelector>) -> String {
    match text(selector) {
        Some(text) if text.is_empty() => "<none>".to_owned(),
        Some(text) => text,
        None => "<error>".to_owned(),
    }
}

fn one(requirement: &LabelSelectorRequirement) -> Option<String> {
    let key = &requirement.key;
    let mut values = requirement.values.clone();
    values.sort();
    let set = values.join(",");
    match (requirement.operator.as_str(), values.is_empty()) {
        ("In", false) => Some(format!("{key} in ({set})")),
        ("NotIn", false) => Some(format!("{key} notin ({set})")),
        ("Exists", true) => Some(key.clone()),
        ("DoesNotExist", true) => Some(format!("!{key}")),
        _ => None,
    }
}
