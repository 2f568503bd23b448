//! How a simulated container behaves: one small web server that obeys the `APP_*` variables
//! (`tests/golden/README.md`), or an idle client. Every image but the idle client's is the web server.
//!
//! Promises: what it answers depends on its variables, its start and the time, nothing else.

use super::command::{self, Script};
use crate::api::pod::Container;
use crate::time::{MILLISECOND, Nanos, Stream, decimal, parse_span};

/// What a container does.
#[derive(Clone, Debug, PartialEq)]
pub struct App {
    /// Port it listens on; `None`: it listens nowhere (an idle client).
    pub port: Option<u16>,
    /// Ports on which it answers datagrams (`APP_UDP_PORT`; without it, every UDP port that the container declares).
    pub udp_ports: Vec<u16>,
    /// What it calls itself in answers (the image's tag).
    pub version: String,
    /// From start until it listens.
    pub start_delay: Nanos,
    /// From start until its health pages answer 200.
    pub ready_delay: Nanos,
    /// From start until they answer 503 again.
    pub unready_after: Option<Nanos>,
    /// From start until it exits by itself.
    pub crash_after: Option<Nanos>,
    /// With which code.
    pub exit_code: i32,
    /// Time to answer a request.
    pub latency: Nanos,
    /// Share of requests answered 500, in millionths.
    pub error_rate: u64,
    /// What it does on SIGTERM.
    pub on_term: OnTerm,
    /// What it does instead of serving: its command is a script that the lab can play.
    pub script: Option<Script>,
}

/// What a process does on SIGTERM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTerm {
    /// Exits at once, code 0.
    Exit,
    /// Stops listening, finishes what is in flight, exits with code 0.
    Drain,
    /// Goes on until SIGKILL.
    Ignore,
}

/// What a request gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing listens on that port.
    Refused,
    /// An HTTP status after a time to think.
    Http {
        /// 200, 500 or 503.
        status: u16,
        /// Time to answer.
        after: Nanos,
    },
}

impl App {
    /// The app of a container.
    pub fn of(container: &Container) -> App {
        let image = container.image.rsplit('/').next().unwrap_or_default();
        let (name, tag) = image.split_once(':').unwrap_or((image, "latest"));
        let var = |key: &str| container.env.iter().rev().find(|e| e.name == key).map(|e| e.value.as_str());
        let span = |key: &str| var(key).and_then(parse_span);
        let declared = |udp: bool| {
            let of = container.ports.iter().filter(move |p| (p.protocol == "UDP") == udp);
            of.filter_map(|p| u16::try_from(p.container_port).ok())
        };
        let free = name != "nginx" && name != "busybox";
        let port =
            var("APP_PORT").and_then(|p| p.parse().ok()).or(if free { declared(false).next() } else { None }).unwrap_or(80);
        let udp_port = var("APP_UDP_PORT").and_then(|p| p.parse().ok());
        let udp_ports = udp_port.into_iter().chain(declared(true).filter(|_| free && udp_port.is_none())).collect();
        let script = command::script(container);
        let ends = script.as_ref().map(|s| s.ends.max(50 * MILLISECOND));
        App {
            port: (name != "busybox" && script.is_none()).then_some(port),
            udp_ports,
            version: tag.split('@').next().unwrap_or(tag).to_string(),
            start_delay: span("APP_START_DELAY").unwrap_or(0),
            ready_delay: span("APP_READY_DELAY").unwrap_or(0),
            unready_after: span("APP_UNREADY_AFTER"),
            crash_after: ends.or_else(|| span("APP_CRASH_AFTER")),
            exit_code: match &script {
                Some(script) => script.code,
                None => var("APP_EXIT_CODE").and_then(|c| c.parse().ok()).unwrap_or(1),
            },
            latency: span("APP_LATENCY").unwrap_or(2 * MILLISECOND),
            error_rate: var("APP_ERROR_RATE").and_then(parse_share).unwrap_or(0),
            on_term: match var("APP_ON_TERM") {
                Some("drain") => OnTerm::Drain,
                Some("ignore") => OnTerm::Ignore,
                _ => OnTerm::Exit,
            },
            script,
        }
    }

    /// Whether it listens on `port`, `age` after its start.
    pub fn listens(&self, port: u16, age: Nanos) -> bool {
        self.port == Some(port) && age >= self.start_delay
    }

    /// Whether it answers datagrams on `port`, `age` after its start.
    pub fn listens_udp(&self, port: u16, age: Nanos) -> bool {
        self.udp_ports.contains(&port) && age >= self.start_delay
    }

    /// What a request to `path` on `port` gets, `age` after its start.
    pub fn answer(&self, path: &str, port: u16, age: Nanos, random: &mut Stream) -> Reply {
        if !self.listens(port, age) {
            return Reply::Refused;
        }
        let health = path.split('?').next().is_some_and(|p| p == "/healthz" || p == "/ready");
        let status = if health {
            let well = age >= self.ready_delay && self.unready_after.is_none_or(|t| age < t);
            if well { 200 } else { 503 }
        } else if self.error_rate > 0 && random.chance(self.error_rate, 1_000_000) {
            500
        } else {
            200
        };
        Reply::Http { status, after: if health { MILLISECOND / 2 } else { self.latency } }
    }
}

/// A share between 0 and 1 (`0.25`) in millionths.
fn parse_share(text: &str) -> Option<u64> {
    decimal(text.trim(), 1_000_000).and_then(|n| u64::try_from(n.min(1_000_000)).ok())
}
