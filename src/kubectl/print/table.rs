//! Tables as `kubectl get` prints them.
//!
//! Promises: the bytes of cli-runtime's table printer: header in capitals, wide columns on request, columns for namespace, labels and
//! events, cells cut at a line break. Must not know: how the cells were made.

use super::tabwriter::TabWriter;
use std::collections::BTreeMap;

/// Rows after which the printer flushes, so that an endless table needs little memory (as kubectl's `flushInterval`).
const FLUSH_INTERVAL: usize = 100;

/// A column of a table. `priority` 0 is always shown, others only with `-o wide`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub priority: i32,
}

impl Column {
    /// A column that is always shown.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), priority: 0 }
    }

    /// A column shown only with `-o wide`.
    pub fn wide(name: &str) -> Self {
        Self { name: name.to_owned(), priority: 1 }
    }
}

/// One object: its cells (one a column; the first is its name) and what the added columns are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub cells: Vec<String>,
    pub namespace: String,
    pub labels: BTreeMap<String, String>,
}

/// Column definitions and rows, as the server sends them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

/// What the flags of `kubectl get` ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// `--no-headers`
    pub no_headers: bool,
    /// `-o wide`
    pub wide: bool,
    /// `--all-namespaces`
    pub with_namespace: bool,
    /// Prefix of every name, without the slash (`deployment.apps`), when several kinds are listed.
    pub kind: Option<String>,
    /// `--show-labels`
    pub show_labels: bool,
    /// `-L`
    pub column_labels: Vec<String>,
    /// First column EVENT with this text (`ADDED`, `MODIFIED`, …): `--output-watch-events`.
    pub event: Option<String>,
}

/// The table as text; empty when it has no rows.
pub fn print(table: &Table, options: &Options) -> String {
    let mut writer = TabWriter::for_tables();
    write(table, options, &mut writer);
    writer.finish()
}

/// The same into a writer that the caller keeps (a watch goes on in the same columns).
pub fn write(table: &Table, options: &Options, writer: &mut TabWriter) {
    let columns = shown_columns(table, options);
    let rows: Vec<Vec<String>> = table.rows.iter().map(|row| shown_cells(table, row, options)).collect();
    if rows.is_empty() {
        return;
    }
    let widths: Vec<usize> =
        (0..columns.len()).map(|i| rows.iter().filter_map(|r| r.get(i)).map(String::len).max().unwrap_or(0)).collect();
    if !options.no_headers {
        write_line(&columns, Some(&widths), writer);
    }
    for (i, row) in rows.iter().enumerate() {
        let pad = (options.no_headers && i == 0).then_some(widths.as_slice());
        write_line(row, pad, writer);
        if (i + 1) % FLUSH_INTERVAL == 0 {
            writer.flush();
        }
    }
}

/// One line. With `widths` every cell but the last is first filled up to the widest one of its column, measured in bytes of the raw text:
/// kubectl does that to the first line, so that the first flush settles the widths.
fn write_line(cells: &[String], widths: Option<&[usize]>, writer: &mut TabWriter) {
    for (i, cell) in cells.iter().enumerate() {
        if i > 0 {
            writer.write("\t");
        }
        writer.write(&printable(cell));
        if let Some(widths) = widths
            && i + 1 < widths.len()
        {
            writer.write(&" ".repeat(widths[i].saturating_sub(cell.len())));
        }
    }
    writer.write("\n");
}

/// A cell ends at its first line break (then `...`); escape characters are made visible.
fn printable(cell: &str) -> String {
    match cell.find(['\n', '\r', '\u{c}']) {
        Some(end) => format!("{}...", cell[..end].replace('\u{1b}', "^[")),
        None => cell.replace('\u{1b}', "^["),
    }
}

fn is_shown(column: &Column, options: &Options) -> bool {
    options.wide || column.priority == 0
}

fn shown_columns(table: &Table, options: &Options) -> Vec<String> {
    let mut names = Vec::new();
    if options.event.is_some() {
        names.push("EVENT".to_owned());
    }
    if options.with_namespace {
        names.push("NAMESPACE".to_owned());
    }
    names.extend(table.columns.iter().filter(|c| is_shown(c, options)).map(|c| c.name.to_uppercase()));
    names.extend(options.column_labels.iter().map(|l| l.rsplit('/').next().unwrap_or(l).to_uppercase()));
    if options.show_labels {
        names.push("LABELS".to_owned());
    }
    names
}

fn shown_cells(table: &Table, row: &Row, options: &Options) -> Vec<String> {
    let mut cells = Vec::new();
    cells.extend(options.event.clone());
    if options.with_namespace {
        cells.push(row.namespace.clone());
    }
    for (i, column) in table.columns.iter().enumerate() {
        if !is_shown(column, options) {
            continue;
        }
        let cell = row.cells.get(i).cloned().unwrap_or_default();
        match &options.kind {
            Some(kind) if i == 0 => cells.push(format!("{kind}/{cell}")),
            _ => cells.push(cell),
        }
    }
    cells.extend(options.column_labels.iter().map(|l| row.labels.get(l).cloned().unwrap_or_default()));
    if options.show_labels {
        cells.push(labels_text(&row.labels));
    }
    cells
}

/// Labels as `key=value,key=value` in order of their keys; `<none>` without any.
pub fn labels_text(labels: &BTreeMap<String, String>) -> String {
    if labels.is_empty() {
        return "<none>".to_owned();
    }
    labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",")
}
