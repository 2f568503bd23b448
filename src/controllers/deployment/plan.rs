//! Which ReplicaSets get which sizes: the arithmetic of a rolling update and of scaling, without any writing.
//!
//! Sources: `pkg/controller/deployment/{rolling,sync}.go`, `pkg/controller/deployment/util/deployment_util.go`.

use super::annotations;
use super::family::{self, Family, size};
use super::fenceposts::{is_rolling, max_surge, min_available, replicas};
use crate::api::well_known::{DESIRED_REPLICAS, MAX_REPLICAS};
use crate::api::{Deployment, ReplicaSet};
use crate::sorting::Arrange;
use std::rc::Rc;

/// A ReplicaSet that is to have another size (or, when scaling in proportion, perhaps only new annotations).
#[derive(Clone, Debug, PartialEq)]
pub struct Resize {
    /// Which.
    pub replica_set: Rc<ReplicaSet>,
    /// Its size until now.
    pub from: i32,
    /// Its size from now on.
    pub to: i32,
}

impl Resize {
    /// A new size for a ReplicaSet.
    pub fn new(replica_set: &Rc<ReplicaSet>, to: i32) -> Resize {
        Resize { replica_set: replica_set.clone(), from: size(replica_set), to }
    }

    /// What the event about it says; `None` when the size stays.
    pub fn message(&self) -> Option<String> {
        let direction = if self.from < self.to { "up" } else { "down" };
        let name = &self.replica_set.meta.name;
        (self.from != self.to).then(|| format!("Scaled {direction} replica set {name} from {} to {}", self.from, self.to))
    }
}

/// The size that the new ReplicaSet is to have, as far as `all` (it among them) leave room for it. The error is Kubernetes'
/// text for a strategy that does not exist.
pub fn new_size(deployment: &Deployment, all: &[Rc<ReplicaSet>], new: &ReplicaSet) -> Result<i32, String> {
    match deployment.spec.strategy.type_.as_str() {
        "RollingUpdate" => {
            let limit = replicas(deployment).saturating_add(max_surge(deployment));
            let total = family::wanted(all);
            if total >= limit {
                return Ok(size(new));
            }
            Ok(size(new) + (limit - total).min(replicas(deployment) - size(new)))
        }
        "Recreate" => Ok(replicas(deployment)),
        other => Err(format!("deployment type {other} isn't supported")),
    }
}

/// A rolling update's first half: the new ReplicaSet grows (or shrinks to what is wanted).
pub fn resize_new(deployment: &Deployment, family: &Family) -> Result<Option<Resize>, String> {
    let Some(new) = &family.new else { return Ok(None) };
    let wanted = replicas(deployment);
    let to = if size(new) >= wanted { wanted } else { new_size(deployment, &family.all(), new)? };
    Ok(Some(Resize::new(new, to)).filter(|r| r.from != r.to))
}

/// A rolling update's second half: old ReplicaSets shrink, first by Pods that are not available anyway, then by available
/// ones as far as enough stay available.
pub fn shrink_old(deployment: &Deployment, family: &Family) -> Result<Vec<Resize>, String> {
    let Some(new) = &family.new else { return Ok(vec![]) };
    let mut old = family::active(&family.old);
    let keep = min_available(deployment);
    let new_unavailable = size(new) - new.status.available_replicas;
    let most = family::wanted(&family.all()) - keep - new_unavailable;
    if family::wanted(&old) == 0 || most <= 0 {
        return Ok(vec![]);
    }
    old.arrange_by(|a, b| family::by_creation(a, b));
    let mut sizes: Vec<i32> = old.iter().map(|rs| size(rs)).collect();
    let mut steps = vec![];
    let mut done = 0;
    for (rs, size) in old.iter().zip(&mut sizes) {
        if done >= most {
            break;
        }
        let by = (*size - rs.status.available_replicas).min(most - done);
        shrink(rs, size, by, "cleaning up unhealthy replicas", &mut steps)?;
        done += by;
    }
    let available = family::available(&old) + new.status.available_replicas;
    let mut surplus = available - keep;
    for (rs, size) in old.iter().zip(&mut sizes) {
        if surplus <= 0 {
            break;
        }
        let by = (*size).min(surplus);
        shrink(rs, size, by, "scaling down old RS", &mut steps)?;
        surplus -= by;
    }
    Ok(steps)
}

