//! What can be run in the lab's containers: the tools by which people look at Services from inside.
//!
//! Promises: requests go through the same network as any client's; what is printed has the form that the tool prints.

mod files;
mod http;
mod names;
mod shell;

use crate::cluster::Cluster;
use crate::kubectl::exec::{Executing, Pending, Step};
use crate::node::kubelet::Run;
use crate::time::{Nanos, decimal};

/// A command that is repeated without end stops after so many rounds.
const ROUNDS: i32 = 10_000;

/// What running a command came to.
enum Ran {
    /// It printed this and ended with a code.
    Ended(String, i32),
    /// A shell's own end, with a code.
    Leaves(i32),
    /// It waits.
    Waits(Pending),
    /// These take its place.
    Becomes(Vec<Step>),
    /// These take its place, again and again.
    Repeats(Vec<Step>),
}

impl Cluster {
    /// Lets a process in a container go on as far as it comes at this moment: its exit code, once it has ended.
    pub(super) fn run_tools(&mut self, run: &mut Executing) -> Result<Option<i32>, String> {
        let mut rounds = 0;
        loop {
            match self.pending(run) {
                None => return Ok(None),
                Some(Some((text, code))) => {
                    run.out.push_str(&text);
                    (run.code, run.state) = (code, None);
                    run.left.pop_front();
                }
                Some(None) => {}
            }
            while run.left.front().is_some_and(|step| step.after.is_some_and(|well| well != (run.code == 0))) {
                run.left.pop_front();
            }
            if run.left.is_empty() {
                rounds += 1;
                if run.again.is_empty() || rounds > ROUNDS {
                    return Ok(Some(run.code));
                }
                run.left.extend(run.again.iter().cloned());
            }
            let Some(words) = run.left.front().map(|step| step.words.clone()) else { return Ok(Some(run.code)) };
            match self.tool(run, &words)? {
                Ran::Ended(text, code) => {
                    run.out.push_str(&text);
                    run.code = code;
                    run.left.pop_front();
                }
                Ran::Leaves(code) => return Ok(Some(code)),
                Ran::Waits(pending) => run.state = Some(pending),
                Ran::Becomes(steps) => {
                    run.left.pop_front();
                    steps.into_iter().rev().for_each(|step| run.left.push_front(step));
                }
                Ran::Repeats(steps) => {
                    run.left.clear();
                    run.again = steps;
                }
            }
        }
    }

    /// What the first command waited for: not there yet (`None`), there, or it waits for nothing.
    fn pending(&self, run: &Executing) -> Option<Option<(String, i32)>> {
        match &run.state {
            None => Some(None),
            Some(Pending::Until { at, text, code }) => (*at <= self.now()).then(|| Some((text.clone(), *code))),
            Some(Pending::Asked { client, number }) => {
                let record = self.traffic().ended(client, *number)?;
                let words = run.left.front().map(|step| step.words.as_slice()).unwrap_or_default();
                Some(Some(http::told(words, record)))
            }
        }
    }

    fn tool(&mut self, run: &Executing, words: &[String]) -> Result<Ran, String> {
        let container = self.running(run)?;
        let name = words.first().map(String::as_str).unwrap_or_default();
        let (name, rest) = (name.rsplit('/').next().unwrap_or_default(), words.get(1..).unwrap_or_default());
        Ok(match name {
            "" => return Err("you must specify at least one command for the container".into()),
            "hostname" => Ran::Ended(files::hostname(self, run, rest), 0),
            "env" | "printenv" => Ran::Ended(files::env(self, run, container, rest), 0),
            "cat" => files::cat(self, run, rest),
            "exit" => {
                let code = rest.first().and_then(|code| code.parse().ok()).unwrap_or(run.code);
                Ran::Leaves(code)
            }
            "true" | ":" => Ran::Ended(String::new(), 0),
            "false" => Ran::Ended(String::new(), 1),
            "echo" => Ran::Ended(format!("{}\n", rest.join(" ")), 0),
            "pwd" => Ran::Ended("/\n".into(), 0),
            "whoami" => Ran::Ended("root\n".into(), 0),
            "sleep" => self.wait(rest.first().and_then(|s| seconds(s)).unwrap_or(0), String::new(), 0),
            "kill" | "killall" => {
                let crashed = self.crash(&run.pod);
                Ran::Ended(String::new(), i32::from(!crashed))
            }
            "sh" | "ash" | "bash" => {
                let variables = files::variables(self, run, container);
                shell::run(rest, &variables)?
            }
            "wget" | "curl" => match http::Ask::parse(name, rest) {
                Ok(ask) => self.ask(run, &ask),
                Err((text, code)) => Ran::Ended(text, code),
            },
            "nslookup" => self.nslookup(run, rest),
            _ => {
                return Err(format!(
                    "exec: {name:?}: executable file not found in $PATH (the lab's containers know wget, curl, nslookup, hostname, env, cat, echo, sleep, kill, true, false and sh -c)"
                ));
            }
        })
    }

    fn wait(&self, span: Nanos, text: String, code: i32) -> Ran {
        Ran::Waits(Pending::Until { at: self.now() + span, text, code })
    }

    /// The container that a process runs in, while it runs.
    fn running(&self, run: &Executing) -> Result<&Run, String> {
        let pod = self.api().get::<crate::api::Pod>(&run.pod).filter(|pod| pod.meta.uid == run.uid);
        let gone = || format!("unable to upgrade connection: container not found ({:?})", run.container);
        let container = self
            .container(pod.ok_or_else(gone)?, &run.container)
            .map_err(|why| if why.starts_with("dial ") { why } else { gone() })?;
        if container.is_running() { Ok(container) } else { Err(gone()) }
    }
}

/// `2`, `0.5`, `2s`.
fn seconds(text: &str) -> Option<Nanos> {
    decimal(text.strip_suffix('s').unwrap_or(text), 1_000_000_000).and_then(|n| u64::try_from(n).ok())
}
