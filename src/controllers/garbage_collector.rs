//! The garbage collector: what nobody owns any more goes, and an owner that waits for what it owns goes last.
//!
//! Promises: an object goes only when the API server itself says that every owner is gone or waits for it.
//! Sources: `pkg/controller/garbagecollector/{garbagecollector,graph_builder,operations}.go`.

use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::meta::{ObjectMeta, OwnerReference};
use crate::api::object::KINDS;
use crate::api::{Key, Kind, Object};
use crate::apiserver::{Change, DeleteOptions, Propagation, Status};
use crate::time::{MILLISECOND, Nanos};

const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

/// It asks the API server itself for the object before it does anything.
const QUESTION: Nanos = 10 * MILLISECOND;

/// The garbage collector. Its keys carry the kind in front of the name (`Pod/web-1`).
#[derive(Clone, Debug, Default)]
pub struct GarbageCollector;

impl Controller for GarbageCollector {
    fn component(&self) -> &'static str {
        "garbage-collector-controller"
    }

    fn observe(&mut self, change: &Change, cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        let mut add = |object: &Object| queue.add(key_of(object), now + QUESTION);
        let object = change.object();
        let Some(new) = &change.new else {
            cache.dependents(&object.meta().uid).iter().for_each(&mut add);
            waiting_owners(object, cache).iter().for_each(&mut add);
            return;
        };
        let absent = |owner: &OwnerReference| find_owner(owner, new.meta(), |kind, key| cache.object(kind, key)).is_none();
        if new.meta().owner_references.iter().any(absent) {
            add(new);
        }
        if let Some(old) = change.old.as_ref().filter(|old| old.meta().owner_references != new.meta().owner_references) {
            waiting_owners(old, cache).iter().for_each(&mut add);
        }
        let was = |finalizer| change.old.as_ref().is_some_and(|old| waits(old.meta(), finalizer));
        if waits(new.meta(), FOREGROUND) && !was(FOREGROUND) {
            cache.dependents(&new.meta().uid).iter().for_each(&mut add);
            add(new);
        }
        if waits(new.meta(), ORPHAN) && !was(ORPHAN) {
            add(new);
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let Some((kind, key)) = object_key(key) else { return Outcome::Done };
        let Some(object) = context.api.read(kind, &key).ok().cloned() else { return Outcome::Done };
        // That an owner waits is what the watch has shown, as it has to the controllers beside: whoever makes dependents knows it
        // before they go.
        let shown = context.cache.object(kind, &key);
        let awaited = |finalizer| shown.is_some_and(|shown| waits(shown.meta(), finalizer)) && waits(object.meta(), finalizer);
        let done = if awaited(ORPHAN) {
            orphan(context, &object)
        } else if awaited(FOREGROUND) {
            return delete_dependents(context, &object);
        } else if object.meta().is_deleting() {
            Ok(())
        } else {
            collect(context, &object)
        };
        done.map_or_else(|status| Outcome::Retry(status.message), |()| Outcome::Done)
    }

    fn max_retries(&self) -> Option<u32> {
        None
    }
}

fn key_of(object: &Object) -> Key {
    Key::new(&object.meta().namespace, &format!("{}/{}", object.kind().info().name, object.meta().name))
}

fn object_key(key: &Key) -> Option<(Kind, Key)> {
    let (kind, name) = key.name.split_once('/')?;
    Some((KINDS.iter().find(|i| i.name == kind)?.kind, Key::new(&key.namespace, name)))
}

/// Whether an object is being deleted and waits for that finalizer.
fn waits(meta: &ObjectMeta, finalizer: &str) -> bool {
    meta.is_deleting() && meta.finalizers.iter().any(|f| f == finalizer)
}

/// The object that a reference means, if it is there with the same uid.
fn find_owner<'a>(
    owner: &OwnerReference,
    dependent: &ObjectMeta,
    look: impl Fn(Kind, &Key) -> Option<&'a Object>,
) -> Option<&'a Object> {
    let kind = Kind::from_manifest(&owner.api_version, &owner.kind)?;
    let namespace = if kind.info().namespaced { dependent.namespace.as_str() } else { "" };
    look(kind, &Key::new(namespace, &owner.name)).filter(|found| found.meta().uid == owner.uid)
}

