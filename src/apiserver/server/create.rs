//! POST: what the server adds to a new object, and the order in which it is looked at.
//!
//! Source: `staging/apiserver/pkg/registry/rest/create.go`. Promises: a new object has a uid and a name of its own; one that is
//! refused gives back what was set aside for it.

use super::ApiServer;
use crate::api::node::ServiceAccount;
use crate::api::{Key, Kind, Object, Pod};
use crate::apiserver::{Status, pod_admission, strategy};
use std::rc::Rc;

impl ApiServer {
    /// POST: defaults, admission, allocation, validation; then it is stored with a new uid.
    pub fn create(&mut self, mut object: Object, dry_run: bool) -> Result<Object, Status> {
        let kind = object.kind();
        self.check_namespace(&object)?;
        let (suffix, uid, clock) = (self.random.name_suffix(), self.random.uid(), self.clock());
        let meta = object.meta_mut();
        if meta.name.is_empty() && !meta.generate_name.is_empty() {
            let cut = meta.generate_name.char_indices().nth(58).map_or(meta.generate_name.len(), |(i, _)| i);
            meta.name = format!("{}{suffix}", &meta.generate_name[..cut]);
        }
        meta.uid = uid;
        meta.creation_timestamp = clock;
        meta.deletion_timestamp = None;
        meta.deletion_grace_period_seconds = None;
        meta.resource_version = String::new();
        strategy::prepare_for_create(&mut object);
        let given = self.client.clone().map(|client| (client, with_defaults(&object)));
        if let Object::Pod(pod) = &mut object {
            self.mutate_pod(Rc::make_mut(pod))?;
        }
        if let (Kind::Ingress, Object::Plain(ingress)) = (kind, &mut object) {
            self.set_ingress_class(Rc::make_mut(ingress));
        }
        self.admit_new(&mut object, dry_run)?;
        let vacant = match self.store.get(kind, &object.key()) {
            Some(_) => Err(Status::already_exists(kind, &object.meta().name)),
            None => Ok(()),
        };
        if let Err(refusal) = self.check_room(&object).and(vacant) {
            if let (Object::Service(service), false) = (&object, dry_run) {
                self.services.release(service);
            }
            return Err(refusal);
        }
        if dry_run {
            return Ok(object);
        }
        if let Some((client, given)) = given {
            self.managers.created(&object.meta().uid, &client, &given, clock);
        }
        Ok(self.put(object))
    }

    /// What admission makes of a new Pod: its limits, its account, its priority, and its node's labels if it names a node.
    fn mutate_pod(&mut self, pod: &mut Pod) -> Result<(), Status> {
        let account = self.get::<ServiceAccount>(&pod_admission::account(pod)).cloned();
        let class = self.store.get(Kind::PriorityClass, &Key::new("", &pod.spec.priority_class_name)).cloned();
        self.set_limits(pod);
        pod_admission::mutate(pod, account.as_deref(), class.as_ref(), &mut self.random)?;
        if !pod.spec.node_name.is_empty() {
            self.label_topology(pod);
        }
        Ok(())
    }
}

/// What a request says of a new object, with its defaults.
fn with_defaults(object: &Object) -> Object {
    let mut given = object.clone();
    crate::api::defaults::apply(&mut given);
    given
}
