//! `-o go-template=…`: Go's text templates over an object, as kubectl runs them.
//!
//! Promises: the output and the errors of `text/template` for the values that JSON has; bounded work and depth. Must not know: what an object is.

mod call;
mod eval;
mod expr;
mod funcs;
mod lex;
mod literal;
mod node;
mod parse;
mod printf;
mod value;

use super::go;
use crate::manifest::json;
use serde_json::Value;

/// A parsed template.
#[derive(Debug, Clone)]
pub struct GoTemplate {
    text: String,
    parsed: parse::Parsed,
    /// A key that is not there gives `<no value>` instead of an error (kubectl's default).
    pub allow_missing_keys: bool,
}

impl GoTemplate {
    /// Parses a template; the error is Go's own text (`template: output:1: …`).
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self { text: text.to_owned(), parsed: parse::parse(text)?, allow_missing_keys: true })
    }

    /// What kubectl prints for the object; after an error that includes its long explanation, and the error goes behind `error: `.
    pub fn print(&self, object: &Value) -> (String, Result<(), String>) {
        let mut evaluator = eval::Evaluator::new(&self.text, &self.parsed, !self.allow_missing_keys);
        let Err(error) = evaluator.run(object) else { return (evaluator.out, Ok(())) };
        let out = format!(
            "{}Error executing template: {error}. Printing more information for debugging the template:\n\
             \ttemplate was:\n\t\t{}\n\traw data was:\n\t\t{}\n\tobject given to template engine was:\n\t\t{}\n\n",
            evaluator.out,
            self.text,
            json::compact(object),
            go::plain(object)
        );
        (out, Err(format!("error executing template {}: {error}", go::quote(&self.text))))
    }
}

/// `-o go-template=TEMPLATE` for one object (or list): the output, and the error as kubectl prints it, without `error: `.
pub fn print(template: &str, object: &Value) -> (String, Result<(), String>) {
    match GoTemplate::parse(template) {
        Ok(parsed) => parsed.print(object),
        Err(e) => (String::new(), Err(format!("error parsing template {template}, {e}"))),
    }
}
