//! Making Pods more or fewer.
//!
//! Source: `pkg/controller/replicaset/replica_set.go` (manageReplicas, slowStartBatch, getPodsToDelete).

use super::ReplicaSetController;
use super::rank::{self, Ranked};
use crate::api::meta::ObjectMeta;
use crate::api::selector::Selector;
use crate::api::{Key, Kind, Object, Pod, ReplicaSet};
use crate::apiserver::{DeleteOptions, Deleted, Status};
use crate::controllers::Context;
use crate::controllers::clock::wall;
use crate::controllers::owners::{controller_reference, version};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// At most this many Pods are created or deleted in one sync.
pub const BURST: usize = 500;

impl ReplicaSetController {
    /// Creates what is missing or deletes what is too much.
    pub(super) fn manage(&mut self, context: &mut Context, key: &Key, rs: &ReplicaSet, active: &[Rc<Pod>]) -> Result<(), Status> {
        let wanted = usize::try_from(rs.spec.replicas.unwrap_or(1)).unwrap_or(0);
        if active.len() < wanted {
            self.create_pods(context, key, rs, (wanted - active.len()).min(BURST))
        } else if active.len() > wanted {
            self.delete_pods(context, key, rs, active, (active.len() - wanted).min(BURST))
        } else {
            Ok(())
        }
    }

    /// Creates Pods in batches of 1, 2, 4…; a batch with a failure is the last one.
    fn create_pods(&mut self, context: &mut Context, key: &Key, rs: &ReplicaSet, count: usize) -> Result<(), Status> {
        self.expectations.expect_creations(key, count, context.now);
        let (mut created, mut batch, mut failure) = (0, 1, None);
        let mut left = count;
        while left > 0 && failure.is_none() {
            let size = batch.min(left);
            for _ in 0..size {
                match self.create_pod(context, key, rs) {
                    Ok(()) => created += 1,
                    Err(status) => failure = failure.or(Some(status)),
                }
            }
            left -= size;
            batch *= 2;
        }
        for _ in created..count {
            self.expectations.creation_observed(key);
        }
        failure.map_or(Ok(()), Err)
    }

    fn create_pod(&mut self, context: &mut Context, key: &Key, rs: &ReplicaSet) -> Result<(), Status> {
        match context.api.create(Object::Pod(Rc::new(pod_of(rs))), false) {
            Ok(pod) => {
                self.expectations.wrote(key, Kind::Pod, version(pod.meta()));
                let message = format!("Created pod: {}", pod.meta().name);
                context.recorder.note(context.api, rs, "Normal", "SuccessfulCreate", message);
                Ok(())
            }
            // Nothing helps in a namespace that ends.
            Err(status) if status.message.contains("because it is being terminated") => Ok(()),
            Err(status) => {
                let message = format!("Error creating: {}", status.message);
                context.recorder.note(context.api, rs, "Warning", "FailedCreate", message);
                Err(status)
            }
        }
    }

    fn delete_pods(
        &mut self,
        context: &mut Context,
        key: &Key,
        rs: &ReplicaSet,
        active: &[Rc<Pod>],
        count: usize,
    ) -> Result<(), Status> {
        let doomed = choose(context, rs, active, count);
        let name = |pod: &Rc<Pod>| Key::new(&pod.meta.namespace, &pod.meta.name);
        self.expectations.expect_deletions(key, doomed.iter().map(name).collect::<BTreeSet<Key>>(), context.now);
        let mut failure = None;
        for pod in &doomed {
            let pod_key = name(pod);
            match context.api.delete(Kind::Pod, &pod_key, &DeleteOptions::default()) {
                Ok(Deleted::Gone(gone) | Deleted::Pending(gone)) => {
                    self.expectations.wrote(key, Kind::Pod, version(gone.meta()));
                    let message = format!("Deleted pod: {}", pod.meta.name);
                    context.recorder.note(context.api, rs, "Normal", "SuccessfulDelete", message);
                }
                Err(status) => {
                    self.expectations.deletion_observed(key, &pod_key);
                    if status.code != 404 {
                        let message = format!("Error deleting: {}", status.message);
                        context.recorder.note(context.api, rs, "Warning", "FailedDelete", message);
                        failure = failure.or(Some(status));
                    }
                }
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

/// A new Pod as the ReplicaSet's template says.
fn pod_of(rs: &ReplicaSet) -> Pod {
    let template = &rs.spec.template;
    Pod {
        meta: ObjectMeta {
            generate_name: format!("{}-", rs.meta.name),
            namespace: rs.meta.namespace.clone(),
            labels: template.meta.labels.clone(),
            annotations: template.meta.annotations.clone(),
            finalizers: template.meta.finalizers.clone(),
            owner_references: vec![controller_reference(Kind::ReplicaSet, &rs.meta)],
            ..ObjectMeta::default()
        },
        spec: template.spec.clone(),
        ..Pod::default()
    }
}

/// The Pods to delete: all, or the first by rank.
fn choose(context: &Context, rs: &ReplicaSet, active: &[Rc<Pod>], count: usize) -> Vec<Rc<Pod>> {
    if count >= active.len() {
        return active.to_vec();
    }
    let mut on_node: BTreeMap<String, usize> = BTreeMap::new();
    for pod in related_pods(context, rs).iter().filter(|pod| pod.is_active()) {
        *on_node.entry(pod.spec.node_name.clone()).or_insert(0) += 1;
    }
    let rank = |pod: &Rc<Pod>| Ranked::new(pod.clone(), on_node.get(&pod.spec.node_name).copied().unwrap_or(0));
    let sorted = rank::sort(active.iter().map(rank).collect(), wall(context));
    sorted.into_iter().take(count).map(|ranked| ranked.pod).collect()
}

/// Pods that any ReplicaSet of the same Deployment selects, each once; none without a Deployment.
fn related_pods(context: &Context, rs: &ReplicaSet) -> Vec<Rc<Pod>> {
    let Some(owner) = rs.meta.controller() else { return vec![] };
    let mut related: BTreeMap<String, Rc<Pod>> = BTreeMap::new();
    for sibling in context.cache.owned_by::<ReplicaSet>(&rs.meta.namespace, &owner.uid) {
        let Ok(selector) = Selector::from_optional(sibling.spec.selector.as_ref()) else { continue };
        let plain = sibling.spec.selector.as_ref().map(|s| &s.match_labels).filter(|labels| !labels.is_empty());
        let candidates = match plain {
            Some(labels) => context.cache.pods_selected(&rs.meta.namespace, labels),
            None => context.cache.list::<Pod>(Some(&rs.meta.namespace)).cloned().collect(),
        };
        for pod in candidates.into_iter().filter(|pod| selector.matches(&pod.meta.labels)) {
            related.insert(pod.meta.uid.clone(), pod);
        }
    }
    related.into_values().collect()
}