/// The owners of an object that wait for what they own to go.
fn waiting_owners(object: &Object, cache: &Cache) -> Vec<Object> {
    let owners = object.meta().owner_references.iter();
    let found = owners.filter_map(|owner| find_owner(owner, object.meta(), |kind, key| cache.object(kind, key)));
    found.filter(|owner| waits(owner.meta(), FOREGROUND)).cloned().collect()
}

/// Deletes an object without a lasting owner, or removes the references to owners that do not last.
fn collect(context: &mut Context, object: &Object) -> Result<(), Status> {
    let meta = object.meta();
    if meta.owner_references.is_empty() {
        return Ok(());
    }
    let (mut solid, mut waiting, mut gone) = (false, false, vec![]);
    for owner in &meta.owner_references {
        match find_owner(owner, meta, |kind, key| context.api.read(kind, key).ok()) {
            None => gone.push(owner.uid.clone()),
            Some(found) if waits(found.meta(), FOREGROUND) => {
                waiting = true;
                gone.push(owner.uid.clone());
            }
            Some(_) => solid = true,
        }
    }
    if solid {
        let remove = |meta: &mut ObjectMeta| meta.owner_references.retain(|r| !gone.contains(&r.uid));
        return if gone.is_empty() { Ok(()) } else { change(context, object, remove) };
    }
    let has = |finalizer: &str| meta.finalizers.iter().any(|f| f == finalizer);
    let propagation = if waiting && !context.cache.dependents(&meta.uid).is_empty() || has(FOREGROUND) {
        Propagation::Foreground
    } else if has(ORPHAN) {
        Propagation::Orphan
    } else {
        Propagation::Background
    };
    let options = DeleteOptions { propagation, uid: Some(meta.uid.clone()), ..DeleteOptions::default() };
    match context.api.delete(object.kind(), &object.key(), &options) {
        Err(status) if status.code != 404 => Err(status),
        _ => Ok(()),
    }
}

/// An owner in foreground deletion goes when nothing that blocks it is left.
fn delete_dependents(context: &mut Context, owner: &Object) -> Outcome {
    let uid = &owner.meta().uid;
    let blocks = |r: &OwnerReference| r.uid == *uid && r.block_owner_deletion == Some(true);
    let dependents = context.cache.dependents(uid);
    let blocking: Vec<&Object> = dependents.iter().filter(|d| d.meta().owner_references.iter().any(blocks)).collect();
    let done = if blocking.is_empty() {
        change(context, owner, |meta| meta.finalizers.retain(|f| f != FOREGROUND))
    } else {
        blocking.iter().filter(|d| !d.meta().is_deleting()).try_for_each(|dependent| {
            let live = context.api.read(dependent.kind(), &dependent.key()).ok().cloned();
            live.map_or(Ok(()), |live| if live.meta().is_deleting() { Ok(()) } else { collect(context, &live) })
        })
    };
    done.map_or_else(|status| Outcome::Retry(status.message), |()| Outcome::Done)
}

/// Frees everything that an object owns, then lets it go.
fn orphan(context: &mut Context, owner: &Object) -> Result<(), Status> {
    let uid = owner.meta().uid.clone();
    for dependent in context.cache.dependents(&uid) {
        change(context, &dependent, |meta| meta.owner_references.retain(|r| r.uid != uid))?;
    }
    change(context, owner, |meta| meta.finalizers.retain(|f| f != ORPHAN))
}

/// Changes the metadata of the live object, if it is still there and the same.
fn change(context: &mut Context, object: &Object, f: impl FnOnce(&mut ObjectMeta)) -> Result<(), Status> {
    let live = context.api.read(object.kind(), &object.key()).ok();
    let Some(mut live) = live.filter(|live| live.meta().uid == object.meta().uid).cloned() else { return Ok(()) };
    f(live.meta_mut());
    context.api.update(live, false).map(|_| ())
}
