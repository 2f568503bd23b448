//! ReplicaSets have the Pods that they say, Deployments the sums, revisions are in order.

use kube_service_lab::api::selector::Selector;
use kube_service_lab::api::well_known::{DESIRED_REPLICAS, REVISION};
use kube_service_lab::api::{Deployment, Kind, Pod, ReplicaSet, Time};
use kube_service_lab::controllers::deployment::annotations::{self, revision};
use kube_service_lab::controllers::deployment::{family, fenceposts};
use kube_service_lab::lab::Lab;
use std::rc::Rc;

pub fn check(lab: &Lab) -> Result<(), String> {
    let store = lab.cluster().api().store();
    for rs in store.list(Kind::ReplicaSet, None).filter_map(|o| o.as_::<ReplicaSet>()) {
        replica_set(lab, rs).map_err(|what| format!("ReplicaSet {}/{}: {what}", rs.meta.namespace, rs.meta.name))?;
    }
    for deployment in store.list(Kind::Deployment, None).filter_map(|o| o.as_::<Deployment>()) {
        let place = format!("Deployment {}/{}", deployment.meta.namespace, deployment.meta.name);
        self::deployment(lab, deployment).map_err(|what| format!("{place}: {what}\n{:?}", deployment.status))?;
    }
    Ok(())
}

fn same(what: &str, expected: i64, got: i64) -> Result<(), String> {
    if expected == got { Ok(()) } else { Err(format!("{what} is {got}, should be {expected}")) }
}

fn is_available(pod: &Pod, min_ready: i32, now: Time) -> bool {
    let since = pod.status.condition("Ready").map_or(Time(0), |c| c.last_transition_time);
    pod.is_ready() && (min_ready == 0 || since.0 + i64::from(min_ready) <= now.0)
}

fn replica_set(lab: &Lab, rs: &ReplicaSet) -> Result<(), String> {
    if rs.meta.is_deleting() || super::is_going(lab, &rs.meta.namespace) {
        return Ok(()); // it waits for its Pods to go
    }
    let store = lab.cluster().api().store();
    let pods: Vec<&Rc<Pod>> = store.list(Kind::Pod, Some(&rs.meta.namespace)).filter_map(|o| o.as_::<Pod>()).collect();
    let selector = Selector::from_optional(rs.spec.selector.as_ref())?;
    let own = |p: &&&Rc<Pod>| p.meta.controller().is_some_and(|c| c.uid == rs.meta.uid);
    let active: Vec<_> = pods.iter().filter(own).filter(|p| p.is_active()).collect();
    let status = &rs.status;
    let count = |f: &dyn Fn(&Pod) -> bool| active.iter().filter(|p| f(p)).count() as i64;
    // Not every template makes a Pod that the API server takes: then a condition says so.
    let failing = rs.status.conditions.iter().any(|c| c.type_ == "ReplicaFailure" && c.status == "True");
    if !failing {
        same("number of Pods", family::size(rs).into(), active.len() as i64)?;
    }
    same("status.replicas", active.len() as i64, status.replicas.into())?;
    same("status.readyReplicas", count(&|p| p.is_ready()), status.ready_replicas.into())?;
    let clock = lab.cluster().clock();
    same(
        "status.availableReplicas",
        count(&|p| is_available(p, rs.spec.min_ready_seconds, clock)),
        status.available_replicas.into(),
    )?;
    let labels = &rs.spec.template.meta.labels;
    let labelled = count(&|p| labels.iter().all(|(k, v)| p.meta.labels.get(k) == Some(v)));
    same("status.fullyLabeledReplicas", labelled, status.fully_labeled_replicas.into())?;
    let going = |p: &&&Rc<Pod>| p.meta.is_deleting() && !p.is_terminal() && selector.matches(&p.meta.labels);
    let leaving = pods.iter().filter(own).filter(going).count();
    same("status.terminatingReplicas", leaving as i64, status.terminating_replicas.unwrap_or(0).into())?;
    same("status.observedGeneration", rs.meta.generation, status.observed_generation)?;
    if let Some(other) = active.iter().find(|p| !selector.matches(&p.meta.labels)) {
        return Err(format!("owns {}, which it does not select", other.meta.name));
    }
    let orphan = |p: &&&Rc<Pod>| p.meta.controller().is_none() && p.is_active() && selector.matches(&p.meta.labels);
    match pods.iter().find(orphan) {
        Some(pod) => Err(format!("has not adopted {}", pod.meta.name)),
        None => Ok(()),
    }
}

