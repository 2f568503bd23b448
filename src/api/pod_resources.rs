//! What a Pod asks for as a whole (`k8s.io/component-helpers/resource`).

use super::pod::ResourceRequirements;
use super::quantity::Amount;
use super::{Pod, Quantity};
use std::collections::BTreeMap;

/// Amounts by resource.
pub type Amounts = BTreeMap<String, Amount>;

/// What a Pod requests, in the form that the API server stores.
pub fn requests(pod: &Pod) -> BTreeMap<String, Quantity> {
    stored(of_pod(pod, |r| &r.requests))
}

/// A Pod's limits: of each resource that is limited in every container.
pub fn limits(pod: &Pod) -> BTreeMap<String, Quantity> {
    let mut sum = of_pod(pod, |r| &r.limits);
    sum.retain(|name, _| pod.spec.containers.iter().all(|c| c.resources.limits.contains_key(name)));
    stored(sum)
}

fn stored(amounts: Amounts) -> BTreeMap<String, Quantity> {
    amounts.into_iter().map(|(name, amount)| (name, Quantity(amount.canonical()))).collect()
}

/// What quantities stand for; those that cannot be read are left out.
pub fn parsed(amounts: &BTreeMap<String, Quantity>) -> Amounts {
    amounts.iter().filter_map(|(name, q)| Amount::parse(&q.0).ok().map(|a| (name.clone(), a))).collect()
}

/// Adds an amount of a resource.
pub fn add(into: &mut Amounts, name: &str, amount: &Amount) {
    match into.get_mut(name) {
        Some(old) => *old = old.plus(amount),
        None => drop(into.insert(name.to_owned(), amount.clone())),
    }
}

/// Requests, or limits.
pub type Side = fn(&ResourceRequirements) -> &BTreeMap<String, Quantity>;

/// What a Pod asks for: its containers and sidecars together, or a plain init container (with the sidecars before it) if that
/// asks for more.
pub fn of_pod(pod: &Pod, side: Side) -> Amounts {
    let mut total = Amounts::new();
    let add_all = |into: &mut Amounts, amounts: &Amounts| amounts.iter().for_each(|(n, a)| add(into, n, a));
    for container in &pod.spec.containers {
        add_all(&mut total, &parsed(side(&container.resources)));
    }
    let (mut sidecars, mut largest) = (Amounts::new(), Amounts::new());
    for container in &pod.spec.init_containers {
        let mut own = parsed(side(&container.resources));
        if container.restarts_always() {
            add_all(&mut total, &own);
            add_all(&mut sidecars, &own);
            own = sidecars.clone();
        } else {
            add_all(&mut own, &sidecars);
        }
        raise(&mut largest, own);
    }
    raise(&mut total, largest);
    total
}

/// Takes over every amount that is larger.
fn raise(into: &mut Amounts, other: Amounts) {
    for (name, amount) in other {
        if into.get(&name).is_none_or(|old| old.compare(&amount).is_lt()) {
            into.insert(name, amount);
        }
    }
}
