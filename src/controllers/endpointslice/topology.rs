//! Hints of `service.kubernetes.io/topology-mode: Auto`: zones get endpoints in proportion to their CPU.
//!
//! The fractions are computed with the same few float operations as Kubernetes does (IEEE, equal on every machine), because
//! its rounding decides.
//! Source: `staging/endpointslice/topologycache/{topologycache,sliceinfo,utils}.go`.

use super::pack::Plan;
use super::reconcile::Saying;
use crate::api::discovery::{Endpoint, EndpointHints, ForZone};
use crate::api::quantity::Amount;
use crate::api::{EndpointSlice, Key, Node, Service};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A zone may get a fifth more than its share.
const OVERLOAD: f64 = 0.2;

const NODE_INFO: &str = "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes";
const NO_ZONE: &str = "One or more endpoints do not have a zone specified";

/// Endpoints a zone.
type Counts = BTreeMap<String, usize>;

/// What a zone should have.
struct Share {
    maximum: usize,
    desired: f64,
}

/// What a ready worker node has: its zone and its CPU in thousandths.
type Worker = (String, i64);

/// Each zone's part of the CPU, and the zones of the hints that were given.
#[derive(Clone, Debug, Default)]
pub struct TopologyCache {
    workers: BTreeMap<String, Worker>,
    /// The CPU of each zone's workers, and how many workers do not tell zone or CPU.
    by_zone: BTreeMap<String, i64>,
    untold: usize,
    hinted: BTreeMap<Key, BTreeMap<String, Counts>>,
    populated: BTreeSet<Key>,
}

/// Whether the Service asks for hints by annotation.
pub fn hints_enabled(service: &Service) -> bool {
    let annotations = &service.meta.annotations;
    let mode = annotations
        .get("service.kubernetes.io/topology-aware-hints")
        .or_else(|| annotations.get("service.kubernetes.io/topology-mode"));
    mode.is_some_and(|mode| mode == "Auto" || mode == "auto")
}

fn key(service: &Service) -> Key {
    Key::new(&service.meta.namespace, &service.meta.name)
}

fn is_ready(endpoint: &Endpoint) -> bool {
    endpoint.conditions.ready == Some(true)
}

fn disabled(message: String, family: &str) -> Saying {
    Saying { type_: "Warning", reason: "TopologyAwareHintsDisabled", message: format!("{message}, addressType: {family}") }
}

fn zone_hint(zone: &str) -> Option<EndpointHints> {
    Some(EndpointHints { for_zones: vec![ForZone { name: zone.into() }], ..EndpointHints::default() })
}

impl TopologyCache {
    /// A node changed, or went. Costs the same however many nodes there are.
    pub fn set_node(&mut self, name: &str, node: Option<&Node>) {
        let worker = node.filter(|node| !is_master(node) && node.is_ready());
        let cpu = |node: &Node| {
            let amount = node.status.allocatable.get("cpu").and_then(|q| Amount::parse(&q.0).ok());
            amount.map_or(0, |amount| amount.milli_value())
        };
        let new = worker.map(|node| (node.zone().to_string(), cpu(node)));
        let old = match &new {
            Some(new) => self.workers.insert(name.to_string(), new.clone()),
            None => self.workers.remove(name),
        };
        for (worker, sign) in old.into_iter().map(|w| (w, -1)).chain(new.into_iter().map(|w| (w, 1))) {
            self.count(worker, sign);
        }
    }

    fn count(&mut self, (zone, cpu): Worker, sign: i64) {
        if zone.is_empty() || cpu == 0 {
            self.untold = self.untold.saturating_add_signed(sign as isize);
            return;
        }
        let sum = self.by_zone.entry(zone.clone()).or_default();
        *sum += sign * cpu;
        if *sum == 0 {
            self.by_zone.remove(&zone);
        }
    }

    /// Each zone's part of the CPU of all ready worker nodes; `None` when a node does not tell, or there is only one zone.
    fn ratios(&self) -> Option<BTreeMap<String, f64>> {
        if self.untold > 0 || self.by_zone.len() < 2 {
            return None;
        }
        let total: i64 = self.by_zone.values().sum();
        Some(self.by_zone.iter().map(|(zone, cpu)| (zone.clone(), *cpu as f64 / total as f64)).collect())
    }

