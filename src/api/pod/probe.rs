//! What is asked of a container, or run in it: probes and hooks.

use crate::api::scalar::IntOrString;
use crate::api::shapes::text::{SIGNAL, URI_SCHEME};
use crate::record;

record! {
    /// A command run in the container.
    pub struct ExecAction {
        "command" command: Vec<String>,
    }
}

record! {
    /// One header of an HTTP probe.
    pub struct HTTPHeader {
        "name" name: String = always,
        "value" value: String = always,
    }
}

record! {
    /// An HTTP request to the container.
    pub struct HTTPGetAction {
        "path" path: String,
        "port" port: IntOrString = always,
        "host" host: String,
        "scheme" scheme: String as URI_SCHEME,
        "httpHeaders" http_headers: Vec<HTTPHeader>,
    }
}

record! {
    /// A TCP connection to the container.
    pub struct TCPSocketAction {
        "port" port: IntOrString = always,
        "host" host: String,
    }
}

record! {
    /// A gRPC health check.
    pub struct GRPCAction {
        "port" port: i32 = always,
        "service" service: Option<String>,
    }
}

record! {
    /// A pause before the container is stopped.
    pub struct SleepAction {
        "seconds" seconds: i64 = always,
    }
}

record! {
    /// A probe: one handler, and how often and how strictly it is asked. All times in seconds.
    pub struct Probe {
        "exec" exec: Option<ExecAction>,
        "httpGet" http_get: Option<HTTPGetAction>,
        "tcpSocket" tcp_socket: Option<TCPSocketAction>,
        "grpc" grpc: Option<GRPCAction>,
        "initialDelaySeconds" initial_delay_seconds: i32,
        "timeoutSeconds" timeout_seconds: i32,
        "periodSeconds" period_seconds: i32,
        "successThreshold" success_threshold: i32,
        "failureThreshold" failure_threshold: i32,
        "terminationGracePeriodSeconds" termination_grace_period_seconds: Option<i64>,
    }
}

record! {
    /// What runs after start or before stop.
    pub struct LifecycleHandler {
        "exec" exec: Option<ExecAction>,
        "httpGet" http_get: Option<HTTPGetAction>,
        "tcpSocket" tcp_socket: Option<TCPSocketAction>,
        "sleep" sleep: Option<SleepAction>,
    }
}

record! {
    /// Hooks of a container.
    pub struct Lifecycle {
        "postStart" post_start: Option<LifecycleHandler>,
        "preStop" pre_stop: Option<LifecycleHandler>,
        "stopSignal" stop_signal: Option<String> as SIGNAL,
    }
}
