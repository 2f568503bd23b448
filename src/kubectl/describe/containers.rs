//! Containers of a Pod or a pod template: image, ports, state, resources, probes, environment, mounts.

use super::Writer;
use super::env;
use crate::api::pod::{Container, ContainerPort, ContainerState, ContainerStatus, Pod, Probe, ResourceRequirements};
use crate::api::quantity::Amount;
use crate::api::{IntOrString, Quantity};
use crate::sorting::Arrange;
use std::collections::BTreeMap;

/// The containers of a template, which have no state.
pub(super) fn of_template(label: &str, containers: &[Container], out: &mut Writer) {
    out.line(0, &title(label, containers, "  "));
    for container in containers {
        out.line(1, &format!(" {}:", container.name));
        describe(container, None, None, out);
    }
}

/// The containers of a Pod with what the kubelet says of them.
pub(super) fn of_pod(label: &str, containers: &[Container], statuses: &[ContainerStatus], pod: &Pod, out: &mut Writer) {
    out.line(0, &title(label, containers, ""));
    for container in containers {
        out.line(1, &format!("{}:", container.name));
        let status = statuses.iter().rfind(|s| s.name == container.name);
        describe(container, status, Some(pod), out);
    }
}

fn title(label: &str, containers: &[Container], space: &str) -> String {
    format!("{space}{label}:{}", if containers.is_empty() { " <none>" } else { "" })
}

fn describe(container: &Container, status: Option<&ContainerStatus>, pod: Option<&Pod>, out: &mut Writer) {
    if let Some(status) = status {
        out.field(2, "Container ID", &status.container_id);
    }
    out.field(2, "Image", &container.image);
    if let Some(status) = status {
        out.field(2, "Image ID", &status.image_id);
    }
    ports("Port", &container.ports, |p| p.container_port, out);
    ports("Host Port", &container.ports, |p| p.host_port, out);
    super::pod::seccomp(container.security_context.as_ref(), 2, out);
    for (title, words) in [("Command:", &container.command), ("Args:", &container.args)] {
        if !words.is_empty() {
            out.line(2, title);
            words.iter().flat_map(|w| w.split('\n')).for_each(|line| out.line(3, line));
        }
    }
    if let Some(status) = status {
        state("State", &status.state, out);
        if status.last_state.terminated.is_some() {
            state("Last State", &status.last_state, out);
        }
        out.field(2, "Ready", if status.ready { "True" } else { "False" });
        out.field(2, "Restart Count", status.restart_count);
    }
    resources(&container.resources, 2, out);
    let probes = [
        ("Liveness", &container.liveness_probe),
        ("Readiness", &container.readiness_probe),
        ("Startup", &container.startup_probe),
    ];
    for (name, found) in probes {
        if let Some(found) = found {
            out.field(2, name, probe(found));
        }
    }
    env::describe(container, pod, out);
    mounts(container, out);
}

fn ports(title: &str, ports: &[ContainerPort], number: fn(&ContainerPort) -> i32, out: &mut Writer) {
    let one = |p: &ContainerPort| {
        let name = if p.name.is_empty() { String::new() } else { format!(" ({})", p.name) };
        format!("{}/{}{name}", number(p), p.protocol)
    };
    let list: Vec<String> = ports.iter().map(one).collect();
    match list.as_slice() {
        [] => out.field(2, title, "<none>"),
        [one] => out.field(2, title, one),
        several => out.field(2, &format!("{title}s"), several.join(", ")),
    }
}

