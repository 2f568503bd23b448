//! Defaults, admission, allocation and validation of one request, in the API server's order.

use super::server::ApiServer;
use super::strategy::Part;
use super::{Status, admission};
use crate::api::{Key, Kind, Namespace, Object};

impl ApiServer {
    /// A new object: what was left out is filled in, addresses are allocated, and all of it is checked.
    pub(super) fn admit_new(&mut self, object: &mut Object, dry_run: bool) -> Result<(), Status> {
        self.warnings.clear();
        self.warnings = admission::create(object, &mut self.services, &mut self.random, dry_run)?;
        self.check_ceiling(object, None)
    }

    /// A changed object.
    pub(super) fn admit_update(&mut self, object: &mut Object, old: &Object, part: Part, dry_run: bool) -> Result<(), Status> {
        self.warnings.clear();
        self.warnings = admission::update(object, old, part, &mut self.services, &mut self.random, dry_run)?;
        self.check_ceiling(object, Some(old))
    }

    /// Whether a namespace's limits and quotas leave room for a new object.
    pub(super) fn check_room(&self, object: &Object) -> Result<(), Status> {
        if let Object::Pod(pod) = object {
            self.check_limits(pod)?;
        }
        self.check_quota(object)
    }

    /// Objects may only be made in a namespace that exists and stays.
    pub(super) fn check_namespace(&self, object: &Object) -> Result<(), Status> {
        if !object.kind().info().namespaced {
            return Ok(());
        }
        let name = &object.meta().namespace;
        let Some(namespace) = self.get::<Namespace>(&Key::new("", name)) else {
            return Err(Status::not_found(Kind::Namespace, name));
        };
        if namespace.meta.is_deleting() {
            let why = format!("unable to create new content in namespace {name} because it is being terminated");
            return Err(Status::forbidden(object.kind(), &object.meta().name, &why));
        }
        Ok(())
    }

    /// What the server said beside accepting the last create or update (`Warning: …` in kubectl). Says it once.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}
