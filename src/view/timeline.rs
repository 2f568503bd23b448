//! "Who held which address": a lane for the Service, one for each Pod address, success strips; kept as time passes.

use super::NAMESPACE;
use super::endpoints::services;
use super::pod::PodState;
use crate::api::Pod;
use crate::lab::Lab;
use crate::time::{Nanos, SECOND};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The chart's width at normal speed.
const WINDOW: Nanos = 60 * SECOND;
/// Lanes of Pods that are gone are forgotten after this time, or when there are too many.
const MEMORY: Nanos = 600 * SECOND;
/// Lanes that are remembered beyond those of Pods that are there.
const REMEMBERED: usize = 200;
/// Lanes that are shown.
const SHOWN: usize = 9;

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
    fn phase(&self) -> Phase {
        self.phases.last().map_or(Phase::Gone, |p| p.1)
    }
}

/// One stretch of a success strip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strip {
    /// Its first second.
    pub from: Nanos,
    /// Its end.
    pub to: Nanos,
    /// Whether any request in it failed.
    pub failed: bool,
}

/// The chart at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// Left edge.
    pub from: Nanos,
    /// Right edge: now.
    pub to: Nanos,
    /// Width in seconds.
    pub seconds: u64,
    /// The Service's address and since when it has it.
    pub service: Option<(String, Nanos)>,
    /// Lanes, the oldest first.
    pub lanes: Vec<Lane>,
    /// Lanes that do not fit.
    pub more: usize,
    /// How requests to Services fared.
    pub through_service: Vec<Strip>,
    /// How requests of clients that hold a Pod's address fared.
    pub to_pod: Vec<Strip>,
}

/// What is remembered of addresses.
#[derive(Clone, Debug, Default)]
pub struct History {
    lanes: Vec<Lane>,
}

impl History {
    /// Takes the Pods that there are now.
    pub fn observe(
        &mut self,
        pods: &[Rc<Pod>],
        now: Nanos,
        revision: impl Fn(&Pod) -> Option<usize>,
        slot: impl Fn(&str, &str) -> Option<usize>,
    ) {
        for pod in pods.iter().filter(|p| !p.status.pod_ip.is_empty()) {
            let phase = match PodState::of(pod) {
                PodState::Ready => Phase::Ready,
                PodState::Terminating => Phase::Leaving,
                _ => Phase::Starting,
            };
            let lane = match self.lanes.iter().position(|l| *l.uid == *pod.meta.uid && *l.ip == *pod.status.pod_ip) {
                Some(index) => &mut self.lanes[index],
                None => {
                    let slot = slot(&pod.spec.node_name, &pod.meta.uid).unwrap_or(0);
                    self.lanes.push(Lane {
                        ip: pod.status.pod_ip.as_str().into(),
                        pod: pod.meta.name.as_str().into(),
                        uid: pod.meta.uid.as_str().into(),
                        revision: revision(pod),
                        place: (pod.spec.node_name.as_str().into(), slot),
                        phases: vec![],
                    });
                    self.lanes.last_mut().expect("one was just added")
                }
            };
            if lane.phases.last().is_none_or(|last| last.1 != phase) {
                lane.phases.push((now, phase));
            }
        }
        for lane in &mut self.lanes {
            if lane.phase() != Phase::Gone && !pods.iter().any(|p| p.meta.uid == *lane.uid) {
                lane.phases.push((now, Phase::Gone));
            }
        }
        self.forget(now);
    }

    fn forget(&mut self, now: Nanos) {
        let gone = |lane: &Lane| lane.phase() == Phase::Gone;
        self.lanes.retain(|l| !gone(l) || l.phases.last().is_some_and(|p| p.0 + MEMORY > now));
        let mut excess = self.lanes.iter().filter(|l| gone(l)).count().saturating_sub(REMEMBERED);
        self.lanes.retain(|l| {
            let drop = excess > 0 && gone(l);
            excess -= usize::from(drop);
            !drop
        });
    }

    /// Whether an address is in any lane.
    pub fn remembers(&self, ip: &str) -> bool {
        self.lanes.iter().any(|l| &*l.ip == ip)
    }

    /// Node and place of the Pod that has, or had last, an address.
    pub fn place_of(&self, ip: &str) -> Option<(Rc<str>, usize)> {
        self.lanes.iter().rev().find(|l| &*l.ip == ip).map(|l| l.place.clone())
    }

    /// The chart.
    pub fn timeline(&self, lab: &Lab, speed: f64) -> Timeline {
        let to = lab.now();
        // Wider when time runs fast, but never wider than what there is to show.
        let wide = WINDOW * (speed as u64).clamp(1, 10);
        let window = wide.min(to.div_ceil(WINDOW).max(1) * WINDOW);
        let from = to.saturating_sub(window);
        let seen = |lane: &&Lane| lane.phase() != Phase::Gone || lane.phases.last().is_some_and(|p| p.0 > from);
        let lanes: Vec<Lane> = self.lanes.iter().filter(seen).cloned().collect();
        let more = lanes.len().saturating_sub(SHOWN);
        let service = services(lab.cluster(), NAMESPACE).first().map(|s| {
            let age = (lab.cluster().clock().0 - s.meta.creation_timestamp.0).max(0) as u64 * SECOND;
            (s.spec.cluster_ip.clone(), to.saturating_sub(age))
        });
        Timeline {
            from,
            to,
            seconds: window / SECOND,
            service,
            more,
            lanes: lanes.into_iter().skip(more).collect(),
            through_service: strips(lab, false, from),
            to_pod: strips(lab, true, from),
        }
    }
}

/// Stretches of seconds with and without failures, of all stubborn or all other clients together.
fn strips(lab: &Lab, stubborn: bool, from: Nanos) -> Vec<Strip> {
    let mut seconds: BTreeMap<u64, bool> = BTreeMap::new();
    for client in lab.traffic().clients().filter(|c| c.setting.stubborn == stubborn) {
        for second in &client.stats.seconds {
            *seconds.entry(second.second).or_insert(false) |= second.failed > 0;
        }
    }
    let mut strips: Vec<Strip> = vec![];
    for (second, failed) in seconds {
        // Seconds are of the cluster's clock, the chart counts from 0:00.
        let start = (second * SECOND).saturating_sub(lab.zero());
        let end = (second * SECOND + SECOND).saturating_sub(lab.zero());
        if end <= from {
            continue;
        }
        match strips.last_mut() {
            Some(last) if last.failed == failed && last.to + 2 * SECOND > start => last.to = end,
            _ => strips.push(Strip { from: start, to: end, failed }),
        }
    }
    strips
}
