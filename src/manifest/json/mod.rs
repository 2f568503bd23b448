//! JSON as Go reads and writes it.
//!
//! Promises: the errors of `encoding/json`'s decoder, the bytes of its encoder. Must not know: what the values are for.

mod print;
mod read;

pub use print::{compact, print};
pub use read::{JsonError, Read, Stream, read_one};
