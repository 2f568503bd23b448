//! What `kubectl rollout` finds out from a Deployment and its ReplicaSets: progress, history, and where an undo goes back to.
//!
//! Sources: `staging/src/k8s.io/kubectl/pkg/polymorphichelpers/{rollout_status,history,rollback}.go`, `…/util/deployment/deployment.go`.
//! Must not know: the API server, how the command line was written.

use super::apply::LAST_APPLIED;
use super::describe::{Writer, pod_template};
use super::print::tabwriter::TabWriter;
use crate::api::codec::Json;
use crate::api::meta::{ObjectMeta, StringMap};
use crate::api::pod::PodTemplateSpec;
use crate::api::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use crate::sorting::Arrange;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The annotation that numbers a Deployment's and its ReplicaSets' revisions.
const REVISION: &str = "deployment.kubernetes.io/revision";
/// The annotation in which people say why they changed something.
const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";
/// The label that tells the Pods of one template from those of another.
const HASH_LABEL: &str = "pod-template-hash";
/// Annotations of a Deployment that an undo leaves alone.
const KEPT: [&str; 6] = [
    LAST_APPLIED,
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

/// How far a rollout is: the line to print (with its line break) and whether it is done. `revision` 0: any.
/// The error is what `kubectl rollout status` ends with (`error: …`, exit code 1).
pub fn status(deployment: &Deployment, revision: i64) -> Result<(String, bool), String> {
    let name = &deployment.meta.name;
    if revision > 0 {
        let running =
            revision_of(&deployment.meta).map_err(|e| format!("cannot get the revision of deployment {name:?}: {e}"))?;
        if running != revision {
            return Err(format!("desired revision ({revision}) is different from the running revision ({running})"));
        }
    }
    let status = &deployment.status;
    if deployment.meta.generation > status.observed_generation {
        return Ok(("Waiting for deployment spec update to be observed...\n".to_owned(), false));
    }
    if status.conditions.iter().any(|c| c.type_ == "Progressing" && c.reason == "ProgressDeadlineExceeded") {
        return Err(format!("deployment {name:?} exceeded its progress deadline"));
    }
    let (updated, available) = (status.updated_replicas, status.available_replicas);
    let waits_for = match deployment.spec.replicas {
        Some(wanted) if updated < wanted => format!("{updated} out of {wanted} new replicas have been updated"),
        _ if status.replicas > updated => format!("{} old replicas are pending termination", status.replicas - updated),
        _ if available < updated => format!("{available} of {updated} updated replicas are available"),
        _ => return Ok((format!("deployment {name:?} successfully rolled out\n"), true)),
    };
    Ok((format!("Waiting for deployment {name:?} rollout to finish: {waits_for}...\n"), false))
}

/// The same for a DaemonSet.
pub fn daemon_set_status(set: &DaemonSet) -> Result<(String, bool), String> {
    let (name, status) = (&set.meta.name, &set.status);
    if set.spec.update_strategy.type_ != "RollingUpdate" {
        return Err("rollout status is only available for RollingUpdate strategy type".into());
    }
    if set.meta.generation > status.observed_generation {
        return Ok(("Waiting for daemon set spec update to be observed...\n".into(), false));
    }
    let (wanted, updated) = (status.desired_number_scheduled, status.updated_number_scheduled);
    let waits_for = if updated < wanted {
        format!("{updated} out of {wanted} new pods have been updated")
    } else if status.number_available < wanted {
        format!("{} of {wanted} updated pods are available", status.number_available)
    } else {
        return Ok((format!("daemon set {name:?} successfully rolled out\n"), true));
    };
    Ok((format!("Waiting for daemon set {name:?} rollout to finish: {waits_for}...\n"), false))
}

/// The same for a StatefulSet.
pub fn stateful_set_status(set: &StatefulSet) -> Result<(String, bool), String> {
    let (spec, status) = (&set.spec, &set.status);
    if spec.update_strategy.type_ != "RollingUpdate" {
        return Err("rollout status is only available for RollingUpdate strategy type".into());
    }
    if status.observed_generation == 0 || set.meta.generation > status.observed_generation {
        return Ok(("Waiting for statefulset spec update to be observed...\n".into(), false));
    }
    let wanted = spec.replicas.unwrap_or(1);
    if status.ready_replicas < wanted {
        return Ok((format!("Waiting for {} pods to be ready...\n", wanted - status.ready_replicas), false));
    }
    // Also a partition of 0, which is there unless the strategy's type was written out.
    if let Some(rolling) = &spec.update_strategy.rolling_update {
        let (updated, part) = (status.updated_replicas, wanted - rolling.partition.unwrap_or(wanted));
        if updated < part {
            let text =
                format!("Waiting for partitioned roll out to finish: {updated} out of {part} new pods have been updated...\n");
            return Ok((text, false));
        }
        return Ok((format!("partitioned roll out complete: {updated} new pods have been updated...\n"), true));
    }
    let (updated, revision) = (status.updated_replicas, &status.update_revision);
    if *revision != status.current_revision {
        return Ok((
            format!("waiting for statefulset rolling update to complete {updated} pods at revision {revision}...\n"),
            false,
        ));
    }
    let (current, revision) = (status.current_replicas, &status.current_revision);
    Ok((format!("statefulset rolling update complete {current} pods at revision {revision}...\n"), true))
}

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
    owned(deployment, sets).filter_map(|set| Some((revision_of(&set.meta).ok()?, set.clone()))).collect()
}

