//! Probes and lifecycle hooks (`pkg/apis/core/validation/validation.go`, validateProbe, validateHandler).

use super::apps::not_negative;
use super::field::FieldError;
use super::names;
use super::service::port_number_or_name;
use crate::api::pod::{Container, ExecAction, GRPCAction, HTTPGetAction, LifecycleHandler, Probe, SleepAction, TCPSocketAction};

/// What probes and hooks have in common: exactly one of these is to be set.
struct Handler<'a> {
    exec: Option<&'a ExecAction>,
    http_get: Option<&'a HTTPGetAction>,
    tcp_socket: Option<&'a TCPSocketAction>,
    grpc: Option<&'a GRPCAction>,
    sleep: Option<&'a SleepAction>,
}

pub(super) fn hooks_and_probes(path: &str, container: &Container, grace: Option<i64>, errors: &mut Vec<FieldError>) {
    if let Some(lifecycle) = &container.lifecycle {
        for (field, hook) in [("postStart", &lifecycle.post_start), ("preStop", &lifecycle.pre_stop)] {
            if let Some(hook) = hook {
                handler(&format!("{path}.lifecycle.{field}"), &of_hook(hook), grace, errors);
            }
        }
    }
    let at = |field: &str| format!("{path}.{field}");
    if let Some(given) = &container.liveness_probe {
        probe(&at("livenessProbe"), given, grace, errors);
        once(&at("livenessProbe"), given, errors);
    }
    if let Some(given) = &container.readiness_probe {
        probe(&at("readinessProbe"), given, grace, errors);
        if let Some(seconds) = given.termination_grace_period_seconds {
            let path = at("readinessProbe.terminationGracePeriodSeconds");
            errors.push(FieldError::invalid(path, &seconds, "must not be set for readinessProbes"));
        }
    }
    if let Some(given) = &container.startup_probe {
        probe(&at("startupProbe"), given, grace, errors);
        once(&at("startupProbe"), given, errors);
    }
}

fn once(path: &str, probe: &Probe, errors: &mut Vec<FieldError>) {
    if probe.success_threshold != 1 {
        errors.push(FieldError::invalid(format!("{path}.successThreshold"), &probe.success_threshold, "must be 1"));
    }
}

fn probe(path: &str, probe: &Probe, grace: Option<i64>, errors: &mut Vec<FieldError>) {
    let given = Handler {
        exec: probe.exec.as_ref(),
        http_get: probe.http_get.as_ref(),
        tcp_socket: probe.tcp_socket.as_ref(),
        grpc: probe.grpc.as_ref(),
        sleep: None,
    };
    handler(path, &given, grace, errors);
    for (field, value) in [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ] {
        not_negative(format!("{path}.{field}"), value.into(), errors);
    }
    if let Some(seconds) = probe.termination_grace_period_seconds.filter(|s| *s <= 0) {
        let path = format!("{path}.terminationGracePeriodSeconds");
        errors.push(FieldError::invalid(path, &seconds, "must be greater than 0"));
    }
}

fn of_hook(hook: &LifecycleHandler) -> Handler<'_> {
    Handler {
        exec: hook.exec.as_ref(),
        http_get: hook.http_get.as_ref(),
        tcp_socket: hook.tcp_socket.as_ref(),
        grpc: None,
        sleep: hook.sleep.as_ref(),
    }
}

fn handler(path: &str, given: &Handler, grace: Option<i64>, errors: &mut Vec<FieldError>) {
    let mut count = 0;
    let mut first = |field: &str, set: bool, errors: &mut Vec<FieldError>| {
        if set && count > 0 {
            let detail = "may not specify more than 1 handler type";
            errors.push(FieldError::forbidden(format!("{path}.{field}"), detail));
            return false;
        }
        count += i32::from(set);
        set
    };
    if first("exec", given.exec.is_some(), errors) && given.exec.is_some_and(|e| e.command.is_empty()) {
        errors.push(FieldError::required(format!("{path}.exec.command"), ""));
    }
    if first("httpGet", given.http_get.is_some(), errors)
        && let Some(get) = given.http_get
    {
        http_get(&format!("{path}.httpGet"), get, errors);
    }
    if first("tcpSocket", given.tcp_socket.is_some(), errors)
        && let Some(socket) = given.tcp_socket
    {
        port_number_or_name(&format!("{path}.tcpSocket.port"), &socket.port, errors);
    }
    if first("grpc", given.grpc.is_some(), errors)
        && let Some(grpc) = given.grpc
    {
        let path = format!("{path}.grpc.port");
        let messages = names::port_number(grpc.port);
        errors.extend(messages.into_iter().map(|m| FieldError::invalid(path.clone(), &grpc.port, m)));
    }
    if first("sleep", given.sleep.is_some(), errors)
        && let (Some(sleep), Some(grace)) = (given.sleep, grace)
        && !(0..=grace).contains(&sleep.seconds)
    {
        let detail = format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
        errors.push(FieldError::invalid(format!("{path}.sleep"), &sleep.seconds, detail));
    }
    if count == 0 {
        errors.push(FieldError::required(path, "must specify a handler type"));
    }
}

fn http_get(path: &str, get: &HTTPGetAction, errors: &mut Vec<FieldError>) {
    if get.path.is_empty() {
        errors.push(FieldError::required(format!("{path}.path"), ""));
    }
    port_number_or_name(&format!("{path}.port"), &get.port, errors);
    if !["HTTP", "HTTPS"].contains(&get.scheme.as_str()) {
        errors.push(FieldError::not_supported(format!("{path}.scheme"), &get.scheme, &["HTTP", "HTTPS"]));
    }
}
