//! The API server's side of it: who sends the requests, and PATCH with an applied configuration.

use super::{Client, walk};
use crate::api::well_known::REVISION;
use crate::api::{Key, Kind, Object};
use crate::apiserver::admission::{self, FieldValidation};
use crate::apiserver::patch::schema::Shape;
use crate::apiserver::{ApiServer, Status};
use serde_json::{Value, json};

impl ApiServer {
    /// Who sends the requests from now on; nobody in particular: who set which field is not written down.
    pub fn set_client(&mut self, client: Option<Client>) {
        self.client = client;
    }

    /// `metadata.managedFields` of an object, which its tree leaves out.
    pub fn managed_fields(&self, object: &Object) -> Vec<Value> {
        let mut entries = self.managers.to_value(&object.meta().uid);
        if let (Object::Deployment(deployment), false) = (object, entries.is_empty())
            && deployment.status.observed_generation > 0
        {
            entries.push(by_controller(object));
        }
        entries
    }

    /// Server-side apply by the client.
    pub fn apply(&mut self, kind: Kind, key: &Key, config: &Value, force: bool, dry_run: bool) -> Result<Object, Status> {
        let client = self.client.take();
        let manager = client.as_ref().map_or("", |c| c.manager.as_str()).to_string();
        let result = self.apply_as(&manager, (kind, key), config, force, dry_run);
        self.client = client;
        result
    }

    fn apply_as(
        &mut self,
        manager: &str,
        (kind, key): (Kind, &Key),
        config: &Value,
        force: bool,
        dry_run: bool,
    ) -> Result<Object, Status> {
        let live = self.store().get(kind, key).map_or(Value::Null, Object::to_value);
        let (tree, entries) = self.managers.apply(kind, &live, config, manager, force, self.clock())?;
        let (object, _) = admission::decode_as(kind, &tree, &[], FieldValidation::Ignore)?;
        let stored = if live.is_null() { self.create(object, dry_run)? } else { self.update(object, dry_run)? };
        if !dry_run && self.store().get(kind, key).is_some() {
            self.managers.applied(&stored.meta().uid, entries);
        }
        Ok(stored)
    }

    /// What `kubectl apply` without the server has set becomes the client's. Returns whether there was such a thing.
    pub fn take_over(&mut self, uid: &str) -> bool {
        let manager = self.client.as_ref().map_or("", |c| c.manager.as_str()).to_string();
        self.managers.upgrade(uid, &manager)
    }
}

/// What the Deployment controller sets: the revision, and all of the status.
fn by_controller(object: &Object) -> Value {
    let tree = object.to_value();
    let mut own = json!({"status": tree["status"]});
    if let Some(revision) = object.meta().annotations.get(REVISION) {
        own["metadata"] = json!({"annotations": {REVISION: revision}});
    }
    let fields = walk::compare(&json!({"status": {}}), &own, Shape::Root(object.kind())).added;
    let conditions = tree["status"]["conditions"].as_array();
    let times = conditions.into_iter().flatten().filter_map(|c| c["lastUpdateTime"].as_str());
    json!({
        "apiVersion": tree["apiVersion"], "fieldsType": "FieldsV1", "fieldsV1": fields.to_value(), "manager": "kube-controller-manager",
        "operation": "Update", "subresource": "status", "time": times.max(),
    })
}