fn deployment(lab: &Lab, deployment: &Deployment) -> Result<(), String> {
    if deployment.meta.is_deleting() || super::is_going(lab, &deployment.meta.namespace) {
        return Ok(());
    }
    let store = lab.cluster().api().store();
    let sets = store.list(Kind::ReplicaSet, Some(&deployment.meta.namespace)).filter_map(|o| o.as_::<ReplicaSet>().cloned());
    let sets: Vec<Rc<ReplicaSet>> =
        sets.filter(|rs| rs.meta.controller().is_some_and(|c| c.uid == deployment.meta.uid)).collect();
    let status = &deployment.status;
    same("status.observedGeneration", deployment.meta.generation, status.observed_generation)?;
    let sum = |f: fn(&ReplicaSet) -> i32| sets.iter().map(|rs| i64::from(f(rs))).sum::<i64>();
    same("status.replicas", sum(|rs| rs.status.replicas), status.replicas.into())?;
    same("status.readyReplicas", sum(|rs| rs.status.ready_replicas), status.ready_replicas.into())?;
    same("status.availableReplicas", sum(|rs| rs.status.available_replicas), status.available_replicas.into())?;
    let leaving = sum(|rs| rs.status.terminating_replicas.unwrap_or(0));
    same("status.terminatingReplicas", leaving, status.terminating_replicas.unwrap_or(0).into())?;
    let missing = (sum(family::size) - i64::from(status.available_replicas)).max(0);
    same("status.unavailableReplicas", missing, status.unavailable_replicas.into())?;
    let new = family::find_new(deployment, &sets);
    same("status.updatedReplicas", new.as_ref().map_or(0, |rs| rs.status.replicas.into()), status.updated_replicas.into())?;
    let wanted = fenceposts::replicas(deployment);
    let available = status.available_replicas >= wanted - fenceposts::max_unavailable(deployment);
    let told = status.conditions.iter().find(|c| c.type_ == "Available").map(|c| c.status == "True");
    if told != Some(available) {
        return Err(format!("condition Available is {told:?}, should be {available}"));
    }
    // Somebody who scales the only active ReplicaSet of an old template by hand to the very size that the Deployment has just
    // got leaves it with a scaling event for ever, in Kubernetes too (`isScalingEvent`, `scale` in sync.go).
    let stuck = sets
        .iter()
        .any(|rs| family::size(rs) == wanted && wanted > 0 && annotations::number(rs, DESIRED_REPLICAS) != Some(wanted));
    // Recreate waits for the last old Pod, however long its node is cut off.
    let waits = deployment.spec.strategy.type_ == "Recreate" && status.terminating_replicas.is_some_and(|n| n > 0);
    if deployment.spec.paused || stuck || waits {
        return Ok(());
    }
    let new = new.ok_or("has no ReplicaSet of its template")?;
    if let Some(old) = sets.iter().find(|rs| rs.meta.uid != new.meta.uid && revision(rs) >= revision(&new)) {
        return Err(format!("revision of {} is not below that of {}", old.meta.name, new.meta.name));
    }
    if deployment.meta.annotations.get(REVISION) != new.meta.annotations.get(REVISION) {
        return Err("its revision is not that of its new ReplicaSet".into());
    }
    Ok(())
}