fn shrink(rs: &Rc<ReplicaSet>, size: &mut i32, by: i32, doing: &str, steps: &mut Vec<Resize>) -> Result<(), String> {
    let (from, to) = (*size, *size - by);
    if to > from {
        let key = format!("{}/{}", rs.meta.namespace, rs.meta.name);
        return Err(format!("when {doing}, got invalid request to scale down {key} {from} -> {to}"));
    }
    if to != from {
        steps.push(Resize { replica_set: rs.clone(), from, to });
        *size = to;
    }
    Ok(())
}

/// The ReplicaSet that takes a new size all alone: the only active one, or the newest when none is; `None` when several
/// are active.
fn only_active(family: &Family) -> Option<Rc<ReplicaSet>> {
    let active = family::active(&family.all());
    match active.as_slice() {
        [] => family.new.clone().or_else(|| family.old.iter().max_by(|a, b| family::by_creation(a, b)).cloned()),
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// Whether the new ReplicaSet has all Pods that the Deployment wants, available, and was sized for that number.
pub fn is_saturated(deployment: &Deployment, new: Option<&ReplicaSet>) -> bool {
    let wanted = replicas(deployment);
    new.is_some_and(|rs| {
        annotations::number(rs, DESIRED_REPLICAS) == Some(wanted) && size(rs) == wanted && rs.status.available_replicas == wanted
    })
}

/// Scaling without a rollout step: one active ReplicaSet takes the size, a saturated new one ends the others, and several
/// share the change in proportion to their sizes.
pub fn scale(deployment: &Deployment, family: &Family) -> Vec<Resize> {
    if let Some(only) = only_active(family) {
        return Some(Resize::new(&only, replicas(deployment))).filter(|r| r.from != r.to).into_iter().collect();
    }
    if is_saturated(deployment, family.new.as_deref()) {
        return family::active(&family.old).iter().map(|rs| Resize::new(rs, 0)).collect();
    }
    if is_rolling(deployment) { share(deployment, family::active(&family.all())) } else { vec![] }
}

fn share(deployment: &Deployment, mut active: Vec<Rc<ReplicaSet>>) -> Vec<Resize> {
    let wanted = replicas(deployment);
    let allowed = if wanted > 0 { wanted.saturating_add(max_surge(deployment)) } else { 0 };
    let to_add = allowed - family::wanted(&active);
    if to_add > 0 {
        active.arrange_by(|a, b| family::larger_newer(a, b));
    } else {
        active.arrange_by(|a, b| family::larger_older(a, b));
    }
    let mut added = 0;
    let mut steps: Vec<Resize> = vec![];
    for rs in &active {
        let part = proportion(deployment, rs, to_add, added);
        added += part;
        steps.push(Resize::new(rs, size(rs) + part));
    }
    if let Some(first) = steps.first_mut().filter(|_| to_add != 0) {
        first.to = (first.to + to_add - added).max(0);
    }
    steps
}

/// A ReplicaSet's share of what is to be added (or taken, when negative), of which `added` is given already.
fn proportion(deployment: &Deployment, rs: &ReplicaSet, to_add: i32, added: i32) -> i32 {
    if size(rs) == 0 || to_add == added {
        return 0;
    }
    let (fraction, rest) = (fraction(deployment, rs), to_add - added);
    if to_add > 0 { fraction.min(rest) } else { fraction.max(rest) }
}

/// By how much a ReplicaSet would grow if it kept its part of the whole.
fn fraction(deployment: &Deployment, rs: &ReplicaSet) -> i32 {
    let wanted = replicas(deployment);
    if wanted == 0 {
        return -size(rs);
    }
    let noted = annotations::number(rs, MAX_REPLICAS).filter(|n| *n != 0);
    let before = noted.unwrap_or(deployment.status.replicas);
    if before == 0 {
        return 0;
    }
    // The product wraps at 32 bits, as Kubernetes' does.
    let product = size(rs).wrapping_mul(wanted.wrapping_add(max_surge(deployment)));
    round_div(i64::from(product), i64::from(before)) - size(rs)
}

/// `a / b`, halves away from zero.
fn round_div(a: i64, b: i64) -> i32 {
    let sign = a.signum() * b.signum();
    (sign * ((2 * a.abs() + b.abs()) / (2 * b.abs()))) as i32
}

#[cfg(test)]
mod tests {
    #[test]
    fn halves_are_rounded_away_from_zero() {
        let got = [(5, 2), (-5, 2), (4, 3), (5, 3), (7, -2), (0, 9)].map(|(a, b)| super::round_div(a, b));
        assert_eq!(got, [3, -3, 1, 2, -4, 0]);
    }
}
