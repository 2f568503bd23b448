//! YAML and JSON text to trees of values, with line and column for every problem, and back.
//!
//! Promises: bad text never panics and never costs more than its limits; what is printed can be read again.
//! Must not know: what a Pod is (that is `api`), where the text came from.

pub mod base64;
pub mod diff;
pub mod highlight;
pub mod json;
pub mod kyaml;
pub mod limits;
pub mod number;
pub mod position;
pub mod quote;
mod read;
pub mod yaml;

pub use position::{Position, Positions};
pub use read::{Document, Problem, Read, read};
