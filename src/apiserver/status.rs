//! What the API server answers when it does not do what was asked (`metav1.Status`).

use crate::api::Kind;

/// One reason of a refusal, for a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// Path of the field (`spec.ports[0].port`).
    pub field: String,
    /// The error without its path (`Invalid value: 0: must be …`).
    pub message: String,
}

/// A refusal with Kubernetes' own reason, code and words.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// HTTP code (404, 409, 422…).
    pub code: u16,
    /// `NotFound`, `Invalid`…; empty for plain errors.
    pub reason: &'static str,
    /// The message.
    pub message: String,
    /// For `Invalid`: the kind as kubectl names it (`Service`), the object's name, and one cause a field.
    pub kind: String,
    /// Name of the object in question, if there is one.
    pub name: String,
    /// Field errors in the server's order.
    pub causes: Vec<Cause>,
}

impl Status {
    /// A refusal without causes.
    pub fn new(code: u16, reason: &'static str, message: String) -> Status {
        Status { code, reason, message, kind: String::new(), name: String::new(), causes: vec![] }
    }

    /// `services "x" not found`.
    pub fn not_found(kind: Kind, name: &str) -> Status {
        Status { name: name.into(), ..Status::new(404, "NotFound", format!("{} {name:?} not found", kind.resource())) }
    }

    /// `services "x" already exists`.
    pub fn already_exists(kind: Kind, name: &str) -> Status {
        Status { name: name.into(), ..Status::new(409, "AlreadyExists", format!("{} {name:?} already exists", kind.resource())) }
    }

    /// The object was changed since it was read.
    pub fn conflict(kind: Kind, name: &str) -> Status {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        let message = format!("Operation cannot be fulfilled on {} {name:?}: {why}", kind.resource());
        Status { name: name.into(), ..Status::new(409, "Conflict", message) }
    }

    /// The request makes no sense.
    pub fn bad_request(message: String) -> Status {
        Status::new(400, "BadRequest", message)
    }

    /// Not allowed in this state.
    pub fn forbidden(kind: Kind, name: &str, why: &str) -> Status {
        let message = format!("{} {name:?} is forbidden: {why}", kind.resource());
        Status { name: name.into(), ..Status::new(403, "Forbidden", message) }
    }

    /// Something failed inside.
    pub fn internal(why: &str) -> Status {
        Status::new(500, "InternalError", format!("Internal error occurred: {why}"))
    }

    /// Field errors: `Service "x" is invalid: …` with one cause each (equal ones merged).
    pub fn invalid(kind: Kind, name: &str, mut causes: Vec<Cause>) -> Status {
        let mut seen: Vec<Cause> = vec![];
        causes.retain(|c| {
            let new = !seen.contains(c);
            if new {
                seen.push(c.clone());
            }
            new
        });
        let texts: Vec<String> = causes.iter().map(|c| format!("{}: {}", c.field, c.message)).collect();
        let list = if texts.len() == 1 { texts[0].clone() } else { format!("[{}]", texts.join(", ")) };
        let info = kind.info();
        let qualified = if info.group.is_empty() { info.name.to_string() } else { format!("{}.{}", info.name, info.group) };
        let message = format!("{qualified} {name:?} is invalid: {list}");
        Status { kind: info.name.into(), name: name.into(), causes, ..Status::new(422, "Invalid", message) }
    }
}
