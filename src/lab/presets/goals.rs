//! What there is to do in a preset, as data: the view looks whether it is reached.

/// What decides that a goal is reached: a state of the lab, or what has happened since the goal before it was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// A Pod is on its way out.
    PodEnds,
    /// The list behind the Service changed, and holds as many ready endpoints as the Deployment wants Pods.
    WholeAgain,
    /// Requests to Services were answered since.
    Answers,
    /// Requests to one Pod's address failed since.
    StubbornFails,
    /// So many ready endpoints.
    Endpoints(usize),
    /// Pods of a second revision.
    NewVersion,
    /// All wanted Pods are ready, and none is of the first revision.
    NewVersionOnly,
    /// All wanted Pods are ready, and all are of the first revision.
    FirstVersionOnly,
    /// No request to a Service has failed since 0:00.
    NoFailure,
    /// Every client was answered at least once since 0:00.
    AllAnswered,
    /// A node is cut off.
    NodeDown,
    /// A request from outside failed since.
    OutsideFails,
    /// All nodes have their network and are ready, and all clients were answered in the last second.
    NodesReady,
    /// A Pod lives that nobody owns.
    PodWithoutOwner,
    /// Every Pod has an owner, and one of them is on its way out.
    PodTakenBack,
}

/// Something to do, or to see happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// What it is.
    pub words: &'static str,
    /// When it is reached.
    pub reached: Reached,
}
