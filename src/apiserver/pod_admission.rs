//! Admission plugins that change a new Pod or refuse it: ServiceAccount, Priority, DefaultTolerationSeconds, RuntimeClass
//! (`plugin/pkg/admission/{serviceaccount,priority,defaulttolerationseconds,runtimeclass}`).

use super::Status;
use crate::api::node::ServiceAccount;
use crate::api::pod::{Toleration, VolumeMount};
use crate::api::{Key, Kind, Object, Pod};
use crate::time::Stream;
use serde_json::{Value, json};

/// The account of Pods that name none.
const DEFAULT: &str = "default";
/// Where every container finds its service account's token.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The service account of a new Pod.
pub fn account(pod: &Pod) -> Key {
    let spec = &pod.spec;
    let named = [&spec.service_account_name, &spec.service_account].into_iter().find(|name| !name.is_empty());
    Key::new(&pod.meta.namespace, named.map_or(DEFAULT, String::as_str))
}

/// What admission adds to a new Pod. A refusal names the Pod by its name, or by the beginning of it.
/// A namespace gets its default account a moment after itself, so that one is waited for.
pub fn mutate(
    pod: &mut Pod,
    account: Option<&ServiceAccount>,
    class: Option<&Object>,
    random: &mut Stream,
) -> Result<(), Status> {
    let key = self::account(pod);
    if account.is_none() && &*key.name != DEFAULT {
        let (place, name) = (format!("{}/{}", key.namespace, key.name), &*key.name);
        return Err(refuse(pod, &format!("error looking up service account {place}: serviceaccount {name:?} not found")));
    }
    pod.spec.service_account_name = key.name.to_string();
    service_account(pod, account, random);
    priority(pod, class)?;
    tolerations(pod);
    match &pod.spec.runtime_class_name {
        Some(class) => Err(refuse(pod, &format!("pod rejected: RuntimeClass {class:?} not found"))),
        None => Ok(()),
    }
}

fn refuse(pod: &Pod, why: &str) -> Status {
    let meta = &pod.meta;
    let name = if meta.generate_name.is_empty() { &meta.name } else { &meta.generate_name };
    Status::forbidden(Kind::Pod, name, why)
}

/// What admission does to a changed Pod: its priority is the one that it got, and it tolerates what every Pod tolerates.
pub fn mutate_again(pod: &mut Pod, old: &Pod) {
    pod.spec.priority = pod.spec.priority.or(old.spec.priority);
    if pod.spec.preemption_policy.is_none() {
        pod.spec.preemption_policy = old.spec.preemption_policy.clone();
    }
    tolerations(pod);
}

/// A Pod's class says how important it is; the number is not the author's to choose.
fn priority(pod: &mut Pod, known: Option<&Object>) -> Result<(), Status> {
    let class = &pod.spec.priority_class_name;
    let field = |name: &str| if let Some(Object::Plain(plain)) = known { plain.at(&[name]).clone() } else { Value::Null };
    let known = field("value").as_i64().and_then(|value| i32::try_from(value).ok());
    let policy = field("preemptionPolicy").as_str().unwrap_or("PreemptLowerPriority").to_owned();
    let Some(value) = known.or(class.is_empty().then_some(0)) else {
        return Err(refuse(pod, &format!("no PriorityClass with name {class} was found")));
    };
    if let Some(given) = pod.spec.priority.filter(|given| *given != value) {
        let why = format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {value} from the given PriorityClass name"
        );
        return Err(refuse(pod, &why));
    }
    if let Some(given) = pod.spec.preemption_policy.as_ref().filter(|given| **given != policy) {
        let why = format!(
            "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name"
        );
        return Err(refuse(pod, &why));
    }
    pod.spec.priority = Some(value);
    pod.spec.preemption_policy = Some(policy);
    Ok(())
}

/// A volume with the account's token in every container that has none there, and the account's image pull secrets.
fn service_account(pod: &mut Pod, account: Option<&ServiceAccount>, random: &mut Stream) {
    let spec = &mut pod.spec;
    spec.service_account = spec.service_account_name.clone();
    if let Some(account) = account.filter(|_| spec.image_pull_secrets.is_empty()) {
        spec.image_pull_secrets = account.image_pull_secrets.clone();
    }
    let of_account = account.and_then(|a| a.automount_service_account_token);
    if spec.automount_service_account_token.or(of_account) == Some(false) {
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
