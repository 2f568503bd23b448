//! A command that runs in a container, while time passes.

use super::cx::Cx;
use super::failure::Failure;
use super::wait::{Wait, Waited};
use crate::api::{Key, Kind, Pod};
use crate::apiserver::DeleteOptions;
use crate::time::{Nanos, SECOND};
use std::collections::VecDeque;
use std::rc::Rc;

/// A process in a container, and what it has printed since the last look.
#[derive(Clone, Debug, PartialEq)]
pub struct Executing {
    /// Its Pod.
    pub pod: Key,
    /// That Pod's uid.
    pub uid: String,
    /// Its container.
    pub container: String,
    /// Commands that are still to be run, in order: the first one is under way if `state` says so.
    pub left: VecDeque<Step>,
    /// Commands that are run again and again (`while true`).
    pub again: Vec<Step>,
    /// What the first command waits for.
    pub state: Option<Pending>,
    /// What was printed.
    pub out: String,
    /// The exit code of the last command.
    pub code: i32,
}

/// One command.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its words.
    pub words: Vec<String>,
    /// It runs only if the one before ended well (`&&`: `Some(true)`), or badly (`||`: `Some(false)`).
    pub after: Option<bool>,
}

/// What a command waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum Pending {
    /// The end of a time; then it prints, and ends with a code.
    Until {
        /// When.
        at: Nanos,
        /// What it prints.
        text: String,
        /// Its exit code.
        code: i32,
    },
    /// The end of a client's request.
    Asked {
        /// The client.
        client: Rc<str>,
        /// Which of its requests.
        number: u64,
    },
}

impl Executing {
    /// A command that begins.
    pub fn new(pod: &Pod, container: &str, command: &[String]) -> Executing {
        let first = Step { words: command.to_vec(), after: None };
        Executing {
            pod: Key::new(&pod.meta.namespace, &pod.meta.name),
            uid: pod.meta.uid.clone(),
            container: container.to_string(),
            left: VecDeque::from([first]),
            again: vec![],
            state: None,
            out: String::new(),
            code: 0,
        }
    }

    /// Lets it go on as far as it comes at this moment.
    fn go_on(&mut self, cx: &mut Cx) -> Result<Option<i32>, String> {
        let ended = cx.backend.exec(self);
        cx.out.push_str(&std::mem::take(&mut self.out));
        ended
    }

    /// Looks again.
    pub fn poll(mut self, cx: &mut Cx) -> Waited {
        match self.go_on(cx) {
            Ok(None) => Waited::Still(Wait::Exec(Box::new(self))),
            Ok(Some(0)) => Waited::Done,
            Ok(Some(code)) => Waited::Failed(exited(code)),
            // kubectl tries a WebSocket, then SPDY: the server dials twice.
            Err(why) if why.starts_with("dial ") => {
                let until = cx.backend.read().now() + 2 * DIAL_TIMEOUT;
                let failure = Failure::plain(format!("Error from server: error dialing backend: {why}"));
                Waited::Still(Wait::Dialing { until, failure })
            }
            Err(why) => Waited::Failed(internal(&why)),
        }
    }
}

/// How long the API server tries to reach a kubelet that does not answer.
pub const DIAL_TIMEOUT: Nanos = 30 * SECOND;

fn exited(code: i32) -> Failure {
    Failure::plain(format!("command terminated with exit code {code}")).with_code(code)
}

fn internal(why: &str) -> Failure {
    Failure::error(format!("Internal error occurred: {why}"))
}

/// What kubectl says when it is attached to a container.
const ATTACHED: &str = "All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.
If you don't see a command prompt, try pressing enter.";

/// `kubectl run -i`: a Pod whose command is watched to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Attached {
    /// The Pod.
    pub pod: Key,
    /// What runs in it.
    pub command: Vec<String>,
    /// Nothing is said about being attached (`--quiet`).
    pub quiet: bool,
    /// Whether the Pod goes with it (`--rm`).
    pub remove: bool,
    /// The process, once its container runs.
    pub process: Option<Executing>,
    /// The container was over before it was attached to.
    pub missed: bool,
}

impl Attached {
    /// Looks again.
    pub fn poll(mut self, cx: &mut Cx) -> Waited {
        let Some(pod) = cx.backend.read().get::<Pod>(&self.pod).cloned() else {
            return Waited::Failed(Failure::error(format!("pods {:?} not found", self.pod.name)));
        };
        let (status, spec) = (pod.status.container_statuses.first(), pod.spec.containers.first());
        let name = spec.map(|c| c.name.clone()).unwrap_or_default();
        let over = status.and_then(|c| c.state.terminated.as_ref()).filter(|_| pod.is_terminal());
        let code = match (&mut self.process, over) {
            (None, Some(end)) => {
                // Too late to attach: what it printed is in its log.
                let lines = cx.backend.logs(&pod, &name, false).unwrap_or_default();
                lines.iter().for_each(|(_, line)| cx.line(line));
                end.exit_code
            }
            (None, None) => {
                if !self.missed && status.is_some_and(|c| c.state.running.is_some()) {
                    if !self.quiet {
                        cx.line(ATTACHED);
                    }
                    self.process = Some(Executing::new(&pod, &name, &self.command));
                    return self.poll(cx);
                }
                return Waited::Still(Wait::Attached(Box::new(self)));
            }
            (Some(process), _) => match process.go_on(cx) {
                Ok(None) => return Waited::Still(Wait::Attached(Box::new(self))),
                Ok(Some(code)) => code,
                Err(why) if why.contains("not found (") => {
                    let Key { namespace, name: pod } = &self.pod;
                    cx.line(format!(
                        "warning: couldn't attach to pod/{pod}, falling back to streaming logs: Internal error occurred: unable to \
                         upgrade connection: container {name} not found in pod {pod}_{namespace}"
                    ));
                    (self.process, self.missed) = (None, true);
                    return Waited::Still(Wait::Attached(Box::new(self)));
                }
                Err(why) => {
                    cx.line(format!("error: {why}"));
                    1
                }
            },
        };
        if self.remove {
            let options = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
            let _ = cx.backend.api().delete(Kind::Pod, &self.pod, &options);
            cx.line(format!("pod {:?} deleted from {} namespace", self.pod.name, self.pod.namespace));
        }
        match code {
            0 => Waited::Done,
            code => {
                let why = format!("pod {}/{} terminated (Error)", self.pod.namespace, self.pod.name);
                Waited::Failed(Failure::plain(why).with_code(code))
            }
        }
    }
}
