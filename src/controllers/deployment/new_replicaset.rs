//! The ReplicaSet that has the Deployment's template: found and brought up to date, or created.
//!
//! Source: `pkg/controller/deployment/sync.go` (getNewReplicaSet).

use super::annotations;
use super::conditions::{self, PROGRESSING};
use super::family::{self, size};
use super::plan;
use super::sync::Sync;
use super::template_hash::{equal_ignoring_hash, template_hash};
use crate::api::meta::ObjectMeta;
use crate::api::well_known::{POD_TEMPLATE_HASH, REVISION};
use crate::api::{Key, Kind, Object, ReplicaSet};
use crate::apiserver::Status;
use crate::controllers::owners::controller_reference;
use std::rc::Rc;

impl Sync<'_, '_> {
    /// The new ReplicaSet: the one that exists, or a created one if that is asked for.
    pub fn new_replica_set(&mut self, old: &[Rc<ReplicaSet>], create: bool) -> Result<Option<Rc<ReplicaSet>>, Status> {
        let revision = annotations::max_revision(old) + 1;
        match family::find_new(&self.deployment, &self.replica_sets) {
            Some(found) => self.update_found(found, revision).map(Some),
            None if create => self.create_new(old, revision).map(Some),
            None => Ok(None),
        }
    }

    fn update_found(&mut self, found: Rc<ReplicaSet>, revision: i64) -> Result<Rc<ReplicaSet>, Status> {
        let mut rs = ReplicaSet::clone(&found);
        let annotated = annotations::set_on_new(&self.deployment, &mut rs, revision, true);
        let min_ready = self.deployment.spec.min_ready_seconds;
        let found = if annotated || rs.spec.min_ready_seconds != min_ready {
            rs.spec.min_ready_seconds = min_ready;
            self.write_replica_set(rs)?
        } else {
            found
        };
        let noted = self.note_revision(&found);
        let mut status = self.deployment.status.clone();
        let spec = &self.deployment.spec;
        let first = conditions::has_deadline(spec) && conditions::get(&status, PROGRESSING).is_none();
        if first {
            let message = format!("Found new replica set {:?}", found.meta.name);
            let now = self.context.clock;
            conditions::set(&mut status, conditions::condition(PROGRESSING, "True", "FoundNewReplicaSet", message, now));
        }
        if noted || first {
            self.write_status(status)?;
        }
        Ok(found)
    }

    /// Mirrors the new ReplicaSet's revision on the Deployment (not yet written). Returns whether it changed.
    fn note_revision(&mut self, rs: &ReplicaSet) -> bool {
        let revision = rs.meta.annotations.get(REVISION).cloned().unwrap_or_default();
        let annotations = &mut self.deployment.meta.annotations;
        if annotations.get(REVISION) == Some(&revision) {
            return false;
        }
        annotations.insert(REVISION.into(), revision);
        true
    }

    fn create_new(&mut self, old: &[Rc<ReplicaSet>], revision: i64) -> Result<Rc<ReplicaSet>, Status> {
        let rs = self.build_new(old, revision)?;
        let name = rs.meta.name.clone();
        let (rs, exists) = match self.context.api.create(Object::ReplicaSet(Rc::new(rs)), false) {
            Ok(Object::ReplicaSet(rs)) => (rs, false),
            Ok(_) => return Err(Status::internal("not a ReplicaSet")),
            Err(status) if status.reason == "AlreadyExists" => (self.known_or_collision(&name, status)?, true),
            Err(status) => return Err(self.creation_failed(&name, status)),
        };
        if !exists && size(&rs) > 0 {
            let message = format!("Scaled up replica set {name} from 0 to {}", size(&rs));
            self.event("Normal", "ScalingReplicaSet", message);
        }
        let noted = self.note_revision(&rs);
        let mut status = self.deployment.status.clone();
        let created = !exists && conditions::has_deadline(&self.deployment.spec);
        if created {
            let message = format!("Created new replica set {name:?}");
            let now = self.context.clock;
            conditions::set(&mut status, conditions::condition(PROGRESSING, "True", "NewReplicaSetCreated", message, now));
        }
        if noted || created {
            self.write_status(status)?;
        }
        if !self.replica_sets.iter().any(|known| known.meta.uid == rs.meta.uid) {
            self.replica_sets.push(rs.clone());
        }
        Ok(rs)
    }

