//! The page's words, in one place.

/// The product.
pub const NAME: &str = "Kube Service Lab";
/// A command line of a script whose output is no longer kept.
pub const FORGOTTEN: &str = "(the console no longer has this output)";
/// What the help says: each line is a promise or a simplification.
pub const SIMULATED: &[(&str, &str)] = &[
    (
        "Kubernetes 1.37",
        "Object rules, messages, events and kubectl's output follow version 1.37 and are compared with recordings of it.",
    ),
    (
        "API server, controllers, scheduler",
        "Deployments, ReplicaSets, EndpointSlices, garbage collection and node lifecycle work by watches that arrive later, as in a cluster. There is no etcd and one API server.",
    ),
    ("kubelet", "Starts, probes and stops simulated containers; images are a short list of names; no volumes."),
    (
        "kube-proxy",
        "Each node has its own list, rules and delay (iptables mode here). Every request is decided by walking those rules.",
    ),
    ("Network", "Delays are drawn from the run's seed. Nothing is lost but by rules, dead Pods and cut-off nodes."),
    ("DNS", "Service and Pod names are answered from what CoreDNS has seen; answers are not cached by clients."),
    ("Limits", "At most 10,000 Pods and 5,000 nodes; the page says so when you ask for more."),
];
