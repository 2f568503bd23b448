//! How typed objects become JSON trees and come back, as Go's decoder with strict field checking would do it.
//!
//! Promises: decoding never panics; unknown fields are collected in the order of the text; the first wrong type
//! is reported in Go's words; a value that was decoded and encoded again is the same but for Go's `omitempty`.

mod decoder;
pub mod kinds;
mod record;
mod values;

pub use decoder::Decoder;
pub use record::{Record, decode_record, encode_record};

use serde_json::Value;

/// A type with a JSON form.
pub trait Json: Sized {
    /// Go's name of the type, for error texts.
    fn go_type() -> String;
    /// `None` when the value is null or of a wrong type (which `d` then knows).
    fn decode(value: &Value, d: &mut Decoder) -> Option<Self>;
    /// The JSON form.
    fn encode(&self) -> Value;
    /// Whether Go's `omitempty` would leave it out.
    fn is_empty(&self) -> bool {
        false
    }
}
