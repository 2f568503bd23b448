//! Which taints a Pod accepts.
//!
//! Source: `staging/api/core/v1/toleration.go`, `pkg/scheduler/framework/plugins/{tainttoleration,nodeunschedulable}`.

use crate::api::node::Taint;
use crate::api::pod::Toleration;

/// The taint that stands for a cordoned node.
pub const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// Whether one toleration accepts a taint.
pub fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let effect = toleration.effect.is_empty() || toleration.effect == taint.effect;
    let key = toleration.key.is_empty() || toleration.key == taint.key;
    effect
        && key
        && match toleration.operator.as_str() {
            "" | "Equal" => toleration.value == taint.value,
            "Exists" => true,
            _ => false,
        }
}

/// Whether any of the tolerations accepts a taint.
pub fn any_tolerates(tolerations: &[Toleration], taint: &Taint) -> bool {
    tolerations.iter().any(|t| tolerates(t, taint))
}

/// Whether a taint that keeps Pods off is not accepted.
pub fn has_untolerated(taints: &[Taint], tolerations: &[Toleration]) -> bool {
    let keeps_off = |t: &&Taint| matches!(t.effect.as_str(), "NoSchedule" | "NoExecute");
    taints.iter().filter(keeps_off).any(|taint| !any_tolerates(tolerations, taint))
}
