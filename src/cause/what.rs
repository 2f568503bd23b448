//! What a deed can be.

use crate::api::{Key, Kind};
use crate::time::Nanos;
use std::rc::Rc;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The cluster came up with its first objects.
    Boot,
    /// A person did something.
    Command {
        /// Its place in the lab's log, from 0.
        number: usize,
        /// The command line, or the switch in words.
        text: Rc<str>,
        /// How it acts.
        means: Means,
    },
    /// Somebody wrote an object.
    Wrote {
        /// Who: `kubectl`, `deployment-controller`, `kubelet node-1`.
        by: Rc<str>,
        /// The kind of the object.
        kind: Kind,
        /// Its key.
        key: Key,
        /// The resourceVersion that the write got.
        version: u64,
        /// What the write did.
        act: Act,
    },
    /// Something happened to a Pod on its node.
    OnNode {
        /// The node.
        node: Rc<str>,
        /// The Pod's name.
        pod: Rc<str>,
        /// What.
        doing: Doing,
    },
    /// A node's kube-proxy put rules in force.
    Rules {
        /// The node.
        node: Rc<str>,
        /// The Service.
        service: Key,
        /// When the node heard of the change.
        heard: Nanos,
        /// When the sync that wrote it began; what was heard later is not in it.
        began: Nanos,
    },
    /// A node's network was gone.
    Cut {
        /// The node.
        node: Rc<str>,
    },
    /// A request went wrong.
    Request {
        /// Who asked.
        client: Rc<str>,
        /// Its number among the client's.
        number: u64,
        /// What went wrong.
        mishap: Mishap,
    },
}

/// How a person's command acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// By kubectl.
    Kubectl,
    /// By a fault switch of the lab.
    Fault,
    /// By telling a client what to do.
    Client,
}

/// What a write did, as far as requests can suffer from it.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Made the object.
    Created,
    /// Took it away.
    Removed,
    /// Marked it for deletion; the grace period in seconds.
    Ending(i64),
    /// Changed the number of replicas.
    Scaled {
        /// Before.
        from: i32,
        /// After.
        to: i32,
    },
    /// Changed the Pod template.
    Template,
    /// Changed the rest of the spec.
    Spec,
    /// Bound the Pod to a node.
    Bound(Rc<str>),
    /// The Pod is Ready from now on.
    Ready,
    /// The Pod is not Ready from now on.
    Unready,
    /// Changed labels.
    Labels,
    /// Changed which Pods a slice lists as usable: those that left, those that came.
    Endpoints {
        /// Names of the Pods that are not (or no longer) usable.
        left: Vec<Rc<str>>,
        /// Names of the Pods that are usable now.
        came: Vec<Rc<str>>,
        /// Whether the ports changed.
        ports: bool,
    },
    /// Changed the node's taints or readiness.
    Node,
    /// Anything else.
    Other,
}

/// What happened to a Pod on its node.
#[derive(Clone, Debug, PartialEq)]
pub enum Doing {
    /// Its containers are being stopped.
    Stopping {
        /// Seconds until SIGKILL.
        grace: u64,
        /// How long the preStop hook holds SIGTERM back.
        hook: Nanos,
        /// Whether the process lets what is under way end.
        drains: bool,
        /// Whether its readiness is probed.
        probed: bool,
    },
    /// A container ended with this exit code.
    Exited(i32),
    /// The readiness probe failed often enough.
    Unready,
    /// Another probe failed often enough: the container is restarted.
    Unhealthy,
    /// The container is restarted because its image was changed.
    Changed,
}

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Mishap {
    /// DNS knew no such name.
    NoSuchName(Rc<str>),
    /// Cluster DNS itself was not to be reached.
    NoDns,
    /// The rules of a node had no endpoint for the Service and rejected.
    NoEndpoints {
        /// The node.
        node: Rc<str>,
        /// The Service.
        service: Key,
    },
    /// The rules threw it away: the policy asks for an endpoint on that node and there was none.
    NoLocalEndpoints {
        /// The node.
        node: Rc<str>,
        /// The Service.
        service: Key,
    },
    /// No rule, no Pod and no node had that address (any more).
    NobodyThere,
    /// A node sent it to a Pod that was gone, or that nobody had any more.
    PodGone {
        /// The Pod's name.
        pod: Rc<str>,
        /// How far the node that chose it was behind; `None` if no rules chose it.
        behind: Option<Behind>,
    },
    /// The Pod was there, but nothing in it listened.
    NotListening {
        /// The Pod's name.
        pod: Rc<str>,
        /// The port that was asked.
        port: u16,
        /// How far the node that chose it was behind.
        behind: Option<Behind>,
    },
    /// The connection stood, and the process that held it ended.
    Broken {
        /// The Pod's name.
        pod: Rc<str>,
    },
    /// A packet met a node without network.
    Cut {
        /// The node.
        node: Rc<str>,
    },
    /// The container answered that it cannot.
    Error {
        /// The Pod's name.
        pod: Rc<str>,
        /// The HTTP status.
        status: u16,
    },
    /// The client wanted TLS, and the other side speaks none, or with a certificate that the client does not trust.
    NoTls,
    /// The network on the way took longer than the client waits.
    SlowNetwork {
        /// The node whose link is slow; `None`: the way between them.
        node: Option<Rc<str>>,
    },
    /// The answer took longer than the client waits.
    TooSlow {
        /// The Pod's name.
        pod: Rc<str>,
    },
}

/// How far a node was behind at the moment it chose an endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Behind {
    /// The node.
    pub node: Rc<str>,
    /// Since when its rules for that Service were in force.
    pub since: Nanos,
    /// When the EndpointSlice without the Pod was written; `None`: not yet.
    pub written: Option<Nanos>,
    /// When the node heard of that; `None`: not yet.
    pub heard: Option<Nanos>,
    /// When the sync that would write it began; `None`: not yet.
    pub began: Option<Nanos>,
}
