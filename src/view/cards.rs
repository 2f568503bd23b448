//! The Pods' cards, kept from look to look: only those that changed are made anew.

use super::pod::PodCard;
use super::watcher::Watcher;
use crate::api::{Pod, Time};
use crate::time::Nanos;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A card and what it was made from.
#[derive(Clone, Debug)]
struct Made {
    pod: Rc<Pod>,
    card: Rc<PodCard>,
}

/// Cards by uid.
#[derive(Clone, Debug, Default)]
pub struct Cards {
    made: BTreeMap<Rc<str>, Made>,
    /// The last list; `None` when it says something that changes by itself as time passes.
    last: Option<Last>,
}

/// A list of cards, and what it was made from.
#[derive(Clone, Debug)]
struct Last {
    pods: Rc<Vec<Rc<Pod>>>,
    counted: Option<Nanos>,
    list: Vec<Rc<PodCard>>,
}

impl Cards {
    /// The cards of the watcher's Pods, in their order. Pods that have a node but no place yet come with the next look.
    pub fn update(&mut self, clock: Time, watcher: &Watcher) -> Vec<Rc<PodCard>> {
        let unchanged = |last: &&Last| Rc::ptr_eq(&last.pods, watcher.pods()) && last.counted == watcher.counted();
        if let Some(last) = self.last.as_ref().filter(unchanged) {
            return last.list.clone();
        }
        let list = self.make(clock, watcher);
        let still = list.iter().all(|card| !card.state.counts_time());
        self.last = still.then(|| Last { pods: watcher.pods().clone(), counted: watcher.counted(), list: list.clone() });
        list
    }

    fn make(&mut self, clock: Time, watcher: &Watcher) -> Vec<Rc<PodCard>> {
        let mut old = std::mem::take(&mut self.made);
        let mut list = Vec::with_capacity(watcher.pods().len());
        for pod in watcher.pods().iter() {
            let uid = pod.meta.uid.as_str();
            let slot = watcher.slots().slot(uid);
            if slot.is_none() && !pod.spec.node_name.is_empty() {
                continue;
            }
            let (slot, rate) = (slot.unwrap_or(0), watcher.rate(uid));
            let same = |made: &Made| {
                Rc::ptr_eq(&made.pod, pod) && (made.card.slot, made.card.rate) == (slot, rate) && !made.card.state.counts_time()
            };
            let made = match old.remove_entry(uid) {
                Some((uid, made)) if same(&made) => (uid, made),
                _ => {
                    let card = Rc::new(PodCard::new(pod, clock, slot, watcher.revision_of_pod(pod), rate));
                    (card.uid.clone(), Made { pod: pod.clone(), card })
                }
            };
            list.push(made.1.card.clone());
            self.made.insert(made.0, made.1);
        }
        list
    }
}
