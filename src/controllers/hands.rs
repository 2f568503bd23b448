//! What several controllers do with Pods of their own: make one, delete one, and say so.

use super::Context;
use super::owners::{controller_reference, version};
use super::replicaset::Expectations;
use crate::api::meta::ObjectMeta;
use crate::api::pod::PodTemplateSpec;
use crate::api::{Key, Kind, Object, Pod, Resource};
use crate::apiserver::{DeleteOptions, Deleted, Status};
use std::rc::Rc;

/// A controller at work on one of its objects.
pub struct Hands<'a, O> {
    /// The object that owns the Pods.
    pub owner: &'a O,
    /// Its key.
    pub key: &'a Key,
    /// What the controller has written and not yet seen.
    pub seen: &'a mut Expectations,
}

/// A Pod as a template of `owner` says, without a name.
pub fn pod_of<O: Resource>(owner: &O, template: &PodTemplateSpec) -> Pod {
    Pod {
        meta: ObjectMeta {
            namespace: owner.meta().namespace.clone(),
            labels: template.meta.labels.clone(),
            annotations: template.meta.annotations.clone(),
            finalizers: template.meta.finalizers.clone(),
            owner_references: vec![controller_reference(O::KIND, owner.meta())],
            ..ObjectMeta::default()
        },
        spec: template.spec.clone(),
        ..Pod::default()
    }
}

impl<O: Resource> Hands<'_, O> {
    /// Creates a Pod; `said`: the event's message for its name.
    pub fn create(&mut self, context: &mut Context, pod: Pod, said: impl Fn(&str) -> String) -> Result<(), Status> {
        match context.api.create(Object::Pod(Rc::new(pod)), false) {
            Ok(pod) => {
                self.seen.wrote(self.key, Kind::Pod, version(pod.meta()));
                context.recorder.note(context.api, self.owner, "Normal", "SuccessfulCreate", said(&pod.meta().name));
                Ok(())
            }
            Err(status) if status.message.contains("because it is being terminated") => Ok(()),
            Err(status) => {
                let message = format!("Error creating: {}", status.message);
                context.recorder.note(context.api, self.owner, "Warning", "FailedCreate", message);
                Err(status)
            }
        }
    }

    /// Deletes a Pod that is not being deleted yet.
    pub fn delete(&mut self, context: &mut Context, pod: &Pod, said: impl Fn(&str) -> String) -> Result<(), Status> {
        if pod.meta.is_deleting() {
            return Ok(());
        }
        let key = Key::new(&pod.meta.namespace, &pod.meta.name);
        match context.api.delete(Kind::Pod, &key, &DeleteOptions::default()) {
            Ok(Deleted::Gone(gone) | Deleted::Pending(gone)) => {
                self.seen.wrote(self.key, Kind::Pod, version(gone.meta()));
                context.recorder.note(context.api, self.owner, "Normal", "SuccessfulDelete", said(&pod.meta.name));
                Ok(())
            }
            Err(status) if status.code == 404 => Ok(()),
            Err(status) => Err(status),
        }
    }

    /// Writes the object's status.
    pub fn write_status(&mut self, context: &mut Context, changed: O) -> Result<(), Status> {
        let stored = context.api.update_status(Rc::new(changed).into_object(), false)?;
        self.seen.wrote(self.key, O::KIND, version(stored.meta()));
        Ok(())
    }
}
