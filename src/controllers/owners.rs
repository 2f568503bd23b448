//! Who belongs to whom: owner references, adoption of orphans that match a selector, release of what no longer matches.
//!
//! Source: `pkg/controller/controller_ref_manager.go`.

use super::Context;
use crate::api::meta::{ObjectMeta, OwnerReference};
use crate::api::selector::Selector;
use crate::api::{Key, Kind, Resource};
use crate::apiserver::Status;
use std::rc::Rc;

/// A controlling owner reference to an object.
pub fn controller_reference(kind: Kind, owner: &ObjectMeta) -> OwnerReference {
    OwnerReference {
        api_version: kind.api_version(),
        kind: kind.info().name.into(),
        name: owner.name.clone(),
        uid: owner.uid.clone(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// The key of an object's controller, if that is of the given kind, and the uid it must have.
pub fn controller_key(meta: &ObjectMeta, kind: Kind) -> Option<(Key, &str)> {
    let owner = meta.controller().filter(|o| o.kind == kind.info().name && group(&o.api_version) == kind.info().group)?;
    Some((Key::new(&meta.namespace, &owner.name), &owner.uid))
}

fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// What a claim made of its candidates.
pub struct Claimed<T> {
    /// Those that belong to the owner now, as the API server last had them.
    pub objects: Vec<Rc<T>>,
    /// Highest resourceVersion of what was written (0: nothing).
    pub written: u64,
}

/// Claims candidates for `owner`: keeps what it owns and its selector matches, adopts matching orphans, and releases what
/// it owns without matching. All are tried; the first error is returned.
pub fn claim<O: Resource, T: Resource>(
    context: &mut Context,
    owner: &O,
    selector: &Selector,
    candidates: Vec<Rc<T>>,
) -> Result<Claimed<T>, Status> {
    let mut claimed = Claimed { objects: vec![], written: 0 };
    let (mut error, mut may_adopt) = (None, None);
    for candidate in candidates {
        let meta = candidate.meta();
        let matches = selector.matches(&meta.labels);
        let result = match meta.controller() {
            Some(other) if other.uid != owner.meta().uid => continue,
            Some(_) if matches => Ok(Some(candidate)),
            Some(_) if owner.meta().is_deleting() => continue,
            Some(_) => release(context, owner.meta(), candidate.as_ref(), &mut claimed.written).map(|()| None),
            None if !matches || owner.meta().is_deleting() || meta.is_deleting() => continue,
            None => may_adopt
                .get_or_insert_with(|| check_owner(context, owner))
                .clone()
                .and_then(|()| adopt(context, owner, candidate.as_ref(), &mut claimed.written)),
        };
        match result {
            Ok(object) => claimed.objects.extend(object),
            Err(status) => error = error.or(Some(status)),
        }
    }
    error.map_or(Ok(claimed), Err)
}

/// Asks the API server itself whether the owner is still there and stays (`RecheckDeletionTimestamp`).
fn check_owner<O: Resource>(context: &Context, owner: &O) -> Result<(), Status> {
    let (kind, meta) = (O::KIND.info().name, owner.meta());
    let key = Key::new(&meta.namespace, &meta.name);
    let Some(fresh) = context.api.get::<O>(&key) else { return Err(Status::not_found(O::KIND, &meta.name)) };
    let fresh = fresh.meta();
    if fresh.uid != meta.uid {
        let why = format!("original {kind} {key} is gone: got uid {}, wanted {}", fresh.uid, meta.uid);
        return Err(Status::internal(&why));
    }
    match fresh.deletion_timestamp {
        Some(at) => Err(Status::internal(&format!("{key} has just been deleted at {}", at.rfc3339()))),
        None => Ok(()),
    }
}

/// Changes the live object, whatever its resourceVersion, as a patch does. `None`: it is gone, or another has its name.
fn patch<T: Resource>(
    context: &mut Context,
    object: &T,
    written: &mut u64,
    change: impl FnOnce(&mut ObjectMeta),
) -> Result<Option<Rc<T>>, Status> {
    let key = Key::new(&object.meta().namespace, &object.meta().name);
    let live = context.api.get::<T>(&key).filter(|live| live.meta().uid == object.meta().uid);
    let Some(mut live) = live.cloned() else { return Ok(None) };
    change(Rc::make_mut(&mut live).meta_mut());
    let stored = context.api.update(live.into_object(), false)?;
    *written = (*written).max(version(stored.meta()));
    Ok(stored.as_::<T>().cloned())
}

/// The number of an object's resourceVersion.
pub fn version(meta: &ObjectMeta) -> u64 {
    meta.resource_version.parse().unwrap_or(0)
}

fn adopt<O: Resource, T: Resource>(
    context: &mut Context,
    owner: &O,
    object: &T,
    written: &mut u64,
) -> Result<Option<Rc<T>>, Status> {
    let reference = controller_reference(O::KIND, owner.meta());
    patch(context, object, written, |meta| {
        meta.owner_references.retain(|r| r.uid != reference.uid);
        meta.owner_references.push(reference);
    })
}

fn release<T: Resource>(context: &mut Context, owner: &ObjectMeta, object: &T, written: &mut u64) -> Result<(), Status> {
    patch(context, object, written, |meta| meta.owner_references.retain(|r| r.uid != owner.uid)).map(|_| ())
}
