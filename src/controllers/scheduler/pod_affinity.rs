//! InterPodAffinity: Pods that must, or must not, stand near others.
//!
//! Source: `pkg/scheduler/framework/plugins/interpodaffinity/{filtering,scoring}.go`.

use super::labels;
use super::nodes::{Nodes, has_affinity};
use crate::api::codec::{Decoder, Json};
use crate::api::meta::LabelSelector;
use crate::api::selector::Selector;
use crate::api::{Namespace, Node, Pod};
use crate::controllers::Cache;
use serde_json::Value;
use std::collections::BTreeMap;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Why a node is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum No {
    /// The Pods that it wants to be near are not there.
    Affinity,
    /// Pods that it must not be near are there.
    AntiAffinity,
    /// Pods are there that it must not be near by their own rules.
    Existing,
}

/// One term: other Pods, and what "near" means.
struct Term {
    selector: Selector,
    namespaces: Vec<String>,
    namespace_selector: Selector,
    key: String,
}

impl Term {
    fn read(value: &Value, pod: &Pod) -> Term {
        let selector = |field: &str| {
            let found = value.get(field).and_then(|v| LabelSelector::decode(v, &mut Decoder::default()));
            labels::selector(found.as_ref())
        };
        let names = value["namespaces"].as_array().into_iter().flatten();
        let mut namespaces: Vec<String> = names.filter_map(|n| n.as_str().map(str::to_string)).collect();
        if namespaces.is_empty() && value.get("namespaceSelector").is_none_or(Value::is_null) {
            namespaces.push(pod.meta.namespace.clone());
        }
        Term {
            selector: selector("labelSelector"),
            namespaces,
            namespace_selector: selector("namespaceSelector"),
            key: value["topologyKey"].as_str().unwrap_or_default().to_string(),
        }
    }

    fn matches(&self, pod: &Pod, cache: &Cache) -> bool {
        let name = &pod.meta.namespace;
        let labels = || cache.get::<Namespace>(&crate::api::Key::new("", name)).map(|n| n.meta.labels.clone());
        let in_scope = self.namespaces.contains(name) || self.namespace_selector.matches(&labels().unwrap_or_default());
        in_scope && self.selector.matches(&pod.meta.labels)
    }
}

fn list<'a>(pod: &'a Pod, kind: &str, when: &str) -> &'a [Value] {
    let terms = pod.spec.affinity.as_ref().and_then(|a| a.get(kind)?.get(when)?.as_array());
    terms.map_or(&[], Vec::as_slice)
}

fn terms(pod: &Pod, kind: &str) -> Vec<Term> {
    list(pod, kind, REQUIRED).iter().map(|value| Term::read(value, pod)).collect()
}

/// Pods by topology key and value.
type Counts = BTreeMap<(String, String), i64>;

/// The required terms of a Pod and of all others, with the Pods counted.
pub struct PodAffinity {
    near: Vec<Term>,
    near_counts: Counts,
    is_first_of_its_kind: bool,
    apart: Vec<Term>,
    apart_counts: Counts,
    existing: Counts,
}

fn count(counts: &mut Counts, key: &str, node: &Node, n: i64) {
    if let Some(value) = node.meta.labels.get(key) {
        *counts.entry((key.to_string(), value.clone())).or_default() += n;
    }
}

impl PodAffinity {
    /// Counts what matters for this Pod.
    pub fn new(pod: &Pod, nodes: &Nodes, cache: &Cache) -> PodAffinity {
        let (near, apart) = (terms(pod, "podAffinity"), terms(pod, "podAntiAffinity"));
        let (mut near_counts, mut apart_counts, mut existing) = (Counts::new(), Counts::new(), Counts::new());
        let asks = !near.is_empty() || !apart.is_empty();
        for (node, info) in nodes.iter() {
            for other in info.with_affinity.iter().filter_map(|key| info.pods.get(key)) {
                for term in terms(other, "podAntiAffinity").iter().filter(|t| t.matches(pod, cache)) {
                    count(&mut existing, &term.key, node, 1);
                }
            }
            for other in info.pods.values().filter(|_| asks) {
                if !near.is_empty() && near.iter().all(|t| t.matches(other, cache)) {
                    near.iter().for_each(|term| count(&mut near_counts, &term.key, node, 1));
                }
                for term in apart.iter().filter(|t| t.matches(other, cache)) {
                    count(&mut apart_counts, &term.key, node, 1);
                }
            }
        }
        let is_first_of_its_kind = near_counts.is_empty() && near.iter().all(|t| t.matches(pod, cache));
        PodAffinity { near, near_counts, is_first_of_its_kind, apart, apart_counts, existing }
    }

    /// Whether the Pod may stand on this node.
    pub fn allows(&self, node: &Node) -> Result<(), No> {
        let there = |counts: &Counts, key: &str| {
            let value = node.meta.labels.get(key);
            value.is_some_and(|v| counts.get(&(key.to_string(), v.clone())).is_some_and(|n| *n > 0))
        };
        let has_keys = self.near.iter().all(|t| node.meta.labels.contains_key(&t.key));
        let near = self.near.iter().all(|t| there(&self.near_counts, &t.key));
        if !has_keys || !(near || self.is_first_of_its_kind) {
            return Err(No::Affinity);
        }
        if self.apart.iter().any(|t| there(&self.apart_counts, &t.key)) {
            return Err(No::AntiAffinity);
        }
        if self.existing.iter().any(|((key, value), n)| *n > 0 && node.meta.labels.get(key) == Some(value)) {
            return Err(No::Existing);
        }
        Ok(())
    }
}

/// Scores 0..=100 by preferred terms, the Pod's own and those of Pods that are there; `None` when nobody has any.
pub fn scores(pod: &Pod, candidates: &[&Node], nodes: &Nodes, cache: &Cache) -> Option<Vec<i64>> {
    let mut weights = Counts::new();
    let asks = has_affinity(pod);
    for (node, info) in nodes.iter() {
        for other in info.pods.values().filter(|_| asks) {
            weigh(&mut weights, node, pod, other, cache, false);
        }
        for other in info.with_affinity.iter().filter_map(|key| info.pods.get(key)) {
            weigh(&mut weights, node, other, pod, cache, true);
        }
    }
    if weights.is_empty() {
        return None;
    }
    let raw = |node: &&Node| -> i64 {
        weights.iter().filter(|((key, value), _)| node.meta.labels.get(key) == Some(value)).map(|(_, n)| n).sum()
    };
    let raws: Vec<i64> = candidates.iter().map(raw).collect();
    let (least, most) = (raws.iter().min().copied()?, raws.iter().max().copied()?);
    let normal = |raw: i64| if most == least { 0 } else { 100 * (raw - least) / (most - least) };
    Some(raws.into_iter().map(normal).collect())
}

/// What `asking` prefers about `other`, counted for the domain of the node that one of them stands on. Affinity that a
/// Pod requires counts 1 for Pods that come later.
fn weigh(weights: &mut Counts, node: &Node, asking: &Pod, other: &Pod, cache: &Cache, is_there: bool) {
    for (kind, sign) in [("podAffinity", 1), ("podAntiAffinity", -1)] {
        for value in list(asking, kind, PREFERRED) {
            let term = Term::read(&value["podAffinityTerm"], asking);
            if term.matches(other, cache) {
                count(weights, &term.key, node, sign * value["weight"].as_i64().unwrap_or(0));
            }
        }
    }
    for term in terms(asking, "podAffinity").iter().filter(|t| is_there && t.matches(other, cache)) {
        count(weights, &term.key, node, 1);
    }
}
