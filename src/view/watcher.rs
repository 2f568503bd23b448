//! What the view must remember from moment to moment: places, colours of revisions, who held which address, rates.

use super::cards::Cards;
use super::endpoints::Ready;
use super::goals::{GoalLine, Goals};
use super::kept::Kept;
use super::lanes::Lanes;
use super::panel::{self, DeploymentPanel, Last60, ServicePanel};
use super::pod::version_of;
use super::samples::{Sample, Samples};
use super::scene::{Scene, pods};
use super::slots::Slots;
use super::timeline::{Chart, Moment, Timeline};
use super::{EventLine, words};
use crate::api::Pod;
use crate::lab::{Lab, Witness};
use crate::time::{MILLISECOND, Nanos, SECOND};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The label that tells the Pods of one revision from those of another.
const TEMPLATE_HASH: &str = "pod-template-hash";
/// Rates are counted over this span.
const RATE_SPAN: Nanos = 4 * SECOND;
/// And anew after this time.
const RATE_EVERY: Nanos = SECOND / 2;
/// Moments are remembered as multiples of this, so that it does not matter when exactly somebody looked.
const GRAIN: Nanos = 100 * MILLISECOND;

/// Everything that the page shows at one moment. Parts that did not change are the same `Rc`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Virtual time since 0:00.
    pub now: Nanos,
    /// The scene.
    pub scene: Rc<Scene>,
    /// Who held which address.
    pub timeline: Rc<Timeline>,
    /// The Services of the scene, by name.
    pub services: Vec<Rc<ServicePanel>>,
    /// The Deployments of the scene, by name.
    pub deployments: Vec<Rc<DeploymentPanel>>,
    /// How requests fared in the last minute.
    pub last60: Rc<Last60>,
    /// What happened, the newest first.
    pub events: Rc<Vec<EventLine>>,
    /// The last requests that ended, the newest first.
    pub requests: Rc<Vec<super::RequestLine>>,
    /// What there is to do.
    pub goals: Vec<GoalLine>,
    /// The scene in sentences.
    pub spoken: Rc<str>,
}

/// What is remembered. Copies share what does not change.
#[derive(Clone, Debug, Default)]
pub struct Watcher {
    started: bool,
    seen: Nanos,
    pods: Rc<Vec<Rc<Pod>>>,
    slots: Rc<Slots>,
    revisions: Rc<Vec<String>>,
    /// The version that each revision runs.
    versions: Rc<Vec<String>>,
    by_revision: Vec<usize>,
    lanes: Rc<Lanes>,
    samples: Rc<Samples>,
    ready: Rc<Ready>,
    rates: BTreeMap<Rc<str>, u64>,
    /// Until when the rates were counted.
    counted: Option<Nanos>,
    cards: Cards,
    kept: Kept,
    goals: Goals,
}

impl Witness for Watcher {
    /// Looks at the lab after some virtual time has passed. Costs what changed since the last look.
    fn observe(&mut self, lab: &Lab) {
        let cluster = lab.cluster();
        if !self.started || cluster.last_change() >= self.seen {
            self.seen = cluster.now();
            self.look(lab);
        }
        if self.slots.capacity() > 0 {
            Rc::make_mut(&mut self.slots).settle(lab.now());
        }
        self.sample(lab);
        let mut goals = std::mem::take(&mut self.goals);
        goals.observe(lab, self);
        self.goals = goals;
    }
}

impl Watcher {
    fn look(&mut self, lab: &Lab) {
        let now = lab.now().div_ceil(GRAIN) * GRAIN;
        let new = pods(lab);
        let (gone, changed) = differences(&self.pods, &new);
        if !gone.is_empty() || !changed.is_empty() || !self.started {
            let (slots, lanes) = (Rc::make_mut(&mut self.slots), Rc::make_mut(&mut self.lanes));
            for pod in gone {
                slots.leave(&pod.meta.uid);
                lanes.end(&pod.meta.uid, now);
            }
            for pod in changed {
                let revision = revision(&mut self.revisions, pod);
                if revision.is_some_and(|n| n >= self.versions.len()) {
                    Rc::make_mut(&mut self.versions).push(version_of(pod).to_string());
                }
                if !pod.spec.node_name.is_empty() {
                    slots.take(&pod.spec.node_name, &pod.meta.uid);
                }
                lanes.observe(pod, now, revision, slots.slot(&pod.meta.uid).unwrap_or(0));
            }
            lanes.forget(now);
            slots.settle(lab.now());
            self.by_revision = vec![0; self.revisions.len()];
            for pod in &new {
                if let Some(n) = self.revision_of_pod(pod) {
                    self.by_revision[n] += 1;
                }
            }
            self.pods = Rc::new(new);
        }
        let first = !self.started;
        self.started = true;
        Rc::make_mut(&mut self.ready).observe(lab.cluster(), first);
    }

    /// Takes note of each second that is over.
    fn sample(&mut self, lab: &Lab) {
        let over = lab.now() / SECOND;
        if self.samples.next() + super::SECONDS_KEPT as u64 * 2 < over {
            return;
        }
        while self.samples.next() < over {
            let machines = lab.cluster().machines().values();
            let behind = machines.filter(|m| super::Behind::of(m.proxy.lag(lab.cluster().now())) != super::Behind::InSync);
            let sample = Sample {
                second: self.samples.next(),
                ready: self.ready.count(),
                behind: behind.count(),
                revisions: self.by_revision.clone(),
                ..Sample::default()
            };
            Rc::make_mut(&mut self.samples).push(lab, sample);
        }
    }

