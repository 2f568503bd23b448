//! Why things are as they are: every deed knows the deeds that it happened because of, back to a person's command.
//!
//! Promises: a deed is written down when it happens and never changes; deeds that nothing names any more are forgotten, so
//! what is remembered is bounded by what the cluster holds; nothing in the model is decided by them.
//! Must not know: who records them, how they are told.

mod shape;
mod what;

pub use shape::{Field, Shape};
pub use what::{Act, Behind, Doing, Means, Mishap, What};

use crate::time::Nanos;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// Something that happened.
pub struct Deed {
    /// When (virtual time).
    pub at: Nanos,
    /// What.
    pub what: What,
    /// What it happened because of; without the first of these it would not have happened then.
    pub because: Vec<Cause>,
    /// Of a write that shapes Pods: which write each property of them goes back to.
    pub shape: Option<Rc<Shape>>,
}

/// A deed, shared. Two causes are equal if they are the same deed.
#[derive(Clone)]
pub struct Cause(Rc<Deed>);

impl Cause {
    /// Writes a deed down.
    pub fn new(at: Nanos, what: What, because: Vec<Cause>) -> Cause {
        Cause(Rc::new(Deed { at, what, because, shape: None }))
    }

    /// The same deed, of which it is also known where each property of the Pods that it shapes comes from.
    pub fn shaped(&self, shape: Rc<Shape>) -> Cause {
        Cause(Rc::new(Deed { at: self.at, what: self.what.clone(), because: self.because.clone(), shape: Some(shape) }))
    }

    /// The way back to the first cause: this deed, what it happened because of first of all, and so on.
    pub fn chain(&self) -> Vec<&Deed> {
        let mut chain: Vec<&Deed> = vec![self];
        while let Some(next) = chain.last().and_then(|deed| deed.because.first()) {
            chain.push(next);
        }
        chain
    }

    /// The first cause.
    pub fn root(&self) -> &Deed {
        let mut deed: &Deed = self;
        while let Some(next) = deed.because.first() {
            deed = next;
        }
        deed
    }
}

impl Deref for Cause {
    type Target = Deed;
    fn deref(&self) -> &Deed {
        &self.0
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Cause) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ns: {:?} ({} causes)", self.at, self.what, self.because.len())
    }
}

/// The later of two causes.
pub fn later(a: Option<&Cause>, b: Option<&Cause>) -> Option<Cause> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.at > a.at { b } else { a }.clone()),
        (a, b) => a.or(b).cloned(),
    }
}