fn state(title: &str, state: &ContainerState, out: &mut Writer) {
    if let Some(running) = &state.running {
        out.field(2, title, "Running");
        out.field(3, "Started", running.started_at.rfc1123z());
    } else if let (None, Some(ended)) = (&state.waiting, &state.terminated) {
        out.field(2, title, "Terminated");
        if !ended.reason.is_empty() {
            out.field(3, "Reason", &ended.reason);
        }
        if !ended.message.is_empty() {
            out.field(3, "Message", &ended.message);
        }
        out.field(3, "Exit Code", ended.exit_code);
        if ended.signal > 0 {
            out.field(3, "Signal", ended.signal);
        }
        out.field(3, "Started", super::moment(ended.started_at));
        out.field(3, "Finished", super::moment(ended.finished_at));
    } else {
        out.field(2, title, "Waiting");
        if let Some(waiting) = state.waiting.as_ref().filter(|w| !w.reason.is_empty()) {
            out.field(3, "Reason", &waiting.reason);
        }
    }
}

/// Limits and requests.
pub(super) fn resources(resources: &ResourceRequirements, level: usize, out: &mut Writer) {
    for (title, amounts) in [("Limits:", &resources.limits), ("Requests:", &resources.requests)] {
        if !amounts.is_empty() {
            out.line(level, title);
            self::amounts(amounts, level + 1, out);
        }
    }
}

/// Amounts by name, in their canonical form.
pub(super) fn amounts(amounts: &BTreeMap<String, Quantity>, level: usize, out: &mut Writer) {
    for (name, quantity) in amounts {
        out.field(level, name, canonical(quantity));
    }
}

/// A quantity as the API server would write it.
pub(super) fn canonical(quantity: &Quantity) -> String {
    Amount::parse(&quantity.0).map_or_else(|_| quantity.0.clone(), |a| a.canonical())
}

fn probe(probe: &Probe) -> String {
    let attributes = format!(
        "delay={}s timeout={}s period={}s successThreshold={} failureThreshold={}",
        probe.initial_delay_seconds,
        probe.timeout_seconds,
        probe.period_seconds,
        probe.success_threshold,
        probe.failure_threshold
    );
    let handler = if let Some(exec) = &probe.exec {
        format!("exec [{}]", exec.command.join(" "))
    } else if let Some(http) = &probe.http_get {
        format!("http-get {}", url(&http.scheme, &http.host, &http.port, &http.path))
    } else if let Some(tcp) = &probe.tcp_socket {
        format!("tcp-socket {}:{}", tcp.host, tcp.port)
    } else if let Some(grpc) = &probe.grpc {
        format!("grpc <pod>:{} {}", grpc.port, grpc.service.as_deref().unwrap_or_default())
    } else {
        "unknown".to_owned()
    };
    format!("{handler} {attributes}")
}

/// A URL as Go's `url.URL` writes it.
fn url(scheme: &str, host: &str, port: &IntOrString, path: &str) -> String {
    let scheme = if scheme.is_empty() { String::new() } else { format!("{}:", scheme.to_lowercase()) };
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    let mut escaped = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped += &format!("%{byte:02X}");
        }
    }
    format!("{scheme}//{host}:{port}{slash}{escaped}")
}

fn mounts(container: &Container, out: &mut Writer) {
    let mut mounts: Vec<_> = container.volume_mounts.iter().collect();
    mounts.arrange_by_key(|m| &m.mount_path);
    out.line(2, if mounts.is_empty() { "Mounts:\t<none>" } else { "Mounts:" });
    for mount in &mounts {
        let mode = if mount.read_only { "ro" } else { "rw" };
        let path = if mount.sub_path.is_empty() { String::new() } else { format!(",path={:?}", mount.sub_path) };
        out.line(3, &format!("{} from {} ({mode}{path})", mount.mount_path, mount.name));
    }
    let mut devices: Vec<(&str, &str)> = container
        .volume_devices
        .iter()
        .map(|d| (d["devicePath"].as_str().unwrap_or_default(), d["name"].as_str().unwrap_or_default()))
        .collect();
    devices.arrange();
    if !devices.is_empty() {
        out.line(2, if mounts.is_empty() { "Devices:\t<none>" } else { "Devices:" });
    }
    for (path, name) in devices {
        out.line(3, &format!("{path} from {name}"));
    }
}
