//! Text in kubectl's own shapes: tables, ages, JSONPath, templates.
//!
//! Promises: the same bytes as kubectl 1.37 for the same input. What works on `serde_json::Value` knows no kind of object.
//! Must not know: where the objects come from.

pub mod custom_columns;
pub mod duration;
pub mod events;
pub mod go;
pub mod go_template;
pub mod jsonpath;
pub mod rows;
pub mod table;
pub mod tabwriter;
