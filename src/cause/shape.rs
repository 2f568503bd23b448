//! Where each property of a Pod comes from: the write that last changed it in the template.

use super::Cause;

/// A property of a Pod template by which its Pods can fail a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The image.
    Image,
    /// The port that the process listens on.
    Port,
    /// How long it takes to listen, or to be ready.
    Start,
    /// When it turns unready by itself.
    Unready,
    /// When it exits by itself.
    Crash,
    /// Its share of errors.
    Errors,
    /// How long it takes to answer.
    Latency,
    /// How it stops: grace period, hooks, what it does on SIGTERM.
    Stop,
    /// Its probes.
    Probes,
}

/// All fields.
pub const FIELDS: [Field; 9] = [
    Field::Image,
    Field::Port,
    Field::Start,
    Field::Unready,
    Field::Crash,
    Field::Errors,
    Field::Latency,
    Field::Stop,
    Field::Probes,
];

/// The write that each field goes back to.
#[derive(Debug, PartialEq)]
pub struct Shape {
    origins: Vec<Cause>,
}

impl Shape {
    /// Everything as one write made it.
    pub fn all(origin: &Cause) -> Shape {
        Shape { origins: FIELDS.iter().map(|_| origin.clone()).collect() }
    }

    /// What this shape becomes by a write that changed the fields for which `changed` says so.
    pub fn with(&self, origin: &Cause, changed: impl Fn(Field) -> bool) -> Shape {
        let pick = |(field, old): (&Field, &Cause)| if changed(*field) { origin.clone() } else { old.clone() };
        Shape { origins: FIELDS.iter().zip(&self.origins).map(pick).collect() }
    }

    /// The write that a field goes back to.
    pub fn of(&self, field: Field) -> &Cause {
        &self.origins[field as usize]
    }
}
