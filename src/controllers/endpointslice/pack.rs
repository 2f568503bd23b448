//! How endpoints are packed into slices of one port list: kept ones stay in place, new ones fill what is written anyway,
//! then at most one slice that would else be left alone, then new slices (§6.3).
//!
//! Source: `staging/endpointslice/reconciler.go`, reconcileByPortMapping.

use super::desired::{EndpointKey, endpoint_key, labels, labels_changed, new_slice, says_the_same};
use crate::api::discovery::{Endpoint, EndpointSlicePort};
use crate::api::{EndpointSlice, Service};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// The endpoints that are wanted, each once, in the order in which new ones are to be placed.
#[derive(Debug, Default)]
pub struct Wanted {
    order: VecDeque<EndpointKey>,
    by_key: BTreeMap<EndpointKey, Endpoint>,
}

impl Wanted {
    /// Adds an endpoint, or replaces the one of the same identity.
    pub fn insert(&mut self, endpoint: Endpoint) {
        let key = endpoint_key(&endpoint);
        if self.by_key.insert(key.clone(), endpoint).is_none() {
            self.order.push_back(key);
        }
    }

    fn take(&mut self, key: &EndpointKey) -> Option<Endpoint> {
        self.by_key.remove(key)
    }

    fn next(&mut self) -> Option<Endpoint> {
        while let Some(key) = self.order.pop_front() {
            if let Some(endpoint) = self.by_key.remove(&key) {
                return Some(endpoint);
            }
        }
        None
    }

    fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Moves endpoints into a slice until it is full.
    fn fill(&mut self, slice: &mut EndpointSlice, max: usize) {
        while slice.endpoints.len() < max {
            let Some(endpoint) = self.next() else { return };
            slice.endpoints.push(endpoint);
        }
    }
}

/// What is to be written. New slices have no name.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Slices to create.
    pub create: Vec<EndpointSlice>,
    /// Slices to replace, by name.
    pub update: Vec<EndpointSlice>,
    /// Slices to delete.
    pub delete: Vec<Rc<EndpointSlice>>,
}

/// Who writes slices, of which Service, and how many endpoints fit in one.
pub struct Packer<'a> {
    /// The Service.
    pub service: &'a Service,
    /// The value of the managed-by label.
    pub controller: &'a str,
    /// Most endpoints in a slice.
    pub max: usize,
}

impl Packer<'_> {
    /// Packs what is wanted into the existing slices of one port list and family, and into new ones.
    pub fn pack(
        &self,
        existing: &[Rc<EndpointSlice>],
        mut wanted: Wanted,
        address_type: &str,
        ports: &[EndpointSlicePort],
    ) -> Plan {
        let mut plan = Plan::default();
        let mut unchanged: Vec<Rc<EndpointSlice>> = vec![];
        for slice in existing {
            self.keep(slice, &mut wanted, &mut plan, &mut unchanged);
        }
        // The fullest first, so that few half-full slices remain.
        plan.update.sort_by_key(|slice| std::cmp::Reverse(slice.endpoints.len()));
        for slice in &mut plan.update {
            wanted.fill(slice, self.max);
        }
        while wanted.len() > 0 {
            match self.slice_to_fill(&unchanged, wanted.len()) {
                Some(index) => {
                    let mut slice = EndpointSlice::clone(&unchanged.remove(index));
                    wanted.fill(&mut slice, self.max);
                    plan.update.push(slice);
                }
                None => {
                    let mut slice = new_slice(self.service, self.controller, address_type, ports.to_vec());
                    wanted.fill(&mut slice, self.max);
                    plan.create.push(slice);
                }
            }
        }
        plan
    }

    /// Keeps in a slice what is still wanted, in its newest version, and says what that makes of the slice.
    fn keep(&self, slice: &Rc<EndpointSlice>, wanted: &mut Wanted, plan: &mut Plan, unchanged: &mut Vec<Rc<EndpointSlice>>) {
        let mut kept = vec![];
        let mut changed = false;
        for old in &slice.endpoints {
            if let Some(new) = wanted.take(&endpoint_key(old)) {
                changed |= !says_the_same(&new, old);
                kept.push(new);
            }
        }
        if changed || kept.len() != slice.endpoints.len() {
            if kept.is_empty() {
                plan.delete.push(slice.clone());
                return;
            }
            let mut slice = EndpointSlice::clone(slice);
            slice.endpoints = kept;
            slice.meta.labels = labels(self.service, self.controller);
            plan.update.push(slice);
        } else if labels_changed(slice, self.service) {
            let mut slice = EndpointSlice::clone(slice);
            slice.meta.labels = labels(self.service, self.controller);
            plan.update.push(slice);
        } else {
            unchanged.push(slice.clone());
        }
    }

    /// The slice that can take all that is left and comes closest to full.
    fn slice_to_fill(&self, unchanged: &[Rc<EndpointSlice>], left: usize) -> Option<usize> {
        if left >= self.max {
            return None;
        }
        let room = |slice: &Rc<EndpointSlice>| self.max.checked_sub(left + slice.endpoints.len());
        let fitting = unchanged.iter().enumerate().filter_map(|(i, slice)| Some((room(slice)?, i)));
        fitting.min().map(|(_, i)| i)
    }
}
