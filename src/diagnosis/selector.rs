//! A selector that matches no Pod: another namespace, a slip of the pen, no replicas, or simply other labels.

use super::behind::{pods, selects};
use super::{Finding, Weight, words};
use crate::api::well_known::POD_TEMPLATE_HASH;
use crate::api::{Deployment, Key, Kind, Object, Service};
use crate::cluster::Cluster;
use crate::kubectl::words::distance;
use std::collections::BTreeMap;

type Labels = BTreeMap<String, String>;

/// A word that was probably meant by another: at most a third of it is different, or two neighbours changed places.
fn near(a: &str, b: &str) -> bool {
    a != b && (distance(a, b) <= (a.chars().count().min(b.chars().count()) / 3).clamp(1, 2) || swapped(a, b))
}

fn swapped(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let first = a.iter().zip(&b).position(|(x, y)| x != y);
    let Some(i) = first.filter(|i| a.len() == b.len() && i + 1 < a.len()) else { return false };
    a[i] == b[i + 1] && a[i + 1] == b[i] && a[i + 2..] == b[i + 2..]
}

/// How well labels fit a selector term by term.
struct Fit {
    same: usize,
    near: Vec<(String, String)>,
    other: usize,
}

fn fit(selector: &Labels, labels: &Labels) -> Fit {
    let mut fit = Fit { same: 0, near: vec![], other: 0 };
    for (key, value) in selector {
        let close = |(k, v): &(&String, &String)| (*k == key && near(v, value)) || (*v == value && near(k, key));
        if labels.get(key) == Some(value) {
            fit.same += 1;
        } else if let Some((k, v)) = labels.iter().find(close) {
            fit.near.push((format!("{key}={value}"), format!("{k}={v}")));
        } else {
            fit.other += 1;
        }
    }
    fit
}

/// Why a selector matches no Pod.
pub fn matches_nothing(cluster: &Cluster, service: &Service, weight: Weight) -> Finding {
    let namespace = service.meta.namespace.as_str();
    let store = cluster.api().store();
    let deployments = || store.list(Kind::Deployment, Some(namespace)).filter_map(Object::as_::<Deployment>);
    if let Some(d) = deployments().find(|d| selects(service, &d.spec.template.meta.labels)) {
        return if d.spec.replicas == Some(0) {
            words::scaled_to_zero(service, d, weight)
        } else {
            words::no_pods_yet(d, weight)
        };
    }
    let here: Vec<&Labels> = pods(cluster, Some(namespace))
        .map(|p| &p.meta.labels)
        .chain(deployments().map(|d| &d.spec.template.meta.labels))
        .collect();
    let fits = || here.iter().map(|labels| (*labels, fit(&service.spec.selector, labels)));
    let typo = fits().filter(|(_, f)| f.other == 0 && !f.near.is_empty()).max_by_key(|(_, f)| f.same);
    if let Some((labels, fit)) = typo {
        return words::label_typo(service, &fit.near, &corrected(&service.spec.selector, labels), weight);
    }
    if let Some(pod) = pods(cluster, None).find(|p| p.meta.namespace != namespace && selects(service, &p.meta.labels)) {
        return words::wrong_namespace(service, &pod.meta.namespace, weight);
    }
    // The nearest that is left: Pods with a part of the labels, or with other values of the same keys.
    let part = fits().filter(|(_, f)| f.same > 0).max_by_key(|(_, f)| f.same).map(|(labels, _)| labels);
    let keyed = || here.iter().copied().find(|labels| service.spec.selector.keys().all(|k| labels.contains_key(k)));
    let nearest = part.or_else(keyed).map(|labels| corrected(&service.spec.selector, labels)).filter(|l| !l.is_empty());
    words::selector_matches_nothing(service, &known_labels(cluster, namespace), nearest, weight)
}

/// The selector with the labels that Pods have: the same keys (or near ones), their values.
fn corrected(selector: &Labels, labels: &Labels) -> Labels {
    let one = |(key, value): (&String, &String)| {
        let same_key = labels.get_key_value(key);
        let near_key = || labels.iter().find(|(k, v)| *v == value && near(k, key));
        same_key.or_else(near_key).map(|(k, v)| (k.clone(), v.clone()))
    };
    selector.iter().filter_map(one).collect()
}

/// Labels of the Pods of a namespace with their numbers, the most frequent first; the template's hash is left out.
fn known_labels(cluster: &Cluster, namespace: &str) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for pod in pods(cluster, Some(namespace)) {
        for (k, v) in pod.meta.labels.iter().filter(|(k, _)| *k != POD_TEMPLATE_HASH) {
            *counts.entry(format!("{k}={v}")).or_default() += 1;
        }
    }
    let mut list: Vec<(String, usize)> = counts.into_iter().collect();
    list.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    list.truncate(5);
    list
}

/// There is no Service of that name: where there is one, or one that is spelt nearly so.
pub fn no_such_service(cluster: &Cluster, key: &Key) -> Finding {
    let all = || cluster.api().store().list(Kind::Service, None).map(Object::key);
    let elsewhere = all().find(|k| k.name == key.name && k.namespace != key.namespace);
    if let Some(other) = elsewhere {
        return words::service_elsewhere(key, &other);
    }
    let closest =
        all().filter(|k| k.namespace == key.namespace && near(&k.name, &key.name)).min_by_key(|k| distance(&k.name, &key.name));
    let here: Vec<Key> = all().filter(|k| k.namespace == key.namespace).collect();
    words::no_such_service(key, closest.as_ref(), &here)
}
