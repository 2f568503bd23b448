//! Parts of the view that stay the same while nothing that they are made of changes.

use super::events::{EventLine, events};
use super::panel::{self, DeploymentPanel, ServicePanel};
use super::scene::Listed;
use super::watcher::Watcher;
use crate::api::{Key, Kind};
use crate::lab::Lab;
use crate::time::Nanos;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What was made last, and what it was made of.
#[derive(Clone, Debug)]
struct Part<K, T>(Option<(K, T)>);

impl<K, T> Default for Part<K, T> {
    fn default() -> Self {
        Part(None)
    }
}

impl<K: PartialEq, T: Clone> Part<K, T> {
    /// What was made last; made anew if it is to be made of something else.
    fn get(&mut self, of: K, make: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some((made_of, part)) if *made_of == of => part.clone(),
            _ => self.0.insert((of, make())).1.clone(),
        }
    }
}

/// The kept parts.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    services: Part<(u64, u64, Option<Nanos>), Vec<Rc<ServicePanel>>>,
    deployments: Part<u64, Vec<Rc<DeploymentPanel>>>,
    events: Part<u64, Rc<Vec<EventLine>>>,
    listed: Part<u64, Rc<BTreeMap<Key, Listed>>>,
}

impl Kept {
    /// The Services' panels.
    pub fn services(&mut self, lab: &Lab, watcher: &Watcher) -> Vec<Rc<ServicePanel>> {
        let of = (changed(lab, Kind::Service), changed(lab, Kind::EndpointSlice), watcher.counted());
        self.services.get(of, || panel::service_panels(lab, watcher))
    }

    /// The Deployments' panels.
    pub fn deployments(&mut self, lab: &Lab) -> Vec<Rc<DeploymentPanel>> {
        self.deployments.get(changed(lab, Kind::Deployment), || panel::deployments(lab))
    }

    /// The newest events.
    pub fn events(&mut self, lab: &Lab) -> Rc<Vec<EventLine>> {
        self.events.get(changed(lab, Kind::Event), || Rc::new(events(lab)))
    }

    /// What the EndpointSlices of each Service hold.
    pub fn listed(&mut self, lab: &Lab) -> Rc<BTreeMap<Key, Listed>> {
        self.listed.get(changed(lab, Kind::EndpointSlice), || Rc::new(super::scene::listed(lab.cluster())))
    }
}

fn changed(lab: &Lab, kind: Kind) -> u64 {
    lab.cluster().api().store().changed(kind)
}
