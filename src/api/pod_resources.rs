//! What a Pod asks for as a whole (`k8s.io/component-helpers/resource`): its containers together, or its largest start-up step.

use super::pod::{Container, ResourceRequirements};
use super::quantity::Amount;
use super::{Pod, Quantity};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Amounts by resource.
pub type Amounts = BTreeMap<String, Quantity>;

/// What a Pod requests.
pub fn requests(pod: &Pod) -> Amounts {
    together(pod, |resources| &resources.requests)
}

/// A Pod's limits: of each resource that is limited in every container.
pub fn limits(pod: &Pod) -> Amounts {
    let mut sum = together(pod, |resources| &resources.limits);
    sum.retain(|name, _| pod.spec.containers.iter().all(|c| c.resources.limits.contains_key(name)));
    sum
}

fn together(pod: &Pod, of: fn(&ResourceRequirements) -> &Amounts) -> Amounts {
    let is_sidecar = |c: &Container| c.restart_policy.as_deref() == Some("Always");
    let mut sum = Amounts::new();
    for container in &pod.spec.containers {
        add(&mut sum, of(&container.resources));
    }
    let (mut sidecars, mut peak) = (Amounts::new(), Amounts::new());
    for container in &pod.spec.init_containers {
        let step = if is_sidecar(container) {
            add(&mut sidecars, of(&container.resources));
            sidecars.clone()
        } else {
            let mut step = of(&container.resources).clone();
            add(&mut step, &sidecars);
            step
        };
        raise(&mut peak, &step);
    }
    add(&mut sum, &sidecars);
    raise(&mut sum, &peak);
    sum
}

/// What a quantity stands for; what the API server has let in can be read.
fn amount(quantity: &Quantity) -> Option<Amount> {
    Amount::parse(&quantity.0).ok()
}

fn add(sum: &mut Amounts, more: &Amounts) {
    for (name, quantity) in more {
        let together = sum.get(name).and_then(|before| Some(Quantity(amount(before)?.plus(&amount(quantity)?).canonical())));
        sum.insert(name.clone(), together.unwrap_or_else(|| quantity.clone()));
    }
}

fn raise(most: &mut Amounts, other: &Amounts) {
    for (name, quantity) in other {
        let less = |before: &Quantity| Some(amount(before)?.compare(&amount(quantity)?) == Ordering::Less);
        if most.get(name).is_none_or(|before| less(before).unwrap_or(false)) {
            most.insert(name.clone(), quantity.clone());
        }
    }
}
