//! What the help tells: how to read the scene, Kubernetes' words, what is simulated.

/// How to read the scene.
pub const LEGEND: &[(&str, &str)] = &[
    (
        "● ✕ ○ ▲",
        "Requests: a dot is on its way or answered, a cross was refused or broken, a ring waits or got no answer in time, a triangle was answered with an error. A dot takes the colour of the version that serves it.",
    ),
    (
        "The tall bar",
        "The Service. Its address belongs to no machine: each node's part of the bar is that node's kube-proxy, with the endpoints that its rules know now, and how far behind they are.",
    ),
    (
        "Cards",
        "Pods. Blue and orange tell versions apart. A dashed border is starting, a dotted one is ending with the seconds that are left, a thick red one has crashed or has no image.",
    ),
    ("Blue blocks at the nodes' left edges", "Node ports: the same port on every node leads in from outside."),
    ("The red dashed way", "The stubborn client: it holds on to one Pod's address and goes around the bar."),
    (
        "The chart below",
        "Who held which address. Drag its line to go back to any moment; act there, and the run goes on from there.",
    ),
    (
        "Buttons",
        "↺ begins anew, ‖ stops time and ▶ lets it go on, ▸| goes on by a quarter of a second, ◐ changes the colours. In the scene ≡ says in words what is shown, ⤓ saves pictures and what was done. ⟨ and ⟩ fold a column away.",
    ),
    (
        "Labels",
        "The rounded marks. Take one from a Service or a Pod by a click, or drag it, and put it on another: who has the labels that a Service selects gets its requests.",
    ),
    (
        "Keys",
        "Ctrl+K does everything by name. K kills a Pod, N cuts a node off or brings it back, R makes a Pod unready, L shows its labels (a switch below the traffic turns these off). In the scene + and − come nearer and go farther, arrow keys move, 0 shows all.",
    ),
];

/// The heading over [`WORDS`].
pub const WORDS_HERE: &str = "Words";

/// Kubernetes' words on this page, for the first week.
pub const WORDS: &[(&str, &str)] = &[
    (
        "Pod",
        "One running copy of a program, with an address of its own. It is never mended: a new one with a new address takes its place.",
    ),
    (
        "Deployment",
        "Keeps a number of Pods of one version alive (replicas), and replaces them one after another when the version changes: a rollout.",
    ),
    ("Service", "One name and one address that stay, for whichever Pods have the labels that it selects."),
    (
        "ClusterIP, NodePort",
        "The Service's address inside the cluster, and the port on every node that leads to it from outside.",
    ),
    (
        "Endpoint, EndpointSlice",
        "A ready Pod's address and port behind a Service, and the list that holds them. Every node copies that list.",
    ),
    (
        "kube-proxy",
        "Turns the list into rules on its node, which choose a Pod for each new connection. In sync: the rules are as the list is. Behind: it has news to write yet.",
    ),
    ("DNS, TTL", "How a client gets the address from the name, and how long it may remember the answer."),
    ("Ready, probe", "A Pod is sent requests only while it is ready. A probe is the question by which its node finds out."),
    ("Median, p99", "Half of the requests were answered within the first time, 99 of 100 within the second."),
];

/// What is simulated, in short: each line is a promise or a simplification.
pub const SIMULATED: &[(&str, &str)] = &[
    (
        "Kubernetes 1.37",
        "Object rules, messages, events and kubectl's output follow version 1.37 and are compared with recordings of it.",
    ),
    (
        "API server, controllers, scheduler",
        "They work by watches that arrive later, as in a cluster. There is no etcd and one API server.",
    ),
    ("kubelet", "Starts, probes and stops simulated containers. Every image but busybox is one small web server."),
    (
        "kube-proxy",
        "Each node has its own list, rules and delay, in three modes. Every request is decided by walking those rules.",
    ),
    ("Network", "Delays are drawn from the run's seed. Nothing is lost but by rules, dead Pods and cut-off nodes."),
    ("Limits", "At most 10,000 Pods and 5,000 nodes; the lab says so when you ask for more."),
];
