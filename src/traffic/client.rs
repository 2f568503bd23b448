//! A client: where it is, what it asks for, how often, and what it holds on to.

use super::habits::{Budget, Habits, Retries};
use super::record::{Failure, Outcome};
use super::stats::Stats;
use crate::api::Key;
use crate::network::Tracks;
use crate::node::proxy::Protocol;
use crate::time::{Nanos, SECOND, Stream};
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// Where a client is.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// In a Pod.
    Pod(Key),
    /// Outside the cluster.
    Outside(Ipv4Addr),
}

/// How requests follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pattern {
    /// One after the other, the next when the last has ended.
    Sequence,
    /// One every span.
    Every(Nanos),
    /// At random times with this mean span between them.
    Poisson(Nanos),
    /// Several at the same moment, every span.
    Bursts {
        /// How many.
        size: u32,
        /// From one burst to the next.
        every: Nanos,
    },
    /// A closed loop: so many workers, each of which sends its next request a while after its last one has ended.
    Loop {
        /// Workers.
        workers: u32,
        /// The while.
        think: Nanos,
    },
    /// None for now; the pattern to go on with.
    Paused,
}

impl Pattern {
    /// The same kind of pattern at a rate of requests per 1000 seconds.
    pub fn with_rate(self, rate_milli: u64) -> Pattern {
        if rate_milli == 0 {
            return Pattern::Paused;
        }
        let span = 1000 * SECOND / rate_milli;
        match self {
            Pattern::Poisson(_) => Pattern::Poisson(span),
            Pattern::Bursts { size, .. } => Pattern::Bursts { size, every: span.saturating_mul(u64::from(size)) },
            _ => Pattern::Every(span),
        }
    }

    /// Whether the next request waits for the end of the last.
    pub(super) fn is_closed(self) -> bool {
        matches!(self, Pattern::Sequence | Pattern::Loop { .. })
    }

    /// How many run side by side from the beginning.
    pub(super) fn workers(self) -> u32 {
        match self {
            Pattern::Loop { workers, .. } => workers,
            Pattern::Paused => 0,
            _ => 1,
        }
    }

    /// Requests per 1000 seconds; 0 for closed loops, whose rate depends on the answers.
    pub fn rate_milli(self) -> u64 {
        match self {
            Pattern::Every(span) | Pattern::Poisson(span) => 1000 * SECOND / span.max(1),
            Pattern::Bursts { size, every } => 1000 * SECOND * u64::from(size) / every.max(1),
            _ => 0,
        }
    }
}

/// `http://host[:port]/path`, `https://…`, or `udp://host:port`: a datagram that is answered by one.
#[derive(Clone, Debug, PartialEq)]
pub struct Url {
    /// TCP or UDP.
    pub protocol: Protocol,
    /// Name or address.
    pub host: String,
    /// Whether it wants TLS (`https://`), which none of the lab's web servers speaks.
    pub tls: bool,
    /// Port; 80 without one (`https://`: 443).
    pub port: u16,
    /// Path with its leading slash.
    pub path: String,
}

impl Url {
    /// Reads a URL; `None` when it is none that the lab's clients can ask.
    pub fn parse(text: &str) -> Option<Url> {
        let datagram = text.strip_prefix("udp://").map(|rest| (Protocol::Udp, rest));
        let secret = text.strip_prefix("https://").map(|rest| (Protocol::Tcp, rest));
        let tls = secret.is_some();
        let (protocol, rest) = datagram.or(secret).or_else(|| Some((Protocol::Tcp, text.strip_prefix("http://")?)))?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (authority, if tls { 443 } else { 80 }),
        };
        let path = if path.is_empty() { "/" } else { path };
        (!host.is_empty()).then(|| Url { protocol, host: host.to_string(), tls, port, path: path.to_string() })
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.protocol == Protocol::Udp {
            return write!(f, "udp://{}:{}", self.host, self.port);
        }
        let (scheme, usual) = if self.tls { ("https", 443) } else { ("http", 80) };
        let port = if self.port == usual { String::new() } else { format!(":{}", self.port) };
        write!(f, "{scheme}://{}{port}{}", self.host, self.path)
    }
}

/// What a client is told to do.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientSetting {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub source: Source,
    /// What it asks for. A stubborn client's host is worked out once.
    pub url: Url,
    /// How often.
    pub pattern: Pattern,
    /// It stops after so many.
    pub total: Option<u64>,
    /// One connection for all requests, as long as it lasts (UDP: one socket, so one source port).
    pub keep_alive: bool,
    /// A request without an answer fails after this time.
    pub timeout: Nanos,
    /// How long it holds on to the address that a name led to, nanoseconds; 0: it looks the name up for each connection (as
    /// `curl` started anew does), `Nanos::MAX`: once for ever (as some runtimes do). What is not found is not remembered.
    pub holds_name: Nanos,
    /// It looked up one Pod's address once and holds on to it.
    pub stubborn: bool,
    /// Second attempts, hedging, sharing of connections.
    pub habits: Habits,
}

