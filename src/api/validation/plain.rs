//! Kinds that are kept as trees: their names, and what people most often forget.

use super::field::FieldError;
use super::{autoscale, meta, names, networking};
use crate::api::Kind;
use crate::api::plain::Plain;

pub(super) fn create(plain: &Plain) -> Vec<FieldError> {
    let mut errors = vec![];
    let rule: meta::NameRule = match plain.kind {
        Kind::Role | Kind::RoleBinding | Kind::ClusterRole | Kind::ClusterRoleBinding => |_| vec![],
        _ => names::dns1123_subdomain,
    };
    meta::create(&plain.meta, plain.kind.info().namespaced, rule, &mut errors);
    body(plain, None, &mut errors);
    errors
}

pub(super) fn update(new: &Plain, old: &Plain) -> Vec<FieldError> {
    let mut errors = vec![];
    meta::update(&new.meta, &old.meta, &mut errors);
    body(new, Some(old), &mut errors);
    errors
}

fn body(plain: &Plain, old: Option<&Plain>, errors: &mut Vec<FieldError>) {
    match plain.kind {
        Kind::Ingress => networking::ingress(plain, errors),
        Kind::NetworkPolicy => networking::network_policy(plain, old, errors),
        Kind::IngressClass => networking::ingress_class(plain, old, errors),
        Kind::CronJob => autoscale::cron_job(plain, errors),
        Kind::HorizontalPodAutoscaler => autoscale::autoscaler(plain, errors),
        _ => {}
    }
}
