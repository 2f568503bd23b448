//! Addresses of Services: ClusterIPs and node ports, handed out and taken back (`pkg/registry/core/service/{ipallocator,portallocator}`).

use crate::api::Service;

/// Both pools. Cloning is cheap enough to undo a refused request.
#[derive(Clone, Debug, Default)]
pub struct ServiceAllocator {}

impl ServiceAllocator {
    /// Takes back all that a Service holds.
    pub fn release(&mut self, _service: &Service) {}
    /// Marks what a seeded Service holds.
    pub fn reserve(&mut self, _service: &Service) {}
}