/// Templates by revision, with the change-cause of their ReplicaSet.
fn revisions(deployment: &Deployment, sets: &[Rc<ReplicaSet>]) -> BTreeMap<i64, PodTemplateSpec> {
    let mut revisions = BTreeMap::new();
    for set in owned(deployment, sets) {
        let Ok(revision) = revision_of(&set.meta) else { continue };
        let mut template = set.spec.template.clone();
        if let Some(cause) = set.meta.annotations.get(CHANGE_CAUSE).filter(|c| !c.is_empty()) {
            template.meta.annotations.insert(CHANGE_CAUSE.to_owned(), cause.clone());
        }
        revisions.insert(revision, template);
    }
    revisions
}

fn owned<'a>(deployment: &'a Deployment, sets: &'a [Rc<ReplicaSet>]) -> impl Iterator<Item = &'a Rc<ReplicaSet>> {
    let owns = |set: &&Rc<ReplicaSet>| set.meta.controller().is_some_and(|o| o.uid == deployment.meta.uid);
    sets.iter().filter(|s| s.meta.namespace == deployment.meta.namespace).filter(owns)
}

/// The revision annotation; 0 without it.
fn revision_of(meta: &ObjectMeta) -> Result<i64, String> {
    let Some(text) = meta.annotations.get(REVISION) else { return Ok(0) };
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let why = if is_number { "value out of range" } else { "invalid syntax" };
    text.parse().map_err(|_| format!("strconv.ParseInt: parsing {text:?}: {why}"))
}

/// What `kubectl rollout undo` does.
#[derive(Clone, Debug, PartialEq)]
pub enum Undo {
    /// Send this JSON patch, then say `rolled back`; a refusal is printed behind `failed restoring revision N: `.
    Patch(Value),
    /// Change nothing and say this.
    Skip(String),
}

/// Where an undo goes back to; `to_revision` 0 is the revision before the last one.
pub fn undo(deployment: &Deployment, sets: &[Rc<ReplicaSet>], to_revision: i64) -> Result<Undo, String> {
    let set = undo_target(deployment, sets, to_revision)?;
    if deployment.spec.paused {
        let help = "resume it first with 'kubectl rollout resume' and try again";
        return Err(format!("you cannot rollback a paused deployment; {help}"));
    }
    let template = without_hash(&set.spec.template);
    if template == without_hash(&deployment.spec.template) {
        return Ok(Undo::Skip(format!("skipped rollback (current template already matches revision {to_revision})")));
    }
    let kept = |key: &str| KEPT.contains(&key);
    let (own, old) = (&deployment.meta.annotations, &set.meta.annotations);
    let annotations: StringMap =
        own.iter().filter(|(k, _)| kept(k)).chain(old.iter().filter(|(k, _)| !kept(k))).map(pair).collect();
    Ok(Undo::Patch(json!([
        {"op": "replace", "path": "/spec/template", "value": template.encode()},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations},
    ])))
}

