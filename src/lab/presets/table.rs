//! The presets that there are.

use super::{Goal, Reached};

/// A beginning.
pub struct Preset {
    /// Its name in `?preset=`.
    pub name: &'static str,
    /// What the chooser shows.
    pub title: &'static str,
    /// One sentence that says what to do and what to watch.
    pub hint: &'static str,
    /// What there is to do, in this order.
    pub goals: &'static [Goal],
    /// Number of nodes.
    pub nodes: usize,
    /// Pods of the Deployment `web`.
    pub replicas: u32,
    /// Requests per second of all clients together.
    pub rate: u64,
    /// Whether its Pods say when they are ready, wait before they stop, and are replaced one after another.
    pub careful: bool,
    /// Machines outside, each at a node of its own, instead of clients of every kind.
    pub outside_only: bool,
    /// kube-controller-manager is set as people set it in large clusters: it waits a second for more changes of Pods before it
    /// works out endpoints (`--endpointslice-updates-batch-period=1s`), and may write often (`--kube-api-qps=500`).
    pub batched: bool,
}

/// What most beginnings have.
const PLAIN: Preset = Preset {
    name: "",
    title: "",
    hint: "",
    goals: &[],
    nodes: 3,
    replicas: 3,
    rate: 9,
    careful: false,
    outside_only: false,
    batched: false,
};

/// All presets; the first is the one that the page opens with.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "first",
        title: "Pods die, the Service stays",
        hint: "Kill a Pod and watch who notices.",
        goals: &[
            Goal { words: "Kill a Pod", reached: Reached::PodEnds },
            Goal { words: "A new Pod takes its place, with another IP", reached: Reached::WholeAgain },
            Goal { words: "The Service answers at its old address", reached: Reached::Answers },
            Goal { words: "The stubborn client fails: the Pod that it asks is gone", reached: Reached::StubbornFails },
        ],
        ..PLAIN
    },
    Preset {
        name: "scale",
        title: "Scale up, down, to zero",
        hint: "Scale to 6, to 1, to 0 and back: the list behind the Service follows, its address does not change.",
        goals: &[
            Goal { words: "Scale to 6: six endpoints behind one address", reached: Reached::Endpoints(6) },
            Goal { words: "Scale to 1: one is left", reached: Reached::Endpoints(1) },
            Goal { words: "Scale to 0: nobody answers", reached: Reached::Endpoints(0) },
            Goal { words: "Scale up again: the same address answers", reached: Reached::Answers },
        ],
        replicas: 2,
        ..PLAIN
    },
    Preset {
        name: "rollout",
        title: "Roll out and back, lose no request",
        hint: "Update the image, then roll back, and watch: every Pod is replaced, and no request through the Service fails.",
        goals: &[
            Goal { words: "Set the image to nginx:1.28", reached: Reached::NewVersion },
            Goal { words: "All Pods run the new version", reached: Reached::NewVersionOnly },
            Goal { words: "Roll back: all run the old one again", reached: Reached::FirstVersionOnly },
            Goal { words: "No request through the Service failed", reached: Reached::NoFailure },
        ],
        replicas: 4,
        rate: 36,
        careful: true,
        ..PLAIN
    },
    Preset {
        name: "nodeport",
        title: "From outside through every node",
        hint: "Three machines outside ask three nodes at port 30080. Two Pods are enough for all three: watch which way each request takes, then cut a node off.",
        goals: &[
            Goal { words: "A request comes in through each node", reached: Reached::AllAnswered },
            Goal { words: "Cut a node off", reached: Reached::NodeDown },
            Goal { words: "Who asks that node gets no answer", reached: Reached::OutsideFails },
            Goal { words: "Bring the node back: all are answered again", reached: Reached::NodesReady },
        ],
        replicas: 2,
        rate: 18,
        outside_only: true,
        ..PLAIN
    },
    Preset {
        name: "labels",
        title: "Labels decide, not names",
        hint: "Choose a Pod and take its label app away: it lives on and gets no more requests, and a new Pod takes its place. Watch the list behind the Service.",
        goals: &[
            Goal { words: "Take the label app off a Pod", reached: Reached::PodWithoutOwner },
            Goal { words: "It leaves the list, and a new Pod takes its place", reached: Reached::WholeAgain },
            Goal { words: "Give the label back: one Pod is too many and is stopped", reached: Reached::PodTakenBack },
        ],
        ..PLAIN
    },
    Preset {
        name: "perf",
        title: "100 Pods, 500 requests a second",
        hint: "Many Pods behind one address: kill some and watch the others carry on.",
        goals: &[
            Goal { words: "Kill a Pod", reached: Reached::PodEnds },
            Goal { words: "All 100 are ready again", reached: Reached::WholeAgain },
            Goal { words: "The Service goes on answering", reached: Reached::Answers },
        ],
        replicas: 100,
        rate: 500,
        ..PLAIN
    },
    Preset {
        name: "many",
        title: "16 nodes, 160 Pods",
        hint: "Each box is a node, each cell a Pod. Update the image and watch the cells turn.",
        goals: &[
            Goal { words: "Set the image to nginx:1.28", reached: Reached::NewVersion },
            Goal { words: "All Pods run the new version", reached: Reached::NewVersionOnly },
        ],
        nodes: 16,
        replicas: 160,
        rate: 300,
        ..PLAIN
    },
    Preset {
        name: "load",
        title: "500 Pods, 2,000 requests a second",
        hint: "So many requests that only some are drawn: the numbers count them all. Kill Pods, cut a node off, and watch the share that is answered.",
        goals: &[
            Goal { words: "Kill a Pod", reached: Reached::PodEnds },
            Goal { words: "Cut a node off", reached: Reached::NodeDown },
            Goal { words: "Bring it back: all nodes are ready", reached: Reached::NodesReady },
        ],
        nodes: 12,
        replicas: 500,
        rate: 2000,
        batched: true,
        ..PLAIN
    },
    Preset {
        name: "large",
        title: "Rolling update, 48 nodes, 1,920 Pods",
        hint: "Update the image: twenty EndpointSlices follow, and 48 kube-proxies follow them, each in its own time.",
        goals: &[
            Goal { words: "Set the image to nginx:1.28", reached: Reached::NewVersion },
            Goal { words: "All Pods run the new version", reached: Reached::NewVersionOnly },
        ],
        nodes: 48,
        replicas: 1920,
        rate: 900,
        batched: true,
        ..PLAIN
    },
    Preset {
        name: "huge",
        title: "60 nodes, 5,000 Pods",
        hint: "Come nearer to see single nodes and Pods. Endpoints are worked out once a second, as people set it in large clusters.",
        goals: &[
            Goal { words: "Kill a Pod", reached: Reached::PodEnds },
            Goal { words: "All 5,000 are ready again", reached: Reached::WholeAgain },
        ],
        nodes: 60,
        replicas: 5000,
        rate: 300,
        batched: true,
        ..PLAIN
    },
    Preset {
        name: "wide",
        title: "1,000 nodes, 40 Pods",
        hint: "So many nodes share boxes; come nearer to see single ones. Each has its own kube-proxy: kill a Pod and watch them fall behind and catch up.",
        goals: &[
            Goal { words: "Kill a Pod", reached: Reached::PodEnds },
            Goal { words: "All 40 are ready again", reached: Reached::WholeAgain },
        ],
        nodes: 1000,
        replicas: 40,
        rate: 60,
        ..PLAIN
    },
];
