//! What `kubectl rollout` finds out from a Deployment and its ReplicaSets: progress, history, and where an undo goes back to.
//!
//! Sources: `staging/src/k8s.io/kubectl/pkg/polymorphichelpers/{rollout_status,history,rollback}.go`, `…/util/deployment/deployment.go`.
//! Must not know: the API server, how the command line was written.

mod history;
mod revision;
mod status;
mod undo;

pub use history::{causes, history, history_revision, history_sets, history_template, template_text};
pub use status::{daemon_set_status, stateful_set_status, status};
pub use undo::{Undo, undo, undo_target};

use crate::api::Deployment;
use serde_json::{Value, json};

/// The annotation in which people say why they changed something.
pub(super) const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// The patch of `kubectl rollout restart` (strategic merge); `now` as RFC 3339.
pub fn restart(deployment: &Deployment, now: &str) -> Result<Value, String> {
    if deployment.spec.paused {
        return Err("can't restart paused deployment (run rollout resume first)".to_owned());
    }
    Ok(restarted(now))
}

/// What a restart changes in any workload.
pub fn restarted(now: &str) -> Value {
    json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}}})
}