    /// The ReplicaSet that does not exist yet, as it is to be created.
    fn build_new(&self, old: &[Rc<ReplicaSet>], revision: i64) -> Result<ReplicaSet, Status> {
        let deployment = &self.deployment;
        let mut template = deployment.spec.template.clone();
        let hash = template_hash(&template, deployment.status.collision_count);
        template.meta.labels.insert(POD_TEMPLATE_HASH.into(), hash.clone());
        let mut selector = deployment.spec.selector.clone().unwrap_or_default();
        selector.match_labels.insert(POD_TEMPLATE_HASH.into(), hash.clone());
        let mut rs = ReplicaSet {
            meta: ObjectMeta {
                name: name(&deployment.meta.name, &hash),
                namespace: deployment.meta.namespace.clone(),
                labels: template.meta.labels.clone(),
                owner_references: vec![controller_reference(Kind::Deployment, &deployment.meta)],
                ..ObjectMeta::default()
            },
            ..ReplicaSet::default()
        };
        rs.spec.replicas = Some(0);
        rs.spec.min_ready_seconds = deployment.spec.min_ready_seconds;
        rs.spec.selector = Some(selector);
        rs.spec.template = template;
        let size = plan::new_size(deployment, old, &rs).map_err(|why| Status::internal(&why))?;
        rs.spec.replicas = Some(size);
        annotations::set_on_new(deployment, &mut rs, revision, false);
        Ok(rs)
    }

    /// The name is taken: by a ReplicaSet of this Deployment that the cache shows by now, or by a stranger; then the next
    /// sync tries another hash.
    fn known_or_collision(&mut self, name: &str, status: Status) -> Result<Rc<ReplicaSet>, Status> {
        let key = Key::new(&self.deployment.meta.namespace, name);
        let Some(known) = self.context.cache.get::<ReplicaSet>(&key).cloned() else {
            return Err(Status::not_found(Kind::ReplicaSet, name));
        };
        let ours = known.meta.controller().is_some_and(|owner| owner.uid == self.deployment.meta.uid);
        if ours && equal_ignoring_hash(&known.spec.template, &self.deployment.spec.template) {
            return Ok(known);
        }
        let mut changed = self.deployment.status.clone();
        changed.collision_count = Some(changed.collision_count.unwrap_or(0) + 1);
        self.write_status(changed)?;
        Err(status)
    }

    fn creation_failed(&mut self, name: &str, status: Status) -> Status {
        if status.message.contains("because it is being terminated") {
            return status;
        }
        let message = format!("Failed to create new replica set {name:?}: {}", status.message);
        if conditions::has_deadline(&self.deployment.spec) {
            let mut changed = self.deployment.status.clone();
            let now = self.context.clock;
            let failed = conditions::condition(PROGRESSING, "False", "ReplicaSetCreateError", message.clone(), now);
            conditions::set(&mut changed, failed);
            // The refusal above is what counts; whether it could be noted is not.
            let _ = self.write_status(changed);
        }
        self.event("Warning", "ReplicaSetCreateError", message);
        status
    }
}

/// `<deployment>-<hash>`, the Deployment's name cut so that all of it is a legal name.
fn name(deployment: &str, hash: &str) -> String {
    const LONGEST: usize = 253;
    let room = LONGEST.saturating_sub(hash.len() + 1);
    let cut = deployment.char_indices().nth(room).map_or(deployment.len(), |(at, _)| at);
    format!("{}-{hash}", &deployment[..cut])
}