    /// Services whose hints leave a zone with too few endpoints since the nodes changed.
    pub fn overloaded(&self) -> Vec<Key> {
        if self.hinted.is_empty() {
            return vec![];
        }
        let ratios = self.ratios().unwrap_or_default();
        let over = self.hinted.iter().filter(|(_, families)| families.values().any(|counts| overloaded(counts, &ratios)));
        over.map(|(key, _)| key.clone()).collect()
    }

    /// Forgets the hints of a Service in one family.
    pub fn remove_hints(&mut self, service: &Service, family: &str) {
        let key = key(service);
        if let Some(families) = self.hinted.get_mut(&key) {
            families.remove(family);
            if families.is_empty() {
                self.hinted.remove(&key);
            }
        }
        self.populated.remove(&key);
    }

    /// The Service is gone.
    pub fn forget(&mut self, service: &Key) {
        self.hinted.remove(service);
        self.populated.remove(service);
    }

    /// The Service does not ask for hints (any more).
    pub fn disable(&mut self, service: &Service, family: &str) -> Option<Saying> {
        let had = self.populated.contains(&key(service));
        self.remove_hints(service, family);
        had.then(|| disabled("Topology Aware Hints has been disabled".into(), family))
    }

    /// Gives every ready endpoint of the slices that are written its zone, and writes unchanged slices whose hints do not fit.
    pub fn add_hints(
        &mut self,
        service: &Service,
        family: &str,
        plan: &mut Plan,
        mut unchanged: Vec<Rc<EndpointSlice>>,
    ) -> Vec<Saying> {
        match self.try_hints(plan, &mut unchanged) {
            Ok(counts) => {
                let key = key(service);
                self.hinted.entry(key.clone()).or_default().insert(family.into(), counts);
                if !self.populated.insert(key) {
                    return vec![];
                }
                let message = format!("Topology Aware Hints has been enabled, addressType: {family}");
                vec![Saying { type_: "Normal", reason: "TopologyAwareHintsEnabled", message }]
            }
            Err(why) => {
                self.remove_hints(service, family);
                super::traffic_distribution::hint(None, plan, &unchanged);
                vec![disabled(why, family)]
            }
        }
    }

    fn try_hints(&self, plan: &mut Plan, unchanged: &mut Vec<Rc<EndpointSlice>>) -> Result<Counts, String> {
        let ready = |endpoints: &[Endpoint]| endpoints.iter().filter(|e| is_ready(e)).count();
        let written = plan.create.iter().chain(&plan.update).map(|s| ready(&s.endpoints)).sum::<usize>();
        let total = written + unchanged.iter().map(|s| ready(&s.endpoints)).sum::<usize>();
        let shares = self.shares(total)?;
        let mut counts = keep_fitting(plan, unchanged, &shares);
        for endpoint in endpoints(plan).filter(|e| is_ready(e)) {
            let zone = endpoint.zone.clone().filter(|zone| !zone.is_empty()).ok_or(NO_ZONE)?;
            endpoint.hints = zone_hint(&zone);
            *counts.entry(zone).or_default() += 1;
        }
        let (giving, receiving) = exchange(&shares, &counts);
        redistribute(plan, giving, receiving, &mut counts);
        if counts.is_empty() {
            return Err("No hints allocated for zones".into());
        }
        Ok(counts)
    }

    /// What each zone should have of `total` ready endpoints.
    fn shares(&self, total: usize) -> Result<BTreeMap<String, Share>, String> {
        let ratios = self.ratios().ok_or(NODE_INFO)?;
        let count = format!("({total} endpoints, {} zones)", ratios.len());
        if ratios.len() > total {
            return Err(format!("Insufficient number of endpoints {count}"));
        }
        let mut shares = BTreeMap::new();
        let mut rest = total;
        for (zone, ratio) in &ratios {
            let desired = ratio * total as f64;
            let minimum = (desired * (1.0 / (1.0 + OVERLOAD))).ceil() as usize;
            let why = "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold";
            rest = rest.checked_sub(minimum).ok_or_else(|| format!("{why} {count}"))?;
            shares.insert(zone.clone(), Share { maximum: minimum, desired: desired.max(minimum as f64) });
        }
        for share in shares.values_mut() {
            share.maximum += rest;
        }
        Ok(shares)
    }
}

fn endpoints(plan: &mut Plan) -> impl Iterator<Item = &mut Endpoint> {
    plan.create.iter_mut().chain(&mut plan.update).flat_map(|slice| &mut slice.endpoints)
}

fn is_master(node: &Node) -> bool {
    let labels = &node.meta.labels;
    labels.contains_key("node-role.kubernetes.io/control-plane") || labels.contains_key("node-role.kubernetes.io/master")
}

