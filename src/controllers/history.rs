//! The templates that a DaemonSet or a StatefulSet has had, kept as ControllerRevisions.
//!
//! Sources: `pkg/controller/history/controller_history.go`, `pkg/controller/daemon/update.go`, `pkg/controller/statefulset`.

use super::Context;
use super::hands::Hands;
use super::owners::{controller_reference, version};
use crate::api::meta::{ObjectMeta, StringMap};
use crate::api::pod::PodTemplateSpec;
use crate::api::{ControllerRevision, Key, Kind, Resource};
use crate::apiserver::{DeleteOptions, Status};
use crate::sorting::Arrange;
use std::rc::Rc;

/// So many revisions that no Pod has are kept, unless the object says otherwise.
const LIMIT: i32 = 10;

/// How a template is kept.
pub struct Kept<'a> {
    /// The template in force.
    pub template: &'a PodTemplateSpec,
    /// The name of its revision.
    pub name: String,
    /// Labels of its revision beside the template's.
    pub label: (&'static str, String),
    /// How many old ones are kept.
    pub limit: Option<i32>,
    /// Names (or their ends) of revisions that Pods still have.
    pub live: Vec<String>,
}

/// An object's revisions, oldest first.
pub fn of<O: Resource>(owner: &O, context: &Context) -> Vec<Rc<ControllerRevision>> {
    let mut all = context.cache.owned_by::<ControllerRevision>(&owner.meta().namespace, &owner.meta().uid);
    all.arrange_by_key(|revision| revision.revision);
    all
}

/// Sees to it that the newest revision is the template in force, and drops the oldest beyond the limit.
pub fn keep<O: Resource>(hands: &mut Hands<O>, kept: Kept, context: &mut Context) -> Result<(), Status> {
    let all = of(hands.owner, context);
    let data = ControllerRevision::data_of(kept.template);
    let next = all.last().map_or(0, |newest| newest.revision) + 1;
    let found = all.iter().rev().find(|revision| revision.data.as_ref() == Some(&data));
    let stored = match found {
        Some(found) if found.revision + 1 == next => None,
        Some(found) => {
            let again = ControllerRevision { revision: next, ..ControllerRevision::clone(found) };
            Some(context.api.update(Rc::new(again).into_object(), false)?)
        }
        None => {
            let owner = hands.owner.meta();
            let mut labels: StringMap = kept.template.meta.labels.clone();
            labels.insert(kept.label.0.into(), kept.label.1.clone());
            let meta = ObjectMeta {
                name: kept.name.clone(),
                namespace: owner.namespace.clone(),
                labels,
                annotations: owner.annotations.clone(),
                owner_references: vec![controller_reference(O::KIND, owner)],
                ..ObjectMeta::default()
            };
            let revision = ControllerRevision { meta, data: Some(data), revision: next };
            Some(context.api.create(Rc::new(revision).into_object(), false)?)
        }
    };
    if let Some(stored) = stored {
        hands.seen.wrote(hands.key, Kind::ControllerRevision, version(stored.meta()));
        return Ok(());
    }
    let is_live = |name: &str| name == kept.name || kept.live.iter().any(|live| name.ends_with(live.as_str()));
    let old: Vec<_> = all.iter().filter(|revision| !is_live(&revision.meta.name)).collect();
    let limit = usize::try_from(kept.limit.unwrap_or(LIMIT)).unwrap_or(0);
    for revision in old.iter().take(old.len().saturating_sub(limit)) {
        let key = Key::new(&revision.meta.namespace, &revision.meta.name);
        context.api.delete(Kind::ControllerRevision, &key, &DeleteOptions::default())?;
    }
    Ok(())
}
