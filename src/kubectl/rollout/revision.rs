//! The revisions of a Deployment: numbers that stand in an annotation of its ReplicaSets.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/util/deployment/deployment.go`.

use crate::api::meta::ObjectMeta;
use crate::api::well_known::REVISION;
use crate::api::{Deployment, ReplicaSet};
use std::rc::Rc;

fn owned<'a>(deployment: &'a Deployment, sets: &'a [Rc<ReplicaSet>]) -> impl Iterator<Item = &'a Rc<ReplicaSet>> {
    let owns = |set: &&Rc<ReplicaSet>| set.meta.controller().is_some_and(|o| o.uid == deployment.meta.uid);
    sets.iter().filter(|s| s.meta.namespace == deployment.meta.namespace).filter(owns)
}

/// The revision annotation; 0 without it.
pub(super) fn revision_of(meta: &ObjectMeta) -> Result<i64, String> {
    let Some(text) = meta.annotations.get(REVISION) else { return Ok(0) };
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let why = if is_number { "value out of range" } else { "invalid syntax" };
    text.parse().map_err(|_| format!("strconv.ParseInt: parsing {text:?}: {why}"))
}

/// Those ReplicaSets of a Deployment that have a revision, with it.
pub(super) fn numbered<'a>(
    deployment: &'a Deployment,
    sets: &'a [Rc<ReplicaSet>],
) -> impl Iterator<Item = (i64, &'a Rc<ReplicaSet>)> {
    owned(deployment, sets).filter_map(|set| Some((revision_of(&set.meta).ok()?, set)))
}
