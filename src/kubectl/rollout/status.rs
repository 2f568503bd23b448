//! `kubectl rollout status`: how far a workload's rollout is, and what it waits for.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go`. Promises: lines end with their line break, as kubectl writes them.

use super::revision::revision_of;
use crate::api::{DaemonSet, Deployment, StatefulSet};

/// How far a rollout is: the line to print (with its line break) and whether it is done. `revision` 0: any.
/// The error is what `kubectl rollout status` ends with (`error: …`, exit code 1).
pub fn status(deployment: &Deployment, revision: i64) -> Result<(String, bool), String> {
    let name = &deployment.meta.name;
    if revision > 0 {
        let running =
            revision_of(&deployment.meta).map_err(|e| format!("cannot get the revision of deployment {name:?}: {e}"))?;
        if running != revision {
            return Err(format!("desired revision ({revision}) is different from the running revision ({running})"));
        }
    }
    let status = &deployment.status;
    if deployment.meta.generation > status.observed_generation {
        return Ok(("Waiting for deployment spec update to be observed...\n".to_owned(), false));
    }
    if status.conditions.iter().any(|c| c.type_ == "Progressing" && c.reason == "ProgressDeadlineExceeded") {
        return Err(format!("deployment {name:?} exceeded its progress deadline"));
    }
    let (updated, available) = (status.updated_replicas, status.available_replicas);
    let waits_for = match deployment.spec.replicas {
        Some(wanted) if updated < wanted => format!("{updated} out of {wanted} new replicas have been updated"),
        _ if status.replicas > updated => format!("{} old replicas are pending termination", status.replicas - updated),
        _ if available < updated => format!("{available} of {updated} updated replicas are available"),
        _ => return Ok((format!("deployment {name:?} successfully rolled out\n"), true)),
    };
    Ok((format!("Waiting for deployment {name:?} rollout to finish: {waits_for}...\n"), false))
}

/// The same for a DaemonSet.
pub fn daemon_set_status(set: &DaemonSet) -> Result<(String, bool), String> {
    let (name, status) = (&set.meta.name, &set.status);
    if set.spec.update_strategy.type_ != "RollingUpdate" {
        return Err("rollout status is only available for RollingUpdate strategy type".into());
    }
    if set.meta.generation > status.observed_generation {
        return Ok(("Waiting for daemon set spec update to be observed...\n".into(), false));
    }
    let (wanted, updated) = (status.desired_number_scheduled, status.updated_number_scheduled);
    let waits_for = if updated < wanted {
        format!("{updated} out of {wanted} new pods have been updated")
    } else if status.number_available < wanted {
        format!("{} of {wanted} updated pods are available", status.number_available)
    } else {
        return Ok((format!("daemon set {name:?} successfully rolled out\n"), true));
    };
    Ok((format!("Waiting for daemon set {name:?} rollout to finish: {waits_for}...\n"), false))
}

/// The same for a StatefulSet.
pub fn stateful_set_status(set: &StatefulSet) -> Result<(String, bool), String> {
    let (spec, status) = (&set.spec, &set.status);
    if spec.update_strategy.type_ != "RollingUpdate" {
        return Err("rollout status is only available for RollingUpdate strategy type".into());
    }
    if status.observed_generation == 0 || set.meta.generation > status.observed_generation {
        return Ok(("Waiting for statefulset spec update to be observed...\n".into(), false));
    }
    let wanted = spec.replicas.unwrap_or(1);
    if status.ready_replicas < wanted {
        return Ok((format!("Waiting for {} pods to be ready...\n", wanted - status.ready_replicas), false));
    }
    // Also a partition of 0, which is there unless the strategy's type was written out.
    if let Some(rolling) = &spec.update_strategy.rolling_update {
        let (updated, part) = (status.updated_replicas, wanted - rolling.partition.unwrap_or(wanted));
        if updated < part {
            let text =
                format!("Waiting for partitioned roll out to finish: {updated} out of {part} new pods have been updated...\n");
            return Ok((text, false));
        }
        return Ok((format!("partitioned roll out complete: {updated} new pods have been updated...\n"), true));
    }
    let (updated, revision) = (status.updated_replicas, &status.update_revision);
    if *revision != status.current_revision {
        return Ok((
            format!("waiting for statefulset rolling update to complete {updated} pods at revision {revision}...\n"),
            false,
        ));
    }
    let (current, revision) = (status.current_replicas, &status.current_revision);
    Ok((format!("statefulset rolling update complete {current} pods at revision {revision}...\n"), true))
}
