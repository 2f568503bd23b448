//! Evictions: a Pod is asked to go, unless a PodDisruptionBudget has no room for that.
//!
//! Source: `pkg/registry/core/pod/storage/eviction.go`.

use super::server::{ApiServer, DeleteOptions};
use super::status::Status;
use super::strategy::set_pod_condition;
use crate::api::policy::PodDisruptionBudget;
use crate::api::selector::Selector;
use crate::api::{Key, Kind, Object, Pod};
use std::rc::Rc;

impl ApiServer {
    /// Evicts a Pod. 429: its budget has no room now, the caller tries again.
    pub fn evict(&mut self, key: &Key, options: &DeleteOptions) -> Result<(), Status> {
        let Some(pod) = self.get::<Pod>(key).cloned() else { return Err(Status::not_found(Kind::Pod, &key.name)) };
        let bound = !pod.meta.is_deleting() && !pod.is_terminal() && pod.status.phase != "Pending";
        if bound && !options.dry_run {
            self.spend_budget(&pod)?;
        }
        if !pod.meta.is_deleting() && !options.dry_run {
            let (mut marked, clock) = (Pod::clone(&pod), self.clock());
            set_pod_condition(&mut marked, "DisruptionTarget", "True", "EvictionByEvictionAPI", "Eviction API: evicting", clock);
            self.update_status(Object::Pod(Rc::new(marked)), false)?;
        }
        self.delete(Kind::Pod, key, options).map(drop)
    }

    /// Takes one disruption from the budget that selects the Pod, if there is one.
    fn spend_budget(&mut self, pod: &Pod) -> Result<(), Status> {
        let selects = |budget: &&Rc<PodDisruptionBudget>| {
            Selector::from_optional(budget.spec.selector.as_ref()).is_ok_and(|s| s.matches(&pod.meta.labels))
        };
        let all = self.store().list(Kind::PodDisruptionBudget, Some(&pod.meta.namespace));
        let found: Vec<Rc<PodDisruptionBudget>> =
            all.filter_map(|o| o.as_::<PodDisruptionBudget>()).filter(selects).cloned().collect();
        let budget = match found.as_slice() {
            [] => return Ok(()),
            [one] => one,
            _ => {
                let why = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
                return Err(Status::new(500, "InternalError", why.into()));
            }
        };
        let (status, ready) = (&budget.status, pod.status.condition("Ready").is_some_and(|c| c.status == "True"));
        let always = budget.spec.unhealthy_pod_eviction_policy.as_deref() == Some("AlwaysAllow");
        if !ready && (always || (status.current_healthy >= status.desired_healthy && status.desired_healthy > 0)) {
            return Ok(());
        }
        if status.observed_generation < budget.meta.generation || status.disruptions_allowed <= 0 {
            let why = "Cannot evict pod as it would violate the pod's disruption budget.";
            return Err(Status::new(429, "TooManyRequests", why.into()));
        }
        let (mut spent, clock) = (PodDisruptionBudget::clone(budget), self.clock());
        spent.status.disruptions_allowed -= 1;
        if spent.status.disruptions_allowed == 0 {
            spent.set_allowed_condition(clock);
        }
        spent.status.disrupted_pods.insert(pod.meta.name.clone(), clock);
        self.update_status(Object::PodDisruptionBudget(Rc::new(spent)), false).map(drop)
    }
}
