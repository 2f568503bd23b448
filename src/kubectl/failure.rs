//! Errors as kubectl words them (`staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go`).

use crate::apiserver::Status;

/// Lines for the terminal (without the last line break); the exit code is 1 unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What is printed when it is the only one.
    pub text: String,
    /// What is printed when it is one of several.
    among: String,
    /// The exit code.
    pub code: i32,
    /// Whether the server found nothing of that name.
    pub not_found: bool,
}

impl Failure {
    /// `error: …`; among several errors without the first word.
    pub fn error(text: impl std::fmt::Display) -> Failure {
        let among = text.to_string();
        let text = if among.starts_with("error: ") { among.clone() } else { format!("error: {among}") };
        Failure { text, among, code: 1, not_found: false }
    }

    /// Lines as they are.
    pub fn plain(text: impl Into<String>) -> Failure {
        let text = text.into();
        Failure { among: text.clone(), text, code: 1, not_found: false }
    }

    /// The same with another exit code.
    pub fn with_code(self, code: i32) -> Failure {
        Failure { code, ..self }
    }

    /// A command line that makes no sense to the flag parser: `error: …` with the hint to a command's help.
    pub fn usage(command: &str, text: &str) -> Failure {
        Failure::error(format!("{text}\nSee 'kubectl {command} --help' for usage."))
    }

    /// A command line that makes no sense to the command: `error: …` with its hint (`UsageErrorf`).
    pub fn help(command: &str, text: &str) -> Failure {
        Failure::error(format!("{text}\nSee 'kubectl {command} -h' for help and examples"))
    }

    /// A refusal of the server.
    pub fn status(status: &Status) -> Failure {
        let among = match status.reason {
            "" => format!("Error from server: {}", status.message),
            reason => format!("Error from server ({reason}): {}", status.message),
        };
        Failure { text: status_text(status), among, code: 1, not_found: status.reason == "NotFound" }
    }

    /// A refusal of the server to an object from a file (`verb`: creating, applying patch…).
    pub fn from_file(status: &Status, verb: &str, file: &str) -> Failure {
        let mut wrapped = status.clone();
        wrapped.message = format!("error when {verb} {file:?}: {}", status.message);
        Failure::status(&wrapped)
    }

    /// A resource that has no object of this name (`resource` as in `statefulsets.apps`).
    pub fn not_there(resource: &str, name: &str) -> Failure {
        let text = format!("Error from server (NotFound): {resource} {name:?} not found");
        Failure { not_found: true, ..Failure::plain(text) }
    }

    /// Several, each on its own lines.
    pub fn join(mut all: Vec<Failure>) -> Failure {
        if all.len() == 1 {
            return all.remove(0);
        }
        let texts: Vec<&str> = all.iter().map(|f| f.among.trim_end_matches('\n')).collect();
        Failure::plain(texts.join("\n"))
    }

    /// Done without failures, or all of them joined.
    pub fn result(all: Vec<Failure>) -> Result<(), Failure> {
        if all.is_empty() { Ok(()) } else { Err(Failure::join(all)) }
    }

    /// The same without `error: ` in front, as kubectl prints what its own mapper of resources says.
    pub fn bare(self) -> Failure {
        Failure { text: self.among.clone(), ..self }
    }

    /// What it says inside another message: Go's `err.Error()`.
    pub fn message(&self) -> &str {
        &self.among
    }
}

/// A refusal as kubectl prints it.
pub fn status_text(status: &Status) -> String {
    let head = match (status.reason, status.kind.is_empty() && status.name.is_empty()) {
        ("Invalid", true) if status.causes.is_empty() => return format!("The request is invalid: {}", status.message),
        ("Invalid", true) => "The request is invalid".to_string(),
        ("Invalid", false) => format!("The {} {:?} is invalid", status.kind, status.name),
        ("", _) => return format!("Error from server: {}", status.message),
        (reason, _) => return format!("Error from server ({reason}): {}", status.message),
    };
    match status.causes.as_slice() {
        [] => head,
        [one] => format!("{head}: {}: {}", one.field, one.message),
        many => {
            let lines: Vec<String> = many.iter().map(|c| format!("* {}: {}", c.field, c.message)).collect();
            format!("{head}: \n{}", lines.join("\n"))
        }
    }
}
