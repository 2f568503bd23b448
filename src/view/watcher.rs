//! What the view must remember from moment to moment: places, colours of revisions, who held which address, rates.

use super::endpoints::slices;
use super::panel::{self, DeploymentPanel, Last60, ServicePanel};
use super::scene::{Scene, pods};
use super::slots::Slots;
use super::timeline::{History, Timeline};
use super::{EventLine, words};
use crate::api::Pod;
use crate::lab::Lab;
use crate::sorting::Arrange;
use crate::time::{Nanos, SECOND};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The label that tells the Pods of one revision from those of another.
const TEMPLATE_HASH: &str = "pod-template-hash";
/// Rates are counted over this span.
const RATE_SPAN: Nanos = 4 * SECOND;

/// Everything that the page shows at one moment. Parts that did not change are the same `Rc`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Virtual time since 0:00.
    pub now: Nanos,
    /// The scene.
    pub scene: Rc<Scene>,
    /// Who held which address.
    pub timeline: Rc<Timeline>,
    /// The first Service of the scene.
    pub service: Option<Rc<ServicePanel>>,
    /// The first Deployment of the scene.
    pub deployment: Option<Rc<DeploymentPanel>>,
    /// How requests fared in the last minute.
    pub last60: Rc<Last60>,
    /// What happened, the newest first.
    pub events: Rc<Vec<EventLine>>,
    /// The last requests that ended, the newest first.
    pub requests: Rc<Vec<super::RequestLine>>,
    /// The scene in sentences.
    pub spoken: Rc<str>,
}

/// What is remembered.
#[derive(Clone, Debug, Default)]
pub struct Watcher {
    slots: Slots,
    revisions: Vec<String>,
    owners: BTreeMap<String, (Option<usize>, Rc<str>)>,
    rates: BTreeMap<Rc<str>, u64>,
    history: History,
    version: u64,
    endpoint_changes: u64,
    last_endpoints: Vec<String>,
}

impl Watcher {
    /// Looks at the lab after some virtual time has passed. Costs little when nothing changed.
    pub fn observe(&mut self, lab: &Lab) {
        let store = lab.cluster().api().store();
        if store.version() == self.version && self.version != 0 {
            return;
        }
        let first = self.version == 0;
        self.version = store.version();
        let now = lab.now();
        let pods = pods(lab);
        for pod in &pods {
            if let Some(hash) = pod.meta.labels.get(TEMPLATE_HASH)
                && !self.revisions.contains(hash)
            {
                self.revisions.push(hash.clone());
            }
            if !pod.status.pod_ip.is_empty() {
                let entry = (self.revision_of_pod(pod), Rc::from(pod.meta.uid.as_str()));
                self.owners.insert(pod.status.pod_ip.clone(), entry);
            }
        }
        let placed = pods.iter().filter(|p| !p.spec.node_name.is_empty());
        let placed: Vec<_> = placed.map(|p| (p.spec.node_name.as_str().into(), p.meta.uid.as_str().into())).collect();
        self.slots.update(&placed, now);
        let mut history = std::mem::take(&mut self.history);
        history.observe(&pods, now, |pod| self.revision_of_pod(pod), |node, uid| self.slots.slot(node, uid));
        self.history = history;
        self.count_endpoint_changes(lab, first);
        self.owners.retain(|ip, _| self.history.remembers(ip));
    }

    fn count_endpoint_changes(&mut self, lab: &Lab, first: bool) {
        let mut ready: Vec<String> = vec![];
        for (key, slices) in slices(lab.cluster()) {
            if *key.namespace != *super::NAMESPACE || &*key.name == "kubernetes" {
                continue;
            }
            let endpoints = slices.iter().flat_map(|s| s.endpoints.iter()).filter(|e| e.conditions.is_ready());
            ready.extend(endpoints.flat_map(|e| e.addresses.iter().map(|a| format!("{key} {a}"))));
        }
        ready.arrange();
        if !first {
            let gone = self.last_endpoints.iter().filter(|e| !ready.contains(e)).count();
            let new = ready.iter().filter(|e| !self.last_endpoints.contains(e)).count();
            self.endpoint_changes += (gone + new) as u64;
        }
        self.last_endpoints = ready;
    }

    /// Counts requests that reached each Pod lately.
    fn count_rates(&mut self, lab: &Lab) {
        let now = lab.cluster().now();
        let from = now.saturating_sub(RATE_SPAN);
        let mut counts: BTreeMap<Rc<str>, u64> = BTreeMap::new();
        let mut oldest = now;
        for record in lab.traffic().records().iter().rev().take_while(|r| r.started >= from) {
            oldest = record.started;
            if let Some((uid, _, _)) = &record.pod {
                *counts.entry(uid.clone()).or_insert(0) += 1;
            }
        }
        // The records may not reach back the whole span when there are many.
        let full = lab.traffic().records().len() >= crate::traffic::RECORDS;
        let span = if full { (now - oldest).max(1) } else { RATE_SPAN.min(lab.now().max(SECOND)) };
        self.rates = counts.into_iter().map(|(uid, n)| (uid, (n * SECOND + span / 2) / span)).collect();
    }

    /// Everything to show now. `speed` widens the time chart when time runs fast.
    pub fn view(&mut self, lab: &Lab, speed: f64) -> View {
        self.observe(lab);
        self.slots_settle(lab);
        self.count_rates(lab);
        let scene = Scene::of(lab, self);
        let service = panel::service(lab, self);
        let last60 = panel::last60(lab, self.endpoint_changes);
        let deployment = panel::deployment(lab);
        let spoken = words::spoken(&scene, deployment.as_ref(), &last60);
        View {
            now: lab.now(),
            timeline: Rc::new(self.history.timeline(lab, speed)),
            service: service.map(Rc::new),
            deployment: deployment.map(Rc::new),
            last60: Rc::new(last60),
            events: Rc::new(super::events(lab)),
            requests: Rc::new(super::requests(lab)),
            spoken: spoken.into(),
            scene: Rc::new(scene),
        }
    }

    /// Lets cards grow again after a calm time.
    fn slots_settle(&mut self, lab: &Lab) {
        let placed: Vec<_> = pods(lab)
            .iter()
            .filter(|p| !p.spec.node_name.is_empty())
            .map(|p| (p.spec.node_name.as_str().into(), p.meta.uid.as_str().into()))
            .collect();
        self.slots.update(&placed, lab.now());
    }

    /// The Pods' places.
    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    /// The number of a Pod's revision, in the order in which revisions were first seen.
    pub fn revision_of_pod(&self, pod: &Pod) -> Option<usize> {
        let hash = pod.meta.labels.get(TEMPLATE_HASH)?;
        self.revisions.iter().position(|known| known == hash)
    }

    /// The revision of the Pod that has, or had last, an address.
    pub fn revision_of(&self, ip: &str) -> Option<usize> {
        self.owners.get(ip)?.0
    }

    /// Requests per second that reached a Pod lately.
    pub fn rate(&self, uid: &str) -> u64 {
        self.rates.get(uid).copied().unwrap_or(0)
    }

    /// Node and place of the Pod that has, or had last, an address.
    pub fn place_of(&self, ip: &str) -> Option<(Rc<str>, usize)> {
        self.history.place_of(ip)
    }
}
