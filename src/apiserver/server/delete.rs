//! DELETE, and what it leaves to whoever must act first.
//!
//! Source: `staging/apiserver/pkg/registry/rest/delete.go`, `…/generic/registry/store.go`. Promises: an object that waits (grace
//! period, finalizers) is only marked, and stays until whoever it waits for is done.

use super::ApiServer;
use crate::api::{Key, Kind, Object};
use crate::apiserver::{Status, strategy};

/// Namespaces that no one may delete (`plugin/…/namespace/lifecycle`).
const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

/// How an object is to be deleted.
#[derive(Clone, Debug, Default)]
pub struct DeleteOptions {
    /// Seconds a Pod gets to stop; `None`: its own.
    pub grace_period_seconds: Option<i64>,
    /// What happens to objects that it owns.
    pub propagation: Propagation,
    /// Refuse when the object's uid is another.
    pub uid: Option<String>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What happens to the objects that a deleted object owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    /// The object goes at once, what it owned is collected later.
    #[default]
    Background,
    /// What it owned goes first.
    Foreground,
    /// What it owned stays.
    Orphan,
}

/// What became of a delete request.
#[derive(Clone, Debug, PartialEq)]
pub enum Deleted {
    /// The object is gone.
    Gone(Object),
    /// The object stays until whoever it waits for is done (grace period, finalizers).
    Pending(Object),
}

impl ApiServer {
    /// DELETE: at once, or a mark that whoever must act first will see (grace period, finalizers).
    pub fn delete(&mut self, kind: Kind, key: &Key, options: &DeleteOptions) -> Result<Deleted, Status> {
        let mut object = self.read(kind, key)?.clone();
        if kind == Kind::Namespace && IMMORTAL.contains(&&*key.name) {
            return Err(Status::forbidden(kind, &key.name, "this namespace may not be deleted"));
        }
        if let Some(uid) = options.uid.as_ref().filter(|u| **u != object.meta().uid) {
            let message = format!(
                "Operation cannot be fulfilled on {} {:?}: the UID in the precondition ({uid}) does not match the UID in record ({}). The object might have been deleted and then recreated",
                kind.resource(),
                &*key.name,
                object.meta().uid
            );
            return Err(Status::new(409, "Conflict", message));
        }
        let clock = self.clock();
        let waits = strategy::begin_deletion(&mut object, options, clock);
        if options.dry_run {
            return Ok(if waits { Deleted::Pending(object) } else { Deleted::Gone(object) });
        }
        if waits {
            let unchanged = self.store.get(kind, key) == Some(&object);
            return Ok(Deleted::Pending(if unchanged { object } else { self.put(object) }));
        }
        self.remove(kind, key).map(Deleted::Gone).ok_or_else(|| Status::not_found(kind, &key.name))
    }
}
