//! `-o`: objects as YAML, JSON, KYAML, names, JSONPath, columns or a template.

use super::create::DryRun;
use crate::api::Object;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use crate::kubectl::print::custom_columns::CustomColumns;
use crate::kubectl::print::go_template::GoTemplate;
use crate::kubectl::print::jsonpath::JsonPath;
use crate::manifest;
use serde_json::{Value, json};

/// How objects are to be printed.
#[derive(Clone, Debug)]
pub enum Output {
    /// The table; wide or not. Commands that change something say what they did.
    Table(bool),
    /// `-o yaml`
    Yaml,
    /// `-o kyaml`
    Kyaml,
    /// `-o json`
    Json,
    /// `-o name`
    Name,
    /// `-o jsonpath=…`; whether what was found is shown as JSON.
    JsonPath(Box<JsonPath>, bool),
    /// `-o custom-columns=…`
    Columns(CustomColumns),
    /// `-o go-template=…`
    Template(Box<GoTemplate>),
}

/// The formats of commands that change something, as kubectl lists them.
const FORMATS: &str =
    "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml";
/// Those of `get`.
const GET_FORMATS: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";

impl Output {
    /// Reads `-o` and `--template` of a command that changes something.
    pub fn of(cx: &Cx, flags: &Parsed) -> Result<Output, Failure> {
        match Output::parse(cx, flags) {
            Ok(Output::Table(true) | Output::Columns(_)) => Err(unmatched(&flags.text("output"), FORMATS)),
            Ok(output) => Ok(output),
            Err(failure) => Err(Failure::error(failure.message().replace(GET_FORMATS, FORMATS))),
        }
    }

    /// Reads `-o` and `--template` of `get`.
    pub fn parse(cx: &Cx, flags: &Parsed) -> Result<Output, Failure> {
        let template = flags.text("template");
        let text = match flags.get("output") {
            None if !template.is_empty() => "go-template",
            None => return Ok(Output::Table(false)),
            Some(text) => text,
        };
        let (format, inline) = text.split_once('=').unwrap_or((text, ""));
        let argument = if template.is_empty() { inline } else { &template };
        let known = |names: &[&str]| names.contains(&format);
        Ok(match format {
            "" => Output::Table(false),
            "wide" => Output::Table(true),
            "yaml" => Output::Yaml,
            "kyaml" => Output::Kyaml,
            "json" => Output::Json,
            "name" => Output::Name,
            "custom-columns" => Output::Columns(CustomColumns::parse(argument, flags.on("no-headers")).map_err(Failure::error)?),
            "custom-columns-file" if argument.is_empty() => {
                return Err(Failure::error("custom-columns format specified but no custom columns given"));
            }
            "custom-columns-file" => {
                let text = cx.session.files.get(argument).ok_or_else(|| {
                    Failure::error(format!("error reading template {argument}, open {argument}: no such file or directory\n"))
                })?;
                Output::Columns(CustomColumns::parse_file(text).map_err(Failure::error)?)
            }
            _ if known(&["jsonpath", "jsonpath-as-json", "jsonpath-file"]) => {
                let text = template_text(cx, format == "jsonpath-file", argument)?;
                let path =
                    JsonPath::parse(&text).map_err(|why| Failure::error(format!("error parsing jsonpath {text}, {why}")))?;
                Output::JsonPath(Box::new(path), format == "jsonpath-as-json")
            }
            _ if known(&["go-template", "template", "go-template-file", "templatefile"]) => {
                let text = template_text(cx, format.ends_with("file"), argument)?;
                let parsed =
                    GoTemplate::parse(&text).map_err(|why| Failure::error(format!("error parsing template {text}, {why}")))?;
                Output::Template(Box::new(parsed))
            }
            _ => return Err(unmatched(text, GET_FORMATS)),
        })
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        matches!(self, Output::Table(_))
    }

    /// What a command that changed an object prints: what it did, or the object.
    pub fn done(&self, cx: &mut Cx, object: &Value, operation: &str, dry: DryRun) -> Result<(), Failure> {
        if !self.is_table() {
            return self.print_value(cx, object);
        }
        cx.line(format!("{} {operation}{}", short_name(object), dry.suffix()));
        Ok(())
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
            Output::Kyaml => cx.out.push_str(&manifest::kyaml::print(value)),
            Output::Json => cx.out.push_str(&manifest::json::print(value)),
            Output::JsonPath(path, as_json) => {
                let text = if *as_json { path.print_json(value) } else { path.print(value) };
                end_line(cx, &text.map_err(Failure::error)?);
            }
            Output::Name => cx.line(short_name(value)),
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

fn unmatched(text: &str, formats: &str) -> Failure {
    Failure::error(format!("unable to match a printer suitable for the output format {text:?}, allowed formats are: {formats}"))
}

/// The template that a flag holds, or that the file of this name holds.
fn template_text(cx: &Cx, in_file: bool, argument: &str) -> Result<String, Failure> {
    if argument.is_empty() {
        return Err(Failure::error("template format specified but no template given"));
    }
    if !in_file {
        return Ok(argument.to_string());
    }
    cx.session
        .files
        .get(argument)
        .cloned()
        .ok_or_else(|| Failure::error(format!("error reading --template {argument}, open {argument}: no such file or directory")))
}

/// `deployment.apps/web`
pub fn short_name(object: &Value) -> String {
    let text = |field: &Value| field.as_str().unwrap_or_default().to_string();
    let (version, kind) = (text(&object["apiVersion"]), text(&object["kind"]).to_lowercase());
    let name = text(&object["metadata"]["name"]);
    match version.split_once('/') {
        Some((group, _)) => format!("{kind}.{group}/{name}"),
        None => format!("{kind}/{name}"),
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
