//! A manifest's text to documents, as kubectl's decoder takes a file apart.
//!
//! Promises: the documents that kubectl would see and the error on which it would stop; the work is bounded by `limits`.

use super::limits::{MAX_DOCUMENTS, MAX_TEXT_BYTES};
use super::position::{Position, Positions};
use super::{json, yaml};
use serde_json::Value;

/// Bytes that kubectl looks at to tell JSON from YAML.
const JSON_GUESS_BYTES: usize = 4096;

/// One object of a manifest (anything but empty or `null`).
#[derive(Debug, Clone)]
pub struct Document {
    pub value: Value,
    /// The line of its first character, counted from 1.
    pub line: usize,
    pub positions: Positions,
}

impl Document {
    /// Line and column of the key (or list item) at a field path such as `spec.ports[0].port`, or of the nearest part around it.
    pub fn position(&self, path: &str) -> Option<Position> {
        let found = self.positions.find(path).key;
        (found.0 > 0).then_some(found)
    }
}

/// What is wrong with a manifest, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Counted from 1 in the whole text.
    pub line: usize,
    pub column: usize,
    /// The field, if it is about one.
    pub path: String,
    /// kubectl's words behind `error parsing FILE: `.
    pub message: String,
}

/// The documents up to the first error, which is the one problem if there is any.
#[derive(Debug, Clone, Default)]
pub struct Read {
    pub documents: Vec<Document>,
    /// Errors: kubectl works on the documents before them and stops with `error parsing FILE: MESSAGE`.
    pub problems: Vec<Problem>,
    /// What kubectl overlooks but an author should know: keys set twice.
    pub hints: Vec<Problem>,
}

impl Read {
    /// `error: error parsing FILE: …` without its `error: `.
    pub fn error(&self, file_name: &str) -> Option<String> {
        self.problems.first().map(|p| format!("error parsing {file_name}: {}", p.message))
    }

    fn fail(&mut self, (line, column): Position, message: String) {
        self.problems.push(Problem { line, column, path: String::new(), message });
    }

    fn add(&mut self, value: Value, positions: Positions) {
        if !value.is_null() {
            self.documents.push(Document { value, line: positions.value.0, positions });
        }
    }
}

/// Reads YAML or JSON, decided as kubectl does it: a text that starts with `{` is JSON as long as that works.
pub fn read(text: &str) -> Read {
    let mut read = Read::default();
    if text.len() > MAX_TEXT_BYTES {
        read.fail((1, 1), format!("manifest is too long: {} bytes, at most {MAX_TEXT_BYTES}", text.len()));
        return read;
    }
    let mut start = 0;
    let mut json_error = None;
    if looks_like_json(text) {
        match read_json(text, &mut read) {
            Ok(()) => return read,
            Err((end, error, give_up)) => match behind_first_line_break(text, end) {
                Some(behind) if !give_up => {
                    start = behind;
                    json_error = Some(error);
                }
                _ => {
                    read.fail((error.line, error.column), error.message);
                    return read;
                }
            },
        }
    }
    read_yaml(text, start, json_error, &mut read);
    read
}

fn looks_like_json(text: &str) -> bool {
    let seen = text.as_bytes().iter().take(JSON_GUESS_BYTES);
    seen.copied().find(|b| !b.is_ascii_whitespace()) == Some(b'{')
}

/// JSON values one after another. The error comes with the end of the last good value, and whether the text is surely no YAML.
fn read_json(text: &str, read: &mut Read) -> Result<(), (usize, json::JsonError, bool)> {
    let mut stream = json::Stream::new(text);
    let (mut at, mut count) = (0, 0);
    loop {
        if count >= MAX_DOCUMENTS {
            let message = format!("manifest has more than {MAX_DOCUMENTS} documents");
            return Err((at, json::JsonError { message, offset: None, line: 1, column: 1 }, true));
        }
        match stream.next_value() {
            Ok(None) => return Ok(()),
            Ok(Some(one)) => {
                at = one.end;
                count += 1;
                read.add(one.value, one.positions);
            }
            Err(mut error) => {
                // Only the last of several objects can be mistaken: kubectl then names no offset.
                let give_up = count > 1;
                if let (Some(offset), false) = (error.offset, give_up) {
                    error.message = format!("json: offset {offset}: {}", error.message);
                }
                return Err((at, error, give_up));
            }
        }
    }
}

/// Where YAML begins when JSON ended at `at`: white space up to the first line break is eaten. `None`: kubectl's decoder, which looks at
/// four bytes at a time, finds the text too short to go on.
fn behind_first_line_break(text: &str, at: usize) -> Option<usize> {
    let mut here = at;
    for c in text[at..].chars() {
        if text.len() - here < 4 {
            return None;
        }
        if !c.is_whitespace() {
            break;
        }
        here += c.len_utf8();
        if c == '\n' {
            break;
        }
    }
    Some(here)
}

/// Documents between lines that start with `---`. An error of the first one gives way to the error that JSON had.
fn read_yaml(text: &str, start: usize, mut json_error: Option<json::JsonError>, read: &mut Read) {
    let first_line = text[..start].matches('\n').count();
    let mut chunk = String::new();
    let mut chunk_line = first_line;
    for (i, line) in text[start..].lines().enumerate() {
        if let Some(behind) = line.strip_prefix("---") {
            let behind = behind.trim();
            if !behind.is_empty() && !behind.starts_with('#') {
                let error = (first_line + i + 1, 4);
                return fail_yaml(read, json_error, error, format!("invalid Yaml document separator: {behind}"));
            }
            if !chunk.is_empty() {
                if !read_chunk(&chunk, chunk_line, &mut json_error, read) {
                    return;
                }
                chunk.clear();
                chunk_line = first_line + i + 1;
                continue;
            }
        }
        if chunk.is_empty() {
            chunk_line = first_line + i;
        }
        chunk.push_str(line);
        chunk.push('\n');
    }
    if !chunk.is_empty() {
        read_chunk(&chunk, chunk_line, &mut json_error, read);
    }
}

fn fail_yaml(read: &mut Read, json_error: Option<json::JsonError>, place: Position, message: String) {
    match json_error {
        Some(error) => read.fail((error.line, error.column), error.message),
        None => read.fail(place, message),
    }
}

/// One document, which starts `lines` below the top; false if reading stops here.
fn read_chunk(chunk: &str, lines: usize, json_error: &mut Option<json::JsonError>, read: &mut Read) -> bool {
    if read.documents.len() >= MAX_DOCUMENTS {
        read.fail((lines + 1, 1), format!("manifest has more than {MAX_DOCUMENTS} documents"));
        return false;
    }
    match yaml::parse(chunk) {
        Ok(mut parsed) => {
            *json_error = None;
            parsed.positions.shift(lines);
            read.hints.extend(parsed.duplicates.into_iter().map(|d| Problem {
                line: d.line + lines,
                column: d.column,
                path: String::new(),
                message: d.message,
            }));
            read.add(parsed.value, parsed.positions);
            true
        }
        Err(error) => {
            let message = format!("error converting YAML to JSON: {}", error.message);
            fail_yaml(read, json_error.take(), (error.line + lines, error.column), message);
            false
        }
    }
}
