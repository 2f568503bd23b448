//! What is remembered of a request: its way as far as it is known, and how it ended.

use crate::cause::Cause;
use crate::network::dns::Lookup;
use crate::network::{Arrival, Hop, Sender};
use crate::time::Nanos;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// How a request fails, as the client sees it.
///
/// | what is wrong | the client sees | after |
/// |---|---|---|
/// | the Service has no endpoint that may be used | refused (ICMP port unreachable) | a round trip |
/// | traffic policy Local, and no endpoint on the node that decides | time-out | the client's own time-out |
/// | the Pod lives, but nothing listens on the port | refused (RST) | a round trip |
/// | a node port or host port that nobody has | refused (RST) | a round trip |
/// | the Pod is gone, the rules still lead there, its node lives | no route to host, if the client waits so long | 3 s |
/// | the Pod's node is down or cut off | time-out; a new connection may meet another Pod | the client's own time-out |
/// | a port that the Service does not have, an address that no Service has | iptables: time-out; nftables: refused, time-out | as above |
/// | the process ends between question and answer | reset, or closed without an answer | when it ends |
/// | a kept connection whose Pod forgot it (it was started anew) | reset | a round trip |
/// | UDP: no reader, or the reader is gone | refused on the next datagram; time-out | a round trip; the client's own time-out |
/// | the name is unknown (a cached answer counts for 30 s) | no such host | one query for each name of the search path |
/// | no CoreDNS behind its Service | refused | two refused questions for each name of the search path |
/// | CoreDNS does not answer | time-out | two tries of 5 s for each name, or the client's own time-out |
/// | `https://` to one of the lab's web servers | a plain answer where TLS was wanted | two round trips |
/// | `https://` to the API server | a certificate of an unknown authority | two round trips |
/// | the application fails, or is not ready (health paths) | an answer 500, 503 | its own time to answer |
///
/// A SYN without an answer is sent again after 1, 3, 7, 15, 31 and 63 s, to where the first one went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// Nothing listens, or a rule rejects.
    Refused,
    /// No answer in time.
    Timeout,
    /// The connection was reset before the answer.
    Reset,
    /// The connection was closed before the answer.
    Closed,
    /// The name leads nowhere.
    NoSuchHost,
    /// There is no way to the address.
    NoRoute,
    /// TLS was wanted of a server that speaks plain HTTP.
    NotTls,
    /// The server's certificate is signed by nobody whom the client trusts.
    Untrusted,
}

impl Failure {
    /// The words of the recorded client.
    pub fn text(self) -> &'static str {
        match self {
            Failure::Refused => "connection refused",
            Failure::Timeout => "Client.Timeout",
            Failure::Reset => "connection reset",
            Failure::Closed => "EOF",
            Failure::NoSuchHost => "no such host",
            Failure::NoRoute => "no route to host",
            Failure::NotTls => "http: server gave HTTP response to HTTPS client",
            Failure::Untrusted => "tls: failed to verify certificate: x509: certificate signed by unknown authority",
        }
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An HTTP status.
    Answered {
        /// 200, 500…
        status: u16,
    },
    /// No answer.
    Failed(Failure),
}

/// A request and its way, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Grows by one with each request.
    pub id: u64,
    /// Who asked.
    pub client: Rc<str>,
    /// Which of that client's requests it is, from 1: with the client's name it names the same request in every run
    /// of the same seed, whatever else is done there.
    pub number: u64,
    /// Which attempt of that, from 1.
    pub attempt: u32,
    /// When it began.
    pub started: Nanos,
    /// When it ended.
    pub ended: Option<Nanos>,
    /// How its name was looked up, if it had one and the client is inside.
    pub lookup: Option<Box<Lookup>>,
    /// The address and port that were asked.
    pub asked: Option<SocketAddrV4>,
    /// The node by whose own address it entered the cluster.
    pub door: Option<Rc<str>>,
    /// The node whose rules decided.
    pub node: Option<Rc<str>>,
    /// Whether those rules sent it to an endpoint (it went through a Service).
    pub through_service: bool,
    /// Uid, name and node of the Pod that it reached.
    pub pod: Option<(Rc<str>, Rc<str>, Rc<str>)>,
    /// The image tag of that Pod's container.
    pub version: Rc<str>,
    /// The client address that the Pod saw.
    pub seen: Option<Ipv4Addr>,
    /// What was answered, where it was no Pod that answered (a health check of kube-proxy).
    pub body: Option<Rc<str>>,
    /// The nodes' decisions on the way, with rules if tracing is on.
    pub hops: Vec<Hop>,
    /// Why it failed (or will, unless a repeated packet fares better): worked out when its fate was decided.
    pub because: Option<Cause>,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

impl Outcome {
    /// Not answered, or answered 5xx.
    pub fn is_bad(self) -> bool {
        !matches!(self, Outcome::Answered { status } if status < 500)
    }
}

/// What went wrong with a request, as its packets met it.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// DNS has no address for the name.
    Name(Rc<str>),
    /// A query did not get to cluster DNS: where it ended, by which way, and where it was sent to.
    NoDns(Arrival, Vec<Hop>, SocketAddrV4),
    /// A packet was refused or lost: where it ended, by which way, and where it was sent to.
    Route(Arrival, Vec<Hop>, SocketAddrV4),
    /// The process that held the connection is gone.
    Ended {
        /// Its node.
        node: Rc<str>,
        /// Its Pod.
        uid: Rc<str>,
    },
    /// The container answered with an error.
    Error {
        /// Its node.
        node: Rc<str>,
        /// Its Pod.
        uid: Rc<str>,
        /// The HTTP status.
        status: u16,
    },
    /// The answer did not come in time.
    Slow {
        /// The node of the Pod that was asked.
        node: Rc<str>,
        /// That Pod.
        uid: Rc<str>,
    },
    /// No answer came in time, and none was lost: the network is slow. The decisions on the way.
    Far(Vec<Hop>),
    /// TLS was wanted where there is none that the client could trust.
    NoTls,
    /// What the client asked for cannot be had.
    Futile,
}

/// A request in trouble: told to whoever finds causes, at once.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// The request.
    pub id: u64,
    /// Its client.
    pub client: Rc<str>,
    /// Where that client is.
    pub sender: Sender,
    /// What went wrong.
    pub trouble: Trouble,
}

impl Record {
    /// What was answered: what the web server says of itself and of its client, or what another process says.
    pub fn said(&self) -> String {
        let pod = self.pod.as_ref().map(|(_, name, _)| &**name).unwrap_or_default();
        let seen = self.seen.map(|ip| ip.to_string()).unwrap_or_default();
        match &self.body {
            Some(body) => body.trim_end().to_string(),
            None => format!("pod={pod} version={} from={seen}", self.version),
        }
    }

    /// A request that begins.
    pub(super) fn new(id: u64, client: &Rc<str>, (number, attempt): (u64, u32), started: Nanos) -> Record {
        Record {
            id,
            client: client.clone(),
            number,
            attempt,
            started,
            ended: None,
            lookup: None,
            asked: None,
            door: None,
            node: None,
            through_service: false,
            pod: None,
            version: "".into(),
            seen: None,
            body: None,
            hops: vec![],
            because: None,
            outcome: None,
        }
    }
}
