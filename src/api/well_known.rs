//! Labels and annotations that more than one part of Kubernetes reads or writes.
//!
//! Sources: `staging/src/k8s.io/api/{core/v1/annotation_key_constants,apps/v1/types}.go`,
//! `pkg/controller/deployment/util/deployment_util.go`, `staging/src/k8s.io/kubectl/pkg/util/deployment/deployment.go`.

/// The label that keeps the Pods of one template apart from those of another.
pub const POD_TEMPLATE_HASH: &str = "pod-template-hash";
/// What `kubectl apply` sent last.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The revision of a ReplicaSet or Deployment.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
/// Earlier revisions of a ReplicaSet that was used again.
pub const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// The Deployment's replicas when it last sized the ReplicaSet.
pub const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";
/// The most Pods that the Deployment allowed then.
pub const MAX_REPLICAS: &str = "deployment.kubernetes.io/max-replicas";
/// The old way to ask for a rollback.
pub const ROLLBACK_TO: &str = "deprecated.deployment.rollback.to";

/// Whether an annotation is about one object only and is not copied from a Deployment to its ReplicaSets or back.
pub fn is_private(annotation: &str) -> bool {
    [LAST_APPLIED, REVISION, REVISION_HISTORY, DESIRED_REPLICAS, MAX_REPLICAS, ROLLBACK_TO].contains(&annotation)
}
