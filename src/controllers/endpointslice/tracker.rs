//! What the controller last wrote of each EndpointSlice, to know when its cache is behind its own writes.
//!
//! Source: `staging/endpointslice/util/endpointslice_tracker.go`.

use super::desired::SERVICE_NAME;
use crate::api::{EndpointSlice, Key};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What is expected of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// At least this generation.
    Generation(i64),
    /// Its deletion.
    Gone,
}

/// Own writes by Service, then by uid of the slice.
#[derive(Clone, Debug, Default)]
pub struct SliceTracker {
    services: BTreeMap<Key, BTreeMap<String, Expected>>,
}

/// The Service that a slice says it is of.
pub fn service_key(slice: &EndpointSlice) -> Key {
    Key::new(&slice.meta.namespace, slice.meta.labels.get(SERVICE_NAME).map_or("", String::as_str))
}

impl SliceTracker {
    fn expected(&self, slice: &EndpointSlice) -> Option<Expected> {
        self.services.get(&service_key(slice))?.get(&slice.meta.uid).copied()
    }

    /// Whether somebody else changed the slice: it is unknown, or newer than the own write.
    pub fn should_sync(&self, slice: &EndpointSlice) -> bool {
        match self.expected(slice) {
            None => true,
            Some(Expected::Generation(generation)) => slice.meta.generation > generation,
            Some(Expected::Gone) => true,
        }
    }

    /// Whether these slices of the Service, as the cache shows them, are older than what was written.
    pub fn stale(&self, service: &Key, slices: &[Rc<EndpointSlice>]) -> bool {
        let Some(expected) = self.services.get(service) else { return false };
        let behind = |slice: &Rc<EndpointSlice>| match expected.get(&slice.meta.uid) {
            Some(Expected::Generation(generation)) => *generation > slice.meta.generation,
            Some(Expected::Gone) => true,
            None => false,
        };
        let missing = |uid: &String| !slices.iter().any(|s| s.meta.uid == *uid);
        slices.iter().any(behind) || expected.iter().any(|(uid, e)| *e != Expected::Gone && missing(uid))
    }

    /// The API server answered with this state of the slice.
    pub fn written(&mut self, slice: &EndpointSlice) {
        let slices = self.services.entry(service_key(slice)).or_default();
        let generation = slice.meta.generation;
        let newer = match slices.get(&slice.meta.uid) {
            Some(Expected::Generation(old)) => generation > *old,
            Some(Expected::Gone) => false,
            None => true,
        };
        if newer {
            slices.insert(slice.meta.uid.clone(), Expected::Generation(generation));
        }
    }

    /// The slice was asked to be deleted.
    pub fn deleted(&mut self, slice: &EndpointSlice) {
        self.services.entry(service_key(slice)).or_default().insert(slice.meta.uid.clone(), Expected::Gone);
    }

    /// The watch says that a slice is gone. True when that was unexpected: somebody else deleted it.
    pub fn gone(&mut self, slice: &EndpointSlice) -> bool {
        let old = self.services.get_mut(&service_key(slice)).and_then(|slices| slices.remove(&slice.meta.uid));
        matches!(old, Some(Expected::Generation(_)))
    }

    /// The Service is gone.
    pub fn forget(&mut self, service: &Key) {
        self.services.remove(service);
    }
}
