//! PodDisruptionBudget (policy/v1): how many Pods of an application may go at a time by somebody's wish.

use super::meta::{LabelSelector, ObjectMeta};
use super::scalar::{IntOrString, Time};
use crate::record;
use std::collections::BTreeMap;

record! {
    /// How many Pods must stay, or may go.
    pub struct PodDisruptionBudgetSpec {
        "minAvailable" min_available: Option<IntOrString>,
        "selector" selector: Option<LabelSelector>,
        "maxUnavailable" max_unavailable: Option<IntOrString>,
        "unhealthyPodEvictionPolicy" unhealthy_pod_eviction_policy: Option<String>,
    }
}

record! {
    /// One condition, as newer kinds have them.
    pub struct Condition {
        "type" type_: String = always,
        "status" status: String = always,
        "observedGeneration" observed_generation: i64,
        "lastTransitionTime" last_transition_time: Time = always,
        "reason" reason: String = always,
        "message" message: String = always,
    }
}

record! {
    /// What the disruption controller last saw, less what was evicted since.
    pub struct PodDisruptionBudgetStatus {
        "observedGeneration" observed_generation: i64,
        "disruptedPods" disrupted_pods: BTreeMap<String, Time>,
        "disruptionsAllowed" disruptions_allowed: i32 = always,
        "currentHealthy" current_healthy: i32 = always,
        "desiredHealthy" desired_healthy: i32 = always,
        "expectedPods" expected_pods: i32 = always,
        "conditions" conditions: Vec<Condition>,
    }
}

record! {
    /// Limits how many Pods of an application are down at a time because somebody wants them away.
    pub struct PodDisruptionBudget {
        "metadata" meta: ObjectMeta = always,
        "spec" spec: PodDisruptionBudgetSpec = always,
        "status" status: PodDisruptionBudgetStatus = always,
    }
}

impl PodDisruptionBudget {
    /// Sets the condition that says whether a Pod may go now.
    pub fn set_allowed_condition(&mut self, clock: Time) {
        let (status, reason) =
            if self.status.disruptions_allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
        let old = self.status.conditions.iter().find(|c| c.type_ == "DisruptionAllowed" && c.status == status);
        let condition = Condition {
            type_: "DisruptionAllowed".into(),
            status: status.into(),
            observed_generation: self.status.observed_generation,
            last_transition_time: old.map_or(clock, |c| c.last_transition_time),
            reason: reason.into(),
            ..Condition::default()
        };
        self.status.conditions = vec![condition];
    }
}