fn pair((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}

/// The ReplicaSet of the revision that is wanted: `kubectl rollout undo --dry-run=client` prints its template.
pub fn undo_target<'a>(
    deployment: &'a Deployment,
    sets: &'a [Rc<ReplicaSet>],
    to_revision: i64,
) -> Result<&'a Rc<ReplicaSet>, String> {
    let numbered = owned(deployment, sets).filter_map(|set| Some((revision_of(&set.meta).ok()?, set)));
    let mut newest_first: Vec<(i64, &Rc<ReplicaSet>)> = numbered.collect();
    newest_first.arrange_by_key(|(revision, _)| std::cmp::Reverse(*revision));
    let found = match to_revision {
        0 => newest_first.get(1),
        _ => newest_first.iter().find(|(revision, _)| *revision == to_revision),
    };
    found.map(|(_, set)| *set).ok_or_else(|| match to_revision {
        0 => format!("no rollout history found for deployment {:?}", deployment.meta.name),
        _ => format!("unable to find specified revision {to_revision} in history"),
    })
}

fn without_hash(template: &PodTemplateSpec) -> PodTemplateSpec {
    let mut template = template.clone();
    template.meta.labels.remove(HASH_LABEL);
    template
}

/// The patch of `kubectl rollout restart` (strategic merge); `now` as RFC 3339.
pub fn restart(deployment: &Deployment, now: &str) -> Result<Value, String> {
    if deployment.spec.paused {
        return Err("can't restart paused deployment (run rollout resume first)".to_owned());
    }
    Ok(restarted(now))
}

/// What a restart changes in any workload.
pub fn restarted(now: &str) -> Value {
    json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}}})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::codec::Decoder;

    fn decode<T: Json>(value: Value) -> T {
        T::decode(&value, &mut Decoder::default()).unwrap()
    }

    fn deployment(image: &str) -> Deployment {
        decode(json!({
            "metadata": {"name": "web", "namespace": "default", "uid": "d", "annotations": {REVISION: "3", "own": "lost", LAST_APPLIED: "{}"}},
            "spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": image}]}}},
        }))
    }

    fn set(revision: &str, image: &str) -> Rc<ReplicaSet> {
        Rc::new(decode(json!({
            "metadata": {
                "name": format!("web-{revision}"), "namespace": "default",
                "annotations": {REVISION: revision, CHANGE_CAUSE: format!("to {image}"), "deployment.kubernetes.io/max-replicas": "4"},
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "d", "controller": true}],
            },
            "spec": {"template": {
                "metadata": {"labels": {"app": "web", HASH_LABEL: revision}},
                "spec": {"containers": [{"name": "c", "image": image}]},
            }},
        })))
    }

    #[test]
    fn undo_goes_back_to_the_revision_before_the_last() {
        let sets = [set("1", "a"), set("3", "c"), set("2", "b")];
        let Ok(Undo::Patch(patch)) = undo(&deployment("c"), &sets, 0) else { panic!("no patch") };
        assert_eq!(patch[0]["value"]["spec"]["containers"][0]["image"], "b");
        assert_eq!(patch[0]["value"]["metadata"]["labels"], json!({"app": "web"}));
        assert_eq!(patch[1]["value"], json!({REVISION: "3", LAST_APPLIED: "{}", CHANGE_CAUSE: "to b"}));
        let skipped = "skipped rollback (current template already matches revision 3)";
        assert_eq!(undo(&deployment("c"), &sets, 3), Ok(Undo::Skip(skipped.to_owned())));
    }

    #[test]
    fn undo_says_why_it_cannot() {
        let sets = [set("3", "c")];
        let mut paused = deployment("a");
        paused.spec.paused = true;
        let error = |d: &Deployment, to| undo(d, &sets, to).unwrap_err();
        assert_eq!(error(&deployment("c"), 0), "no rollout history found for deployment \"web\"");
        assert_eq!(error(&deployment("c"), 9), "unable to find specified revision 9 in history");
        assert!(error(&paused, 3).starts_with("you cannot rollback a paused deployment"));
        assert_eq!(history(&deployment("c"), &[]), "No rollout history found.");
    }
}
