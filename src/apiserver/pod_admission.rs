//! Admission plugins that change a new Pod: ServiceAccount, DefaultTolerationSeconds, Priority
//! (`plugin/pkg/admission/{serviceaccount,defaulttolerationseconds,priority}`).

use crate::api::Pod;
use crate::api::pod::{Toleration, VolumeMount};
use crate::time::Stream;
use serde_json::json;

/// Where every container finds its service account's token.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// What admission adds to a new Pod.
pub fn mutate(pod: &mut Pod, random: &mut Stream) {
    service_account(pod, random);
    tolerations(pod);
    let spec = &mut pod.spec;
    spec.priority.get_or_insert(0);
    spec.preemption_policy.get_or_insert_with(|| "PreemptLowerPriority".into());
}

/// The default service account, and a volume with its token in every container that has none there.
fn service_account(pod: &mut Pod, random: &mut Stream) {
    let spec = &mut pod.spec;
    if spec.service_account_name.is_empty() {
        spec.service_account_name = "default".into();
    }
    spec.service_account = spec.service_account_name.clone();
    if spec.automount_service_account_token == Some(false) {
        return;
    }
    let name = format!("kube-api-access-{}", random.name_suffix());
    let mut mounted = false;
    for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
        if container.volume_mounts.iter().all(|m| m.mount_path != TOKEN_PATH) {
            mounted = true;
            container.volume_mounts.push(VolumeMount {
                name: name.clone(),
                read_only: true,
                mount_path: TOKEN_PATH.into(),
                ..VolumeMount::default()
            });
        }
    }
    if mounted {
        spec.volumes.push(json!({"name": name, "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
            {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}}
        ]}}));
    }
}

/// Every Pod stays five minutes on a node that is not ready or cannot be reached, unless it says otherwise.
fn tolerations(pod: &mut Pod) {
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let covers = |t: &Toleration| (t.key == key || t.key.is_empty()) && (t.effect == "NoExecute" || t.effect.is_empty());
        if !pod.spec.tolerations.iter().any(covers) {
            pod.spec.tolerations.push(Toleration {
                key: key.into(),
                operator: "Exists".into(),
                effect: "NoExecute".into(),
                toleration_seconds: Some(300),
                ..Toleration::default()
            });
        }
    }
}