impl ClientSetting {
    /// Whether several requests share a connection.
    pub(super) fn multiplexes(&self) -> bool {
        self.keep_alive && self.habits.streams > 1 && self.url.protocol == Protocol::Tcp
    }

    /// How long it waits before its first request.
    pub(super) fn first_wait(&self, random: &mut Stream) -> Nanos {
        match self.pattern {
            Pattern::Poisson(mean) => random.exponential(mean),
            _ => 0,
        }
    }
}

/// A connection that is kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kept {
    pub node: Rc<str>,
    pub uid: Rc<str>,
    pub run: usize,
    pub serial: u32,
    pub port: u16,
    pub seen: Ipv4Addr,
    pub source_port: u16,
    pub destination: SocketAddrV4,
}

/// A client at work.
#[derive(Clone, Debug)]
pub struct Client {
    /// What it was told.
    pub setting: ClientSetting,
    /// What became of its requests.
    pub stats: Stats,
    /// When it was added.
    pub since: Nanos,
    pub(super) serial: u32,
    /// The kept connection, and where the nodes on its way have it.
    pub(super) kept: Option<(Kept, Tracks)>,
    /// The address that its name led to, and until when it holds on to it.
    pub(super) address: Option<(Ipv4Addr, Nanos)>,
    /// The port of the UDP socket that it keeps.
    pub(super) socket: Option<u16>,
    /// Calls under way.
    pub(super) open: u32,
    /// Numbers of the calls that wait for the connection, or for a place on it.
    pub(super) waiting: VecDeque<u64>,
    /// Further attempts that it may still make.
    pub(super) budget: Budget,
    /// Requests that fell due so far, sent or not.
    pub(super) number: u64,
    /// When its requests fall due: its own, so that no other client changes it.
    pub(super) random: Stream,
}

impl Client {
    pub(super) fn new(setting: ClientSetting, serial: u32, since: Nanos, seed: u64) -> Client {
        let random = Stream::new(seed, &format!("arrivals {}", setting.name));
        let (stats, budget, waiting) = (Stats::default(), Budget::default(), VecDeque::new());
        Client {
            setting,
            stats,
            since,
            serial,
            kept: None,
            address: None,
            socket: None,
            open: 0,
            waiting,
            budget,
            number: 0,
            random,
        }
    }

    /// What becomes of an attempt's connection: kept for the next ones, or not. A shared one stands until it breaks.
    pub(super) fn keep(&mut self, connection: Option<Kept>, tracks: Tracks, outcome: &Outcome) {
        let answered = matches!(outcome, Outcome::Answered { .. });
        if self.setting.multiplexes() {
            let broken = !answered && *outcome != Outcome::Failed(Failure::Timeout);
            let own = self.kept.as_ref().is_some_and(|(kept, _)| connection.as_ref().is_none_or(|own| own == kept));
            if broken && own {
                self.kept = None;
            }
            return;
        }
        let kept = connection.filter(|_| self.setting.keep_alive && answered);
        self.kept = kept.map(|kept| (kept, tracks));
    }

    /// The key of its own Pod, if it is inside.
    pub fn pod(&self) -> Option<&Key> {
        match &self.setting.source {
            Source::Pod(key) => Some(key),
            Source::Outside(_) => None,
        }
    }

    /// Whether it has sent all it was told to, and all of it has ended.
    pub fn is_done(&self) -> bool {
        self.setting.total.is_some_and(|t| self.stats.sent >= t && self.stats.answered + self.stats.bad() >= t)
    }
}

/// A change of one setting of a client.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientChange {
    /// How its requests follow each other.
    Pattern(Pattern),
    /// What it asks for. A kept connection is given up.
    Url(Url),
    /// How long it waits for an answer, each attempt.
    Timeout(Nanos),
    /// Whether it keeps its connection.
    KeepAlive(bool),
    /// Second attempts.
    Retries(Retries),
    /// When a second attempt goes beside the first; `None`: never.
    HedgeAfter(Option<Nanos>),
    /// Requests that may share a kept connection.
    Streams(u32),
    /// How long it holds on to the address that a name led to.
    HoldsName(Nanos),
    /// Several at once.
    All(Vec<ClientChange>),
}

impl ClientChange {
    pub(super) fn apply(&self, setting: &mut ClientSetting) {
        match self {
            ClientChange::Pattern(pattern) => setting.pattern = *pattern,
            ClientChange::Url(url) => setting.url = url.clone(),
            ClientChange::Timeout(timeout) => setting.timeout = *timeout,
            ClientChange::KeepAlive(keep) => setting.keep_alive = *keep,
            ClientChange::Retries(retries) => setting.habits.retries = retries.clone(),
            ClientChange::HedgeAfter(wait) => setting.habits.hedge_after = *wait,
            ClientChange::HoldsName(span) => setting.holds_name = *span,
            ClientChange::All(changes) => changes.iter().for_each(|change| change.apply(setting)),
            ClientChange::Streams(streams) => setting.habits.streams = (*streams).max(1),
        }
    }
}
