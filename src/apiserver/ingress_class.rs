//! The class of an Ingress that names none (`plugin/pkg/admission/network/defaultingressclass`).

use super::ApiServer;
use crate::api::plain::Plain;
use crate::api::{Kind, Object};
use serde_json::json;
use std::cmp::Reverse;

const DEFAULT: &str = "ingressclass.kubernetes.io/is-default-class";
const OLD_NAME: &str = "kubernetes.io/ingress.class";

impl ApiServer {
    /// A new Ingress without a class gets the default one; of several the youngest.
    pub(super) fn set_ingress_class(&self, ingress: &mut Plain) {
        if !ingress.at(&["spec", "ingressClassName"]).is_null() || ingress.meta.annotations.contains_key(OLD_NAME) {
            return;
        }
        let is_default = |o: &&Object| o.meta().annotations.get(DEFAULT).is_some_and(|value| value == "true");
        let classes = self.store().list(Kind::IngressClass, None).filter(is_default);
        let class = classes.min_by_key(|o| (Reverse(o.meta().creation_timestamp), o.meta().name.clone()));
        if let (Some(class), Some(spec)) = (class, ingress.body.get_mut("spec").and_then(|s| s.as_object_mut())) {
            spec.insert("ingressClassName".into(), json!(class.meta().name));
        }
    }
}
