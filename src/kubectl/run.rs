//! One command line from start to end: some end at once, some wait while virtual time passes.

use super::cx::{Backend, Cx, Session};
use super::failure::Failure;
use super::wait::{Wait, Waited};
use super::{verbs, words};
use crate::apiserver::admission::FieldValidation;
use std::collections::BTreeMap;

/// A command line and what it has printed so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The line as typed.
    pub line: String,
    /// What it printed, stdout and stderr as a terminal shows them.
    pub text: String,
    /// The exit code; `None` while it still runs.
    pub exit: Option<i32>,
    wait: Option<Wait>,
}

impl Run {
    /// Starts a command line (with or without the word `kubectl` in front).
    pub fn start(line: &str, backend: &mut dyn Backend, session: &mut Session, stdin: &str) -> Run {
        let mut run = Run { line: line.to_string(), text: String::new(), exit: None, wait: None };
        let (line, here) = words::heredoc(line);
        let stdin = here.as_deref().unwrap_or(stdin);
        let mut words = match words::split(&line) {
            Ok(words) => words,
            Err(why) => {
                run.fail(&Failure::error(why));
                return run;
            }
        };
        let environment = words::assignments(&mut words);
        let args = match words.first().map(String::as_str) {
            Some("kubectl" | "k") => &words[1..],
            _ => &words[..],
        };
        let mut cx = Cx {
            backend,
            session,
            stdin,
            environment,
            field_validation: FieldValidation::Warn,
            record: None,
            out: String::new(),
            warned: 0,
            wait: None,
        };
        // What the server last said was said to somebody else.
        cx.backend.api().take_warnings();
        cx.backend.api().set_client(Some(verbs::client(args)));
        let result = verbs::dispatch(&mut cx, args);
        cx.backend.api().set_client(None);
        run.text = cx.out;
        run.wait = cx.wait;
        let strict = args.iter().any(|word| word == "--warnings-as-errors" || word == "--warnings-as-errors=true");
        match result {
            Ok(()) if strict && cx.warned > 0 && run.wait.is_none() => {
                let what = if cx.warned == 1 { "warning" } else { "warnings" };
                run.fail(&Failure::error(format!("{} {what} received", cx.warned)));
            }
            Ok(()) => run.settle(),
            Err(failure) => run.fail(&failure),
        }
        run.poll(backend, session);
        run
    }

    /// Looks whether what it waits for has come. Returns whether it has ended.
    pub fn poll(&mut self, backend: &mut dyn Backend, session: &mut Session) -> bool {
        let Some(wait) = self.wait.take() else { return true };
        let mut cx = Cx {
            backend,
            session,
            stdin: "",
            environment: BTreeMap::new(),
            field_validation: FieldValidation::Warn,
            record: None,
            out: String::new(),
            warned: 0,
            wait: None,
        };
        let waited = wait.poll(&mut cx);
        self.text.push_str(&cx.out);
        match waited {
            Waited::Still(wait) => self.wait = Some(wait),
            Waited::Done => self.exit = Some(0),
            Waited::Failed(failure) => self.fail(&failure),
        }
        self.exit.is_some()
    }

    /// Stops it, as Ctrl-C does.
    pub fn interrupt(&mut self) {
        if self.exit.is_none() {
            self.wait = None;
            self.exit = Some(130);
        }
    }

    fn settle(&mut self) {
        if self.wait.is_none() {
            self.exit = Some(0);
        }
    }

    fn fail(&mut self, failure: &Failure) {
        self.text.push_str(&failure.text);
        if !failure.text.is_empty() {
            self.text.push('\n');
        }
        self.wait = None;
        self.exit = Some(failure.code);
    }
}
