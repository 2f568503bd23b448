//! What the API server accepts, and in which words it refuses.

pub mod field;
pub mod ip;
pub mod names;
pub mod quote;

pub use field::{ErrorKind, FieldError};
