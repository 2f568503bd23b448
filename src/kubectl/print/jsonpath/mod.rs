//! kubectl's own JSONPath: `{.items[*].metadata.name}`, `{range …}…{end}`, filters, slices, unions.
//!
//! Promises: the output and the errors of client-go's `util/jsonpath` (where Go's order of map keys is random: sorted); bounded work.
//! Must not know: what an object is.

mod eval;
mod parse;

use super::go;
use crate::manifest::json;
use eval::{Evaluator, Item};
use parse::Node;
use serde_json::Value;

/// A parsed template.
#[derive(Debug, Clone)]
pub struct JsonPath {
    template: String,
    nodes: Vec<Node>,
    /// A field that is not there gives nothing instead of an error (kubectl's default).
    pub allow_missing_keys: bool,
}

impl JsonPath {
    /// Parses a template; the error is the parser's own text (`unclosed action`).
    pub fn parse(template: &str) -> Result<Self, String> {
        Ok(Self { template: template.to_owned(), nodes: parse::parse(template)?, allow_missing_keys: true })
    }

    /// What every part of the template finds, in order; texts are found values too.
    pub fn find(&self, value: &Value) -> Result<Vec<Vec<Value>>, String> {
        let found = self.items(value)?;
        Ok(found.into_iter().map(|items| items.into_iter().map(Item::into_value).collect()).collect())
    }

    fn items<'a>(&'a self, value: &'a Value) -> Result<Vec<Vec<Item<'a>>>, String> {
        Evaluator::new(&self.nodes, self.allow_missing_keys).find(value)
    }

    /// The template's output: `kubectl get -o jsonpath=…`. The error is what kubectl prints behind `error: `.
    pub fn print(&self, value: &Value) -> Result<String, String> {
        let found = self.items(value).map_err(|e| self.execution_error(value, &e))?;
        let mut out = String::new();
        for items in found {
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                item.print(&mut out);
            }
        }
        Ok(out)
    }

    /// `-o jsonpath-as-json=…`: every part as an indented list.
    pub fn print_json(&self, value: &Value) -> Result<String, String> {
        let found = self.items(value).map_err(|e| self.execution_error(value, &e))?;
        let lists = found.into_iter().map(|items| Value::Array(items.into_iter().map(Item::into_value).collect()));
        Ok(lists.map(|list| json::print(&list)).collect())
    }

    /// kubectl shows the template and the whole object beside the error.
    fn execution_error(&self, value: &Value, error: &str) -> String {
        format!(
            "error executing jsonpath {}: Error executing template: {error}. Printing more information for debugging the template:\n\
             \ttemplate was:\n\t\t{}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n\n",
            go::quote(&self.template),
            self.template,
            go::syntax(value)
        )
    }
}

/// `-o jsonpath=TEMPLATE` for one object (or list); errors as kubectl prints them, without `error: `.
pub fn print(template: &str, value: &Value) -> Result<String, String> {
    JsonPath::parse(template).map_err(|e| format!("error parsing jsonpath {template}, {e}"))?.print(value)
}

/// The full form of an expression that may lack its braces and first dot: `metadata.name` is `{.metadata.name}`.
pub fn relaxed(expression: &str) -> Result<String, String> {
    if expression.is_empty() {
        return Ok(String::new());
    }
    let inner = expression.strip_prefix('{').and_then(|e| e.strip_suffix('}')).unwrap_or(expression);
    let path = inner.strip_prefix('.').filter(|p| !p.is_empty()).unwrap_or(inner);
    if path.is_empty() || path.contains(['{', '}']) {
        return Err("unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'"
            .to_owned());
    }
    Ok(format!("{{.{path}}}"))
}
