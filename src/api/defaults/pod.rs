//! Defaults of Pods and pod templates (`pkg/apis/core/v1/defaults.go`).

use super::{set, set_number, volumes};
use crate::api::Pod;
use crate::api::pod::{Container, PodSpec, PodTemplateSpec, Probe, ResourceRequirements};
use serde_json::Value;

pub(super) fn pod(pod: &mut Pod) {
    pod_spec(&mut pod.spec);
    pod.spec.enable_service_links.get_or_insert(true);
    if pod.spec.termination_grace_period_seconds.is_some_and(|s| s < 0) {
        pod.spec.termination_grace_period_seconds = Some(1);
    }
    for container in pod.spec.containers.iter_mut().chain(&mut pod.spec.init_containers) {
        requests_from_limits(&mut container.resources);
    }
    if pod.spec.host_network {
        host_ports(&mut pod.spec);
    }
}

/// A pod template: what Pods get, but for what only a real Pod has.
pub fn template(template: &mut PodTemplateSpec) {
    pod_spec(&mut template.spec);
}

/// What Pods and templates share.
pub fn pod_spec(spec: &mut PodSpec) {
    set(&mut spec.dns_policy, "ClusterFirst");
    set(&mut spec.restart_policy, "Always");
    set(&mut spec.scheduler_name, "default-scheduler");
    spec.security_context.get_or_insert_with(|| Value::Object(Default::default()));
    spec.termination_grace_period_seconds.get_or_insert(30);
    spec.volumes.iter_mut().for_each(volumes::volume);
    for container in spec.containers.iter_mut().chain(&mut spec.init_containers) {
        fill_container(container);
    }
    // The old name of the same field follows the new one; either may be given.
    if spec.service_account_name.is_empty() {
        spec.service_account_name = spec.service_account.clone();
    }
    spec.service_account = spec.service_account_name.clone();
}

fn fill_container(container: &mut Container) {
    set(&mut container.termination_message_path, "/dev/termination-log");
    set(&mut container.termination_message_policy, "File");
    if container.image_pull_policy.is_empty() {
        container.image_pull_policy = if tag(&container.image) == "latest" { "Always" } else { "IfNotPresent" }.into();
    }
    for port in &mut container.ports {
        set(&mut port.protocol, "TCP");
    }
    container.env.iter_mut().filter_map(|v| v.value_from.as_mut()).for_each(volumes::field_ref);
    let probes = [&mut container.liveness_probe, &mut container.readiness_probe, &mut container.startup_probe];
    probes.into_iter().flatten().for_each(fill_probe);
    if let Some(lifecycle) = &mut container.lifecycle {
        for handler in [&mut lifecycle.post_start, &mut lifecycle.pre_stop].into_iter().flatten() {
            if let Some(get) = &mut handler.http_get {
                set(&mut get.path, "/");
                set(&mut get.scheme, "HTTP");
            }
        }
    }
}

fn fill_probe(probe: &mut Probe) {
    set_number(&mut probe.timeout_seconds, 1);
    set_number(&mut probe.period_seconds, 10);
    set_number(&mut probe.success_threshold, 1);
    set_number(&mut probe.failure_threshold, 3);
    if let Some(get) = &mut probe.http_get {
        set(&mut get.path, "/");
        set(&mut get.scheme, "HTTP");
    }
    if let Some(grpc) = &mut probe.grpc {
        grpc.service.get_or_insert_default();
    }
}

/// The tag of an image: `latest` when there is neither tag nor digest, "" for a digest alone or what is no image name.
pub(super) fn tag(image: &str) -> &str {
    let (name, digest) = image.split_once('@').map_or((image, false), |(name, _)| (name, true));
    let slash = name.rfind('/').map_or(0, |i| i + 1);
    let (name, tag) = match name[slash..].split_once(':') {
        Some((last, tag)) => (&name[..slash + last.len()], Some(tag)),
        None => (name, None),
    };
    if !is_image_name(name) {
        return "";
    }
    tag.unwrap_or(if digest { "" } else { "latest" })
}

/// Lower-case path components; a first one with a dot, a port or of `localhost` is a registry
/// (`github.com/distribution/reference`).
fn is_image_name(name: &str) -> bool {
    let mut parts = name.split('/').peekable();
    if name.contains('/') {
        parts.next_if(|first| first.contains(['.', ':']) || *first == "localhost" || first.to_lowercase() != **first);
    }
    parts.all(|part| {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let ends = part.bytes().next().is_some_and(inner) && part.bytes().last().is_some_and(inner);
        ends && part.bytes().all(|b| inner(b) || matches!(b, b'.' | b'_' | b'-'))
    })
}

fn requests_from_limits(resources: &mut ResourceRequirements) {
    for (name, limit) in &resources.limits {
        resources.requests.entry(name.clone()).or_insert_with(|| limit.clone());
    }
}

/// On the host's network a container port is a host port.
fn host_ports(spec: &mut PodSpec) {
    for port in spec.containers.iter_mut().chain(&mut spec.init_containers).flat_map(|c| &mut c.ports) {
        set_number(&mut port.host_port, port.container_port);
    }
}
