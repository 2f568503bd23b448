//! Defaults, admission, allocation and validation of one request, in the API server's order.

use super::server::ApiServer;
use super::strategy::Part;
use super::{Status, admission};
use crate::api::Object;

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

    /// What the server said beside accepting the last create or update (`Warning: …` in kubectl). Says it once.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}
