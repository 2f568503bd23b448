//! Where a container's variables come from: its own list, ConfigMaps, Secrets, and its Pod. Without a ConfigMap or a
//! Secret that it names the container is not created (`pkg/kubelet/kubelet_pods.go`, makeEnvironmentVariables); without
//! one that a volume shows not even the sandbox is (`pkg/volume/{configmap,secret,projected}`).

use super::run::Life;
use super::startup::RETRY;
use super::worker::{Timer, Worker};
use super::{Io, Kubelet};
use crate::api::meta::StringMap;
use crate::api::node::{ConfigMap, Node, Secret};
use crate::api::pod::Container;
use crate::api::resource_field::resource_field;
use crate::api::shapes::base64;
use crate::api::{Key, Pod};
use crate::apiserver::ApiServer;
use crate::node::app::App;
use crate::time::{MILLISECOND, Nanos, SECOND};
use serde_json::Value;
use std::rc::Rc;

/// A volume that could not be set up is tried again after this long, and then after twice as long each time.
const MOUNT_AGAIN: Nanos = 500 * MILLISECOND;
/// At most this long.
const MOUNT_AGAIN_MOST: Nanos = 122 * SECOND;

impl Kubelet {
    /// Whether all volumes can be set up. If not, the Pod waits and they are tried again.
    pub(super) fn mount(&mut self, uid: &Rc<str>, io: &mut Io) -> bool {
        let (Some(worker), Some(api)) = (self.pods.get_mut(uid), io.api.as_deref()) else { return true };
        let pod = worker.pod.clone();
        let Some((volume, why)) = pod.spec.volumes.iter().find_map(|volume| Some((volume, lacking(api, &pod, volume)?))) else {
            return true;
        };
        let name = volume["name"].as_str().unwrap_or_default();
        worker.mount_wait = (worker.mount_wait * 2).clamp(MOUNT_AGAIN, MOUNT_AGAIN_MOST);
        let wait = worker.mount_wait;
        self.pod_event(uid, None, "Warning", "FailedMount", format!("MountVolume.SetUp failed for volume {name:?} : {why}"), io);
        self.after(io, wait, uid, Timer::Sync);
        self.report_soon(uid, io);
        false
    }

    /// Works out a container's variables. False: something is missing, the container waits and is tried again.
    pub(super) fn configure(&mut self, uid: &Rc<str>, index: usize, io: &mut Io) -> bool {
        let host = self.address.to_string();
        let (Some(worker), Some(api)) = (self.pods.get_mut(uid), io.api.as_deref()) else { return true };
        let pod = worker.pod.clone();
        let Some(spec) = pod.spec.all_containers().nth(index) else { return true };
        let plain = |variable: &Variable| variable.value_from.is_none() && !variable.value.contains("$(");
        if spec.env_from.is_empty() && spec.env.iter().all(plain) {
            return true;
        }
        let why = match variables(api, worker, spec, &host) {
            Ok(found) => {
                let run = &mut worker.runs[index];
                run.spec.env = found;
                run.app = App::of(&run.spec);
                return true;
            }
            Err(why) => why,
        };
        let run = &mut worker.runs[index];
        run.starting = false;
        run.life = Life::Waiting { reason: "CreateContainerConfigError", message: why.clone() };
        self.pod_event(uid, Some(index), "Warning", "Failed", format!("Error: {why}"), io);
        let wait = RETRY + self.random.below(RETRY / 2);
        self.after(io, wait, uid, Timer::Sync);
        self.report_soon(uid, io);
        false
    }
}

type Variable = crate::api::pod::EnvVar;

fn variable(name: &str, value: &str) -> Variable {
    Variable { name: name.into(), value: value.into(), value_from: None }
}

/// The variables with their values, or what is missing, in the kubelet's words.
fn variables(api: &ApiServer, worker: &Worker, spec: &Container, host: &str) -> Result<Vec<Variable>, String> {
    let pod = &worker.pod;
    let mut out: Vec<Variable> = vec![];
    for source in &spec.env_from {
        let prefix = source["prefix"].as_str().unwrap_or_default();
        for (field, kind) in [("configMapRef", Kept::ConfigMap), ("secretRef", Kept::Secret)] {
            let Some(reference) = source.get(field) else { continue };
            let data = data(api, pod, reference, kind)?.unwrap_or_default();
            out.extend(data.iter().map(|(key, value)| variable(&format!("{prefix}{key}"), value)));
        }
    }
    for given in &spec.env {
        let Some(source) = &given.value_from else {
            let value = expanded(&given.value, &out);
            out.push(variable(&given.name, &value));
            continue;
        };
        if let Some(path) = source["fieldRef"]["fieldPath"].as_str() {
            out.push(variable(&given.name, &of_pod(worker, path, host)));
        }
        if let Some(resource) = source["resourceFieldRef"]["resource"].as_str() {
            let field = &source["resourceFieldRef"];
            let other = pod.spec.containers.iter().find(|c| field["containerName"] == c.name.as_str());
            let node = api.get::<Node>(&Key::new("", &pod.spec.node_name));
            let allocatable = |name: &str| Some(node?.status.allocatable.get(name)?.0.to_string());
            let value = resource_field(other.unwrap_or(spec), resource, &field["divisor"], allocatable);
            out.push(variable(&given.name, &value.unwrap_or_default()));
        }
        for (field, kind) in [("configMapKeyRef", Kept::ConfigMap), ("secretKeyRef", Kept::Secret)] {
            let Some(reference) = source.get(field) else { continue };
            let Some(data) = data(api, pod, reference, kind)? else { continue };
            let key = reference["key"].as_str().unwrap_or_default();
            match data.get(key) {
                Some(value) => out.push(variable(&given.name, value)),
                None if reference["optional"] == true => {}
                None => {
                    let place = format!("{}/{}", pod.meta.namespace, reference["name"].as_str().unwrap_or_default());
                    return Err(format!("couldn't find key {key} in {} {place}", kind.shown()));
                }
            }
        }
    }
    Ok(out)
}

