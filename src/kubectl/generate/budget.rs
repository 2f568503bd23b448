//! `kubectl create poddisruptionbudget|job`.

use super::{meta, one_name};
use crate::api::meta::{LabelSelector, StringMap};
use crate::api::pod::Container;
use crate::api::policy::PodDisruptionBudgetSpec;
use crate::api::{IntOrString, Job, PodDisruptionBudget, Resource};
use serde_json::Value;
use std::rc::Rc;

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct BudgetArgs {
    /// The words without a dash.
    pub names: Vec<String>,
    /// `--selector`.
    pub selector: String,
    /// `--min-available`.
    pub min_available: String,
    /// `--max-unavailable`.
    pub max_unavailable: String,
    /// `--namespace`, "" when it was not given.
    pub namespace: String,
}

/// The PodDisruptionBudget that would be sent.
pub fn budget(args: &BudgetArgs) -> Result<Value, String> {
    let name = one_name("create poddisruptionbudget", &args.names)?;
    let (least, most) = (args.min_available.as_str(), args.max_unavailable.as_str());
    let plain = |text: &str| {
        let digits = text.strip_suffix('%').unwrap_or(text);
        text.is_empty() || (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    let rules = [
        (args.selector.is_empty(), "a selector must be specified"),
        (least.is_empty() && most.is_empty(), "one of min-available or max-unavailable must be specified"),
        (!least.is_empty() && !most.is_empty(), "min-available and max-unavailable cannot be both specified"),
        (!plain(least), "invalid format specified for min-available"),
        (!plain(most), "invalid format specified for max-unavailable"),
    ];
    if let Some((_, text)) = rules.iter().find(|(broken, _)| *broken) {
        return Err((*text).to_string());
    }
    let amount = |text: &str| {
        let value = text.parse().map_or_else(|_| IntOrString::Text(text.to_string()), IntOrString::Int);
        (!text.is_empty()).then_some(value)
    };
    let pairs = args.selector.split(',').filter_map(|pair| pair.split_once('='));
    let match_labels: StringMap =
        pairs.map(|(key, value)| (key.trim().to_string(), value.trim_start_matches('=').trim().to_string())).collect();
    let spec = PodDisruptionBudgetSpec {
        min_available: amount(least),
        max_unavailable: amount(most),
        selector: Some(LabelSelector { match_labels, ..LabelSelector::default() }),
        ..PodDisruptionBudgetSpec::default()
    };
    let meta = meta(&name, &args.namespace, StringMap::new());
    Ok(Rc::new(PodDisruptionBudget { meta, spec, ..PodDisruptionBudget::default() }).into_object().to_value())
}

/// The Job that `kubectl create job` would send.
pub fn job(names: &[String], image: &str, command: Vec<String>, namespace: &str) -> Result<Value, String> {
    let name = one_name("create job", names)?;
    if image.is_empty() {
        return Err("either --image or --from must be specified".into());
    }
    let mut job = Job { meta: meta(&name, namespace, StringMap::new()), ..Job::default() };
    let spec = &mut job.spec.template.spec;
    spec.containers = vec![Container { name, image: image.into(), command, ..Container::default() }];
    spec.restart_policy = "Never".into();
    Ok(Rc::new(job).into_object().to_value())
}