    /// Counts the requests that Pods answered lately. What comes out is the same whenever in the half second one looks.
    fn count_rates(&mut self, lab: &Lab) {
        let until = lab.cluster().now() / RATE_EVERY * RATE_EVERY;
        if self.counted == Some(until) {
            return;
        }
        self.counted = Some(until);
        let from = until.saturating_sub(RATE_SPAN);
        let mut counts: BTreeMap<Rc<str>, u64> = BTreeMap::new();
        let mut oldest = until;
        for record in lab.traffic().records().rev().take_while(|r| r.started >= from) {
            oldest = oldest.min(record.started);
            if let Some((uid, _, _)) = &record.pod
                && record.ended.is_some_and(|at| at <= until)
            {
                *counts.entry(uid.clone()).or_insert(0) += 1;
            }
        }
        // The records may not reach back the whole span when there are many.
        let full = lab.traffic().records().len() >= crate::traffic::RECORDS;
        let passed = until.saturating_sub(lab.zero());
        let span = if full { (until - oldest).max(1) } else { RATE_SPAN.min(passed.max(SECOND)) };
        self.rates = counts.into_iter().map(|(uid, n)| (uid, (n * SECOND + span / 2) / span)).collect();
    }

    /// Everything to show now. `speed` widens the time chart when time runs fast.
    pub fn view(&mut self, lab: &Lab, speed: f64) -> View {
        if !self.started {
            self.observe(lab);
        }
        self.count_rates(lab);
        let (mut cards, mut kept) = (std::mem::take(&mut self.cards), std::mem::take(&mut self.kept));
        let list = cards.update(lab.cluster().clock(), self);
        let scene = Scene::of(lab, self, list, &kept.listed(lab));
        let services = kept.services(lab, self);
        let (deployments, events) = (kept.deployments(lab), kept.events(lab));
        (self.cards, self.kept) = (cards, kept);
        let last60 = panel::last60(lab, &self.ready);
        let spoken = words::spoken(&scene, deployments.first().map(|d| &**d), &last60);
        let timeline = Timeline::of(&self.chart(), lab, &Moment { now: lab.now(), end: lab.now(), speed });
        View {
            now: lab.now(),
            timeline: Rc::new(timeline),
            services,
            deployments,
            last60: Rc::new(last60),
            events,
            requests: Rc::new(super::requests(lab)),
            goals: self.goals.lines(lab),
            spoken: spoken.into(),
            scene: Rc::new(scene),
        }
    }

    /// What the time chart is drawn from; it stays as it is when time goes on or back.
    pub fn chart(&self) -> Chart {
        Chart { lanes: self.lanes.clone(), samples: self.samples.clone(), versions: self.versions.clone() }
    }

    /// How requests to Services fared in the last second that is over.
    pub fn last_second(&self) -> super::Fared {
        self.samples.last().map(|s| s.service).unwrap_or_default()
    }

    /// The Pods of the scene at the last look; the same `Rc` while none of them has changed.
    pub fn pods(&self) -> &Rc<Vec<Rc<Pod>>> {
        &self.pods
    }

    /// Pods of each revision at the last look, in the order in which revisions were first seen.
    pub fn by_revision(&self) -> &[usize] {
        &self.by_revision
    }

    /// The ready endpoints of the scene's Services.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Until when the Pods' rates were counted.
    pub fn counted(&self) -> Option<Nanos> {
        self.counted
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
        self.lanes.of(ip)?.revision
    }

    /// The revision of a Pod that is there.
    pub fn revision_of_uid(&self, uid: &str) -> Option<usize> {
        self.lanes.with(uid)?.revision
    }

    /// Requests per second that reached a Pod lately.
    pub fn rate(&self, uid: &str) -> u64 {
        self.rates.get(uid).copied().unwrap_or(0)
    }

    /// Node and place of the Pod that has, or had last, an address.
    pub fn place_of(&self, ip: &str) -> Option<(Rc<str>, usize)> {
        self.lanes.of(ip).map(|lane| lane.place.clone())
    }
}

/// The number of a Pod's revision; a new one gets the next number.
fn revision(known: &mut Rc<Vec<String>>, pod: &Pod) -> Option<usize> {
    let hash = pod.meta.labels.get(TEMPLATE_HASH)?;
    if let Some(n) = known.iter().position(|k| k == hash) {
        return Some(n);
    }
    Rc::make_mut(known).push(hash.clone());
    Some(known.len() - 1)
}

/// Pods that went and Pods that are new or changed, of two lists in the order of their names. What did not change is the
/// same `Rc`.
fn differences<'a>(old: &'a [Rc<Pod>], new: &'a [Rc<Pod>]) -> (Vec<&'a Rc<Pod>>, Vec<&'a Rc<Pod>>) {
    let (mut gone, mut changed) = (vec![], vec![]);
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        match (old.peek(), new.peek()) {
            (None, None) => return (gone, changed),
            (Some(a), Some(b)) if Rc::ptr_eq(a, b) => {
                old.next();
                new.next();
            }
            (Some(a), Some(b)) if a.meta.name == b.meta.name => {
                if a.meta.uid != b.meta.uid {
                    gone.push(*a);
                }
                changed.push(*b);
                old.next();
                new.next();
            }
            (Some(a), other) if other.is_none_or(|b| a.meta.name < b.meta.name) => {
                gone.push(*a);
                old.next();
            }
            _ => changed.extend(new.next()),
        }
    }
}
