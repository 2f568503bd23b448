//! `kubectl rollout history`: a Deployment's revisions, why they were made, and what Pods they made.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/polymorphichelpers/history.go`.

use super::CHANGE_CAUSE;
use super::revision::numbered;
use crate::api::meta::ObjectMeta;
use crate::api::pod::PodTemplateSpec;
use crate::api::{Deployment, ReplicaSet};
use crate::kubectl::describe::{Writer, pod_template};
use crate::kubectl::print::tabwriter::TabWriter;
use std::collections::BTreeMap;
use std::rc::Rc;

/// `kubectl rollout history`: revisions and why they were made. `sets`: ReplicaSets of the namespace, whoever owns them.
pub fn history(deployment: &Deployment, sets: &[Rc<ReplicaSet>]) -> String {
    let revisions = revisions(deployment, sets);
    if revisions.is_empty() {
        return "No rollout history found.".to_owned();
    }
    causes(revisions.iter().map(|(revision, template)| (*revision, &template.meta)))
}

/// The table of revisions and why they were made.
pub fn causes<'a>(revisions: impl Iterator<Item = (i64, &'a ObjectMeta)>) -> String {
    let mut out = TabWriter::for_describe();
    out.write("REVISION\tCHANGE-CAUSE\n");
    for (revision, meta) in revisions {
        let cause = meta.annotations.get(CHANGE_CAUSE).filter(|c| !c.is_empty()).map_or("<none>", String::as_str);
        out.write(&format!("{revision}\t{cause}\n"));
    }
    out.finish()
}

/// `kubectl rollout history --revision`: the Pod template of a revision, its columns not aligned.
pub fn history_revision(deployment: &Deployment, sets: &[Rc<ReplicaSet>], revision: i64) -> Result<String, String> {
    Ok(template_text(&history_template(deployment, sets, revision)?))
}

/// A Pod template as `rollout history` and `rollout undo --dry-run=client` print it.
pub fn template_text(template: &PodTemplateSpec) -> String {
    let mut out = Writer::default();
    pod_template(template, &mut out);
    out.raw()
}

/// The Pod template of a revision, annotated with its change-cause.
pub fn history_template(deployment: &Deployment, sets: &[Rc<ReplicaSet>], revision: i64) -> Result<PodTemplateSpec, String> {
    revisions(deployment, sets).remove(&revision).ok_or_else(|| "unable to find the specified revision".to_owned())
}

/// ReplicaSets by revision.
pub fn history_sets(deployment: &Deployment, sets: &[Rc<ReplicaSet>]) -> BTreeMap<i64, Rc<ReplicaSet>> {
    numbered(deployment, sets).map(|(revision, set)| (revision, set.clone())).collect()
}

/// Templates by revision, with the change-cause of their ReplicaSet.
fn revisions(deployment: &Deployment, sets: &[Rc<ReplicaSet>]) -> BTreeMap<i64, PodTemplateSpec> {
    let mut revisions = BTreeMap::new();
    for (revision, set) in numbered(deployment, sets) {
        let mut template = set.spec.template.clone();
        if let Some(cause) = set.meta.annotations.get(CHANGE_CAUSE).filter(|c| !c.is_empty()) {
            template.meta.annotations.insert(CHANGE_CAUSE.to_owned(), cause.clone());
        }
        revisions.insert(revision, template);
    }
    revisions
}
