//! What kubectl says when something went wrong, in its own shapes (`staging/kubectl/pkg/cmd/util/helpers.go`).

use crate::apiserver::Status;

/// Lines for the terminal (without the last line break); the exit code is 1 unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What is printed.
    pub text: String,
    /// The exit code.
    pub code: i32,
}

impl Failure {
    /// `error: …`
    pub fn error(text: impl std::fmt::Display) -> Failure {
        Failure { text: format!("error: {text}"), code: 1 }
    }

    /// Lines as they are.
    pub fn plain(text: impl Into<String>) -> Failure {
        Failure { text: text.into(), code: 1 }
    }

    /// The same with another exit code.
    pub fn with_code(self, code: i32) -> Failure {
        Failure { code, ..self }
    }

    /// `error: …` with the hint to a command's help.
    pub fn usage(command: &str, text: &str) -> Failure {
        Failure::error(format!("{text}\nSee 'kubectl {command} --help' for usage."))
    }

    /// A refusal of the server.
    pub fn status(status: &Status) -> Failure {
        Failure::plain(status_text(status))
    }

    /// A refusal of the server to an object from a file (`verb`: creating, applying patch…).
    pub fn from_file(status: &Status, verb: &str, file: &str) -> Failure {
        if status.reason == "Invalid" {
            return Failure::status(status);
        }
        let mut wrapped = status.clone();
        wrapped.message = format!("error when {verb} {file:?}: {}", status.message);
        Failure::status(&wrapped)
    }

    /// Several, each on its own lines.
    pub fn join(all: Vec<Failure>) -> Failure {
        let mut texts: Vec<String> = vec![];
        for failure in all {
            if !texts.contains(&failure.text) {
                texts.push(failure.text);
            }
        }
        Failure::plain(texts.join("\n"))
    }
}

/// A refusal as kubectl prints it.
pub fn status_text(status: &Status) -> String {
    match status.reason {
        "Invalid" if !status.kind.is_empty() => {
            let head = format!("The {} {:?} is invalid: ", status.kind, status.name);
            match status.causes.as_slice() {
                [] => format!("The {} {:?} is invalid", status.kind, status.name),
                [one] => format!("{head}{}: {}", one.field, one.message),
                many => {
                    let lines: Vec<String> = many.iter().map(|c| format!("* {}: {}", c.field, c.message)).collect();
                    format!("{head}\n{}", lines.join("\n"))
                }
            }
        }
        "" => format!("Error from server: {}", status.message),
        reason => format!("Error from server ({reason}): {}", status.message),
    }
}
