//! YAML 1.1 as kubectl reads and writes it (sigs.k8s.io/yaml over go-yaml v2).
//!
//! Promises: the values, the error messages and the printed bytes of go-yaml. Must not know: documents of a stream (that is `manifest::read`).

mod compose;
mod cursor;
mod node;
mod parser;
mod print;
pub(crate) mod resolve;
mod scalar;
mod scanner;
mod style;
mod tag;
mod token;

pub use print::print;

use super::position::Positions;
use cursor::Mark;
use serde_json::Value;

/// A document that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    /// The text behind `error converting YAML to JSON: `.
    pub message: String,
    /// Where it is, counted from 1 (go-yaml's own line, in the message, is often another).
    pub line: usize,
    pub column: usize,
}

impl YamlError {
    fn at(message: String, mark: Mark) -> Self {
        Self { message, line: mark.line + 1, column: mark.column + 1 }
    }

    /// An error without a line in its message.
    fn unplaced(problem: &str, mark: Mark) -> Self {
        Self::at(format!("yaml: {problem}"), mark)
    }

    /// The scanner's errors name their line, but never the first one.
    fn scanner(problem: &str, mark: Mark) -> Self {
        match mark.line {
            0 => Self::unplaced(problem, mark),
            line => Self::at(format!("yaml: line {}: {problem}", line + 1), mark),
        }
    }

    /// The parser's errors name the line before their own.
    fn parser(problem: &str, mark: Mark) -> Self {
        match mark.line {
            0 => Self::unplaced(problem, mark),
            line => Self::at(format!("yaml: line {line}: {problem}"), mark),
        }
    }
}

/// A document's value, where its parts are, and the keys that it sets twice (which kubectl overlooks: the last one counts).
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    pub value: Value,
    pub positions: Positions,
    pub duplicates: Vec<YamlError>,
}

/// Reads the first document of `text`; what follows it is not looked at, as go-yaml does. Lines count from 1 at the start of `text`.
pub fn parse(text: &str) -> Result<Parsed, YamlError> {
    match parser::parse(text)? {
        Some(tree) => compose::compose(&tree),
        None => Ok(Parsed::default()),
    }
}
