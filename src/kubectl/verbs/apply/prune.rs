//! `kubectl apply --prune`: objects that were applied once and are in no file any more.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/cmd/apply/prune.go`.

use crate::api::Kind;
use crate::apiserver::DeleteOptions;
use crate::kubectl::apply::LAST_APPLIED;
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use crate::kubectl::verbs::create::DryRun;
use crate::kubectl::verbs::files::Item;

/// The kinds that are looked through in each namespace, in this order.
const NAMESPACED: [Kind; 12] = [
    Kind::ConfigMap,
    Kind::Endpoints,
    Kind::Pod,
    Kind::Secret,
    Kind::Service,
    Kind::Job,
    Kind::CronJob,
    Kind::Ingress,
    Kind::DaemonSet,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::StatefulSet,
];

/// `--prune`: objects that were applied once, match the selector and are in no file any more.
pub(super) fn prune(cx: &mut Cx, items: &[Item], flags: &Parsed, dry: DryRun) -> Result<(), Failure> {
    let pick = Pick::of(flags, None)?;
    let mut namespaces: Vec<&str> = items.iter().map(|i| i.namespace.as_str()).collect();
    namespaces.dedup();
    namespaces.retain(|n| !n.is_empty());
    let passes = namespaces.into_iter().map(|n| (n, &NAMESPACED[..])).chain([("", &[Kind::Namespace][..])]);
    for (namespace, kinds) in passes {
        for kind in kinds.iter().copied() {
            cx.warn_endpoints([kind]);
            for object in cx.list(kind, Some(namespace), &pick)? {
                let kept = items.iter().any(|i| i.kind == kind && i.name == object.meta().name);
                if kept || !object.meta().annotations.contains_key(LAST_APPLIED) {
                    continue;
                }
                if dry == DryRun::No {
                    cx.backend.api().delete(kind, &object.key(), &DeleteOptions::default()).map_err(|s| Failure::status(&s))?;
                }
                cx.line(format!("{}/{} pruned{}", kind.qualified(), object.meta().name, dry.suffix()));
            }
        }
    }
    Ok(())
}