#[derive(Clone, Copy)]
enum Kept {
    ConfigMap,
    Secret,
}

impl Kept {
    fn shown(self) -> &'static str {
        match self {
            Kept::ConfigMap => "ConfigMap",
            Kept::Secret => "Secret",
        }
    }
}

/// What an object holds; `None` for an optional one that is not there.
fn data(api: &ApiServer, pod: &Pod, reference: &Value, kind: Kept) -> Result<Option<StringMap>, String> {
    let name = reference["name"].as_str().unwrap_or_default();
    let place = Key::new(&pod.meta.namespace, name);
    let found = match kind {
        Kept::ConfigMap => api.get::<ConfigMap>(&place).map(|o| o.data.clone()),
        Kept::Secret => {
            api.get::<Secret>(&place).map(|o| o.data.iter().map(|(key, value)| (key.clone(), base64::decode(value))).collect())
        }
    };
    match found {
        None if reference["optional"] != true => Err(format!("{} {name:?} not found", kind.shown().to_lowercase())),
        found => Ok(found),
    }
}

/// Why a volume cannot be set up.
fn lacking(api: &ApiServer, pod: &Pod, volume: &Value) -> Option<String> {
    let own = [(volume.get("configMap"), Kept::ConfigMap, "name"), (volume.get("secret"), Kept::Secret, "secretName")];
    let sources = volume["projected"]["sources"].as_array();
    let projected = sources
        .into_iter()
        .flatten()
        .flat_map(|source| [(source.get("configMap"), Kept::ConfigMap, "name"), (source.get("secret"), Kept::Secret, "name")]);
    own.into_iter().chain(projected).find_map(|(source, kind, name)| {
        let source = source.filter(|source| source[name] != "kube-root-ca.crt")?;
        let reference = serde_json::json!({"name": source[name], "optional": source["optional"]});
        let data = match data(api, pod, &reference, kind) {
            Ok(data) => data?,
            Err(why) => return Some(why),
        };
        let items = source["items"].as_array().into_iter().flatten().filter_map(|item| item["key"].as_str());
        let key = items.into_iter().find(|key| !data.contains_key(*key)).filter(|_| source["optional"] != true)?;
        Some(match kind {
            Kept::ConfigMap => format!("configmap references non-existent config key: {key}"),
            Kept::Secret => format!("references non-existent secret key: {key}"),
        })
    })
}

/// `$(NAME)` stands for a variable before it; of unknown ones the text stays.
fn expanded(value: &str, known: &[Variable]) -> String {
    let mut parts = value.split("$(");
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let known = part.split_once(')').and_then(|(name, rest)| Some((known.iter().rev().find(|v| v.name == name)?, rest)));
        match known {
            Some((found, rest)) => out.extend([found.value.as_str(), rest]),
            None => out.extend(["$(", part]),
        }
    }
    out
}

/// A field of the Pod itself.
fn of_pod(worker: &Worker, path: &str, host: &str) -> String {
    let (pod, ip) = (&worker.pod, || worker.ip().map(|ip| ip.to_string()).unwrap_or_default());
    let entry = |map: &StringMap, rest: &str| map.get(rest.trim_end_matches("']")).cloned().unwrap_or_default();
    match path {
        "metadata.name" => pod.meta.name.clone(),
        "metadata.namespace" => pod.meta.namespace.clone(),
        "metadata.uid" => pod.meta.uid.clone(),
        "spec.nodeName" => pod.spec.node_name.clone(),
        "spec.serviceAccountName" => pod.spec.service_account_name.clone(),
        "status.hostIP" | "status.hostIPs" => host.to_string(),
        "status.podIP" | "status.podIPs" => ip(),
        _ => match (path.strip_prefix("metadata.labels['"), path.strip_prefix("metadata.annotations['")) {
            (Some(key), _) => entry(&pod.meta.labels, key),
            (_, Some(key)) => entry(&pod.meta.annotations, key),
            _ => String::new(),
        },
    }
}
