//! ControllerRevision (apps/v1): a Pod template as a DaemonSet or a StatefulSet had it once.

use super::codec::{Decoder, Json, decode_record};
use super::meta::ObjectMeta;
use super::pod::PodTemplateSpec;
use crate::record;
use serde_json::{Value, json};

record! {
    /// A numbered state of what somebody controls.
    pub struct ControllerRevision {
        "metadata" meta: ObjectMeta = always,
        "data" data: Option<Value>,
        "revision" revision: i64 = always,
    }
}

impl ControllerRevision {
    /// What is kept of a template: the patch that brings it back.
    pub fn data_of(template: &PodTemplateSpec) -> Value {
        let mut template = template.encode();
        template["$patch"] = "replace".into();
        json!({"spec": {"template": template}})
    }

    /// The template that is kept.
    pub fn template(&self) -> Option<PodTemplateSpec> {
        let mut template = self.data.as_ref()?["spec"]["template"].clone();
        template.as_object_mut()?.remove("$patch");
        decode_record(&template, &mut Decoder::default())
    }
}
