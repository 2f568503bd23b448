//! When the change happened that a write of endpoints is for (annotation `endpoints.kubernetes.io/last-change-trigger-time`).
//!
//! Source: `staging/endpointslice/util/trigger_time_tracker.go`.

use crate::api::{Key, Pod, Service, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The annotation.
pub const LAST_CHANGE_TRIGGER_TIME: &str = "endpoints.kubernetes.io/last-change-trigger-time";

/// Remembers, a Service, the trigger times that were already accounted for.
#[derive(Clone, Debug, Default)]
pub struct TriggerTimes {
    services: BTreeMap<Key, Seen>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    pods: BTreeMap<String, Time>,
    service: Time,
}

impl TriggerTimes {
    /// The earliest trigger that is new since the last call for this Service; `None` when nothing new happened.
    pub fn compute(&mut self, key: &Key, service: &Service, pods: &[Rc<Pod>]) -> Option<Time> {
        let known = self.services.contains_key(key);
        let seen = self.services.entry(key.clone()).or_default();
        let ready_since = |pod: &Rc<Pod>| pod.status.condition("Ready").map(|c| c.last_transition_time);
        let (mut first, mut count): (Option<Time>, usize) = (None, 0);
        for pod in pods {
            let Some(time) = ready_since(pod).filter(|time| !time.is_zero()) else { continue };
            count += 1;
            match seen.pods.get_mut(&pod.meta.name) {
                Some(old) if *old >= time => {
                    *old = time;
                    continue;
                }
                Some(old) => *old = time,
                None => {
                    seen.pods.insert(pod.meta.name.clone(), time);
                }
            }
            first = Some(first.map_or(time, |f| f.min(time)));
        }
        if seen.pods.len() > count {
            let now: BTreeSet<&str> = pods.iter().filter(|p| ready_since(p).is_some()).map(|p| p.meta.name.as_str()).collect();
            seen.pods.retain(|name, _| now.contains(name.as_str()));
        }
        let created = service.meta.creation_timestamp;
        if created > seen.service {
            first = Some(first.map_or(created, |time| time.min(created)));
        }
        seen.service = created;
        if known { first } else { Some(created).filter(|time| !time.is_zero()) }
    }

    /// The Service is gone.
    pub fn forget(&mut self, key: &Key) {
        self.services.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::pod::PodCondition;

    fn pod(name: &str, ready_since: i64) -> Rc<Pod> {
        let mut pod = Pod::default();
        pod.meta.name = name.into();
        let condition =
            PodCondition { type_: "Ready".into(), last_transition_time: Time(ready_since), ..PodCondition::default() };
        pod.status.conditions.push(condition);
        Rc::new(pod)
    }

    #[test]
    fn the_earliest_new_trigger_counts_once() {
        let mut service = Service::default();
        service.meta.creation_timestamp = Time(100);
        let key = Key::new("default", "web");
        let mut times = TriggerTimes::default();
        assert_eq!(times.compute(&key, &service, &[pod("a", 50)]), Some(Time(100)), "a new Service counts from its creation");
        assert_eq!(times.compute(&key, &service, &[pod("a", 50)]), None);
        assert_eq!(times.compute(&key, &service, &[pod("a", 130), pod("b", 120)]), Some(Time(120)));
        assert_eq!(times.compute(&key, &service, &[pod("a", 130)]), None, "a Pod that leaves is no trigger");
        times.forget(&key);
        assert_eq!(times.compute(&key, &service, &[]), Some(Time(100)));
    }
}
