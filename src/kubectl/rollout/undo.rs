//! `kubectl rollout undo`: which revision it goes back to, and the patch that takes it there.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/polymorphichelpers/rollback.go`.

use super::revision::numbered;
use crate::api::codec::Json;
use crate::api::meta::StringMap;
use crate::api::pod::PodTemplateSpec;
use crate::api::well_known::{POD_TEMPLATE_HASH, is_private};
use crate::api::{Deployment, ReplicaSet};
use crate::sorting::Arrange;
use serde_json::{Value, json};
use std::rc::Rc;

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
    let (own, old) = (&deployment.meta.annotations, &set.meta.annotations);
    let annotations: StringMap =
        own.iter().filter(|(k, _)| is_private(k)).chain(old.iter().filter(|(k, _)| !is_private(k))).map(pair).collect();
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
    let mut newest_first: Vec<(i64, &Rc<ReplicaSet>)> = numbered(deployment, sets).collect();
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
    template.meta.labels.remove(POD_TEMPLATE_HASH);
    template
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::codec::Decoder;
    use crate::api::well_known::{LAST_APPLIED, REVISION};
    use crate::kubectl::rollout::{CHANGE_CAUSE, history};

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
                "metadata": {"labels": {"app": "web", POD_TEMPLATE_HASH: revision}},
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
