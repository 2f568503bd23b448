//! How far a rolling update may go above and below the wanted number of Pods.
//!
//! Source: `pkg/controller/deployment/util/deployment_util.go` (ResolveFenceposts, MaxSurge, MaxUnavailable, MinAvailable).

use crate::api::apps::RollingUpdateDeployment;
use crate::api::int_or_percent::scaled;
use crate::api::{Deployment, IntOrString};

/// The wanted number of Pods (1 when nothing is said).
pub fn replicas(deployment: &Deployment) -> i32 {
    deployment.spec.replicas.unwrap_or(1)
}

/// Surge (percentages rounded up) and unavailable (rounded down), in Pods; 0 and 0 become 0 and 1, so that an update can
/// move at all. The error is Kubernetes' text for a string that is no percentage.
pub fn resolve(surge: Option<&IntOrString>, unavailable: Option<&IntOrString>, desired: i32) -> Result<(i32, i32), String> {
    let zero = IntOrString::Int(0);
    let surge = scaled(surge.unwrap_or(&zero), desired, true)?;
    let unavailable = scaled(unavailable.unwrap_or(&zero), desired, false)?;
    Ok((surge, if surge == 0 && unavailable == 0 { 1 } else { unavailable }))
}

fn resolved(deployment: &Deployment) -> (i32, i32) {
    let none = RollingUpdateDeployment::default();
    let update = deployment.spec.strategy.rolling_update.as_ref().unwrap_or(&none);
    resolve(update.max_surge.as_ref(), update.max_unavailable.as_ref(), replicas(deployment)).unwrap_or((0, 0))
}

/// Whether the strategy is RollingUpdate.
pub fn is_rolling(deployment: &Deployment) -> bool {
    deployment.spec.strategy.type_ == "RollingUpdate"
}

/// How many Pods more than wanted there may be; 0 for Recreate.
pub fn max_surge(deployment: &Deployment) -> i32 {
    if is_rolling(deployment) { resolved(deployment).0 } else { 0 }
}

/// How many Pods fewer than wanted may be available; 0 for Recreate and when none are wanted, never more than wanted.
pub fn max_unavailable(deployment: &Deployment) -> i32 {
    if !is_rolling(deployment) || replicas(deployment) == 0 {
        return 0;
    }
    resolved(deployment).1.min(replicas(deployment))
}

/// How many Pods must stay available; 0 for Recreate.
pub fn min_available(deployment: &Deployment) -> i32 {
    if is_rolling(deployment) { replicas(deployment) - max_unavailable(deployment) } else { 0 }
}
