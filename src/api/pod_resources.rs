//! What a Pod asks for as a whole (`k8s.io/component-helpers/resource`).
//!
//! Promises: the scheduler, `kubectl describe node`, the kubelet's status and quotas sum by the same functions, as in Kubernetes;
//! amounts are exact until somebody rounds them.

use super::pod::ResourceRequirements;
use super::quantity::Amount;
use super::{Pod, Quantity};
use std::collections::BTreeMap;

/// Amounts by resource.
pub type Amounts = BTreeMap<String, Amount>;

/// What a Pod requests (`PodRequests`): what its containers do, and what it takes besides to run a Pod of its kind.
pub fn requests(pod: &Pod) -> Amounts {
    requests_with(pod, &Amounts::new())
}

/// The same, where a container that says nothing of a resource in `missing` counts as if it asked for so much of it
/// (`NonMissingContainerRequests`).
pub fn requests_with(pod: &Pod, missing: &Amounts) -> Amounts {
    let mut sum = of_containers(pod, |resources| {
        let mut own = parsed(&resources.requests);
        for (name, amount) in missing {
            own.entry(name.clone()).or_insert_with(|| amount.clone());
        }
        own
    });
    add_all(&mut sum, &parsed(&pod.spec.overhead));
    sum
}

/// A Pod's limits (`PodLimits`): running it takes more of a resource only where that is limited.
pub fn limits(pod: &Pod) -> Amounts {
    let mut sum = of_containers(pod, |resources| parsed(&resources.limits));
    for (name, overhead) in parsed(&pod.spec.overhead) {
        if sum.contains_key(&name) {
            add(&mut sum, &name, &overhead);
        }
    }
    sum
}

/// The limits that hold for a Pod as a whole (`ResourceConfigForPod`): of each resource that is limited in every container.
pub fn whole_limits(pod: &Pod) -> Amounts {
    let mut sum = limits(pod);
    sum.retain(|name, _| pod.spec.containers.iter().all(|c| c.resources.limits.contains_key(name)));
    sum
}

/// Amounts in the form that the API server stores.
pub fn stored(amounts: Amounts) -> BTreeMap<String, Quantity> {
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

fn add_all(into: &mut Amounts, amounts: &Amounts) {
    amounts.iter().for_each(|(name, amount)| add(into, name, amount));
}

/// What a Pod's containers ask for (`AggregateContainerRequests`; `of`: what one does): containers and sidecars together, or a
/// plain init container (with the sidecars before it) if that asks for more.
pub fn of_containers(pod: &Pod, of: impl Fn(&ResourceRequirements) -> Amounts) -> Amounts {
    let mut total = Amounts::new();
    for container in &pod.spec.containers {
        add_all(&mut total, &of(&container.resources));
    }
    let (mut sidecars, mut largest) = (Amounts::new(), Amounts::new());
    for container in &pod.spec.init_containers {
        let mut own = of(&container.resources);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::pod::Container;

    fn container(cpu: &str) -> Container {
        let mut container = Container::default();
        container.resources.requests.insert("cpu".into(), Quantity(cpu.into()));
        container
    }

    fn cpu(amounts: &Amounts) -> i64 {
        amounts["cpu"].milli_value()
    }

    #[test]
    fn a_pod_needs_its_containers_or_its_largest_start_up_step() {
        let mut pod = Pod::default();
        pod.spec.containers = vec![container("100m"), container("200m")];
        pod.spec.init_containers = vec![container("250m")];
        assert_eq!(cpu(&requests(&pod)), 300);
        pod.spec.init_containers.push(container("1"));
        assert_eq!(cpu(&requests(&pod)), 1000);
        let mut sidecar = container("50m");
        sidecar.restart_policy = Some("Always".into());
        pod.spec.init_containers = vec![sidecar, container("260m")];
        assert_eq!(cpu(&requests(&pod)), 350);
    }

    #[test]
    fn overhead_is_requested_always_and_limited_where_something_is() {
        let mut pod = Pod::default();
        pod.spec.containers = vec![container("100m")];
        pod.spec.containers[0].resources.limits.insert("memory".into(), Quantity("1Gi".into()));
        pod.spec.overhead = BTreeMap::from([("cpu", "250m"), ("memory", "1Gi")].map(|(n, q)| (n.into(), Quantity(q.into()))));
        let (requested, limited) = (stored(requests(&pod)), stored(limits(&pod)));
        assert_eq!((&*requested["cpu"].0, &*requested["memory"].0), ("350m", "1Gi"));
        assert_eq!((limited.get("cpu"), &*limited["memory"].0), (None, "2Gi"));
    }
}
