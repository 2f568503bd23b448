//! PUT: what of an object a request may replace, and what goes when nothing holds it any more.
//!
//! Source: `staging/apiserver/pkg/registry/rest/update.go`, `pkg/registry/core/{pod,service}/strategy.go`. Promises: a request that
//! was made from an older object is a conflict; one that changes nothing makes no resourceVersion.

use super::ApiServer;
use crate::api::{Key, Kind, Object};
use crate::apiserver::managed_fields::Client;
use crate::apiserver::strategy::{self, Part};
use crate::apiserver::{Status, pod_admission};
use std::rc::Rc;

impl ApiServer {
    /// PUT: replaces metadata and spec; the status stays. A resourceVersion that is not the current one is a conflict.
    pub fn update(&mut self, object: Object, dry_run: bool) -> Result<Object, Status> {
        self.replace(object, dry_run, Part::Spec)
    }

    /// PUT on the status subresource: replaces the status (and nothing else).
    pub fn update_status(&mut self, object: Object, dry_run: bool) -> Result<Object, Status> {
        self.replace(object, dry_run, Part::Status)
    }

    fn replace(&mut self, mut object: Object, dry_run: bool, part: Part) -> Result<Object, Status> {
        let (kind, key) = (object.kind(), object.key());
        let old = self.read(kind, &key)?.clone();
        let version = &object.meta().resource_version;
        if !version.is_empty() && *version != old.meta().resource_version {
            return Err(Status::conflict(kind, &key.name));
        }
        let uid = &object.meta().uid;
        if !uid.is_empty() && *uid != old.meta().uid {
            let message = format!(
                "Operation cannot be fulfilled on {} {:?}: StorageError: invalid object, Code: 4, Key: /registry/{}/{key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
                kind.resource(),
                &*key.name,
                kind.info().plural,
                old.meta().uid
            );
            return Err(Status::new(409, "Conflict", message));
        }
        if part == Part::Spec {
            // Before the comparison with the old object, which has its defaults.
            crate::api::defaults::apply(&mut object);
        }
        strategy::prepare_for_update(&mut object, &old, part);
        let given = self.client.clone().map(|client| (client, object.clone()));
        if let (Object::Pod(pod), Object::Pod(old), Part::Spec) = (&mut object, &old, part)
            && pod.spec != old.spec
        {
            pod_admission::mutate_again(Rc::make_mut(pod), old);
        }
        self.admit_update(&mut object, &old, part, dry_run)?;
        object.meta_mut().resource_version = old.meta().resource_version.clone();
        if object == old || dry_run {
            return Ok(object);
        }
        if let Some((client, given)) = given {
            let subresource = if part == Part::Status { "status" } else { client.subresource };
            self.managers.updated(&Client { subresource, ..client }, &old, &given, self.clock());
        }
        if kind != Kind::Namespace && strategy::may_go(object.meta()) {
            self.put(object);
            return self.remove(kind, &key).ok_or_else(|| Status::not_found(kind, &key.name));
        }
        Ok(self.put(object))
    }

    /// PUT on a namespace's finalize subresource by the namespace controller: its content is gone, so it goes, too.
    pub fn finalize_namespace(&mut self, key: &Key) -> Result<(), Status> {
        let mut object = self.read(Kind::Namespace, key)?.clone();
        if let Object::Namespace(namespace) = &mut object {
            Rc::make_mut(namespace).spec.finalizers.clear();
        }
        let goes = strategy::may_go(object.meta());
        self.put(object);
        if goes {
            self.remove(Kind::Namespace, key);
        }
        Ok(())
    }
}
