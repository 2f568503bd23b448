//! Kinds that are kept as trees: their names, and what people most often forget.

use super::field::FieldError;
use super::{meta, names};
use crate::api::Kind;
use crate::api::plain::Plain;
use serde_json::Value;

pub(super) fn create(plain: &Plain) -> Vec<FieldError> {
    let mut errors = vec![];
    let rule: meta::NameRule = match plain.kind {
        Kind::Role | Kind::RoleBinding | Kind::ClusterRole | Kind::ClusterRoleBinding => |_| vec![],
        _ => names::dns1123_subdomain,
    };
    meta::create(&plain.meta, plain.kind.info().namespaced, rule, &mut errors);
    match plain.kind {
        Kind::Ingress => ingress(plain, &mut errors),
        Kind::CronJob if plain.at(&["spec", "schedule"]).as_str().is_none_or(str::is_empty) => {
            errors.push(FieldError::required("spec.schedule", ""));
        }
        _ => {}
    }
    errors
}

fn ingress(plain: &Plain, errors: &mut Vec<FieldError>) {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let rules = list(plain.at(&["spec", "rules"]));
    if rules.is_empty() && plain.at(&["spec", "defaultBackend"]).is_null() {
        let value = Value::Array(vec![]);
        errors.push(FieldError::invalid("spec", &value, "either `defaultBackend` or `rules` must be specified"));
    }
    for (i, rule) in rules.iter().enumerate() {
        for (j, path) in list(&rule["http"]["paths"]).iter().enumerate() {
            let place = format!("spec.rules[{i}].http.paths[{j}]");
            if path["pathType"].as_str().is_none_or(str::is_empty) {
                errors.push(FieldError::required(format!("{place}.pathType"), "pathType must be specified"));
            }
            if path["backend"]["service"]["name"].as_str().is_some_and(str::is_empty) {
                errors.push(FieldError::required(format!("{place}.backend.service.name"), ""));
            }
        }
    }
}
