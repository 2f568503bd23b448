//! `-o`: objects as YAML, JSON, names, JSONPath, columns or a template.

use crate::api::Object;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::print::custom_columns::CustomColumns;
use crate::kubectl::print::go_template::GoTemplate;
use crate::kubectl::print::jsonpath::JsonPath;
use crate::manifest;
use serde_json::{Value, json};

/// How objects are to be printed.
#[derive(Clone, Debug)]
pub enum Output {
    /// The table; wide or not.
    Table(bool),
    /// `-o yaml`
    Yaml,
    /// `-o json`
    Json,
    /// `-o name`
    Name,
    /// `-o jsonpath=…`
    JsonPath(Box<JsonPath>),
    /// `-o custom-columns=…`
    Columns(CustomColumns),
    /// `-o go-template=…`
    Template(Box<GoTemplate>),
}

const FORMATS: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";

impl Output {
    /// Reads the value of `-o`.
    pub fn parse(text: Option<&str>) -> Result<Output, Failure> {
        let Some(text) = text else { return Ok(Output::Table(false)) };
        let (format, argument) = text.split_once('=').unwrap_or((text, ""));
        Ok(match format {
            "" => Output::Table(false),
            "wide" => Output::Table(true),
            "yaml" | "kyaml" => Output::Yaml,
            "json" => Output::Json,
            "name" => Output::Name,
            "jsonpath" | "jsonpath-as-json" if argument.is_empty() => {
                return Err(Failure::error("template format specified but no template given"));
            }
            "jsonpath" | "jsonpath-as-json" => {
                let path = JsonPath::parse(argument)
                    .map_err(|why| Failure::error(format!("error parsing jsonpath {argument}, {why}")))?;
                Output::JsonPath(Box::new(path))
            }
            "go-template" | "template" if argument.is_empty() => {
                return Err(Failure::error("template format specified but no template given"));
            }
            "go-template" | "template" => {
                let parsed = GoTemplate::parse(argument)
                    .map_err(|why| Failure::error(format!("error parsing template {argument}, {why}")))?;
                Output::Template(Box::new(parsed))
            }
            "custom-columns" => Output::Columns(CustomColumns::parse(argument, false).map_err(Failure::error)?),
            other => {
                let text =
                    format!("unable to match a printer suitable for the output format {other:?}, allowed formats are: {FORMATS}");
                return Err(Failure::error(text));
            }
        })
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        matches!(self, Output::Table(_))
    }

    /// Prints objects in a form that is no table: one as itself, several as a list.
    pub fn print(&self, cx: &mut Cx, objects: &[Object], single: bool) -> Result<(), Failure> {
        match self {
            Output::Name => {
                for object in objects {
                    cx.line(format!("{}/{}", object.kind().qualified(), object.meta().name));
                }
                Ok(())
            }
            _ => self.print_value(cx, &tree(objects, single)),
        }
    }

    /// Prints one tree.
    pub fn print_value(&self, cx: &mut Cx, value: &Value) -> Result<(), Failure> {
        match self {
            Output::Yaml => cx.out.push_str(&manifest::yaml::print(value)),
            Output::Json => cx.out.push_str(&manifest::json::print(value)),
            Output::JsonPath(path) => {
                let text = path.print(value).map_err(Failure::error)?;
                end_line(cx, &text);
            }
            Output::Name => {
                let text = |field: &Value| field.as_str().unwrap_or_default().to_string();
                let kind = crate::api::Kind::from_manifest(&text(&value["apiVersion"]), &text(&value["kind"]));
                let word = kind.map(crate::api::Kind::qualified).unwrap_or_default();
                cx.line(format!("{word}/{}", text(&value["metadata"]["name"])));
            }
            Output::Columns(columns) => {
                let (text, result) = columns.print(value);
                cx.out.push_str(&text);
                result.map_err(Failure::error)?;
            }
            Output::Template(template) => {
                let (text, result) = template.print(value);
                end_line(cx, &text);
                result.map_err(Failure::error)?;
            }
            Output::Table(_) => {}
        }
        Ok(())
    }
}

/// Text of a template: the terminal begins a new line for what follows.
fn end_line(cx: &mut Cx, text: &str) {
    cx.out.push_str(text);
    if !text.is_empty() && !text.ends_with('\n') {
        cx.out.push('\n');
    }
}

/// One object as itself; several (or a list of none) as a `List`.
pub fn tree(objects: &[Object], single: bool) -> Value {
    match objects {
        [one] if single => one.to_value(),
        _ => {
            let items: Vec<Value> = objects.iter().map(Object::to_value).collect();
            json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})
        }
    }
}
