//! What a command waits for after it has done its work: kubectl polls or watches, the lab looks again when time has passed.

use super::cx::Cx;
use super::failure::Failure;
use crate::api::{Key, Kind};
use crate::time::Nanos;

/// Something that a command waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
    /// Until these objects (kind, key, uid) are gone.
    Gone {
        /// What must go.
        objects: Vec<(Kind, Key, String)>,
        /// When the command gives up.
        deadline: Option<Nanos>,
        /// What is printed then, and done after.
        then: Then,
    },
    /// `rollout status`.
    Rollout(super::verbs::rollout::Watching),
    /// `kubectl wait`.
    Condition(Box<super::verbs::wait::Waiting>),
    /// `drain`.
    Drain(super::verbs::drain::Draining),
    /// `logs -f`.
    Logs(super::verbs::logs::Following),
    /// `get -w`.
    Watch(Box<super::verbs::watch::Watching>),
    /// `exec`.
    Exec(Box<super::exec::Executing>),
    /// `run -i`.
    Attached(Box<super::exec::Attached>),
    /// `scale --timeout`.
    Scale(super::verbs::scale::Scaling),
    /// A server that tries to reach a node in vain, until it gives up.
    Dialing {
        /// When.
        until: Nanos,
        /// What the command says then.
        failure: Failure,
    },
}

/// What follows when the objects are gone.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// Nothing.
    Nothing,
    /// `replace --force`, `apply --force`: the objects are made anew.
    Create {
        /// The objects.
        values: Vec<serde_json::Value>,
        /// Not before then.
        soonest: Nanos,
        /// What is said of each.
        done: &'static str,
    },
}

/// What became of a wait.
pub enum Waited {
    /// Not yet.
    Still(Wait),
    /// Done.
    Done,
    /// It failed.
    Failed(Failure),
}

impl Wait {
    /// Looks again. Prints go to `cx`.
    pub fn poll(self, cx: &mut Cx) -> Waited {
        match self {
            Wait::Gone { mut objects, deadline, then } => {
                objects
                    .retain(|(kind, key, uid)| cx.backend.read().store().get(*kind, key).is_some_and(|o| o.meta().uid == *uid));
                if !objects.is_empty() {
                    if deadline.is_some_and(|at| cx.backend.read().now() >= at) {
                        let (kind, key, _) = &objects[0];
                        let text = format!("timed out waiting for the condition on {}/{}", kind.info().plural, key.name);
                        return Waited::Failed(Failure::error(text));
                    }
                    return Waited::Still(Wait::Gone { objects, deadline, then });
                }
                match then {
                    Then::Nothing => Waited::Done,
                    Then::Create { soonest, .. } if cx.backend.read().now() < soonest => {
                        Waited::Still(Wait::Gone { objects, deadline, then })
                    }
                    Then::Create { values, done, .. } => match super::verbs::replace::create_again(cx, values, done) {
                        Ok(()) => Waited::Done,
                        Err(failure) => Waited::Failed(failure),
                    },
                }
            }
            Wait::Rollout(watching) => watching.poll(cx),
            Wait::Condition(waiting) => waiting.poll(cx),
            Wait::Drain(draining) => draining.poll(cx),
            Wait::Logs(following) => following.poll(cx),
            Wait::Watch(watching) => watching.poll(cx),
            Wait::Exec(process) => process.poll(cx),
            Wait::Attached(attached) => attached.poll(cx),
            Wait::Scale(scaling) => scaling.poll(cx),
            Wait::Dialing { until, failure } if cx.backend.read().now() >= until => Waited::Failed(failure),
            Wait::Dialing { .. } => Waited::Still(self),
        }
    }
}
