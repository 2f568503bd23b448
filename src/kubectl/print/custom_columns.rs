//! `-o custom-columns=NAME:.metadata.name,PORT:.spec.ports[0].port`.

use super::go;
use super::jsonpath::{self, JsonPath};
use super::tabwriter::TabWriter;
use serde_json::Value;

/// Parsed columns.
#[derive(Debug, Clone)]
pub struct CustomColumns {
    /// Header and full path; a path is parsed when the first object is printed, behind the headers, as kubectl does.
    columns: Vec<(String, String)>,
    no_headers: bool,
}

impl CustomColumns {
    /// Parses `HEADER:PATH,…`; errors as kubectl prints them behind `error: `.
    pub fn parse(spec: &str, no_headers: bool) -> Result<Self, String> {
        if spec.is_empty() {
            return Err("custom-columns format specified but no custom columns given".to_owned());
        }
        let columns = spec.split(',').map(|part| {
            let expected = || format!("unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>");
            let (header, path) = part.split_once(':').ok_or_else(expected)?;
            Ok((header.to_owned(), jsonpath::relaxed(path)?))
        });
        Ok(Self { columns: columns.collect::<Result<_, String>>()?, no_headers })
    }

    /// The two lines of a `custom-columns-file`: headers and paths, separated by white space.
    pub fn parse_file(text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let mut words = |what: &str| -> Result<Vec<&str>, String> {
            let line = lines.next().ok_or_else(|| {
                format!(
                    "invalid template, missing {what} line. Expected format is one line of space separated headers, \
                     one line of space separated column specs."
                )
            })?;
            Ok(line.split_whitespace().collect())
        };
        let (headers, specs) = (words("header")?, words("spec")?);
        if headers.len() != specs.len() {
            return Err(format!("number of headers ({}) and field specifications ({}) don't match", headers.len(), specs.len()));
        }
        let columns = headers.iter().zip(specs).map(|(header, spec)| Ok(((*header).to_owned(), jsonpath::relaxed(spec)?)));
        Ok(Self { columns: columns.collect::<Result<_, String>>()?, no_headers: false })
    }

    /// A line for the object, or for every one of a list's `items`; with the error at which printing stopped, if any.
    pub fn print(&self, object: &Value) -> (String, Result<(), String>) {
        let mut writer = TabWriter::for_tables();
        if !self.no_headers {
            let headers: Vec<&str> = self.columns.iter().map(|(header, _)| header.as_str()).collect();
            writer.write(&format!("{}\n", headers.join("\t")));
        }
        let result = self.write_rows(object, &mut writer);
        (writer.finish(), result)
    }

    fn write_rows(&self, object: &Value, writer: &mut TabWriter) -> Result<(), String> {
        let paths: Vec<JsonPath> = self.columns.iter().map(|(_, path)| JsonPath::parse(path)).collect::<Result<_, _>>()?;
        let one = std::slice::from_ref(object);
        for object in object.get("items").and_then(Value::as_array).map_or(one, Vec::as_slice) {
            let cells: Result<Vec<String>, String> = paths.iter().map(|path| cell(path, object)).collect();
            writer.write(&format!("{}\n", cells?.join("\t")));
        }
        Ok(())
    }
}

fn cell(path: &JsonPath, object: &Value) -> Result<String, String> {
    let found = path.find(object)?;
    let mut texts = Vec::new();
    if found.first().is_none_or(Vec::is_empty) {
        texts.push("<none>".to_owned());
    }
    texts.extend(found.iter().flatten().map(|value| go::plain(value).replace('\u{1b}', "^[").replace('\r', "\\r")));
    Ok(texts.join(","))
}