fn overloaded(counts: &Counts, ratios: &BTreeMap<String, f64>) -> bool {
    if counts.is_empty() || ratios.is_empty() {
        return !counts.is_empty();
    }
    let total = counts.values().sum::<usize>() as f64;
    ratios.iter().any(|(zone, ratio)| {
        let least = (total * ratio * (1.0 / (1.0 + OVERLOAD))).ceil() as usize;
        counts.get(zone).is_none_or(|count| *count < least)
    })
}

/// Counts the hints of unchanged slices; those that do not fit move to the ones to be written.
fn keep_fitting(plan: &mut Plan, unchanged: &mut Vec<Rc<EndpointSlice>>, shares: &BTreeMap<String, Share>) -> Counts {
    let mut counts = Counts::new();
    unchanged.retain(|slice| match fitting(slice, &counts, shares) {
        Some(found) => {
            for (zone, count) in found {
                *counts.entry(zone).or_default() += count;
            }
            true
        }
        None => {
            plan.update.push(EndpointSlice::clone(slice));
            false
        }
    });
    counts
}

/// A slice's hints by zone, if each ready endpoint has one and no zone gets more than it may.
fn fitting(slice: &EndpointSlice, counts: &Counts, shares: &BTreeMap<String, Share>) -> Option<Counts> {
    let mut found = Counts::new();
    for endpoint in slice.endpoints.iter().filter(|e| is_ready(e)) {
        let zones = &endpoint.hints.as_ref()?.for_zones;
        if zones.is_empty() || zones.iter().any(|zone| !shares.contains_key(&zone.name)) {
            return None;
        }
        for zone in zones {
            *found.entry(zone.name.clone()).or_default() += 1;
        }
    }
    let fits = |(zone, count): (&String, &usize)| {
        shares.get(zone).is_some_and(|share| count + counts.get(zone).copied().unwrap_or(0) <= share.maximum)
    };
    found.iter().all(fits).then_some(found)
}

/// How many endpoints zones with too many give, and how many zones with too few receive.
fn exchange(shares: &BTreeMap<String, Share>, counts: &Counts) -> (Counts, Counts) {
    let over = |zone: &String, share: &Share| counts.get(zone).copied().unwrap_or(0) as f64 - share.desired;
    let mut to_give: BTreeMap<&String, f64> = shares.iter().map(|(zone, share)| (zone, over(zone, share))).collect();
    let mut to_receive: BTreeMap<&String, f64> = to_give.iter().map(|(zone, over)| (*zone, -over)).collect();
    to_give.retain(|_, n| *n > 0.0);
    to_receive.retain(|_, n| *n > 0.0);
    let (mut giving, mut receiving) = (Counts::new(), Counts::new());
    while let (Some((giver, give)), Some((receiver, receive))) = (most(&mut to_give), most(&mut to_receive)) {
        if (*give < 1.0 && *receive < 1.0) || *give < 0.5 || *receive < 0.5 {
            break;
        }
        *give -= 1.0;
        *receive -= 1.0;
        *giving.entry(giver).or_default() += 1;
        *receiving.entry(receiver).or_default() += 1;
    }
    (giving, receiving)
}

/// The zone with the most, the first one of equals.
fn most<'b>(zones: &'b mut BTreeMap<&String, f64>) -> Option<(String, &'b mut f64)> {
    let mut found: Option<(String, &mut f64)> = None;
    for (zone, n) in zones.iter_mut() {
        if *n > found.as_ref().map_or(0.0, |(_, most)| **most) {
            found = Some((zone.to_string(), n));
        }
    }
    found
}

/// Endpoints of giving zones are hinted to receiving ones.
fn redistribute(plan: &mut Plan, mut giving: Counts, mut receiving: Counts, counts: &mut Counts) {
    let take = |from: &mut Counts, zone: &str| {
        let left = from.get_mut(zone)?;
        *left -= 1;
        if *left == 0 {
            from.remove(zone);
        }
        Some(())
    };
    for endpoint in endpoints(plan).filter(|e| is_ready(e)) {
        let Some(own) = endpoint.zone.clone().filter(|zone| giving.contains_key(zone)) else { continue };
        let Some(other) = receiving.keys().next().cloned() else { return };
        endpoint.hints = zone_hint(&other);
        take(&mut giving, &own);
        take(&mut receiving, &other);
        if let Some(count) = counts.get_mut(&own) {
            *count -= 1;
        }
        *counts.entry(other).or_default() += 1;
    }
}
