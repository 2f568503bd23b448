//! Who held which address, and since when: one lane for each Pod and its address, kept as time passes.

use super::pod::PodState;
use crate::api::Pod;
use crate::time::{Nanos, SECOND};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// Lanes of Pods that are gone are forgotten after this time, or when there are more than [`REMEMBERED`] of them.
const MEMORY: Nanos = 3600 * SECOND;
/// Lanes that are remembered beyond those of Pods that are there.
const REMEMBERED: usize = 400;

/// What a Pod was doing from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It has the address but is not ready.
    Starting,
    /// It is ready.
    Ready,
    /// It was asked to go.
    Leaving,
    /// It is gone; the address is free.
    Gone,
}

/// An address and the Pod that held it.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// The address.
    pub ip: Rc<str>,
    /// The Pod's name.
    pub pod: Rc<str>,
    /// Its uid.
    pub uid: Rc<str>,
    /// Its revision.
    pub revision: Option<usize>,
    /// Its node and place there.
    pub place: (Rc<str>, usize),
    /// Moments at which its phase changed.
    pub phases: Vec<(Nanos, Phase)>,
}

impl Lane {
    /// What it does, as far as is known.
    pub fn phase(&self) -> Phase {
        self.phases.last().map_or(Phase::Gone, |p| p.1)
    }

    /// When the address was given to the Pod.
    pub fn born(&self) -> Nanos {
        self.phases.first().map_or(0, |p| p.0)
    }

    /// When it was free again.
    pub fn free(&self) -> Option<Nanos> {
        self.phases.last().filter(|p| p.1 == Phase::Gone).map(|p| p.0)
    }
}

/// What is remembered of addresses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lanes {
    /// By the order of their birth.
    lanes: BTreeMap<u64, Rc<Lane>>,
    by_uid: BTreeMap<Rc<str>, u64>,
    by_ip: BTreeMap<Rc<str>, u64>,
    gone: VecDeque<u64>,
    next: u64,
}

impl Lanes {
    /// A Pod is as it is now.
    pub fn observe(&mut self, pod: &Pod, now: Nanos, revision: Option<usize>, slot: usize) {
        let (uid, ip) = (pod.meta.uid.as_str(), pod.status.pod_ip.as_str());
        if ip.is_empty() {
            return;
        }
        let phase = match PodState::of(pod) {
            PodState::Ready => Phase::Ready,
            PodState::Terminating => Phase::Leaving,
            _ => Phase::Starting,
        };
        let known = self.by_uid.get(uid).filter(|id| self.lanes.get(id).is_some_and(|l| &*l.ip == ip)).copied();
        let id = known.unwrap_or_else(|| self.begin(pod, revision, slot, now));
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        if lane.revision != revision || lane.phases.last().is_none_or(|last| last.1 != phase) {
            let lane = Rc::make_mut(lane);
            lane.revision = revision;
            if lane.phases.last().is_none_or(|last| last.1 != phase) {
                lane.phases.push((now, phase));
            }
        }
    }

    fn begin(&mut self, pod: &Pod, revision: Option<usize>, slot: usize, now: Nanos) -> u64 {
        let uid: Rc<str> = pod.meta.uid.as_str().into();
        self.end(&uid, now);
        let ip: Rc<str> = pod.status.pod_ip.as_str().into();
        let place = (pod.spec.node_name.as_str().into(), slot);
        let lane = Lane { ip: ip.clone(), pod: pod.meta.name.as_str().into(), uid: uid.clone(), revision, place, phases: vec![] };
        let id = self.next;
        self.next += 1;
        self.lanes.insert(id, Rc::new(lane));
        self.by_uid.insert(uid, id);
        self.by_ip.insert(ip, id);
        id
    }

    /// A Pod is gone.
    pub fn end(&mut self, uid: &str, now: Nanos) {
        let Some(id) = self.by_uid.remove(uid) else { return };
        if let Some(lane) = self.lanes.get_mut(&id) {
            Rc::make_mut(lane).phases.push((now, Phase::Gone));
            self.gone.push_back(id);
        }
    }

    /// Forgets what is too old or too much.
    pub fn forget(&mut self, now: Nanos) {
        while let Some(id) = self.gone.front().copied() {
            let old = self.lanes.get(&id).and_then(|l| l.free()).is_none_or(|at| at + MEMORY < now);
            if !old && self.gone.len() <= REMEMBERED {
                return;
            }
            self.gone.pop_front();
            if let Some(lane) = self.lanes.remove(&id)
                && self.by_ip.get(&lane.ip) == Some(&id)
            {
                self.by_ip.remove(&lane.ip);
            }
        }
    }

    /// The lane of the Pod that has, or had last, an address.
    pub fn of(&self, ip: &str) -> Option<&Rc<Lane>> {
        self.lanes.get(self.by_ip.get(ip)?)
    }

    /// The lane of a Pod that is there.
    pub fn with(&self, uid: &str) -> Option<&Rc<Lane>> {
        self.lanes.get(self.by_uid.get(uid)?)
    }

    /// All lanes, the oldest first.
    pub fn all(&self) -> impl Iterator<Item = &Rc<Lane>> {
        self.lanes.values()
    }
}
