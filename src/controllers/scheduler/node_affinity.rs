//! Which nodes a Pod asks for by their labels: nodeSelector, required and preferred node affinity.
//!
//! Source: `staging/component-helpers/scheduling/corev1/nodeaffinity`, `pkg/scheduler/framework/plugins/nodeaffinity`.

use super::labels::expression_holds;
use crate::api::meta::StringMap;
use crate::api::{Node, Pod};
use serde_json::Value;

fn affinity<'a>(pod: &'a Pod, field: &str) -> Option<&'a Value> {
    pod.spec.affinity.as_ref()?.get("nodeAffinity")?.get(field).filter(|v| !v.is_null())
}

/// Whether the node is one that the Pod requires.
pub fn required(pod: &Pod, node: &Node) -> bool {
    let selected = pod.spec.node_selector.iter().all(|(k, v)| node.meta.labels.get(k) == Some(v));
    let Some(wanted) = affinity(pod, "requiredDuringSchedulingIgnoredDuringExecution") else { return selected };
    let terms = wanted["nodeSelectorTerms"].as_array().map_or(&[][..], Vec::as_slice);
    selected && terms.iter().any(|term| term_matches(term, node))
}

/// The weights of the preferred terms that the node meets.
pub fn preferred(pod: &Pod, node: &Node) -> i64 {
    let terms = affinity(pod, "preferredDuringSchedulingIgnoredDuringExecution").and_then(Value::as_array);
    let met = terms.into_iter().flatten().filter(|term| term_matches(&term["preference"], node));
    met.filter_map(|term| term["weight"].as_i64()).sum()
}

/// All expressions of a term must hold; a term without any holds for no node.
fn term_matches(term: &Value, node: &Node) -> bool {
    let list = |field: &str| term[field].as_array().map_or(&[][..], Vec::as_slice);
    let (expressions, fields) = (list("matchExpressions"), list("matchFields"));
    if expressions.is_empty() && fields.is_empty() {
        return false;
    }
    let own = StringMap::from([("metadata.name".to_string(), node.meta.name.clone())]);
    expressions.iter().all(|e| expression_holds(e, &node.meta.labels)) && fields.iter().all(|f| expression_holds(f, &own))
}
