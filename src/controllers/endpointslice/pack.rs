//! How endpoints are packed into slices of one port list: kept ones stay in place, new ones fill what is written anyway,
//! then at most one slice that would else be left alone, then new slices (§6.3).
//!
//! Source: `staging/endpointslice/reconciler.go`, reconcileByPortMapping.

use super::desired::{compare_identity, labels, labels_changed, new_slice, says_the_same};
use crate::api::discovery::{Endpoint, EndpointSlicePort};
use crate::api::{EndpointSlice, Service};
use crate::sorting::Arrange;
use std::cmp::Ordering;
use std::rc::Rc;

/// The endpoints that are wanted, in the order in which new ones are to be placed.
#[derive(Debug, Default)]
pub struct Wanted {
    endpoints: Vec<Endpoint>,
    placed: Vec<bool>,
    by_identity: Vec<usize>,
    left: usize,
    next: usize,
}

impl Wanted {
    /// These endpoints; of several with one identity the last counts.
    pub fn new(endpoints: Vec<Endpoint>) -> Wanted {
        let mut by_identity: Vec<usize> = (0..endpoints.len()).collect();
        by_identity.arrange_by(|a, b| compare_identity(&endpoints[*a], &endpoints[*b]).then(b.cmp(a)));
        let mut placed = vec![false; endpoints.len()];
        by_identity.dedup_by(|later, kept| {
            let same = compare_identity(&endpoints[*later], &endpoints[*kept]) == Ordering::Equal;
            placed[*later] |= same;
            same
        });
        Wanted { left: by_identity.len(), endpoints, placed, by_identity, next: 0 }
    }

    /// The place of the endpoint of this identity, unless it was placed already. It is now.
    fn take(&mut self, old: &Endpoint) -> Option<usize> {
        let found = self.by_identity.binary_search_by(|i| compare_identity(&self.endpoints[*i], old)).ok()?;
        let index = self.by_identity[found];
        let first = !std::mem::replace(&mut self.placed[index], true);
        self.left -= usize::from(first);
        first.then_some(index)
    }

    /// Moves endpoints into a slice until it is full. After this nothing can be found by identity.
    fn fill(&mut self, slice: &mut EndpointSlice, max: usize) {
        while slice.endpoints.len() < max && self.next < self.endpoints.len() {
            let index = self.next;
            self.next += 1;
            if !std::mem::replace(&mut self.placed[index], true) {
                self.left -= 1;
                slice.endpoints.push(std::mem::take(&mut self.endpoints[index]));
            }
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
        plan.update.arrange_by_key(|slice| std::cmp::Reverse(slice.endpoints.len()));
        for slice in &mut plan.update {
            wanted.fill(slice, self.max);
        }
        while wanted.left > 0 {
            match self.slice_to_fill(&unchanged, wanted.left) {
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
            if let Some(index) = wanted.take(old) {
                changed |= !says_the_same(&wanted.endpoints[index], old);
                kept.push(index);
            }
        }
        if changed || kept.len() != slice.endpoints.len() {
            if kept.is_empty() {
                plan.delete.push(slice.clone());
                return;
            }
            let mut slice = EndpointSlice::clone(slice);
            slice.endpoints = kept.into_iter().map(|index| wanted.endpoints[index].clone()).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::meta::ObjectReference;

    fn endpoint(name: &str) -> Endpoint {
        let target = ObjectReference { kind: "Pod".into(), name: name.into(), ..ObjectReference::default() };
        Endpoint { addresses: vec![format!("ip-{name}")], target_ref: Some(target), ..Endpoint::default() }
    }

    fn names(slice: &EndpointSlice) -> String {
        let name = |e: &Endpoint| e.target_ref.as_ref().map_or(String::new(), |t| t.name.clone());
        slice.endpoints.iter().map(name).collect::<Vec<String>>().join(" ")
    }

    fn pack(existing: &[&str], wanted: &str, max: usize) -> Plan {
        let service = Service::default();
        let packer = Packer { service: &service, controller: "c", max };
        let slice = |(i, pods): (usize, &&str)| {
            let mut slice = new_slice(&service, "c", "IPv4", vec![]);
            slice.meta.name = format!("s{i}");
            slice.endpoints = pods.split(' ').map(endpoint).collect();
            Rc::new(slice)
        };
        let existing: Vec<Rc<EndpointSlice>> = existing.iter().enumerate().map(slice).collect();
        packer.pack(&existing, Wanted::new(wanted.split(' ').map(endpoint).collect()), "IPv4", &[])
    }

    #[test]
    fn kept_endpoints_stay_in_place_and_new_ones_follow() {
        let plan = pack(&["c b a"], "a b d c e", 100);
        assert_eq!((plan.create.len(), plan.delete.len()), (0, 0));
        assert_eq!(names(&plan.update[0]), "c b a d e");
        let plan = pack(&["c b a"], "a d c", 100);
        assert_eq!(names(&plan.update[0]), "c a d");
    }

    #[test]
    fn what_is_written_anyway_is_filled_first() {
        let plan = pack(&["a b", "c d e", "f g"], "a b c d f g x y", 4);
        assert_eq!(plan.update.iter().map(names).collect::<Vec<String>>(), ["c d x y"]);
        assert!(plan.create.is_empty());
    }

    #[test]
    fn of_two_endpoints_of_one_identity_the_last_counts() {
        let mut twice = vec![endpoint("a"), endpoint("a")];
        twice[1].zone = Some("z".into());
        let mut slice = EndpointSlice::default();
        let mut wanted = Wanted::new(twice);
        wanted.fill(&mut slice, 10);
        assert_eq!((slice.endpoints.len(), slice.endpoints[0].zone.as_deref()), (1, Some("z")));
    }
}
